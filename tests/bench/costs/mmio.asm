; A device's memory: a load from the I/O APIC's index register, or (TEXT) a store to the text screen's.
OPS     equ 4000
setup:  mov dword [0fec00000h], 1
        ret
round:  mov ecx, OPS / 16
        mov esi, 0fec00000h
        mov edi, 0b8000h
        mov eax, 07200720h
.more:
%rep 16
%ifdef TEXT
        mov [edi], eax
%else
        mov eax, [esi]
%endif
%endrep
        dec ecx
        jnz .more
        add [sum], eax
        ret
