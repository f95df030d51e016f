; hello.asm - the program that Vitrine starts when it is given nothing to start: it shows the machine. A floppy's boot
; sector loads the rest; then a screen with the memory map, the clock, the keys as they are pressed, and a drawing.
; Follows: IBM PC BIOS interrupts 10h, 13h, 15h, 16h, 1Ah; ACPI "Querying System Address Map" (E820); Advanced Power
; Management BIOS Interface (power-off).
; Here: everything through the firmware, as a boot program does. Keys: D draws, Esc powers off, every other key is shown.

        bits 16
        cpu 686
        org 7c00h

SECTORS  equ 6                  ; of the program, the boot sector included
BUFFER   equ 9000h              ; one E820 entry
COLUMNS  equ 80

; ---- boot sector ----

start:  jmp short boot
        nop
        times 62 - ($ - $$) db 0 ; where a FAT boot sector keeps its parameters: some firmware writes there
boot:   cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 7c00h
        sti
        cld
        mov [drive], dl
        mov di, 5               ; tries
.read:  mov ax, 0200h + SECTORS - 1
        mov cx, 0002h           ; cylinder 0, sector 2
        mov dh, 0
        mov dl, [drive]
        mov bx, 7e00h
        int 13h
        jnc main
        xor ax, ax              ; reset the drive and try again
        mov dl, [drive]
        int 13h
        dec di
        jnz .read
        mov si, text_read_error
.say:   lodsb
        test al, al
        jz .stop
        mov ah, 0eh
        mov bx, 7
        int 10h
        jmp .say
.stop:  hlt
        jmp .stop

drive           db 0
text_read_error db 'The floppy cannot be read.', 0
        times 510 - ($ - $$) db 0
        dw 0aa55h

; ---- the screen ----

main:   mov ax, 3
        int 10h
        mov cx, 2000h           ; no cursor
        mov ah, 1
        int 10h
        mov ax, 0b800h
        mov es, ax
        call paint
        call show_processor
        call show_memory
        mov byte [last_second], 0ffh
.loop:  call show_clock
        mov ah, 1
        int 16h
        jnz .key
        hlt
        jmp .loop
.key:   xor ax, ax
        int 16h
        cmp al, 27
        je power_off
        mov dl, al
        or dl, 20h
        cmp dl, 'd'
        je draw
        call show_key
        jmp .loop

; Print ds:si at row dh, column dl, colour ah. Keeps ah.
print:  push ax
        movzx di, dh
        imul di, COLUMNS * 2
        movzx bx, dl
        add di, bx
        add di, bx
        pop ax
print_on:
.next:  lodsb
        test al, al
        jz .done
        stosw
        jmp .next
.done:  ret

; Print eax as hexadecimal, cx digits, at es:di in colour bh.
hex:    push dx
        mov edx, eax
        mov ax, 8
        sub ax, cx
        shl ax, 2
        push cx
        mov cl, al
        shl edx, cl
        pop cx
.digit: rol edx, 4
        mov al, dl
        and al, 15
        cmp al, 10
        sbb al, 69h             ; the classic way to a hexadecimal digit
        das
        mov ah, bh
        stosw
        loop .digit
        pop dx
        ret

; Print the number in eax in decimal, at least two digits if cl is set, at es:di in colour bh.
decimal:
        push cx
        push edx
        mov ch, 0
        mov esi, 10
.divide:
        xor edx, edx
        div esi
        push dx
        inc ch
        test eax, eax
        jnz .divide
        cmp cl, 0
        je .print
        cmp ch, 2
        jae .print
        push word 0
        inc ch
.print: pop ax
        add al, '0'
        mov ah, bh
        stosw
        dec ch
        jnz .print
        pop edx
        pop cx
        ret

; Background, frame and everything that does not change.
paint:  xor di, di
        mov cx, COLUMNS * 25
        mov ax, 1f20h
        rep stosw
        xor di, di
        mov cx, COLUMNS
        mov ax, 3020h
        rep stosw
        mov di, 24 * COLUMNS * 2
        mov cx, COLUMNS
        rep stosw
        mov si, labels
.next:  lodsw
        mov dx, ax
        lodsb
        test al, al
        jz .done
        mov ah, al
        call print
        jmp .next
.done:  ret

