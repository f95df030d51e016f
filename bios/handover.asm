; handover.asm - option ROM that leaves the chips as a PC's own firmware leaves them for the operating system, where SeaBIOS
; does not: README.md has the list. The firmware finds it as the fw_cfg file genroms/handover.bin and calls it once, when its
; own work on the hardware is over; it then makes itself vanish, so that the upper memory is as without it.
; Follows: "Plug and Play BIOS Specification" 1.0A, "Option ROM header"; "PCI BIOS Specification" 2.1 (INT 1Ah, B1xxh);
; IBM PC AT Technical Reference, "System Timers" and the BIOS listing (8254 channels 1 and 2); IBM PS/2 Hardware Interface
; Technical Reference, "Keyboard and Auxiliary Device Controller"; PC16550D data sheet; Intel 82371SB data sheet, "XBCS",
; "IDETIM", "BMISX"; ATA/ATAPI-6, "IDENTIFY DEVICE".
; Here: the 8042's A20 gate and system flag, timer channels 1 and 2, serial ports, PIIX3's X-bus and IDE timing registers.
; The last byte of the image is set by whoever loads it, so that all bytes add up to 0.

        bits 16
        cpu 386
        org 0

KBC_DATA    equ 60h
KBC_COMMAND equ 64h
PIIX_ISA    equ 70008086h               ; device and vendor
PIIX_IDE    equ 70108086h

header: db 55h, 0aah
blocks: db ROM_BLOCKS
        jmp near initialize
        times 1ah - ($ - header) db 0
        dw pnp
pnp:    db '$PnP', 1, 2                 ; revision, length in 16 bytes
        dw 0                            ; no further header
        db 0
        db (-(24h + 50h + 6eh + 50h + 1 + 2 + 1)) & 0ffh    ; all 32 bytes add up to 0
        dd 0                            ; no device of its own: no name, type 0, no boot vectors
        dw 0, 0
        db 0, 0, 0
        db 1                            ; indicators: read-cacheable
        dw 0, 0, 0, 0, 0

; Called by the firmware (far).
initialize:
        pushad
        push ds
        push es
        cli
        push cs
        pop ds
        call keyboard_controller
        call timers
        call serial_ports
        call bridge
        call disks
        sti
        pop es
        pop ds
        popad
        mov byte [cs:blocks], 0         ; nothing of this ROM is needed any more
        xor ax, ax
        retf

; ---- the 8042 ----

; A20 then depends on port 92h alone, which the firmware uses: the two are joined by OR. The system flag says that
; the power-on test is over: a keyboard driver or a reset routine tells a warm start by it.
keyboard_controller:
        in al, 92h
        or al, 2
        and al, 0feh                    ; bit 0 would reset
        out 92h, al                     ; the gate that keeps A20 on
        mov al, 0d1h                    ; write the output port: no reset, A20 low, clock and data released
        call to_kbc
        mov al, 0ddh
        call to_kbc_data
        mov al, 20h                     ; read the command byte
        call to_kbc
        mov cx, 0ffffh
.wait:  in al, KBC_COMMAND
        test al, 1
        loopz .wait
        jz .out
        in al, KBC_DATA
        or al, 4
        mov ah, al
        mov al, 60h
        call to_kbc
        mov al, ah
        call to_kbc_data
.out:   ret

to_kbc: call kbc_free
        out KBC_COMMAND, al
        ret

to_kbc_data:
        call kbc_free
        out KBC_DATA, al
kbc_free:
        push ax
        push cx
        mov cx, 0ffffh
.wait:  in al, KBC_COMMAND
        test al, 2
        loopnz .wait
        pop cx
        pop ax
        ret

; ---- the 8254 ----

timers: mov al, 54h                     ; channel 1: refresh, every 18 clocks, mode 2
        out 43h, al
        mov al, 18
        out 41h, al
        mov al, 0b6h                    ; channel 2: the beep's tone, mode 3; port 61h keeps it silent
        out 43h, al
        mov al, 33h
        out 42h, al
        mov al, 5
        out 42h, al
        ret

; ---- serial ports: those that the firmware found, at 9600 baud with 8 data bits ----

serial_ports:
        push word 40h
        pop es
        xor di, di
.next:  mov dx, [es:di]
        test dx, dx
        jz .skip
        add dx, 3                       ; line control
        mov al, 83h
        out dx, al
        sub dx, 3
        mov al, 12
        out dx, al
        inc dx
        xor al, al
        out dx, al
        add dx, 2
        mov al, 3
        out dx, al
.skip:  add di, 2
        cmp di, 8
        jb .next
        ret

; ---- the PIIX3 ----

; BX = the function whose device and vendor are ECX; carry: there is none.
find:   mov edx, ecx
        shr ecx, 16                     ; CX device, DX vendor
        xor si, si
        mov ax, 0b102h
        int 1ah
        ret

; X-bus: IRQ 12 is the mouse's, FERR# makes IRQ 13, the lower BIOS range is decoded.
bridge: mov ecx, PIIX_ISA
        call find
        jc .out
        mov di, 4eh
        mov ax, 0b109h                  ; read a word
        int 1ah
        or cx, 70h
        mov di, 4eh
        mov ax, 0b10ch                  ; write it
        int 1ah
.out:   ret

; Each channel's timing register by what its drives can, and "drive can do DMA" in the bus master's status.
disks:  mov ecx, PIIX_IDE
        call find
        jc .out
        mov di, 20h
        mov ax, 0b109h
        int 1ah
        and cx, 0fff0h
        mov bp, cx                      ; bus master registers; 0: none
        mov si, 1f0h
        mov di, 40h
        call channel
        mov si, 170h
        mov di, 42h
        test bp, bp
        jz .second
        add bp, 8
.second:
        call channel
.out:   ret

; SI command block, DI timing register, BP bus master registers of a channel, BX the function.
channel:
        push bx
        push di
        mov ax, 0b109h
        int 1ah                         ; CX: timing as it is
        test cx, 8000h                  ; not decoded
        jz .done
        and cx, 8000h
        xor ah, ah                      ; unit
.drive: call identify
        jc .no
        or cx, 2300h                    ; ISP 3 clocks, RTC 1 clock: PIO mode 4
        mov al, 3                       ; fast timing, IORDY
        test byte [cs:kind], 1
        jnz .packet
        or al, 4                        ; prefetch and posting, for disks only
.packet:
        test ah, ah
        jz .first
        shl al, 4
.first: or cl, al
        test byte [cs:kind], 2
        jz .no
        test bp, bp
        jz .no
        lea dx, [bp + 2]
        in al, dx
        and al, 60h                     ; the other bits are cleared by writing 1
        test ah, ah
        jnz .one
        or al, 20h
        jmp .set
.one:   or al, 40h
.set:   out dx, al
.no:    inc ah
        cmp ah, 2
        jb .drive
        mov ax, 0b10ch
        int 1ah
.done:  pop di
        pop bx
        ret

; Unit AH of the channel at SI: kind = 1 packet device, + 2 can do DMA. Carry: no drive. The data are read and thrown away.
identify:
        push cx
        push ax
        lea dx, [si + 6]
        mov al, ah
        shl al, 4
        or al, 0a0h
        out dx, al
        mov byte [kind], 0
        mov al, 0ech
        call command
        jnc .data
        lea dx, [si + 4]                ; a packet device aborts it and shows its signature
        in al, dx
        cmp al, 14h
        jne .none
        inc dx
        in al, dx
        cmp al, 0ebh
        jne .none
        mov byte [kind], 1
        mov al, 0a1h
        call command
        jc .none
.data:  xor cx, cx
.word:  mov dx, si
        in ax, dx
        cmp cl, 49                      ; capabilities: bit 8, DMA
        jne .other
        test ah, 1
        jz .other
        or byte [kind], 2
.other: inc cx
        cmp cx, 256
        jb .word
        call select_first
        pop ax
        pop cx
        clc
        ret
.none:  call select_first
        pop ax
        pop cx
        stc
        ret

select_first:
        lea dx, [si + 6]
        mov al, 0a0h
        out dx, al
        ret

; AL to the drive that is selected; carry unless it offers data. The interrupt is off: SeaBIOS left nIEN set, and the status
; is read.
command:
        push ax
        lea dx, [si + 7]
        in al, dx
        test al, al                     ; 0, 7F or FF: nobody there
        jz .nobody_signed
        cmp al, 7fh
        jae .nobody
.given: pop ax
        out dx, al
        mov cx, 0ffffh
.busy:  in al, dx
        test al, 80h
        loopnz .busy
        jnz .fail
        test al, 1
        jnz .fail
        test al, 8
        jz .fail
        clc
        ret
.nobody_signed:                         ; a packet device after its reset has no DRDY: it is known by the signature
        sub dx, 2
        in al, dx
        add dx, 2
        cmp al, 0ebh
        je .given
.nobody:
        pop ax
.fail:  stc
        ret

kind    db 0

        times (512 - ($ - header + 1) % 512) % 512 db 0
        db 0                            ; the checksum
ROM_BLOCKS equ ($ - header) / 512
