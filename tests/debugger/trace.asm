; trace.asm - a firmware of its own in which a little of everything happens once: what -trace says of it.
; In order: INT n in real mode; protected mode with paging; calls, a jump taken and one not; ports; a register in memory; #BP and #DE with
; handlers that return; an interrupt from the counter by way of the 8259A; an MSR and control registers; a task switch and back; a page
; fault that the handler mends; a repeated string instruction. Then it halts.
%include "firmware.inc"
        bits 16
GDT     equ 0x1000
TSS     equ 0x2000
TSS2    equ 0x2100
IDT     equ 0x4000
DIRECTORY equ 0x10000
TABLE0  equ 0x11000
APIC    equ 0xfee00000
FLAT    equ 0xf0000

start:
        cli
        cld
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7000
        mov word [0x21 * 4], real_handler - start
        mov word [0x21 * 4 + 2], cs
        int 0x21
        COPY gdt, GDT, gdt_end - gdt
        COPY idt, IDT, idt_end - idt
        o32 lgdt [cs:gdtr - start]
        o32 lidt [cs:idtr - start]
        PROTECT FLAT + protected - start
real_handler:
        iret

        bits 32
protected:
        FLAT_DATA 0x7000
        mov ax, 0x18
        ltr ax
        mov edi, TABLE0                 ; the first 4 MB as they are, but for one page
        mov eax, 3
        mov ecx, 1024
.identity:
        stosd
        add eax, 0x1000
        loop .identity
        mov dword [TABLE0 + 0x300 * 4], 0
        mov dword [DIRECTORY], TABLE0 | 3
        mov dword [DIRECTORY + (APIC >> 22) * 4], (APIC & 0xffc00000) | 0x83
        mov eax, cr4
        or eax, 0x10                    ; PSE
        mov cr4, eax
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80010000
        mov cr0, eax

main:
        call outer
        out 0x80, al
        in al, 0x61
        mov eax, [APIC + 0x30]
        int3
        xor ecx, ecx
        div ecx                         ; #DE: the handler goes on behind it
        call timer
        mov ecx, 0x277                  ; IA32_PAT
        rdmsr
        wrmsr
        mov dword [TSS2 + 28], DIRECTORY        ; CR3
        mov dword [TSS2 + 32], FLAT + task - start
        mov dword [TSS2 + 36], 2        ; EFLAGS
        mov dword [TSS2 + 56], 0x6000   ; ESP
        mov dword [TSS2 + 72], 0x10     ; ES, CS, SS, DS
        mov dword [TSS2 + 76], 0x08
        mov dword [TSS2 + 80], 0x10
        mov dword [TSS2 + 84], 0x10
        mov dword [TSS + 28], DIRECTORY
        call 0x20:0                     ; a task, and back
        mov dword [0x300000], 0x12345678        ; #PF: the handler maps it
        mov ecx, 3
        mov edi, 0x5000
        rep stosd
        lar eax, cx
        cli
done:   hlt
        jmp done

outer:
        push eax
        call inner
        test esp, esp
        jz .never
        jnz .always
.never: nop
.always:
        pop eax
        ret
inner:
        mov ebx, 5
        ret

timer:                                  ; one tick of the counter, by IRQ 0 as vector 20
        mov al, 0x11
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xfe
        out 0x21, al
        mov al, 0x30                    ; counter 0: once
        out 0x43, al
        mov al, 0x10
        out 0x40, al
        xor al, al
        out 0x40, al
        sti
        hlt
        ret
on_timer:
        push eax
        mov al, 0x20
        out 0x20, al
        mov al, 0xff
        out 0x21, al
        pop eax
        iretd
on_breakpoint:
        iretd
on_divide:
        add dword [esp], 2
        iretd
on_page_fault:
        add esp, 4
        mov dword [TABLE0 + 0x300 * 4], 0x200003
        iretd
task:
        iretd
        jmp task

        align 8
gdt:    dq 0
        dq 0x00cf9b000000ffff           ; 08 code
        dq 0x00cf93000000ffff           ; 10 data
        dq 0x0000890020000067           ; 18 TSS
        dq 0x0000890021000067           ; 20 the other task's TSS
gdt_end:
%macro gate 1
        dw (FLAT + %1 - start) & 0xffff, 0x08, 0x8e00, (FLAT + %1 - start) >> 16
%endmacro
idt:    gate on_divide                  ; 0
        dq 0, 0
        gate on_breakpoint              ; 3
        times 10 dq 0
        gate on_page_fault              ; 14
        times 0x20 - 15 dq 0
        gate on_timer                   ; 20
idt_end:
gdtr:   dw gdt_end - gdt - 1
        dd GDT
idtr:   dw idt_end - idt - 1
        dd IDT

        RESET_VECTOR
