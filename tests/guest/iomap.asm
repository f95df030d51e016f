; iomap.asm - the I/O permission bitmap: every width at every place of a byte, the two bytes that are read, the limit of the
; TSS, where the map may lie, IOPL against CPL, virtual-8086 mode, string instructions.
; Follows: Intel SDM Vol. 1 "I/O Privilege Level", "I/O Permission Bit Map"; Vol. 2 "IN", "OUT", "INS", "OUTS".
%define GUEST "iomap"
%include "lib.inc"
%include "inner.inc"

T16   equ INNER_FREE
MAP   equ 68h + 64
PORT  equ 80h                   ; to 8fh: the firmware's checkpoints and page registers of DMA channels that nobody uses

; name, vector, error, instruction; in ring 3 with IOPL 0
%macro IO 4
        TRY %1
        USER
        mov esi, FREE_LOW
        mov edi, FREE_LOW
        mov ecx, 2
        AT
        %4
        CAUGHT %2, %3
%endmacro

main:
        mov word [tss.map], MAP
        TSS_LIMIT MAP + 8192

        ; ---- each bit of 16 ports denied alone, against reads of 1, 2 and 4 bytes at each of 8 places ----
        mov dword [case], 0                     ; bits 0 to 3: port denied, 4 to 6: port, 7 and 8: width, 9: virtual-8086 mode
  .case:
        mov eax, [case]
        mov ecx, eax
        and ecx, 0fh
        mov word [tss + MAP + PORT / 8], 0
        bts word [tss + MAP + PORT / 8], cx
        mov edx, eax
        shr edx, 4
        and edx, 7
        mov ebx, eax
        shr ebx, 7
        and ebx, 3
        cmp ebx, 3
        je .next
        mov esi, 1
        xchg ecx, ebx
        shl esi, cl                             ; width in bytes
        xchg ecx, ebx
        mov dword [want], OK
        cmp ecx, edx
        jb .allowed
        lea edi, [edx + esi]
        cmp ecx, edi
        jae .allowed
        mov dword [want], GP
  .allowed:
        add edx, PORT
        TRY "bit of the map"
        test dword [case], 200h
        jnz .v86
        USER
        cmp esi, 2
        jb .byte
        je .word
        in eax, dx
        int OK
  .word:
        in ax, dx
        int OK
  .byte:
        in al, dx
        int OK
  .v86: V86
        cmp si, 2
        jb .byte86
        je .word86
        in eax, dx
        int OK
  .word86:
        in ax, dx
        int OK
  .byte86:
        in al, dx
        CAUGHT_ANY
        mov eax, [case]
        shl eax, 8
        mov ebx, eax
        or eax, [rec.vec]
        or ebx, [want]
        CHECK "bit of the map: case and vector", eax, ebx
  .next:
        inc dword [case]
        cmp dword [case], 400h
        jb .case
        mov word [tss + MAP + PORT / 8], 0

        ; ---- the limit: of port p the bytes p / 8 and p / 8 + 1 are read ----
        TSS_LIMIT MAP + PORT / 8 + 1
        IO "port 80h, the limit has its two bytes", OK, NONE, {in al, 80h}
        IO "port 87h, the same", OK, NONE, {in al, 87h}
        IO "port 88h: the second byte is beyond", GP, 0, {in al, 88h}
        IO "two bytes at 87h: the limit has both", OK, NONE, {in ax, 87h}
        TSS_LIMIT MAP + PORT / 8
        IO "port 80h, one byte less", GP, 0, {in al, 80h}
        IO "port 7fh", OK, NONE, {in al, 7fh}
        TSS_LIMIT MAP - 1
        IO "the map begins beyond the limit", GP, 0, {in al, 0}
        TSS_LIMIT MAP + 8192
        mov byte [tss + MAP + 8192], 0ffh
        TRY "port FFFFh, the byte of ones behind the map"
        USER
        mov edx, 0ffffh
        in al, dx
        CAUGHT OK, NONE
        TRY "two bytes at FFFFh: the byte of ones denies"
        USER
        mov edx, 0ffffh
        AT
        in ax, dx
        CAUGHT GP, 0
        TSS_LIMIT MAP + 8191
        TRY "port FFFFh without that byte"
        USER
        mov edx, 0ffffh
        AT
        in al, dx
        CAUGHT GP, 0
        TSS_LIMIT MAP + 8192
        mov word [tss.map], MAP + 8192
        IO "map at the last byte", GP, 0, {in al, 0}
        mov word [tss.map], 0ffffh
        IO "map at FFFFh", GP, 0, {in al, 80h}
        mov word [tss.map], 68h
        IO "map at 68h", OK, NONE, {in al, 80h}
        mov word [tss.map], MAP
        TSS_LIMIT 67h
        IO "TSS without a map", GP, 0, {in al, 80h}
        DESC T16, tss16, 2bh, 81h
        mov eax, T16
        ltr ax
        IO "16-bit TSS", GP, 0, {in al, 80h}
        TSS_LIMIT MAP + 8192

        ; ---- every instruction; memory is looked at after permission, and nothing is done ----
        mov word [tss + MAP + PORT / 8], 0ffffh
        IO "IN AL", GP, 0, {in al, 80h}
        IO "IN EAX", GP, 0, {in eax, 80h}
        IO "OUT AX", GP, 0, {out 80h, ax}
        TRY "OUT DX"
        USER
        mov edx, PORT
        AT
        out dx, eax
        CAUGHT GP, 0
