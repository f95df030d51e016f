; returns.asm - far returns and IRET to every kind of CS and SS, from ring 0 and ring 3; and the inner stacks that gates take
; from 32-bit and 16-bit TSSs: every way they can be bad, and how much room they need.
; Follows: Intel SDM Vol. 2 "RET", "IRET/IRETD", "CALL", "INT n" (Operation, Protected Mode Exceptions); Vol. 3A "Stack
; Switching", "Interrupt 12" (SS not present in a return is #SS: see README.md).
%define GUEST "returns"
%include "lib.inc"
%include "rows.inc"
%include "task.inc"
%include "far.inc"

CODE1 equ FAR_FREE
STK1  equ FAR_FREE + 8h
RO3   equ FAR_FREE + 10h
NP3   equ FAR_FREE + 18h
RO1   equ FAR_FREE + 20h
NP1   equ FAR_FREE + 28h
SMALL1 equ FAR_FREE + 30h       ; stack of ring 1, 1000h bytes
SMALL0 equ FAR_FREE + 38h
T16   equ FAR_FREE + 40h        ; 16-bit TSS
T32   equ FAR_FREE + 48h        ; the lib's TSS with another limit
STK16 equ FAR_FREE + 50h        ; stack of ring 3, 16 bits

%macro USE_TSS 1                ; a TSS that is marked available
        and byte [gdt + (%1) + 5], ~2
        mov eax, %1
        ltr ax
%endmacro

main:
        cld
        call make_segments
        DESC CODE1, 0, 0fffffh, A_CODE | A_4K | 20h
        DESC STK1, 0, 0fffffh, A_DATA | A_4K | 20h
        DESC RO3, 0, 0fffffh, (A_DATA | A_4K | A_RING3) & ~2
        DESC NP3, 0, 0fffffh, (A_DATA | A_4K | A_RING3) & ~80h
        DESC RO1, 0, 0fffffh, (A_DATA | A_4K | 20h) & ~2
        DESC NP1, 0, 0fffffh, (A_DATA | A_4K | 20h) & ~80h
        DESC SMALL1, 4000h, 0fffh, A_DATA | 20h
        DESC SMALL0, 4000h, 0fffh, A_DATA
        DESC STK16, 0, 0ffffh, A_DATA16 | A_RING3
        GATE gdt + CGATE, CODE32, landed, 0ech

        ; ---- returns ----
        SWEEP return_rows, return_end, 5
        TRY "return"
        call ring
        movzx ebx, word [ss:esi + R_SELECTOR]
        movzx ecx, word [ss:esi + R_EXTRA]
        mov eax, [ss:form]
        jmp [ss:.forms + eax * 4]
  .forms dd .retf, .retf16, .iretd, .iret16, .retf8
  .retf:
        push ecx
        push dword USER_STACK
        push ebx
        push dword landed
        retf
  .retf16:
        push cx
        push word USER_STACK
        push bx
        push word landed
        o16 retf
  .iretd:
        push ecx
        push dword USER_STACK
        push dword 2
        push ebx
        push dword landed
        iretd
  .iret16:
        push cx
        push word USER_STACK
        push word 2
        push bx
        push word landed
        o16 iret
  .retf8:
        push ecx
        push dword USER_STACK
        push dword 0
        push dword 0
        push ebx
        push dword landed
        retf 8
        CAUGHT_ANY
        JUDGE_ROW
        SWEEP_END

        ; the stack ends within the frame: #SS(0), and ESP stays
%macro SHORT 4                  ; name, bytes that are left, instruction, OK or SS_
        TRY %1
        mov dword [4ffch], UDATA                                ; EIP, CS or flags, ... at the end of the segment
        call fill_frame
        mov eax, SMALL0
        mov ss, ax
        mov esp, 1000h - (%2)
        %3
        CAUGHT_ANY
        movzx eax, byte [rec.vec]
        CHECK %1, eax, %4
  %if %4 = SS_
        CHECK "ESP stays", dword [rec.esi], 1000h - (%2)
  %endif
%endmacro
        call ss_by_task
        SHORT "RETF to ring 3, whole frame", 16, retf, OK
        SHORT "RETF to ring 3, SS is missing", 12, {call retf_frame}, SS_
        SHORT "RETF, CS is missing", 4, retf, SS_
        SHORT "RETF 4, the outer frame is above the parameters", 16, {retf 4}, SS_
        SHORT "IRETD to ring 3, SS is missing", 16, {call iret_frame}, SS_
        SHORT "IRETD, flags are missing", 8, iretd, SS_
        SHORT "IRET, flags are missing", 4, {o16 iret}, SS_
        call ss_by_gate

        ; ---- a return to a 16-bit stack loads SP; outer data segments are cut ----
        TRY "IRETD to a 16-bit stack"
        push dword STK16 | 3
        push dword 12346000h
        push dword 2
        push dword UCODE
        push dword landed
        iretd
        CAUGHT OK, NONE
        CHECK_BITS "SP", [rec.esp], 0ffffh, 6000h
        CHECK "SS", dword [rec.ss], STK16 | 3
        TRY "data segments after a return to ring 3"
        mov eax, DATA32
        mov ds, ax
        mov eax, CONF0
        mov es, ax
        mov eax, STK1 | 1
        mov fs, ax
        mov eax, UDATA & ~3
        mov gs, ax
        push dword UDATA
        push dword USER_STACK
        push dword 2
        push dword UCODE
        push dword landed
        iretd
        CAUGHT OK, NONE
        CHECK "DS of ring 0: null", dword [rec.ds], 0
        CHECK "ES, conforming code: stays", dword [rec.es], CONF0
        CHECK "FS of ring 1: null", dword [rec.fs], 0
        CHECK "GS of ring 3: stays", dword [rec.gs], UDATA & ~3
        TRY "IRETD to virtual-8086 mode, EIP above FFFFh"
        push dword 0
        push dword 0
        push dword 0
        push dword 0
        push dword 0
        push dword USER_STACK
        push dword F_VM | 2
        push dword 0
        push dword 10000h
        AT
        iretd
        CAUGHT GP, 0
        TRY "VM in the image does not count in ring 3"
        USER
        push dword F_VM | 2
        push dword UCODE
        push dword landed
        iretd
        CAUGHT OK, NONE
        CHECK_BITS "VM", [rec.eflags], F_VM, 0

        ; ---- inner stacks: ring 1 from ring 3 ----
        mov dword [tss.esp1], 6000h
        mov word [tss16 + 6], 6000h
        mov word [tss16 + 2], INNER_STACK
        mov word [tss16 + 4], DATA32
        DESC T16, tss16, 2bh, 81h
        call inner_sweep
        USE_TSS T16
        call inner_sweep
        USE_TSS TSS

        ; ---- room: the frame just fits, and does not ----
%macro ROOM 3                   ; name, form, bytes of the frame
        mov dword [form], %2
        mov dword [tss.ss1], SMALL1 | 1
        mov dword [tss.esp1], %3
        call inner_setup
        TRY %1
        USER
        push dword 1
        call inner_go
        CAUGHT OK, NONE
        CHECK "ESP of ring 1", dword [rec.esp], 0
        mov dword [tss.esp1], (%3) - 1
        TRY %1
        USER
        push dword 1
        call inner_go
        CAUGHT SS_, SMALL1
        mov dword [tss.esp1], 1001h
        TRY %1
        USER
        push dword 1
        call inner_go
        CAUGHT SS_, SMALL1
%endmacro
        ROOM "CALL, 32 bits, one parameter: 20 bytes", 0, 20
        ROOM "CALL, 16 bits, one parameter: 10 bytes", 1, 10
        ROOM "INT, 32 bits: 20 bytes", 2, 20
        ROOM "INT, 16 bits: 10 bytes", 3, 10
        ; ---- the limit of the TSS against the pointer that is read ----
        mov dword [tss.esp1], 6000h
        mov dword [tss.ss1], STK1 | 1
        mov word [tss16 + 8], STK1 | 1
        mov dword [form], 2
        call inner_setup
%macro TSS_LIMIT 5              ; name, base, limit, type, OK or TS
        DESC T32, %2, %3, %4
        USE_TSS T32
        TRY %1
        USER
        int VX
  %if %5 = OK
        CAUGHT OK, NONE
  %else
        CAUGHT TS, T32
  %endif
