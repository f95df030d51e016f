; drives.asm - a boot sector that says on port E9h what INT 13h finds on the first sector of each drive: eight characters behind its jump,
; "drives A       B       1       ...", or '-' for a drive that is not there. With -D CD it is a CD that boots it, and says so.
; Follows: "El Torito" Bootable CD-ROM Format Specification 1.0; ECMA-119 "Volume descriptors".
        bits 16
%ifdef CD
SECTOR  equ 2048
        times 16 * SECTOR db 0
        db 1, 'CD001', 1
        times 17 * SECTOR - ($ - $$) db 0
        db 0, 'CD001', 1, 'EL TORITO SPECIFICATION'
        times 17 * SECTOR + 47h - ($ - $$) db 0
        dd 19                           ; the boot catalog's sector
        times 18 * SECTOR - ($ - $$) db 0
        db 255, 'CD001', 1
        times 19 * SECTOR - ($ - $$) db 0
        db 1, 0, 0, 0                   ; validation entry; its words add up to 0
        times 24 db 0
        dw 55aah, 0aa55h
        db 88h, 0                       ; bootable, no emulation
        dw 0
        db 0, 0
        dw 4                            ; sectors of 512 bytes
        dd 20
        times 20 * SECTOR - ($ - $$) db 0
%endif
base:
%define AT(label) (7c00h + label - base)
        jmp short start
        nop
        db 'floppy-a'
        times 62 - ($ - base) db 0
start:  cld
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 7c00h
        jmp 0:AT(here)
here:   mov si, AT(name)
        call say
        mov di, AT(drives)
.drive: mov dl, [di]
        inc di
        cmp dl, 0ffh
        je .end
        mov al, ' '
        out 0e9h, al
        mov ax, 201h
        mov bx, 8000h
        mov cx, 1
        mov dh, 0
        push di
        int 13h
        pop di
        mov si, AT(none)
        jc .say
        mov byte [800bh], 0
        mov si, 8003h
.say:   call say
        jmp .drive
.end:   mov al, 10
        out 0e9h, al
.halt:  hlt
        jmp .halt
say:    lodsb
        test al, al
        jz .done
        out 0e9h, al
        jmp say
.done:  ret
%ifdef CD
name:   db 'from the CD:', 0
%else
name:   db 'drives:', 0
%endif
none:   db '-', 0
drives: db 0, 1, 80h, 81h, 82h, 0ffh
        times 510 - ($ - base) db 0
        dw 0aa55h
%ifdef CD
        times 24 * SECTOR - ($ - $$) db 0
%else
        times 1474560 - ($ - $$) db 0
%endif
