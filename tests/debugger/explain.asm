; explain.asm - a firmware of its own with instructions of each kind to be explained: it sets up rings 0 and 3, gates, tasks and page
; tables, and waits in ring 0 at `kernel`, then in ring 3 at `user`. The instructions below `samples` are explained where they stand and do
; not run.
[warning -prefix-lock]
[warning -zext-reloc]
%include "firmware.inc"
        bits 16
%ifidn __?OUTPUT_FORMAT?__, bin          ; else for its symbols
        org 0
%endif
GDT     equ 0x1000
TSS     equ 0x2000
OTHER   equ 0x2100                      ; another task's
IDT     equ 0x4000
DIRECTORY equ 0x10000
TABLE0  equ 0x11000
DATA    equ 0x8000
ROM     equ 0xf0000
STACK0  equ 0x7000
STACK3  equ 0x6000

start:
        cli
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov sp, STACK0
        cld
        COPY gdt, GDT, gdt_end - gdt
        mov di, IDT
        mov cx, 0x81
.gates: mov si, gate_0
        mov dx, 8
.gate:  cs lodsb
        stosb
        dec dx
        jnz .gate
        loop .gates
        mov byte [es:IDT + 0x80 * 8 + 5], 0xee  ; DPL 3
        mov byte [es:IDT + 0x21 * 8 + 5], 0xee
        lgdt [cs:gdtr]
        lidt [cs:idtr]
        PROTECT ROM + protected

        bits 32
protected:
        FLAT_DATA STACK0
        mov dword [TSS + 4], STACK0
        mov word [TSS + 8], 0x10
        mov word [TSS + 102], 0x68      ; the I/O map: ports 0 to 9f
        mov byte [TSS + 0x68 + 0x10], 0xfe      ; port 80 alone
        mov edi, TSS + 0x68
        mov ecx, 0x10
        mov al, 0xff
        rep stosb
        mov ax, 0x28
        ltr ax
        mov dword [OTHER + 28], DIRECTORY       ; CR3
        mov dword [OTHER + 32], ROM + samples   ; EIP
        mov dword [OTHER + 36], 2               ; EFLAGS
        mov dword [OTHER + 56], 0x7800          ; ESP
        mov dword [OTHER + 72], 0x10            ; ES
        mov dword [OTHER + 76], 0x08            ; CS
        mov dword [OTHER + 80], 0x10            ; SS
        mov dword [OTHER + 84], 0x10            ; DS

        mov edi, TABLE0                 ; the first 4 MB as they are, for both rings
        mov eax, 7
.identity:
        stosd
        add eax, 0x1000
        cmp eax, 0x400007
        jb .identity
        and byte [TABLE0 + 4 * 9], ~4   ; page 9000 is the supervisor's
        and byte [TABLE0 + 4 * 10], ~2  ; page a000 may be read only
        and byte [TABLE0 + 4 * 11], ~1  ; page b000 is not there
        mov dword [DIRECTORY], TABLE0 | 7
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80010000              ; with WP
        mov cr0, eax
        fninit
        mov dword [DATA], 0x80
        mov dword [DATA + 4], 0x3f800000
        mov esi, DATA
        mov edi, DATA + 0x100
        mov ebx, DATA
        mov ecx, 3
        mov edx, 0x3f8
        mov eax, 0x80
kernel: jmp .on
.on:    push dword 0x23
        push dword STACK3
        push dword 0x202
        push dword 0x1b
        push dword ROM + user
leave:  iretd

user:   mov ax, 0x23
        mov ds, ax
        mov es, ax
waits:  jmp waits

samples:
carry:    add al, [ebx]
overflow: sub eax, 0x80000001
scaled:   mov edx, [ebx + ecx * 4 - 8]
shift:    shl eax, 25
copy:     rep movsd
store:    mov [edi], eax
crossing: mov [0x8ffe], eax
input:    in al, dx
output:   out 0x80, al
refused:  out 0x81, al
screen:   mov byte [0xa0000], al
real:     fld dword [ebx + 4]
lanes:    paddb mm0, mm1
locked:   lock mov [ebx], eax
off:      cli
flags:    popfd
control:  mov eax, cr0
system:   int 0x80
private:  int 0x20
gate:     call 0x33:0
task:     jmp 0x40:0
far_back: retf
beyond:   mov al, [fs:0]
kernels:  mov al, [0x9000]
readonly: mov [0xa000], al
missing:  mov [0xb000], al
table:    lgdt [ebx]
time:     rdtsc
none:     ud2

handler:
        iretd

        align 8
gdt:    dq 0
        dq 0x00cf9b000000ffff           ; 08 code
        dq 0x00cf93000000ffff           ; 10 data
        dq 0x00cffb000000ffff           ; 18 code of ring 3
        dq 0x00cff3000000ffff           ; 20 data of ring 3
        dq 0x00008900200000a0           ; 28 TSS
        dq 0x000fec0200080000 + handler ; 30 call gate for ring 3, two parameters
        dq 0
        dq 0x0000890021000067           ; 40 the other TSS
gdt_end:
gate_0: dq 0x000f8e0000080000 + handler
gdtr:   dw gdt_end - gdt - 1
        dd GDT
idtr:   dw 0x81 * 8 - 1
        dd IDT

        RESET_VECTOR
