; Strings: WHAT is LODS, STOS, MOVS (of 32 bits, without REP), or COPY or FILL of BYTES bytes by REP MOVSD or STOSD, as memcpy and memset
; have them for what is short.
OPS     equ 4000
%define LODS 1
%define STOS 2
%define MOVS 3
%define COPY 4
%define FILL 5
setup:  ret
round:  cld
        mov ebx, OPS / 8
        mov eax, ebx
.more:  mov esi, HEAP
        mov edi, HEAP + 2000h
%rep 8
%if WHAT = LODS
        lodsd
%elif WHAT = STOS
        stosd
%elif WHAT = MOVS
        movsd
%elif WHAT = COPY
        mov ecx, BYTES / 4
        rep movsd
%else
        mov ecx, BYTES / 4
        rep stosd
%endif
%endrep
        dec ebx
        jnz .more
        add eax, [HEAP + 2000h]
        add [sum], eax
        ret
