; gates.asm - far calls and returns, call gates of both sizes with and without a change of ring, interrupt and trap gates,
; IRET; what each pushes, what the handler starts with, and how each faults.
; Follows: Intel SDM Vol. 3A "Calling Procedures Between Segments", "Exception- or Interrupt-Handler Procedures";
; Vol. 2 "CALL", "RET", "IRET/IRETD".
%define GUEST "gates"
%include "lib.inc"

G32   equ FREE                  ; call gate, 32 bits, DPL 3, 2 parameters
G16   equ FREE + 8h             ; call gate, 16 bits, DPL 3, 2 parameters
G0    equ FREE + 10h            ; call gate, DPL 0
CONF  equ FREE + 18h            ; conforming code, DPL 0
CODE3 equ FREE + 20h            ; code, ring 3, not conforming
NPCODE equ FREE + 28h           ; code, not present
TINY equ FREE + 30h            ; code, limit of 16 bytes
X     equ FREE + 38h            ; changed as needed
Y     equ FREE + 40h
STK1  equ FREE + 48h            ; data, DPL 1
CODE1 equ FREE + 50h            ; code, DPL 1
V16   equ 90h                   ; vectors of the guest's own
VTRAP equ 91h
VINT  equ 92h
VX    equ 93h

%macro JMP_FAR 2
        jmp %1:dword %2
%endmacro

main:
        GATE gdt + G32, CODE32, catch_raw, 0ech, 2
        GATE gdt + G16, CODE16, catch_raw16, 0e4h, 2
        GATE gdt + G0, CODE32, catch_raw, 8ch
        DESC CONF, 0, 0fffffh, A_CODE | A_4K | 4
        DESC CODE3, 0, 0fffffh, A_CODE | A_4K | A_RING3
        DESC NPCODE, 0, 0fffffh, (A_CODE | A_4K) & ~80h
        DESC TINY, catch_raw - 16, 15, A_CODE
        DESC STK1, 0, 0fffffh, A_DATA | A_4K | 20h
        DESC CODE1, 0, 0fffffh, A_CODE | A_4K | 20h

        ; ---- far transfers without a gate ----
        TRY "CALL FAR within the ring"
        call CODE32:catch_raw
  .r1:
        CAUGHT RAW, NONE
        CHECK "return offset", dword [raw], .r1
        CHECK_BITS "return selector", [raw + 4], 0ffffh, CODE32
        CHECK "8 bytes are pushed", dword [rec.esp], MAIN_STACK - 4 - 8
        TRY "CALL FAR, 16-bit operand"
        call word CODE16:catch_raw16
  .r2:
        CAUGHT RAW, NONE
        CHECK "return selector:offset", dword [raw], (CODE32 << 16) + .r2
        CHECK "4 bytes are pushed", dword [rec.esp], MAIN_STACK - 4 - 4
        TRY "JMP FAR to data"
        AT
        jmp DATA32:catch_raw
        CAUGHT GP, DATA32
        TRY "JMP FAR to null"
        AT
        jmp 0:catch_raw
        CAUGHT GP, 0
        TRY "JMP FAR to code not present"
        AT
        jmp NPCODE:catch_raw
        CAUGHT NP, NPCODE
        TRY "JMP FAR beyond the limit"
        AT
        jmp TINY:16
        CAUGHT GP, 0
        TRY "JMP FAR to ring 3"
        AT
        jmp CODE3:catch_raw
        CAUGHT GP, CODE3
        TRY "JMP FAR to ring 0 from ring 3"
        USER
        AT
        jmp CODE32:catch_raw
        CAUGHT GP, CODE32
        TRY "JMP FAR to conforming code from ring 3 stays in ring 3"
        USER
        jmp CONF | 3:.in_conforming
  .in_conforming:
        mov eax, cs
        CAUGHT OK, NONE
        CHECK_BITS "CS keeps RPL 3", [rec.eax], 0ffffh, CONF | 3
        TRY "RPL above CPL"
        AT
        jmp CODE32 | 3:catch_raw
        CAUGHT GP, CODE32
        TRY "RET FAR to an inner ring"
        USER
        push dword CODE32
        push dword catch_raw
        AT
        retf
        CAUGHT GP, CODE32
        TRY "RET FAR to ring 3 drops parameters on both stacks and cuts ES, FS"
        mov eax, DATA32
        mov fs, ax
        mov eax, UDATA
        mov es, ax
        push dword UDATA
        push dword USER_STACK
        push dword 0
        push dword 0
        push dword UCODE
        push dword .outer
        retf 8
  .outer:
        CAUGHT OK, NONE
        CHECK "CS", dword [rec.cs], UCODE
        CHECK "ESP of ring 3 is above the parameters", dword [rec.esp], USER_STACK + 8
        CHECK "ES stays", dword [rec.es], UDATA
        CHECK "FS of ring 0 becomes null", dword [rec.fs], 0
        TRY "RET FAR to ring 3 with a null SS"
        push dword 0
        push dword USER_STACK
        push dword UCODE
        push dword catch_raw
        AT
        retf
        CAUGHT GP, 0
        TRY "RET FAR to ring 3 with an SS of ring 0"
        push dword DATA32 | 3
        push dword USER_STACK
        push dword UCODE
        push dword catch_raw
        AT
        retf
        CAUGHT GP, DATA32
        TRY "RET FAR to code not present"
        push dword NPCODE
        push dword catch_raw
        mov esi, esp
        AT
        retf
        CAUGHT NP, NPCODE
        mov eax, [rec.esi]
        CHECK "ESP stays", dword [rec.esp], eax
        TRY "RET FAR null"
        push dword 3
        push dword catch_raw
        AT
        retf
        CAUGHT GP, 0

        ; ---- call gates ----
        TRY "call gate within the ring copies nothing"
        push dword 11111111h
        call G32:0
  .r3:
        CAUGHT RAW, NONE
        CHECK "return offset", dword [raw], .r3
        CHECK_BITS "return selector", [raw + 4], 0ffffh, CODE32
        CHECK "below is the caller's", dword [raw + 8], 11111111h
        TRY "JMP through a call gate within the ring"
        jmp G32:0
        CAUGHT RAW, NONE
        CHECK "nothing is pushed", dword [rec.esp], MAIN_STACK - 4
        TRY "call gate to ring 0 with 2 parameters"
        USER
        push dword 22222222h
        push dword 11111111h
        call G32:0
  .r4:
        CAUGHT RAW, NONE
        CHECK "return EIP", dword [raw], .r4
        CHECK_BITS "CS", [raw + 4], 0ffffh, UCODE
        CHECK "parameter 1", dword [raw + 8], 11111111h
        CHECK "parameter 2", dword [raw + 12], 22222222h
        CHECK "ESP", dword [raw + 16], USER_STACK - 8
        CHECK_BITS "SS", [raw + 20], 0ffffh, UDATA
        CHECK "new ESP", dword [rec.esp], INNER_STACK - 24
        CHECK "new SS", dword [rec.ss], DATA32
        CHECK "DS stays", dword [rec.ds], UDATA
        TRY "16-bit call gate to ring 0 with 2 parameters"
        USER
        push word 2222h
        push word 1111h
        call G16:0
  .r5:
        CAUGHT RAW, NONE
        CHECK "CS:IP", dword [raw], (UCODE << 16) + .r5
        CHECK "parameters", dword [raw + 4], 22221111h
        CHECK "SS:SP", dword [raw + 8], UDATA << 16 | (USER_STACK - 4)
        CHECK "new ESP", dword [rec.esp], INNER_STACK - 12
        TRY "JMP through a call gate to an inner ring"
        USER
        AT
        jmp G32:0
        CAUGHT GP, CODE32
        TRY "call gate with DPL 0 from ring 3"
        USER
        AT
        call G0:0
        CAUGHT GP, G0
        TRY "call gate, RPL above DPL"
        AT
        call G0 | 3:0
        CAUGHT GP, G0
        GATE gdt + X, CODE32, catch_raw, 6ch
        TRY "call gate not present"
        AT
        call X:0
        CAUGHT NP, X
        GATE gdt + X, DATA32, catch_raw, 0ech
        TRY "call gate to data"
        AT
        call X:0
        CAUGHT GP, DATA32
        GATE gdt + X, 0, catch_raw, 0ech
        TRY "call gate to null"
        AT
        call X:0
        CAUGHT GP, 0
        GATE gdt + X, NPCODE, catch_raw, 0ech
        TRY "call gate to code not present"
        AT
        call X:0
        CAUGHT NP, NPCODE
        GATE gdt + X, TINY, 16, 0ech
        TRY "call gate beyond the limit"
        AT
        call X:0
        CAUGHT GP, 0
        GATE gdt + X, CODE3, catch_raw, 0ech
        TRY "call gate to an outer ring"
        AT
        call X:0
        CAUGHT GP, CODE3
        GATE gdt + X, CONF, .conforming, 0ech
        TRY "call gate to conforming code keeps the ring"
        USER
        call X:0
  .conforming:
        mov eax, cs
        CAUGHT OK, NONE
        CHECK_BITS "CS", [rec.eax], 0ffffh, CONF | 3
        CHECK "stack stays", dword [rec.esp], USER_STACK - 8
        GATE gdt + X, CODE32, catch_raw, 8eh
        TRY "CALL FAR to an interrupt gate in the GDT"
        AT
        call X:0
        CAUGHT GP, X
        TRY "CALL FAR to a TSS that is busy"
        AT
        call TSS:0
        CAUGHT GP, TSS

        ; the new stack comes from the TSS, here that of ring 1 (ring 0's is needed to deliver the exception)
        GATE gdt + X, CODE1, ring1, 0ech, 1
        mov dword [tss.esp1], 6000h
        mov dword [tss.ss1], STK1 | 1
        TRY "call gate to ring 1"
        USER
        push dword 77777777h
        call X:0
  .r6:
        CAUGHT OK, NONE
        CHECK "CS", dword [rec.cs], CODE1 | 1
        CHECK "SS", dword [rec.ss], STK1 | 1
        CHECK "parameter", dword [rec.eax], 77777777h
%macro BAD_SS1 4
        mov dword [tss.ss1], %2
        TRY %1
        USER
        AT
        call X:0
        CAUGHT %3, %4
%endmacro
        BAD_SS1 "null SS1", 0, TS, 0
        BAD_SS1 "SS1 beyond the GDT", GDT_SIZE | 1, TS, GDT_SIZE
        BAD_SS1 "SS1 with another RPL", STK1 | 2, TS, STK1
        BAD_SS1 "SS1 with another DPL", UDATA & ~3 | 1, TS, UDATA & ~3
        BAD_SS1 "SS1 is code", CODE1 | 1, TS, CODE1
        DESC Y, 0, 0fffffh, (A_DATA | A_4K | 20h) & ~2
        BAD_SS1 "SS1 is read-only", Y | 1, TS, Y
        DESC Y, 0, 0fffffh, (A_DATA | A_4K | 20h) & ~80h
        BAD_SS1 "SS1 is not present", Y | 1, SS_, Y
        DESC Y, 0, 5fffh, A_DATA | 20h
        mov dword [tss.esp1], 6004h
        BAD_SS1 "no room on the stack of ring 1", Y | 1, SS_, Y
        DESC Y, 0, 5fffh, A_DATA | 20h
        mov dword [tss.esp1], 8
        BAD_SS1 "stack of ring 1 runs below 0", Y | 1, SS_, Y
        mov dword [tss.esp1], 6000h
        mov dword [tss.ss1], STK1 | 1
        ; a TSS that ends before SS1, but has ESP0 and SS0: loaded and used, then the usual one again
        DESC FREE + 60h, tss, 0bh, 89h
        mov eax, FREE + 60h
        ltr ax
        TRY "TSS ends before ESP1"
        USER
        AT
        call X:0
        CAUGHT TS, FREE + 60h
        RELOAD_TSS

        ; ---- interrupt and trap gates ----
        mov dword [tss.esp0], INNER_STACK
        GATE idt + VTRAP * 8, CODE32, catch_raw, 0efh
        GATE idt + VINT * 8, CODE32, catch_raw, 0eeh
        TRY "trap gate keeps IF, clears NT"
        push dword F_IF | F_NT | 2
        popfd
        int VTRAP
  .r7:
        CAUGHT RAW, NONE
        CHECK_BITS "IF in the handler", [rec.hflags], F_IF | F_TF | F_NT | F_RF, F_IF
        CHECK "EIP", dword [raw], .r7
        CHECK_BITS "CS", [raw + 4], 0ffffh, CODE32
        CHECK_BITS "EFLAGS", [raw + 8], F_IF | F_NT, F_IF | F_NT
        TRY "interrupt gate clears IF"
        sti
        int VINT
        CAUGHT RAW, NONE
        CHECK_BITS "IF in the handler", [rec.hflags], F_IF, 0
        CHECK_BITS "EFLAGS", [raw + 8], F_IF, F_IF
        GATE idt + V16 * 8, CODE16, catch_raw16, 0e6h
        TRY "16-bit interrupt gate"
        int V16
  .r8:
        CAUGHT RAW, NONE
        CHECK "CS:IP", dword [raw], (CODE32 << 16) + .r8
        CHECK_BITS "FLAGS", [raw + 4], 0f002h, 2
        CHECK "6 bytes", dword [rec.esp], MAIN_STACK - 4 - 6
        TRY "16-bit interrupt gate from ring 3"
        USER
        int V16
  .r9:
        CAUGHT RAW, NONE
        CHECK "CS:IP", dword [raw], (UCODE << 16) + .r9
        CHECK "SP above FLAGS", dword [raw + 6], UDATA << 16 | USER_STACK
        CHECK "10 bytes", dword [rec.esp], INNER_STACK - 10
        GATE idt + VX * 8, DATA32, catch_raw, 0eeh
        TRY "interrupt gate to data"
        AT
        int VX
        CAUGHT GP, DATA32
        GATE idt + VX * 8, 0, catch_raw, 0eeh
        TRY "interrupt gate to null"
        AT
        int VX
        CAUGHT GP, 0
        GATE idt + VX * 8, NPCODE, catch_raw, 0eeh
        TRY "interrupt gate to code not present"
        AT
        int VX
        CAUGHT NP, NPCODE
        GATE idt + VX * 8, CODE3, catch_raw, 0eeh
        TRY "interrupt gate to an outer ring"
        AT
        int VX
        CAUGHT GP, CODE3
        GATE idt + VX * 8, TINY, 16, 0eeh
        TRY "interrupt gate beyond the limit"
        AT
        int VX
        CAUGHT GP, 0
        GATE idt + VX * 8, CODE32, catch_raw, 0ech
        TRY "a call gate in the IDT"
        AT
        int VX
        CAUGHT GP, VX * 8 + 2
        mov word [idt_register], 100 * 8 + 6
        lidt [idt_register]
        TRY "vector beyond the limit of the IDT"
        AT
        int 100
        CAUGHT GP, 100 * 8 + 2
        mov word [idt_register], 256 * 8 - 1
        lidt [idt_register]
        TRY "INT3 of DPL 0 from ring 3"
        USER
        AT
        int3
        CAUGHT GP, 3 * 8 + 2
        TRY "INT1 does not look at the DPL"
        USER
        db 0f1h
        AT
        nop
        CAUGHT DB_, NONE

        ; ---- IRET ----
        TRY "IRETD within the ring takes RF, not VM"
        push dword F_RF | F_ZF | 2
        push dword CODE32
        push dword .r10
        iretd
  .r10:
        setz al
        CAUGHT OK, NONE
        CHECK_BITS "ZF", [rec.eax], 0ffh, 1
        TRY "IRET, 16 bits, keeps the upper flags and cuts EIP"
        push word F_CF | 2
        push word CODE32
        push word .r11
        o16 iret
  .r11:
        setc al
        CAUGHT OK, NONE
        CHECK_BITS "CF", [rec.eax], 0ffh, 1
        TRY "IRETD in ring 3 changes neither IOPL nor IF"
        USER 2
        push dword F_IOPL3 | F_IF | 2
        push dword UCODE
        push dword .r12
        iretd
  .r12:
        pushfd
        pop eax
        CAUGHT OK, NONE
        CHECK_BITS "flags", [rec.eax], F_IOPL3 | F_IF, 0
        TRY "IRETD in ring 3 with IOPL 3 changes IF"
        USER F_IOPL3 | 2
        push dword F_IF | 2
        push dword UCODE
        push dword .r13
        iretd
  .r13:
        pushfd
        pop eax
        CAUGHT OK, NONE
        CHECK_BITS "flags", [rec.eax], F_IOPL3 | F_IF, F_IOPL3 | F_IF
        TRY "IRETD to an inner ring"
        USER
        push dword 2
        push dword CODE32
        push dword catch_raw
        AT
        iretd
        CAUGHT GP, CODE32
        TRY "IRETD to ring 3 with a null SS"
        push dword 0
        push dword USER_STACK
        push dword 2
        push dword UCODE
        push dword catch_raw
        AT
        iretd
        CAUGHT GP, 0
        TRY "IRETD to ring 3, SS of another RPL"
        push dword UDATA & ~3 | 1
        push dword USER_STACK
        push dword 2
        push dword UCODE
        push dword catch_raw
        AT
        iretd
        CAUGHT GP, UDATA & ~3
        DESC Y, 0, 0fffffh, (A_DATA | A_4K | A_RING3) & ~80h
        TRY "IRETD to ring 3, SS not present"
        push dword Y | 3
        push dword USER_STACK
        push dword 2
        push dword UCODE
        push dword catch_raw
        AT
        iretd
        CAUGHT SS_, Y
        TRY "IRETD to ring 3 beyond the limit of CS"
        DESC Y, beyond - 10h, 0fh, A_CODE | A_RING3
        push dword UDATA
        push dword USER_STACK
        push dword 2
        push dword Y | 3
        push dword 10h
        AT
        iretd
        CAUGHT GP, 0
        TRY "IRETD to null"
        push dword 2
        push dword 0
        push dword catch_raw
        AT
        iretd
        CAUGHT GP, 0

        ; a descriptor's accessed bit is set when it is loaded, and only then
        DESC Y, 0, 0fffffh, A_CODE | A_4K
        TRY "JMP FAR sets the accessed bit"
        jmp Y:.r14
  .r14:
        CAUGHT OK, NONE
        movzx eax, byte [gdt + Y + 5]
        CHECK "type", eax, 9bh
        DESC Y, 0, 0fffffh, A_DATA | A_4K
        TRY "MOV DS sets the accessed bit"
        mov eax, Y
        mov ds, ax
        CAUGHT OK, NONE
        movzx eax, byte [gdt + Y + 5]
        CHECK "type", eax, 93h
        DONE

beyond: int OK
ring1:  mov eax, [esp + 8]
        int OK
image_end:
