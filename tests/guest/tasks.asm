; tasks.asm - task switches by JMP, CALL, INT, exception and IRET, with 32-bit and 16-bit TSSs; busy bits, NT, the back
; link, TS, the T bit, LDT and CR3 of the new task. How a switch faults is in taskfaults.asm.
; Follows: Intel SDM Vol. 3A "Task Management" ("Task Switching", "Task Linking", "16-Bit Task-State Segment").
%define GUEST "tasks"
%include "lib.inc"
%include "pages.inc"
%include "task.inc"

B     equ FREE                  ; 32-bit TSS
C     equ FREE + 8h             ; 16-bit TSS
TGATE equ FREE + 10h            ; task gate to B, DPL 3
LDTX  equ FREE + 28h
VT    equ 90h                   ; task gate in the IDT, DPL 3
PD2   equ PD + 2000h
PT2   equ PD + 3000h
B_STACK equ 5800h
C_STACK equ 5400h

%macro TYPE 3                   ; name, selector, access byte
        movzx eax, byte [gdt + %2 + 5]
        CHECK %1, eax, %3
%endmacro

; Fill B as a fresh task that starts at %1.
%macro FRESH_B 1
        DESC B, tss_b, 67h, 89h
        mov eax, %1
        call fresh_b
%endmacro
%macro FRESH_C 1
        DESC C, tss_c, 2bh, 81h
        mov eax, %1
        call fresh_c
%endmacro
main:
        mov dword [tss.cr3], 0
        GATE gdt + TGATE, B, 0, 0e5h
        GATE idt + VT * 8, B, 0, 0e5h

        ; ---- JMP to a 32-bit TSS ----
        FRESH_B catch_raw
        mov dword [tss_b + T_FLAGS], F_DF | F_CF | 2
        mov dword [tss_b + T_EAX], 0aaaaaaaah
        mov dword [tss_b + T_EAX + 28], 0ddddddddh              ; EDI
        mov word [tss_b], 5555h
        TRY "JMP to a TSS"
        mov eax, 11111111h
        mov edi, 22222222h
        stc
        jmp B:0
  .r1:
        CAUGHT RAW, NONE
        CHECK "TR", dword [rec.htr], B
        CHECK "EAX", dword [rec.eax], 0aaaaaaaah
        CHECK "EDI", dword [rec.edi], 0ddddddddh
        CHECK "ESP", dword [rec.esp], B_STACK
        CHECK_BITS "flags, NT clear", [rec.eflags], F_NT | F_DF | F_CF, F_DF | F_CF
        CHECK "EIP saved", dword [tss.eip], .r1
        CHECK "EAX saved", dword [tss.eax], 11111111h
        CHECK "EDI saved", dword [tss.edi], 22222222h
        CHECK_BITS "CF saved", [tss.eflags], F_CF | F_NT, F_CF
        CHECK_BITS "CS saved", [tss.cs], 0ffffh, CODE32
        TYPE "the old task is available", TSS, 89h
        TYPE "the new task is busy", B, 8bh
        CHECK_BITS "JMP leaves the back link", [tss_b], 0ffffh, 5555h
        mov eax, cr0
        CHECK_BITS "TS is set", eax, 8, 8
        HOME

        ; ---- CALL to a 32-bit TSS, and IRET back ----
        FRESH_B .called
        TRY "CALL to a TSS, IRET back"
        mov ebx, 33333333h
        call B:0
  .r2:
        str eax
        mov ecx, cr0
        CAUGHT OK, NONE
        CHECK_BITS "TR", [rec.eax], 0ffffh, TSS
        CHECK "EBX is the caller's", dword [rec.ebx], 33333333h
        CHECK_BITS "TS is set", [rec.ecx], 8, 8
        CHECK_BITS "back link", [tss_b], 0ffffh, TSS
        CHECK_BITS "B was entered with NT", [seen], F_NT, F_NT
        TYPE "B is available again", B, 89h
        TYPE "the caller stays busy", TSS, 8bh
        CHECK "B goes on after its IRET", dword [tss_b + T_EIP], .after_iret
        CHECK_BITS "NT is clear in B's image", [tss_b + T_FLAGS], F_NT, 0
        CHECK "type in B while it ran", dword [seen_type], 8bh
        CHECK "type of the caller meanwhile", dword [seen_type + 4], 8bh
        clts
        jmp .task_gate
  .called:
        pushfd
        pop dword [seen]
        movzx eax, byte [gdt + B + 5]
        mov [seen_type], eax
        movzx eax, byte [gdt + TSS + 5]
        mov [seen_type + 4], eax
        iretd
  .after_iret:
        jmp .called

        ; ---- task gates: CALL, INT, from ring 3 too ----
  .task_gate:
        FRESH_B .called
        TRY "CALL through a task gate from ring 3"
        USER
        call TGATE | 3:0
  .r3:
        mov eax, cs
        CAUGHT OK, NONE
        CHECK_BITS "back in ring 3", [rec.eax], 3, 3
        CHECK "ESP", dword [rec.esp], USER_STACK
        clts
        FRESH_B .called
        TRY "INT through a task gate from ring 3"
        USER
        int VT
        CAUGHT OK, NONE
        CHECK_BITS "back link", [tss_b], 0ffffh, TSS
        clts
        FRESH_B .called
        TRY "JMP to a TSS of DPL 0 from ring 3"
        USER
        AT
        jmp B:0
        CAUGHT GP, B
        TRY "RPL above DPL of a TSS"
        AT
        jmp B | 3:0
        CAUGHT GP, B

        ; an exception with an error code through a task gate: the code is pushed on the new task's stack
        FRESH_B .gp_task
        GATE idt + GP * 8, B, 0, 85h
        TRY "#GP through a task gate"
        mov eax, GDT_SIZE
  .r4:  mov ds, ax
        CAUGHT OK, NONE
        GATE idt + GP * 8, CODE32, stubs + GP * stub_size, 8eh
        CHECK "error code", dword [seen], GDT_SIZE
        CHECK "EIP saved is the instruction's", dword [seen_type], .r4
        CHECK_BITS "RF is in the image", [seen_type + 4], F_RF, F_RF
        clts
        jmp .iret_faults
  .gp_task:
        pop dword [seen]
        mov eax, [tss.eip]
        mov [seen_type], eax
        mov eax, [tss.eflags]
        mov [seen_type + 4], eax
        add dword [tss.eip], 2
        iretd

        ; ---- IRET with NT ----
  .iret_faults:
        mov word [tss], 0
        TRY "IRET with NT, null back link"
        push dword F_NT | 2
        popfd
        AT
        iretd
        CAUGHT TS, 0
        mov word [tss], B
        DESC B, tss_b, 67h, 89h
        TRY "IRET with NT to a task that is not busy"
        push dword F_NT | 2
        popfd
        AT
        iretd
        CAUGHT TS, B
        CHECK_BITS "NT stays in the image", [rec.eflags], F_NT, F_NT
        mov word [tss], DATA32
        TRY "IRET with NT to data"
        push dword F_NT | 2
        popfd
        AT
        iretd
        CAUGHT TS, DATA32
        mov word [tss], 0

        jmp .tbit

        ; ---- the T bit ----
  .tbit:
        FRESH_B never
        mov word [tss_b + T_TRAP], 1
        mov eax, 0ffff0ff0h
        mov dr6, eax
        TRY "T bit"
        jmp B:0
        CAUGHT DB_, NONE
        CHECK "before the first instruction", dword [rec.eip], never
        CHECK "in the new task", dword [rec.htr], B
        mov eax, dr6
        CHECK_BITS "BT in DR6", eax, 0e00fh, 8000h
        mov eax, 0ffff0ff0h
        mov dr6, eax
        HOME
        ; the task switch clears the local breakpoint enables in DR7
        mov eax, 155h
        mov dr7, eax
        FRESH_B never
        TRY "local breakpoints"
        jmp B:0
        CAUGHT OK, NONE
        mov eax, dr7
        CHECK_BITS "L0 to L3 are clear", eax, 55h, 0
        HOME
        mov eax, 400h
        mov dr7, eax

        ; ---- a 16-bit TSS ----
        FRESH_C catch_raw16
        mov word [tss_c + 18], 0aaaah                           ; AX
        TRY "JMP to a 16-bit TSS"
        mov eax, 11112222h
        jmp C:0
        CAUGHT RAW, NONE
        CHECK "TR", dword [rec.htr], C
        CHECK_BITS "AX", [rec.eax], 0ffffh, 0aaaah
        CHECK_BITS "SP", [rec.esp], 0ffffh, C_STACK
        CHECK "FS becomes null", dword [rec.fs], 0
        CHECK "GS becomes null", dword [rec.gs], 0
        CHECK "the old task's EAX is saved in 32 bits", dword [tss.eax], 11112222h
        TYPE "busy", C, 83h
        HOME
        FRESH_C task16
        TRY "CALL to a 16-bit TSS, IRET back"
        mov esi, 12345678h
        call C:0
        CAUGHT OK, NONE
        CHECK "ESI", dword [rec.esi], 12345678h
        CHECK_BITS "back link", [tss_c], 0ffffh, TSS
        TYPE "available", C, 81h
        clts

        ; ---- into ring 3 and into virtual-8086 mode by task switch ----
        FRESH_B .user_task
        mov dword [tss_b + T_CS], UCODE
        mov dword [tss_b + T_SS], UDATA
        mov eax, UDATA
        mov [tss_b + T_DS], eax
        mov [tss_b + T_ES], eax
        mov [tss_b + T_FS], eax
        mov [tss_b + T_GS], eax
        mov dword [tss_b + T_ESP0], INNER_STACK
        mov dword [tss_b + T_ESP0 + 4], DATA32
        TRY "JMP to a task in ring 3"
        jmp B:0
  .user_task:
        mov eax, cs
        CAUGHT OK, NONE
        CHECK_BITS "CPL", [rec.eax], 3, 3
        CHECK "stack of ring 0 is the task's", dword [rec.hesp], INNER_STACK - 20
        HOME
        FRESH_B v86_task
        mov dword [tss_b + T_FLAGS], F_VM | F_IOPL3 | 2
        mov dword [tss_b + T_CS], 0
        mov dword [tss_b + T_SS], 0
        mov dword [tss_b + T_DS], 1234h
        mov dword [tss_b + T_ESP0], INNER_STACK
        mov dword [tss_b + T_ESP0 + 4], DATA32
        TRY "JMP to a task in virtual-8086 mode"
        jmp B:0
        CAUGHT OK, NONE
        CHECK_BITS "VM", [rec.eflags], F_VM, F_VM
        CHECK "DS", dword [rec.v86_ds], 1234h
        CHECK_BITS "AX = DS", [rec.eax], 0ffffh, 1234h
        HOME

        ; ---- an LDT of the task's own ----
        DESC LDTX, ldt, 0fh, 82h
        FRESH_B .ldt_task
        mov dword [tss_b + T_LDT], LDTX
        mov dword [tss_b + T_DS], 0ch
        TRY "a task with an LDT and DS in it"
        jmp B:0
  .ldt_task:
        mov eax, [0]
        sldt ebx
        CAUGHT OK, NONE
        CHECK "through DS", dword [rec.eax], 0cafef00dh
        CHECK_BITS "LDTR", [rec.ebx], 0ffffh, LDTX
        HOME
        xor eax, eax
        lldt ax

        ; ---- the new TSS lies on pages: a page fault belongs to the old task ----
        call make_pages
        mov [tss.cr3], eax
        PAGING_ON
%macro ON_PAGES 3               ; name, where the TSS begins, the page that is missing
        FRESH_B never
        mov dword [tss_b + T_CR3], PD
        mov esi, tss_b
        mov edi, %2
        mov ecx, 68h / 4
        rep movsd
        DESC B, %2, 67h, 89h
        and dword [PT0 + ((%3) >> 12) * 4], ~1
        RELOAD_CR3
        TRY %1
        AT
        jmp B:0
        CAUGHT PF, 0
        CHECK_BITS %1, [rec.cr2], ~0fffh, %3
        CHECK "TR is the old task's", dword [rec.htr], TSS
        TYPE "the new task is not busy", B, 89h
        TYPE "the old one is", TSS, 8bh
        or dword [PT0 + ((%3) >> 12) * 4], 1
        TRY %1
        jmp B:0
        CAUGHT OK, NONE
        CHECK "tried again", dword [rec.htr], B
        HOME
%endmacro
        ON_PAGES "TSS on a page not present", PAGES, PAGES
        ON_PAGES "the second page of a TSS is not present", PAGES + 1000h - 20h, PAGES + 1000h
        ; CR3 of the new task is used, and the TLB is empty
        mov dword [PAGES + 4000h], 44444444h
        mov dword [PAGES + 5000h], 55555555h
        mov eax, [PAGES + 4000h]
        mov esi, PD
        mov edi, PD2
        mov ecx, 400h
        rep movsd
        mov esi, PT0
        mov edi, PT2
        mov ecx, 400h
        rep movsd
        mov dword [PD2], PT2 + 7
        mov dword [PT2 + ((PAGES + 4000h) >> 12) * 4], PAGES + 5000h + 7
        FRESH_B .other_space
        mov dword [tss_b + T_CR3], PD2
        TRY "CR3 of the new task"
        jmp B:0
  .other_space:
        mov eax, [PAGES + 4000h]
        mov ebx, cr3
        CAUGHT OK, NONE
        CHECK "through its tables", dword [rec.eax], 55555555h
        CHECK "CR3", dword [rec.ebx], PD2
        mov eax, PD
        mov cr3, eax
        HOME
        FRESH_C task_cr3
        TRY "a 16-bit TSS keeps CR3"
        jmp C:0
        CAUGHT OK, NONE
        CHECK "CR3", dword [rec.eax], PD
        HOME
        SET_CR0 7fffffffh, 0
        DONE

never:  int OK

fresh_b:
        pushad
        mov edi, tss_b
        mov edx, B_STACK
        call make_tss
        popad
        ret
fresh_c:
        pushad
        mov edi, tss_c
        mov ecx, 2ch / 4
        push eax
        xor eax, eax
        cld
        rep stosd
        pop eax
        mov [tss_c + 14], ax                                    ; IP
        mov word [tss_c + 16], 2
        mov word [tss_c + 26], C_STACK
        mov word [tss_c + 36], CODE16
        mov word [tss_c + 38], DATA16
        mov word [tss_c + 34], DATA16
        mov word [tss_c + 40], DATA16
        popad
        ret

        bits 16
task_cr3:
        mov eax, cr3
        int OK
task16: iret
        jmp task16
v86_task:
        mov ax, ds
        int OK
        bits 32

        align 4
seen      dd 0
seen_type dd 0, 0
tss_b:  times 68h db 0
tss_c:  times 2ch db 0
        align 8
ldt:    dq 0
        dw 0fh, ldt_data, 9200h, 40h
ldt_data dd 0cafef00dh, 0, 0, 0
image_end:
