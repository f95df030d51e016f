; tf.asm - a triple fault: no interrupt table, then INT3. It must be reported with its chain of causes.
; Follows: Intel SDM Vol. 3A "Interrupt 8 - Double Fault Exception". Boots as a floppy's sector.
bits 16
org 0x7c00
 cli
 lidt [z]
 int3
z dw 0
 dd 0
times 510-($-$$) db 0
dw 0xaa55
