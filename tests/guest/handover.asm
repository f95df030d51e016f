; handover.asm - what a boot sector finds: the chips as the firmware and our option ROM (bios/handover.asm) leave them.
; Follows: bios/README.md, "What is left at hand-over", where the documents are named.
; In real mode from the first instruction to the last: lib.inc's way to protected mode would change A20 and the 8259As.
; With drives (tests/boot/handover.sh) the line "handover-ide" has the IDE timing registers and bus master states.
        org 7c00h
        bits 16
        cpu 386
start:  jmp short boot
        nop
        times 62 - ($ - $$) db 0
boot:   jmp 0:.here
.here:  pushf
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        pop word [flags]
        mov ss, ax
        mov sp, 7c00h
        cld
        in al, 92h                      ; before any BIOS call
        mov [port92], al
        in al, 61h
        mov [port61], al
        in al, 21h
        mov [masks], al
        in al, 0a1h
        mov [masks + 1], al
        mov eax, cr0
        mov [control], eax
        mov al, 0e4h                    ; read-back: status of channel 1, then 2
        out 43h, al
        in al, 41h
        mov [pit1], al
        mov al, 0e8h
        out 43h, al
        in al, 42h
        mov [pit2], al
        in al, 64h
        mov [kbc_status], al
        sti
        mov ax, 0200h + (image_end - start + 511) / 512 - 1
        mov cx, 2
        mov dh, 0
        mov bx, 7e00h
        int 13h
        jnc main
        mov al, '?'
        out 0e9h, al
        hlt

flags   dw 0
port92  db 0
port61  db 0
masks   dw 0
control dd 0
pit1    db 0
pit2    db 0
kbc_status db 0
checks  dw 0
failed  dw 0
        times 510 - ($ - $$) db 0
        dw 0aa55h

; CHECK name, got, want: registers, memory or numbers of 16 bits
%macro CHECK 3
        push word %2
        push word %3
        push %%name
        call check
        jmp %%end
%%name: db %1, 0
%%end:
%endmacro

main:   mov ax, [flags]
        and ax, 600h
        CHECK "interrupts on, direction up", ax, 200h
        movzx ax, byte [control]
        and ax, 2fh
        CHECK "CR0: PE, MP, EM, TS and NE clear", ax, 0
        mov ax, [control + 2]
        and ax, 0e000h
        CHECK "CR0: no paging, caches on", ax, 0
        movzx ax, byte [port61]
        and ax, 0fh
        CHECK "port 61h: parity and channel check on, speaker off", ax, 0
        movzx ax, byte [masks]
        and ax, 7
        CHECK "8259A: timer, keyboard and cascade are not masked", ax, 0
        call a20
        call keyboard
        call timers
        call serial
        call cmos
        call bridge
        call ide
        call report
        mov ax, [failed]
        out 0f4h, ax
        cli
        hlt

; ---- A20 ----

; AX = 1: FFFF:0510 is 0000:0500
wraps:  push es
        mov ax, 0ffffh
        mov es, ax
        mov word [500h], 1234h
        mov word [es:510h], 4321h
        xor ax, ax
        cmp word [500h], 4321h
        sete al
        pop es
        ret

%macro WRAPS 2
        call wraps
        CHECK %1, ax, %2
%endmacro

a20:    movzx ax, byte [port92]
        CHECK "port 92h", ax, 2
        WRAPS "A20 is on", 0
        cli                             ; or the firmware's IRQ 1 takes the answer
        mov al, 0d0h
        call kbc_command
        call kbc_read
        sti
        and ax, 2
        CHECK "8042: its gate is low", ax, 0
        in al, 92h
        and al, 0fdh
        out 92h, al
        WRAPS "off by port 92h", 1
        in al, 92h
        or al, 2
        out 92h, al
        WRAPS "on by port 92h", 0
        mov ax, 2400h
        int 15h
        setc al
        CHECK "INT 15h, 2400h succeeds", ax, 0
        WRAPS "and A20 is off", 1
        mov ax, 2402h
        int 15h
        CHECK "INT 15h, 2402h says so", ax, 0
        mov al, 0dfh
        call kbc_command
        WRAPS "on by the 8042 while port 92h is off", 0
        mov al, 0ddh
        call kbc_command
        WRAPS "off by the 8042", 1
        mov ax, 2401h
        int 15h
        setc al
        CHECK "INT 15h, 2401h succeeds", ax, 0
        WRAPS "and A20 is on", 0
        mov ax, 2402h
        int 15h
        CHECK "INT 15h, 2402h says so too", ax, 1
        ret

; ---- the 8042 ----

kbc_command:
        push ax
.wait:  in al, 64h
        test al, 2
        jnz .wait
        pop ax
        out 64h, al
        ret

kbc_read:
        in al, 64h
        test al, 1
        jz kbc_read
        in al, 60h
        movzx ax, al
        ret

keyboard:
        movzx ax, byte [kbc_status]
        and ax, 0d7h
        CHECK "8042: empty buffers, system flag, no error", ax, 14h
        cli
        mov al, 20h
        call kbc_command
        call kbc_read
        sti
        and ax, 55h
        CHECK "command byte: translation, system flag, keyboard on with its interrupt", ax, 45h
        ret

; ---- the 8254 ----

timers: movzx ax, byte [pit1]
        and ax, 3fh
        CHECK "channel 1: mode 2, low byte", ax, 14h
        cli
        mov cx, 1000
        mov bl, 0
.look:  mov al, 40h
        out 43h, al
        in al, 41h
        dec al
        cmp al, bl
        jbe .less
        mov bl, al
.less:  mov dx, cx                      ; at every phase of the 18
        and dx, 31
.phase: dec dx
        jns .phase
        loop .look
        sti
        movzx ax, bl
        CHECK "channel 1: counts from 18", ax, 17
        movzx ax, byte [pit2]
        and ax, 3fh
        CHECK "channel 2: mode 3, both bytes", ax, 36h
        ret

; ---- serial ports ----

serial: mov ax, [400h]
        CHECK "COM1's address", ax, 3f8h
        mov ax, [402h]
        CHECK "COM2's address", ax, 2f8h
        mov dx, 3f8h
        call .one
        mov dx, 2f8h
.one:   push dx
        add dx, 3
        in al, dx
        movzx ax, al
        CHECK "LCR: 8 data bits, DLAB clear", ax, 3
        in al, dx
        or al, 80h
        out dx, al
        sub dx, 3
        in ax, dx
        CHECK "divisor: 9600 baud", ax, 12
        add dx, 3
        mov al, 3
        out dx, al
        sub dx, 2
        in al, dx
        movzx ax, al
        CHECK "IER", ax, 0
        pop dx
        ret

; ---- CMOS RAM ----

read_cmos:                              ; AL
        out 70h, al
        in al, 71h
        movzx ax, al
        ret

cmos:   xor bx, bx
        mov cl, 10h
.sum:   mov al, cl
        call read_cmos
        add bx, ax
        inc cl
        cmp cl, 2eh
        jb .sum
        mov al, 2eh
        call read_cmos
        mov ah, al
        push ax
        mov al, 2fh
        call read_cmos
        pop dx
        mov ah, dh
        CHECK "the checksum of 10h to 2Dh", ax, bx
        mov al, 0eh
        call read_cmos
        CHECK "diagnostic status", ax, 0
        mov al, 0fh
        call read_cmos
        CHECK "shutdown status", ax, 0
        mov al, 0ah
        call read_cmos
        and ax, 7fh
        CHECK "register A", ax, 26h
        mov al, 0bh
        call read_cmos
        CHECK "register B", ax, 2
        mov al, 0dh
        call read_cmos
        CHECK "register D", ax, 80h
        ret

; ---- the PIIX3 ----

; AX = word at register CL of function CH (device * 8 + function) on bus 0
config: push dx
        movzx eax, cx
        and al, 0fch
        or eax, 80000000h
        mov dx, 0cf8h
        out dx, eax
        mov dx, 0cfch
        test cl, 2
        jz .low
        add dx, 2
.low:   in ax, dx
        pop dx
        ret

bridge: mov cx, 084eh
        call config
        and ax, 73h
        CHECK "XBCS: clock, keyboard, mouse's interrupt, FERR#, lower BIOS", ax, 73h
        ret

ide:    mov si, name_ide
        call put
        mov cx, 0940h
        call config
        call hex
        mov cx, 0942h
        call config
        call hex
        mov cx, 0920h
        call config
        and ax, 0fff0h
        mov dx, ax
        add dx, 2
        in al, dx
        add dx, 8
        mov ah, al
        in al, dx
        and ax, 6060h
        call hex
        mov al, 10
        out 0e9h, al
        ret

; ---- what is said ----

put:    lodsb
        test al, al
        jz .end
        out 0e9h, al
        jmp put
.end:   ret

hex:    push cx
        mov cx, 4
        push ax
        mov al, ' '
        out 0e9h, al
        pop ax
.digit: rol ax, 4
        push ax
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .put
        add al, 7
.put:   out 0e9h, al
        pop ax
        loop .digit
        pop cx
        ret

check:  push bp
        mov bp, sp
        pusha
        inc word [checks]
        mov ax, [bp + 8]
        cmp ax, [bp + 6]
        je .good
        inc word [failed]
        mov si, name
        call put
        mov si, [bp + 4]
        call put
        mov ax, [bp + 8]
        call hex
        mov si, text_want
        call put
        mov ax, [bp + 6]
        call hex
        mov al, 10
        out 0e9h, al
.good:  popa
        pop bp
        ret 6

report: mov si, name
        call put
        mov ax, [checks]
        call hex
        mov si, text_pass
        cmp word [failed], 0
        je .put
        mov si, text_fail
.put:   jmp put

name    db 'handover: ', 0
name_ide db 'handover-ide:', 0
text_want db ', wanted', 0
text_pass db ' checks: PASS', 10, 0
text_fail db ' checks: FAIL', 10, 0
image_end:
