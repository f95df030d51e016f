; debug.asm - breakpoints of DR0 to DR3 of every kind, general detect, single-step in all its corners: REP, MOV SS, POPF,
; INT n, IRET, HLT-free sequences; RF.
; Follows: Intel SDM Vol. 3B "Debug, Branch Profile, TSC" ("Debug Registers", "Debug Exceptions"); Vol. 3A "Single-Step".
%define GUEST "debug"
%include "lib.inc"
%include "debug.inc"

main:
        CLEAR_DR6
        DR7 0
        mov eax, dr7
        CHECK "DR7: bit 10 is always set", eax, 400h
        xor eax, eax
        mov dr6, eax
        mov eax, dr6
        CHECK_BITS "DR6: bits that are always set", eax, 0fffe0ff0h, 0fffe0ff0h
        CLEAR_DR6

        ; ---- single-step ----
        TRY "TF: the instruction after POPF is done, then #DB"
        xor ebx, ebx
        STEP
        inc ebx
        AT
        inc ebx
        CAUGHT DB_, NONE
        CHECK "EBX", dword [rec.ebx], 1
        CHECK_BITS "TF in the image, RF not", [rec.eflags], F_TF | F_RF, F_TF
        CHECK_BITS "TF clear in the handler", [rec.hflags], F_TF, 0
        DR6_IS BS
        TRY "TF set by IRET"
        push dword F_TF | 2
        push dword CODE32
        push dword .i1
        iretd
  .i1:  nop
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS
        TRY "POPFD that clears TF is still stepped"
        push dword 2
        STEP
        popfd
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "TF is clear in the image", [rec.eflags], F_TF, 0
        DR6_IS BS
        TRY "a taken jump"
        STEP
        jmp .j1
        nop
  .j1:  AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS
        TRY "MOV SS: no trap before the instruction after it"
        mov ecx, ss
        xor ebx, ebx
        STEP
        mov ss, ecx
        inc ebx
        AT
        inc ebx
        CAUGHT DB_, NONE
        CHECK "EBX", dword [rec.ebx], 1
        DR6_IS BS
        TRY "POP SS"
        push ss
        xor ebx, ebx
        STEP
        pop ss
        inc ebx
        AT
        inc ebx
        CAUGHT DB_, NONE
        CHECK "EBX", dword [rec.ebx], 1
        CLEAR_DR6
        TRY "STI does not hold the trap off"
        xor ebx, ebx
        STEP
        sti
        AT
        inc ebx
        CAUGHT DB_, NONE
        CHECK "EBX", dword [rec.ebx], 0
        CLEAR_DR6
        TRY "REP: after each iteration, EIP stays"
        mov ecx, 3
        mov edi, buffer
        mov eax, 0a5a5a5a5h
        STEP
        AT
        rep stosd
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 2
        CHECK_BITS "RF in the image between iterations", [rec.eflags], F_RF, F_RF
        DR6_IS BS
        TRY "REP: the last iteration"
        mov ecx, 1
        mov edi, buffer
        STEP
        rep stosd
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "RF clear after the last", [rec.eflags], F_RF, 0
        CLEAR_DR6
        TRY "REP with ECX 0"
        xor ecx, ecx
        STEP
        rep stosd
        AT
        nop
        CAUGHT DB_, NONE
        CLEAR_DR6
        TRY "INT n is not stepped into; its TF is in the image"
        STEP
        int 80h
        AT
        nop
        CAUGHT 80h, NONE
        CHECK_BITS "TF", [rec.eflags], F_TF, F_TF
        DR6_IS 0
        TRY "a fault comes instead of the trap"
        STEP
        AT
        ud2
        CAUGHT UD, NONE
        CHECK_BITS "TF and RF", [rec.eflags], F_TF | F_RF, F_TF | F_RF
        DR6_IS 0
        TRY "INT3"
        STEP
        int3
        AT
        nop
        CAUGHT BP_, NONE
        DR6_IS 0
        TRY "PUSHFD under TF shows TF"
        USER
        STEP
        pushfd
        AT
        nop
        CAUGHT DB_, NONE
        mov eax, [rec.esp]
        CHECK_BITS "TF on the stack", [eax], F_TF, F_TF
        CLEAR_DR6
        TRY "TF in ring 3"
        USER
        STEP
        nop
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS

        ; every instruction of a piece of code is seen once
        TRY "counting"
        mov dword [hook], count_step
        mov dword [steps], 0
        STEP
        mov ecx, 3              ; 1
  .c1:  dec ecx                 ; 3
        jnz .c1                 ; 3
        call .c2                ; 1
        push dword 2            ; 1
        popfd                   ; 1: still stepped
        mov dword [hook], 0
        int OK
  .c2:  ret                     ; 1
        CAUGHT OK, NONE
        CHECK "steps", dword [steps], 11
        CLEAR_DR6

        ; ---- instruction breakpoints: faults ----
        mov eax, here
        mov dr0, eax
        DR7 1
        TRY "instruction breakpoint"
        xor ebx, ebx
        call here
        CAUGHT DB_, NONE
        CHECK "EIP is the instruction's", dword [rec.eip], here
        CHECK "it was not done", dword [rec.ebx], 0
        CHECK_BITS "RF clear in the image", [rec.eflags], F_RF, 0
        DR6_IS 1
        TRY "RF holds it off once"
        xor ebx, ebx
        push dword .r1
        push dword F_RF | 2
        push dword CODE32
        push dword here
        iretd
  .r1:  call here
        CAUGHT DB_, NONE
        CHECK "done once, not twice", dword [rec.ebx], 1
        DR6_IS 1
        TRY "POPFD does not set RF"
        push dword F_RF | 2
        popfd
        call here
        CAUGHT DB_, NONE
        CLEAR_DR6
        DR7 0
        TRY "not enabled"
        xor ebx, ebx
        call here
        CAUGHT OK, NONE
        CHECK "done", dword [rec.ebx], 1
        CLEAR_DR6
        xor eax, eax
        mov dr0, eax
        mov eax, here
        mov dr3, eax
        DR7 80h                                 ; G3
        TRY "DR3, global"
        call here
        CAUGHT DB_, NONE
        DR6_IS 8
        ; the breakpoint comes before the instruction's own fault
        mov eax, .ud
        mov dr3, eax
        TRY "breakpoint at an instruction that faults"
  .ud:  AT
        ud2
        CAUGHT DB_, NONE
        DR6_IS 8
        mov eax, .mid + 1
        mov dr3, eax
        TRY "only at the first byte"
  .mid: mov eax, 12345678h
        CAUGHT OK, NONE
        CLEAR_DR6
        DR7 0

        ; ---- data breakpoints: traps ----
%macro ARM 3                    ; address in DR1, R/W (1 write, 2 I/O, 3 both), LEN (0, 1, 3)
        mov eax, %1
        mov dr1, eax
        DR7 4 | (%2) << 20 | (%3) << 22
%endmacro
        ARM buffer + 4, 1, 3
        TRY "write, 4 bytes"
        mov dword [buffer + 4], 77777777h
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "written", dword [buffer + 4], 77777777h
        CHECK_BITS "RF clear in the image", [rec.eflags], F_RF, 0
        DR6_IS 2
        TRY "write of the last byte"
        mov byte [buffer + 7], 1
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        TRY "write of a dword that touches the first byte"
        mov dword [buffer + 1], 1
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        TRY "writes beside it, and reads"
        mov byte [buffer + 3], 1
        mov byte [buffer + 8], 1
        mov eax, [buffer + 4]
        CAUGHT OK, NONE
        DR6_IS 0
        ARM buffer + 6, 1, 3                    ; the low two bits do not count
        TRY "address is aligned to the length"
        mov byte [buffer + 4], 1
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        ARM buffer + 5, 3, 0
        TRY "read or write, 1 byte: read"
        movzx eax, word [buffer + 4]
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        TRY "fetches do not count"
        mov byte [buffer + 20], 0c3h
        mov ecx, buffer + 20
        mov edx, ecx
        mov dr1, edx
        call ecx
        CAUGHT OK, NONE
        CLEAR_DR6
        ARM buffer + 8, 1, 1
        TRY "2 bytes; PUSH"
        USER
        mov esp, buffer + 12
        push dword 5
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        TRY "REP STOSD stops after the iteration"
        mov edi, buffer
        mov ecx, 8
        AT
        rep stosd
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 5
        CHECK_BITS "RF in the image between iterations", [rec.eflags], F_RF, F_RF
        DR6_IS 2
        TRY "with TF: both bits"
        STEP
        mov [buffer + 8], eax
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS | 2
        ARM ss_word, 3, 1
        TRY "MOV SS of watched memory: after the instruction that follows"
        xor ebx, ebx
        mov ss, [ss_word]
        inc ebx
        AT
        inc ebx
        CAUGHT DB_, NONE
        CHECK "EBX", dword [rec.ebx], 1
        DR6_IS 2
        ARM buffer + 8, 1, 3
        TRY "a write that faults does not trap"
        AT
        mov [cs:buffer + 8], eax
        CAUGHT GP, 0
        DR6_IS 0
        TRY "XADD writes both; one trap"
        lock xadd [buffer + 8], eax
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        DR7 0

        ; ---- I/O breakpoints ----
        SKIP_UNLESS "DE", 2, .no_de
        TRY "DR4 is DR6, DR5 is DR7 without CR4.DE"
        db 0fh, 21h, 0e0h                       ; MOV EAX, DR4
        db 0fh, 21h, 0ebh                       ; MOV EBX, DR5
        mov ecx, dr6
        mov edx, dr7
        sub eax, ecx
        sub ebx, edx
        CAUGHT OK, NONE
        CHECK "DR4", dword [rec.eax], 0
        CHECK "DR5", dword [rec.ebx], 0
        SET_CR4 -1, 8
        TRY "DR4 with CR4.DE"
        AT
        db 0fh, 21h, 0e0h
        CAUGHT UD, NONE
        TRY "DR5 with CR4.DE"
        AT
        db 0fh, 23h, 0e8h
        CAUGHT UD, NONE
        ARM 80h, 2, 0
        TRY "OUT to the port"
        mov al, 0
        out 80h, al
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        TRY "IN of 2 bytes that touches it"
        in ax, 7fh
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 2
        TRY "memory at that address"
        mov al, [80h]
        CAUGHT OK, NONE
        DR6_IS 0
        DR7 0
        SET_CR4 ~8, 0
  .no_de:

        ; ---- general detect ----
        DR7 2000h
        TRY "GD: MOV from DR7"
        AT
        mov eax, dr7
        CAUGHT DB_, NONE
        mov eax, dr7
        CHECK_BITS "GD is clear in the handler", eax, 2000h, 0
        DR6_IS BD
        DR7 2000h
        TRY "GD: MOV to DR0"
        AT
        mov dr0, eax
        CAUGHT DB_, NONE
        DR6_IS BD
        DR7 0

        ; ---- privilege ----
        TRY "MOV from DR in ring 3"
        USER
        AT
        mov eax, dr7
        CAUGHT GP, 0

        ; ---- EFLAGS.RF is cleared by every instruction, and a fault sets it in the image ----
        mov eax, .rf2
        mov dr0, eax
        DR7 1
        TRY "RF lasts for one instruction"
        push dword F_RF | 2
        push dword CODE32
        push dword .rf1
        iretd
  .rf1: nop
  .rf2: AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 1
        TRY "breakpoint on REP: once, the iterations run on"
        mov eax, .rf3
        mov dr0, eax
        mov ecx, 5
        mov edi, buffer
        push dword F_RF | 2
        push dword CODE32
        push dword .rf3
        iretd
  .rf3: rep stosb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CLEAR_DR6
        DR7 0
        DONE

here:   inc ebx
        ret

count_step:
        inc dword [steps]
        ret

        align 16
buffer  times 16 dd 0
steps   dd 0
ss_word dd DATA32
image_end:
