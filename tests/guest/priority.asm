; priority.asm - two events at one instruction boundary, or two faults of one instruction: which comes first, for each pair of
; neighbouring classes that a guest can make: traps on the last instruction, interrupts, instruction breakpoints, faults of
; the fetch, of the decoder, of the execution.
; Follows: Intel SDM Vol. 3A "Priority Among Simultaneous Exceptions and Interrupts" (table "Priority Among Simultaneous
; Exceptions and Interrupts"). The order within the last class is not defined, but for what other sections say.
%define GUEST "priority"
%include "lib.inc"
%include "board.inc"
%include "debug.inc"
%include "pages.inc"
%include "task.inc"

GONE  equ WIN + 1000h           ; and one that is not
TINY  equ FREE
B     equ FREE + 8h
SMALL equ FREE + 10h            ; data, 1000h bytes, on a page that is not there

%macro CODE_BP 1
        mov eax, %1
        mov dr0, eax
        DR7 2
%endmacro
; Two exceptions, one after the other: the first goes to `first`, with the hook; the second ends the TRY.
%macro TWO 4                    ; first vector and EIP, second vector and EIP
        CAUGHT %3, NONE
        CHECK "first vector", dword [first], %1
        CHECK "first EIP", dword [first + 4], %2
        CHECK "second EIP", dword [rec.eip], %4
%endmacro

main:
        call make_pages
        mov [tss.cr3], eax
        MAP 0, P | W | U
        PAGING_ON
        CLEAR_DR6

        ; ---- 2 and 6: the T bit of a task before an interrupt ----
        call one_tick
        mov dword [tss_b + T_EIP], .task
        mov dword [tss_b + T_FLAGS], F_IF | 2
        mov word [tss_b + T_TRAP], 1
        DESC B, tss_b, 67h, 89h
        TRY "T bit, then the interrupt"
        mov dword [hook], keep_if
        jmp B:0
  .task:
        nop
        TWO DB_, .task, IRQ0, .task
        HOME
        call end_irq
        CLEAR_DR6

        ; ---- 4 and 6: single-step and data breakpoints before an interrupt ----
        call one_tick
        MASKS 0ffh, 0ffh
        TRY "single-step, then the interrupt"
        mov dword [hook], keep_if
        push dword F_TF | F_IF | 2
        mov al, 0feh
        popfd
        out 21h, al
  .s1:  nop
        TWO DB_, .s1, IRQ0, .s1
        call end_irq
        CLEAR_DR6
        call one_tick
        mov al, 0ffh
        out 21h, al
        SET_CR4 -1, 8
        mov eax, 21h
        mov dr1, eax
        mov eax, 400h | 8 | 00200000h
        mov dr7, eax
        TRY "I/O breakpoint, then the interrupt"
        mov dword [hook], keep_if
        sti
        mov al, 0feh
        out 21h, al
  .s2:  nop
        TWO DB_, .s2, IRQ0, .s2
        DR_OFF
        call end_irq
        SET_CR4 ~8, 0

        ; ---- 6 and 7: an interrupt before an instruction breakpoint ----
        call one_tick
        CODE_BP .s3
        TRY "interrupt, then the instruction breakpoint"
        mov dword [hook], mask_irq
        push dword F_IF | 2
        popfd
  .s3:  nop
        TWO IRQ0, .s3, DB_, .s3
        call end_irq
        DR_OFF

        ; ---- 6 and 8: an interrupt before the fault of a fetch ----
        call one_tick
        TRY "interrupt, then the page fault of the fetch"
        mov dword [hook], mask_irq
        sti
        jmp CODE32:GONE + 10h
        CAUGHT PF, 0
        CHECK "first vector", dword [first], IRQ0
        CHECK "first EIP", dword [first + 4], GONE + 10h
        CHECK "second EIP", dword [rec.eip], GONE + 10h
        call end_irq
        ; ---- 6 and 9, 10: before the instruction's own faults ----
        call one_tick
        TRY "interrupt, then #UD"
        mov dword [hook], mask_irq
        push dword F_IF | 2
        popfd
  .s4:  ud2
        TWO IRQ0, .s4, UD, .s4
        call end_irq

        ; ---- 7 and 8: an instruction breakpoint before the faults of the fetch ----
        CODE_BP GONE + 20h
        TRY "instruction breakpoint, then the page fault of the fetch"
        mov dword [hook], set_rf
        jmp CODE32:GONE + 20h
        CAUGHT PF, 0
        CHECK "first vector", dword [first], DB_
        CHECK "first EIP", dword [first + 4], GONE + 20h
        DR_OFF
        DESC TINY, GONE - 10h, 0fh, A_CODE
        CODE_BP GONE
        TRY "instruction breakpoint, then the limit"
        mov dword [hook], set_rf
        mov byte [GONE - 1], 90h
        jmp TINY:0fh
        CAUGHT GP, 0
        CHECK "first vector", dword [first], DB_
        DR_OFF
        ; ---- within 8: the limit before the page ----
        TRY "fetch beyond the limit, the page is not there either"
        jmp TINY:0fh
        CAUGHT GP, 0
        CHECK "EIP", dword [rec.eip], 10h

        ; ---- 8 and 9: the fetch before the decoder ----
%macro AT_END 3                 ; name, bytes, vector: these bytes are the last of the page
        mov edi, GONE
        mov esi, %%bytes
        sub edi, %%end - %%bytes
        mov ecx, %%end - %%bytes
        push edi
        rep movsb
        pop edi
        jmp %%go
  %%bytes db %2
  %%end:
  %%go: TRY %1
        jmp edi
  %if %3 = PF
        CAUGHT PF, 0
        CHECK "CR2", dword [rec.cr2], GONE
  %elif %3 = GP
        CAUGHT GP, 0
  %else
        CAUGHT %3, NONE
  %endif
        CHECK "EIP is the first byte", dword [rec.eip], dword [rec.edi]
%endmacro
%define SIX 66h, 66h, 66h, 66h, 66h, 66h
        AT_END "UD2, complete", {0fh, 0bh}, UD
        AT_END "two-byte opcode cut", 0fh, PF
        AT_END "LOCK MOV whose ModRM is missing", {0f0h, 89h}, PF
        AT_END "LOCK MOV whose address is missing", {0f0h, 89h, 05h, 0}, PF
        AT_END "14 prefixes, the opcode is missing", {SIX, SIX, 66h, 66h}, PF
        AT_END "BOUND of a register, complete", {62h, 0c0h}, UD
        SET_CR0 -1, 8
        AT_END "x87 with TS, complete", {0d9h, 0e8h}, NM
        AT_END "x87 with TS, ModRM is missing", 0d9h, PF
        AT_END "x87 with TS, address is missing", {0d9h, 05h}, PF

        ; ---- 9 and 10: the decoder before the operand ----
        TRY "#NM before the page fault of the operand"
        AT
        fld dword [GONE]
        CAUGHT NM, NONE
        TRY "MMX with TS: #NM before the page fault"
        AT
        movq mm0, [GONE]
        CAUGHT NM, NONE
        SET_CR0 -1, 4
        TRY "MMX with EM and TS: #UD"
        AT
        movq mm0, [GONE]
        CAUGHT UD, NONE
        TRY "x87 with EM and TS: #NM"
        AT
        fld dword [GONE]
        CAUGHT NM, NONE
        SET_CR0 ~4, 0
        ; an x87 exception that waits is only looked at by an instruction that is allowed
        clts
        fninit
        fldcw [unmasked]
        fldz
        fld1
        fdiv st0, st1
        SET_CR0 -1, 8
        TRY "#NM before #MF: WAIT"
        AT
        wait
        CAUGHT NM, NONE
        TRY "#NM before #MF: x87"
        AT
        fld1
        CAUGHT NM, NONE
        TRY "#NM before #MF: MMX"
        AT
        movq mm0, mm1
        CAUGHT NM, NONE
        clts
        TRY "#MF at MMX"
        AT
        movq mm0, mm1
        CAUGHT MF, NONE
        TRY "#UD before #MF"
        AT
        db 0f0h
        fld1
        CAUGHT UD, NONE
        fninit
        TRY "LOCK MOV: #UD before the page fault"
        AT
        db 0f0h
        mov [GONE], eax
        CAUGHT UD, NONE
        TRY "MOV to CS: #UD before the page fault"
        AT
        db 8eh, 0dh
        dd GONE
        CAUGHT UD, NONE
        TRY "LGDT in ring 3: #GP before the page fault"
        USER
        AT
        lgdt [GONE]
        CAUGHT GP, 0
        TRY "LMSW in ring 3: #GP before the page fault"
        USER
        AT
        lmsw [GONE]
        CAUGHT GP, 0
        TRY "LLDT in virtual-8086 mode: #UD before the operand"
        V86
        AT
        lldt [0ffffh]
        CAUGHT UD, NONE
        TRY "INS without permission: #GP before the page fault"
        USER
        mov edi, GONE
        mov edx, 80h
        AT
        insb
        CAUGHT GP, 0

        ; ---- within 10, as far as other sections define it ----
        DESC SMALL, GONE, 0fffh, A_DATA | A_RING3
        TRY "the limit before the page"
        mov eax, SMALL
        mov fs, ax
        AT
        mov eax, [fs:0ffdh]
        CAUGHT GP, 0
        TRY "the type before the page"
        AT
        mov [cs:GONE], eax
        CAUGHT GP, 0
        TRY "the operand before the division"
        xor edx, edx
        mov eax, 1
        AT
        div dword [GONE]
        CAUGHT PF, 0
        TRY "a far pointer is read before its selector is looked at"
        mov dword [GONE - 4], 0
        AT
        lfs eax, [GONE - 4]
        CAUGHT PF, 0
        CHECK "CR2", dword [rec.cr2], GONE
        TRY "PUSH of memory: the operand before the stack"
        USER
        mov esp, GONE + 800h
        AT
        push dword [GONE + 4]
        CAUGHT PF, 4
        CHECK "CR2", dword [rec.cr2], GONE + 4
        TRY "MOVS: the read before the write"
        mov esi, GONE + 100h
        mov edi, GONE + 200h
        AT
        movsd
        CAUGHT PF, 0
        CHECK "CR2", dword [rec.cr2], GONE + 100h
        SET_CR0 7fffffffh, 0
        DONE

; The hooks remember the first exception. keep_if: the interrupt that waits comes when the handler returns.
keep_if:
        mov eax, [rec.vec]
        cmp eax, IRQ0
        je .end
        mov [first], eax
        mov eax, [rec.eip]
        mov [first + 4], eax
        and dword [ebp + H_FLAGS], ~F_TF
        or dword [ebp + H_FLAGS], F_IF
        ret
  .end: mov dword [hook], 0
        jmp resume
mask_irq:
        mov eax, [rec.vec]
        cmp eax, IRQ0
        jne keep_if.end
        mov [first], eax
        mov eax, [rec.eip]
        mov [first + 4], eax
        and dword [ebp + H_FLAGS], ~F_IF
        ret
set_rf: mov eax, [rec.vec]
        cmp eax, DB_
        jne keep_if.end
        mov [first], eax
        mov eax, [rec.eip]
        mov [first + 4], eax
        or dword [ebp + H_FLAGS], F_RF
        ret

        align 4
first   dd 0, 0
unmasked dw 033bh
        align 4
tss_b:  STATIC_TSS 0, FREE_LOW + 800h, PD
image_end:
