; flood.asm - for response.sh: the same character to the debug console, COM1 and the screen, without an end. If LIMIT is defined,
; so many characters to the debug console alone, each different from the one before, and power off by port F4.
        bits 16
        org 7c00h
        cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7000h
        sti
        mov si, text
.say:   lodsb
        out 0e9h, al
        cmp al, 10
        jne .say
%ifdef LIMIT
        mov ecx, LIMIT
        mov al, 'a'
.next:  out 0e9h, al
        inc al
        cmp al, 'z'
        jbe .good
        mov al, 'a'
.good:  dec ecx
        jnz .next
        out 0f4h, al
        jmp $
%else
        mov cx, 512
.next:  mov al, 'x'
        out 0e9h, al
        mov dx, 3f8h
        out dx, al
        loop .next
        mov ax, 0b800h                  ; the whole screen, another letter each time
        mov es, ax
        xor di, di
        inc byte [letter]
        mov al, [letter]
        and al, 1fh
        add al, 'A'
        mov ah, 7
        mov cx, 2000
        cld
        rep stosw
        mov cx, 512
        jmp .next
letter: db 0
%endif
text:   db "flood begins", 10
        times 510 - ($ - $$) db 0
        dw 0aa55h
