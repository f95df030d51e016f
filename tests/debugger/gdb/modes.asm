; modes.asm - a boot sector that goes through the modes: real mode in a segment whose base is not 0, protected mode, paging with a second
; mapping at C0000000h, virtual-8086 mode, user mode; then it ends the run with 15h to port F4h (exit code 2Bh).
; The comments at labels are linear addresses, which the transcripts use.
        bits 16
        org 0
BASE    equ 0x7c00
TSS     equ 0x9000
DIRECTORY equ 0x10000
COUNT   equ 0x6000                      ; linear

        jmp 0x7c0:start
        align 16, db 0x90
start:  cli                             ; 7c10
        mov ax, 0x600
        mov ds, ax
        mov ax, 0x800
        mov ss, ax
        mov sp, 0x100
        call store                      ; 7c1e
        mov cx, 3
.again: inc word [0]
        loop .again
        xor ax, ax
        mov ds, ax
        lgdt [cs:gdtr]
        lidt [cs:idtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 0x08:BASE + protected

store:  mov word [0], 0x1234    ; 7c4a
        ret

        bits 32
        align 16, db 0x90
protected:                              ; 7c60
        mov eax, 0x10
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov esp, 0x8000
        call bump
        mov dword [DIRECTORY], 0x87     ; 4 MB as they are, and again at C0000000h, for everybody
        mov dword [DIRECTORY + 0xc00], 0x87
        mov eax, cr4
        or al, 0x10
        mov cr4, eax
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        mov eax, 0xc0000000 + BASE + paged
        jmp eax

bump:   inc dword [COUNT]       ; 7cab
        mov eax, [COUNT]
        ret

        align 16, db 0x90
paged:  inc dword [0xc0000000 + COUNT]  ; c0007cc0
        mov dword [TSS + 4], 0x8000
        mov word [TSS + 8], 0x10
        mov ax, 0x28
        ltr ax
        push dword 0                    ; GS, FS, DS, ES
        push dword 0
        push dword 0x600
        push dword 0
        push dword 0x800                ; SS:ESP
        push dword 0x100
        push dword 0x20002              ; EFLAGS: VM
        push dword 0x7c0
        push dword old
        iretd

        bits 16
        align 16, db 0x90
old:    mov ax, [0]                     ; 7d10
        inc ax
        push ax
        hlt                             ; #GP(0)

        bits 32
        align 16, db 0x90
general:                                ; 7d20
        mov eax, 0x23
        mov ds, eax
        mov esp, 0x8000
        push dword 0x23
        push dword 0x7800
        push dword 2
        push dword 0x1b
        push dword BASE + user
        iretd

        align 16, db 0x90
user:   mov ecx, 2                      ; 7d40
.again: inc dword [COUNT]
        loop .again
        push ecx
        int 0x0e                        ; its gate lets user mode in
last:   mov al, 0x15                    ; 7d50
        out 0xf4, al

        align 8
gdt:    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff, 0x0000890090000067
gdtr:   dw gdtr - gdt - 1
        dd BASE + gdt
idt:    dw BASE + general, 8, 0x8e00, 0 ; of 0Dh
        dw BASE + last, 8, 0xee00, 0    ; of 0Eh, for user mode's INT
idtr:   dw 0x0f * 8 - 1
        dd BASE + idt - 0x0d * 8
        times 510 - ($ - $$) db 0
        dw 0xaa55
