; A port: IN from the interrupt controller's mask, or (WRITE) OUT to the one that shows how far a POST came.
OPS     equ 4000
setup:  ret
round:  mov ecx, OPS / 16
.more:
%rep 16
%ifdef WRITE
        out 80h, al
%else
        in al, 21h
%endif
%endrep
        dec ecx
        jnz .more
        ret
