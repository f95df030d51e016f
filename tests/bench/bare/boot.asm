; boot.asm - boot sector of the bare-metal kernels: loads SECTORS sectors behind itself to 1000:0000 and goes there, in real
; mode (REAL defined) or in flat 32-bit protected mode. The u32 at 7DF0h is how much work the kernel shall do.
        bits 16
        org 7c00h
start:  xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7c00h
        cld
        mov [drive], dl
        mov ax, 1000h
        mov es, ax
        mov si, 1                       ; linear sector
        mov di, SECTORS
load:   mov ax, si                      ; 1.44 MB: 18 sectors, 2 heads
        xor dx, dx
        mov cx, 18
        div cx
        mov cl, dl
        inc cl
        xor dx, dx
        mov bx, 2
        div bx
        mov ch, al
        mov dh, dl
        mov dl, [drive]
        xor bx, bx
        mov ax, 0201h
        int 13h
        jc failed
        mov ax, es
        add ax, 32
        mov es, ax
        inc si
        dec di
        jnz load
%ifdef REAL
        mov eax, [scale]
        jmp 1000h:0
%else
        mov ax, 2401h
        int 15h
        in al, 92h
        or al, 2
        and al, 0feh
        out 92h, al
        cli
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 8:flat
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
        bits 16
%endif
failed: mov al, '!'
        out 0e9h, al
        hlt
        jmp failed
drive:  db 0
        align 8
gdt:    dq 0, 00cf9a000000ffffh, 00cf92000000ffffh
gdtr:   dw 23
        dd gdt
        times 1f0h-($-$$) db 0
scale:  dd 1
        times 510-($-$$) db 0
        dw 0aa55h
