; map.asm - the memory map changes all the time: shadow RAM comes and goes, and the display's memory moves across the RAM.
%define GUEST "map"
%include "lib.inc"
%include "smm.inc"
%include "hostile.inc"
PCI_VGA equ 2 << 11
main:
        BEGIN
.again: mov eax, PCI_HOST | 58h         ; PAM0 to PAM3 are 59h on
        mov edx, 33333300h
        call pci_write
        mov eax, PCI_HOST | 58h
        mov edx, 00003000h
        call pci_write
        mov eax, PCI_VGA | 10h
        mov edx, 00000000h
        call pci_write
        mov eax, PCI_VGA | 10h
        mov edx, 0e0000000h
        call pci_write
        jmp .again
image_end:
