; MOV to CR3, then a load from each of PAGES pages.
OPS     equ 1000
setup:  ret
round:  mov ecx, OPS
        mov eax, cr3
.more:  mov cr3, eax
%assign page 0
%rep PAGES
        add edx, [HEAP + page * 4096]
%assign page page + 1
%endrep
        dec ecx
        jnz .more
        ret
