; store.asm - a boot sector of a floppy that fills the first disk with the letter Z, 64 sectors at a time, flushes its write cache
; and says on port E9h what became of it: "stored" or "error AH at sector HHHH", "flushed" or "not flushed". Ends by port F4h.
; nasm -f bin -D SECTORS=n [-D CACHE_OFF] [-D MAGIC="bytes that the 64 sectors begin with"]
        org 7c00h
        bits 16
%ifndef SECTORS
%define SECTORS 2048
%endif
        jmp 0:start
start:  xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        cld
        mov ax, 1000h
        mov es, ax
        xor di, di
        mov ax, 'ZZ'
        mov cx, 4000h
        rep stosw
%ifdef MAGIC
        xor di, di
        mov si, magic
        mov cx, packet - magic
        rep movsb
%endif
%ifdef CACHE_OFF
        mov al, 82h                     ; SET FEATURES: disable write cache
        mov dx, 1f1h
        out dx, al
        mov al, 0efh
        call ata
%endif
next:   mov ah, 43h
        mov al, 0
        mov dl, 80h
        mov si, packet
        int 13h
        jc failed
        add word [lba], 64
        cmp word [lba], SECTORS
        jb next
        mov si, stored
        call text
        jmp flush
failed: mov al, ah
        push ax
        mov si, error
        call text
        pop ax
        call byte8
        mov si, place
        call text
        mov al, [lba + 1]
        call byte8
        mov al, [lba]
        call byte8
        mov al, 10
        out 0e9h, al
flush:  mov al, 0e7h                    ; FLUSH CACHE
        call ata
        test al, 21h                    ; DF, ERR
        mov si, flushed
        jz say
        mov si, unflushed
say:    call text
        xor al, al
        out 0f4h, al
        cli
        hlt

; The command in al to the first disk; its status in al.
ata:    push ax
        mov al, 0e0h
        mov dx, 1f6h
        out dx, al
        pop ax
        mov dx, 1f7h
        out dx, al
.wait:  in al, dx
        test al, 80h
        jnz .wait
        ret

text:   lodsb
        or al, al
        jz .end
        out 0e9h, al
        jmp text
.end:   ret

byte8:  push ax
        shr al, 4
        call .digit
        pop ax
        and al, 15
.digit: cmp al, 10
        sbb al, 69h
        das
        out 0e9h, al
        ret

%ifdef MAGIC
magic:  db MAGIC
%endif
packet: db 16, 0
        dw 64
        dw 0, 1000h
lba:    dd 0, 0
stored: db 'stored', 10, 0
error:  db 'error ', 0
place:  db ' at sector ', 0
flushed: db 'flushed', 10, 0
unflushed: db 'not flushed', 10, 0
        times 510 - ($ - $$) db 0
        dw 0aa55h
