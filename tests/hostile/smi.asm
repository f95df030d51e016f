; smi.asm - a handler of SMI# that brings about the next one: between two of them RSM alone retires.
%define GUEST "smi"
%include "lib.inc"
%include "smm.inc"
%include "hostile.inc"
main:
        BEGIN
        call smm_setup
        SMI storm
        jmp $
        bits 16
storm:
        mov edi, SMBASE_HERE + 8000h    ; from here on the handler is these two instructions
        mov dword [edi], 0aa0fb2e6h     ; out 0b2h, al; rsm
        out APMC, al
        ret
        bits 32
image_end:
