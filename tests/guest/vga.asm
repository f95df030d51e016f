; vga.asm - what the processor sees at A0000 when the adapter changes what is there: DISPI's bank out of text mode, code in
; a bank that is switched below it, and back; and a retrace that comes at the same moment in every engine.
; Follows: "Bochs VBE Display API"; IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem".
%define GUEST "vga"
%include "lib.inc"
%include "board.inc"

%macro DISPI 2                                  ; register, value
        mov dx, 1ceh
        mov ax, %1
        out dx, ax
        inc dx
        mov ax, %2
        out dx, ax
%endmacro
%macro BANK 1
        DISPI 5, %1
%endmacro
BANKED  equ 0a0000h
TEXT    equ 0b8000h

main:
        mov word [TEXT], 1f56h
        mov eax, [BANKED]
        CHECK "text mode: nobody at A0000", eax, -1
        mov dword [BANKED], 12345678h           ; now in every TLB
        DISPI 4, 0
        DISPI 1, 640
        DISPI 2, 480
        DISPI 3, 8
        DISPI 4, 81h                            ; enabled, the memory kept
        mov dword [BANKED], 11111111h
        BANK 1
        mov dword [BANKED], 22222222h
        BANK 0
        mov eax, [BANKED]
        CHECK "bank 0", eax, 11111111h
        BANK 1
        mov eax, [BANKED]
        CHECK "bank 1", eax, 22222222h
        mov eax, [TEXT]
        CHECK "nobody at B8000", eax, -1

        mov byte [BANKED], 0b8h                 ; mov eax, 10ah; ret
        mov dword [BANKED + 1], 10ah
        mov byte [BANKED + 5], 0c3h
        BANK 0
        mov byte [BANKED], 0b8h
        mov dword [BANKED + 1], 20bh
        mov byte [BANKED + 5], 0c3h
        mov ecx, 100
        xor ebx, ebx
.call:  mov eax, BANKED
        call eax
        add ebx, eax
        mov dx, 1cfh                            ; the index is still the bank's
        mov eax, ecx
        and eax, 1
        out dx, ax
        loop .call
        CHECK "code in two banks", ebx, 51 * 20bh + 49 * 10ah

        DISPI 4, 0
        mov eax, [BANKED]
        CHECK "DISPI off: nobody at A0000", eax, -1
        movzx eax, word [TEXT]
        mov word [TEXT], 0720h
        movzx ebx, word [TEXT]
        CHECK "text again", ebx, 0720h

        mov dx, 3dah                            ; three retraces
        mov ecx, 3
        xor ebx, ebx
.shown: in al, dx
        inc ebx
        test al, 8
        jnz .shown
.wait:  in al, dx
        inc ebx
        test al, 8
        jz .wait
        test al, 1
        jz .bad
        loop .shown
.bad:   CHECK "display enable is off in each", ecx, 0
        DONE

image_end:
