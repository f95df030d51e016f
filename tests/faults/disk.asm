; disk.asm - boot sector: three rounds write sectors 1 to 8 of the first disk, each filled with round * 16 + sector, and flush after
; each four. On port E9h, two hex digits of that byte with a letter before: w written, W refused; f flushed, F flush refused.
; Ends by port F4h: 0.
; Follows: ATA/ATAPI-6, "WRITE SECTOR(S)", "FLUSH CACHE".
        org 7c00h
        bits 16
        cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        mov bl, 11h
next:   mov al, 0a0h | 40h
        mov dx, 1f6h
        out dx, al
        call ready
        mov dx, 1f2h
        mov al, 1
        out dx, al                      ; one sector
        inc dx
        mov al, bl
        and al, 15
        out dx, al                      ; LBA
        inc dx
        mov al, 0
        out dx, al
        inc dx
        out dx, al
        mov dx, 1f7h
        mov al, 30h
        out dx, al
        call ready
        test al, 8
        jz refused
        mov dx, 1f0h
        mov cx, 256
        mov al, bl
        mov ah, bl
.word:  out dx, ax
        loop .word
        call ready
refused:
        mov ah, 'w'
        call say
        test bl, 3
        jnz .on
        mov dx, 1f7h
        mov al, 0e7h
        out dx, al
        call ready
        mov ah, 'f'
        call say
.on:    inc bl
        mov al, bl
        and al, 15
        cmp al, 9
        jb next
        add bl, 8
        cmp bl, 41h
        jb next
        mov al, 0
        mov dx, 0f4h
        out dx, al
        hlt

; Wait until the drive is not busy; AL: its status.
ready:  mov dx, 1f7h
        in al, dx                       ; 400 ns
        in al, dx
        in al, dx
        in al, dx
.busy:  in al, dx
        test al, 80h
        jnz .busy
        ret

; AH small, or capital where the status AL says error; then BL in hex.
say:    test al, 21h
        jz .good
        sub ah, 20h
.good:  mov al, ah
        out 0e9h, al
        mov al, bl
        shr al, 4
        call digit
        mov al, bl
        and al, 15
digit:  add al, '0'
        out 0e9h, al
        ret

        times 510 - ($ - $$) db 0
        dw 0aa55h
