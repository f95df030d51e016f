; tables.asm - a firmware of its own that sets up tables with mistakes in them, for what the debugger says of descriptors, gates, the
; task-state segment, page tables and the TLB; then it waits in protected mode with paging on.
%include "firmware.inc"
        bits 16
        org 0
GDT     equ 0x1000
TSS     equ 0x2000
LDT     equ 0x3000
IDT     equ 0x4000
DIRECTORY equ 0x10000
TABLE0  equ 0x11000
TABLE1  equ 0x12000

start:
        cli
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7000
        cld
        COPY gdt, GDT, gdt_end - gdt
        COPY idt, IDT + 0x20 * 8, idt_end - idt
        COPY ldt, LDT, 16
        lgdt [cs:gdtr]
        lidt [cs:idtr]
        PROTECT 0xf0000 + protected

        bits 32
protected:
        FLAT_DATA 0x7000
        mov dword [TSS + 4], 0x800000   ; ESP0: not mapped
        mov word [TSS + 8], 0x10
        mov word [TSS + 102], 0x68      ; the I/O map: none
        mov ax, 0x20
        ltr ax
        mov ax, 0x28
        lldt ax

        mov edi, TABLE0                 ; the first 4 MB as they are
        mov eax, 3
.identity:
        stosd
        add eax, 0x1000
        cmp eax, 0x400003
        jb .identity
        mov dword [DIRECTORY], TABLE0 | 7
        mov dword [DIRECTORY + 4], TABLE1 | 7
        mov dword [TABLE1], 0x200000 | 7
        mov dword [TABLE1 + 4], 0x300000 | 5
        mov dword [TABLE1 + 8], 0x301000 | 7
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        inc dword [0x400000]            ; now the TLB has these three
        mov eax, [0x401000]
        inc dword [0x402000]
        mov dword [TABLE1], 0x201000 | 7        ; and the tables say otherwise; no INVLPG
        mov dword [TABLE1 + 4], 0
done:   jmp done

handler:
        iretd

        align 8
gdt:    dq 0
        dq 0x00cf9b000000ffff           ; 08 code
        dq 0x00cf93000000ffff           ; 10 data
        dq 0x004f93000000ffff           ; 18 data of 1 MB: G is missing
        dq 0x0000890020000067           ; 20 TSS
        dq 0x000082003000000f           ; 28 LDT
        dq 0x00cf13000000ffff           ; 30 data, not present
        dq 0x00009b0f0000ffff           ; 38 16-bit code
        dq 0x0000890020000020           ; 40 a TSS that is too short
        dq 0x0000880000000000           ; 48 type 8
        dq 0xffcf93fffff0ffff           ; 50 wraps
        dq 0x00cf97000000ffff           ; 58 expand-down, all of it
gdt_end:
ldt:    dq 0
        dq 0x00cff3000000ffff           ; 0f data of ring 3
idt:    dq 0x000f8e0000080000 + handler ; 20 interrupt gate
        dq 0x000f8e0000100000 + handler ; 21 into data
        dq 0x000f0e0000080000 + handler ; 22 not present
        dq 0x000f8c0000080000 + handler ; 23 a call gate
        dq 0x000f8e0000680000 + handler ; 24 a selector behind the GDT
        dq 0x000fef0000080000 + handler ; 25 trap gate for ring 3
        dq 0x0000850000200000           ; 26 task gate
        dq 0x0000850000100000           ; 27 task gate to data
        dq 0x0000860000080000 + handler ; 28 a 16-bit gate to 32-bit code
        dq 0x000f8e0000000000 + handler ; 29 null selector
idt_end:
gdtr:   dw gdt_end - gdt - 1
        dd GDT
idtr:   dw 0x29 * 8 + 7
        dd IDT

        RESET_VECTOR
