; pagefault.asm - the handler of #PF lies in a page that is not present.
%define GUEST "pagefault"
%include "lib.inc"
%include "pages.inc"
%include "hostile.inc"
main:
        BEGIN
        call make_pages
        PAGING_ON
        ROUND_STACK
        GATE PF, WIN, 8eh
        jmp WIN
image_end:
