; boot.asm - the boot sector of docs/gdb.md: from its first instruction into protected mode, where it adds up 1 to 5.
        bits 16
        org 0x7c00
start:  cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7c00
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 0x08:protected

        bits 32
protected:
        mov eax, 0x10
        mov ds, eax
        mov ss, eax
        mov esp, 0x90000
        mov ecx, 5
.add:   add [total], ecx
        loop .add
        mov al, 0                       ; ends the run with exit code 1
        out 0xf4, al

total:  dd 0
        align 8
gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:   dw gdtr - gdt - 1
        dd gdt
        times 510 - ($ - $$) db 0
        dw 0xaa55