%endmacro
        ; (editions of the manual differ in whether the two bytes behind SS must be there as well)
        TSS_LIMIT "32-bit TSS to 13h", tss, 13h, 89h, OK
        TSS_LIMIT "32-bit TSS to 10h", tss, 10h, 89h, TS
        TSS_LIMIT "16-bit TSS to 10", tss16, 10, 81h, OK
        TSS_LIMIT "16-bit TSS to 8", tss16, 8, 81h, TS
        USE_TSS TSS
        ; ---- parameters: 31 of them, and some that lie beyond the outer stack ----
        GATE gdt + CGATE, CODE32, params, 0ech, 31
        TRY "31 parameters"
        USER
        mov ecx, 31
  .push:
        push ecx
        loop .push
        mov edx, esp
        call CGATE:0
        CAUGHT OK, NONE
        CHECK "the first", dword [rec.eax], 1
        CHECK "the last", dword [rec.ebx], 31
        CHECK "the frame", dword [rec.esp], INNER_STACK - 4 * 35
        CHECK "the outer ESP", dword [rec.ecx], dword [rec.edx]
        DESC SMALL0, 4000h, 0fffh, A_DATA | A_RING3
        GATE gdt + CGATE, CODE32, params, 0ech, 3
        TRY "parameters beyond the limit of the outer stack"
        USER
        mov eax, SMALL0 | 3
        mov ss, ax
        mov esp, 0ff8h
        AT
        call CGATE:0
        CAUGHT SS_, 0
        DONE

params: mov eax, [ss:esp + 8]
        mov ebx, [ss:esp + 8 + 30 * 4]
        mov ecx, [ss:esp + 8 + 31 * 4]
        int OK

; Frames of returns to ring 3 at the end of 4000h to 4fffh, ESI: where ESP will be.
fill_frame:
        mov dword [4ff0h], landed
        mov dword [4ff4h], UCODE
        mov dword [4ff8h], USER_STACK
        mov dword [4ffch], UDATA
        ret
; In a call: the 12 bytes left are EIP, CS and ESP.
retf_frame:
        add esp, 4
        mov dword [4ff4h], landed
        mov dword [4ff8h], UCODE
        retf
; In a call: the 16 bytes left are EIP, CS, flags, ESP of an IRETD frame.
iret_frame:
        add esp, 4
        mov dword [4ff8h], 2
        iretd

inner_setup:
        GATE gdt + CGATE, CODE1, landed, 0ech, 1
        GATE idt + VX * 8, CODE1, landed, 0eeh
        test dword [form], 1
        jz .end
        GATE gdt + CGATE, CODE1, landed, 0e4h, 1
        GATE idt + VX * 8, CODE1, landed, 0e6h
  .end: ret
inner_go:
        test dword [form], 2
        jnz .int
        call CGATE:0
  .int: int VX

inner_sweep:
        SWEEP inner_rows, inner_end, 4
        movzx eax, word [esi + R_SELECTOR]
        mov [tss.ss1], eax
        mov [tss16 + 8], ax
        call inner_setup
        TRY "inner stack"
        call ring
        call inner_go
        CAUGHT_ANY
        JUDGE_ROW
        SWEEP_END
        ret

        align 4
tss16:  times 2ch db 0

; name, CS, SS; from ring 0; from ring 3
return_rows:
        ROW "CS null", 0, UDATA, GP, 0, GP, 0
        ROW "CS null, RPL 3", 3, UDATA, GP, 0, GP, 0
        ROW "CS beyond the GDT", GDT_SIZE | 3, UDATA, GP, GDT_SIZE, GP, GDT_SIZE
        ROW "CS in an LDT that is not there", 0fh, UDATA, GP, 0ch, GP, 0ch
        ROW "CS is data", UDATA, UDATA, GP, UDATA & ~3, GP, UDATA & ~3
        ROW "CS is a TSS", TSS | 3, UDATA, GP, TSS, GP, TSS
        ROW "CS is a call gate", CGATE | 3, UDATA, GP, CGATE, GP, CGATE
        ROW "ring 0", CODE32, UDATA, OK, 0, GP, CODE32
        ROW "ring 0's code with RPL 3", CODE32 | 3, UDATA, GP, CODE32, GP, CODE32
        ROW "ring 3's code with RPL 0", UCODE & ~3, UDATA, GP, UCODE & ~3, GP, UCODE & ~3
        ROW "ring 3", UCODE, UDATA, OK, 0, OK, 0
        ROW "ring 1", CODE1 | 1, STK1 | 1, OK, 0, GP, CODE1
        ROW "ring 1's code with RPL 3", CODE1 | 3, UDATA, GP, CODE1, GP, CODE1
        ROW "conforming, RPL 3", CONF0 | 3, UDATA, OK, 0, OK, 0
        ROW "conforming, RPL 0", CONF0, UDATA, OK, 0, GP, CONF0
        ROW "conforming, DPL above RPL", CONF3, UDATA, GP, CONF3, GP, CONF3
        ROW "conforming, DPL 3, RPL 3", CONF3 | 3, UDATA, OK, 0, OK, 0
        ROW "not present", NPCODE, UDATA, NP, NPCODE, GP, NPCODE
        ROW "not present, ring 3", NPCODE3 | 3, UDATA, NP, NPCODE3, NP, NPCODE3
        ROW "conforming, not present", NPCONF | 3, UDATA, NP, NPCONF, NP, NPCONF
        ROW "beyond the limit", TINY, UDATA, GP, 0, GP, TINY
        ROW "beyond the limit, ring 3", TINY3 | 3, UDATA, GP, 0, GP, 0
        ROW "SS null", UCODE, 0, GP, 0, OK, 0
        ROW "SS null, RPL 3", UCODE, 3, GP, 0, OK, 0
        ROW "SS beyond the GDT", UCODE, GDT_SIZE | 3, GP, GDT_SIZE, OK, 0
        ROW "SS in an LDT that is not there", UCODE, 0fh, GP, 0ch, OK, 0
        ROW "SS is code", UCODE, UCODE, GP, UCODE & ~3, OK, 0
        ROW "SS is a TSS", UCODE, TSS | 3, GP, TSS, OK, 0
        ROW "SS is read-only", UCODE, RO3 | 3, GP, RO3, OK, 0
        ROW "SS: RPL is not that of CS", UCODE, UDATA & ~3, GP, UDATA & ~3, OK, 0
        ROW "SS: DPL is not the RPL of CS", UCODE, DATA32 | 3, GP, DATA32, OK, 0
        ROW "SS not present", UCODE, NP3 | 3, SS_, NP3, OK, 0
        ROW "SS bad and EIP beyond the limit: SS first", TINY3 | 3, RO3 | 3, GP, RO3, GP, 0
        ROW "SS bad and CS not present: CS first", NPCODE3 | 3, RO3 | 3, NP, NPCODE3, NP, NPCODE3
return_end:
; name, SS1, -; from ring 0 the gates lead outward; from ring 3
inner_rows:
        ROW "all is well", STK1 | 1, 0, GP, CODE1, OK, 0
        ROW "SS1 null", 0, 0, GP, CODE1, TS, 0
        ROW "SS1 null, RPL 1", 1, 0, GP, CODE1, TS, 0
        ROW "SS1 beyond the GDT", GDT_SIZE | 1, 0, GP, CODE1, TS, GDT_SIZE
        ROW "SS1 in an LDT that is not there", 0dh, 0, GP, CODE1, TS, 0ch
        ROW "SS1: RPL above", STK1 | 3, 0, GP, CODE1, TS, STK1
        ROW "SS1: RPL below", STK1, 0, GP, CODE1, TS, STK1
        ROW "SS1: DPL above", UDATA & ~3 | 1, 0, GP, CODE1, TS, UDATA & ~3
        ROW "SS1: DPL below", DATA32 | 1, 0, GP, CODE1, TS, DATA32
        ROW "SS1 is code", CODE1 | 1, 0, GP, CODE1, TS, CODE1
        ROW "SS1 is read-only", RO1 | 1, 0, GP, CODE1, TS, RO1
        ROW "SS1 is a TSS", TSS | 1, 0, GP, CODE1, TS, TSS
        ROW "SS1 not present", NP1 | 1, 0, GP, CODE1, SS_, NP1
        ROW "no room", SMALL1 | 1, 0, GP, CODE1, SS_, SMALL1
inner_end:
image_end:
