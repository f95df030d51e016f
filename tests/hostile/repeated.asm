; repeated.asm - REP MOVSB to a page that is not present, and a handler of #PF that mends nothing.
%define GUEST "repeated"
%include "lib.inc"
%include "pages.inc"
%include "hostile.inc"
main:
        BEGIN
        call make_pages
        PAGING_ON
        GATE PF, for_ever, 8eh
        mov esi, FREE_LOW
        mov edi, WIN
        mov ecx, 1000h
        rep movsb
for_ever:
        add esp, 4
        iretd
image_end:
