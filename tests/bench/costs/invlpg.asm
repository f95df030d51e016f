; INVLPG, then a load from that page.
OPS     equ 4000
setup:  ret
round:  mov ecx, OPS / 4
        mov ebx, HEAP
.more:
%rep 4
        invlpg [ebx]
        add edx, [ebx]
%endrep
        dec ecx
        jnz .more
        ret
