; From pointer to pointer in MEGABYTES MB, 64 bytes a pointer, each the address of another in one random cycle.
OPS     equ 20000
COUNT   equ MEGABYTES * 16384
ORDER   equ HEAP
setup:  mov edi, ORDER
        mov ecx, COUNT
        call cycle
        mov esi, ORDER
        mov edi, BIG
        mov ecx, COUNT
.lay:   lodsd
        shl eax, 6
        add eax, BIG
        mov [edi], eax
        add edi, 64
        loop .lay
        mov eax, BIG
        mov ecx, COUNT                  ; once around, so that every page was touched
.warm:  mov eax, [eax]
        loop .warm
        mov [here], eax
        ret
round:  mov eax, [here]
        mov ecx, OPS / 16
.more:
%rep 16
        mov eax, [eax]
%endrep
        dec ecx
        jnz .more
        mov [here], eax
        add [sum], eax
        ret
        align 4096
here:     dd 0