; Vendor and brand or signature by CPUID, if the processor has it.
show_processor:
        pushfd
        pop eax
        mov ecx, eax
        xor eax, 200000h        ; EFLAGS.ID
        push eax
        popfd
        pushfd
        pop eax
        xor eax, ecx
        mov si, text_no_cpuid
        test eax, 200000h
        jz .print
        xor eax, eax
        cpuid
        mov [vendor], ebx
        mov [vendor + 4], edx
        mov [vendor + 8], ecx
        mov eax, 80000000h
        cpuid
        mov si, vendor
        cmp eax, 80000004h
        jb .print
        test eax, eax
        jns .print
        mov ebp, 80000002h
        mov di, brand
.part:  mov eax, ebp
        push di
        cpuid
        pop di
        mov [di], eax
        mov [di + 4], ebx
        mov [di + 8], ecx
        mov [di + 12], edx
        add di, 16
        inc ebp
        cmp ebp, 80000005h
        jb .part
        mov si, brand
.print: mov dx, 0310h
        mov ah, 1eh
        jmp print

; The firmware's memory map, a line an entry.
show_memory:
        xor ebx, ebx
        mov byte [row], 8
.next:  push es
        xor ax, ax
        mov es, ax
        mov di, BUFFER
        mov eax, 0e820h
        mov edx, 'PAMS'
        mov ecx, 20
        int 15h
        pop es
        jc .done
        cmp eax, 'PAMS'
        jne .done
        push ebx
        movzx di, byte [row]
        imul di, COLUMNS * 2
        add di, 4 * 2
        mov bh, 1fh
        mov si, BUFFER
        call quad
        add di, 2 * 2
        mov eax, [BUFFER]       ; last address
        mov edx, [BUFFER + 4]
        add eax, [BUFFER + 8]
        adc edx, [BUFFER + 12]
        sub eax, 1
        sbb edx, 0
        mov [BUFFER + 24], eax
        mov [BUFFER + 28], edx
        mov si, BUFFER + 24
        call quad
        add di, 2 * 2
        movzx si, byte [BUFFER + 16]
        cmp si, 4
        jbe .known
        xor si, si
.known: add si, si
        mov si, [types + si]
        mov ah, 1bh
        call print_on
        pop ebx
        inc byte [row]
        cmp byte [row], 18
        je .done
        test ebx, ebx
        jnz .next
.done:  ret

; The 64-bit number at si as eleven digits.
quad:   mov eax, [si + 4]
        mov cx, 3
        call hex
        mov eax, [si]
        mov cx, 8
        jmp hex

; Date and time from the real-time clock, once a second, and the timer's ticks.
show_clock:
        xor ax, ax
        int 1ah
        mov ax, cx
        shl eax, 16
        mov ax, dx
        mov di, (20 * COLUMNS + 52) * 2
        mov bh, 1eh
        mov cl, 0
        call decimal
        mov ah, 2
        int 1ah
        jc .done
        cmp dh, [last_second]
        je .done
        mov [last_second], dh
        push dx
        push cx
        mov ah, 4
        int 1ah
        mov di, (20 * COLUMNS + 16) * 2
        mov bh, 1eh
        mov al, ch
        call bcd
        mov al, cl
        call bcd
        mov al, '-'
        stosw
        mov al, dh
        call bcd
        mov al, '-'
        stosw
        mov al, dl
        call bcd
        add di, 2
        pop cx
        mov al, ch
        call bcd
        mov al, ':'
        stosw
        mov al, cl
        call bcd
        pop dx
        mov al, ':'
        stosw
        mov al, dh
        call bcd
.done:  ret

; Two BCD digits of al.
bcd:    push cx
        movzx eax, al
        mov cx, 2
        call hex
        pop cx
        ret

; The key in ax: character, code, scan code; the last ten are shown, the newest first.
show_key:
        push es
        push ds
        mov dx, ax
        push es                 ; move the row of keys to the right
        pop ds
        std
        mov si, (22 * COLUMNS + 71) * 2
        mov di, (22 * COLUMNS + 77) * 2
        mov cx, 56
        rep movsw
        cld
        pop ds
        mov di, (22 * COLUMNS + 16) * 2
        mov bh, 2eh
        mov al, dl
        cmp al, 32
        jae .visible
        mov al, 0fah            ; a dot
.visible:
        mov ah, 4fh
        stosw
        mov ah, 1fh
        mov al, ' '
        stosw
        mov bh, 1eh
        movzx eax, dh
        mov cx, 2
        call hex
        mov ax, 1f20h
        stosw
        stosw
        pop es
        ret

; ---- the drawing: 320x200, a plasma of four sines in a palette that turns ----

draw:   mov ax, 13h
        int 10h
        call make_sines
        mov ax, 0a000h
        mov es, ax
        xor di, di
        xor bp, bp              ; y
.row:   xor cx, cx              ; x
.pixel: mov bx, cx
        call sine
        mov dl, al
        mov bx, bp
        add bx, bx
        call sine
        add dl, al
        mov bx, cx
        add bx, bp
        call sine
        add dl, al
        call distance
        call sine
        add dl, al
        mov al, dl
        stosb
        inc cx
        cmp cx, 320
        jb .pixel
        inc bp
        cmp bp, 200
        jb .row
        mov byte [turn], 0
.turn:  call palette
        inc byte [turn]
        hlt                     ; a timer tick
        mov ah, 1
        int 16h
        jz .turn
        xor ax, ax
        int 16h
        jmp main

; al = sine of bx (256 to a turn) as 0 to 63, bx used.
sine:   mov bh, 0
        mov al, [sines + bx]
        ret

; bx = distance of (cx, bp) from the centre, doubled: by Newton, starting from the last one.
distance:
        push dx
        push ax
        mov ax, cx
        sub ax, 160
        imul ax, ax
        mov bx, bp
        sub bx, 100
        imul bx, bx
        add ax, bx
        mov si, ax
        mov bx, [root]
        mov dx, 4
.step:  push dx
        xor dx, dx
        mov ax, si
        div bx
        add bx, ax
        shr bx, 1
        adc bx, 0
        jnz .next
        inc bx
.next:  pop dx
        dec dx
        jnz .step
        mov [root], bx
        add bx, bx
        pop ax
        pop dx
        ret

; A table of 256 sines by the x87.
make_sines:
        fninit
        mov di, sines
        mov word [number], 0
.next:  fild word [number]
        fldpi
        fmulp
        fidiv word [half_turn]
        fsin
        fimul word [amplitude]
        fiadd word [amplitude]
        fistp word [result]
        mov al, [result]
        mov [di], al
        inc di
        inc word [number]
        cmp word [number], 256
        jb .next
        mov word [root], 1
        ret

; 256 colours from three sines, turned by [turn].
palette:
        mov dx, 3c8h
        mov al, 0
        out dx, al
        inc dx
        xor cx, cx
.next:  mov bl, cl
        add bl, [turn]
        call sine
        out dx, al
        mov bl, cl
        add bl, [turn]
        add bl, 85
        call sine
        out dx, al
        mov bl, cl
        sub bl, [turn]
        add bl, 170
        call sine
        out dx, al
        inc cl
        jnz .next
        ret

; ---- power ----

power_off:
        mov ax, 5300h           ; APM: is it there?
        xor bx, bx
        int 15h
        jc .none
        mov ax, 5301h           ; connect the real-mode interface
        xor bx, bx
        int 15h
        mov ax, 530eh           ; version 1.2
        xor bx, bx
        mov cx, 0102h
        int 15h
        mov ax, 5307h           ; all devices off
        mov bx, 1
        mov cx, 3
        int 15h
.none:  mov dx, 1702h
        mov si, text_no_power
        mov ah, 1eh
        call print
.stop:  hlt
        jmp .stop

; ---- texts ----

; Row, column (as a word), colour, text.
%macro label 4
        db %2, %1, %3, %4, 0
%endmacro
labels:
        label 0,  2, 30h, 'Vitrine: a PC in a glass case'
        label 3,  2, 1fh, 'Processor'
        label 5,  2, 1fh, 'Memory, as the firmware sees it'
        label 7,  4, 17h, 'first        last         use'
        label 20, 2, 1fh, 'Clock'
        label 20, 40, 1fh, 'Timer ticks'
        label 22, 2, 1fh, 'Keys'
        label 23, 16, 17h, 'character and scan code, the newest first'
        label 24, 2, 30h, 'D  a drawing     Esc  power off     any other key is shown'
        dw 0
        db 0

text_no_cpuid   db 'a 386 or 486 without CPUID', 0
text_no_power   db 'The firmware cannot switch the power off; close the window instead.', 0
type_other      db 'other      ', 0
type_ram        db 'free       ', 0
type_reserved   db 'reserved   ', 0
type_acpi       db 'ACPI tables', 0
type_nvs        db 'ACPI NVS   ', 0
types           dw type_other, type_ram, type_reserved, type_acpi, type_nvs

half_turn       dw 128
amplitude       dw 31
vendor          times 13 db 0
brand           times 49 db 0
last_second     db 0
row             db 0
turn            db 0
        align 2, db 0
number          dw 0
result          dw 0
root            dw 1

        times SECTORS * 512 - ($ - $$) db 0

        absolute 0a000h
sines:  resb 256
