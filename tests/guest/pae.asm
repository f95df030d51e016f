; pae.asm - PAE paging: the four directory pointers, 2 MB pages, addresses above 4 GB that are not there, reserved bits,
; NX and its error code; PSE-36.
; Follows: Intel SDM Vol. 3A "PAE Paging" ("PDPTE Registers"), "Access Rights", "Page-Fault Exceptions", "32-Bit Paging" (PSE-36).
%define GUEST "pae"
%include "lib.inc"
%include "pages.inc"

PDPT  equ FREE_HIGH             ; 32 bytes
PD0   equ FREE_HIGH + 1000h     ; 0 to 1 GB: 2 MB pages, identity
PD1   equ FREE_HIGH + 2000h     ; 1 to 2 GB: the window
PT    equ FREE_HIGH + 3000h
PDX   equ FREE_HIGH + 4000h     ; another directory
BIG   equ 40200000h             ; 2 MB page

; Page n of the window: the halves of its entry.
%define LOW(n) [PT + (n) * 8]
%define HIGH(n) [PT + (n) * 8 + 4]
%macro MAP_PAE 2-3 0            ; page n, low bits, high dword
        mov dword HIGH(%1), %3
        mov dword LOW(%1), PAGES + (%1) * 1000h + (%2)
        invlpg [LIN(%1)]
%endmacro
main:
        SKIP_UNLESS "PAE", 6, .end
        mov edi, PDPT
        mov ecx, 8000h / 4
        xor eax, eax
        cld
        rep stosd
        mov dword [PDPT], PD0 + P
        mov dword [PDPT + 8], PD1 + P
        mov dword [PD0], P | W | U | PS_
        mov dword [PD0 + 8], 200000h + (P | W | U | PS_)
        mov dword [PD1], PT + (P | W | U)
        mov dword [PD1 + 8], 400000h + (P | W | U | PS_)
        SET_CR4 -1, 30h                                         ; PAE; PSE does not matter
        mov eax, PDPT
        mov cr3, eax
        PAGING_ON

        TRY "read, not present"
        AT
        mov eax, [LIN(0)]
        CAUGHT PF, 0
        CHECK "CR2", dword [rec.cr2], LIN(0)
        TRY "directory pointer not present"
        AT
        mov [80001234h], eax
        CAUGHT PF, 2
        CHECK "CR2", dword [rec.cr2], 80001234h
        MAP_PAE 1, P | W | U
        mov dword [LIN(1) + 8], 1234h
        CHECK "mapped", dword [PAGES + 1008h], 1234h
        mov eax, LOW(1)
        CHECK_BITS "A and D", eax, A_ | D_, A_ | D_
        MAP_PAE 1, P | U
        TRY "read-only"
        USER
        AT
        mov [LIN(1)], eax
        CAUGHT PF, 7
        MAP_PAE 1, P | W
        TRY "supervisor"
        USER
        AT
        mov eax, [LIN(1)]
        CAUGHT PF, 5
        mov dword [BIG + 1ff000h], 2222h
        CHECK "2 MB page, alias", dword [BIG + 1ff000h], 2222h
        mov eax, [PD1 + 8]
        CHECK_BITS "its D", eax, A_ | D_, A_ | D_

        ; ---- the pointers are read when CR3 is written, not later ----
        mov dword [PDPT + 16], PDX + P
        mov dword [PDX], PT + (P | W | U)
        TRY "a new directory pointer before CR3 is written"
        mov eax, [80001000h]
        CAUGHT PF, 0
        RELOAD_CR3
        MAP_PAE 1, P | W | U
        TRY "and after"
        mov eax, [80001000h]
        CAUGHT OK, NONE
        mov dword [PDPT + 16], 0
        RELOAD_CR3
        mov dword [PDPT + 24], 2 | P                            ; reserved bit 1
        TRY "MOV CR3, reserved bit in a directory pointer"
        mov eax, cr3
        AT
        mov cr3, eax
        CAUGHT GP, 0
        mov dword [PDPT + 24], 2
        TRY "reserved bits of one that is not present do not matter"
        RELOAD_CR3
        CAUGHT OK, NONE
        mov dword [PDPT + 24], 1
        mov dword [PDPT + 28], 80000000h
        TRY "MOV CR3, bit 63 of a directory pointer"
        mov eax, cr3
        AT
        mov cr3, eax
        CAUGHT GP, 0
        mov dword [PDPT + 24], 0
        mov dword [PDPT + 28], 0
        RELOAD_CR3
        mov eax, PDPT + 20h                                     ; CR3 is aligned to 32 bytes
        mov dword [PDPT + 20h], PD0 + P
        mov dword [PDPT + 28h], PD1 + P
        mov cr3, eax
        CHECK "pointers at a multiple of 32", dword [LIN(1) + 8], 1234h
        mov eax, PDPT
        mov cr3, eax

        ; ---- so do changes of CR0 and CR4 that have to do with paging or caches ----
%macro READS 3                  ; what is changed, register, bit
        mov dword [PDPT + 16], PDX + P
        TRY %1
        TOGGLE %2, %3
        mov eax, [80001000h]
        CAUGHT OK, NONE
        mov dword [PDPT + 16], 2 | P
        TRY %1
        mov eax, %2
        mov ecx, eax
        xor eax, %3
        AT
        mov %2, eax
        CAUGHT GP, 0
        mov eax, %2
        CHECK %1, eax, dword [rec.ecx]
        TRY %1                                                  ; the pointers in use are the old ones
        invlpg [80001000h]
        mov eax, [80001000h]
        CAUGHT OK, NONE
        mov dword [PDPT + 16], 0
        TRY %1
        TOGGLE %2, %3
        invlpg [80001000h]
        AT
        mov eax, [80001000h]
        CAUGHT PF, 0
%endmacro
%macro TOGGLE 2
        mov eax, %1
        xor eax, %2
        mov %1, eax
%endmacro
        READS "a change of CR4.PSE reads the pointers", cr4, 10h
        READS "a change of CR0.CD reads the pointers", cr0, 40000000h
        SKIP_UNLESS "PGE", 13, .no_pge
        READS "a change of CR4.PGE reads the pointers", cr4, 80h
  .no_pge:

        ; ---- reserved bits: those above the physical address, NX while EFER.NXE is clear ----
        MAP_PAE 2, P | W | U, 80000000h
        TRY "bit 63 without NXE"
        AT
        mov eax, [LIN(2)]
        CAUGHT PF, 9
        MAP_PAE 2, P | W | U, 40000000h
        TRY "bit 62"
        AT
        mov eax, [LIN(2)]
        CAUGHT PF, 9
        TRY "bit 62, write by ring 3"
        USER
        AT
        mov [LIN(2)], eax
        CAUGHT PF, 0fh
        MAP_PAE 2, W | U, 40000000h
        TRY "bit 62, not present"
        AT
        mov eax, [LIN(2)]
        CAUGHT PF, 0
        mov dword [PD1 + 8], 402000h + (P | W | U | PS_)
        RELOAD_CR3
        TRY "2 MB page, bit 13"
        AT
        mov eax, [BIG]
        CAUGHT PF, 9
        mov dword [PD1 + 8], 400000h + (P | W | U | PS_)

        ; ---- beyond 4 GB: nothing there ----
        MAP_PAE 2, P | W | U, 8
        mov ecx, [PAGES + 2000h]
        not ecx
        mov [LIN(2)], ecx                                       ; goes to 800000000h + ...
        cmp [PAGES + 2000h], ecx
        setne al
        movzx eax, al
        CHECK "address bits above 31 count", eax, 1

        ; ---- each reserved bit of each level, by the width that CPUID tells (36 where it does not) ----
        mov dword [width], 36
        mov eax, 80000000h
        cpuid
        cmp eax, 80000008h
        jb .width
        mov eax, 80000008h
        cpuid
        movzx eax, al
        mov [width], eax
  .width:
%macro EACH_BIT 4               ; name, entry, its good value, what happens at [BIG or LIN(6)]
        mov dword [bit], 0
  %%next:
        mov dword [%2], %3
        mov dword [%2 + 4], 0
        mov eax, [bit]
        bts [%2], eax
        %4
        cmp dword [bit], 64
        jb %%next
        mov dword [%2], %3
        mov dword [%2 + 4], 0
%endmacro
%macro RESERVED_PTR 0           ; directory pointer: 1, 2, 5 to 8 and those above the width: #GP(0) of MOV CR3
        mov ecx, 1 << 1 | 1 << 2 | 0fh << 5
        call reserved
        TRY "each bit of a directory pointer"
        RELOAD_CR3
        CAUGHT_ANY
        mov ecx, GP
        call outcome
        CHECK "each bit of a directory pointer", eax, ebx
        inc dword [bit]
%endmacro
%macro RESERVED_ENTRY 2         ; low bits that are reserved, address
        mov ecx, %1
        call reserved
        RELOAD_CR3
        TRY "each bit of an entry"
        mov eax, [%2]
        CAUGHT_ANY
        mov ecx, PF | 900h
        call outcome
        CHECK "each bit of an entry", eax, ebx
        inc dword [bit]
        cmp dword [bit], 7                                      ; PS and address bits are other tests
        jne %%end
        mov eax, [width]
        mov dword [bit], 12
        cmp dword [large], 0
        jne %%large
        mov [bit], eax
        jmp %%end
  %%large:
        mov dword [bit], 13
  %%end:
        cmp dword [bit], 21
        jne %%done
        cmp dword [large], 0
        je %%done
        mov eax, [width]
        mov [bit], eax
  %%done:
%endmacro
        EACH_BIT "pointers", PDPT + 24, PDX + P, {RESERVED_PTR}
        mov dword [PDPT + 24], 0
        RELOAD_CR3
        MAP_PAE 6, P | W | U
        mov dword [PDX], PT + (P | W | U)
        mov dword [PDPT + 24], PDX + P
        RELOAD_CR3
        mov dword [large], 0
        EACH_BIT "directory entry", PDX, PT + (P | W | U), {RESERVED_ENTRY 0, 0c0006000h}
        EACH_BIT "table entry", PT + 6 * 8, PAGES + 6000h + (P | W | U), {RESERVED_ENTRY 0, LIN(6)}
        mov dword [large], 1
        EACH_BIT "2 MB entry", PD1 + 8, 400000h + (P | W | U | PS_), {RESERVED_ENTRY 1fe000h, BIG}
        mov dword [PDPT + 24], 0
        RELOAD_CR3

        ; ---- A and D, and INVLPG of a 2 MB page at another part ----
        mov dword [PD1 + 8], 400000h + (P | W | U | PS_)
        mov dword [PD1 + 12], 0
        RELOAD_CR3
        mov dword [BIG + 1000h], 1111h
        mov dword [PD0 + 16], 400000h + (P | W | PS_)
        mov dword [PD0 + 24], 600000h + (P | W | PS_)
        mov dword [601000h], 2222h
        mov eax, [BIG + 1000h]
        mov dword [PD1 + 8], 600000h + (P | W | U | PS_)
        invlpg [BIG + 1ff000h]
        CHECK "INVLPG of another part of a 2 MB page", dword [BIG + 1000h], 2222h
        mov eax, [PD1 + 8]
        CHECK_BITS "A, not D", eax, A_ | D_, A_
        mov dword [PD1 + 8], 400000h + (P | W | U | PS_)
        invlpg [BIG]
        CHECK "and back", dword [BIG + 1000h], 1111h
        mov dword [BIG], 0

        ; ---- NX ----
        mov eax, 80000000h
        cpuid
        cmp eax, 80000001h
        jb .no_nx
        mov eax, 80000001h
        cpuid
        test edx, 1 << 20
        jz .no_nx
        mov ecx, 0c0000080h
        rdmsr
        or eax, 800h
        wrmsr
        MAP_PAE 3, P | W | U, 80000000h
        mov word [LIN(3)], 30cdh                                ; INT 30h
        TRY "fetch from a page with NX"
        jmp CODE32:LIN(3)
        CAUGHT PF, 11h
        CHECK "EIP", dword [rec.eip], LIN(3)
        CHECK "CR2", dword [rec.cr2], LIN(3)
        TRY "fetch by ring 3 from a page with NX"
        USER
        push dword LIN(3)
        ret
        CAUGHT PF, 15h
        TRY "fetch from a page not present"
        jmp CODE32:LIN(0)
        CAUGHT PF, 10h
        TRY "read not present has bit 4 clear"
        AT
        mov eax, [LIN(0)]
        CAUGHT PF, 0
        MAP_PAE 3, P | W | U
        TRY "without NX"
        jmp CODE32:LIN(3)
        CAUGHT OK, NONE
        or dword [PD1 + 4], 80000000h
        RELOAD_CR3
        TRY "NX of the directory entry"
        jmp CODE32:LIN(3)
        CAUGHT PF, 11h
        and dword [PD1 + 4], 7fffffffh
        RELOAD_CR3
        MAP_PAE 4, P | W | U
        MAP_PAE 5, P | W | U, 80000000h
        mov byte [LIN(4) + 0ffeh], 0b8h                         ; MOV EAX, imm32 across the pages
        TRY "instruction whose rest has NX"
        jmp CODE32:LIN(4) + 0ffeh
        CAUGHT PF, 11h
        CHECK "EIP", dword [rec.eip], LIN(4) + 0ffeh
        CHECK "CR2", dword [rec.cr2], LIN(5)
        mov ecx, 0c0000080h
        rdmsr
        and eax, ~800h
        wrmsr
        TRY "bit 63 is reserved again"
        AT
        mov eax, [LIN(5)]
        CAUGHT PF, 9
        TRY "EFER, reserved bit"
        mov ecx, 0c0000080h
        xor eax, eax
        mov edx, 1
        AT
        wrmsr
        CAUGHT GP, 0
  .no_nx:

        ; ---- PAE may change while paging is on: CR4 loads the pointers ----
        mov dword [PDPT + 24], 1 | 2
        PAGING_OFF
        TRY "CR0.PG with a bad directory pointer"
        mov eax, cr0
        or eax, 80000000h
        AT
        mov cr0, eax
        CAUGHT GP, 0
        mov dword [PDPT + 24], 0
        PAGING_OFF

        ; ---- PSE-36: bits 13 to 16 of a 4 MB page are address bits 32 to 35 ----
        mov eax, cr4
        and al, ~20h
        or al, 10h
        mov cr4, eax
        SKIP_UNLESS "PSE-36", 17, .end
        mov edi, PDPT
        mov ecx, 1024
        xor eax, eax
        rep stosd
        mov dword [PDPT], P | W | U | PS_
        mov dword [PDPT + 4], 400000h + (P | W | U | PS_)
        mov dword [PDPT + 400h], 400000h + (P | W | U | PS_)            ; 40000000h
        mov dword [PDPT + 404h], 400000h + (P | W | U | PS_ | 10000h)   ; 8 GB and more above
        mov eax, PDPT
        mov cr3, eax
        PAGING_ON
        mov dword [40000000h], 1111h
        mov dword [40400000h], 2222h
        CHECK "PSE-36", dword [400000h], 1111h
        PAGING_OFF
  .end: DONE

; Is [bit] one of ECX or at or above [width]? Into [is_reserved].
reserved:
        mov eax, [bit]
        cmp eax, [width]
        jae .yes
        cmp eax, 32
        jae .no
        bt ecx, eax
        jc .yes
  .no:  mov dword [is_reserved], 0
        ret
  .yes: mov dword [is_reserved], 1
        ret

; EBX, EAX: what came and what must have come: bit, error code, vector. ECX: vector and error code if the bit is reserved.
outcome:
        mov eax, [rec.vec]
        mov ebx, [rec.err]
        cmp eax, OK
        jne .fault
        xor ebx, ebx
  .fault:
        mov ah, bl
        mov ebx, [bit]
        shl ebx, 16
        or eax, ebx
        cmp dword [is_reserved], 1
        je .want
        mov ecx, OK
  .want:
        or ebx, ecx
        ret

        align 4
bit     dd 0
width   dd 0
large   dd 0
is_reserved dd 0
image_end:
