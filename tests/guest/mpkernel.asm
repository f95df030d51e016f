; mpkernel.asm - what a small kernel does that knows no interrupt controller but the APICs: it finds the MP floating pointer, reads
; the table, masks the 8259A, programs the local APIC and the I/O APIC by what the table says, and runs on the timer's,
; the keyboard's, the serial port's and the floppy controller's interrupts.
; Follows: MultiProcessor Specification 1.4 "MP Configuration Table"; SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)".
%define GUEST "mpkernel"
%include "lib.inc"
%include "board.inc"
%include "apic.inc"

VECTOR  equ 40h                 ; of ISA interrupt 0; timer, error and spurious above them
V_TIMER equ VECTOR + 16
V_ERROR equ VECTOR + 17
V_SPURIOUS equ VECTOR + 31

; EBX: where to look, ECX: bytes. CF clear: found at EBX.
find_floating:
        cmp dword [ebx], '_MP_'
        jne .next
        push ecx
        xor eax, eax
        mov edx, ebx
        mov ecx, 16
.sum:   add al, [edx]
        inc edx
        loop .sum
        pop ecx
        test al, al
        jz .found
.next:  add ebx, 16
        sub ecx, 16
        ja find_floating
        stc
.found: ret

; The table at EBX: the entries' numbers into the variables, the I/O APIC's input of ISA interrupt n into pin[n].
read_table:
        lea esi, [ebx + 2ch]
        movzx ecx, word [ebx + 22h]
.entry: mov al, [esi]
        cmp al, 0
        je .processor
        cmp al, 1
        je .bus
        cmp al, 2
        je .ioapic
        cmp al, 3
        je .interrupt
        cmp al, 4
        jne .unknown
        inc dword [locals]
        jmp .eight
.processor:
        inc dword [processors]
        movzx eax, byte [esi + 1]
        mov [boot_id], eax
        test byte [esi + 3], 2
        jz .twenty
        inc dword [boot_processors]
.twenty:
        add esi, 20
        dec ecx
        jnz .entry
        ret
.bus:   cmp word [esi + 2], 'IS'
        jne .eight
        movzx eax, byte [esi + 1]
        mov [isa_bus], eax
        jmp .eight
.ioapic:
        inc dword [ioapics]
        movzx eax, byte [esi + 1]
        mov [ioapic_id], eax
        mov eax, [esi + 4]
        mov [ioapic_at], eax
        jmp .eight
.interrupt:
        movzx eax, byte [esi + 4]
        cmp eax, [isa_bus]
        jne .pci
        cmp byte [esi + 1], 0                   ; INT
        jne .eight
        movzx eax, byte [esi + 5]
        and eax, 15
        movzx edx, byte [esi + 7]
        mov [pin + eax * 4], edx
        jmp .eight
.pci:   inc dword [pci_interrupts]
        cmp word [esi + 2], 0fh                 ; active low, by level
        je .eight
        inc dword [unknown]
.eight: add esi, 8
        dec ecx
        jnz .entry
        ret
.unknown:
        inc dword [unknown]
        ret

; EAX: an ISA interrupt. Its input is opened, by edge, to vector VECTOR + EAX of this processor.
open_irq:
        mov edx, [pin + eax * 4]
        lea edx, [edx * 2 + 11h]
        mov ecx, [boot_id]
        shl ecx, 24
        mov [IOAPIC], edx
        mov [IOAPIC + 10h], ecx
        dec edx
        add eax, VECTOR
        mov [IOAPIC], edx
        mov [IOAPIC + 10h], eax
        ret

; ---- interrupt handlers: each counts, serves its device, and ends ----

on_timer:
        inc dword [ticks]
        LEOI
        iretd
on_pit: inc dword [pit_ticks]
        LEOI
        iretd
on_keyboard:
        push eax
        in al, 64h
        test al, 1
        jz .none
        in al, 60h
        mov [scan], al
        inc dword [keys]
.none:  LEOI
        pop eax
        iretd
on_serial:
        push eax
        push edx
        mov dx, 3fah
        in al, dx
        mov [iir], al
        inc dword [serials]
        mov dx, 3f9h
        mov al, 0
        out dx, al
        LEOI
        pop edx
        pop eax
        iretd
on_floppy:
        inc dword [floppies]
        LEOI
        iretd
on_error:
        inc dword [errors]
        LEOI
        iretd
on_spurious:
        inc dword [spurious]
        iretd

; WAIT_FOR counter, value: HLT until it is there.
%macro WAIT_FOR 2
  %%wait:
        cli
        cmp dword [%1], %2
        jae %%there
        sti
        hlt
        jmp %%wait
  %%there:
        sti
%endmacro

main:   SKIP_UNLESS "local APIC", 9, .end
        movzx ebx, word [40eh]                  ; the extended BIOS data area, the last KB below, the ROM
        shl ebx, 4
        mov ecx, 1024
        call find_floating
        jnc .floating
        movzx ebx, word [413h]
        shl ebx, 10
        sub ebx, 1024
        mov ecx, 1024
        call find_floating
        jnc .floating
        mov ebx, 0f0000h
        mov ecx, 10000h
        call find_floating
        jnc .floating
        CHECK "an MP floating pointer", 0, 1
        jmp .end
.floating:
        CHECK_BITS "its length, revision and no default configuration", [ebx + 8], 0ff00ffffh, 401h
        mov edx, [ebx + 12]
        CHECK_BITS "no IMCR", edx, 80h, 0
        mov ebx, [ebx + 4]
        CHECK "PCMP", dword [ebx], 'PCMP'
        cmp ebx, 0f0000h
        setae al
        cmp ebx, 100000h
        setb ah
        movzx eax, ax
        CHECK "where every kernel can read it", eax, 101h
        movzx ecx, word [ebx + 4]
        mov esi, ebx
        xor edx, edx
.sum:   lodsb
        add dl, al
        loop .sum
        CHECK "checksum", edx, 0
        CHECK "the local APIC's address", dword [ebx + 24h], LAPIC
        call read_table
        CHECK "one processor", dword [processors], 1
        CHECK "which boots", dword [boot_processors], 1
        CHECK "one I/O APIC", dword [ioapics], 1
        CHECK "its address", dword [ioapic_at], IOAPIC
        CHECK "nothing unknown", dword [unknown], 0
        CHECK "both local interrupts", dword [locals], 2
        CHECK "every PCI interrupt of the board", dword [pci_interrupts], 4 * 4
        CHECK "IRQ 0 is at input 2", dword [pin], 2
        CHECK "IRQ 1 is at input 1", dword [pin + 4], 1
        mov eax, [LAPIC + L_ID]
        shr eax, 24
        CHECK "the processor's APIC ID", eax, [boot_id]
        IOGET 0
        shr eax, 24
        CHECK "the I/O APIC's ID", eax, [ioapic_id]
        IOGET 1
        shr eax, 16
        and eax, 0ffh
        CHECK "24 inputs", eax, 23

        ; ---- the controllers ----
        MASKS 0ffh, 0ffh
        GATE idt + 8 * V_TIMER, CODE32, on_timer, 8eh
        GATE idt + 8 * VECTOR, CODE32, on_pit, 8eh
        GATE idt + 8 * (VECTOR + 1), CODE32, on_keyboard, 8eh
        GATE idt + 8 * (VECTOR + 4), CODE32, on_serial, 8eh
        GATE idt + 8 * (VECTOR + 6), CODE32, on_floppy, 8eh
        GATE idt + 8 * V_ERROR, CODE32, on_error, 8eh
        GATE idt + 8 * V_SPURIOUS, CODE32, on_spurious, 8eh
        LSET L_SVR, 100h | V_SPURIOUS
        LSET L_DIV, 0bh
        LSET L_TIMER, 20000h | V_TIMER          ; periodic
        LSET L_INIT, 100000
        LSET L_LINT0, L_MASKED
        LSET L_LINT1, L_MASKED
        LSET 340h, L_MASKED
        LSET L_ERROR, V_ERROR
        LSET L_ESR, 0
        LSET L_ESR, 0
        LEOI
        LSET L_ICR2, 0
        LSET L_ICR, 88500h                      ; INIT, de-asserted, to all
.idle:  test dword [LAPIC + L_ICR], 1000h
        jnz .idle
        LSET L_TPR, 0
        MASK_PINS

        ; ---- running ----
        sti
        WAIT_FOR ticks, 3
        CHECK "the timer again and again", dword [ticks], 3

        mov eax, 1                              ; the keyboard, by a byte that the 8042 takes for one of its own
        call open_irq
        mov al, 0adh
        out 64h, al
.ready: in al, 64h
        test al, 2
        jnz .ready
        mov al, 0d2h
        out 64h, al
.ready2:
        in al, 64h
        test al, 2
        jnz .ready2
        mov al, 1eh
        out 60h, al
        WAIT_FOR keys, 1
        CHECK_BITS "the scan code", [scan], 0ffh, 1eh

        mov dx, 3fch                            ; COM1: the transmitter is empty
        mov al, 0bh
        out dx, al
        mov eax, 4
        call open_irq
        mov dx, 3f9h
        mov al, 2
        out dx, al
        WAIT_FOR serials, 1
        CHECK_BITS "IIR", [iir], 0fh, 2

        mov eax, 6                              ; the floppy controller, out of reset
        call open_irq
        mov dx, 3f2h
        mov al, 8
        out dx, al
        mov al, 0ch
        out dx, al
        WAIT_FOR floppies, 1

        xor eax, eax                            ; the PIT, at its input 2
        call open_irq
        mov al, 34h
        out 43h, al
        mov al, 0
        out 40h, al
        mov al, 10h
        out 40h, al
        WAIT_FOR pit_ticks, 2
        cli
        LSET L_TIMER, L_MASKED
        CHECK "no error", dword [errors], 0
        CHECK "nothing spurious", dword [spurious], 0
        MASK_PINS
.end:   DONE

        align 4
processors dd 0
boot_processors dd 0
boot_id dd -1
isa_bus dd -1
ioapics dd 0
ioapic_id dd -1
ioapic_at dd 0
pci_interrupts dd 0
locals  dd 0
unknown dd 0
pin     times 16 dd -1
ticks   dd 0
pit_ticks dd 0
keys    dd 0
scan    dd 0
serials dd 0
iir     dd 0
floppies dd 0
errors  dd 0
spurious dd 0
image_end:
