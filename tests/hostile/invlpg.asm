; invlpg.asm - parts of a large page are used, and it is invalidated, again and again.
; stop at: 27000us
%define GUEST "invlpg"
%include "lib.inc"
%include "pages.inc"
%include "hostile.inc"
main:
        BEGIN
        call make_pages
        mov dword [PD + 4], 400000h | PS_ | W | P
        mov eax, cr4
        or al, 10h                      ; PSE
        mov cr4, eax
        PAGING_ON
.again: mov eax, [400000h]
        invlpg [400000h]
        jmp .again
image_end:
