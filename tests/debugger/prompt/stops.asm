; stops.asm - a boot sector that ends in one of the ways that a run may, by HOW: fault, halt, exit, loop, says (and loops). With READY it says + first.
bits 16
org 7c00h

start:  xor ax, ax
        mov ds, ax
        mov word [500h], 1234h
%ifdef READY
        mov ax, 0e2bh
        int 10h
%endif
        xchg bx, bx
        mov dx, 8a00h
        mov ax, 8a00h
        out dx, ax
        mov ax, 8ae0h
        out dx, ax
%ifidn HOW, fault
        lidt [none]
        int3
%elifidn HOW, halt
        cli
        hlt
%elifidn HOW, says
        mov al, 'o'
        out 0e9h, al
        mov al, 'k'
        out 0e9h, al
%elifidn HOW, exit
        mov dx, 0f4h
        mov al, 21
        out dx, al
%endif
again:  jmp again

none:   dw 0, 0, 0
        times 510 - ($ - $$) db 0
        dw 0aa55h
