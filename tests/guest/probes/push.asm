; push.asm - real-address mode, PUSH with SP 1: there is no room for the frame of #SS either, nor for that of #DF: shutdown.
; Follows: Intel SDM Vol. 2 "PUSH" (the paragraph on SP 1). Boots as a floppy's sector.
bits 16
org 0x7c00
 mov al, 'P'
 out 0xe9, al
 cli
 mov ax, 0x5000
 mov ss, ax
 mov sp, 1
 push ax
 mov al, 'B'
 out 0xe9, al
 out 0xf4, al
 hlt
times 510-($-$$) db 0
dw 0xaa55
