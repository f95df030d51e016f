; smmint.asm - system management mode and everything that interrupts: HLT, I/O instructions, INTR, NMI, TF, another SMI.
; Follows: Intel SDM Vol. 3C "System Management Mode": "Exceptions and Interrupts Within SMM", "NMI Handling While in SMM",
; "Auto HALT Restart", "I/O Instruction Restart"; Vol. 3A "Priority Among Simultaneous Exceptions and Interrupts"; 82371AB
; (PIIX4) data sheet "PMCNTRL", "PMEN".
%define GUEST "smmint"
%include "lib.inc"
%include "smm.inc"
%include "board.inc"
%include "debug.inc"

IVT  equ FREE_LOW + 600h                ; the handler's own table, 33 vectors

main:
        call smm_setup
        call halted
        call restart
        call strings
        call latched
        call priority
        call traps
        call inside
        call nmis
        DONE

; The power management timer's overflow: an SMI while the processor waits. SCI_EN is clear.
timer_smi:
        push edx
        push eax
        mov edx, [smm.pmbase]
        mov ax, 1
        out dx, ax                              ; PMSTS: TMROF_STS
        add edx, 4
        in ax, dx
        and ax, ~1
        out dx, ax                              ; PMCNTRL: SCI_EN
        sub edx, 2
        mov ax, 1
        out dx, ax                              ; PMEN: TMROF_EN
        pop eax
        pop edx
        ret

        bits 16
timer_off:
        mov edx, [smm.pmbase]
        mov ax, 1
        out dx, ax
        add edx, 2
        xor ax, ax
        out dx, ax
        ret
        bits 32

; "Auto HALT Restart".
halted:
        call timer_smi
        mov dword [smm.action], .stay
        mov dword [smm.count], 0
        TRY "SMI in HLT, the slot kept: HLT goes on until an interrupt"
        sti
        hlt
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        CHECK "one SMI", dword [smm.count], 1
        CHECK_BITS "the slot was 1", MAP(MAP_HALT), 1, 1
        CHECK_MAP "EIP: after HLT", MAP_EIP, dword [rec.eip]
        CHECK_BITS "IF in the map", MAP(MAP_EFLAGS), F_IF, F_IF
        call timer_smi
        mov dword [smm.action], .leave
        TRY "the slot cleared: on with the next instruction"
        xor ecx, ecx
        hlt                                     ; interrupts are off
        inc ecx
        CAUGHT OK, NONE
        CHECK "it ran", dword [rec.ecx], 1
        CHECK "two SMIs", dword [smm.count], 2
        call timer_smi
        mov dword [smm.action], .twice
        mov dword [smm.note], 0
        TRY "an SMI in HLT, the slot kept, and another"
        hlt
        CAUGHT OK, NONE
        CHECK "both ran", dword [smm.note], 2
        CHECK_BITS "the second found HLT again", MAP(MAP_HALT), 1, 1
        SMI 0
        CHECK_BITS "not in HLT: 0", MAP(MAP_HALT), 0ffffh, 0
        ret

        bits 16
.stay:  call timer_off
        jmp start_tick
.leave: mov word [ebx + MAP_HALT], 0
        jmp timer_off
.twice: inc dword [smm.note]
        cmp dword [smm.note], 2
        jae .leave
        mov edx, [smm.pmbase]                   ; only the status: the next overflow comes
        mov ax, 1
        out dx, ax
        ret
        bits 32

; "I/O Instruction Restart".
restart:
        mov dword [smm.action], .once
        mov dword [smm.count], 0
        mov ebx, 0
        mov eax, 5a5a5a5ah
.out:   out APMC, al
.after: inc ebx
        CHECK "the slot FFH: the instruction ran twice", dword [smm.count], 2
        CHECK "what follows, once", ebx, 1
        CHECK_MAP "EIP of the map is after it", MAP_EIP, .after
        mov dword [smm.count], 0
        mov edx, APMC
        TRY "OUT DX with prefixes"
        xor ebx, ebx
        db 3eh, 66h
        out dx, eax
        inc ebx
        CAUGHT OK, NONE
        CHECK "also twice", dword [smm.count], 2
        CHECK "and went on", dword [rec.ebx], 1
        mov dword [smm.count], 0
        mov dword [smm.action], .zero
        out APMC, al
        nop
        CHECK "the slot 0: once", dword [smm.count], 1
        ret

        bits 16
.once:  cmp dword [smm.count], 2
        jae .zero
        mov word [ebx + MAP_IO], 0ffh
.zero:  ret
        bits 32

; Repeated output: an SMI after each iteration.
strings:
        mov dword [smm.count], 0
        mov dword [smm.action], .look
        mov dword [smm.note], -1
        mov edx, APMC
        mov esi, smm
        mov ecx, 3
        cld
.out:   rep outsb
.after: nop
        CHECK "three iterations, three SMIs", dword [smm.count], 3
        CHECK "the first found ECX 2", dword [smm.note], 2
        CHECK "... ESI", dword [smm.note + 4], smm + 1
        CHECK "... EIP at the instruction", dword [smm.note + 8], .out
        CHECK "... RF: it was not the last", dword [smm.note + 12], F_RF
        CHECK_MAP "the last found ECX 0", MAP_ECX, 0
        CHECK_MAP "... EIP after it", MAP_EIP, .after
        CHECK "ECX", ecx, 0
        CHECK "ESI", esi, smm + 3
        mov dword [smm.count], 0
        mov dword [smm.action], .second
        mov esi, smm + 7
        mov ecx, 2
        std
        rep outsb
        cld
        CHECK "an iteration restarted: three SMIs", dword [smm.count], 3
        CHECK "ECX", ecx, 0
        CHECK "ESI", esi, smm + 5
        mov dword [smm.count], 0
        mov dword [smm.action], .third
        mov esi, smm
        mov ecx, 2
        rep outsb
        CHECK "the last iteration restarted: three SMIs", dword [smm.count], 3
        CHECK "ECX", ecx, 0
        CHECK "ESI", esi, smm + 2
        mov dword [smm.count], 0
        mov dword [smm.action], .second
        mov esi, 0abcd0000h + smm
        mov ecx, 12340001h
        a16 rep outsb
        CHECK "16-bit addresses: two SMIs", dword [smm.count], 2
        CHECK "the upper halves stay: ECX", ecx, 12340000h
        CHECK "... ESI", esi, (0abcd0000h + smm) + 1
        ret

        bits 16
.look:  cmp dword [smm.count], 1
        jne .end
        mov eax, [ebx + MAP_ECX]
        mov [smm.note], eax
        mov eax, [ebx + MAP_ESI]
        mov [smm.note + 4], eax
        mov eax, [ebx + MAP_EIP]
        mov [smm.note + 8], eax
        mov eax, [ebx + MAP_EFLAGS]
        and eax, F_RF
        mov [smm.note + 12], eax
.end:   ret
.second:
        cmp dword [smm.count], 1
        jne .end
        mov word [ebx + MAP_IO], 0ffh
        ret
.third: cmp dword [smm.count], 2
        jne .end
        mov word [ebx + MAP_IO], 0ffh
        ret
        bits 32

; "Entering SMM": SMIs in SMM are latched, one of them.
latched:
        mov dword [smm.count], 0
        mov dword [smm.action], .again
        xor ebx, ebx
        out APMC, al
.after: inc ebx
        nop
        CHECK "two asked for, one more came", dword [smm.count], 2
        CHECK "... during the first there was none", dword [smm.note], 1
        CHECK "before another instruction", dword [smm.note + 4], 0
        CHECK_MAP "EIP", MAP_EIP, .after
        ret

        bits 16
.again: mov eax, [ebx + MAP_EBX]
        mov [smm.note + 4], eax
        cmp dword [smm.count], 2
        jae .end
        out APMC, al
        out APMC, al
        nop
        nop
        mov eax, [smm.count]
        mov [smm.note], eax
.end:   ret
        bits 32

; SMI before INTR.
priority:
        call one_tick
        mov dword [smm.action], .look
        mov dword [smm.count], 0
        TRY "an SMI and INTR at once"
        xor ebx, ebx
        sti
        out APMC, al
.after: AT
        inc ebx
        nop
        CAUGHT IRQ0, NONE
        CHECK "the SMI came", dword [smm.count], 1
        CHECK "first", dword [smm.note], .after
        CHECK "... with IF", dword [smm.note + 4], F_IF
        CHECK "no instruction between", dword [rec.ebx], 0
        call end_irq
        mov dword [smm.action], .pend
        TRY "INTR that came in SMM waits"
        xor ebx, ebx
        sti
        nop
        out APMC, al
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        call end_irq
        CHECK "after RSM", dword [rec.ebx], 0
        CHECK "the handler ran to its end", dword [smm.note + 8], 1
        ret

        bits 16
.look:  mov eax, [ebx + MAP_EIP]
        mov [smm.note], eax
        mov eax, [ebx + MAP_EFLAGS]
        and eax, F_IF
        mov [smm.note + 4], eax
        ret
.pend:  mov dword [smm.note + 8], 0
        call one_tick
        nop
        mov dword [smm.note + 8], 1
        ret
        bits 32

; An SMI comes before the traps of the instruction before it; TF and the debug registers are off in SMM.
traps:
        mov dword [smm.action], priority.look
        mov dword [smm.count], 0
        TRY "TF: SMI, then the single-step trap"
        STEP
        out APMC, al
.after: AT
        nop
        CAUGHT DB_, NONE
        CHECK "the SMI came", dword [smm.count], 1
        CHECK "... before the trap's handler", dword [smm.note], .after
        CHECK_BITS "DR6 of the map: no trap yet", MAP(MAP_DR6), 400fh, 0
        CHECK_BITS "TF in the map", MAP(MAP_EFLAGS), F_TF, F_TF
        mov eax, dr6
        CHECK_BITS "DR6: BS", eax, 400fh, 4000h
        CLEAR_DR6
        SET_CR4 -1, 8
        mov eax, APMC
        mov dr1, eax
        mov eax, 200704h                        ; L1, I/O
        mov dr7, eax
        TRY "a port breakpoint"
        out APMC, al
.io:    AT
        nop
        CAUGHT DB_, NONE
        CHECK "the SMI came", dword [smm.count], 2
        CHECK "... before the trap's handler", dword [smm.note], .io
        mov eax, dr6
        CHECK_BITS "DR6: B1", eax, 400fh, 2
        mov eax, .code
        mov dr1, eax
        mov eax, 704h
        mov dr7, eax
        TRY "a code breakpoint where RSM returns to"
        out APMC, al
.code:  AT
        nop
        CAUGHT DB_, NONE
        mov eax, smm_entry
        mov dr1, eax
        CLEAR_DR6
        TRY "none in the handler"
        SMI 0
        CAUGHT OK, NONE
        DR7 0
        SET_CR4 ~8, 0
        ret

; "Exceptions and Interrupts Within SMM": the handler's own table, as in real mode.
inside:
        mov edi, IVT
        mov ecx, 33
.fill:  mov dword [edi], .vector
        add edi, 4
        loop .fill
        mov dword [smm.action], .act
        mov dword [.seen], 0
        mov edi, .log
        SMI .act
        CHECK "INT 5 in SMM", dword [.log], .int5
        CHECK "#UD in SMM", dword [.log + 4], .ud
        CHECK "#DE in SMM", dword [.log + 8], .de
        CHECK "INTR in SMM after STI", dword [.log + 12], .irq
        CHECK "IF in its image", dword [.irq_flags], F_IF
        CHECK "... and no more", dword [.seen], 4
        sidt [.old]
        CHECK "IDTR is the old one", dword [.old + 2], idt
        TRY "and works"
        int3
        CAUGHT BP_, NONE
        ret
.seen   dd 0
.log    times 8 dd 0
.irq_flags dd 0
.old    dd 0, 0

        bits 16
.act:   lidt [.table]
        mov dword [smm.note], 0
        int 5
.int5:  mov word [.skip], 2
.ud:    ud2
        mov word [.skip], 2
        xor cx, cx
.de:    div cx
        mov word [.skip], 0
        call one_tick
        sti
        nop
.irq:   nop
        cli
        jmp end_irq
.table  dw 33 * 4 - 1
        dd IVT
.skip   dw 0
.vector:                                        ; log where, skip what faulted
        push bp
        push ebx
        push eax
        mov bp, sp
        movzx eax, word [bp + 10]
        mov ebx, [.seen]
        mov [.log + ebx * 4], eax
        inc dword [.seen]
        movzx eax, word [bp + 14]
        and eax, F_IF
        mov [.irq_flags], eax
        mov ax, [.skip]
        add [bp + 10], ax
        mov al, 0ffh
        out 21h, al
        pop eax
        pop ebx
        pop bp
        iret
        bits 32

; "NMI Handling While in SMM". IOCHK# is only there with the board's debug card.
nmis:
        call find_iochk
        jnz .there
        mov esi, .text
        jmp print
.text   db GUEST, ": no port EAh, NMI skipped", 10, 0
.there: call nmi_ready
        mov dword [smm.action], .raise
        TRY "an NMI in SMM waits for RSM"
        xor ebx, ebx
        out APMC, al
        AT
        inc ebx
        CAUGHT NMI, NONE
        CHECK "the handler ran to its end", dword [smm.note], 1
        CHECK "then it came at once", dword [rec.ebx], 0
        call nmi_ready
        mov dword [IVT + 8], .vector
        mov dword [smm.action], .open
        mov dword [smm.note + 4], 0
        TRY "IRET in SMM lets it in"
        SMI .open
        CAUGHT OK, NONE
        CHECK "in SMM, after IRET", dword [smm.note + 4], .iret_to
        call nmi_ready
        mov dword [smm.action], .raise
        TRY "an SMI in the handler of an NMI: the mask is not saved"
        mov dword [hook], .in_nmi
        RAISE
.never: nop
        CAUGHT NMI, NONE
        CHECK "after RSM the second NMI came", dword [rec.eip], .nested
        call nmi_ready
        ret

; In the handler of the first NMI.
.in_nmi:
        mov dword [hook], 0
        call clear_iochk
        SMI .raise
.nested equ $ - 2                               ; before the jump that is part of SMI
        ret

        bits 16
.raise: mov dword [smm.note], 0
        RAISE
        nop
        mov dword [smm.note], 1
        ret
.open:  lidt [inside.table]
        RAISE
        nop
        pushf
        push cs
        push word .iret_to
        iret
.iret_to:
        nop
        ret
.vector:
        push bp
        mov bp, sp
        push eax
        movzx eax, word [bp + 2]
        mov [smm.note + 4], eax
        pop eax
        pop bp
        iret
        bits 32

image_end:
