; init.asm - as triple.asm, but the keyboard controller pulses the reset line; code was run in every page below 640 KB.
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
        mov ax, 1000h
.page:  mov es, ax                      ; a RETF in each page
        mov byte [es:0], 0cbh
        push cs
        push .back
        push es
        push word 0
        retf
.back:  mov ax, es
        add ax, 100h
        cmp ax, 9000h
        jb .page
        mov word [467h], again
        mov word [469h], 0
again:  cli
        xor ax, ax
        mov ds, ax
        mov al, 8fh
        out 70h, al
        mov al, 0ah
        out 71h, al
        mov al, 0feh
        out 64h, al
        jmp $
text:   db "init begins", 10
        times 510 - ($ - $$) db 0
        dw 0aa55h