%macro STRINGS 1                ; instruction
        TRY "string instruction"
        USER
        mov edx, PORT
        mov ecx, 2
        xor esi, esi
        mov es, si
        mov ds, si
        mov esi, 1234h
        mov edi, 5678h
        AT
        %1
        CAUGHT GP, 0
        CHECK "ECX", dword [rec.ecx], 2
        CHECK "ESI", dword [rec.esi], 1234h
        CHECK "EDI", dword [rec.edi], 5678h
%endmacro
        STRINGS insb
        STRINGS {rep insd}
        STRINGS outsw
        STRINGS {rep outsb}
        TRY "REP with a count of 0 asks all the same"    ; Vol. 2 "INS" has the check, "REP" not its order: as processors do
        USER
        mov edx, PORT
        xor ecx, ecx
        rep outsb
        CAUGHT GP, 0
        mov word [tss + MAP + PORT / 8], 0

        ; ---- IOPL against CPL; no bitmap needed at or below it ----
        call make_rings
        mov word [tss + MAP + PORT / 8], 0ffffh
        mov dword [case], 0                     ; bits 0 and 1: IOPL, 2 and 3: CPL
  .rings:
        TRY "IOPL and CPL"
        call ring
        in al, PORT
        CAUGHT_ANY
        mov eax, [case]
        mov ebx, eax
        and eax, 3
        shr ebx, 2
        mov ecx, OK
        cmp ebx, eax
        jbe .may
        mov ecx, GP
  .may: mov eax, [case]
        shl eax, 8
        or ecx, eax
        or eax, [rec.vec]
        CHECK "IOPL and CPL", eax, ecx
        inc dword [case]
        cmp dword [case], 16
        jb .rings
        TRY "virtual-8086 mode asks the map whatever IOPL is"
        V86
        AT
        in al, PORT
        CAUGHT GP, 0
        mov word [tss + MAP + PORT / 8], 0
        TRY "virtual-8086 mode, IOPL 0, allowed"
        V86 2
        mov dx, PORT
        in al, dx
        ud2
        CAUGHT UD, NONE
        DONE

; By the case: IOPL in bits 0 and 1, the ring in 2 and 3.
ring:   mov ecx, [case]
        mov eax, ecx
        and eax, 3
        shl eax, 12
        or eax, 2
        shr ecx, 2
        jmp enter_ring

tss16:  dw 0, INNER_STACK, DATA32
        times 2ch - 6 db 0
case    dd 0
want    dd 0
image_end:
