; The x87: WHAT is LOAD (FLD and FSTP of 64 bits), ADD (FADD of registers) or SINE (FSIN of what was loaded).
OPS     equ 4000
%define LOAD 1
%define ADD 2
%define SINE 3
setup:  fld qword [little]
        fld1
        ret
round:  mov ecx, OPS / 8
.more:
%rep 8
%if WHAT = LOAD
        fld qword [angle]
        fstp qword [result]
%elif WHAT = ADD
        fadd st0, st1
%else
        fld qword [angle]
        fsin
        fstp st0
%endif
%endrep
        dec ecx
        jnz .more
%if WHAT = ADD
        fist dword [result]
%endif
        mov eax, [result]
        add [sum], eax
        ret
        align 4096
little:   dq 0.001
angle:    dq 0.7
result:     dq 0
