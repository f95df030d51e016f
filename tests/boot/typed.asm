; typed.asm - boot sector: reads keys by INT 16h without hurry, as a program does that works between two keys, and at Esc tells
; on port E9h how many there were and a checksum of their characters; then waits for more. With port E9h every key as scan code
; and character, too: what tests/boot/terminal.sh looks at. Assembled with SERIAL, it reads 2000 characters from COM1 instead.
        org 7c00h
        bits 16
start:  xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 7c00h
        sti
        mov ax, 3
        int 10h
%ifdef SERIAL
        mov dx, 3fbh            ; 115200 baud, 8 bits
        mov al, 83h
        out dx, al
        mov dx, 3f8h
        mov ax, 1
        out dx, al
        inc dx
        mov al, ah
        out dx, al
        mov dx, 3fbh
        mov al, 3
        out dx, al
        mov dx, 3f8h            ; what came first came before the line was set up
        in al, dx
%endif
        mov si, hello
        call say
.again: xor bp, bp              ; how many
        xor di, di              ; sum, rotated at each key, so that order counts
.key:
%ifdef SERIAL                   ; COM1 instead, at 9600 baud; what the pipe has is over after 2000 characters
        cmp bp, 2000
        je .done
.line:  mov dx, 3fdh
        in al, dx
        test al, 1
        jz .line
        mov dx, 3f8h
        in al, dx
        cmp al, 10
        jne .got
        mov al, 13
.got:
%else
        mov ah, 0
        int 16h
        cmp al, 27
        je .done
%endif
        inc bp
        rol di, 1
        mov bl, al
        mov bh, 0
        add di, bx
        push ax
        call word16
        mov al, ' '
        out 0e9h, al
        pop ax
        mov ah, 0eh             ; echo: the screen scrolls
        mov bx, 7
        int 10h
        test bp, 63             ; now and then something takes its time: ten ticks
        jnz .key
        mov ah, 0
        int 1ah
        mov bx, dx
.wait:  hlt
        mov ah, 0
        int 1ah
        sub dx, bx
        cmp dx, 10
        jb .wait
        jmp .key
.done:  mov si, keys
        call say
        mov ax, bp
        call word16
        mov si, sum
        call say
        mov ax, di
        call word16
        mov si, stop
        call say
        jmp .again
say:    lodsb
        test al, al
        jz .end
        out 0e9h, al
        mov ah, 0eh
        mov bx, 7
        int 10h
        jmp say
.end:   ret
word16: mov cx, 4               ; AX in hexadecimal
.digit: rol ax, 4
        push ax
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .put
        add al, 7
.put:   out 0e9h, al
        pop ax
        loop .digit
        ret
hello:  db 'type', 13, 10, 0
keys:   db 13, 10, 'keys ', 0
sum:    db ' sum ', 0
stop:   db '.', 13, 10, 0
        times 510 - ($ - $$) db 0
        dw 0aa55h
