; tasks.asm - task switches by JMP, CALL, INT, exception and IRET, with 32-bit and 16-bit TSSs; busy bits, NT, the back
; link, TS, the T bit, LDT and CR3 of the new task; and how a switch faults before and after it is committed.
; Follows: Intel SDM Vol. 3A "Task Management" ("Task Switching", "Task Linking", "16-Bit Task-State Segment").
%define GUEST "tasks"
%include "lib.inc"

B     equ FREE                  ; 32-bit TSS
C     equ FREE + 8h             ; 16-bit TSS
TGATE equ FREE + 10h            ; task gate to B, DPL 3
X     equ FREE + 18h
Y     equ FREE + 20h
LDTX  equ FREE + 28h
D     equ FREE + 30h            ; four TSSs, of handlers
VT    equ 90h                   ; task gate in the IDT, DPL 3
B_STACK equ 5800h
C_STACK equ 5400h

; An offset in a TSS of each size.
T_ESP0 equ 4
T_CR3  equ 28
T_EIP  equ 32
T_FLAGS equ 36
T_EAX  equ 40
T_ESP  equ 56
T_ES   equ 72
T_CS   equ 76
T_SS   equ 80
T_DS   equ 84
T_FS   equ 88
T_GS   equ 92
T_LDT  equ 96
T_TRAP equ 100

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
; After a switch the lib's own task must be current again; make it so without a switch.
%macro HOME 0
        mov byte [gdt + TSS + 5], 89h
        push dword TSS
        ltr [esp]
        add esp, 4
        clts
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

        ; ---- faults before the switch is committed: in the old task ----
        DESC B, tss_b, 67h, 8bh
        TRY "JMP to a busy TSS"
        AT
        jmp B:0
        CAUGHT GP, B
        DESC B, tss_b, 67h, 09h
        TRY "JMP to a TSS not present"
        AT
        jmp B:0
        CAUGHT NP, B
        DESC B, tss_b, 66h, 89h
        TRY "JMP to a TSS whose limit is below 67h"
        AT
        jmp B:0
        CAUGHT TS, B
        DESC C, tss_c, 2ah, 81h
        TRY "JMP to a 16-bit TSS whose limit is below 2Bh"
        AT
        jmp C:0
        CAUGHT TS, C
        GATE gdt + X, B, 0, 65h
        TRY "task gate not present"
        AT
        jmp X:0
        CAUGHT NP, X
        GATE gdt + X, DATA32, 0, 0e5h
        TRY "task gate to data"
        AT
        jmp X:0
        CAUGHT GP, DATA32
        GATE gdt + X, 0, 0, 0e5h
        TRY "task gate to null"
        AT
        jmp X:0
        CAUGHT GP, 0
        GATE gdt + X, 0ch, 0, 0e5h
        TRY "task gate to a TSS in the LDT"
        AT
        jmp X:0
        CAUGHT GP, 0ch
        TYPE "the old task is still busy", TSS, 8bh

        ; ---- faults after it: in the new task, before its first instruction ----
        ; "Interrupt 10": the handler must be a task, because the new task's segments are as they were found
        GATE idt + TS * 8, D, 0, 85h
        GATE idt + NP * 8, D + 8, 0, 85h
        GATE idt + SS_ * 8, D + 16, 0, 85h
        GATE idt + GP * 8, D + 24, 0, 85h
%macro AFTER 5                  ; name, field, value, vector, error
        FRESH_B never
        mov dword [tss_b + %2], %3
        call fresh_d
        TRY %1
        jmp B:0
        CAUGHT %4, %5
        CHECK "task that faulted", dword [rec.htr], B
        TYPE "it is busy", B, 8bh
        CHECK "its EIP", dword [tss_b + T_EIP], never
        HOME
