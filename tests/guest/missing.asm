; missing.asm - asks for what is not there and leaves chips half set up: tests/boot/log.sh looks at what the log says of it. Here
; it is only checked that the processor does what the manual says: SDM Vol. 2 "RDMSR", "WRMSR", "MOV - Move to/from Control
; Registers", "CPUID" (a leaf beyond the highest is answered as the highest).
%define GUEST "missing"
%include "lib.inc"

main:
        TRY "RDMSR of none"
        mov ecx, 12345h
        rdmsr
        CAUGHT GP, 0
        TRY "WRMSR of none"
        mov ecx, 12346h
        wrmsr
        CAUGHT GP, 0
        TRY "reserved bit of CR4"
        mov eax, cr4
        or eax, 1 << 21
        mov cr4, eax
        CAUGHT GP, 0
        xor eax, eax
        cpuid
        push eax
        xor ecx, ecx
        cpuid
        mov [highest], ebx
        pop eax
        mov eax, 1234h
        xor ecx, ecx
        cpuid
        CHECK "CPUID beyond the end is the last leaf", ebx, [highest]
        mov dx, 1234h
        mov ecx, 25
.in:    in al, dx
        loop .in
        movzx eax, al
        CHECK "a port with nobody there", eax, 0ffh
        out dx, ax
        mov eax, [0d0000000h]
        CHECK "memory with nothing there", eax, -1
        mov word [0d0000ffeh], 7        ; the same page again: another line, since it is a write
        mov eax, [0d0000010h]
        call chips
        DONE

; Data sheets: 8259A "Initialization Sequence", 8254 "Write Operations", 8237A "Clear First/Last Flip-Flop", PC16550D "Line
; Control Register", 82077AA "Command Phase", IBM PS/2 "Keyboard and Auxiliary Device Controller".
chips:  mov al, 11h                     ; pic2: ICW1, ICW2, then the mask is read
        out 0a0h, al
        mov al, 70h
        out 0a1h, al
        in al, 0a1h
        mov al, 2
        out 0a1h, al
        mov al, 0fdh                    ; a mask where ICW4 is due
        out 0a1h, al
        mov al, 11h
        out 0a0h, al
        mov al, 20h                     ; an end of interrupt where ICW2 is due
        out 0a0h, al
        mov al, 70h
        out 0a1h, al
        mov al, 2
        out 0a1h, al
        mov al, 1
        out 0a1h, al
        mov al, 0ffh
        out 0a1h, al
        mov al, 0b4h                    ; counter 2: two bytes, one of them comes
        out 43h, al
        mov al, 12h
        out 42h, al
        in al, 42h
        mov al, 0
        out 42h, al
        out 0ch, al                     ; channel 1's address: one byte comes
        mov al, 34h
        out 2, al
        mov al, 1
        out 0ah, al
        mov al, 5
        out 0ah, al
        out 0ch, al
        mov dx, 2fbh                    ; COM2: DLAB is left set
        mov al, 83h
        out dx, al
        mov dx, 2fdh
        in al, dx
        mov dx, 2f8h
        mov al, 'A'
        out dx, al
        mov dx, 2fbh
        mov al, 3
        out dx, al
        mov dx, 3f5h                    ; SPECIFY has three bytes
        mov al, 3
        out dx, al
        in al, dx
        mov al, 0dfh
        out dx, al
        mov al, 2
        out dx, al
        mov al, 0d1h                    ; write output port: the byte does not come
        out 64h, al
        mov al, 0a7h                    ; mouse off
        out 64h, al
        ret

highest dd 0
image_end:
