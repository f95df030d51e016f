; tlb.asm - what the TLB may keep and what it must not: INVLPG, MOV CR3, faults, CR0.PG, CR4.PGE and PSE; global pages; 4 MB
; pages and their reserved bits.
; Follows: Intel SDM Vol. 3A "Caching Translation Information" ("Operations that Invalidate TLBs and Paging-Structure
; Caches"), "32-Bit Paging", "Page-Fault Exceptions"; Vol. 2 "INVLPG".
%define GUEST "tlb"
%include "lib.inc"
%include "pages.inc"

BIG   equ 80000000h             ; linear, 4 MB page
BIGPHYS equ 400000h

%macro TOGGLE_PG 0
        PAGING_OFF
        PAGING_ON
%endmacro

; Either what was mapped before or what is mapped now.
%macro CHECK_STALE 2
        cmp %2, 66666666h
        je %%good
        CHECK %1, %2, 77777777h
  %%good:
%endmacro

main:
        call make_pages
        PAGING_ON

        ; ---- what the TLB may keep and what it must not ----
        MAP 6, P | W | U
        MAP 7, P | W | U
        mov dword [LIN(6)], 66666666h
        mov dword [LIN(7)], 77777777h
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 7000h + (P | W | U)
        mov ebx, [LIN(6)]                                       ; old or new: both are allowed
        CHECK_STALE "without INVLPG", ebx
        invlpg [LIN(6) + 0abch]
        CHECK "after INVLPG", dword [LIN(6)], 77777777h
        mov dword PTE(6), PAGES + 6000h + (P | W | U)
        RELOAD_CR3
        CHECK "after MOV CR3", dword [LIN(6)], 66666666h
        mov dword PTE(6), 0
        invlpg [LIN(6)]
        TRY "unmapped"
        mov eax, [LIN(6)]
        CAUGHT PF, 0
        mov dword PTE(6), PAGES + 6000h + (P | W | U)
        CHECK "mapping what was not present needs no INVLPG", dword [LIN(6)], 66666666h
        mov dword PTE(6), PAGES + 6000h + (P | U)
        invlpg [LIN(6)]
        TRY "read-only now"
        USER
        mov eax, [LIN(6)]
        mov [LIN(6)], eax
        CAUGHT PF, 7
        mov dword PTE(6), PAGES + 6000h + (P | W | U)
        TRY "a fault drops the entry: more rights need no INVLPG"
        USER
        mov dword [LIN(6)], 66666666h
        CAUGHT OK, NONE
        mov eax, PD
        and dword [PD + (WIN >> 22) * 4], ~P
        mov cr3, eax
        TRY "the whole directory entry goes"
        mov eax, [LIN(6)]
        CAUGHT PF, 0
        or dword [PD + (WIN >> 22) * 4], P

        ; global pages survive MOV CR3 (they may), not a change of CR4.PGE
        SKIP_UNLESS "PGE", 13, .no_pge
        SET_CR4 -1, 80h
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        invlpg [LIN(6)]
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 7000h + (P | W | U | G_)
        RELOAD_CR3
        mov ebx, [LIN(6)]
        CHECK_STALE "global page after MOV CR3", ebx
        SET_CR4 ~80h, 0
        CHECK "after PGE was cleared", dword [LIN(6)], 77777777h
        SET_CR4 -1, 80h
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        invlpg [LIN(6)]
        CHECK "INVLPG of a global page", dword [LIN(6)], 66666666h
        SET_CR4 ~80h, 0
  .no_pge:

        ; ---- 4 MB pages ----
        SKIP_UNLESS "PSE", 3, .no_pse
        SET_CR4 -1, 10h
        mov dword [PD + (BIGPHYS >> 22) * 4], BIGPHYS + (P | W | PS_)
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (P | W | U | PS_)
        mov dword [BIGPHYS + 3ff000h], 0b16b16h
        CHECK "last page of 4 MB", dword [BIG + 3ff000h], 0b16b16h
        CHECK_BITS "A, not D", [PD + (BIG >> 22) * 4], A_ | D_, A_
        mov dword [BIG + 123456h], 7
        CHECK "written", dword [BIGPHYS + 123456h], 7
        CHECK_BITS "D", [PD + (BIG >> 22) * 4], A_ | D_, A_ | D_
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (P | PS_)
        invlpg [BIG + 3ff000h]
        TRY "4 MB page of the supervisor"
        USER
        AT
        mov eax, [BIG + 5000h]
        CAUGHT PF, 5
        CR2_IS BIG + 5000h
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (P | W | U | PS_ | 200000h)
        RELOAD_CR3
        TRY "reserved bit 21"
        AT
        mov eax, [BIG]
        CAUGHT PF, 9
        TRY "reserved bit 21, write by ring 3"
        USER
        AT
        mov [BIG], eax
        CAUGHT PF, 0fh
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (W | U | PS_ | 200000h)
        RELOAD_CR3
        TRY "reserved bit in an entry that is not present"
        AT
        mov eax, [BIG]
        CAUGHT PF, 0
        ; without CR4.PSE the PS bit is ignored
        mov dword [PD + (BIG >> 22) * 4], PT1 + (P | W | U | PS_)
        SET_CR4 ~10h, 0
        RELOAD_CR3
        CHECK "PS without PSE", dword [BIG + 7000h], 77777777h
        mov dword [PD + (BIG >> 22) * 4], 0
  .no_pse:

        ; ---- INVLPG of a large page: every part of it goes, whichever address names it ----
        SKIP_UNLESS "PSE", 3, .no_pse2
        SET_CR4 -1, 10h
        mov dword [PD + (BIGPHYS >> 22) * 4], BIGPHYS + (P | W | PS_)
        mov dword [PD + (BIGPHYS >> 22) * 4 + 4], BIGPHYS + 400000h + (P | W | PS_)
        mov dword [BIGPHYS + 1000h], 41414141h
        mov dword [BIGPHYS + 400000h + 1000h], 42424242h        ; 8 MB: the next 4 MB
%macro LARGE_STALE 3            ; name, flags of the entry, address for INVLPG: BIG + 1000h has been used before
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (P | W | U | PS_ | %2)
        RELOAD_CR3
        mov eax, [BIG + 1000h]
        mov eax, [BIG + 2000h]
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + 400000h + (P | W | U | PS_ | %2)
        invlpg [%3]
        CHECK %1, dword [BIG + 1000h], 42424242h
        mov dword [PD + (BIG >> 22) * 4], 0
        invlpg [%3]
        TRY %1
        mov eax, [BIG + 2000h]
        CAUGHT PF, 0
%endmacro
        LARGE_STALE "INVLPG of the same part", 0, BIG + 1000h
        LARGE_STALE "INVLPG of another part", 0, BIG + 3ff123h
        LARGE_STALE "INVLPG of the first byte", 0, BIG
        SET_CR4 -1, 80h
        LARGE_STALE "INVLPG of another part, global", G_, BIG + 200000h
        ; a large page becomes a table of small ones, and the other way
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (P | W | U | PS_)
        mov eax, [BIG + 6000h]
        mov eax, [BIG + 7000h]
        mov dword PTE(6), PAGES + 6000h + (P | W | U)
        mov dword PTE(7), PAGES + 7000h + (P | W | U)
        mov dword [PD + (BIG >> 22) * 4], PT1 + (P | W | U)
        invlpg [BIG + 3f0000h]
        CHECK "4 MB page split: first small page", dword [BIG + 6000h], 66666666h
        CHECK "4 MB page split: second", dword [BIG + 7000h], 77777777h
        mov dword [PD + (BIG >> 22) * 4], BIGPHYS + (P | W | U | PS_)
        mov dword [BIGPHYS + 6000h], 4d4d4d4dh
        invlpg [BIG + 6000h]
        CHECK "joined again", dword [BIG + 6000h], 4d4d4d4dh
        ; a large page is not touched by INVLPG of its neighbour, and the entry that is used is read from memory once
        mov dword [PD + (BIG >> 22) * 4 + 4], BIGPHYS + (P | PS_)
        mov eax, [BIG + 400000h]
        CHECK_BITS "A of the neighbour, not D", [PD + (BIG >> 22) * 4 + 4], A_ | D_, A_
        ; each reserved bit of a 4 MB entry: 21 and those above the physical address, of which bit 32 is in bit 13
        mov dword [case], 17                                    ; 36 bits, unless CPUID says otherwise
        mov eax, 80000000h
        cpuid
        cmp eax, 80000008h
        jb .reserved
        mov eax, 80000008h
        cpuid
        movzx eax, al
        sub eax, 36 - 17
        mov [case], eax
  .reserved:
        mov ecx, [case]
        mov eax, 1
        shl eax, cl
        or eax, BIGPHYS + (P | W | U | PS_)
        mov [PD + (BIG >> 22) * 4], eax
        RELOAD_CR3
        invlpg [BIG]
        TRY "each reserved bit of a 4 MB page"
        AT
        mov eax, [BIG + 123h]
        CAUGHT PF, 9
        CR2_IS BIG + 123h
        inc dword [case]
        cmp dword [case], 21
        jbe .reserved
        SET_CR4 ~10h, 0
  .no_pse2:

        ; ---- global pages and CR4.PGE, CR0.PG ----
        SKIP_UNLESS "PGE", 13, .no_pge2
        SET_CR4 -1, 80h
%macro GLOBAL 2                 ; name, what must empty the TLB of global pages too
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        invlpg [LIN(6)]
        CHECK %1, dword [LIN(6)], 66666666h
        mov dword PTE(6), PAGES + 7000h + (P | W | U | G_)
        %2
        CHECK %1, dword [LIN(6)], 77777777h
%endmacro
        GLOBAL "PGE off and on", {SET_CR4 ~80h, 0}
        SET_CR4 -1, 80h
        GLOBAL "PGE on, then off: what was read without PGE is not global", {SET_CR4 ~80h, 0}
        GLOBAL "G without PGE: MOV CR3", {RELOAD_CR3}
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        invlpg [LIN(6)]
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 7000h + (P | W | U | G_)
        SET_CR4 -1, 80h
        CHECK "setting PGE", dword [LIN(6)], 77777777h
        GLOBAL "PG off and on", {TOGGLE_PG}
        ; changing PSE too
        mov dword PTE(6), PAGES + 6000h + (P | W | U)
        invlpg [LIN(6)]
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 7000h + (P | W | U)
        SET_CR4 -1, 10h
        CHECK "setting PSE", dword [LIN(6)], 77777777h
        SET_CR4 ~10h, 0
        ; a page that was global is local after INVLPG and a walk
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        invlpg [LIN(6)]
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 6000h + (P | W | U)
        invlpg [LIN(6)]
        mov eax, [LIN(6)]
        mov dword PTE(6), PAGES + 7000h + (P | W | U)
        RELOAD_CR3
        CHECK "no longer global", dword [LIN(6)], 77777777h
        ; stale code: the page under running code is replaced
        mov dword [PAGES + 6000h], 0c3c08b90h                   ; NOP, MOV EAX, EAX, RET
        mov dword [PAGES + 7000h], 0c3c03390h                   ; NOP, XOR EAX, EAX, RET
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        invlpg [LIN(6)]
        mov eax, 5
        mov ebx, LIN(6)
        call ebx
        CHECK "code of a global page", eax, 5
        mov dword PTE(6), PAGES + 7000h + (P | W | U | G_)
        RELOAD_CR3
        mov eax, 5
        call ebx                                                ; either
        invlpg [LIN(6)]
        mov eax, 5
        call ebx
        CHECK "code after INVLPG", eax, 0
        mov dword PTE(6), PAGES + 6000h + (P | W | U | G_)
        SET_CR4 ~80h, 0
        mov eax, 5
        mov ebx, LIN(6)
        call ebx
        CHECK "code after PGE was cleared", eax, 5
  .no_pge2:
        ; MOV to CR0 that changes PG; a task switch loads CR3 as MOV CR3 does (tasks.asm)
        PAGING_OFF
        DONE

        align 4
case    dd 0
image_end:
