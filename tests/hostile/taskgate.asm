; taskgate.asm - #UD leads through a task gate to a task that is UD2, and busy from then on: #GP, whose handler is UD2 again.
%define GUEST "taskgate"
%include "lib.inc"
%include "task.inc"
%include "hostile.inc"
main:
        BEGIN
        mov eax, task
        mov edx, FREE_LOW
        mov edi, other
        call make_tss
        mov eax, other
        mov dword [gdt + FREE], 67h
        mov [gdt + FREE + 2], ax
        mov dword [gdt + FREE + 4], 8900h
        shr eax, 16
        mov [gdt + FREE + 4], al
        mov dword [idt + UD * 8], FREE << 16
        mov dword [idt + UD * 8 + 4], 8500h
        GATE GP, task, 8eh
        mov dword [gdt + FREE_STACK], 0000ffffh
        mov dword [gdt + FREE_STACK + 4], 00009202h
        mov dword [other + T_SS], FREE_STACK
task:   ud2
        align 4
other:  times 68h db 0
image_end:
