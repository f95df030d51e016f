; frame.asm - what every cost's kernel stands on: flat 32-bit protected mode with paging, a ring 3, an IDT, three TSSs, marks on
; port E9. boot.asm or rom.asm loads it. COST is the cost's own file, which has
;
;   OPS     how many operations a round has
;   setup   makes what they need; is not timed
;   round   the operations. Adds what it reckoned to [sum]; any register may change
;
; All of memory's first 128 MB lie at their own addresses, in pages of 4 KB for everybody; HEAP and on is the cost's own.
        bits 32
        org 10000h

DIRECTORY       equ 100000h
TABLES          equ 101000h             ; of 128 MB, then the I/O APIC's
TABLE_COUNT     equ 32
USER_STACK      equ 1ff800h
HEAP            equ 200000h
BIG             equ 1000000h            ; 16 MB and on: for what is large
KERNEL_CODE     equ 08h
KERNEL_DATA     equ 10h
USER_CODE       equ 1bh
USER_DATA       equ 23h
TASK_MAIN       equ 28h
TASK_OTHER      equ 30h
INTERRUPT_GATE  equ 8e00h
USER_GATE       equ 0ee00h
VECTOR_BACK     equ 31h                 ; INT of the user's: round's call of enter_user is done
SCALE_AT        equ 7df0h

entry:  call tables
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 80010000h               ; PG, WP
        and eax, ~60000000h             ; caches on
        mov cr0, eax
        lgdt [gdtr]
        lidt [idtr]
        mov ax, USER_DATA
        mov ds, ax
        mov es, ax
        mov ax, KERNEL_DATA
        mov ss, ax
        jmp KERNEL_CODE:.flat
.flat:  mov ax, TASK_MAIN
        ltr ax
        fninit
        mov ecx, VECTOR_BACK
        mov eax, user_back
        mov edx, USER_GATE
        call gate
        call setup
        mov esi, begin_text
        call print
        rdtsc
        mov [ticks], eax
        mov [ticks+4], edx
        mov ebp, [SCALE_AT]
.again: push ebp
        call round
        pop ebp
        dec ebp
        jnz .again
finish: rdtsc
        sub eax, [ticks]
        sbb edx, [ticks+4]
        mov [ticks], eax
        mov [ticks+4], edx
        mov esi, end_text
        call print
        mov eax, [sum]
        call hex
        call space
        mov eax, [ticks+4]
        call hex
        mov eax, [ticks]
        call hex
        call space
        mov eax, OPS
        mul dword [SCALE_AT]
        push eax
        mov eax, edx
        call hex
        pop eax
        call hex
        mov al, 10
        out 0e9h, al
        xor eax, eax
        out 0f4h, al
        mov dx, 8900h
        mov esi, shutdown_text
.more:  lodsb
        out dx, al
        or al, al
        jnz .more
.halt:  cli
        hlt
        jmp .halt

; Page tables: everything there, writable, the user's; caches off for the I/O APIC.
tables: mov edi, DIRECTORY
        xor eax, eax
        mov ecx, 1024
        rep stosd
        mov edi, DIRECTORY
        mov eax, TABLES + 7
        mov ecx, TABLE_COUNT
.dir:   stosd
        add eax, 1000h
        loop .dir
        mov [DIRECTORY + (0fec00000h >> 22) * 4], eax
        mov edi, TABLES
        mov eax, 7
        mov ecx, TABLE_COUNT * 1024
.page:  stosd
        add eax, 1000h
        loop .page
        mov eax, 0fec00000h + 17h       ; the page behind it is not asked for
        mov ecx, 1024
.apic:  stosd
        add eax, 1000h
        loop .apic
        ret

; IDT[ECX] = EAX, of type EDX
gate:   mov [idt + ecx*8], ax
        mov word [idt + ecx*8 + 2], KERNEL_CODE
        mov [idt + ecx*8 + 4], dx
        shr eax, 16
        mov [idt + ecx*8 + 6], ax
        ret

; Runs the code at EAX at CPL 3 until it says INT VECTOR_BACK.
enter_user:
        mov [kernel_esp], esp
        mov [USER_STACK], eax           ; a page that is in use, as stacks are
        push USER_DATA
        push USER_STACK
        push 2
        push USER_CODE
        push eax
        iret
user_back:
        mov esp, [kernel_esp]
        ret

; EAX = a random number below ECX; EDX changes
random: imul eax, [seed], 1664525
        add eax, 1013904223
        mov [seed], eax
        mul ecx
        mov eax, edx
        ret

; The ECX dwords at EDI, 0 to ECX-1, in one cycle (S. Sattolo, 1986): [EDI + 4*k] is what comes after k.
cycle:  xor eax, eax
.fill:  mov [edi + eax*4], eax
        inc eax
        cmp eax, ecx
        jb .fill
        dec ecx
.swap:  call random
        mov edx, [edi + eax*4]
        xchg edx, [edi + ecx*4]
        mov [edi + eax*4], edx
        loop .swap
        ret

print:  lodsb
        or al, al
        jz .end
        out 0e9h, al
        jmp print
.end:   ret
space:  mov al, ' '
        out 0e9h, al
        ret
hex:    mov ecx, 8
        mov edx, eax
.digit: rol edx, 4
        mov eax, edx
        and eax, 15
        mov al, [digits + eax]
        out 0e9h, al
        loop .digit
        ret

        align 4096                      ; what is written lies in no page with code
gdt:    dq 0, 00cf9a000000ffffh, 00cf92000000ffffh, 00cffa000000ffffh, 00cff2000000ffffh
%macro tss_descriptor 1
        dw 67h, (10000h + %1 - $$) & 0ffffh
        db (10000h + %1 - $$) >> 16, 89h, 0, 0
%endmacro
        tss_descriptor tss_main
        tss_descriptor tss_other
gdtr:   dw gdtr - gdt - 1
        dd gdt
idtr:   dw 64*8 - 1
        dd idt
digits: db '0123456789abcdef'
begin_text:     db '@begin', 10, 0
end_text:       db '@end ', 0
shutdown_text:  db 'Shutdown', 0
        align 4
sum:    dd 0
seed:   dd 12345
ticks:  dq 0
kernel_esp: dd 0
        align 64                        ; stacks of ring 0: interrupts from ring 3
tss_main:
        dd 0, 8f000h, KERNEL_DATA
        times 104 - ($ - tss_main) db 0
        align 128
tss_other:
        times 104 db 0
        align 4096
idt:    times 64 dq 0
        align 4096
%include COST