%endmacro
        AFTER "null CS", T_CS, 0, TS, 0
        AFTER "CS is data", T_CS, DATA32, TS, DATA32
        AFTER "CS beyond the GDT", T_CS, GDT_SIZE, TS, GDT_SIZE
        DESC Y, 0, 0fffffh, (A_CODE | A_4K) & ~80h
        AFTER "CS not present", T_CS, Y, NP, Y
        AFTER "null SS", T_SS, 0, TS, 0
        AFTER "SS of ring 3", T_SS, UDATA, TS, UDATA & ~3
        DESC Y, 0, 0fffffh, (A_DATA | A_4K) & ~80h
        AFTER "SS not present", T_SS, Y, SS_, Y
        AFTER "DS not present", T_DS, Y, NP, Y
        AFTER "FS beyond the GDT", T_FS, GDT_SIZE, TS, GDT_SIZE
        AFTER "GS is a system segment", T_GS, TSS, TS, TSS
        AFTER "LDT is data", T_LDT, DATA32, TS, DATA32
        AFTER "LDT in the LDT", T_LDT, 0ch, TS, 0ch
        DESC LDTX, 0, 0ffh, 02h
        AFTER "LDT not present", T_LDT, LDTX, TS, LDTX
        DESC Y, never - 1, 0, A_CODE
        FRESH_B 1
        mov dword [tss_b + T_CS], Y
        call fresh_d
        TRY "EIP beyond the limit of CS"
        jmp B:0
        CAUGHT GP, 0
        CHECK "task that faulted", dword [rec.htr], B
        HOME
%macro BACK 1
        GATE idt + %1 * 8, CODE32, stubs + %1 * stub_size, 8eh
%endmacro
        BACK TS
        BACK NP
        BACK SS_
        BACK GP
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
        DONE

never:  int OK

; The four handler tasks.
fresh_d:
        pushad
        mov edi, gdt + D
        mov eax, tss_d
        mov esi, handlers
        mov edx, 67h
        mov ecx, 89h
        mov ebx, 4
.next:  call make_descriptor
        push edi
        push eax
        mov edi, tss_b + T_EIP
        push dword [edi]
        mov eax, handler_task
        push dword [tss_b + T_CS]
        push dword [tss_b + T_SS]
        push dword [tss_b + T_DS]
        push dword [tss_b + T_FS]
        push dword [tss_b + T_GS]
        push dword [tss_b + T_LDT]
        call fresh_b                    ; a task like B, copied
        mov eax, [esi]
        mov [tss_b + T_EAX], eax
        pushad
        mov esi, tss_b
        mov edi, [esp + 32 + 7 * 4]
        mov ecx, 68h / 4
        rep movsd
        popad
        pop dword [tss_b + T_LDT]
        pop dword [tss_b + T_GS]
        pop dword [tss_b + T_FS]
        pop dword [tss_b + T_DS]
        pop dword [tss_b + T_SS]
        pop dword [tss_b + T_CS]
        pop dword [tss_b + T_EIP]
        pop eax
        pop edi
        add edi, 8
        add eax, 68h
        add esi, 4
        dec ebx
        jnz .next
        popad
        ret
handlers dd TS, NP, SS_, GP

; EAX: the vector; on the stack: the error code.
handler_task:
        mov [rec.vec], eax
        pop dword [rec.err]
        str eax
        and eax, 0ffffh
        sub eax, D
        shr eax, 3
        imul eax, 68h
        movzx eax, word [tss_d + eax]
        mov [rec.htr], eax
        jmp resume

fresh_b:
        pushad
        mov edi, tss_b
        mov ecx, 68h / 4
        push eax
        xor eax, eax
        cld
        rep stosd
        pop dword [tss_b + T_EIP]
        mov dword [tss_b + T_FLAGS], 2
        mov dword [tss_b + T_ESP], B_STACK
        mov dword [tss_b + T_ESP0], INNER_STACK
        mov dword [tss_b + T_ESP0 + 4], DATA32
        mov dword [tss_b + T_CS], CODE32
        mov eax, DATA32
        mov [tss_b + T_SS], eax
        mov [tss_b + T_DS], eax
        mov [tss_b + T_ES], eax
        mov [tss_b + T_FS], eax
        mov [tss_b + T_GS], eax
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
tss_d:  times 4 * 68h db 0
tss_c:  times 2ch db 0
        align 8
ldt:    dq 0
        dw 0fh, ldt_data, 9200h, 40h
ldt_data dd 0cafef00dh, 0, 0, 0
image_end:
