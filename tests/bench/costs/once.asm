; Code that is executed once: a megabyte a round, all of other addresses (so at most 100 rounds). The pattern that fills them is as
; compilers write: loads, stores, comparisons, jumps taken and not.
PATTERN equ 94                          ; bytes
RUN     equ 29                          ; instructions of it that run
COPIES  equ (100000h - 16) / PATTERN
OPS     equ COPIES * RUN
setup:  mov ebx, [SCALE_AT]
        mov edi, BIG
.copy:  push edi
        mov edx, COPIES
.fill: mov esi, pattern
        mov ecx, PATTERN
        rep movsb
        dec edx
        jnz .fill
        mov byte [edi], 0c3h            ; RET
        pop edi
        add edi, 100000h
        dec ebx
        jnz .copy
        mov dword [next], BIG
        ret
round:  mov esi, data
        xor eax, eax
        call [next]
        add dword [next], 100000h
        add [sum], eax
        ret
pattern:
        mov ebx, [esi + 4]
        mov ecx, [esi + 8]
        lea edx, [ebx + ecx*2 + 10]
        cmp edx, 1000
        ja .a                           ; not taken
        add eax, edx
        mov [esi + 12], eax
        test ecx, ecx
        jz .b                           ; taken
        sub eax, 7
        mov edi, [esi + 16]
.b:     movzx ebp, byte [esi + 20]
        xor eax, ebp
        shl ebp, 3
        push eax
        push ebp
        mov edi, [esp + 4]
        and edi, 0ffh
        pop ebp
        pop edx
        cmp edi, 100h
        jb .c                           ; taken
        mov dword [esi + 24], 1
.c:     inc dword [esi + 28]
        mov ebx, [esi + 28]
        imul ebx, ebx, 12
        add eax, ebx
        or ecx, ecx
        jnz .a                          ; not taken
        neg edx
        mov [esi + 32], edx
        adc eax, 0
.a:
%if $ - pattern != PATTERN
%error PATTERN is not its length
%endif
        align 4096
next:   dd 0
data:   times 16 dd 0
