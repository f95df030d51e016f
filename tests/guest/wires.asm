; wires.asm - what comes over the processor's pins: A20M#, FERR# as IRQ 13 and IGNNE#, INTR with STI, MOV SS and HLT.
; Follows: Intel SDM Vol. 3A "Masking Maskable Hardware Interrupts", "8086 Emulation" (A20M#); Vol. 1 "MS-DOS* Compatibility
; Sub-mode"; Intel 8259A and 8254 data sheets.
%define GUEST "wires"
%include "lib.inc"

IRQ0  equ 20h
IRQ13 equ 2dh

; One IRQ 0 is pending from here on: the counter's output rises once.
%macro ONE_TICK 0
        call one_tick
%endmacro
%macro END_IRQ 0
        mov al, 0ffh
        out 21h, al
        out 0a1h, al
        mov al, 20h
        out 0a0h, al
        out 20h, al
%endmacro

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
        ONE_TICK
        TRY "STI: one more instruction"
        xor ebx, ebx
        sti
        inc ebx
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        CHECK "EBX", dword [rec.ebx], 1
        END_IRQ
        ONE_TICK
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
        END_IRQ
        ONE_TICK
        TRY "POPFD: at once"
        xor ebx, ebx
        push dword F_IF | 2
        popfd
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        CHECK_BITS "IF in the image, not in the handler", [rec.eflags], F_IF, F_IF
        CHECK_BITS "IF in the handler", [rec.hflags], F_IF, 0
        END_IRQ
        ONE_TICK
        TRY "STI, HLT: after HLT"
        sti
        hlt
        AT
        nop
        CAUGHT IRQ0, NONE
        END_IRQ
        call start_tick
        TRY "HLT waits"
        sti
        hlt
        AT
        nop
        CAUGHT IRQ0, NONE
        END_IRQ
        ; ---- FERR# and IGNNE# ----
        mov eax, cr0
        and al, ~20h                            ; NE clear
        mov cr0, eax
        mov al, 0fbh                            ; IRQ 2
        out 21h, al
        mov al, 0dfh                            ; IRQ 13
        out 0a1h, al
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
        END_IRQ
        mov eax, cr0
        or al, 20h
        mov cr0, eax
        DONE

; BL to the 8042's output port.
output_port:
        call .ready
        mov al, 0d1h
        out 64h, al
        call .ready
        mov al, bl
        out 60h, al
.ready: in al, 64h
        test al, 2
        jnz .ready
        ret

; Counter 0 in mode 0, IRQ 0 unmasked.
start_tick:
        mov al, 30h
        out 43h, al
        mov al, 100
        out 40h, al
        mov al, 0
        out 40h, al
        mov al, 0feh
        out 21h, al
        ret
; The same, and wait until it is pending.
one_tick:
        call start_tick
        mov al, 0ah                             ; read the request register
        out 20h, al
.wait:  in al, 20h
        test al, 1
        jz .wait
        ret
unmasked dw 033bh
image_end:
