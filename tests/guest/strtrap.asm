; strtrap.asm - what an interrupt, a page fault or a trap in the middle of a repeated string instruction leaves, and how it
; goes on.
; Follows: Intel SDM Vol. 2 "REP/REPE/REPZ/REPNE/REPNZ"; Vol. 3A "Interrupt and Exception Handling"; Vol. 3B "Debug Exceptions"
; (RF, data breakpoints and REP).
%define GUEST "strtrap"
%include "lib.inc"
%include "strings.inc"
%include "board.inc"
%include "debug.inc"
%include "pages.inc"


main:
        mov edi, BUF
        mov ecx, 100h
        call fill
        call stepped
        call watched
        call faults
        call interrupted
        DONE

; TF: a trap after each iteration, with EIP at the instruction until the last.
stepped:
        TRY "TF: after the first iteration"
        mov edi, BUF
        mov ecx, 3
        STEP
        AT
        rep stosb
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 2
        CHECK "EDI", dword [rec.edi], BUF + 1
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        TRY "TF: after the last"
        mov edi, BUF
        mov ecx, 1
        STEP
        rep stosb
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "RF", [rec.eflags], F_RF, 0
        TRY "TF: ECX 0 is one step"
        xor ecx, ecx
        STEP
        rep stosb
        AT
        nop
        CAUGHT DB_, NONE
        TRY "every trap returned from"
        mov dword [hook], .count
        mov dword [.traps], 0
        mov edi, BUF
        mov ecx, 5
        STEP
        rep stosb
        push dword 2
        popfd
        mov dword [hook], 0
        CAUGHT OK, NONE
        CHECK "five iterations, PUSH, POPFD", dword [.traps], 7
        CHECK "ECX", dword [rec.ecx], 0
        TRY "REPE CMPSB that ends early is the last one"
        mov esi, BUF
        mov edi, BUF + 41h
        mov byte [BUF], 1
        mov byte [BUF + 41h], 2
        mov ecx, 3
        STEP
        repe cmpsb
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 2
        TRY "REPNE SCASB: the flags of before it between iterations"
        mov edi, BUF + 10h
        mov ecx, 3
        mov al, 0ffh
        push dword F_TF | 893h
        popfd
        AT
        repne scasb
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 2
        CHECK_BITS "flags", [rec.eflags], 8d5h, 891h
        TRY "REPNE SCASB: its own after the last"
        mov edi, BUF + 10h
        mov ecx, 1
        mov al, 10h
        push dword F_TF | 893h
        popfd
        repne scasb
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "flags", [rec.eflags], 8d5h, F_ZF | F_PF
        jmp clear_dr6
.count: inc dword [.traps]
        ret
.traps  dd 0

clear_dr6:
        DR_OFF
        ret

; Data breakpoints: "after the iteration in which it occurs".
watched:
        mov eax, BUF + 8
        mov dr0, eax
        DR7 0d0301h                             ; L0, 4 bytes, writes
        TRY "a write in the middle of REP STOSD"
        mov edi, BUF
        mov ecx, 6
        AT
        rep stosd
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 3
        CHECK "EDI", dword [rec.edi], BUF + 12
        mov eax, dr6
        CHECK_BITS "DR6", eax, 400fh, 1
        call clear_dr6
        DR7 0f0301h                             ; reads and writes
        TRY "a read in the middle of REPNE SCASB"
        mov edi, BUF
        mov ecx, 20h
        mov al, 0fch
        mov dword [BUF + 0], 0
        mov dword [BUF + 4], 0
        push dword 893h
        popfd
        AT
        repne scasb
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 17h
        CHECK_BITS "flags of before", [rec.eflags], 8d5h, 891h
        CHECK "EDI", dword [rec.edi], BUF + 9
        call clear_dr6
        DR7 0f0301h
        TRY "on the last iteration: EIP after it"
        mov esi, BUF
        mov edi, BUF + 40h
        mov ecx, 9
        rep movsb
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "ECX", dword [rec.ecx], 0
        jmp clear_dr6

; A page fault in the middle, the page brought in, the instruction taken up again.
faults:
        call make_pages
        SET_CR0 -1, 80010000h
        jmp short $ + 2
        mov edi, PAGES
        mov ecx, 3000h
        call fill
        and byte [PT0 + (PAGES >> 12) * 4 + 4], 0feh  ; the second page is missing
        invlpg [PAGES + 1000h]
        TRY "REP STOSB into a missing page"
        mov edi, PAGES + 0ff0h
        mov ecx, 40h
        mov al, 0cch
        AT
        rep stosb
        CAUGHT PF, 2
        CHECK "CR2", dword [rec.cr2], PAGES + 1000h
        CHECK "EDI", dword [rec.edi], PAGES + 1000h
        CHECK "ECX", dword [rec.ecx], 30h
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        CHECK "the last before it", dword [PAGES + 0ffch], 0cccccccch
        TRY "brought in: it goes on"
        mov dword [hook], .bring
        mov edi, PAGES + 0ff0h
        mov ecx, 40h
        mov al, 0ddh
        rep stosb
        CAUGHT OK, NONE
        CHECK "one fault", dword [rec.count], 2
        CHECK "EDI", dword [rec.edi], PAGES + 1030h
        CHECK "ECX", dword [rec.ecx], 0
        CHECK "in the second page", dword [PAGES + 102ch], 0ddddddddh
        CHECK "beyond", dword [PAGES + 1030h], 33323130h
        call .drop
        TRY "a dword across the pages: nothing of it is written"
        mov edi, PAGES + 0ff6h
        mov ecx, 4
        mov eax, 0eeeeeeeeh
        AT
        rep stosd
        CAUGHT PF, 2
        CHECK "CR2", dword [rec.cr2], PAGES + 1000h
        CHECK "EDI", dword [rec.edi], PAGES + 0ffeh
        CHECK "ECX", dword [rec.ecx], 2
        CHECK_BITS "the first half", [PAGES + 0ffch], 0ffff0000h, 0dddd0000h
        TRY "downward into it"
        mov edi, PAGES + 2008h
        mov ecx, 20h
        mov al, 11h
        std
        AT
        rep stosb
        CAUGHT PF, 2
        CHECK "CR2", dword [rec.cr2], PAGES + 1fffh
        CHECK "EDI", dword [rec.edi], PAGES + 1fffh
        CHECK "ECX", dword [rec.ecx], 17h
        TRY "REP MOVSB: the source's page, a read"
        mov esi, PAGES + 0ffch
        mov edi, PAGES + 2100h
        mov ecx, 10h
        AT
        rep movsb
        CAUGHT PF, 0
        CHECK "ESI", dword [rec.esi], PAGES + 1000h
        CHECK "EDI", dword [rec.edi], PAGES + 2104h
        CHECK "ECX", dword [rec.ecx], 0ch
        TRY "taken up again"
        mov dword [hook], .bring
        mov esi, PAGES + 0ffch
        mov edi, PAGES + 2100h
        mov ecx, 10h
        rep movsb
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK "ESI", dword [rec.esi], PAGES + 100ch
        call .drop
        TRY "REPE CMPSB: the flags are those of before it"
        mov esi, PAGES + 0ffch
        mov edi, PAGES + 0ffch
        mov ecx, 10h
        push dword 893h
        popfd
        AT
        repe cmpsb
        CAUGHT PF, 0
        CHECK "ECX", dword [rec.ecx], 0ch
        CHECK_BITS "flags", [rec.eflags], 8d5h, 891h
        TRY "LODSB: EAX"
        mov esi, PAGES + 0fffh
        mov ecx, 2
        xor eax, eax
        AT
        rep lodsb
        CAUGHT PF, 0
        CHECK "AL of the first", dword [rec.eax], 0ddh
        CHECK "ECX", dword [rec.ecx], 1
        TRY "INSB: the page before the port"
        mov edx, 61h
        mov edi, PAGES + 0ffeh
        mov ecx, 4
        AT
        rep insb
        CAUGHT PF, 2
        CHECK "ECX", dword [rec.ecx], 2
        TRY "OUTSB"
        mov edx, 80h
        mov esi, PAGES + 0ffeh
        mov ecx, 4
        AT
        rep outsb
        CAUGHT PF, 0
        CHECK "ECX", dword [rec.ecx], 2
        call .bring
        and byte [PT0 + (PAGES >> 12) * 4 + 4], 0fdh  ; read-only
        invlpg [PAGES + 1000h]
        TRY "in ring 3, a read-only page"
        USER
        mov esi, PAGES + 0f00h
        mov edi, PAGES + 0ff8h
        mov ecx, 10h
        AT
        rep movsb
        CAUGHT PF, 7
        CHECK "ECX", dword [rec.ecx], 8
        CHECK "EDI", dword [rec.edi], PAGES + 1000h
        SET_CR0 7ffeffffh, 0
        ret
; In the handler of #PF: the page is there, back.
.bring: mov dword [hook], 0
        or byte [PT0 + (PAGES >> 12) * 4 + 4], 3
        invlpg [PAGES + 1000h]
        ret
.drop:  and byte [PT0 + (PAGES >> 12) * 4 + 4], 0feh
        invlpg [PAGES + 1000h]
        ret

; INTR between iterations.
interrupted:
        mov dword [.ticks], 0
        call start_tick
        TRY "a long REP: EIP is the instruction"
        mov edi, FREE_HIGH
        mov ecx, 600000h
        sti
        AT
        rep stosb
        CAUGHT IRQ0, NONE
        cli
        mov eax, [rec.edi]
        sub eax, FREE_HIGH
        add eax, [rec.ecx]
        CHECK "EDI and ECX agree", eax, 600000h
        xor eax, eax
        cmp dword [rec.ecx], 0
        setne al
        CHECK "in the middle", eax, 1
        CHECK_BITS "RF: not the last iteration", [rec.eflags], F_RF, F_RF
        call end_irq
        call start_tick
        TRY "and it goes on after IRET"
        mov dword [hook], .tick
        mov esi, FREE_HIGH
        mov edi, FREE_HIGH + 400000h
        mov ecx, 300000h
        sti
        rep movsb
        cli
        CAUGHT OK, NONE
        CHECK "one tick", dword [.ticks], 1
        CHECK "ECX", dword [rec.ecx], 0
        CHECK "ESI", dword [rec.esi], FREE_HIGH + 300000h
        CHECK "EDI", dword [rec.edi], FREE_HIGH + 700000h
        call one_tick
        TRY "pending at the start, STI before: one iteration"
        mov edi, BUF
        mov ecx, 5
        sti
        AT
        rep stosb
        CAUGHT IRQ0, NONE
        CHECK "ECX", dword [rec.ecx], 4
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        call end_irq
        call one_tick
        TRY "... with ECX 1: after it"
        mov edi, BUF
        mov ecx, 1
        sti
        rep stosb
        AT
        nop
        CAUGHT IRQ0, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "RF", [rec.eflags], F_RF, 0
        call end_irq
        call one_tick
        TRY "... MOV SS before: also one"
        mov edi, BUF
        mov ecx, 5
        mov dx, ss
        sti
        mov ss, dx
        AT
        rep stosb
        CAUGHT IRQ0, NONE
        CHECK "ECX", dword [rec.ecx], 4
        call end_irq
        call one_tick
        TRY "... POPFD before: none"
        mov edi, BUF
        mov ecx, 5
        push dword F_IF | 2
        popfd
        AT
        rep stosb
        CAUGHT IRQ0, NONE
        CHECK "ECX", dword [rec.ecx], 5
        CHECK_BITS "RF", [rec.eflags], F_RF, 0
        call end_irq
        ret
.tick:  mov dword [hook], 0
        inc dword [.ticks]
        jmp end_irq
.ticks  dd 0

image_end:
