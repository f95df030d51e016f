; sensitive.asm - a firmware of its own that runs, at CPL 0 and then at CPL 3, every instruction of IA-32 that is sensitive, and some that are
; privileged (Robin and Irvine, "Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine Monitor"): what -trace says of
; each. With -DUMIP, CR4.UMIP is set, where the processor has it. What faults goes on at the address in EBP.
%include "firmware.inc"
        bits 16
GDT     equ 0x1000
TSS     equ 0x2000
IDT     equ 0x4000
FLAT    equ 0xf0000
ROOM    equ 0x5000
%define AT(label) FLAT + label - start

%macro TRY 1+                           ; one instruction, which may fault
        mov ebp, AT(%%next)
        %1
%%next:
%endmacro

start:
        cli
        cld
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7000
        COPY gdt, GDT, gdt_end - gdt
        COPY idt, IDT, idt_end - idt
        o32 lgdt [cs:gdtr - start]
        o32 lidt [cs:idtr - start]
        PROTECT AT(protected)

        bits 32
protected:
        FLAT_DATA 0x7000
        mov dword [TSS + 4], 0x6000     ; ESP0
        mov word [TSS + 8], 0x10        ; SS0
        mov word [TSS + 102], 0x68      ; the permission bitmap: none
        mov ax, 0x28
        ltr ax
%ifdef UMIP
        mov eax, cr4
        or eax, 0x800
        mov cr4, eax
%endif

kernel:
        sgdt [ROOM]
        smsw ax
        pushfd
        pop eax
        or eax, 0x200
        push eax
        popfd
        cli
        mov ax, cs
        in al, 0x80
        rdtsc
        xor eax, eax
        cpuid
        push dword 0x23                 ; to user code
        push dword 0x8000
        push dword 0x202
        push dword 0x1b
        push dword AT(user)
        iretd

user:
        mov ax, 0x23
        mov ds, ax
        mov es, ax
        TRY sgdt [ROOM]
        TRY sidt [ROOM]
        TRY sldt ax
        TRY smsw ax
        TRY str ax
        pushfd
        pop eax
        and eax, 0xfffffdff             ; IF off, IOPL 3
        or eax, 0x3000
        push eax
        TRY popfd
        mov cx, 0x10
        TRY lar eax, cx
        TRY lsl eax, cx
        TRY verr cx
        TRY verw cx
        TRY arpl cx, ax
        push ds
        TRY pop ds
        push dword 0x10
        TRY pop es
        pop eax
        TRY push cs
        pop eax
        TRY mov ax, ss
        TRY mov fs, ax
        TRY call 0x1b:AT(there)
        TRY jmp 0x1b:AT(behind)
behind:
        TRY call 0x08:AT(there)
        TRY int 0x30
        TRY int 0x31
        TRY int3
        pushfd
        push dword 0x1b
        push dword AT(back)
        TRY iretd
back:
        TRY cli
        TRY sti
        TRY in al, 0x80
        TRY out 0x80, al
        TRY rdtsc
        xor eax, eax
        TRY cpuid
        TRY mov eax, cr0
        TRY mov cr3, eax
        TRY lgdt [ROOM]
        TRY wrmsr
        TRY clts
        TRY invlpg [ROOM]
        TRY hlt
        TRY rdpmc
        int 0x32                        ; back to CPL 0 for good
there:
        retf

on_gp:
        add esp, 4
on_ud:
        mov [esp], ebp
        iretd
on_call:
        iretd
on_end:
        cli
        hlt

        align 8
gdt:    dq 0
        dq 0x00cf9b000000ffff           ; 08 code
        dq 0x00cf93000000ffff           ; 10 data
        dq 0x00cffb000000ffff           ; 18 user code
        dq 0x00cff3000000ffff           ; 20 user data
        dq 0x0000890020000067           ; 28 TSS
gdt_end:
%macro gate 2
        dw (AT(%1)) & 0xffff, 0x08, %2, (AT(%1)) >> 16
%endmacro
idt:    dq 0, 0, 0
        gate on_call, 0xee00            ; 3
        dq 0, 0
        gate on_ud, 0x8e00              ; 6
        times 6 dq 0
        gate on_gp, 0x8e00              ; 13
        times 0x30 - 14 dq 0
        gate on_call, 0xee00            ; 30: for users
        gate on_call, 0x8e00            ; 31: not for users
        gate on_end, 0xee00             ; 32
idt_end:
gdtr:   dw gdt_end - gdt - 1
        dd GDT
idtr:   dw idt_end - idt - 1
        dd IDT

        RESET_VECTOR
