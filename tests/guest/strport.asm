; strport.asm - INS and OUTS with REP: the permission and the segment come before the port (the page too: strtrap.asm). The
; ports are a byte of the CMOS RAM, port 61h and port 80h.
; Follows: Intel SDM Vol. 2 "INS", "OUTS", "REP/REPE/REPZ/REPNE/REPNZ"; Vol. 1 "I/O Permission Bit Map".
%define GUEST "strport"
%include "lib.inc"
%include "strings.inc"

LIMITED equ FREE                        ; data of 64 bytes at BUF

main:
        call open_ports
        mov edi, BUF
        mov ecx, 100h
        call fill
        TRY "OUTSB to port 80h, INSB from port 61h"
        mov edx, 80h
        mov esi, BUF
        mov ecx, 4
        rep outsb
        mov ebx, esi
        mov edx, 61h
        mov edi, BUF + 0c0h
        mov ecx, 2
        rep insb
        CAUGHT OK, NONE
        CHECK "ESI", dword [rec.ebx], BUF + 4
        CHECK "EDI", dword [rec.edi], BUF + 0c2h
        CHECK "ECX", dword [rec.ecx], 0
        mov al, 40h                             ; CMOS RAM as a register
        out 70h, al
        in al, 71h
        mov [.old], al
        mov al, 5ah
        out 71h, al
        mov byte [tss + 68h + 71h / 8], 1 << (71h & 7)
        TRY "OUTSB: the bitmap denies, nothing is written"
        USER
        mov edx, 71h
        mov esi, BUF
        mov ecx, 3
        AT
        rep outsb
        CAUGHT GP, 0
        CHECK "ESI", dword [rec.esi], BUF
        CHECK "ECX", dword [rec.ecx], 3
        mov al, 40h
        out 70h, al
        in al, 71h
        movzx eax, al
        CHECK "the port", eax, 5ah
        TRY "INSB: the bitmap denies"
        USER
        mov edx, 71h
        mov edi, BUF + 0c0h
        mov ecx, 3
        mov byte [BUF + 0c0h], 99h
        AT
        rep insb
        CAUGHT GP, 0
        CHECK "ECX", dword [rec.ecx], 3
        CHECK_BITS "memory", [BUF + 0c0h], 0ffh, 99h
        TRY "OUTSW: its second port"
        USER
        mov edx, 70h
        mov esi, BUF
        AT
        outsw
        CAUGHT GP, 0
        TRY "with ECX 0 the bitmap is asked all the same"
        USER
        mov edx, 71h
        xor ecx, ecx
        rep insb
        CAUGHT GP, 0
        TRY "V86: the bitmap whatever IOPL"
        V86
        mov dx, 71h
        mov si, BUF
        mov cx, 1
        AT
        rep outsb
        CAUGHT GP, 0
        mov byte [tss + 68h + 71h / 8], 0
        TRY "V86 allowed"
        V86
        mov dx, 80h
        mov si, BUF
        mov cx, 2
        rep outsb
        CAUGHT OK, NONE
        CHECK_BITS "SI", [rec.esi], 0ffffh, BUF + 2
        DESC LIMITED, BUF, 3fh, A_DATA
        TRY "OUTSB: the segment's limit before the port"
        mov ax, LIMITED
        mov ds, ax
        mov edx, 71h
        mov esi, 40h
        AT
        outsb
        CAUGHT GP, 0
        in al, 71h
        movzx eax, al
        CHECK "the port", eax, 5ah
        TRY "INSB: the limit in the middle"
        mov ax, LIMITED
        mov es, ax
        mov edx, 61h
        mov edi, 3eh
        mov ecx, 5
        AT
        rep insb
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], 40h
        CHECK "ECX", dword [rec.ecx], 3
        mov al, 40h
        out 70h, al
        mov al, [.old]
        out 71h, al
        DONE
.old    db 0
        align 4
image_end:
