; rom.asm - a bare-metal kernel (KERNEL, a file) as the machine's only firmware, 64 KB: what boot.asm's sector does, from the reset
; vector on and without a firmware's help. SCALE is how much work the kernel shall do.
        bits 16
        org 0
kernel: incbin KERNEL
kernel_end:
        align 16
start:  cli
        cld
        in al, 92h                      ; A20
        or al, 2
        and al, 0feh
        out 92h, al
        xor ax, ax
        mov es, ax
        mov dword [es:7df0h], SCALE
        mov ss, ax
        mov sp, 7c00h
        mov ax, cs                      ; F000h
        mov ds, ax
        mov ax, 1000h
        mov es, ax
        xor si, si
        xor di, di
        mov cx, (kernel_end - kernel + 3) / 4
        rep movsd
%ifdef REAL
        mov eax, SCALE
        jmp 1000h:0
%else
        lgdt [cs:gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 8:flat + 0f0000h
        bits 32
flat:   mov ax, 10h
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov fs, ax
        mov gs, ax
        mov esp, 90000h
        mov eax, 10000h
        jmp eax
        align 8
gdt:    dq 0, 00cf9a000000ffffh, 00cf92000000ffffh
gdtr:   dw 23
        dd gdt + 0f0000h
%endif
        times 0fff0h - ($ - $$) db 0
        bits 16
        jmp 0f000h:start
        times 10000h - ($ - $$) db 0
