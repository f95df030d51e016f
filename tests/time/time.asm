; time.asm - the clocks of the machine measured by each other, while the processor works and while it is halted: 8254, MC146818,
; ACPI power management timer, time-stamp counter, the display's retrace, bus cycles and instructions.
; Follows: Intel 8254 and 82371AB (PIIX4) data sheets; Motorola MC146818 data sheet; ACPI specification "Power Management Timer";
; IBM VGA Technical Reference "Input Status Register 1".
; The power management timer (3,579,545 Hz, three times the 8254's input) is the ruler.
%define GUEST "time"
%include "lib.inc"
%include "board.inc"

IRQ8    equ 28h
PM_HZ   equ 3579545
PCI_PM  equ 80000b40h           ; bus 0, device 1, function 3: PMBASE

; NEAR name, got, want, tolerance: the difference is not greater. EAX is lost.
%macro NEAR 4
        mov eax, %2
        sub eax, %3
        jns %%positive
        neg eax
%%positive:
        cmp eax, %4
        mov eax, %2
        ja %%bad
        mov eax, %3
%%bad:  CHECK %1, eax, %3
%endmacro

; TAKES name, got, want, tolerance: as NEAR, but a slow host's instructions add to it.
%macro TAKES 4
        cmp byte [slower], 0
        je %%near
        mov eax, %2
        cmp eax, %3
        jae %%done
%%near: NEAR %1, %2, %3, %4
%%done:
%endmacro

main:
        mov edx, 0cf8h
        mov eax, PCI_PM
        out dx, eax
        mov edx, 0cfch
        in eax, dx
        and eax, 0ffc0h
        add eax, 8
        mov [pm_port], eax
        mov dword [idt + IRQ0 * 8], CODE32 << 16 | (tick0 - $$ + 7c00h)
        mov dword [idt + IRQ0 * 8 + 4], 8e00h
        mov dword [idt + IRQ8 * 8], CODE32 << 16 | (tick8 - $$ + 7c00h)
        mov dword [idt + IRQ8 * 8 + 4], 8e00h

        ; ---- a second of the real-time clock, polled: from one update to the next ----
        call rtc_update
        call begin
        call rtc_update
        call end
        NEAR "a second, polled: PM timer", [pm], PM_HZ, PM_HZ / 500
        NEAR "a second, polled: TSC", [tsc], 1000000000, 2000000

        ; ---- instructions: two million take two million clocks where the processor is not slower than it says ----
        call begin
        mov ecx, 1000000
.work:  dec ecx
        jnz .work
        call end
        mov eax, [tsc]
        mov ebx, eax
        cmp eax, 1980000
        setae al
        movzx eax, al
        CHECK "two million instructions take no less than two million clocks", eax, 1
        cmp ebx, 2020000
        seta [slower]

        ; ---- bus cycles: a thousand reads of port 80h take about a microsecond each ----
        mov al, 0b4h                            ; counter 2 runs freely
        out 43h, al
        in al, 61h
        and al, 0fch
        or al, 1
        out 61h, al
        mov al, 0ffh
        out 42h, al
        out 42h, al
        call pit2
        mov ebx, eax
        call begin
        mov ecx, 1000
.port:  in al, 80h
        loop .port
        call end
        call pit2
        sub ebx, eax
        movzx ebx, bx
        TAKES "1000 cycles of ISA: counter 2", ebx, 1193, 120
        TAKES "1000 cycles of ISA: PM timer", [pm], 3580, 360
        call begin
        mov edx, [pm_port]
        mov ecx, 1000
.pci:   in eax, dx
        loop .pci
        call end
        TAKES "1000 cycles of PCI are a fraction", [pm], 1250, 750

        ; ---- retrace: 20 frames of 70.09 Hz in text mode ----
        call retrace
        call begin
        mov ecx, 20
.frame: call retrace
        loop .frame
        call end
        NEAR "20 frames: PM timer", [pm], 20 * PM_HZ / 70, PM_HZ / 250

        ; ---- halted: counter 0 at 100 Hz, 20 times ----
        mov al, 34h
        out 43h, al
        mov al, 11932 & 0ffh
        out 40h, al
        mov al, 11932 >> 8
        out 40h, al
        MASKS 0feh, 0ffh
        call wait_tick
        call begin
        mov ecx, 20
.tick:  call wait_tick
        loop .tick
        call end
        NEAR "20 ticks, halted: PM timer", [pm], PM_HZ / 5, PM_HZ / 500
        NEAR "20 ticks, halted: TSC", [tsc], 200000000, 400000

        ; ---- halted: the real-time clock's 64 Hz, 16 times ----
        MASKS 0fbh, 0feh
        mov al, 0ah
        mov ah, 2ah                             ; 64 Hz
        call rtc_write
        mov al, 0bh
        mov ah, 42h                             ; PIE
        call rtc_write
        mov al, 0ch
        call rtc_read
        call wait_tick
        call begin
        mov ecx, 16
.beat:  call wait_tick
        loop .beat
        call end
        mov al, 0bh
        mov ah, 2
        call rtc_write
        mov al, 0ah
        mov ah, 26h
        call rtc_write
        MASKS 0ffh, 0ffh
        NEAR "a quarter second of 64 Hz, halted: PM timer", [pm], PM_HZ / 4, PM_HZ / 500
        DONE

; The clocks now, and what passed since. Keep every register but EAX and EDX.
begin:
        mov edx, [pm_port]
        in eax, dx
        mov [pm], eax
        rdtsc
        mov [tsc], eax
        ret
end:
        rdtsc
        sub eax, [tsc]
        mov [tsc], eax
        mov edx, [pm_port]
        in eax, dx
        sub eax, [pm]
        and eax, 0ffffffh
        mov [pm], eax
        ret

; Counter 2, latched, in EAX.
pit2:
        mov al, 80h
        out 43h, al
        in al, 42h
        mov ah, al
        in al, 42h
        xchg al, ah
        movzx eax, ax
        ret

; AL: register; AH: value written; AL: value read.
rtc_write:
        out 70h, al
        mov al, ah
        out 71h, al
        ret
rtc_read:
        out 70h, al
        in al, 71h
        ret
; Until an update has ended: register C, UF.
rtc_update:
        mov al, 0ch
        call rtc_read
.wait:  mov al, 0ch
        call rtc_read
        test al, 10h
        jz .wait
        ret

; Until the next vertical retrace begins.
retrace:
        mov edx, 3dah
.in:    in al, dx
        test al, 8
        jnz .in
.out:   in al, dx
        test al, 8
        jz .out
        ret

wait_tick:
        mov dword [ticks], 0
.wait:  sti
        hlt
        cli
        cmp dword [ticks], 0
        je .wait
        ret

tick8:
        push eax
        mov al, 0ch
        call rtc_read
        mov al, 20h
        out 0a0h, al
        pop eax
tick0:
        push eax
        inc dword [ticks]
        mov al, 20h
        out 20h, al
        pop eax
        iretd

pm_port dd 0
pm      dd 0
tsc     dd 0
ticks   dd 0
slower  db 0                    ; virtual time follows a host that does not keep up
image_end:
