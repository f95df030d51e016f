; speed.asm - what instructions cost, in clocks of the processor: loops of one kind each, and a mix of them as programs of the
; day have it. A boot sector; each line on port E9h is a name and the clocks that the time-stamp counter saw, in hexadecimal.
; run-speed compares them with what the manuals publish.
        cpu 586
        bits 16
        org 7c00h

PLACE   equ 8000h               ; where loops read and write
TURNS   equ 1000

; LOOP name: the code up to END_LOOP, TURNS times; BP counts.
%macro LOOP 1
        mov si, %%name
        call begin
%%again:
%define AGAIN %%again
        jmp %%over
%%name  db %1, 0
%%over:
%endmacro
%macro END_LOOP 0
        dec bp
        jnz near AGAIN
        call end
%endmacro

start:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 7c00h
        cld
        LOOP "empty"
        END_LOOP
        LOOP "register"
        times 8 add ax, bx
        END_LOOP
        LOOP "load"
        times 4 mov ax, [PLACE]
        END_LOOP
        LOOP "store"
        times 4 mov [PLACE], ax
        END_LOOP
        LOOP "modify"
        times 4 add [PLACE], ax
        END_LOOP
        LOOP "multiply"
        times 8 mul bx
        END_LOOP
        LOOP "divide"
        mov bx, 7
        xor dx, dx
        div bx
        END_LOOP
        LOOP "call"
        call nothing
        call nothing
        call nothing
        call nothing
        END_LOOP
        LOOP "stack"
        times 4 push ax
        times 4 pop ax
        END_LOOP
        LOOP "string"
        mov di, PLACE
        mov cx, 100
        rep stosw
        END_LOOP
        LOOP "mix"              ; a little of everything, loads and registers most
        mov ax, [PLACE]
        add ax, bx
        mov cx, ax
        and cx, 15
        mov [PLACE + 2], cx
        mov dx, [PLACE + 4]
        add dx, cx
        shl dx, 1
        cmp dx, [PLACE + 6]
        je .equal
        inc word [PLACE + 8]
.equal: push ax
        call nothing
        pop ax
        mul cl
        END_LOOP
        mov al, 0
        mov dx, 0f4h
        out dx, al
        hlt

nothing: ret

begin:
        pop di
        mov bp, TURNS
        rdtsc
        mov [clocks], eax
        jmp di

; SI: the name.
end:
        rdtsc
        sub eax, [clocks]
        mov edx, eax
.name:  lodsb
        test al, al
        jz .number
        out 0e9h, al
        jmp .name
.number:
        mov al, ' '
        out 0e9h, al
        mov cx, 8
.digit: rol edx, 4
        mov al, dl
        and al, 15
        cmp al, 10
        sbb al, 69h
        das
        out 0e9h, al
        loop .digit
        mov al, 10
        out 0e9h, al
        ret

clocks  dd 0
        times 510 - ($ - $$) db 0
        dw 0aa55h
