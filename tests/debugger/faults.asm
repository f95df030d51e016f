; faults.asm - a firmware of its own for each mistake of an operating system: nasm -DCASE=NAME. It goes to protected mode with tables in
; low memory and makes that one mistake. What is said of it is beside it in faults/NAME.txt.
%define gdt_limit     1
%define segment_g     2
%define wrong_gate    3
%define no_handler    4
%define idt_limit     5
%define error_code    6
%define pushed        7
%define iret_size     8
%define stale         9
%define stale_data    10
%define missing_eoi   11
%define esp0          12
%define ss0           13
%define no_ltr        14
%define stack_idt     15
%define stack_guard   16
%define null_call     17
%define ret_data      18
%define read_only     19
%define supervisor    20
%define no_table      21
%define no_identity   22
%define not_remapped  23
%define null_ds       24
%define recursive     25
%define privileged    26
%define masked_halt   27
%define handler_eip   28
%define far_data      29
%define reserved_bit  30
%define task_busy     31
%define popped        32
%assign WHICH CASE

; who needs what
%define PAGING (WHICH == stale || WHICH == stale_data || WHICH == esp0 || WHICH == stack_guard || WHICH == read_only || WHICH == supervisor \
                || WHICH == no_table || WHICH == recursive || WHICH == reserved_bit || WHICH == no_identity || WHICH == null_call)
%define TIMER (WHICH == wrong_gate || WHICH == no_handler || WHICH == idt_limit || WHICH == esp0 || WHICH == ss0 || WHICH == no_ltr \
               || WHICH == stack_idt || WHICH == missing_eoi || WHICH == not_remapped || WHICH == handler_eip)
%define USER (WHICH == esp0 || WHICH == ss0 || WHICH == no_ltr || WHICH == supervisor || WHICH == privileged)

%include "firmware.inc"
        bits 16
%ifidn __?OUTPUT_FORMAT?__, bin          ; else for its symbols
        org 0
%endif
HERE    equ 0xf0000
GDT     equ 0x1000
TSS     equ 0x2000
IDT     equ 0x4000
STACK   equ 0x7000
DIRECTORY equ 0x10000
TABLE0  equ 0x11000
TABLE1  equ 0x12000

%macro outb 2
        mov al, %2
        out %1, al
%endmacro

start:
        cli
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov sp, STACK
        cld
        COPY gdt, GDT, gdt_end - gdt
        lgdt [cs:gdtr]
        lidt [cs:idtr]
        PROTECT HERE + protected

        bits 32
; EAX: a vector, EDX: the handler
set_gate:
        add edx, HERE
        mov word [IDT + eax * 8], dx
        mov word [IDT + eax * 8 + 2], 0x08
        mov word [IDT + eax * 8 + 4], 0x8e00
        shr edx, 16
        mov word [IDT + eax * 8 + 6], dx
        ret

timer_on:                               ; every 84 us, on vector 20
        outb 0x20, 0x11
        outb 0x21, WHICH == not_remapped ? 0x08 : 0x20
        outb 0x21, 0x04
        outb 0x21, 0x01
        outb 0xa0, 0x11
        outb 0xa1, 0x28
        outb 0xa1, 0x02
        outb 0xa1, 0x01
        outb 0x21, 0xfe
        outb 0xa1, 0xff
        outb 0x43, 0x34
        outb 0x40, 100
        outb 0x40, 0
        ret

paging_on:
        mov edi, TABLE0                 ; the first 4 MB as they are
        mov eax, 7
        mov ecx, 1024
%if WHICH == no_identity                ; but for the firmware's 64 KB
        mov ecx, 0xf0
%endif
.identity:
        stosd
        add eax, 0x1000
        loop .identity
        mov dword [DIRECTORY], TABLE0 | 7
        mov dword [DIRECTORY + 4], TABLE1 | 7
        mov dword [TABLE1], 0x200000 | 7
        mov eax, DIRECTORY
        mov cr3, eax
        mov eax, cr0
        or eax, 0x80010000              ; PG, WP
        mov cr0, eax
        ret

enter_user:                             ; EDX: where, at CPL 3
        push dword 0x23
        push dword 0x6000
        push dword 0x202
        push dword 0x1b
        add edx, HERE
        push edx
        mov ax, 0x23
        mov ds, ax
        mov es, ax
        iretd

protected:
        FLAT_DATA STACK
        mov edi, IDT
        xor eax, eax
        mov ecx, 0x200
        rep stosd
        mov eax, 0x20
        mov edx, timer - start
        call set_gate
        mov eax, 13
        mov edx, general_protection - start
        call set_gate
        mov dword [TSS + 4], STACK
        mov word [TSS + 8], 0x10
        mov word [TSS + 102], 0x68
%if WHICH != no_ltr
        mov ax, 0x28
        ltr ax
%endif
%if TIMER
        call timer_on
%endif
%if PAGING
        call paging_on
%endif
the_case:
%if WHICH == gdt_limit
        mov ax, 0x30
        mov fs, ax
%elif WHICH == segment_g
        mov ax, 0x38
        mov ds, ax
        mov eax, [0x100000]
%elif WHICH == wrong_gate
        mov word [IDT + 0x20 * 8 + 2], 0x10
        sti
        jmp wait_loop
%elif WHICH == no_handler
        mov dword [IDT + 0x20 * 8], 0
        mov dword [IDT + 0x20 * 8 + 4], 0
        sti
        jmp wait_loop
%elif WHICH == idt_limit
        lidt [dword HERE + idtr_entries]
        sti
        jmp wait_loop
%elif WHICH == error_code || WHICH == pushed || WHICH == iret_size || WHICH == popped
        mov ax, 0x68                    ; a null descriptor: #GP with an error code, whose handler returns
        mov fs, ax
        jmp wait_loop
%elif WHICH == stale
        mov dword [TABLE1], 0x200000 | 5        ; read only
        mov eax, [0x400000]             ; now the TLB has it
        mov dword [TABLE1], 0x201000 | 7        ; writable; no INVLPG
        mov [0x400000], eax
%elif WHICH == stale_data
        mov dword [0x200000], 1111
        mov dword [0x201000], 2222
        mov eax, [0x400000]
        mov dword [TABLE1], 0x201000 | 7        ; no INVLPG
        cmp dword [0x400000], 2222
        je wait_loop
panic:  cli
        hlt
%elif WHICH == missing_eoi
        sti                             ; one tick comes, and no other
        jmp wait_loop
%elif WHICH == esp0
        mov dword [TSS + 4], 0x800000   ; not mapped
        mov edx, user_loop - start
        jmp enter_user
%elif WHICH == ss0
        mov word [TSS + 8], 0
        mov edx, user_loop - start
        jmp enter_user
%elif WHICH == no_ltr
        mov edx, user_loop - start
        jmp enter_user
%elif WHICH == stack_idt
        mov esp, IDT + 0x900            ; above the IDT
        push dword recurse_end - start + HERE
        call recurse
        jmp wait_loop
%elif WHICH == stack_guard
        mov dword [TABLE0 + 5 * 4], 0   ; 5000-5fff
        invlpg [0x5000]
        mov esp, 0x6100
        call recurse_for_ever
%elif WHICH == null_call
        mov dword [TABLE0], 0           ; nothing at 0
        invlpg [0]
        xor ebx, ebx
        call use_table
%elif WHICH == ret_data
        mov esi, HERE + message
        call copy_name
        jmp wait_loop
%elif WHICH == read_only
        mov dword [DIRECTORY + 4], TABLE1 | 5
        mov dword [0x400000], 1
%elif WHICH == supervisor
        mov dword [TABLE1], 0x200000 | 3
        mov edx, user_reads - start
        jmp enter_user
%elif WHICH == no_table
        mov dword [0x812345], 1
%elif WHICH == no_identity
        hlt
%elif WHICH == not_remapped
        sti
        jmp wait_loop
%elif WHICH == null_ds
        xor eax, eax
        mov ds, ax
        inc dword [0x5000]
%elif WHICH == recursive
        mov eax, 14
        mov edx, page_fault - start
        call set_gate
        mov eax, [0x900000]
%elif WHICH == privileged
        mov edx, user_cli - start
        jmp enter_user
%elif WHICH == masked_halt
        call timer_on
        outb 0x21, 0xff
        hlt
%elif WHICH == handler_eip
        mov dword [IDT + 0x20 * 8 + 4], 0xf0f08e00      ; far beyond the code segment of 16 MB
        mov word [IDT + 0x20 * 8 + 2], 0x58
        sti
        jmp wait_loop
%elif WHICH == far_data
        call 0x10:0x5000
%elif WHICH == reserved_bit
        mov eax, cr4
        or al, 0x10                     ; PSE
        mov cr4, eax
        mov dword [DIRECTORY + 4], 0x00600087   ; bit 21
        mov eax, [0x400000]
%elif WHICH == task_busy
        jmp 0x28:0
%else
%error no such case
%endif
wait_loop:
        jmp wait_loop

; ---- what the cases call ----

recurse:                                ; pushes zeros down to where the IDT is
        mov ecx, 0x220
.down:  push dword 0x00400000
        loop .down
        sti
        jmp wait_loop
recurse_end:

recurse_for_ever:
        push eax
        call recurse_for_ever

use_table:
        push ebp
        call [HERE + table + ebx * 4]
        pop ebp
        ret

copy_name:                              ; 16 bytes into 8
        sub esp, 8
        mov edi, esp
        mov ecx, 16
        rep movsb
        add esp, 8
        ret

user_loop:
        jmp user_loop
user_reads:
        mov eax, [0x400000]
        jmp user_reads
user_cli:
        cli
        jmp user_cli

; ---- handlers ----

timer:
        push eax
%if WHICH != missing_eoi
        outb 0x20, 0x20
%endif
        pop eax
        iretd

general_protection:
%if WHICH == error_code
        iretd                           ; the error code is still there
%elif WHICH == pushed
        pushad
        add esp, 4                      ; the error code, but not what PUSHAD pushed
        iretd
%elif WHICH == iret_size
        add esp, 4
        iretw
%elif WHICH == popped
        add esp, 12
        iretd
%else
        cli
        hlt
%endif

page_fault:                             ; looks where it must not either
        mov eax, [0xa00000]
        iretd

        align 8
table:  dd 0, 0
message: db "sixteen letters."
        align 8
gdt:    dq 0
        dq 0x00cf9b000000ffff           ; 08 code
        dq 0x00cf93000000ffff           ; 10 data
        dq 0x00cffb000000ffff           ; 18 code of ring 3
        dq 0x00cff3000000ffff           ; 20 data of ring 3
        dq 0x0000890020000067           ; 28 TSS
%if WHICH == gdt_limit
gdt_end_short:
%endif
        dq 0x00cf93000000ffff           ; 30 data
        dq 0x004f93000000ffff           ; 38 data of 1 MB: G is missing
        dq 0, 0, 0                      ; 40, 48, 50
        dq 0x00c09b0000000fff           ; 58 code of 16 MB
        dq 0, 0                         ; 60, 68
gdt_end:
gdtr:
%if WHICH == gdt_limit
        dw gdt_end_short - gdt - 1
%else
        dw gdt_end - gdt - 1
%endif
        dd GDT
idtr:   dw 0x7ff
        dd IDT
idtr_entries:
        dw 0xff                         ; entries, not bytes
        dd IDT

        RESET_VECTOR
