; media.asm - a firmware of its own that uses a floppy and a CD, without end: it reads the floppy's second sector, counts in it and writes
; it back, and reads the CD's first. With -D LETTER='x' it is such a medium instead, SECTORS of 512 bytes that begin with that letter.
%ifdef LETTER
        bits 16
%assign k 0
%rep SECTORS
        db LETTER
        times 511 db 0
%assign k k + 1
%endrep
%else
%include "firmware.inc"
        bits 16
%ifidn __?OUTPUT_FORMAT?__, bin          ; else for its symbols
        org 0
%endif
FLOPPY  equ 0x1000                      ; its sector: the letter, and how often it was written at + 2
CD      equ 0x2000
ROUNDS  equ 0x600                       ; so often each was read
READS   equ 0x602
CD_BASE equ 0x170

start:
        cli
        cld
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7000
        mov eax, 0x80000904             ; the IDE channels answer
        mov dx, 0xcf8
        out dx, eax
        mov eax, 1
        mov dx, 0xcfc
        out dx, eax
        mov eax, 0x80000940
        mov dx, 0xcf8
        out dx, eax
        mov eax, 0x80008000
        mov dx, 0xcfc
        out dx, eax
        mov dx, 0x3f2                   ; controller and drive A on, without DMA
        xor al, al
        out dx, al
        mov al, 0x14
        out dx, al
        mov dx, 0x3f7                   ; 500 kbit/s
        xor al, al
        out dx, al
        mov si, specify
        call order
        mov si, recalibrate
        call order
.seek:  mov si, sense                   ; until it is there
        call order
        call result
        test al, 0x20
        pushf
        cmp al, 0x80
        je .none
        call result
.none:  popf
        jz .seek

floppy: mov si, read
        call order
        mov di, FLOPPY
.data:  call wait_floppy
        test al, 0x20
        jz .read
        mov dx, 0x3f5
        in al, dx
        stosb
        jmp .data
.read:  call results
        inc word [FLOPPY + 2]
        mov si, write
        call order
        mov si, FLOPPY
.out:   call wait_floppy
        test al, 0x20
        jz .written
        mov dx, 0x3f5
        lodsb
        out dx, al
        jmp .out
.written:
        call results
counted: inc word [ROUNDS]

cd:     call wait_cd
        mov dx, CD_BASE + 6
        mov al, 0xa0
        out dx, al
        mov dx, CD_BASE + 4             ; 2048 bytes at once
        xor al, al
        out dx, al
        inc dx
        mov al, 8
        out dx, al
        mov dx, CD_BASE + 7
        mov al, 0xa0                    ; PACKET
        out dx, al
        call wait_cd
        test al, 8
        jz floppy
        mov si, packet
        mov cx, 6
        mov dx, CD_BASE
        cs rep outsw
        call wait_cd
        test al, 8
        jz floppy                       ; another medium, or none
        mov di, CD
        mov cx, 1024
        mov dx, CD_BASE
        rep insw
got:    inc word [READS]
        jmp floppy

wait_cd: mov dx, CD_BASE + 7
.busy:  in al, dx
        test al, 0x80
        jnz .busy
        ret

wait_floppy: mov dx, 0x3f4
.busy:  in al, dx
        test al, 0x80
        jz .busy
        ret

order:  cs lodsb                        ; a command: how many bytes, and those
        movzx cx, al
.next:  call wait_floppy
        mov dx, 0x3f5
        cs lodsb
        out dx, al
        loop .next
        ret

result: call wait_floppy
        mov dx, 0x3f5
        in al, dx
        ret

results: mov cx, 7
.next:  call result
        loop .next
        ret

specify: db 3, 0x03, 0xdf, 0x03
recalibrate: db 2, 0x07, 0
sense:  db 1, 0x08
read:   db 9, 0x46, 0, 0, 0, 2, 2, 2, 0x1b, 0xff
write:  db 9, 0x45, 0, 0, 0, 2, 2, 2, 0x1b, 0xff
packet: db 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0
        RESET_VECTOR
%endif
