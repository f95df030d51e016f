; early.asm - what tells an 8086, a 286 and later processors apart, in instructions of the 8086: models.sh has the answers.
; Follows: iAPX 86/88 User's Manual; iAPX 286 Programmer's Reference Manual, appendix on compatibility; 80386 Programmer's
; Reference Manual, "Differences From 8086", "Differences From 80286 Real-Address Mode".
%include "rom.inc"
        cpu 8086
        ROM_START
        TRY "dx_at_reset", mov ax, bp
        TRY "flags_12_15", call flags
        TRY "push_sp", call push_sp
        TRY "shl_33", call shl_33
        TRY "rcl_34", call rcl_34
        TRY "word_at_ffff", call word_at_ffff
        TRY "stack_at_ffff", call stack_at_ffff
        TRY "opcode_60", call opcode_60
        TRY "divide_frame", call divide_frame
        TRY "idiv_80", call idiv_80
        TRY "div_flags", call div_flags
        TRY "lock_nop", db 0f0h, 90h
        TRY "sreg_4", call sreg_4
        TRY "eleven_bytes", call eleven
        TRY "ip_wraps", call ip_wraps
        TRY "wrap_1m", call wrap_1m
        TRY "pop_cs", call pop_cs
        TRY "smsw", call smsw
        TRY "escape", call escape
        TRY "loadable_msw", call protected_mode
        ROM_END

flags:  mov ax, 7002h
        push ax
        popf
        pushf
        pop ax
        and ax, 0f000h
        mov bx, 2
        push bx
        popf
        ret

push_sp:
        push sp
        pop ax
        sub ax, sp
        ret

shl_33: mov ax, 1
        mov cl, 33
        shl ax, cl
        ret

rcl_34: clc                             ; 34 is twice round on an 8086; 2 on later ones
        mov ax, 8001h
        mov cl, 34
        rcl ax, cl
        ret

word_at_ffff:
        mov ax, 2000h
        mov es, ax
        mov byte [es:0ffffh], 34h
        mov byte [es:0], 12h
        mov ax, [es:0ffffh]
        mov cx, 0
        mov es, cx
        ret

; A push at SP = 1 writes FFFFh and 0 of the stack's segment.
stack_at_ffff:
        call is_8086
        jnz none                        ; they shut down: there is no room for the frame either
        mov bx, sp
        mov ax, 2000h
        mov cx, ss
        mov dx, 5678h
        mov ss, ax
        mov sp, 1
        push dx
        pop ax
        mov ss, cx
        mov sp, bx
        ret

; 60h is JO on an 8086, PUSHA since the 186.
opcode_60:
        xor ax, ax
        mov bx, sp
        db 60h, 90h
        mov ax, bx
        sub ax, sp
        mov sp, bx
        ret

; Where the frame of a divide error points, from the instruction.
divide_frame:
        mov ax, 1000
        mov bl, 1
        mov word [RESUME], .on
        mov [STACK], sp
.at:    div bl
.on:    mov ax, [FRAME_IP]
        sub ax, .at
        ret

idiv_80:
        mov ax, -128
        mov bl, 1
        idiv bl
        mov ah, 0
        ret

; 5 / 2 with no flag set: as Linux tells Cyrix's processors from Intel's.
div_flags:
        xor ax, ax
        sahf
        mov ax, 5
        mov bx, 2
        div bl
        lahf
        mov al, 0
        ret

sreg_4: mov ax, 1234h
        mov es, ax
        xor ax, ax
        db 8ch, 0e0h                    ; MOV AX, sreg 4: ES on an 8086
        mov cx, 0
        mov es, cx
        ret

; MOV AL, 55h lies at FFFFh and 0 of its segment.
ip_wraps:
        mov ax, 3000h
        mov es, ax
        mov byte [es:0ffffh], 0b0h
        mov byte [es:0], 55h
        mov byte [es:1], 0cbh
        mov ax, 0
        mov es, ax
        call 3000h:0ffffh
        ret

; FFFF:0010 is 0 where there are 20 address lines (A20 is open on this board).
wrap_1m:
        mov byte [500h], 5ah
        mov ax, 0ffffh
        mov es, ax
        mov byte [es:510h], 0a5h
        mov al, [500h]
        mov ah, 0
        mov cx, 0
        mov es, cx
        ret

; 0Fh is POP CS on an 8086; 0F 04 is undefined on all others.
pop_cs: push cs
        mov al, 0
        db 0fh
        add al, 1                       ; 0F 04 elsewhere
        ret

smsw:   call is_8086
        jz none
        db 0fh, 1, 0e0h
        ret
none:   mov ax, 0ffffh
        ret

eleven: times 10 db 26h
        nop
        ret

; ESC with its operand across the end of the segment, without a coprocessor or with one that is initialized.
escape: mov bx, 0ffffh
        db 0d9h, 7                      ; FLD dword [BX]
        mov ax, 0
        ret

; Protected mode by LMSW on the 286 and later, a segment of 24 bits of base, and out of it only by a reset: by the triple fault's
; absence we see that it works, so this is the last line.
protected_mode:
        call is_8086
        jz none
        mov si, gdt
        mov di, 700h
        mov cx, (gdt_end - gdt) / 2
.copy:  mov ax, [cs:si]
        mov [di], ax
        add si, 2
        add di, 2
        loop .copy
        mov word [6f8h], gdt_end - gdt - 1
        mov word [6fah], 700h
        mov word [6fch], 0
        db 0fh, 1, 16h, 0f8h, 6         ; LGDT [6F8h]
        mov ax, 1
        db 0fh, 1, 0f0h                 ; LMSW AX
        jmp short $ + 2
        mov ax, 8
        mov es, ax                      ; base F0000h, or 5F0000h where the descriptor's last byte counts
        mov ax, 16
        mov ds, ax
        mov al, [es:line]
        mov ah, 0
        push ax
        db 0fh, 1, 0e0h                 ; SMSW AX
        pop bx
        and ax, 1
        mov ah, bl
        ret

; ZF: it is one.
is_8086:
        pushf
        pop ax
        and ax, 0f000h
        cmp ax, 0f000h
        ret

gdt:    dw 0, 0, 0, 0
        dw 0ffffh, 0, 930fh, 0          ; read-only use
        dw 0ffffh, 0, 9300h, 0
gdt_end:
        ROM_PAD
