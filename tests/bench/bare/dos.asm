; dos.asm - 16-bit real mode as small DOS programs are: code, variables, tables and stack in one segment, variables between
; the procedures, so that every write lands in a page (and often near) code. Scale arrives in EAX.
        bits 16
        org 0
start:  cli
        mov cx, cs
        mov ds, cx
        mov es, cx
        mov ss, cx
        mov sp, stack_top
        mov [rounds], eax
        mov si, begin
        call print
        rdtsc
        mov [ticks], eax
        mov [ticks+4], edx
again:  call round
        dec dword [rounds]
        jnz again
        rdtsc
        sub eax, [ticks]
        sbb edx, [ticks+4]
        mov [ticks], eax
        mov [ticks+4], edx
        mov si, endmark
        call print
        mov eax, [sum]
        call hex
        mov al, ' '
        out 0e9h, al
        mov eax, [ticks+4]
        call hex
        mov eax, [ticks]
        call hex
        mov al, 10
        out 0e9h, al
        xor al, al
        out 0f4h, al
        mov dx, 8900h
        mov si, shutdown
        mov cx, 8
        rep outsb
halt:   hlt
        jmp halt

begin:  db '@begin', 10, 0
endmark: db '@end ', 0
shutdown: db 'Shutdown'

print:  lodsb
        or al, al
        jz .done
        out 0e9h, al
        jmp print
.done:  ret

hex:    mov cx, 8
.digit: rol eax, 4
        push ax
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .out
        add al, 'a'-'0'-10
.out:   out 0e9h, al
        pop ax
        loop .digit
        ret

rounds: dd 0
sum:    dd 0
ticks:  dq 0

; A random number kept beside the code that makes it.
random: mov ax, [seed]
        mov dx, 25173
        mul dx
        add ax, 13849
        mov [seed], ax
        ret
seed:   dw 1

; Fill a table, sort it by insertion, sum it; counters live in the code.
round:  mov word [.count], COUNT
        mov di, table
.fill:  call random
        stosw
        dec word [.count]
        jnz .fill
        call sort
        mov si, table
        mov cx, COUNT
.add:   lodsw
        call note
        loop .add
        call text
        ret
.count: dw 0

note:   inc word [.calls]
        add [sum], ax
        adc word [sum+2], 0
        rol dword [sum], 1
        ret
.calls: dw 0

sort:   mov word [.i], 2
.outer: mov bx, [.i]
        mov ax, [table+bx]
.inner: cmp ax, [table+bx-2]
        jae .place
        mov dx, [table+bx-2]
        mov [table+bx], dx
        sub bx, 2
        jnz .inner
.place: mov [table+bx], ax
        add word [.i], 2
        cmp word [.i], COUNT*2
        jb .outer
        ret
.i:     dw 0

; Write a line of text with a number in it, in place, and take its checksum.
text:   mov ax, [sum]
        mov bx, .end-1
        mov cx, 5
.digit: xor dx, dx
        div word [.ten]
        add dl, '0'
        mov [bx], dl
        dec bx
        loop .digit
        mov si, .line
        mov cx, .end-.line
.check: lodsb
        add [sum], al
        ror word [sum], 1
        loop .check
        ret
.ten:   dw 10
.line:  db 'the answer is '
        times 5 db '0'
.end:
        align 2
COUNT   equ 60
table:  times COUNT dw 0
        times 256 db 0
stack_top:
