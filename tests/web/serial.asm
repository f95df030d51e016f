; serial.asm - a boot sector that greets over COM1 and sends each character back as a capital, with a line feed behind each return.
        org 7c00h
        bits 16
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        cld
        mov ax, 00e3h                   ; INT 14h: 9600 baud, 8 bits
        xor dx, dx
        int 14h
        mov si, hello
.hello: lodsb
        test al, al
        jz .next
        call send
        jmp .hello
.next:  mov dx, 3fdh
        in al, dx
        test al, 1
        jz .next
        mov dx, 3f8h
        in al, dx
        cmp al, 'a'
        jb .back
        cmp al, 'z'
        ja .back
        sub al, 32
.back:  call send
        cmp al, 13
        jne .next
        mov al, 10
        call send
        mov al, 13
        jmp .next
send:   mov ah, al
        mov dx, 3fdh
.busy:  in al, dx
        test al, 20h
        jz .busy
        mov dx, 3f8h
        mov al, ah
        out dx, al
        ret
hello:  db 'serial guest', 13, 10, 0
        times 510 - ($ - $$) db 0
        dw 0aa55h
        times 1474560 - ($ - $$) db 0
