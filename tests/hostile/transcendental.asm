; transcendental.asm - the longest computations of the x87, one after another.
%define GUEST "transcendental"
%include "lib.inc"
%include "hostile.inc"
main:
        BEGIN
        fninit
.again: fldpi
        fldl2e
        fpatan
        fsin
        fld st0
        fyl2x
        fptan
        fstp st0
        fstp st0
        fninit
        fld tword [.large]
        fsincos
        fninit
        jmp .again
.large: dq 0c90fdaa22168c235h
        dw 3fffh + 62
image_end:
