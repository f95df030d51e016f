; isarom.asm - option ROM for firmware that knows the ISA bus only (a 386 does not run SeaBIOS): it sets the floppy controller up before
; each INT 13h that moves data. Debian's bochsbios leaves the data rate of after a reset (250 kbit/s), at which a 1.2M or 1.44M
; medium cannot be read, and never seeks; a PC's own firmware does both (IBM PC AT Technical Reference, BIOS listing,
; "DISKETTE"). The rate comes from the drive's type; seeks are left to the controller.
; Follows: IBM PC AT Technical Reference, "ROM scan", BIOS data area and the listing's entry points; Intel 82077AA data sheet,
; "Configuration Control Register", "CONFIGURE"; CMOS RAM byte 10h, "Diskette drive type".
; Here: INT 13h for floppy drives, if its vector is the listing's entry. The last byte makes all bytes add up to 0.

        bits 16
        cpu 286
        org 0

DOR     equ 3f2h
MSR     equ 3f4h                        ; and the FIFO behind it
CCR     equ 3f7h
CMOS    equ 70h
ENTRY   equ 0e3feh                      ; F000:E3FE: INT 13h

header: db 55h, 0aah, 1                 ; 512 bytes
        jmp near initialize

; Called by the firmware (far), its vectors set.
initialize:
        push ax
        push ds
        push byte 0
        pop ds
        cmp word [13h * 4], ENTRY
        jne .out
        cmp word [13h * 4 + 2], 0f000h
        jne .out
        cli
        mov word [13h * 4], disk
        mov [13h * 4 + 2], cs
        sti
.out:   pop ds
        pop ax
        retf

disk:   cmp dl, 2
        jae .on
        cmp ah, 2                       ; read, write, verify, format
        jb .on
        cmp ah, 5
        ja .on
        push ax
        push bx
        push cx
        push dx
        mov al, 10h
        out CMOS, al
        jmp short $ + 2
        in al, CMOS + 1
        test dl, dl
        jnz .second
        shr al, 4
.second:
        and al, 0fh
        cmp al, RATES
        jae .seeks
        mov bx, rates
        cs xlatb
        mov dx, CCR
        out dx, al
.seeks: mov dx, DOR
        in al, dx
        test al, 4
        jnz .there
        or al, 0ch
        call leave_reset
.there: xor bx, bx
.byte:  call to_controller
        jc .old
        inc bx
        cmp bx, CONFIGURE_BYTES
        jb .byte
.old:   pop dx
        pop cx
        pop bx
        pop ax
.on:    jmp 0f000h:ENTRY

; AL to the digital output register; the controller says with an interrupt that it is there, which the firmware notes in
; the recalibrate status, bit 7 (BIOS data area, 40:3E).
leave_reset:
        push ds
        push byte 40h
        pop ds
        and byte [3eh], 7fh
        out dx, al
        sti
        xor cx, cx
.wait:  test byte [3eh], 80h
        loopz .wait
        and byte [3eh], 7fh
        pop ds
        ret

; Byte BX of the command, when the controller takes one. Carry: it does not.
to_controller:
        mov dx, MSR
        xor cx, cx
.wait:  in al, dx
        and al, 0c0h
        cmp al, 80h
        loopne .wait
        jne .no
        mov al, [cs:configure + bx]
        inc dx
        out dx, al
        clc
        ret
.no:    stc
        ret

; CONFIGURE: implied seeks, FIFO off, polling on, as a reset leaves the rest.
configure db 13h, 0, 60h, 0
CONFIGURE_BYTES equ $ - configure

; By CMOS drive type: none, 360K, 1.2M, 720K, 1.44M, 2.88M (two numbers). 0: 500, 2: 250, 3: 1000 kbit/s.
rates   db 2, 2, 0, 2, 0, 3, 3
RATES   equ $ - rates

        times 511 - ($ - header) db 0
        db 0                            ; the checksum: set by whoever loads it
