; triple.asm - a triple fault, INIT#, the firmware's jump back (CMOS 0Fh = 0Ah), and another one.
        bits 16
        org 7c00h
        cli
        xor ax, ax
        mov ds, ax
        mov si, text
.say:   lodsb
        out 0e9h, al
        cmp al, 10
        jne .say
        mov word [467h], again
        mov word [469h], 0
again:  cli
        xor ax, ax
        mov ds, ax
        mov al, 8fh
        out 70h, al
        mov al, 0ah
        out 71h, al
        lidt [none]
        int3
none:   dw 0
        dd 0
text:   db "triple begins", 10
        times 510 - ($ - $$) db 0
        dw 0aa55h
