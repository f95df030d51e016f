; rewrite.asm - a page full of code that was run from every byte on, whose first byte is written and run again and again.
%define GUEST "rewrite"
%include "lib.inc"
%include "hostile.inc"
PAGE    equ 40000h
main:
        BEGIN
        mov edi, PAGE
        mov ecx, 4096
        mov al, 90h                     ; nop ...
        cld
        rep stosb
        mov byte [PAGE + 4095], 0c3h    ; ... ret
        mov ebx, PAGE + 4095
.run:   call ebx
        dec ebx
        cmp ebx, PAGE
        ja .run
        mov byte [PAGE], 0c3h
.again: mov byte [PAGE], 0c3h
        call ebx
        jmp .again
image_end:
