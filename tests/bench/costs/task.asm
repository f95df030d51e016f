; Task switches by JMP to a TSS, there and back.
OPS     equ 4000
setup:  mov eax, DIRECTORY
        mov [tss_main + 28], eax
        mov [tss_other + 28], eax
        mov dword [tss_other + 32], other
        mov dword [tss_other + 36], 2
        mov dword [tss_other + 56], 8e000h      ; ESP
        mov dword [tss_other + 72], KERNEL_DATA ; ES, CS, SS, DS, FS, GS
        mov dword [tss_other + 76], KERNEL_CODE
        mov dword [tss_other + 80], KERNEL_DATA
        mov dword [tss_other + 84], KERNEL_DATA
        mov dword [tss_other + 88], KERNEL_DATA
        mov dword [tss_other + 92], KERNEL_DATA
        ret
round:  mov ecx, OPS / 2
.more:  jmp TASK_OTHER:0
        dec ecx
        jnz .more
        ret
other:  inc dword [sum]
        jmp TASK_MAIN:0
        jmp other
