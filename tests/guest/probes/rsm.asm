; rsm.asm - RSM from a state save map that cannot be: CR0.PG without CR0.PE: shutdown.
; Follows: Intel SDM Vol. 3C "Exiting From SMM"; 82371AB (PIIX4) data sheet "DEVACTB", "GLBCTL". Boots as a floppy's sector.
; Where the firmware left SMBASE is not known: the handler goes to 38000h and, with SMRAM open, to A8000h.
bits 16
org 0x7c00
 cli
 xor ax, ax
 mov ds, ax
 cld
 mov eax, 0x80000070
 call config
 mov dx, 0xcfe
 mov al, 0x4a
 out dx, al
 mov ax, 0x3000
 call install
 mov ax, 0xa000
 call install
 mov eax, 0x80000b58
 call config
 in eax, dx
 or eax, 1 << 25
 out dx, eax
 mov eax, 0x80000b40
 call config
 in eax, dx
 and ax, 0xffc0
 lea dx, [eax + 0x28]
 in eax, dx
 or al, 1
 out dx, eax
 out 0xb2, al
 mov al, 'B'
 out 0xe9, al
 out 0xf4, al
 hlt
install:
 mov es, ax
 mov si, handler
 mov di, 0x8000
 mov cx, handler_end - handler
 rep movsb
 ret
config:
 mov dx, 0xcf8
 out dx, eax
 mov dx, 0xcfc
 ret
handler:
 mov al, 'S'
 out 0xe9, al
 mov dword [cs:0xfffc], 0x80000010
 rsm
handler_end:
times 510-($-$$) db 0
dw 0xaa55
