; apic.asm - the APICs as a kernel uses them: virtual wire, priorities, interprocessor interrupts to oneself, levels with remote IRR
; and the EOI's broadcast, the HPET behind both controllers, IA32_APIC_BASE, x2APIC, the timer in all three modes.
; Follows: Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)"; 82093AA data sheet; IA-PC HPET Specification 1.0a.
%define GUEST "apic"
%include "lib.inc"
%include "board.inc"
%include "apic.inc"

V1      equ 51h
V2      equ 62h
V3      equ 68h
SPURIOUS equ 5fh

; Ends of a TRY whose interrupt was taken: CAUGHT, then the local APIC's EOI.
%macro TAKEN 1
        CAUGHT %1, NONE
        LEOI
%endmacro
; The interrupt is there within so many rounds, or the TRY ends with OK.
%macro AWAIT 0
        sti
        mov ecx, 100000
  %%more:
        dec ecx
        jnz %%more
        cli
%endmacro

; A level-triggered interrupt: what its handler finds in the entry of input 20 before and after the EOI, with the HPET's status
; cleared in between or not.
on_level:
        push eax
        inc dword [levels]
        IOGET 10h + 40
        mov [before_eoi], eax
        cmp dword [levels], 2
        jb .keep
        mov dword [HPET + 20h], 4
.keep:  LEOI
        IOGET 10h + 40
        mov [after_eoi], eax
        pop eax
        iretd

main:   SKIP_UNLESS "local APIC", 9, .end
        mov eax, 1
        cpuid
        mov [features], ecx
        MASKS 0ffh, 0ffh

        ; ---- as the firmware leaves it: virtual wire ----
        CHECK_BITS "software enabled", [LAPIC + L_SVR], 100h, 100h
        CHECK_BITS "LINT0 is ExtINT", [LAPIC + L_LINT0], 10700h, 700h
        CHECK_BITS "LINT1 is NMI", [LAPIC + L_LINT1], 10700h, 400h
        TRY "the 8259A's interrupt through LINT0"
        call one_tick
        sti
        nop
        AT
        nop
        CAUGHT IRQ0, NONE
        CHECK "which is not in service here", dword [LAPIC + L_ISR + 10h], 0
        call end_irq
        LSET L_LINT0, 10700h
        TRY "and masked there"
        call one_tick
        sti
        times 8 nop
        cli
        CAUGHT OK, NONE
        call end_irq
        LSET L_SVR, 100h | SPURIOUS

        ; ---- interrupts to oneself, priorities ----
        TRY "self"
        LSET L_ICR, 44000h | V1
        CHECK_BITS "IRR", [LAPIC + L_IRR + 20h], 1 << (V1 & 31), 1 << (V1 & 31)
        sti
        nop
        AT
        nop
        CAUGHT V1, NONE
        CHECK_BITS "ISR", [LAPIC + L_ISR + 20h], 1 << (V1 & 31), 1 << (V1 & 31)
        CHECK "PPR", dword [LAPIC + L_PPR], 50h
        TRY "nothing of the class in service"
        LSET L_ICR, 44000h | (V1 + 1)
        sti
        times 4 nop
        cli
        CAUGHT OK, NONE
        TRY "but of a higher one"
        LSET L_ICR, 44000h | V2
        sti
        nop
        nop
        TAKEN V2
        LEOI
        TRY "and after its end"
        sti
        nop
        nop
        TAKEN V1 + 1
        LSET L_TPR, 60h
        TRY "nothing below the task's priority"
        LSET L_ICR, 44000h | V2
        sti
        times 4 nop
        cli
        CAUGHT OK, NONE
        TRY "the next instruction after the task's priority falls"
        sti
        nop
        LSET L_TPR, 5fh
        AT
        nop
        TAKEN V2
        LSET L_TPR, 0
        LSET L_ICR2, 0
        TRY "NMI by ICR"
        LSET L_ICR, 4400h
        AT
        nop
        CAUGHT NMI, NONE
        call unblock_nmi
        LSET L_ESR, 0
        LSET L_ICR, 44000h | 0eh
        LSET L_ESR, 0
        CHECK_BITS "an illegal vector", [LAPIC + L_ESR], 0e0h, 20h
        LSET L_ESR, 0
        cmp byte [LAPIC + L_VER], 10h
        je .timer                                       ; the Pentium does not tell
        LSET L_ERROR, 0e1h
        mov ebx, LAPIC
        TRY "an illegal register"
        sti
        nop
        mov eax, [ebx + 50h]
        AT
        nop
        TAKEN 0e1h
        LSET L_ERROR, L_MASKED
        LSET L_ESR, 0
        CHECK_BITS "ESR", [LAPIC + L_ESR], 0e0h, 80h

        ; ---- the timer ----
.timer:
        LSET L_DIV, 0
        LSET L_TIMER, V3
        TRY "one-shot, with HLT"
        LSET L_INIT, 5000
        sti
        hlt
        AT
        nop
        TAKEN V3
        CHECK "it stands", dword [LAPIC + L_COUNT], 0
        LSET L_TIMER, 20000h | V3
        LSET L_INIT, 3000
        mov dword [rounds], 3
.round: TRY "periodic"
        sti
        hlt
        AT
        nop
        TAKEN V3
        dec dword [rounds]
        jnz .round
        CHECK "three times", dword [rounds], 0
        LSET L_TIMER, L_MASKED

        ; ---- the I/O APIC: edge by the PIT, level by the HPET ----
        MASK_PINS
        PIN 2, V1
        TRY "the PIT by input 2"
        call start_tick
        MASKS 0ffh, 0ffh
        AWAIT
        TAKEN V1
        PIN 2, L_MASKED
        PIN 0, 700h
        TRY "the 8259A by input 0"
        call start_tick
        AWAIT
        CAUGHT IRQ0, NONE
        call end_irq
        PIN 0, L_MASKED
        GATE idt + 8 * V2, CODE32, on_level, 8eh
        mov dword [HPET + 10h], 0
        mov dword [HPET + 0f0h], 0
        mov dword [HPET + 0f4h], 0
        mov dword [HPET + 140h], 6 | 20 << 9            ; timer 2: level, enabled, input 20
        mov dword [HPET + 148h], 200
        mov dword [HPET + 14ch], 0
        PIN 20, 0a000h | V2                             ; by level, active low
        mov dword [HPET + 10h], 1
        TRY "a level"
        AWAIT
        CAUGHT OK, NONE
        CHECK "comes again until the device is served", dword [levels], 2
        CHECK "remote IRR before the EOI", dword [before_eoi], 0e000h | V2
        CHECK "and none after it", dword [after_eoi], 0a000h | V2
        PIN 20, L_MASKED
        GATE idt + 8 * V2, CODE32, stubs + V2 * stub_size, 8eh

        ; ---- legacy replacement ----
        mov dword [HPET + 10h], 0
        mov dword [HPET + 140h], 0
        mov dword [HPET + 100h], 14ch          ; timer 0: periodic, 32 bits, enabled; the next write sets both
        mov dword [HPET + 108h], 100
        mov dword [HPET + 0f0h], 0
        PIN 2, V2
        mov dword [HPET + 10h], 3
        mov dword [rounds], 3
.hpet:  TRY "timer 0 in the PIT's place"
        AWAIT
        TAKEN V2
        dec dword [rounds]
        jnz .hpet
        PIN 2, L_MASKED
        LSET L_LINT0, 700h
        TRY "at the 8259A, too"
        MASKS 0feh, 0ffh
        AWAIT
        CAUGHT IRQ0, NONE
        mov dword [HPET + 10h], 0
        mov dword [HPET + 100h], 0
        call end_irq

        ; ---- IA32_APIC_BASE ----
        SKIP_UNLESS "MSR", 5, .end
        mov eax, 1
        cpuid
        shr eax, 8
        and eax, 15
        cmp eax, 6
        jb .end                                         ; the Pentium's stays where it is
        mov ecx, 1bh
        rdmsr
        CHECK "enabled, of the processor that boots", eax, LAPIC | 900h
        mov dword [FREE_HIGH + L_VER], 12345678h
        mov eax, FREE_HIGH | 900h
        xor edx, edx
        wrmsr
        CHECK_BITS "the page moves before memory", [FREE_HIGH + L_VER], 0f0h, 10h
        CHECK_BITS "with its registers", [FREE_HIGH + L_SVR], 1ffh, 100h | SPURIOUS
        mov eax, LAPIC
        wrmsr
        CHECK "and is gone", dword [FREE_HIGH + L_VER], 12345678h
        mov eax, 1
        cpuid
        and edx, 200h
        CHECK "CPUID says so", edx, 0
        TRY "LINT0 is INTR then"
        call one_tick
        sti
        nop
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        mov ecx, 1bh
        mov eax, LAPIC | 800h
        xor edx, edx
        wrmsr
        CHECK "as after power-up", dword [LAPIC + L_SVR], 0ffh
        TRY "reserved bits"
        mov ecx, 1bh
        mov eax, LAPIC | 801h
        xor edx, edx
        AT
        wrmsr
        CAUGHT GP, 0

        ; ---- x2APIC and the TSC deadline ----
        LSET L_SVR, 100h | SPURIOUS
        test dword [features], 1 << 24
        jz .no_deadline
        LSET L_TIMER, 40000h | V3
        db 0fh, 0aeh, 0f0h                              ; MFENCE
        TRY "the deadline"
        rdtsc
        add eax, 20000
        adc edx, 0
        mov ecx, 6e0h
        wrmsr
        sti
        hlt
        AT
        nop
        TAKEN V3
        mov ecx, 6e0h
        rdmsr
        or eax, edx
        CHECK "is over", eax, 0
        TRY "one that has passed"
        mov ecx, 6e0h
        mov eax, 1
        xor edx, edx
        sti
        wrmsr
        times 4 nop
        TAKEN V3
.no_deadline:
        test dword [features], 1 << 21
        jz .end
        TRY "no MSR before x2APIC mode"
        mov ecx, 802h
        AT
        rdmsr
        CAUGHT GP, 0
        mov ecx, 1bh
        mov eax, LAPIC | 0c00h
        xor edx, edx
        wrmsr
        mov ecx, 80fh
        rdmsr
        CHECK "SVR", eax, 100h | SPURIOUS
        mov ecx, 80dh
        rdmsr
        CHECK "logical ID", eax, 1
        TRY "SELF IPI"
        mov ecx, 83fh
        mov eax, V1
        xor edx, edx
        sti
        nop
        wrmsr
        AT
        nop
        CAUGHT V1, NONE
        mov ecx, 80bh
        xor eax, eax
        xor edx, edx
        wrmsr
        TRY "EOI of anything but 0"
        mov ecx, 80bh
        mov eax, 1
        AT
        wrmsr
        CAUGHT GP, 0
        TRY "back to xAPIC mode"
        mov ecx, 1bh
        mov eax, LAPIC | 800h
        xor edx, edx
        AT
        wrmsr
        CAUGHT GP, 0
.end:   DONE

        align 4
features dd 0
levels  dd 0
rounds  dd 0
before_eoi dd 0
after_eoi dd 0
image_end:
