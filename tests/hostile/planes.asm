; planes.asm - code that runs in the VGA's planar memory, its stack there too: each byte fetched, pushed and saved is a device's.
        bits 16
        org 7c00h
        cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7000h
        mov si, text
.say:   lodsb
        out 0e9h, al
        cmp al, 10
        jne .say
        sti
        mov ax, 12h                     ; 640 x 480, 16 colours, planar
        int 10h
        cli
        mov ax, 0a000h
        mov es, ax
        mov ss, ax
        mov sp, 8000h
        xor di, di
        mov si, code
        mov cx, code_end - code
        cld
        rep movsb
        jmp 0a000h:0
code:   pushad
        popad
        fnsave [bp]
        enter 64, 31
        jmp code
code_end:
text:   db "planes begins", 10
        times 510 - ($ - $$) db 0
        dw 0aa55h
