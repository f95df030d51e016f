; A load from a page that is not there, at CPL 3; the handler goes on behind it.
OPS     equ 4000
NOWHERE equ 40000000h
setup:  mov ecx, 14
        mov eax, handler
        mov edx, INTERRUPT_GATE
        jmp gate
handler:
        add esp, 4
        add dword [esp], 5              ; the length of mov eax, [moffs32]
        inc dword [sum]
        iret
round:  mov eax, user
        jmp enter_user
user:   mov ecx, OPS / 4
.more:
%rep 4
        mov eax, [NOWHERE]
%endrep
        dec ecx
        jnz .more
        int VECTOR_BACK
