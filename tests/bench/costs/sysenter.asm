; SYSENTER and SYSEXIT, with the two moves that say where to come back.
OPS     equ 4000
%macro call_kernel 0
        mov ecx, esp
        mov edx, %%back
        sysenter
%%back:
%endmacro
setup:  mov ecx, 174h                   ; IA32_SYSENTER_CS, _ESP, _EIP
        mov eax, KERNEL_CODE
        xor edx, edx
        wrmsr
        inc ecx
        mov eax, 8f000h
        wrmsr
        inc ecx
        mov eax, handler
        wrmsr
        ret
handler:
        inc dword [sum]
        sysexit
round:  mov eax, user
        jmp enter_user
user:   mov ebx, OPS / 4
.more:
%rep 4
        call_kernel
%endrep
        dec ebx
        jnz .more
        int VECTOR_BACK
