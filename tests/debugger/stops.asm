; stops.asm - a firmware of its own in which everything happens once that the debugger can stop on: in real mode, then in protected mode
; with paging, at CPL 3, in another task, in system management mode; then it waits. stops/ has a transcript for each way to stop.
%include "firmware.inc"
        bits 16
%ifidn __?OUTPUT_FORMAT?__, bin          ; else for its symbols
        org 0
%define LINEAR(label) (0xf0000 + (label))
%else
%define LINEAR(label) (label)
%endif
GDT     equ 0x1000
TSS     equ 0x2000
TSS2    equ 0x2100
IDT     equ 0x4000
DIRECTORY equ 0x10000
TABLE0  equ 0x11000
TABLE1  equ 0x12000
COUNTER equ 0x5000
ALIAS   equ 0x400000                    ; of COUNTER's page
LAPIC   equ 0xfee00000

start:
        cli
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov ds, ax
        mov sp, 0x7000
        cld
        mov word [4 * 0x21], service
        mov word [4 * 0x21 + 2], 0xf000
        mov word [4 * 8], timer
        mov word [4 * 8 + 2], 0xf000

        mov al, 0x11                    ; a port, read and written
        out 0x80, al
        mov al, 0x22
        out 0x80, al
        in al, 0x61
        mov si, message                 ; text
text:   cs lodsb
        or al, al
        jz .end
        out 0xe9, al
        jmp text
.end:
        int 0x21                        ; a software interrupt
        mov al, 0x11                    ; IRQ 0, once
        out 0x20, al
        mov al, 8
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov al, 0xfe
        out 0x21, al
        mov al, 0x30
        out 0x43, al
        mov al, 100
        out 0x40, al
        mov al, 0
        out 0x40, al
        sti
        hlt
        cli
        mov al, 0xff
        out 0x21, al

        mov cx, 3                       ; a loop of one block
again:  inc word [COUNTER]
        loop again

        COPY gdt, GDT, gdt_end - gdt
        COPY idt, IDT, idt_end - idt
        lgdt [cs:gdtr]
        lidt [cs:idtr]
        mov eax, cr0
        or al, 1
to_protected:
        mov cr0, eax
        jmp dword 0x08:LINEAR(protected)

service:
        mov dx, 0x5678
        iret
timer:  push ax
        mov al, 0x20
        out 0x20, al
        pop ax
        iret

        bits 32
protected:
        FLAT_DATA 0x7000

        mov edi, TABLE0                 ; the first 4 MB as they are, COUNTER's page at ALIAS, too
        mov eax, 7
.identity:
        stosd
        add eax, 0x1000
        cmp eax, 0x400007
        jb .identity
        mov dword [DIRECTORY], TABLE0 | 7
        mov dword [DIRECTORY + 4], TABLE1 | 7
        mov dword [DIRECTORY + 0x4000], TABLE0 | 7
        mov dword [DIRECTORY + 4 * (LAPIC >> 22)], LAPIC & 0xffc00000 | 0x83
        mov dword [TABLE1], COUNTER | 7
        mov eax, cr4
        or eax, 0x10
        mov cr4, eax
        mov eax, DIRECTORY
load_cr3:
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80000000
        mov cr0, eax
        mov eax, DIRECTORY              ; what is there already
        mov cr3, eax

        mov ecx, 0x174                  ; an MSR
        mov eax, 8
        xor edx, edx
        wrmsr
        rdmsr

        push 5                          ; recursion
call_sum:
        call sum
back:   add esp, 4
        mov [COUNTER + 8], eax
        inc dword [ALIAS + 8]           ; by another address

        push 2                          ; recursion, which a handler on the same stack enters, too
call_deep:
        call deep
deep_back:
        add esp, 4

        mov eax, [0x800000]             ; page fault: the handler goes on behind it
        nop
        ud2
        nop
        mov dword [LAPIC + 0x300], 0x4400       ; NMI to itself
        nop
        mov dword [0x38000], 0xaa0f     ; SMI, answered by RSM
        mov dword [LAPIC + 0x300], 0x4200
        nop

        mov word [TSS + 8], 0x10        ; two tasks
        mov dword [TSS + 4], 0x6000
        mov word [TSS + 102], 0x68
        mov dword [TSS + 28], DIRECTORY
        mov dword [TSS2 + 28], DIRECTORY + 0x1000 * 4
        mov dword [TSS2 + 32], LINEAR(task)
        mov dword [TSS2 + 36], 2
        mov dword [TSS2 + 56], 0x5800
        mov word [TSS2 + 72], 0x10
        mov word [TSS2 + 76], 0x08
        mov word [TSS2 + 80], 0x10
        mov word [TSS2 + 84], 0x10
        mov word [TSS2 + 102], 0x68
        mov ax, 0x28
        ltr ax
        call 0x30:0
        nop

        push 0x23                       ; CPL 3
        push 0x6800
        push 0x3002
        push 0x1b
        push LINEAR(user)
        iret

task:   inc dword [COUNTER + 12]
        iret
        jmp task

sum:    push ebp                        ; sum of 1 to its argument
        mov ebp, esp
        mov eax, [ebp + 8]
        cmp eax, 1
        je .end
        dec eax
        push eax
        call sum
.back:  add esp, 4
        add eax, [ebp + 8]
.end:   pop ebp
        ret

deep:   push ebp
        mov ebp, esp
        cmp dword [COUNTER + 20], 0
        jne .inner
        inc dword [COUNTER + 20]
        int 0x32
.inner: mov eax, [ebp + 8]
        cmp eax, 1
        je .end
        dec eax
        push eax
        call deep
.back:  add esp, 4
.end:   pop ebp
        ret

user:   mov ax, 0x23
        mov ds, ax
        inc dword [COUNTER + 16]
        int 0x30                        ; its handler calls sum, on the stack of ring 0
after_int:
        nop
        push 3
        call handled                    ; a handler runs the same code at another depth
after_handled:
        cmp dword [0x800000], 1         ; page fault at CPL 3
        nop
wait_here:
        jmp wait_here

handled:
        int 0x31
        push 2
        call sum
        add esp, 4
        ret

page_fault:                             ; on behind the instruction: MOV EAX, moffs is 5 bytes, CMP 7
        add esp, 4
        push eax
        mov eax, [esp + 4]
        cmp byte [eax], 0xa1
        je .five
        add dword [esp + 4], 2
.five:  add dword [esp + 4], 5
        pop eax
        iret
invalid:
        add dword [esp], 2
        iret
on_nmi: iret
gate30: push 4
        call sum
        add esp, 4
        iret
gate32: push 3
        call deep
        add esp, 4
        iret
gate31: push 2
        call sum
        add esp, 4
        iret

message db "one two three ", 10, 0

        align 8
gdt:    dq 0
        dq 0x00cf9b000000ffff           ; 08 code
        dq 0x00cf93000000ffff           ; 10 data
        dq 0x00cffb000000ffff           ; 18 code, ring 3
        dq 0x00cff3000000ffff           ; 20 data, ring 3
        dq 0x0000890020000067           ; 28 TSS
        dq 0x0000890021000067           ; 30 TSS
gdt_end:
%define GATE(handler, access) (0x000f000000080000 | ((access) << 40) | ((LINEAR(handler) & 0xffff)))
idt:    times 2 dq 0
        dq GATE(on_nmi - start, 0x8e)
        times 3 dq 0
        dq GATE(invalid - start, 0x8e)
        times 7 dq 0
        dq GATE(page_fault - start, 0x8e)
        times 0x30 - 15 dq 0
        dq GATE(gate30 - start, 0xee)
        dq GATE(gate31 - start, 0xee)
        dq GATE(gate32 - start, 0x8e)
idt_end:
gdtr:   dw gdt_end - gdt - 1
        dd GDT
idtr:   dw idt_end - idt - 1
        dd IDT

        RESET_VECTOR
