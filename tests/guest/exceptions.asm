; exceptions.asm - each exception that an instruction causes: vector, error code, saved CS:EIP (fault or trap), RF.
; Follows: Intel SDM Vol. 3A "Exception and Interrupt Reference"; Vol. 3B "Masking Instruction Breakpoints" (RF image).
%define GUEST "exceptions"
%include "lib.inc"

%define RF_CHECK(want) CHECK_BITS "RF in the image", [rec.eflags], F_RF, want

main:
        ; 6.15 "Interrupt 0": fault
        TRY "DIV r32 by zero"
        xor edx, edx
        xor ecx, ecx
        mov eax, 12345678h
        AT
        div ecx
        CAUGHT DE, NONE
        CHECK "DIV by zero keeps EAX", dword [rec.eax], 12345678h
        CHECK "CS of a fault", dword [rec.cs], CODE32
        CHECK_BITS "DIV by zero sets RF", [rec.eflags], F_RF, F_RF
        TRY "DIV r8, quotient of 9 bits"
        mov ax, 100h
        mov cl, 1
        AT
        div cl
        CAUGHT DE, NONE
        TRY "IDIV r32, most negative by -1"
        mov eax, 80000000h
        cdq
        mov ecx, -1
        AT
        idiv ecx
        CAUGHT DE, NONE
        TRY "IDIV r16, quotient 8000h is good for a negative result"
        mov dx, 0ffffh
        mov ax, 8000h
        mov cx, 1
        idiv cx
        CAUGHT OK, NONE
        CHECK_BITS "quotient", [rec.eax], 0ffffh, 8000h
        TRY "AAM 0"
        AT
        aam 0
        CAUGHT DE, NONE

        ; "Interrupt 1": INT1 is a trap and sets nothing in DR6
        mov eax, 0ffff0ff0h
        mov dr6, eax
        TRY "INT1"
        db 0f1h
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "INT1 leaves RF clear", [rec.eflags], F_RF, 0
        mov eax, dr6
        CHECK_BITS "INT1 leaves DR6", eax, 0e00fh, 0

        ; "Interrupt 3", "Interrupt 4": traps
        TRY "INT3"
        int3
        AT
        nop
        CAUGHT BP_, NONE
        CHECK_BITS "INT3 leaves RF clear", [rec.eflags], F_RF, 0
        TRY "INT 3, two bytes"
        db 0cdh, 3
        AT
        nop
        CAUGHT BP_, NONE
        TRY "INTO with OF"
        mov al, 127
        add al, 1
        into
        AT
        nop
        CAUGHT OF_, NONE
        TRY "INTO without OF"
        xor eax, eax
        into
        CAUGHT OK, NONE

        ; "Interrupt 5": fault; bounds are signed and inclusive
        TRY "BOUND below"
        mov eax, -11
        AT
        bound eax, [bounds]
        CAUGHT BR, NONE
        CHECK_BITS "BOUND sets RF", [rec.eflags], F_RF, F_RF
        TRY "BOUND above"
        mov eax, 21
        AT
        bound eax, [bounds]
        CAUGHT BR, NONE
        TRY "BOUND at both ends"
        mov eax, -10
        bound eax, [bounds]
        mov eax, 20
        bound eax, [bounds]
        CAUGHT OK, NONE
        TRY "BOUND r16"
        mov ax, 6
        AT
        bound ax, [bounds16]
        CAUGHT BR, NONE

        ; "Interrupt 6"
        TRY "UD2"
        AT
        ud2
        CAUGHT UD, NONE
        CHECK_BITS "UD2 sets RF", [rec.eflags], F_RF, F_RF
        TRY "LEA of a register"
        AT
        db 8dh, 0c0h
        CAUGHT UD, NONE
        TRY "LES of a register"
        AT
        db 0c4h, 0c0h
        CAUGHT UD, NONE
        TRY "BOUND of a register"
        AT
        db 62h, 0c0h
        CAUGHT UD, NONE
        TRY "LOCK with a register"
        AT
        db 0f0h, 01h, 0c8h
        CAUGHT UD, NONE
        TRY "LOCK MOV"
        AT
        db 0f0h, 0a3h
        dd scratch
        CAUGHT UD, NONE
        TRY "LOCK CMP with memory"
        AT
        db 0f0h, 39h, 05h
        dd scratch
        CAUGHT UD, NONE
        TRY "LOCK ADD with memory"
        lock add dword [scratch], 1
        CAUGHT OK, NONE
        TRY "MOV CS, AX"
        AT
        db 8eh, 0c8h
        CAUGHT UD, NONE
        TRY "MOV to segment register 6"
        AT
        db 8eh, 0f0h
        CAUGHT UD, NONE
        TRY "MOV from CR1"
        AT
        db 0fh, 20h, 0c8h
        CAUGHT UD, NONE
        TRY "MOV to CR5"
        AT
        db 0fh, 22h, 0e8h
        CAUGHT UD, NONE
        TRY "FE /2"
        AT
        db 0feh, 0d0h
        CAUGHT UD, NONE
        TRY "FF /7"
        AT
        db 0ffh, 0f8h
        CAUGHT UD, NONE
        TRY "FAR CALL through a register"
        AT
        db 0ffh, 0d8h
        CAUGHT UD, NONE
        TRY "0F BA /3"
        AT
        db 0fh, 0bah, 0d8h, 1
        CAUGHT UD, NONE
        TRY "CMPXCHG8B of a register"
        AT
        db 0fh, 0c7h, 0c8h
        CAUGHT UD, NONE
        TRY "0F FF"
        AT
        db 0fh, 0ffh, 0c0h
        CAUGHT UD, NONE
        TRY "LGDT of a register"
        AT
        db 0fh, 01h, 0d0h
        CAUGHT UD, NONE

        ; Vol. 2 "Instruction Prefixes": an instruction has at most 15 bytes; #GP(0), before #UD
        TRY "15 bytes"
        times 14 db 66h
        nop
        CAUGHT OK, NONE
        TRY "16 bytes"
        AT
        times 15 db 66h
        nop
        CAUGHT GP, 0
        TRY "16 bytes with LOCK"
        AT
        db 0f0h
        times 14 db 66h
        nop
        CAUGHT GP, 0

        ; "Interrupt 7": CR0.EM and TS for x87, TS and MP for WAIT
        mov ebx, cr0
        mov eax, ebx
        or al, 8                                ; TS
        mov cr0, eax
        TRY "x87 with TS"
        AT
        fld1
        CAUGHT NM, NONE
        CHECK_BITS "#NM sets RF", [rec.eflags], F_RF, F_RF
        TRY "WAIT with TS and MP"
        AT
        wait
        CAUGHT NM, NONE
        mov eax, cr0
        and al, ~2
        mov cr0, eax
        TRY "WAIT with TS, without MP"
        wait
        CAUGHT OK, NONE
        clts
        mov eax, cr0
        or al, 4                                ; EM
        mov cr0, eax
        TRY "x87 with EM"
        AT
        fld1
        CAUGHT NM, NONE
        TRY "WAIT with EM"
        wait
        CAUGHT OK, NONE
        TRY "MMX with EM"
        AT
        db 0fh, 77h
        CAUGHT UD, NONE
        mov eax, cr0
        and al, ~4
        or al, 8 | 2
        mov cr0, eax
        TRY "MMX with TS"
        AT
        db 0fh, 77h
        CAUGHT NM, NONE
        clts

        ; "Interrupt 11" and "12": the error code is the selector
        DESC FREE, 0, 0fffffh, (A_DATA | A_4K) & ~80h
        TRY "MOV DS, not present"
        mov eax, FREE
        AT
        mov ds, ax
        CAUGHT NP, FREE
        CHECK "DS stays", dword [rec.ds], DATA32
        CHECK_BITS "#NP sets RF", [rec.eflags], F_RF, F_RF
        TRY "MOV SS, not present"
        mov eax, FREE
        AT
        mov ss, ax
        CAUGHT SS_, FREE
        TRY "POP FS, not present"
        mov esi, esp
        push dword FREE
        AT
        pop fs
        CAUGHT NP, FREE
        mov eax, [rec.esi]
        sub eax, 4
        CHECK "ESP stays", dword [rec.esp], eax

        ; "Interrupt 13"
        TRY "MOV DS, beyond the GDT"
        mov eax, GDT_SIZE
        AT
        mov ds, ax
        CAUGHT GP, GDT_SIZE
        TRY "MOV ES, RPL is not in the error code"
        mov eax, GDT_SIZE | 3
        AT
        mov es, ax
        CAUGHT GP, GDT_SIZE
        TRY "MOV ES of an LDT that is not there"
        mov eax, 0ch
        AT
        mov es, ax
        CAUGHT GP, 0ch
        TRY "MOV SS, null"
        xor eax, eax
        AT
        mov ss, ax
        CAUGHT GP, 0
        TRY "MOV DS, null; use"
        xor eax, eax
        mov ds, ax
        AT
        mov eax, [0]
        CAUGHT GP, 0
        TRY "MOV SS, code"
        mov eax, CODE32
        AT
        mov ss, ax
        CAUGHT GP, CODE32
        TRY "MOV DS, system segment"
        mov eax, TSS
        AT
        mov ds, ax
        CAUGHT GP, TSS
        TRY "write through CS"
        AT
        mov [cs:scratch], eax
        CAUGHT GP, 0
        DESC FREE, 0, 0fffffh, (A_DATA | A_4K) & ~2
        TRY "write to read-only data"
        mov eax, FREE
        mov ds, ax
        AT
        inc dword [scratch]
        CAUGHT GP, 0
        TRY "MOV SS, read-only"
        mov eax, FREE
        AT
        mov ss, ax
        CAUGHT GP, FREE
        DESC FREE, 0, 0fffffh, (A_CODE | A_4K) & ~2
        TRY "MOV DS, execute-only"
        mov eax, FREE
        AT
        mov ds, ax
        CAUGHT GP, FREE
        TRY "INT 80h of a gate with DPL 0, from ring 3"
        USER
        AT
        int 80h
        CAUGHT GP, 80h * 8 + 2
        CHECK "CS of ring 3", dword [rec.cs], UCODE
        CHECK "SS of ring 3", dword [rec.ss], UDATA
        CHECK "ESP of ring 3", dword [rec.esp], USER_STACK
        CHECK "stack of ring 0", dword [rec.hesp], INNER_STACK - 20
        GATE idt + 80h * 8, CODE32, stubs + 80h * stub_size, 0eh
        TRY "INT 80h of a gate not present"
        AT
        int 80h
        CAUGHT NP, 80h * 8 + 2
        GATE idt + 80h * 8, CODE32, stubs + 80h * stub_size, 8eh

        ; Vol. 3A "Error Code": EXT is set where the event came from outside of the program, and for an exception's delivery
        GATE idt + UD * 8, CODE32, stubs + UD * stub_size, 0eh
        TRY "UD2 whose gate is not present"
        AT
        ud2
        CAUGHT NP, UD * 8 + 3
        GATE idt + UD * 8, CODE32, stubs + UD * stub_size, 8eh
        GATE idt + BP_ * 8, CODE32, stubs + BP_ * stub_size, 0eh
        TRY "INT3 whose gate is not present"
        AT
        int3
        CAUGHT NP, BP_ * 8 + 2
        GATE idt + BP_ * 8, CODE32, stubs + BP_ * stub_size, 8eh
        GATE idt + DB_ * 8, CODE32, stubs + DB_ * stub_size, 0eh
        TRY "INT1 whose gate is not present"
        AT
        db 0f1h
        CAUGHT NP, DB_ * 8 + 3
        GATE idt + DB_ * 8, CODE32, stubs + DB_ * stub_size, 8eh

        ; "Interrupt 16": reported at the next waiting instruction (CR0.NE is set)
        TRY "#MF at the next x87 instruction"
        fninit
        fldcw [unmasked]
        fldz
        fld1
        fdiv st0, st1
        nop
        AT
        fld1
        CAUGHT MF, NONE
        CHECK_BITS "#MF sets RF", [rec.eflags], F_RF, F_RF
        TRY "FNSTSW does not wait"
        fnstsw ax
        CAUGHT OK, NONE
        CHECK_BITS "status: ZE, ES, B", [rec.eax], 80ffh, 8084h
        TRY "WAIT reports too"
        AT
        wait
        CAUGHT MF, NONE
        fninit

        ; Vol. 3A "Priority Among Concurrent Events": #UD of the decoder before the operand's #GP, #NM before the operand's
        mov eax, cr0
        or al, 8
        mov cr0, eax
        TRY "#NM comes before the #GP of its operand"
        xor eax, eax
        mov ds, ax
        AT
        fld dword [0]
        CAUGHT NM, NONE
        clts
        TRY "#UD comes before the #GP of its operand"
        xor eax, eax
        mov ds, ax
        AT
        db 0f0h, 89h, 05h
        dd 0
        CAUGHT UD, NONE

        ; nothing is changed by an instruction that faults: PUSHAD, POP to memory, ENTER, XCHG
        TRY "XCHG faults, register stays"
        mov ecx, 1234h
        AT
        xchg [cs:scratch], ecx
        CAUGHT GP, 0
        CHECK "ECX", dword [rec.ecx], 1234h
        TRY "POP mem faults, ESP stays"
        push dword 1
        mov esi, esp
        AT
        pop dword [cs:scratch]
        CAUGHT GP, 0
        mov eax, [rec.esi]
        CHECK "ESP", dword [rec.esp], eax
        TRY "LODS faults, ESI stays"
        xor eax, eax
        mov ds, ax
        mov esi, 1000h
        AT
        lodsd
        CAUGHT GP, 0
        CHECK "ESI", dword [rec.esi], 1000h
        DONE

        align 8
bounds   dd -10, 20
bounds16 dw -5, 5
unmasked dw 033bh
scratch  dd 0
image_end:
