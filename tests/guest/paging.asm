; paging.asm - 32-bit paging: page-fault error codes and CR2, permissions, WP, accessed and dirty bits, faults of accesses
; that cross pages and of the processor's own. The TLB and large pages are tlb.asm's, all combinations of rights rights.asm's.
; Follows: Intel SDM Vol. 3A "32-Bit Paging", "Access Rights", "Page-Fault Exceptions", "Accessed and Dirty Flags";
; "Interrupt 14 - Page-Fault Exception".
%define GUEST "paging"
%include "lib.inc"
%include "pages.inc"

main:
        call make_pages
        PAGING_ON

        ; ---- error codes: bit 0 present, 1 write, 2 user ----
        TRY "read, not present"
        AT
        mov eax, [LIN(0) + 123h]
        CAUGHT PF, 0
        CR2_IS LIN(0) + 123h
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        TRY "write, not present"
        AT
        mov [LIN(0) + 124h], eax
        CAUGHT PF, 2
        CR2_IS LIN(0) + 124h
        TRY "read-modify-write is a write"
        AT
        inc dword [LIN(0)]
        CAUGHT PF, 2
        TRY "CMPXCHG writes, even when it does not match"
        AT
        cmpxchg [LIN(0)], ecx
        CAUGHT PF, 2
        TRY "TEST reads"
        AT
        test [LIN(0)], ecx
        CAUGHT PF, 0
        TRY "directory entry not present"
        AT
        mov eax, [0c0000000h]
        CAUGHT PF, 0
        CR2_IS 0c0000000h
        TRY "read by ring 3, not present"
        USER
        AT
        mov eax, [LIN(0)]
        CAUGHT PF, 4
        TRY "write by ring 3, not present"
        USER
        AT
        mov [LIN(0)], eax
        CAUGHT PF, 6
        MAP 1, P | W
        TRY "read of a supervisor page by ring 3"
        USER
        AT
        mov eax, [LIN(1)]
        CAUGHT PF, 5
        TRY "write of a supervisor page by ring 3"
        USER
        AT
        mov [LIN(1)], eax
        CAUGHT PF, 7
        MAP 1, P | U
        TRY "write of a read-only page by ring 3"
        USER
        AT
        mov [LIN(1)], eax
        CAUGHT PF, 7
        TRY "read of it"
        USER
        mov eax, [LIN(1)]
        CAUGHT OK, NONE
        TRY "write of it by ring 0, WP clear"
        mov dword [LIN(1)], 1
        CAUGHT OK, NONE
        SET_CR0 -1, 10000h
        TRY "write of it by ring 0, WP set"
        AT
        mov dword [LIN(1)], 2
        CAUGHT PF, 3
        CHECK "not written", dword [LIN(1)], 1
        MAP 1, P
        TRY "the same of a supervisor page"
        AT
        mov dword [LIN(1)], 2
        CAUGHT PF, 3
        SET_CR0 ~10000h, 0
        ; directory and table are combined
        MAP 1, P | W | U
        and dword [PD + (WIN >> 22) * 4], ~U
        RELOAD_CR3
        TRY "supervisor by the directory"
        USER
        AT
        mov eax, [LIN(1)]
        CAUGHT PF, 5
        or dword [PD + (WIN >> 22) * 4], U
        and dword [PD + (WIN >> 22) * 4], ~W
        RELOAD_CR3
        TRY "read-only by the directory"
        USER
        AT
        mov [LIN(1)], eax
        CAUGHT PF, 7
        or dword [PD + (WIN >> 22) * 4], W
        RELOAD_CR3

        ; ---- instruction fetch ----
        TRY "jump to a page not present"
        push dword LIN(0) + 40h
        ret
        CAUGHT PF, 0
        CR2_IS LIN(0) + 40h
        CHECK "EIP is the target", dword [rec.eip], LIN(0) + 40h
        MAP 2, P | W | U
        MAP 3, P | W | U
        mov byte [LIN(2) + 0ffeh], 0b8h                         ; MOV EAX, imm32: the last bytes on page 3
        mov dword [LIN(2) + 0fffh], 12345678h
        mov word [LIN(3) + 3], 30cdh                            ; INT 30h
        TRY "instruction across two pages"
        jmp CODE32:LIN(2) + 0ffeh
        CAUGHT OK, NONE
        CHECK "EAX", dword [rec.eax], 12345678h
        MAP 3, 0
        TRY "instruction across two pages, the second not present"
        jmp CODE32:LIN(2) + 0ffeh
        CAUGHT PF, 0
        CHECK "EIP is the first byte", dword [rec.eip], LIN(2) + 0ffeh
        CR2_IS LIN(3)
        MAP 2, P | W
        TRY "fetch of a supervisor page by ring 3"
        USER
        push dword LIN(2)
        ret
        CAUGHT PF, 5
        CR2_IS LIN(2)
        MAP 2, P | W | U

        ; ---- data across two pages ----
        mov dword [LIN(2) + 0ffch], 0aaaaaaaah
        TRY "read across, second not present"
        AT
        mov eax, [LIN(2) + 0ffeh]
        CAUGHT PF, 0
        CR2_IS LIN(3)
        TRY "write across, second not present"
        AT
        mov dword [LIN(2) + 0ffeh], 55555555h
        CAUGHT PF, 2
        CR2_IS LIN(3)
        CHECK "nothing was written", dword [LIN(2) + 0ffch], 0aaaaaaaah
        TRY "read across, first not present"
        AT
        mov eax, [LIN(0) + 0ffdh]
        CAUGHT PF, 0
        CR2_IS LIN(0) + 0ffdh
        MAP 3, P | W | U
        TRY "write across two pages"
        mov dword [LIN(2) + 0ffeh], 55667788h
        mov eax, [LIN(2) + 0ffeh]
        CAUGHT OK, NONE
        CHECK "EAX", dword [rec.eax], 55667788h
        movzx eax, word [PAGES + 3000h]
        CHECK "second part", eax, 5566h
        MAP 3, 0
        MAP 4, P | W | U
        TRY "PUSHAD across, second page not present"
        USER
        mov esp, LIN(4) + 10h
        AT
        pushad
        CAUGHT PF, 6
        CHECK "ESP stays", dword [rec.esp], LIN(4) + 10h
        TRY "CALL pushes onto a page not present"
        USER
        mov esp, LIN(4)
        AT
        call .never
        CAUGHT PF, 6
        CR2_IS LIN(3) + 0ffch
        CHECK "ESP stays", dword [rec.esp], LIN(4)
        TRY "PUSH of memory not present"
        USER
        AT
        push dword [LIN(3)]
        CAUGHT PF, 4
        CHECK "ESP stays", dword [rec.esp], USER_STACK
        TRY "LES across, second page not present"
        AT
        les ecx, [LIN(2) + 0ffch]
        CAUGHT PF, 0
        CR2_IS LIN(3)

        ; ---- REP string instructions stop where they fault ----
        TRY "REP MOVSD into a page not present"
        mov esi, 7c00h
        mov edi, LIN(2) + 0ff0h
        mov ecx, 8
        AT
        rep movsd
        CAUGHT PF, 2
        CHECK "ECX", dword [rec.ecx], 4
        CHECK "ESI", dword [rec.esi], 7c10h
        CHECK "EDI", dword [rec.edi], LIN(3)
        CR2_IS LIN(3)
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        TRY "REP STOSB backwards into a page not present"
        std
        mov edi, LIN(4) + 2
        mov ecx, 10
        AT
        rep stosb
        CAUGHT PF, 2
        CHECK "ECX", dword [rec.ecx], 7
        CHECK "EDI", dword [rec.edi], LIN(3) + 0fffh
        TRY "REP MOVSD with ECX 0"
        xor ecx, ecx
        mov edi, LIN(3)
        mov esi, LIN(3)
        rep movsd
        CAUGHT OK, NONE
        jmp .accessed
  .never:
        int OK

        ; ---- accessed and dirty ----
  .accessed:
        MAP 5, P | W | U
        and dword [PD + (WIN >> 22) * 4], ~(A_ | D_)
        RELOAD_CR3
        CHECK_BITS "neither A nor D", PTE(5), A_ | D_, 0
        mov eax, [LIN(5)]
        CHECK_BITS "a read sets A", PTE(5), A_ | D_, A_
        CHECK_BITS "... in the directory too", [PD + (WIN >> 22) * 4], A_ | D_, A_
        mov [LIN(5)], eax
        CHECK_BITS "a write after a read sets D", PTE(5), A_ | D_, A_ | D_
        CHECK_BITS "... not in the directory", [PD + (WIN >> 22) * 4], A_ | D_, A_
        MAP 5, P | W | U
        mov [LIN(5)], eax
        CHECK_BITS "a write sets both", PTE(5), A_ | D_, A_ | D_
        MAP 5, P | U
        TRY "a write that is denied"
        USER
        mov [LIN(5)], eax
        CAUGHT PF, 7
        CHECK_BITS "does not set D", PTE(5), D_, 0
        MAP 5, P | W | U
        invlpg [LIN(5)]
        CHECK_BITS "INVLPG sets nothing", PTE(5), A_ | D_, 0
        mov byte [LIN(5)], 0c3h
        MAP 5, P | W | U
        mov eax, LIN(5)
        call eax
        CHECK_BITS "a fetch sets A", PTE(5), A_ | D_, A_
        MAP 5, P | W | U
        TRY "CMPXCHG that does not match sets D"
        mov eax, 12345h
        cmpxchg [LIN(5)], eax
        CAUGHT OK, NONE
        CHECK_BITS "A and D", PTE(5), A_ | D_, A_ | D_

        ; ---- the processor's own accesses are the supervisor's, whatever CPL is ----
        DESC LDT, LIN(5), 0fh, 82h
        mov eax, LDT
        lldt ax
        MAP 5, P | W
        mov dword [LIN(5) + 8], 0000ffffh
        mov dword [LIN(5) + 12], 00cff200h
        TRY "descriptor on a supervisor page"
        USER
        mov eax, 0fh
        mov ds, ax
        CAUGHT OK, NONE
        CHECK_BITS "accessed bit of the descriptor", [LIN(5) + 12], 100h, 100h
        MAP 5, 0
        TRY "descriptor on a page not present"
        USER
        mov eax, 0fh
        AT
        mov ds, ax
        CAUGHT PF, 0
        CR2_IS LIN(5) + 8
        MAP 5, P
        mov dword [PAGES + 5000h + 12], 00cff200h
        SET_CR0 -1, 10000h
        TRY "accessed bit on a read-only page, WP set"
        USER
        mov eax, 0fh
        AT
        mov ds, ax
        CAUGHT PF, 3
        CHECK_BITS "CR2", [rec.cr2], ~0fh, LIN(5)
        SET_CR0 ~10000h, 0
        xor eax, eax
        lldt ax
        ; the stack of ring 0 is written as the supervisor
        mov dword [tss.esp0], LIN(4) + 800h
        MAP 4, P | W
        TRY "exception pushes onto a supervisor page"
        USER
        AT
        ud2
        CAUGHT UD, NONE
        CHECK "stack", dword [rec.hesp], LIN(4) + 800h - 20
        mov dword [tss.esp0], INNER_STACK
        ; other exceptions leave CR2 alone
        mov eax, 0cafe0000h
        mov cr2, eax
        TRY "CR2 stays"
        ud2
        CAUGHT UD, NONE
        CR2_IS 0cafe0000h

        ; ---- aliases: one page at two places ----
        mov dword PTE(8), PAGES + 9000h + (P | W | U)
        mov dword PTE(9), PAGES + 9000h + (P | W | U)
        invlpg [LIN(8)]
        invlpg [LIN(9)]
        mov dword [LIN(8) + 10h], 0a11a5h
        CHECK "alias", dword [LIN(9) + 10h], 0a11a5h
        ; and the page directory itself as a page table
        mov dword [PD + 3ffh * 4], PD + (P | W)
        RELOAD_CR3
        mov eax, [0ffc00000h + (LIN(8) >> 12) * 4]
        CHECK_BITS "recursive mapping", eax, ~0fffh, PAGES + 9000h
        ; paging off and on again
        PAGING_OFF
        mov dword [PAGES + 8], 5
        PAGING_ON
        DONE
image_end:
