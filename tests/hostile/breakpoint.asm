; breakpoint.asm - an instruction breakpoint on the first instruction of the handler of #DB.
%define GUEST "breakpoint"
%include "lib.inc"
%include "hostile.inc"
main:
        BEGIN
        ROUND_STACK
        GATE DB_, for_ever, 8eh
        mov eax, handler
        mov dr0, eax
        mov eax, 2                      ; G0, execution
        mov dr7, eax
for_ever:
        nop
        jmp for_ever
image_end:
