; kernel.asm - a multiboot kernel that says on port E9h its command line, and what its module begins with.
; Follows: Multiboot Specification 0.6.96 "The address fields of Multiboot header", "Boot information format".
        org 100000h
        bits 32
FLAGS   equ 10000h                      ; loaded by the addresses below
header: dd 1badb002h, FLAGS, -(1badb002h + FLAGS)
        dd header, header, 0, end, start
start:  mov esi, [ebx + 16]             ; the command line
        call say
        mov al, '|'
        out 0e9h, al
        mov edi, [ebx + 24]             ; the first of its modules
        mov esi, [edi]
        call say
        mov al, 10
        out 0e9h, al
        cli
        hlt
say:    lodsb
        cmp al, ' '
        jb .end
        out 0e9h, al
        jmp say
.end:   ret
end:
