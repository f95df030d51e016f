; media.asm - a boot sector that says what INT 13h makes of the medium it came from, on port E9h:
;   "geometry CX DX": the registers of AH=08h; "read AH=.. 'text'": the first four letters of the last sector that was read.
; nasm -f bin -D SECTORS=n [-D CHS_CX=..h -D CHS_DX=..h -D COUNT=n] [-D UNSIGNED] [-D WRITE] [-D BPB] [-D PARTITION]
; Sector k of the image (k > 0) begins with four decimal digits: its number.
        org 7c00h
        bits 16
%ifndef CHS_CX
%define CHS_CX 0002h
%define CHS_DX 0000h
%endif
%ifndef COUNT
%define COUNT 1
%endif
        jmp start
        nop
%ifdef BPB                              ; a 1680K floppy's
        db 'VITRINE '
        dw 512
        db 4
        dw 1
        db 2
        dw 16, 3360
        db 0f0h
        dw 3, 21, 2
        dd 0, 0
%endif
start:  cld
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        mov [drive], dl
        mov ah, 8
        xor di, di
        mov es, di
        int 13h
        mov si, geometry
        call text
        mov ax, cx
        call word16
        mov al, dh
        call byte8
        mov al, 10
        out 0e9h, al
        xor ax, ax
        mov es, ax
        mov bx, 8000h
%ifdef WRITE
        mov di, bx
        mov ax, 'wr'
        mov cx, 256
        rep stosw
        mov ax, 0301h
%else
        mov ax, 0200h + COUNT
%endif
        mov cx, CHS_CX
        mov dx, CHS_DX
        mov dl, [drive]
        int 13h
        mov al, ah
        mov si, read
        call text
        call byte8
        mov al, ' '
        out 0e9h, al
        mov si, 8000h + (COUNT - 1) * 512
        mov byte [si + 4], 0
        call text
        mov al, 10
        out 0e9h, al
        xor al, al
        out 0f4h, al
        cli
        hlt
word16: push ax
        mov al, ah
        call byte8
        pop ax
byte8:  push ax
        shr al, 4
        call digit
        pop ax
        and al, 15
digit:  add al, '0'
        cmp al, '9'
        jbe .put
        add al, 'a' - '9' - 1
.put:   out 0e9h, al
        ret
text:   push ax
.next:  lodsb
        test al, al
        jz .end
        out 0e9h, al
        jmp .next
.end:   pop ax
        ret
geometry: db 10, 'geometry ', 0
read:   db 'read AH=', 0
drive:  db 0
        times 446 - ($ - $$) db 0
%ifdef PARTITION                        ; one, from sector 17 to the end of the last cylinder of 4 heads and 17 sectors
        db 80h, 1, 1, 0, 6, 3, 17, SECTORS / 68 - 1
        dd 17, SECTORS / 68 * 68 - 17
%endif
        times 510 - ($ - $$) db 0
%ifdef UNSIGNED
        dw 0
%else
        dw 0aa55h
%endif
%assign k 1
%rep SECTORS - 1
        db '0' + k / 1000 % 10, '0' + k / 100 % 10, '0' + k / 10 % 10, '0' + k % 10
        times 508 db 0
%assign k k + 1
%endrep
