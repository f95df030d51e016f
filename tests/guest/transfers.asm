; transfers.asm - far jumps and calls to every kind of descriptor, direct and through call gates of both sizes, and INT n
; through every kind of gate: who may, and how each faults, from ring 0 and ring 3.
; Follows: Intel SDM Vol. 2 "JMP", "CALL", "INT n" (Operation, Protected Mode Exceptions); Vol. 3A "Privilege Level Checking
; When Transferring Program Control Between Code Segments".
%define GUEST "transfers"
%include "lib.inc"
%include "rows.inc"
%include "task.inc"
%include "far.inc"

SYS   equ FAR_FREE              ; system descriptors: each type in turn
XCODE equ FAR_FREE + 8h         ; execute-only: runs

main:
        cld
        call make_segments
        DESC XCODE, 0, 0fffffh, (A_CODE | A_4K) & ~2

        ; ---- direct: five forms, two rings ----
        SWEEP direct_rows, direct_end, FORMS_DIRECT
        mov ax, [esi + R_SELECTOR]
        mov [pointer + 4], ax
        mov [pointer16 + 2], ax
        mov [forms.jmp_imm + 5], ax
        mov [forms.call_imm + 5], ax
        TRY "direct"
        call ring
        mov eax, [form]
        jmp [forms + eax * 4]
  direct_caught:
        CAUGHT_ANY
        JUDGE_ROW
        SWEEP_END

        ; a system descriptor that is no call gate, task gate or TSS: #GP(selector), present or not
        DESC SYS, 0, 0fffffh, 80h
        mov dword [case], 0
  .types:
        mov eax, [case]
        mov ecx, 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12
        bt ecx, eax
        jc .is_used
        or al, 0e0h
        mov [gdt + SYS + 5], al
        TRY "JMP to a system descriptor"
        AT
        jmp SYS:landed
        CAUGHT GP, SYS
        and byte [gdt + SYS + 5], 7fh
        TRY "CALL to a system descriptor not present"
        AT
        call SYS:landed
        CAUGHT GP, SYS
  .is_used:
        inc dword [case]
        cmp dword [case], 16
        jb .types

        ; ---- call gates: JMP and CALL, 32 and 16 bits, two rings ----
        SWEEP gate_rows, gate_end, 4
        movzx edx, word [esi + R_SELECTOR]
        mov ecx, 0ech
        test dword [form], 2
        jz .wide
        mov cl, 0e4h
  .wide:
        xor ecx, [esi + R_EXTRA]
        mov eax, landed
        mov edi, gdt + CGATE
        call make_gate
        TRY "call gate"
        call ring
        test dword [form], 1
        jnz .call
        jmp CGATE:0
  .call:
        call CGATE:0
        CAUGHT_ANY
        JUDGE_ROW
        SWEEP_END

        ; ---- INT n: interrupt and trap gates of both sizes, two rings ----
        SWEEP int_rows, int_end, 4
        movzx edx, word [esi + R_SELECTOR]
        mov ecx, [form]
        mov cl, [gate_types + ecx]
        xor ecx, [esi + R_EXTRA]
        mov eax, landed
        mov edi, idt + VX * 8
        call make_gate
        TRY "INT n"
        call ring
        int VX
        CAUGHT_ANY
        JUDGE_ROW
        SWEEP_END
        ; every type of entry in the IDT that is none of its gates; type before DPL before presence
        mov dword [case], 0
  .entries:
        mov eax, [case]
        mov ecx, 1 << 5 | 1 << 6 | 1 << 7 | 1 << 14 | 1 << 15
        cmp eax, 16
        jae .no_gate
        bt ecx, eax
        jc .is_gate
  .no_gate:
        or al, 0e0h
        GATE idt + VX * 8, CODE32, landed, 8eh
        mov [idt + VX * 8 + 5], al
        TRY "entry of the IDT that is no gate"
        AT
        int VX
        CAUGHT GP, VX * 8 + 2
        and byte [idt + VX * 8 + 5], 1fh
        TRY "... not present, DPL 0, from ring 3"
        USER
        AT
        int VX
        CAUGHT GP, VX * 8 + 2
  .is_gate:
        inc dword [case]
        cmp dword [case], 32
        jb .entries

        ; ---- the frames of calls and interrupts that do not fit on the current stack: #SS(0), nothing changes ----
        DESC SYS, 5000h, 0fffh, A_DATA
%macro NO_ROOM 4                ; name, ESP, instruction, vector
        TRY %1
        mov eax, SYS
        mov ss, ax
        mov esp, %2
        AT
        %3
        mov ax, DATA32
        CAUGHT_ANY
        mov ax, [rec.vec]
        movzx eax, ax
        CHECK %1, eax, %4
%endmacro
        call ss_by_task                         ; a task, as the stack is full
        GATE idt + VX * 8, CODE32, landed_ss, 8eh
        GATE gdt + CGATE, CODE32, landed_ss, 8ch
        NO_ROOM "CALL FAR, 8 bytes", 8, {call CODE32:landed_ss}, OK
        NO_ROOM "CALL FAR, no room for the second", 6, {call CODE32:landed_ss}, SS_
        NO_ROOM "CALL FAR of 16 bits, 4 bytes", 4, {call word CODE32:landed_ss}, OK
        NO_ROOM "CALL FAR of 16 bits, no room", 3, {call word CODE32:landed_ss}, SS_
        NO_ROOM "call gate, 8 bytes", 8, {call CGATE:0}, OK
        NO_ROOM "call gate, no room", 7, {call CGATE:0}, SS_
        NO_ROOM "INT n, 12 bytes", 12, {int VX}, OK
        NO_ROOM "INT n, no room", 11, {int VX}, SS_
        GATE idt + VX * 8, CODE32, landed_ss, 86h
        NO_ROOM "INT n, 16-bit gate, 6 bytes", 6, {int VX}, OK
        NO_ROOM "INT n, 16-bit gate, no room", 5, {int VX}, SS_
        NO_ROOM "INT n, stack pointer beyond the limit", 2000h, {int VX}, SS_
        call ss_by_gate

        ; ---- far pointers in memory: limit and null segment of the operand come first ----
        DESC SYS, FREE_LOW, 5, A_DATA
        mov dword [FREE_LOW], landed
        mov dword [FREE_LOW + 4], CODE32
        mov eax, SYS
        mov fs, ax
        TRY "far pointer that just fits"
        mov eax, SYS
        mov fs, ax
        jmp far [fs:0]
        CAUGHT OK, NONE
        TRY "far pointer across the limit"
        mov eax, SYS
        mov fs, ax
        AT
        call far [fs:1]
        CAUGHT GP, 0
        TRY "far pointer, null segment"
        xor eax, eax
        mov fs, ax
        AT
        jmp far [fs:0]
        CAUGHT GP, 0
        DONE

FORMS_DIRECT equ 5
forms   dd .jmp_mem, .call_mem, .jmp_imm, .call_imm, .call_mem16
  .jmp_mem:
        jmp far [pointer]
  .call_mem:
        call far [pointer]
  .jmp_imm:
        db 0eah
        dd landed
        dw 0
  .call_imm:
        db 9ah
        dd landed
        dw 0
  .call_mem16:
        call word far [pointer16]

landed_ss:
        mov ax, DATA32
        mov ss, ax
        mov esp, MAIN_STACK - 100h
        int OK

        align 4
pointer dd landed
        dw 0
pointer16 dw landed, 0
gate_types db 0eeh, 0efh, 0e6h, 0e7h

; name, selector, extra; vector and error code in ring 0; in ring 3
direct_rows:
        ROW "null", 0, 0, GP, 0, GP, 0
        ROW "null, RPL 3", 3, 0, GP, 0, GP, 0
        ROW "beyond the GDT", GDT_SIZE, 0, GP, GDT_SIZE, GP, GDT_SIZE
        ROW "beyond the GDT, RPL is not in the code", GDT_SIZE | 3, 0, GP, GDT_SIZE, GP, GDT_SIZE
        ROW "in an LDT that is not there", 0ch, 0, GP, 0ch, GP, 0ch
        ROW "data", DATA32, 0, GP, DATA32, GP, DATA32
        ROW "data of ring 3", UDATA, 0, GP, UDATA & ~3, GP, UDATA & ~3
        ROW "code of ring 0", CODE32, 0, OK, 0, GP, CODE32
        ROW "code of ring 0, RPL 3", CODE32 | 3, 0, GP, CODE32, GP, CODE32
        ROW "code of ring 3", UCODE, 0, GP, UCODE & ~3, OK, 0
        ROW "code of ring 3, RPL 0", UCODE & ~3, 0, GP, UCODE & ~3, OK, 0
        ROW "conforming, ring 0", CONF0, 0, OK, 0, OK, 0
        ROW "conforming, ring 0, RPL 3", CONF0 | 3, 0, OK, 0, OK, 0
        ROW "conforming, ring 3", CONF3, 0, GP, CONF3, OK, 0
        ROW "execute-only", XCODE, 0, OK, 0, GP, XCODE
        ROW "not present", NPCODE, 0, NP, NPCODE, GP, NPCODE
        ROW "conforming, not present", NPCONF, 0, NP, NPCONF, NP, NPCONF
        ROW "code of ring 3, not present", NPCODE3 | 3, 0, GP, NPCODE3, NP, NPCODE3
        ROW "beyond the limit", TINY, 0, GP, 0, GP, TINY
        ROW "beyond the limit, ring 3", TINY3 | 3, 0, GP, TINY3, GP, 0
        ROW "TSS that is busy", TSS, 0, GP, TSS, GP, TSS
direct_end:
; the forms here: JMP, CALL; vector and error code: ring 0; ring 3 by CALL; ring 3 by JMP (0: as CALL)
gate_rows:
        ROW "null behind the gate", 0, 0, GP, 0, GP, 0
        ROW "null, RPL 3", 3, 0, GP, 0, GP, 0
        ROW "beyond the GDT", GDT_SIZE, 0, GP, GDT_SIZE, GP, GDT_SIZE
        ROW "in an LDT that is not there", 0ch, 0, GP, 0ch, GP, 0ch
        ROW "data", DATA32, 0, GP, DATA32, GP, DATA32
        ROW "system segment", TSS, 0, GP, TSS, GP, TSS
        ROW "another gate", CGATE, 0, GP, CGATE, GP, CGATE
        ROW "code of ring 0", CODE32, 0, OK, 0, OK, 0, GP, CODE32
        ROW "code of ring 0, the gate's RPL does not count", CODE32 | 3, 0, OK, 0, OK, 0, GP, CODE32
        ROW "code of ring 3", UCODE, 0, GP, UCODE & ~3, OK, 0
        ROW "conforming, ring 0", CONF0, 0, OK, 0, OK, 0
        ROW "conforming, ring 3", CONF3, 0, GP, CONF3, OK, 0
        ROW "not present", NPCODE, 0, NP, NPCODE, NP, NPCODE, GP, NPCODE
        ROW "conforming, not present", NPCONF, 0, NP, NPCONF, NP, NPCONF
        ROW "beyond the limit", TINY, 0, GP, 0, GP, 0, GP, TINY
        ROW "beyond the limit, ring 3", TINY3, 0, GP, TINY3, GP, 0
        ROW "gate of DPL 0", CODE32, 60h, OK, 0, GP, CGATE
        ROW "gate of DPL 2", CODE32, 20h, OK, 0, GP, CGATE
        ROW "gate not present", CODE32, 80h, NP, CGATE, NP, CGATE
        ROW "gate of DPL 0, not present", CODE32, 0e0h, NP, CGATE, GP, CGATE
        ROW "gate not present, null behind it", 0, 80h, NP, CGATE, NP, CGATE
gate_end:
int_rows:
        ROW "null behind the gate", 0, 0, GP, 0, GP, 0
        ROW "null, RPL 3", 3, 0, GP, 0, GP, 0
        ROW "beyond the GDT", GDT_SIZE, 0, GP, GDT_SIZE, GP, GDT_SIZE
        ROW "in an LDT that is not there", 0ch, 0, GP, 0ch, GP, 0ch
        ROW "data", DATA32, 0, GP, DATA32, GP, DATA32
        ROW "system segment", TSS, 0, GP, TSS, GP, TSS
        ROW "code of ring 0", CODE32, 0, OK, 0, OK, 0
        ROW "code of ring 0, the gate's RPL does not count", CODE32 | 3, 0, OK, 0, OK, 0
        ROW "code of ring 3", UCODE, 0, GP, UCODE & ~3, OK, 0
        ROW "conforming, ring 0", CONF0, 0, OK, 0, OK, 0
        ROW "conforming, ring 3", CONF3, 0, GP, CONF3, OK, 0
        ROW "not present", NPCODE, 0, NP, NPCODE, NP, NPCODE
        ROW "conforming, not present", NPCONF, 0, NP, NPCONF, NP, NPCONF
        ROW "code of ring 3, not present", NPCODE3, 0, GP, NPCODE3, NP, NPCODE3
        ROW "beyond the limit", TINY, 0, GP, 0, GP, 0
        ROW "gate of DPL 0", CODE32, 60h, OK, 0, GP, VX * 8 + 2
        ROW "gate not present", CODE32, 80h, NP, VX * 8 + 2, NP, VX * 8 + 2
        ROW "gate of DPL 0, not present", CODE32, 0e0h, NP, VX * 8 + 2, GP, VX * 8 + 2
int_end:
image_end:
