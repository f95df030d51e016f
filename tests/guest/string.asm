; string.asm - string instructions and REP: counts, flags, address sizes, directions, overlap, wraps and limits.
; Ports are strport.asm's; interrupts, page faults and traps in the middle strtrap.asm's.
; Follows: Intel SDM Vol. 2 "REP/REPE/REPZ/REPNE/REPNZ", "MOVS", "STOS", "LODS", "CMPS", "SCAS"; Vol. 3A "Limit Checking".
%define GUEST "string"
%include "lib.inc"
%include "strings.inc"

LIMITED equ FREE                        ; data of 64 bytes at BUF
DOWN  equ FREE + 8

main:
        call plain
        call counts
        call compares
        call overlap
        call sizes
        call wraps
        call limits
        DONE

; One element each, both directions.
plain:
        mov edi, BUF
        mov ecx, 100h
        call fill
        TRY "MOVSB, MOVSW, MOVSD"
        mov esi, BUF + 10h
        mov edi, BUF + 80h
        movsb
        movsw
        movsd
        mov ecx, [BUF + 80h]
        CAUGHT OK, NONE
        CHECK "ESI", dword [rec.esi], BUF + 17h
        CHECK "EDI", dword [rec.edi], BUF + 87h
        CHECK "moved", dword [rec.ecx], 13121110h
        TRY "with DF"
        std
        mov esi, BUF + 10h
        mov edi, BUF + 90h
        movsb
        movsw
        movsd
        cld
        mov ecx, [BUF + 8dh]
        mov edx, [BUF + 8fh]
        CAUGHT OK, NONE
        CHECK "ESI", dword [rec.esi], BUF + 9
        CHECK "EDI", dword [rec.edi], BUF + 89h
        CHECK "the dword", dword [rec.ecx], 100f0e0dh
        TRY "LODS and STOS"
        mov esi, BUF + 20h
        mov edi, BUF + 0a0h
        mov eax, -1
        lodsb
        mov ecx, eax
        lodsw
        mov edx, eax
        lodsd
        stosd
        mov ebx, eax
        CAUGHT OK, NONE
        CHECK "LODSB: AL alone", dword [rec.ecx], 0ffffff20h
        CHECK "LODSW: AX alone", dword [rec.edx], 0ffff2221h
        CHECK "LODSD", dword [rec.ebx], 26252423h
        CHECK "STOSD", dword [BUF + 0a0h], 26252423h
        TRY "a segment override is the source's alone"
        mov ax, UDATA & ~3
        mov fs, ax
        xor eax, eax
        mov gs, ax
        mov ds, ax
        mov esi, BUF + 20h
        mov edi, BUF + 0b0h
        fs movsb
        mov es, ax
        AT
        fs movsb
        CAUGHT GP, 0
        CHECK "the source was read through FS", dword [rec.esi], BUF + 21h
        ret

counts:
        TRY "REP with ECX 0: nothing, not even a fault"
        xor ecx, ecx
        xor eax, eax
        mov es, ax
        mov ds, ax
        mov edi, 0fffffff0h
        mov esi, edi
        rep movsd
        rep stosd
        rep lodsd
        repe cmpsd
        repne scasd
        rep insb
        rep outsb
        CAUGHT OK, NONE
        CHECK "EDI", dword [rec.edi], 0fffffff0h
        TRY "the flags stay with ECX 0"
        xor ecx, ecx
        push dword 0cd7h & ~400h
        popfd
        repe cmpsb
        repne scasb
        CAUGHT OK, NONE
        CHECK "EFLAGS", dword [rec.eflags], 8d7h
        TRY "REP LODS: the last one"
        mov edi, BUF
        mov ecx, 40h
        call fill
        mov esi, BUF
        mov ecx, 5
        mov eax, 0
        rep lodsb
        CAUGHT OK, NONE
        CHECK "AL", dword [rec.eax], 4
        CHECK "ECX", dword [rec.ecx], 0
        TRY "REPNE before STOS and MOVS repeats as REP"
        mov edi, BUF
        mov ecx, 3
        mov al, 0eeh
        repne stosb
        mov esi, BUF
        mov ecx, 2
        repne movsb
        CAUGHT OK, NONE
        CHECK "EDI", dword [rec.edi], BUF + 5
        CHECK "ECX", dword [rec.ecx], 0
        TRY "the flags of STOS, MOVS, LODS"
        mov edi, BUF
        mov esi, BUF
        mov ecx, 3
        push dword 8d7h
        popfd
        rep movsb
        CAUGHT OK, NONE
        CHECK "stay", dword [rec.eflags], 8d7h
        ret

compares:
        mov edi, BUF
        mov ecx, 100h
        call fill
        mov edi, BUF + 100h
        mov ecx, 100h
        call fill
        mov byte [BUF + 150h], 0
        TRY "REPE CMPSB ends after the difference"
        mov esi, BUF
        mov edi, BUF + 100h
        mov ecx, 80h
        repe cmpsb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 2fh
        CHECK "ESI", dword [rec.esi], BUF + 51h
        CHECK "EDI", dword [rec.edi], BUF + 151h
        CHECK_BITS "50h - 0: flags", [rec.eflags], 8d5h, F_PF
        TRY "REPE CMPSB to the end"
        mov esi, BUF
        mov edi, BUF + 100h
        mov ecx, 50h
        repe cmpsb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "ZF", [rec.eflags], F_ZF, F_ZF
        TRY "REPNE CMPSD: first - second"
        mov dword [BUF + 40h], 1
        mov esi, BUF + 3ch
        mov edi, BUF + 140h
        mov ecx, 2
        repne cmpsd
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "1 - 47464544h: CF, SF", [rec.eflags], 0c1h, 81h
        TRY "REPNE SCASB finds"
        mov edi, BUF + 100h
        mov ecx, 1000h
        mov al, 33h
        repne scasb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 1000h - 34h
        CHECK "EDI", dword [rec.edi], BUF + 134h
        CHECK_BITS "ZF", [rec.eflags], F_ZF, F_ZF
        TRY "REPE SCASW with DF"
        mov edi, BUF + 20h
        mov ecx, 8
        mov eax, 2120h
        std
        repe scasw
        cld
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 6
        CHECK "EDI", dword [rec.edi], BUF + 1ch
        CHECK_BITS "2120h - 1F1Eh: flags", [rec.eflags], 8d5h, 10h
        TRY "REPNE SCASB does not find"
        mov edi, BUF
        mov ecx, 10h
        mov al, 0f3h
        repne scasb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "F3h - 0Fh: ZF, CF", [rec.eflags], 41h, 0
        ret

; Elements are moved one after the other.
overlap:
        mov edi, BUF
        mov ecx, 40h
        call fill
        TRY "upward by one byte: the first spreads"
        mov esi, BUF + 7
        mov edi, BUF + 8
        mov ecx, 10h
        rep movsb
        CAUGHT OK, NONE
        CHECK "in", dword [BUF + 8], 07070707h
        CHECK "last", dword [BUF + 14h], 07070707h
        CHECK "beyond", dword [BUF + 18h], 1b1a1918h
        mov edi, BUF
        mov ecx, 40h
        call fill
        TRY "dwords upward by two bytes"
        mov esi, BUF
        mov edi, BUF + 2
        mov ecx, 3
        rep movsd
        CAUGHT OK, NONE
        CHECK "first", dword [BUF + 2], 03020100h
        CHECK "second: 4 and 5 were overwritten", dword [BUF + 6], 07060302h
        CHECK "third", dword [BUF + 10], 0b0a0706h
        mov edi, BUF
        mov ecx, 40h
        call fill
        TRY "dwords upward by 6 bytes"
        mov esi, BUF
        mov edi, BUF + 6
        mov ecx, 3
        rep movsd
        CAUGHT OK, NONE
        CHECK "third: 6 and 7 were overwritten first", dword [BUF + 14], 05040302h
        mov edi, BUF
        mov ecx, 40h
        call fill
        TRY "downward with DF: as a copy"
        mov esi, BUF + 1fh
        mov edi, BUF + 20h
        mov ecx, 10h
        std
        rep movsb
        cld
        CAUGHT OK, NONE
        CHECK "last", dword [BUF + 1dh], 1f1e1d1ch
        CHECK "first", dword [BUF + 11h], 13121110h
        TRY "DF and overlap: the last spreads"
        mov esi, BUF + 31h
        mov edi, BUF + 30h
        mov ecx, 8
        std
        rep movsb
        cld
        CAUGHT OK, NONE
        CHECK "spread", dword [BUF + 2ah], 31313131h
        ret

; "Address-size attribute": CX, SI and DI, or ECX, ESI and EDI.
sizes:
        mov edi, BUF
        mov ecx, 40h
        call fill
        TRY "16-bit addresses: the upper halves stay and do not count"
        mov esi, 0aaaa0000h + BUF
        mov edi, 0bbbb0000h + BUF + 40h
        mov ecx, 0cccc0004h
        a16 rep movsb
        CAUGHT OK, NONE
        CHECK "ESI", dword [rec.esi], 0aaaa0000h + BUF + 4
        CHECK "EDI", dword [rec.edi], 0bbbb0000h + BUF + 44h
        CHECK "ECX", dword [rec.ecx], 0cccc0000h
        CHECK "moved", dword [BUF + 40h], 03020100h
        TRY "CX 0 with ECX 10000h: nothing"
        mov edi, BUF
        mov ecx, 10000h
        mov al, 0ffh
        a16 rep stosb
        CAUGHT OK, NONE
        CHECK "EDI", dword [rec.edi], BUF
        CHECK "ECX", dword [rec.ecx], 10000h
        TRY "a16 REPNE SCASB"
        mov edi, 55550000h + BUF
        mov ecx, 66660010h
        mov al, 5
        a16 repne scasb
        CAUGHT OK, NONE
        CHECK "EDI", dword [rec.edi], 55550000h + BUF + 6
        CHECK "ECX", dword [rec.ecx], 6666000ah
        TRY "in 16-bit code, 32-bit addresses"
        V86
        mov esi, BUF
        mov edi, BUF + 80h
        mov ecx, 3
        a32 rep movsb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK "EDI", dword [rec.edi], BUF + 83h
        ret

; SI and DI wrap at 64 KB in the middle; base FREE_HIGH.
wraps:
        DESC FREE + 10h, FREE_HIGH, 0ffffh, A_DATA
        mov edi, FREE_HIGH
        mov ecx, 10000h
        call fill
        TRY "DI wraps"
        mov ax, FREE + 10h
        mov es, ax
        mov edi, 0fffeh
        mov ecx, 4
        mov al, 0a5h
        a16 rep stosb
        CAUGHT OK, NONE
        CHECK "EDI", dword [rec.edi], 2
        CHECK_BITS "the end", [FREE_HIGH + 0fffeh], 0ffffh, 0a5a5h
        CHECK "the start", dword [FREE_HIGH], 0302a5a5h
        TRY "SI wraps downward"
        mov ax, FREE + 10h
        mov ds, ax
        mov esi, 1
        mov edi, BUF + 3
        mov ecx, 4
        std
        a16 rep movsb
        cld
        CAUGHT OK, NONE
        CHECK "ESI", dword [rec.esi], 0fffdh
        CHECK "moved", dword [BUF], 0a5a5a5a5h
        TRY "a word at FFFFH faults; what was before it is done"
        mov ax, FREE + 10h
        mov es, ax
        mov edi, 0fffbh
        mov ecx, 4
        mov eax, 1111h
        AT
        a16 rep stosw
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], 0ffffh
        CHECK "ECX", dword [rec.ecx], 2
        TRY "32-bit addresses do not wrap there"
        mov ax, FREE + 10h
        mov es, ax
        mov edi, 0fffeh
        mov ecx, 4
        AT
        rep stosb
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], 10000h
        CHECK "ECX", dword [rec.ecx], 2
        ret

; Segment limits in the middle: what was before the fault is done.
limits:
        mov edi, BUF
        mov ecx, 100h
        call fill
        DESC LIMITED, BUF, 3fh, A_DATA
        TRY "STOSD over the limit"
        mov ax, LIMITED
        mov es, ax
        mov edi, 30h
        mov ecx, 10
        mov eax, 77777777h
        AT
        rep stosd
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], 40h
        CHECK "ECX", dword [rec.ecx], 6
        CHECK "the last inside", dword [BUF + 3ch], 77777777h
        CHECK "beyond", dword [BUF + 40h], 43424140h
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        TRY "MOVSB: the source's limit"
        mov ax, LIMITED
        mov ds, ax
        mov esi, 3dh
        mov edi, BUF + 80h
        mov ecx, 10
        AT
        rep movsb
        CAUGHT GP, 0
        CHECK "ESI", dword [rec.esi], 40h
        CHECK "EDI", dword [rec.edi], BUF + 83h
        CHECK "ECX", dword [rec.ecx], 7
        TRY "MOVSW: the source faults before the destination"
        mov ax, LIMITED
        mov es, ax
        mov ds, ax
        mov esi, 40h
        mov edi, 1000h
        mov ecx, 1
        AT
        ss rep movsw                            ; through SS all is well with the source
        CAUGHT GP, 0
        DESC FREE + 18h, BUF, 3fh, A_DATA | A_RING3
        TRY "a stack segment as source: #SS"
        USER
        mov ax, FREE + 18h | 3
        mov ss, ax
        mov esi, 3fh
        mov edi, BUF
        mov ecx, 2
        AT
        ss rep movsb
        CAUGHT SS_, 0
        TRY "down, below 0"
        mov ax, LIMITED
        mov es, ax
        mov edi, 2
        mov ecx, 5
        std
        AT
        rep stosb
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], -1
        CHECK "ECX", dword [rec.ecx], 2
        CHECK_BITS "DF in the image", [rec.eflags], F_DF, F_DF
        DESC DOWN, BUF, 3fh, 4096h              ; expand-down: from 40h on
        TRY "expand-down, downward"
        mov ax, DOWN
        mov es, ax
        mov edi, 43h
        mov ecx, 8
        std
        AT
        rep stosb
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], 3fh
        CHECK "ECX", dword [rec.ecx], 4
        TRY "CMPSD: the second's limit, no flags changed"
        mov ax, LIMITED
        mov es, ax
        mov esi, BUF
        mov edi, 3dh
        push dword 8d7h
        popfd
        AT
        cmpsd
        CAUGHT GP, 0
        CHECK_BITS "EFLAGS", [rec.eflags], 8d5h, 8d5h
        TRY "a read-only destination"
        DESC LIMITED, BUF, 3fh, 4090h
        mov ax, LIMITED
        mov es, ax
        xor edi, edi
        mov ecx, 3
        AT
        rep stosb
        CAUGHT GP, 0
        CHECK "ECX", dword [rec.ecx], 3
        TRY "... may be read"
        mov ax, LIMITED
        mov es, ax
        xor edi, edi
        mov ecx, 3
        repe scasb
        CAUGHT OK, NONE
        ret

image_end:
