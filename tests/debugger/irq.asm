; irq.asm - a firmware of its own for each reason that an interrupt does not come: nasm -DCASE=NAME. It runs in real mode (data
; segments of 4 GB for the APICs), sets the chips up as the case says, and waits in a loop. What the debugger's `irq` says then is
; beside it in irq/NAME.txt.
%define eoi_master    1
%define eoi_slave     2
%define eoi_cascade   3
%define if_popf       4
%define if_gate       5
%define masked        6
%define unfinished    7
%define never         8
%define quiet         9
%define no_edge       10
%define edge_lost     11
%define cascade       12
%define wrong_id      13
%define withdrawn     14
%define spurious      15
%define works         16
%define special       17
%define level_stuck   18
%define lint0         19
%define apic_masked   20
%define apic_eoi      21
%define apic_tpr      22
%define apic_svr      23
%define apic_nobody   24
%define apic_works    25
%define gate          26
%define fully         27
%define halted        28
%assign WHICH CASE
%define APIC (WHICH >= apic_masked && WHICH <= apic_works)

%include "firmware.inc"
        bits 16
%ifidn __?OUTPUT_FORMAT?__, bin          ; else for its symbols
        org 0
%endif
LAPIC   equ 0xfee00000
IOAPIC  equ 0xfec00000

%macro outb 2
        mov al, %2
        out %1, al
%endmacro
%macro outw 2                           ; to a port above FF
        mov dx, %1
        mov al, %2
        out dx, al
%endmacro
%macro lapic 2
        mov dword [dword LAPIC + %1], %2
%endmacro
%macro ioapic 2
        mov dword [dword IOAPIC], %1
        mov dword [dword IOAPIC + 0x10], %2
%endmacro

start:
        cli
        lgdt [cs:gdtr]                  ; DS of 4 GB
        mov eax, cr0
        or al, 1
        mov cr0, eax
        mov bx, 8
        mov ds, bx
        and al, 0xfe
        mov cr0, eax
        xor ax, ax
        mov ss, ax
        mov es, ax
        mov sp, 0x7000
        mov di, 0                       ; every vector: one that only returns
        mov cx, 256
.vector:
        mov word [es:di], plain
        mov word [es:di + 2], 0xf000
        add di, 4
        loop .vector
        mov word [es:0x08 * 4], timer
        mov word [es:0x0c * 4], com1
        mov word [es:0x70 * 4], rtc
        mov word [es:0x30 * 4], apic_timer

%if WHICH != never
        outb 0x20, 0x11                 ; both 8259As as the AT has them, all masked
        outb 0x21, 0x08
        outb 0x21, 0x04
%if WHICH == fully
        outb 0x21, 0x11
%else
        outb 0x21, 0x01
%endif
        outb 0xa0, 0x11
        outb 0xa1, 0x70
        outb 0xa1, WHICH == wrong_id ? 5 : 2
%if WHICH != unfinished
        outb 0xa1, 0x01
        outb 0xa1, 0xff
%endif
        outb 0x21, 0xff
%endif
        jmp the_case

timer_on:                               ; every 84 us
        outb 0x43, 0x34
        outb 0x40, 100
        outb 0x40, 0
        ret

rtc_on:                                 ; every 122 us
        outb 0x70, 0x0a
        outb 0x71, 0x23
        outb 0x70, 0x0b
        outb 0x71, 0x42
        outb 0x70, 0x0c
        in al, 0x71
        ret

com1_on:                                ; THR is empty: at once
        outw 0x3fc, 0x08
        outw 0x3f9, 0x02
        ret

com1_off:
        outw 0x3f9, 0x00
        ret

wait_loop:
        jmp wait_loop

the_case:
%if WHICH == if_gate
        outb 0x21, 0xfe
        call timer_on
        sti
%elif WHICH == eoi_master || WHICH == works
        outb 0x21, 0xee                 ; IRQ 0 and 4
        call timer_on
        sti
        mov ecx, 200000
.later: dec ecx
        jnz .later
        call com1_on
%elif WHICH == eoi_slave || WHICH == eoi_cascade || WHICH == no_edge
        outb 0x21, 0xfb
        outb 0xa1, 0xfe
        call rtc_on
        sti
%elif WHICH == if_popf
        outb 0x21, 0xfe
        sti
        call timer_on
        pushf
        pop ax
        and ah, 0xfd
        push ax
release:
        popf
%elif WHICH == masked
        outb 0x21, 0xfe
        outb 0x21, 0xff
        call com1_on
        sti
%elif WHICH == gate                     ; the handler never returns
        outb 0x21, 0xee
        call timer_on
        sti
%elif WHICH == unfinished
        outb 0x21, 0xfb
        call rtc_on
        sti
%elif WHICH == never
        call timer_on
        sti
%elif WHICH == quiet
        outb 0x21, 0xef
        sti
%elif WHICH == edge_lost
        call com1_on
        outb 0x20, 0x11
        outb 0x21, 0x08
        outb 0x21, 0x04
        outb 0x21, 0x01
        outb 0x21, 0xef
        sti
%elif WHICH == cascade
        outb 0xa1, 0xfe
        call rtc_on
        sti
%elif WHICH == wrong_id
        outb 0x21, 0xfb
        outb 0xa1, 0xfe
        call rtc_on
%elif WHICH == withdrawn
        outb 0x21, 0xef
        call com1_on
        call com1_off
        sti
%elif WHICH == spurious                 ; the 8259A's INT as a message: it is on its way when the request goes
        lapic 0x350, 0x10700
        lapic 0x0f0, 0x1ff
        ioapic 0x11, 0
        ioapic 0x10, 0x700
        outb 0x21, 0xef
        call com1_on
        call com1_off
        sti
%elif WHICH == special                  ; IR4 in service and masked holds nobody back: IR0 comes, IR4 does not
        outb 0x21, 0xee
        call com1_on
        sti
        nop
        nop
        outb 0x20, 0x68
        outb 0x21, 0xfe
        call com1_off
        call com1_on
        call timer_on
%elif WHICH == level_stuck
        outw 0x4d0, 0x10                ; the handler leaves the line high
        outb 0x21, 0xef
        sti
        call com1_on
%elif WHICH == halted
        outb 0x21, 0xfe
        call timer_on
        mov ecx, 200000
.later: dec ecx
        jnz .later
        hlt
%elif WHICH == lint0
        lapic 0x350, 0x10700
        outb 0x21, 0xfe
        call timer_on
        sti
%elif WHICH == fully
        outb 0x21, 0xfb
        outb 0xa1, 0xfe
        call rtc_on
        sti
%elif APIC
        lapic 0x0f0, WHICH == apic_svr ? 0x0ff : 0x1ff
        ioapic 0x14, WHICH == apic_masked ? 0x10030 : 0x00030  ; INTIN2, the timer's
        ioapic 0x15, WHICH == apic_nobody ? 0x05000000 : 0
%if WHICH == apic_masked
        ioapic 0x18, 0x00034                                  ; INTIN4 is open
%elif WHICH == apic_tpr
        lapic 0x080, 0x40
%endif
        call timer_on
        sti
%else
%error no such case
%endif
        jmp wait_loop

; ---- handlers ----

plain:
        iret

com1:
        push ax
        outb 0x20, 0x20
        pop ax
        iret

timer:
%if WHICH == gate
        jmp $
%endif
        push ax
%if WHICH == if_gate
        outb 0x20, 0x20
        jmp $                           ; EOI'd, but EFLAGS.IF is still clear
%elif WHICH != eoi_master
        outb 0x20, 0x20
%endif
        pop ax
        iret

rtc:
        push ax
%if WHICH != no_edge
        outb 0x70, 0x0c
        in al, 0x71
%endif
%if WHICH != eoi_slave && WHICH != fully
        outb 0xa0, 0x20
%endif
%if WHICH != eoi_cascade
        outb 0x20, 0x20
%endif
        pop ax
        iret

apic_timer:
%if WHICH != apic_eoi
        lapic 0x0b0, 0
%endif
        iret

        align 8
gdt:    dq 0
        dq 0x00cf92000000ffff
gdtr:   dw gdtr - gdt - 1
        dd 0xf0000 + gdt

        RESET_VECTOR
