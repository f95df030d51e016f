; ticks.asm - HLT, and the timer's interrupt as often as the 8254 can: every third of its clocks.
%define GUEST "ticks"
%include "lib.inc"
%include "hostile.inc"
main:
        BEGIN
        mov al, 11h                     ; AEOI
        out 20h, al
        mov al, 20h
        out 21h, al
        mov al, 4
        out 21h, al
        mov al, 3
        out 21h, al
        mov al, ~1
        out 21h, al
        GATE 20h, for_ever, 8eh
        mov al, 34h                     ; counter 0, mode 2, count 2
        out 43h, al
        mov al, 2
        out 40h, al
        xor al, al
        out 40h, al
.again: sti
        hlt
        jmp .again
for_ever:
        iretd
image_end:
