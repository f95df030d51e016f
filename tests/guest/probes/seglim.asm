; seglim.asm - a store past a data segment's limit must raise #GP: a strict PC prints AG, a lax one AN.
; Follows: Intel SDM Vol. 3A "Limit Checking". Boots as a floppy's sector, prints to port E9, ends through port F4 (10h).
bits 16
org 0x7c00
start:
 cli
 xor ax,ax
 mov ds,ax
 mov ss,ax
 mov sp,0x7c00
 lgdt [gdtr]
 lidt [idtr]
 mov eax,cr0
 or al,1
 mov cr0,eax
 jmp 8:pm
bits 32
pm:
 mov ax,24
 mov es,ax        ; flat
 mov ss,ax
 mov esp,0x7c00
 mov al,'A'
 out 0xe9,al
 mov ax,16
 mov ds,ax        ; limit 0xfff
 mov dword [0x2000],0x12345678   ; must #GP(0)
 mov al,'N'      ; no fault
 out 0xe9,al
 jmp done
gp:
 mov al,'G'
 out 0xe9,al
done:
 mov al,10
 out 0xe9,al
 mov al,0x10
 out 0xf4,al
 ; bochs shutdown port
 mov dx,0x8900
 mov esi,sdmsg
.l: mov al,[cs:esi]
 inc esi
 test al,al
 jz .h
 out dx,al
 jmp .l
.h: hlt
 jmp .h
sdmsg db 'Shutdown',0
align 8
gdt dq 0
 dq 0x00cf9a000000ffff
 dq 0x0040920000000fff
 dq 0x00cf92000000ffff
gdtr dw 31
 dd gdt
idt:
%rep 13
 dq 0
%endrep
 dw gp
 dw 8
 db 0,0x8e
 dw 0
idtr dw $-idt-1
 dd idt
times 510-($-$$) db 0
dw 0xaa55
