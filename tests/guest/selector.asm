; selector.asm - LAR, LSL, VERR, VERW, ARPL: which types they accept, privilege, what they return; SLDT, STR, LTR, LLDT,
; and the loads that null and conforming selectors allow.
; Follows: Intel SDM Vol. 2 "LAR", "LSL", "VERR/VERW", "ARPL", "LTR", "LLDT"; Vol. 3A "Pointer Validation".
%define GUEST "selector"
%include "lib.inc"

D0   equ FREE                   ; data, ring 0, limit 1234h
D3   equ FREE + 8h              ; data, ring 3, read-only, not present
E0   equ FREE + 10h             ; expand-down
X0   equ FREE + 18h             ; execute-only code
C0   equ FREE + 20h             ; conforming readable code, ring 0
S    equ FREE + 28h             ; system, types tried in turn
G4   equ FREE + 30h             ; data, 4K granularity
TSS2 equ FREE + 38h

%macro ZF 2                     ; name, 1 or 0
        CHECK_FLAG %1, F_ZF, (%2) << 6
%endmacro
%macro SYSTEM 3                 ; type, does LAR accept it, does LSL
        mov byte [gdt + S + 5], 80h | (%1)
        mov eax, S
        lar ebx, eax
        ZF "LAR of a system type", %2
        lsl ebx, eax
        ZF "LSL of a system type", %3
        verr ax
        ZF "VERR of a system type", 0
%endmacro

main:
        DESC D0, 123456h, 1234h, A_DATA | 1000h
        DESC D3, 0, 0ffh, (A_DATA | A_RING3) & ~82h
        DESC E0, 0, 7fffh, A_DATA | 4
        DESC X0, 0, 0ffffh, A_CODE & ~2
        DESC C0, 0, 0ffffh, A_CODE | 4
        DESC G4, 0, 12345h, A_DATA | A_4K
        DESC S, 0, 0ffffh, 80h

        mov eax, D0
        lar ebx, eax
        ZF "LAR", 1
        and ebx, 00f0ff00h
        CHECK "access rights", ebx, 00509200h
        mov ebx, -1
        lar bx, ax
        CHECK "LAR r16", ebx, 0ffff9200h
        lsl ebx, eax
        ZF "LSL", 1
        CHECK "limit", ebx, 1234h
        mov eax, G4
        lsl ebx, eax
        CHECK "limit of 4K granularity", ebx, 12345fffh
        mov ebx, 0aaaaaaaah
        lsl bx, ax
        CHECK "LSL r16", ebx, 0aaaa5fffh
        mov eax, D3 | 3
        lar ebx, eax
        ZF "LAR does not look at P", 1
        lsl ebx, eax
        ZF "LSL does not look at P", 1
        verr ax
        ZF "VERR does not look at P", 1
        verw ax
        ZF "VERW of read-only data", 0
        mov eax, 0
        mov ebx, 12345678h
        lar ebx, eax
        ZF "LAR of null", 0
        CHECK "keeps the register", ebx, 12345678h
        lsl ebx, eax
        ZF "LSL of null", 0
        verr ax
        ZF "VERR of null", 0
        verw ax
        ZF "VERW of null", 0
        mov eax, GDT_SIZE
        lar ebx, eax
        ZF "LAR beyond the GDT", 0
        verr ax
        ZF "VERR beyond the GDT", 0
        mov eax, 0ch
        lsl ebx, eax
        ZF "LSL in an LDT that is not there", 0
        mov eax, D0 | 3
        lar ebx, eax
        ZF "RPL above DPL", 0
        verr ax
        ZF "VERR, RPL above DPL", 0
        mov eax, E0
        verr ax
        ZF "VERR of expand-down", 1
        verw ax
        ZF "VERW of expand-down", 1
        lsl ebx, eax
        CHECK "LSL of expand-down", ebx, 7fffh
        mov eax, X0
        verr ax
        ZF "VERR of execute-only code", 0
        lar ebx, eax
        ZF "LAR of execute-only code", 1
        mov eax, C0 | 3
        verr ax
        ZF "VERR of conforming code, RPL 3", 1
        lar ebx, eax
        ZF "LAR of conforming code, RPL 3", 1
        lsl ebx, eax
        ZF "LSL of conforming code, RPL 3", 1
        verw ax
        ZF "VERW of code", 0

        ; Vol. 2 "LAR", table "Segment and Gate Types"; "LSL", likewise
        SYSTEM 0, 0, 0
        SYSTEM 1, 1, 1          ; available 16-bit TSS
        SYSTEM 2, 1, 1          ; LDT
        SYSTEM 3, 1, 1          ; busy 16-bit TSS
        SYSTEM 4, 1, 0          ; 16-bit call gate
        SYSTEM 5, 1, 0          ; task gate
        SYSTEM 6, 0, 0
        SYSTEM 7, 0, 0
        SYSTEM 8, 0, 0
        SYSTEM 9, 1, 1          ; available 32-bit TSS
        SYSTEM 10, 0, 0
        SYSTEM 11, 1, 1         ; busy 32-bit TSS
        SYSTEM 12, 1, 0         ; 32-bit call gate
        SYSTEM 13, 0, 0
        SYSTEM 14, 0, 0
        SYSTEM 15, 0, 0
        movzx eax, byte [gdt + S + 5]
        CHECK "LAR sets no accessed bit", eax, 8fh

        TRY "in ring 3"
        USER
        mov eax, DATA32
        lar ebx, eax
        setz cl
        verr ax
        setz ch
        mov eax, UDATA
        verw ax
        setz dl
        mov eax, CODE32
        lsl ebx, eax
        setz dh
        CAUGHT OK, NONE
        CHECK_BITS "LAR and VERR of ring 0's data", [rec.ecx], 0ffffh, 0
        CHECK_BITS "VERW of ring 3's, LSL of ring 0's code", [rec.edx], 0ffffh, 1
        ; ---- ARPL ----
        mov eax, 50h
        mov ecx, 3
        arpl ax, cx
        ZF "ARPL raises", 1
        CHECK "RPL", eax, 53h
        mov eax, 53h
        mov ecx, 1
        arpl ax, cx
        ZF "ARPL leaves", 0
        CHECK "RPL", eax, 53h
        mov dword [scratch], 0ffff0050h
        mov ecx, 2
        arpl [scratch], cx
        CHECK "ARPL of memory", dword [scratch], 0ffff0052h
        TRY "ARPL that changes nothing still needs no write"
        mov ecx, 0
        arpl [scratch], cx
        CAUGHT OK, NONE

        ; ---- LTR, LLDT ----
        TRY "LTR null"
        xor eax, eax
        AT
        ltr ax
        CAUGHT GP, 0
        TRY "LTR of the busy TSS"
        mov eax, TSS
        AT
        ltr ax
        CAUGHT GP, TSS
        TRY "LTR of data"
        mov eax, D0
        AT
        ltr ax
        CAUGHT GP, D0
        TRY "LTR in the LDT"
        mov eax, 0ch
        AT
        ltr ax
        CAUGHT GP, 0ch
        DESC TSS2, tss, 67h, 09h
        TRY "LTR of a TSS not present"
        mov eax, TSS2
        AT
        ltr ax
        CAUGHT NP, TSS2
        DESC TSS2, tss, 67h, 89h
        TRY "LTR sets busy"
        mov eax, TSS2
        ltr ax
        str ebx
        CAUGHT OK, NONE
        movzx eax, byte [gdt + TSS2 + 5]
        CHECK "type", eax, 8bh
        CHECK "STR", dword [rec.ebx], TSS2
        TRY "LTR in ring 3"
        USER
        AT
        ltr ax
        CAUGHT GP, 0
        TRY "LLDT of data"
        mov eax, D0
        AT
        lldt ax
        CAUGHT GP, D0
        DESC LDT, 0, 0ffh, 02h
        TRY "LLDT not present"
        mov eax, LDT
        AT
        lldt ax
        CAUGHT NP, LDT
        DESC LDT, ldt, 0fh, 82h
        TRY "LLDT, a segment of it"
        mov eax, LDT
        lldt ax
        mov eax, 0ch
        mov fs, ax
        mov eax, [fs:0]
        sldt ebx
        CAUGHT OK, NONE
        CHECK "through FS", dword [rec.eax], 0cafef00dh
        CHECK "SLDT", dword [rec.ebx], LDT
        TRY "beyond the LDT"
        mov eax, 14h
        AT
        mov fs, ax
        CAUGHT GP, 14h
        TRY "LDT, index 0 is no null"
        mov eax, 4
        AT
        mov fs, ax
        CAUGHT GP, 4
        TRY "LLDT null: no LDT any more"
        xor eax, eax
        lldt ax
        mov eax, 0ch
        AT
        mov fs, ax
        CAUGHT GP, 0ch

        ; ---- loads of data segment registers ----
        TRY "null with any RPL"
        mov eax, 3
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        CAUGHT OK, NONE
        CHECK "FS keeps the RPL", dword [rec.fs], 3
        TRY "ring 3 loads ring 0's data"
        USER
        mov eax, DATA32
        AT
        mov es, ax
        CAUGHT GP, DATA32
        TRY "ring 3 loads conforming code of ring 0"
        USER
        mov eax, C0 | 3
        mov es, ax
        CAUGHT OK, NONE
        TRY "ring 0 loads ring 0's data with RPL 3"
        mov eax, D0 | 3
        AT
        mov es, ax
        CAUGHT GP, D0
        TRY "SS: RPL must be CPL"
        mov eax, DATA32 | 3
        AT
        mov ss, ax
        CAUGHT GP, DATA32
        TRY "SS: DPL must be CPL"
        mov eax, UDATA & ~3
        AT
        mov ss, ax
        CAUGHT GP, UDATA & ~3
        TRY "LSS keeps the register when the selector is bad"
        mov ecx, 77h
        AT
        lss ecx, [bad_pointer]
        CAUGHT GP, TSS
        CHECK "ECX", dword [rec.ecx], 77h
        TRY "MOV r32, segment: upper half"
        mov eax, -1
        mov eax, ds
        mov ebx, -1
        mov bx, ds
        mov dword [scratch], -1
        mov [scratch], ds
        CAUGHT OK, NONE
        CHECK "register of 32 bits", dword [rec.eax], DATA32
        CHECK "register of 16 bits", dword [rec.ebx], 0ffff0000h | DATA32
        CHECK "memory: 16 bits", dword [scratch], 0ffff0000h | DATA32
        TRY "PUSH segment, 32 bits: 4 bytes of room"
        push dword -1
        add esp, 4
        push fs
        mov ebx, esp
        pop eax
        CAUGHT OK, NONE
        CHECK_BITS "selector", [rec.eax], 0ffffh, DATA32
        DONE

        align 8
ldt:    dq 0
        dw 0fh, ldt_data, 9200h, 40h
ldt_data dd 0cafef00dh, 0, 0, 0
scratch  dd 0
bad_pointer dd 1234h
         dw TSS
image_end:
