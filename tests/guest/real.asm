; real.asm - real-address mode: interrupts and exceptions, their table and frames, flags, what is undefined there.
; Follows: Intel SDM Vol. 3A "8086 Emulation" ("Interrupt and Exception Handling" in real-address mode); Vol. 2
; "INT n/INTO/INT3/INT1", "IRET/IRETD", "POPF", "LIDT" and the lists "Real-Address Mode Exceptions".
; Segment limits and wraps are realseg.asm's, the way in and out realswitch.asm's.
%define GUEST "real"
%include "lib.inc"
%include "real.inc"
%include "board.inc"
%include "debug.inc"

TABLE2 equ FREE_LOW + 0a00h             ; another interrupt table

main:
        call real_setup
        call software
        call exceptions
        call undefined
        call allowed
        call table_limit
        call flags
        call debugging
        call hardware
        DONE

; REAL_FAULT name, vector, code: the exception's EIP is the instruction's; the frame has three words, no error code.
%macro REAL_FAULT 3+
        TRY %1
        REAL
        AT
        %3
        CAUGHT %2, NONE
        mov eax, [rec.esp]
        sub eax, [rec.hesp]
        CHECK "a frame of three words", eax, 6
%endmacro
; REAL_RUNS name, code
%macro REAL_RUNS 2+
        TRY %1
        REAL
        %2
        CAUGHT OK, NONE
%endmacro

software:
        TRY "INT n"
        REAL
        push word 0ad7h | F_IOPL3 | F_NT
        popf
        int 40h
        AT
        CAUGHT 40h, NONE
        CHECK "FLAGS image", dword [rec.eflags], 0ad7h | F_IOPL3 | F_NT
        CHECK "FLAGS in the handler: IF and TF clear, the rest stays", dword [rec.hflags], 8d7h | F_IOPL3 | F_NT
        CHECK "CS", dword [rec.cs], 0
        mov eax, [rec.esp]
        sub eax, [rec.hesp]
        CHECK "six bytes", eax, 6
        TRY "INT n clears AC"
        REAL
        pushfd
        or dword [esp], F_AC
        popfd
        int 40h
        CAUGHT 40h, NONE
        CHECK_BITS "AC in the handler", [rec.hflags], F_AC, 0
        TRY "INT3"
        REAL
        int3
        AT
        CAUGHT BP_, NONE
        TRY "INT 3 of two bytes"
        REAL
        db 0cdh, 3
        AT
        CAUGHT BP_, NONE
        TRY "INTO, OF clear"
        REAL
        xor ax, ax
        into
        CAUGHT OK, NONE
        TRY "INTO, OF set"
        REAL
        mov al, 7fh
        inc al
        into
        AT
        CAUGHT OF_, NONE
        TRY "INT1"
        REAL
        db 0f1h
        AT
        CAUGHT DB_, NONE
        TRY "INT 0FFh"
        REAL
        int 0ffh
        AT
        CAUGHT 0ffh, NONE
        TRY "the segment of the table's entry"
        mov dword [REAL_IVT + 4 * 41h], .there - 100h + (10h << 16)
        REAL
        int 41h
.there: mov ax, cs
        movzx ecx, ax
        mov word [cs:REAL_IVT - 100h], 0        ; CS's base is 100h now: this is below the table
        int 42h
        CAUGHT 42h, NONE
        CHECK "CS", dword [rec.ecx], 10h
        CHECK "CS pushed", dword [rec.cs], 10h
        call real_setup
        ret

exceptions:
        REAL_FAULT "#DE: AAM 0", DE, aam 0
        TRY "#DE: DIV"
        REAL
        xor cx, cx
        AT
        div cx
        CAUGHT DE, NONE
        TRY "#BR"
        mov dword [FREE_LOW], 20001h
        REAL
        mov ax, 3
        AT
        bound ax, [FREE_LOW]
        CAUGHT BR, NONE
        TRY "BOUND inside"
        REAL
        mov ax, 2
        bound ax, [FREE_LOW]
        CAUGHT OK, NONE
        REAL_FAULT "#GP: a word at FFFFh", GP, mov ax, [0ffffh]
        TRY "#SS: a word at FFFFh of the stack segment"
        REAL
        mov bp, 0ffffh
        AT
        mov ax, [bp]
        CAUGHT SS_, NONE
        mov eax, [rec.esp]
        sub eax, [rec.hesp]
        CHECK "a frame of three words", eax, 6
        SET_CR0 -1, 8                           ; TS
        REAL_FAULT "#NM", NM, fnop
        REAL_FAULT "#NM by WAIT", NM, fwait
        mov eax, cr0
        and al, ~8
        or al, 4                                ; EM
        mov cr0, eax
        REAL_FAULT "#NM, EM", NM, fnop
        SET_CR0 ~4, 0
        fninit
        fldcw [.unmasked]
        fldz
        fld1
        fdiv st0, st1
        REAL_FAULT "#MF", MF, fwait
        fnclex
        fninit
        SET_CR0 -1, 40000h                      ; AM
        REAL_RUNS "no alignment check", pushfd
        TRY "AC and AM: no #AC"
        REAL
        pushfd
        or dword [esp], F_AC
        popfd
        mov eax, [FREE_LOW + 1]
        CAUGHT OK, NONE
        SET_CR0 ~40000h, 0
        REAL_FAULT "an instruction of 16 bytes", GP, times 15 db 3eh
        TRY "#GP: PG without PE"
        REAL
        mov ecx, cr0
        or ecx, 80000000h
        AT
        mov cr0, ecx
        CAUGHT GP, NONE
        ret
.unmasked dw 33bh

; "#UD" of the lists "Real-Address Mode Exceptions".
undefined:
        REAL_FAULT "UD2", UD, ud2
        REAL_FAULT "ARPL", UD, arpl ax, cx
        REAL_FAULT "LAR", UD, lar ax, cx
        REAL_FAULT "LSL", UD, lsl ax, cx
        REAL_FAULT "VERR", UD, verr ax
        REAL_FAULT "VERW", UD, verw ax
        REAL_FAULT "SLDT", UD, sldt ax
        REAL_FAULT "STR", UD, str ax
        REAL_FAULT "LLDT", UD, lldt ax
        REAL_FAULT "LTR", UD, ltr ax
        REAL_FAULT "SYSENTER: #GP", GP, sysenter
        REAL_FAULT "SYSEXIT: #GP", GP, sysexit
        REAL_FAULT "RSM", UD, rsm
        REAL_FAULT "LOADALL of the 286", UD, db 0fh, 05h
        REAL_FAULT "LOADALL of the 386", UD, db 0fh, 07h
        REAL_FAULT "LOCK NOP", UD, db 0f0h, 90h
        REAL_FAULT "LOCK on a register", UD, db 0f0h, 01h, 0c0h
        REAL_FAULT "LOCK CMP", UD, db 0f0h, 39h, 06h, 00h, 05h
        REAL_FAULT "MOV CS", UD, db 8eh, 0c8h
        REAL_FAULT "MOV of segment register 6", UD, db 8eh, 0f0h
        REAL_FAULT "BOUND with a register", UD, db 62h, 0c0h
        REAL_FAULT "LES with a register", UD, db 0c4h, 0c0h
        REAL_FAULT "LEA with a register", UD, db 8dh, 0c0h
        REAL_FAULT "LGDT with a register", UD, db 0fh, 01h, 0d0h
        REAL_FAULT "JMP FAR with a register", UD, db 0ffh, 0e8h
        REAL_FAULT "CMPXCHG8B with a register", UD, db 0fh, 0c7h, 0c8h
        REAL_FAULT "FE /7", UD, db 0feh, 0f8h
        REAL_FAULT "FF /7", UD, db 0ffh, 0f8h
        REAL_FAULT "8F /1", UD, db 8fh, 0c8h
        REAL_FAULT "C6 /1", UD, db 0c6h, 0c8h, 0
        REAL_FAULT "MOV CR1", UD, db 0fh, 20h, 0c8h
        ret

; No privilege: everything of ring 0 runs, whatever IOPL says.
allowed:
        REAL_RUNS "LOCK ADD", lock add word [FREE_LOW + 10h], 1
        REAL_RUNS "CLI and STI with IOPL 0", cli
        TRY "SMSW, CLTS, MOV CR, DR, INVD"
        REAL
        push word 2
        popf
        mov ecx, cr0
        or cl, 8
        mov cr0, ecx
        clts
        mov ecx, cr0
        mov edx, dr7
        invd
        wbinvd
        invlpg [0]
        in al, 61h
        out 80h, al
        smsw bx
        mov dr7, edx
        CAUGHT OK, NONE
        CHECK_BITS "CLTS", [rec.ecx], 8, 0
        CHECK_BITS "PE", [rec.ecx], 1, 0
        CHECK_BITS "SMSW: PE", [rec.ebx], 1, 0
        TRY "SGDT, SIDT"
        REAL
        sidt [FREE_LOW + 10h]
        sgdt [FREE_LOW + 18h]
        CAUGHT OK, NONE
        CHECK_BITS "IDTR: limit", [FREE_LOW + 10h], 0ffffh, 3ffh
        CHECK_BITS "... base", [FREE_LOW + 12h], 0ffffffh, REAL_IVT
        CHECK_BITS "GDTR: base", [FREE_LOW + 1ah], 0ffffffh, gdt
        TRY "POPF: IOPL, NT and IF"
        REAL
        push word 7202h
        popf
        cli
        pushf
        pop cx
        sti
        pushf
        pop dx
        push word 2
        popf
        pushf
        pop bx
        CAUGHT OK, NONE
        CHECK_BITS "IOPL 3, NT; CLI", [rec.ecx], 0ffffh, 7002h
        CHECK_BITS "STI", [rec.edx], 0ffffh, 7202h
        CHECK_BITS "and back", [rec.ebx], 0ffffh, 2
        ret

; The table is IDTR's, with its limit: "#GP if the vector is beyond"; a fault in that is #DF.
table_limit:
        mov word [real_idt], 20h * 4 + 2
        REAL_FAULT "INT: the entry's last byte beyond the limit", GP, int 20h
        mov word [real_idt], 20h * 4 + 3
        TRY "... inside"
        REAL
        int 20h
        AT
        CAUGHT 20h, NONE
        mov word [real_idt], 14 * 4 - 1
        REAL_FAULT "INT 30h", GP, int 30h
        mov word [real_idt], 13 * 4 - 1
        REAL_FAULT "the entry of #GP is beyond too: #DF", DF, int 40h
        mov word [real_idt], 9 * 4 - 1
        REAL_FAULT "#SS beyond: #GP beyond: #DF", DF, mov ax, [0ffffh]
        REAL_FAULT "#DE inside", DE, aam 0
        mov word [real_idt], 3ffh
        mov esi, REAL_IVT
        mov edi, TABLE2
        mov ecx, 256
        cld
        rep movsd
        mov eax, [TABLE2 + 4 * 45h]
        mov [TABLE2 + 4 * 44h], eax
        mov dword [real_idt + 2], TABLE2
        TRY "a table elsewhere"
        REAL
        int 44h
        AT
        CAUGHT 45h, NONE
        mov dword [real_idt + 2], REAL_IVT
        mov dword [FREE_LOW + 20h], 03ff0000h | 3ffh
        mov word [FREE_LOW + 20h], 3ffh
        mov dword [FREE_LOW + 22h], 0ff000000h + TABLE2
        TRY "LIDT with a 16-bit operand: 24 bits of base"
        REAL
        o16 lidt [FREE_LOW + 20h]
        int 44h
        CAUGHT 45h, NONE
        mov dword [FREE_LOW + 22h], TABLE2
        TRY "... and with 32"
        REAL
        o32 lidt [FREE_LOW + 20h]
        int 44h
        CAUGHT 45h, NONE
        ret

; "IRET": what of the image real mode takes.
flags:
        TRY "IRET"
        REAL
        push word 7ed7h & ~F_TF
        push cs
        push word .after
        iret
        nop
.after: int 40h
        AT
        CAUGHT 40h, NONE
        CHECK "every flag of the image", dword [rec.eflags], 7ed7h & ~F_TF
        TRY "IRETD"
        REAL
        mov bx, sp
        push dword F_VM | F_VIF | F_VIP | F_AC | F_RF | 200000h | 2
        push dword 0
        push dword .after2
        iretd
.after2:
        mov cx, sp
        pushfd
        pop edx
        CAUGHT OK, NONE
        CHECK_BITS "VM, VIF, VIP stay as they were", [rec.edx], F_VM | F_VIF | F_VIP, 0
        CHECK_BITS "AC and ID are taken", [rec.edx], F_AC | 200000h, F_AC | 200000h
        mov eax, [rec.ecx]
        sub eax, [rec.ebx]
        CHECK_BITS "twelve bytes popped", eax, 0ffffh, 0
        TRY "IRETD beyond 64 KB"
        REAL
        push dword 2
        push dword 0
        push dword 10000h
        AT
        iretd
        CAUGHT GP, NONE
        TRY "PUSHFD: VM and RF clear"
        REAL
        pushfd
        pop ecx
        CAUGHT OK, NONE
        CHECK_BITS "VM, RF", [rec.ecx], F_VM | F_RF, 0
        TRY "POPF keeps the upper half, POPFD writes AC and ID"
        REAL
        push dword F_AC | 200002h
        popfd
        push word 2
        popf
        pushfd
        pop ecx
        push dword 2
        popfd
        pushfd
        pop edx
        CAUGHT OK, NONE
        CHECK_BITS "kept", [rec.ecx], F_AC | 200000h, F_AC | 200000h
        CHECK_BITS "written", [rec.edx], F_AC | 200000h, 0
        ret

; TF, debug registers.
debugging:
        TRY "single-step"
        REAL
        push word F_TF | 2
        popf
        nop
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "TF in the image", [rec.eflags], F_TF, F_TF
        CHECK_BITS "not in the handler", [rec.hflags], F_TF, 0
        CLEAR_DR6
        TRY "INT with TF: the handler is not stepped, the return is not a trap"
        REAL
        push word F_TF | 2
        popf
        int 40h
        AT
        nop
        CAUGHT 40h, NONE
        CHECK_BITS "TF in the image", [rec.eflags], F_TF, F_TF
        CHECK "one interrupt", dword [rec.count], 1
        TRY "TF and MOV SS: the instruction after it is stepped over"
        REAL
        xor ax, ax
        mov ss, ax
        push word F_TF | 2
        popf
        mov ss, ax
        nop
        AT
        nop
        CAUGHT DB_, NONE
        mov eax, .code
        mov dr0, eax
        DR7 301h
        TRY "a code breakpoint"
        REAL
        nop
.code:  AT
        nop
        CAUGHT DB_, NONE
        mov eax, FREE_LOW + 1
        mov dr1, eax
        mov eax, 100704h                        ; L1: a byte, writes
        mov dr7, eax
        TRY "a data breakpoint"
        REAL
        mov byte [FREE_LOW], 1
        mov word [FREE_LOW], 1
        AT
        nop
        CAUGHT DB_, NONE
        DR7 0
        CLEAR_DR6
        ret

; INTR and HLT.
hardware:
        call one_tick
        TRY "STI: one more instruction"
        REAL
        xor ecx, ecx
        sti
        inc ecx
        AT
        inc ecx
        CAUGHT IRQ0, NONE
        CHECK "it ran", dword [rec.ecx], 1
        CHECK_BITS "IF in the image", [rec.eflags], F_IF, F_IF
        CHECK_BITS "IF in the handler", [rec.hflags], F_IF, 0
        call end_irq
        call one_tick
        TRY "POPF: at once"
        REAL
        push word F_IF | 2
        popf
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        call start_tick
        TRY "STI, HLT"
        REAL
        sti
        hlt
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        call one_tick
        TRY "MOV SS holds it off, MOV DS does not"
        REAL
        xor ax, ax
        xor ecx, ecx
        sti
        mov ss, ax                              ; the shadow of STI ends here, that of MOV SS begins
        inc ecx
        AT
        inc ecx
        CAUGHT IRQ0, NONE
        CHECK "one more", dword [rec.ecx], 1
        call end_irq
        call one_tick
        TRY "IRET: at once"
        REAL
        push word F_IF | 2
        push cs
        push word .to
        iret
.to:    AT
        nop
        CAUGHT IRQ0, NONE
        jmp end_irq

image_end:
