; double.asm - which pairs of exceptions become a double fault, and which are handled one after the other.
; Follows: Intel SDM Vol. 3A "Interrupt 8 - Double Fault Exception (#DF)" (table "Conditions for Generating a Double Fault").
%define GUEST "double"
%include "lib.inc"
%include "pages.inc"
%include "task.inc"

STACK equ 5000h

%macro BREAK 1                  ; the gate of this vector is not present any more
        and byte [idt + (%1) * 8 + 5], 7fh
%endmacro
%macro MEND 1
        or byte [idt + (%1) * 8 + 5], 80h
%endmacro

main:
        ; #DF is a task, so that it is delivered whatever the stack is
        DESC TSS_DF, tss_df, 67h, 89h
        GATE idt + DF * 8, TSS_DF, 0, 85h

        ; ---- contributory and contributory: #DF ----
        BREAK DE
        TRY "#DE, then #NP of its gate"
        xor ecx, ecx
        AT
        div ecx
        CAUGHT DF, 0
        MEND DE
        BREAK GP
        TRY "#GP, then #NP of its gate"
        mov eax, GDT_SIZE
        AT
        mov ds, ax
        CAUGHT DF, 0
        MEND GP
        BREAK NP
        DESC FREE, 0, 0fffffh, (A_DATA | A_4K) & ~80h
        TRY "#NP, then #NP of its gate"
        mov eax, FREE
        AT
        mov ds, ax
        CAUGHT DF, 0
        MEND NP
        GATE idt + TS * 8, DATA32, stubs, 8eh
        TRY "#SS, then #GP of its gate"
        GATE idt + SS_ * 8, DATA32, stubs, 8eh
        mov eax, FREE
        AT
        mov ss, ax
        CAUGHT DF, 0
        GATE idt + SS_ * 8, CODE32, stubs + SS_ * stub_size, 8eh
        GATE idt + TS * 8, CODE32, stubs + TS * stub_size, 8eh
        CHECK_BITS "the error code is 0, CS:EIP the first instruction's", [rec.cs], 0ffffh, CODE32

        ; ---- benign first: one after the other ----
        BREAK UD
        TRY "#UD, then #NP of its gate"
        AT
        ud2
        CAUGHT NP, UD * 8 + 3
        MEND UD
        BREAK BP_
        TRY "INT3, then #NP of its gate"
        AT
        int3
        CAUGHT NP, BP_ * 8 + 2
        MEND BP_
        BREAK NM
        SET_CR0 -1, 8
        TRY "#NM, then #NP of its gate"
        AT
        fld1
        CAUGHT NP, NM * 8 + 3
        clts
        MEND NM
        BREAK 80h
        TRY "INT n, then #NP of its gate"
        AT
        int 80h
        CAUGHT NP, 80h * 8 + 2
        MEND 80h
        BREAK BR
        TRY "#BR, then #NP of its gate"
        mov eax, 5
        AT
        bound eax, [bounds]
        CAUGHT NP, BR * 8 + 3
        MEND BR

        ; ---- page faults ----
        call make_pages
        mov [tss_df + T_CR3], eax
        PAGING_ON
        BREAK PF
        TRY "#PF, then #NP of its gate: #DF"
        AT
        mov eax, [WIN + 12h]
        CAUGHT DF, 0
        CHECK "CR2 is the page fault's", dword [rec.cr2], WIN + 12h
        MEND PF
        ; the stack of ring 0 is not there: #PF while #PF, #GP and #UD are delivered
        mov dword [tss.esp0], WIN + 2000h
        TRY "#PF, then #PF: #DF"
        USER
        AT
        mov eax, [WIN + 4000h]
        CAUGHT DF, 0
        CHECK "CR2 is the second's", dword [rec.cr2], WIN + 1ffch
        ; contributory, then #PF: the page fault is handled after; here its handler is a task, to have a stack
        call pf_task
        TRY "#GP, then #PF: #PF"
        USER
        AT
        hlt
        CAUGHT PF, 2
        CHECK "CR2", dword [rec.cr2], WIN + 1ffch
        call pf_task
        TRY "#UD, then #PF: #PF"
        USER
        AT
        ud2
        CAUGHT PF, 2
        call pf_task
        TRY "#DE, then #PF: #PF"
        USER
        xor ecx, ecx
        AT
        div ecx
        CAUGHT PF, 2
        call pf_task
        TRY "INT n, then #PF: #PF"
        USER
        AT
        int OK
        CAUGHT PF, 2
        GATE idt + PF * 8, CODE32, stubs + PF * stub_size, 8eh
        mov dword [tss.esp0], INNER_STACK
        ; #PF, then a contributory one: SS0 is null
        mov dword [tss.ss0], 0
        TRY "#PF, then #TS: #DF"
        USER
        AT
        mov eax, [WIN + 4000h]
        CAUGHT DF, 0
        TRY "#GP, then #TS: #DF"
        USER
        AT
        hlt
        CAUGHT DF, 0
        mov dword [tss.ss0], DATA32
        ; the stack segment itself ends: #SS while #GP is delivered
        DESC FREE, 0, 4fffh, A_DATA
        mov dword [tss.ss0], FREE
        TRY "#GP, then #SS of the inner stack: #DF"
        USER
        AT
        hlt
        CAUGHT DF, 0
        mov dword [tss.ss0], DATA32
        SET_CR0 7fffffffh, 0
        DONE

; #PF through a task of its own.
pf_task:
        DESC FREE + 8, tss_pf, 67h, 89h
        GATE idt + PF * 8, FREE + 8, 0, 85h
        mov dword [tss_pf + 28], PD
        mov dword [tss_pf + 32], enter_pf
        ret

; In the handlers' tasks: the interrupted state is in the lib's TSS.
enter_df:
        mov dword [rec.vec], DF
        jmp in_task
enter_pf:
        mov dword [rec.vec], PF
in_task:
        pop dword [rec.err]
        mov eax, [tss.eip]
        mov [rec.eip], eax
        movzx eax, word [tss.cs]
        mov [rec.cs], eax
        mov eax, cr2
        mov [rec.cr2], eax
        ; back to the lib's task without a switch; both handlers' tasks as new
        HOME
        mov byte [gdt + TSS_DF + 5], 89h
        mov dword [tss_df + T_EIP], enter_df
        jmp resume

        align 8
bounds  dd 10, 20
tss_df: STATIC_TSS enter_df, STACK
tss_pf: STATIC_TSS enter_pf, STACK
image_end:
