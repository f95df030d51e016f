; fetch.asm - a loop at the limit of its code segment, each instruction of which is decoded anew, with a jump across two pages.
%define GUEST "fetch"
%include "lib.inc"
%include "hostile.inc"
PLACE   equ 50000h
main:
        BEGIN
        mov edi, PLACE
        mov esi, code
        mov ecx, code_end - code
        cld
        rep movsb
        mov dword [gdt + FREE], (PLACE & 0ffffh) << 16 | (code_end - code - 1)
        mov dword [gdt + FREE + 4], (PLACE >> 16) | 00409a00h
        jmp FREE:0
code:   mov eax, [gs:esi + edi * 4 + 12345678h]
        lock add dword [fs:FREE_LOW], 12345678h
        mov ecx, 12345678h
        jmp code
code_end:
image_end:
