; clock.asm - boot sector that writes a byte to port E9h for each 18 ticks of the BIOS's clock (18 x 65536 / 1193182 s of the
; guest's time), while it works or, with BUSY = 0, sleeps.
%ifndef BUSY
%define BUSY 1
%endif
        bits 16
        org 7c00h
        xor ax, ax
        mov ds, ax
        sti
        mov ebx, [46ch]
next:   add ebx, 18
.wait:
%if BUSY
        mov cx, 1000
.work:  imul ax, cx
        add dx, ax
        loop .work
%else
        hlt
%endif
        cmp ebx, [46ch]
        ja .wait
        mov al, '.'
        out 0e9h, al
        jmp next
        times 510 - ($ - $$) db 0
        dw 0aa55h
