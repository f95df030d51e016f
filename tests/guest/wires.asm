; wires.asm - what comes over the processor's pins: A20M#, FERR# as IRQ 13 and IGNNE#, INTR with STI, MOV SS and HLT.
; Follows: Intel SDM Vol. 3A "Masking Maskable Hardware Interrupts", "8086 Emulation" (A20M#); Vol. 1 "MS-DOS* Compatibility
; Sub-mode"; Intel 8259A and 8254 data sheets.
%define GUEST "wires"
%include "lib.inc"
%include "board.inc"

main:
        ; ---- A20 ----
        mov dword [FREE_LOW], 11111111h
        mov dword [FREE_HIGH + FREE_LOW], 22222222h
        mov bl, 0ddh                            ; the board ORs the keyboard controller's line and port 92h's
        call output_port
        in al, 92h
        and al, 0fch
        out 92h, al
        mov ebx, [FREE_HIGH + FREE_LOW]
        mov dword [FREE_HIGH + FREE_LOW + 4], 33333333h
        mov ecx, [FREE_LOW + 4]
        in al, 92h
        or al, 2
        and al, 0feh
        out 92h, al
        push ebx
        mov bl, 0dfh
        call output_port
        pop ebx
        CHECK "A20 masked: 1 MB is 0", ebx, 11111111h
        CHECK "written at 1 MB, read at 0", ecx, 33333333h
        CHECK "A20 again", dword [FREE_HIGH + FREE_LOW], 22222222h

        ; ---- INTR ----
        call one_tick
        TRY "STI: one more instruction"
        xor ebx, ebx
        sti
        inc ebx
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        CHECK "EBX", dword [rec.ebx], 1
        call end_irq
        call one_tick
        TRY "STI, CLI: none"
        sti
        cli
        times 8 nop
        CAUGHT OK, NONE
        TRY "and then it comes"
        sti
        nop
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        call one_tick
        TRY "POPFD: at once"
        xor ebx, ebx
        push dword F_IF | 2
        popfd
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        CHECK_BITS "IF in the image, not in the handler", [rec.eflags], F_IF, F_IF
        CHECK_BITS "IF in the handler", [rec.hflags], F_IF, 0
        call end_irq
        call one_tick
        TRY "STI, HLT: after HLT"
        sti
        hlt
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        call start_tick
        TRY "HLT waits"
        sti
        hlt
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        ; ---- FERR# and IGNNE# ----
        SET_CR0 ~20h, 0                         ; NE clear
        MASKS 0fbh, 0dfh                        ; IRQ 2 and 13 open
        fninit
        fldcw [unmasked]
        TRY "an unmasked x87 exception: IRQ 13"
        fldz
        fld1
        fdiv st0, st1
        sti
        nop
        fwait
        times 16 nop
        CAUGHT IRQ13, NONE
        mov al, 0
        out 0f0h, al                            ; IGNNE# until the exception is gone
        TRY "port F0h: x87 instructions run"
        fnop
        fld1
        CAUGHT OK, NONE
        fnclex
        fninit
        call end_irq
        SET_CR0 -1, 20h
        DONE

unmasked dw 033bh
image_end:
