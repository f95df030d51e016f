; ac.asm - what debuggers and strict processors do: a data breakpoint in DR0 (D), the trap flag (T), and #AC for a
; misaligned access at CPL 3 (C). A strict PC prints ADTC; N instead of C means that alignment is not checked.
; Follows: Intel SDM Vol. 3A "Alignment Checking", Vol. 3B "Debug Registers", "Single-Stepping". Prints to port E9, ends
; through port F4 (10h).
bits 16
org 0x7c00
 cli
 xor ax,ax
 mov ds,ax
 lgdt [gdtr]
 lidt [idtr]
 mov eax,cr0
 or eax,0x00040001
 mov cr0,eax
 jmp 8:pm
bits 32
pm: mov ax,16
 mov ds,ax
 mov es,ax
 mov ss,ax
 mov esp,0x7c00
 mov dword [0x600],0
 ; build idt at 0x1000 zeroed by ram; fill vectors 1,17,32
 mov word [0x2000+8],h1
 mov word [0x2000+8+2],8
 mov word [0x2000+8+4],0x8e00
 mov word [0x2000+8+6],0
 mov word [0x2000+136],h17
 mov word [0x2000+136+2],8
 mov word [0x2000+136+4],0x8e00
 mov word [0x2000+136+6],0
 mov word [0x2000+256],h20
 mov word [0x2000+256+2],8
 mov word [0x2000+256+4],0xee00
 mov word [0x2000+256+6],0
 mov edi,0x500
 mov al,'A'
 out 0xe9,al
 mov ax,40
 ltr ax
 mov dword [tss+4],0x7b00
 mov dword [tss+8],16
 ; --- DR0 data write watch at 0x604 (len4, write) ring0
 mov eax,0x604
 mov dr0,eax
 mov eax,0x000d0002
 mov dr7,eax
 mov dword [0x604],1
 xor eax,eax
 mov dr7,eax
 ; --- TF
 pushfd
 or dword [esp],0x100
 popfd
 nop
 pushfd
 and dword [esp],~0x100
 popfd
 ; --- ring 3 AC
 push dword 35
 push dword 0x7a00
 push dword 0x40002
 push dword 27
 push dword u3
 iretd
u3: mov ax,35
 mov ds,ax
 mov eax,[0x601]
 int 0x20
h1: push eax
 mov eax,dr6
 mov [ss:0x608],eax
 test eax,0x4000
 jnz .t
 mov al,'D'
 jmp .o
.t: mov al,'T'
 and dword [ss:esp+12],~0x100
.o: out 0xe9,al
 xor eax,eax
 mov dr6,eax
 pop eax
 iretd
h17: mov al,'C'
 jmp fin
h20: mov al,'N'
fin: out 0xe9,al
 mov al,10
 out 0xe9,al
 mov al,0x10
 out 0xf4,al
 mov dx,0x8900
 mov esi,sd
.l: mov al,[ss:esi]
 inc esi
 test al,al
 jz .h
 out dx,al
 jmp .l
.h: hlt
 jmp .h
sd db 'Shutdown',0
align 4
gdt dq 0
 dq 0x00cf9a000000ffff
 dq 0x00cf92000000ffff
 dq 0x00cffa000000ffff
 dq 0x00cff2000000ffff
tssd equ $-gdt
 dw 103, tss
 db 0,0x89,0,0
tss equ 0x3000
gdtr dw 47
 dd gdt
%macro G 2
 dw %1,8
 db 0,%2
 dw 0
%endmacro
idtr dw 0x20*8+7
 dd idt
idt equ 0x2000

times 510-($-$$) db 0
dw 0xaa55
