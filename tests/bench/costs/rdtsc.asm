; RDTSC.
OPS     equ 4000
setup:  ret
round:  mov ecx, OPS / 16
.more:
%rep 16
        rdtsc
%endrep
        dec ecx
        jnz .more
        ret
