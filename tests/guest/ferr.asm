; ferr.asm - x87 errors outside the processor: FERR# as IRQ 13 with CR0.NE clear, IGNNE# by port F0h, instructions that wait
; and that do not, what wakes a processor that waits.
; Follows: Intel SDM Vol. 1 "Handling x87 FPU Exceptions in Software", "MS-DOS Compatibility Sub-mode" and the appendix on x87
; exception handlers ("No-Wait x87 FPU Instructions Can Get x87 FPU Interrupt in Window"); Vol. 3A "Control Registers" (NE);
; 82371SB (PIIX3) data sheet "Coprocessor Error Register".
%define GUEST "ferr"
%include "lib.inc"
%include "board.inc"

AREA  equ FREE_LOW                      ; FNSAVE, FNSTENV

; An unmasked error is pending: 1 / 0.
%macro ERROR 0
        fninit
        fldcw [unmasked]
        fldz
        fld1
        fdiv st0, st1
%endmacro
; WAITS name, instruction: it waits, and IRQ 13 finds EIP at it.
%macro WAITS 2+
        call again
        ERROR
        TRY %1
        sti
        AT
        %2
        times 4 nop
        CAUGHT IRQ13, NONE
        call quiet
%endmacro
; NO_WAIT name, instructions: they run, IRQ 13 masked at the controller.
%macro NO_WAIT 2+
        mov al, 0ffh
        out 0a1h, al
        ERROR
        TRY %1
        sti
        nop
        %2
        CAUGHT OK, NONE
        cli
        call quiet
%endmacro

main:
        SET_CR0 ~20h, 0                         ; NE
        call waiting
        call no_wait
        call environment
        call port
        call ignored
        call woken
        call native
        fninit
        DONE

; IRQ 13 open, nothing pending.
again:  MASKS 0fbh, 0dfh
        ret
; The error gone, the interrupt ended, everything masked.
quiet:  fnclex
        out 0f0h, al
        jmp end_irq
; EAX: is IRQ 13 requested at the second controller?
requested:
        mov al, 0ah
        out 0a0h, al
        in al, 0a0h
        shr al, 5
        and eax, 1
        ret

waiting:
        WAITS "WAIT", fwait
        WAITS "FNOP", fnop
        WAITS "FLD1", fld1
        WAITS "FADD", fadd st0, st1
        WAITS "FLD from memory", fld dword [AREA]
        WAITS "FSTP to memory", fstp dword [AREA]
        WAITS "FLDCW", fldcw [unmasked]
        WAITS "FXCH", fxch
        WAITS "FRSTOR", frstor [AREA]
        WAITS "FLDENV", fldenv [AREA]
        WAITS "FCOMPP", fcompp
        WAITS "EMMS", emms
        WAITS "MOVD MM0, EAX", movd mm0, eax
        call again
        ERROR
        TRY "in ring 3"
        USER F_IF | F_IOPL3 | 2
        AT
        fwait
        nop
        CAUGHT IRQ13, NONE
        CHECK "CS", dword [rec.cs], UCODE
        call quiet
        call again
        ERROR
        TRY "in virtual-8086 mode"
        V86 F_IF | 2
        AT
        fwait
        nop
        CAUGHT IRQ13, NONE
        CHECK_BITS "VM", [rec.eflags], F_VM, F_VM
        call quiet
        call again
        ERROR
        SET_CR0 -1, 0ah                         ; TS, MP
        TRY "#NM goes before"
        AT
        fwait
        CAUGHT NM, NONE
        TRY "#NM of an instruction"
        AT
        fld1
        CAUGHT NM, NONE
        clts
        TRY "the handler clears it and goes on"
        mov dword [hook], .serve
        xor ecx, ecx
        sti
        fwait
        inc ecx
        CAUGHT OK, NONE
        CHECK "one interrupt and OK", dword [rec.count], 2
        CHECK "after it", dword [rec.ecx], 1
        call quiet
        ret
.serve: mov dword [hook], 0
        mov eax, [ebp + H_VEC]
        CHECK "vector", eax, IRQ13
        jmp quiet

no_wait:
        NO_WAIT "FNSTSW AX", fnstsw ax
        CHECK_BITS "ES, B, ZE", [rec.eax], 8084h, 8084h
        NO_WAIT "FNSTSW to memory", fnstsw [AREA]
        NO_WAIT "FNSTCW", fnstcw [AREA]
        CHECK_BITS "the control word", [AREA], 0ffffh, 37bh

        mov al, 0ffh
        out 0a1h, al
        ERROR
        TRY "FNCLEX: nothing to wait for"
        fnclex
        fwait
        fld1
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "ES, B, exceptions", [rec.eax], 80ffh, 0
        ERROR
        TRY "FNINIT"
        fninit
        fwait
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "the status word", [rec.eax], 0ffffh, 0
        ERROR
        TRY "FNSAVE"
        fnsave [AREA]
        fwait
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "saved: ES, ZE", [AREA + 4], 84h, 84h
        CHECK_BITS "then as FNINIT", [rec.eax], 0ffffh, 0
        TRY "FRSTOR brings the error back"
        frstor [AREA]
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "ES, ZE", [rec.eax], 84h, 84h
        call again
        TRY "... and the next one waits"
        sti
        AT
        fwait
        nop
        CAUGHT IRQ13, NONE
        call quiet
        ret

; Errors that come and go with the environment and the control word.
environment:
        mov al, 0ffh
        out 0a1h, al
        ERROR
        TRY "FNSTENV: saved, then masked"
        fnstenv [AREA]
        fwait
        fld1
        fnstcw [AREA + 100h]
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "saved: the control word", [AREA], 0ffffh, 37bh
        CHECK_BITS "saved: ES", [AREA + 4], 80h, 80h
        CHECK_BITS "masks", [AREA + 100h], 3fh, 3fh
        CHECK_BITS "ES clear, ZE stays", [rec.eax], 84h, 4
        call quiet
        call again
        TRY "FLDENV: the error is back"
        fldenv [AREA]
        sti
        AT
        fwait
        nop
        CAUGHT IRQ13, NONE
        call quiet
        fninit                                  ; masked: 1 / 0 sets ZE
        fldz
        fld1
        fdiv st0, st1
        call again
        TRY "masked: nothing"
        sti
        fwait
        times 4 nop
        CAUGHT OK, NONE
        call requested
        CHECK "IRQ 13 not requested", eax, 0
        TRY "FLDCW unmasks an old error"
        fldcw [unmasked]
        fnstsw ax
        sti
        AT
        fwait
        nop
        CAUGHT IRQ13, NONE
        CHECK_BITS "ES", [rec.eax], 80h, 80h
        call quiet
        ret

; Port F0h: the request goes, IGNNE# comes while FERR# is there.
port:
        mov al, 0ffh
        out 0a1h, al
        call requested
        CHECK "no request", eax, 0
        ERROR
        call requested
        CHECK "FERR#: IRQ 13 is requested", eax, 1
        fnclex
        call requested
        CHECK "FERR# gone: the request stays", eax, 1
        out 0f0h, al
        call requested
        CHECK "until port F0h is written", eax, 0
        ERROR
        call requested
        CHECK "the next error", eax, 1
        out 0f0h, al
        call requested
        CHECK "port F0h with FERR# there", eax, 0
        fnclex
        ERROR
        call requested
        CHECK "a new edge of FERR#", eax, 1
        call quiet
        out 0f0h, al                            ; without FERR#: no IGNNE#
        WAITS "port F0h before the error does not help", fwait
        ret

; IGNNE#: instructions go on with the error pending.
ignored:
        mov al, 0ffh
        out 0a1h, al
        ERROR
        out 0f0h, al
        TRY "WAIT, FLD1, FADD run"
        fwait
        fld1
        fadd st0, st0
        fistp dword [AREA]
        emms
        fnstsw ax
        CAUGHT OK, NONE
        CHECK "they did", dword [AREA], 2
        CHECK_BITS "ES is still there", [rec.eax], 84h, 84h
        TRY "another error under IGNNE#"
        fninit
        fldcw [unmasked]
        fldz
        fld1
        fdiv st0, st1
        out 0f0h, al
        fldz
        fdivp st1, st0
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "ES", [rec.eax], 80h, 80h
        TRY "NE set: #MF whatever IGNNE# says"
        SET_CR0 -1, 20h
        AT
        fwait
        CAUGHT MF, NONE
        SET_CR0 ~20h, 0
        TRY "NE clear: ignored again"
        fwait
        CAUGHT OK, NONE
        fnclex
        WAITS "FNCLEX ended IGNNE#", fwait
        ret

; While it waits other interrupts are taken too, with EIP at the waiting instruction.
woken:
        MASKS 0ffh, 0ffh
        call start_tick
        ERROR
        TRY "IRQ 0"
        sti
        AT
        fld1
        nop
        CAUGHT IRQ0, NONE
        CHECK_BITS "RF", [rec.eflags], F_RF, 0
        mov al, 20h
        out 20h, al
        call quiet
        call start_tick
        MASKS 0fah, 0ffh                        ; IRQ 2 too
        ERROR
        TRY "IRQ 0, whose handler opens IRQ 13"
        mov dword [hook], .open
        mov dword [.seen], 0
        sti
        AT
        fwait
        nop
        CAUGHT IRQ13, NONE
        CHECK "first IRQ 0 at the same place", dword [.seen], dword [rec.eip]
        mov al, 20h
        out 20h, al
        call quiet
        call find_iochk
        jnz .nmi
        ret
.nmi:   call nmi_ready
        ERROR
        TRY "NMI, interrupts off"
        mov al, 101                             ; 100 us
        out IOCHK, al
        AT
        fwait
        nop
        CAUGHT NMI, NONE
        call nmi_ready
        jmp quiet
.open:  mov dword [hook], 0
        mov eax, [ebp + H_EIP]
        mov [.seen], eax
        mov al, 20h
        out 20h, al
        jmp again
.seen   dd 0

; NE set: vector 16, without the controller.
native:
        SET_CR0 -1, 20h
        mov al, 0ffh
        out 0a1h, al
        ERROR
        TRY "#MF by WAIT"
        AT
        fwait
        CAUGHT MF, NONE
        TRY "again: it is still pending"
        AT
        fld1
        CAUGHT MF, NONE
        TRY "by EMMS"
        AT
        emms
        CAUGHT MF, NONE
        TRY "not by FNSTSW, FNSTCW, FNSTENV"
        fnstsw ax
        fnstcw [AREA]
        fnstenv [AREA]
        fwait
        CAUGHT OK, NONE
        fldenv [AREA]
        TRY "FLDENV: #MF is back"
        AT
        fwait
        CAUGHT MF, NONE
        fnclex
        TRY "FNCLEX: gone"
        fwait
        CAUGHT OK, NONE
        out 0f0h, al
        ret

        align 4
unmasked dw 033bh
image_end:
