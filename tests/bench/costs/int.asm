; INT and IRET: from CPL 3 and back, or (RING0) within CPL 0.
OPS     equ 4000
setup:  mov ecx, 30h
        mov eax, handler
        mov edx, USER_GATE
        jmp gate
handler:
        inc dword [sum]
        iret
round:
%ifdef RING0
        call work
        ret
%else
        mov eax, user
        jmp enter_user
%endif
user:   call work
        int VECTOR_BACK
work:   mov ecx, OPS / 4
.more:
%rep 4
        int 30h
%endrep
        dec ecx
        jnz .more
        ret
