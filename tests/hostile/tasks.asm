; tasks.asm - two tasks with the T bit set that jump to each other, in paging, each with #DB before its first instruction.
%define GUEST "tasks"
%include "lib.inc"
%include "pages.inc"
%include "task.inc"
%include "hostile.inc"

; TASK_DESCRIPTOR selector, TSS. EAX is lost.
%macro TASK_DESCRIPTOR 2
        mov eax, %2
        mov dword [gdt + (%1)], 67h
        mov [gdt + (%1) + 2], ax
        mov dword [gdt + (%1) + 4], 8900h
        shr eax, 16
        mov [gdt + (%1) + 4], al
%endmacro

main:
        BEGIN
        call make_pages
        PAGING_ON
        mov edx, MAIN_STACK
        mov eax, one
        mov edi, one_tss
        call make_tss
        mov eax, two
        mov edi, two_tss
        call make_tss
        mov byte [one_tss + T_TRAP], 1
        mov byte [two_tss + T_TRAP], 1
        mov dword [one_tss + T_CR3], PD
        mov dword [two_tss + T_CR3], PD
        TASK_DESCRIPTOR FREE, one_tss
        TASK_DESCRIPTOR FREE + 8, two_tss
        GATE DB_, back, 8eh
        jmp FREE:0
one:    jmp FREE + 8:0
        jmp one
two:    jmp FREE:0
        jmp two
back:   iretd
        align 4
one_tss: times 68h db 0
two_tss: times 68h db 0
image_end:
