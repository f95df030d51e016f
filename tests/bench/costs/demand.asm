; Pages that appear when they are touched: the handler makes the page present and goes back to the instruction. Once they are all there,
; all are taken away and CR3 loaded.
OPS     equ 2048                        ; pages from BIG on
ENTRIES equ TABLES + BIG / 4096 * 4
setup:  mov ecx, 14
        mov eax, handler
        mov edx, INTERRUPT_GATE
        jmp gate
handler:
        push eax
        mov eax, cr2
        shr eax, 12
        or dword [TABLES + eax*4], 1
        pop eax
        add esp, 4
        iret
round:  mov edi, ENTRIES
        mov ecx, OPS
.gone:  and dword [edi], ~1
        add edi, 4
        loop .gone
        mov eax, cr3
        mov cr3, eax
        mov eax, user
        jmp enter_user
user:   mov ecx, OPS
        mov edi, BIG
.more:  inc dword [edi]
        mov eax, [edi]
        add [sum], eax
        add edi, 4096
        dec ecx
        jnz .more
        int VECTOR_BACK
