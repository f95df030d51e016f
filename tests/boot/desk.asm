; desk.asm - a floppy that watches its drive. Whenever the change line of drive A says that the floppy was changed, sector 0 is read
; anew and the eight letters at its byte 3 go to port E9 and the screen. Assembled with -DNAME="'DISK ONE'".
; 82077AA data sheet: "Digital Output Register" (3F2), "Digital Input Register" (3F7: bit 7 is the change line of the selected
; drive while its motor runs). Stepping the heads with a floppy in the drive clears the line: so cylinder 1 is read first.
    bits 16
    org 0x7c00
    jmp short start
    nop
    db NAME, 0                          ; byte 3
buffer equ 0x8000

start:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7c00
    sti
again:
    mov ch, 1
    call sector
    mov ch, 0
    call sector
    jc again                            ; no floppy: until there is one
    mov si, buffer + 3
.letter:
    lodsb
    or al, al
    jz .end
    call put
    jmp .letter
.end:
    mov al, 10
    call put
.watch:
    hlt                                 ; a look at each timer tick
    mov dx, 0x3f2
    mov al, 0x1c                        ; drive 0, its motor, DMA, no reset
    out dx, al
    mov dx, 0x3f7
    in al, dx
    test al, 0x80
    jz .watch
    jmp again

; Reads sector 1 of head 0 of cylinder CH.
sector:
    push cx
    xor ah, ah
    xor dl, dl
    int 0x13
    pop cx
    mov ax, 0x0201
    mov cl, 1
    xor dx, dx
    mov bx, buffer
    int 0x13
    ret

put:
    out 0xe9, al
    mov ah, 0x0e
    mov bx, 7
    int 0x10
    cmp al, 10
    jne .done
    mov ax, 0x0e0d
    int 0x10
.done:
    ret

    times 510 - ($ - $$) db 0
    dw 0xaa55
