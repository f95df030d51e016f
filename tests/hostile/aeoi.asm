; aeoi.asm - a level interrupt that nothing takes back, an 8259A with AEOI, a trap gate: the interrupt is delivered again before the
; handler's first instruction. The line is the 16550's, which asks to be fed.
%define GUEST "aeoi"
%include "lib.inc"
%include "hostile.inc"
main:
        BEGIN
        ROUND_STACK
        mov al, 11h                     ; ICW1 to ICW4: vectors 20h on, cascade, AEOI
        out 20h, al
        mov al, 20h
        out 21h, al
        mov al, 4
        out 21h, al
        mov al, 3
        out 21h, al
        mov al, ~10h                    ; IRQ 4 alone
        out 21h, al
        mov dx, 4d0h                    ; by level
        mov al, 10h
        out dx, al
        GATE 24h, for_ever, 8fh
        mov dx, 3fch                    ; MCR: OUT2
        mov al, 8
        out dx, al
        mov dx, 3f9h                    ; IER: transmitter holding register empty
        mov al, 2
        out dx, al
        sti
for_ever:
        nop
        jmp for_ever
image_end:
