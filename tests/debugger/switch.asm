; switch.asm - into protected mode by a far jump to what follows it: a branch, though the next instruction is where it leads.
bits 16
org 0
start:
        cli
        o32 cs lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 0x08:0xf0000 + protected
bits 32
protected:
        nop
        jz .behind
.behind:
        hlt

gdt:    dq 0
        dq 0x00cf9a000000ffff
gdtr:   dw 15
        dd 0xf0000 + gdt

        times 0xfff0 - ($ - $$) db 0
bits 16
        jmp 0xf000:start
        times 0x10000 - ($ - $$) db 0
