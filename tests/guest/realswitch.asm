; realswitch.asm - into protected mode and back, step by step: LMSW, CR0.PE; the hidden parts of the segment registers stay
; until one is loaded.
; Follows: Intel SDM Vol. 3A "Switching to Protected Mode", "Switching Back to Real-Address Mode"; Vol. 2 "LMSW".
%define GUEST "realswitch"
%include "lib.inc"
%include "real.inc"

main:
        call real_setup
        TRY "LMSW sets PE and does not clear it"
        REAL
        smsw ax
        or al, 1
        lmsw ax
        mov ecx, cr0
        and al, 0feh
        lmsw ax
        mov edx, cr0
        mov eax, edx
        and al, 0feh
        mov cr0, eax
        mov ebx, cr0
        CAUGHT OK, NONE
        CHECK_BITS "set", [rec.ecx], 1, 1
        CHECK_BITS "not cleared", [rec.edx], 1, 1
        CHECK_BITS "MOV CR0 clears it", [rec.ebx], 1, 0
        TRY "PE set: the segments are still those of real mode"
        REAL
        mov ax, FREE_LOW >> 4
        mov fs, ax
        mov dword [FREE_LOW + 8], 13572468h
        SET_CR0 -1, 1
        mov ecx, [fs:8]
        mov dx, fs
        and al, 0feh
        mov cr0, eax
        CAUGHT OK, NONE
        CHECK "FS's base", dword [rec.ecx], 13572468h
        CHECK_BITS "FS", [rec.edx], 0ffffh, FREE_LOW >> 4
        mov dword [FREE_HIGH], 24681357h
        TRY "a segment loaded with PE set serves without: base and limit"
        REAL_WITH DATA32
        mov ecx, [dword FREE_HIGH]
        mov ax, FREE_LOW >> 4
        mov es, ax                              ; the base changes, the limit stays
        mov edx, [es:dword FREE_HIGH - FREE_LOW]
        CAUGHT OK, NONE
        CHECK "beyond 64 KB", dword [rec.ecx], 24681357h
        CHECK "after a load in real mode", dword [rec.edx], 24681357h
        TRY "with 64 KB again: #GP"
        REAL
        AT
        mov ecx, [dword FREE_HIGH]
        CAUGHT GP, NONE
        DESC FREE, 100h, 0ffffh, A_CODE16
        TRY "CS until the far jump"
        jmp FREE:.based - 100h
        bits 16
.based: lidt [cs:real_idt - 100h]
        mov ax, DATA16
        mov ss, ax
        mov eax, cr0
        and al, 0feh
        mov cr0, eax
        mov cx, cs
        int 40h                                 ; pushes the selector
        CAUGHT 40h, NONE
        CHECK_BITS "the selector", [rec.ecx], 0ffffh, FREE
        CHECK "... pushed", dword [rec.cs], FREE
        TRY "32-bit code stays so with PE cleared"
        mov eax, cr0
        and al, 0feh
        mov cr0, eax
        mov ecx, 12345678h                      ; five bytes: still 32-bit code
        mov edx, [FREE_HIGH]
        SET_CR0 -1, 1
        CAUGHT OK, NONE
        CHECK "a 32-bit immediate", dword [rec.ecx], 12345678h
        CHECK "DS: still flat", dword [rec.edx], 24681357h
        DONE
image_end:
