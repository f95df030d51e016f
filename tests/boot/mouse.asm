; mouse.asm - boot sector: switches the mouse on and writes its packets to port E9h, a line of three bytes each. With interrupts
; off: nobody else reads port 60h. IBM PS/2 Hardware Interface Technical Reference, "Auxiliary Device: Mouse".
        org 7c00h
        bits 16
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        cli
        cld
        mov al, 0a8h            ; the auxiliary port on
        out 64h, al
        mov al, 0d4h            ; for the mouse:
        out 64h, al
        mov al, 0f4h            ; send packets
        out 60h, al
.ack:   call byte_in
        cmp al, 0fah
        jne .ack
        mov si, hello
.say:   lodsb
        out 0e9h, al
        cmp al, 10
        jne .say
.packet:
        mov bp, 3
.byte:  call byte_in
        mov cl, 4
        rol al, cl
        call digit
        rol al, cl
        call digit
        dec bp
        mov al, ' '
        jnz .between
        mov al, 10
.between:
        out 0e9h, al
        cmp al, 10
        je .packet
        jmp .byte
byte_in:                        ; AL: from the mouse; what the keyboard says is dropped
        in al, 64h
        mov ah, al
        test al, 1
        jz byte_in
        in al, 60h
        test ah, 20h
        jz byte_in
        ret
digit:  push ax
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .put
        add al, 7
.put:   out 0e9h, al
        pop ax
        ret
hello:  db 'mouse on', 10
        times 510 - ($ - $$) db 0
        dw 0aa55h
