; msr.asm - every memory type and every bit that the MTRRs and the PAT refuse, MSRs that do not exist, RDMSR and WRMSR by ring
; and mode; SYSENTER and SYSEXIT: selectors, flags, faults.
; Follows: Intel SDM Vol. 3A "Memory Type Range Registers", "Page Attribute Table"; Vol. 2 "RDMSR", "WRMSR", "SYSENTER",
; "SYSEXIT". In real mode: real.asm.
%define GUEST "msr"
%include "lib.inc"

SEP_CS equ FREE                 ; four descriptors in a row, as SYSEXIT wants them
CODE1 equ FREE + 20h
STK1  equ FREE + 28h
BASED equ FREE + 30h            ; ring 3 code with a base

%macro SWEEP_TYPES 2            ; name, MSR: each value of its byte number [byte] with the rest as found
        mov dword [msr], %2
        mov dword [case], 0
  %%next:
        mov ecx, %2
        rdmsr
        mov [old], eax
        mov [old + 4], edx
        mov [new], eax
        mov [new + 4], edx
        mov ebx, [byte_at]
        mov al, [case]
        mov [new + ebx], al
        call try_write
        call type_rule
        mov ecx, [case]
        shl ecx, 8
        or eax, ecx
        or ecx, [rec.vec]
        CHECK %1, ecx, eax
        call restore
        inc dword [case]
        cmp dword [case], 256
        jb %%next
%endmacro
%macro SWEEP_BITS 4             ; name, MSR, reserved bits low, high: each alone, the others as found
        mov dword [msr], %2
        mov dword [case], 0
  %%next:
        mov ecx, %2
        rdmsr
        mov [old], eax
        mov [old + 4], edx
        mov [new], eax
        mov [new + 4], edx
        mov dword [mask], %3
        mov eax, %4
        mov [mask + 4], eax
        mov eax, [case]
        bts [new], eax
        call try_write
        mov eax, [case]
        bt [mask], eax
        mov ebx, OK
        jnc %%good
        mov ebx, GP
  %%good:
        mov ecx, [case]
        shl ecx, 8
        or ebx, ecx
        or ecx, [rec.vec]
        CHECK %1, ecx, ebx
        cmp dword [rec.vec], OK
        jne %%refused
        mov ecx, %2
        rdmsr
        mov ebx, [new]
        CHECK %1, eax, ebx
        mov ebx, [new + 4]
        CHECK %1, edx, ebx
  %%refused:
        call restore
        inc dword [case]
        cmp dword [case], 64
        jb %%next
%endmacro
%macro WRITE 3                  ; MSR, high, low
        mov ecx, %1
        mov edx, %2
        mov eax, %3
        wrmsr
%endmacro

main:
        SKIP_UNLESS "MSRs", 5, .end
        ; the width of physical addresses: bits from here to 31 of a high dword are reserved
        mov eax, 80000000h
        cpuid
        mov ebx, 36
        cmp eax, 80000008h
        jb .width
        mov eax, 80000008h
        cpuid
        movzx ebx, al
  .width:
        mov eax, -1
        lea ecx, [ebx - 32]
        shl eax, cl
        mov [above], eax

        ; ---- MTRRs ----
        SKIP_UNLESS "MTRRs", 12, .no_mtrr
        mov dword [pat], 0
        mov dword [byte_at], 0
        SWEEP_TYPES "MTRRdefType: type", 2ffh
        SWEEP_TYPES "MTRRphysBase0: type", 200h
        SWEEP_TYPES "MTRRfix64K_00000: first type", 250h
        mov dword [byte_at], 7
        SWEEP_TYPES "MTRRfix16K_A0000: last type", 259h
        mov dword [byte_at], 3
        SWEEP_TYPES "MTRRfix4K_F8000: a type", 26fh
        WRITE 2ffh, 0, 0                                        ; types and bits apart: type 0
        WRITE 200h, 0, 0
        SWEEP_BITS "MTRRdefType: bits", 2ffh, 0fffff3fah, -1
        SWEEP_BITS "MTRRphysBase0: bits", 200h, 0ffah, [above]
        SWEEP_BITS "MTRRphysMask0: bits", 201h, 7ffh, [above]
        ; each register is there, and none behind the last
        mov ecx, 0feh
        rdmsr
        CHECK_BITS "MTRRcap: fixed ranges, write combining", eax, 500h, 500h
        mov ecx, 0feh
        rdmsr
        movzx eax, al
        shl eax, 1
        add eax, 200h
        mov [msr], eax
        mov dword [case], 200h
  .pairs:
        TRY "MTRRphysBase, MTRRphysMask"
        mov ecx, [case]
        rdmsr
        CAUGHT OK, NONE
        inc dword [case]
        mov eax, [msr]
        cmp [case], eax
        jb .pairs
        TRY "behind the last pair"
        mov ecx, [msr]
        AT
        rdmsr
        CAUGHT GP, 0
        mov esi, fixed
  .fixed:
        movzx ecx, word [esi]
        mov [msr], ecx
        TRY "fixed ranges"
        mov ecx, [msr]
        rdmsr
        CAUGHT OK, NONE
        mov esi, [rec.esi]
        add esi, 2
        cmp esi, fixed_end
        jb .fixed
  .no_mtrr:

        ; ---- PAT ----
        SKIP_UNLESS "PAT", 16, .no_pat
        mov dword [pat], 1
        mov dword [byte_at], 0
        SWEEP_TYPES "PAT: PA0", 277h
        mov dword [byte_at], 7
        SWEEP_TYPES "PAT: PA7", 277h
  .no_pat:

        ; ---- RDMSR and WRMSR ----
        TRY "WRMSR that is refused changes nothing"
        mov ecx, 0c0de0000h
        mov eax, 11111111h
        mov edx, 22222222h
        AT
        wrmsr
        CAUGHT GP, 0
        CHECK "EAX", dword [rec.eax], 11111111h
        TRY "RDMSR that is refused changes nothing"
        mov ecx, 0c0de0000h
        mov eax, 11111111h
        mov edx, 22222222h
        AT
        rdmsr
        CAUGHT GP, 0
        CHECK "EAX", dword [rec.eax], 11111111h
        CHECK "EDX", dword [rec.edx], 22222222h
        TRY "RDMSR in virtual-8086 mode"
        V86
        AT
        rdmsr
        CAUGHT GP, 0
        TRY "WRMSR in virtual-8086 mode"
        V86
        AT
        wrmsr
        CAUGHT GP, 0
        TRY "RDMSR in ring 3 of none: privilege, the same #GP(0)"
        USER
        mov ecx, 0c0de0000h
        AT
        rdmsr
        CAUGHT GP, 0

        ; ---- SYSENTER, SYSEXIT ----
        SKIP_UNLESS "SEP", 11, .end
        WRITE 175h, 0, INNER_STACK
        WRITE 176h, 0, entered
        mov dword [case], 0
  .null:
        mov ecx, 174h
        xor edx, edx
        mov eax, [case]
        wrmsr
        TRY "SYSENTER with a null SYSENTER_CS, any RPL"
        AT
        sysenter
        CAUGHT GP, 0
        TRY "SYSEXIT with a null SYSENTER_CS, any RPL"
        AT
        sysexit
        CAUGHT GP, 0
        TRY "SYSENTER, null, in ring 3"
        USER
        AT
        sysenter
        CAUGHT GP, 0
        inc dword [case]
        cmp dword [case], 4
        jb .null
        DESC SEP_CS, 0, 0fffffh, A_CODE | A_4K
        DESC SEP_CS + 8, 0, 0fffffh, A_DATA | A_4K
        DESC SEP_CS + 16, 0, 0fffffh, A_CODE | A_4K | A_RING3
        DESC SEP_CS + 24, 0, 0fffffh, A_DATA | A_4K | A_RING3
        DESC CODE1, 0, 0fffffh, A_CODE | A_4K | 20h
        DESC STK1, 0, 0fffffh, A_DATA | A_4K | 20h
        DESC BASED, 1000h, 0fffffh, A_CODE | A_4K | A_RING3
        mov dword [case], 0
  .rpl: mov ecx, 174h
        xor edx, edx
        mov eax, [case]
        or eax, SEP_CS
        wrmsr
        TRY "SYSENTER: the RPL of SYSENTER_CS does not count"
        USER F_IF | F_CF | F_DF | F_IOPL3 | F_NT | F_AC | 2
        sysenter
        CAUGHT OK, NONE
        CHECK "CS", dword [rec.cs], SEP_CS
        CHECK "SS", dword [rec.ebx], SEP_CS + 8
        CHECK "ESP", dword [rec.edx], INNER_STACK
        CHECK_BITS "only IF, VM and RF are cleared", [rec.ecx], F_IF | F_VM | F_RF | F_CF | F_DF | F_IOPL3 | F_NT | F_AC, \
                   F_CF | F_DF | F_IOPL3 | F_NT | F_AC
        TRY "SYSEXIT"
        mov ecx, USER_STACK - 12
        mov edx, entered
        push dword F_IF | F_CF | F_IOPL3 | F_NT | 2
        popfd
        sysexit
        CAUGHT OK, NONE
        CHECK "CS", dword [rec.cs], (SEP_CS + 16) | 3
        CHECK "SS", dword [rec.ebx], (SEP_CS + 24) | 3
        CHECK "ESP", dword [rec.edx], USER_STACK - 12
        CHECK_BITS "flags stay", [rec.ecx], F_IF | F_CF | F_IOPL3 | F_NT, F_IF | F_CF | F_IOPL3 | F_NT
        inc dword [case]
        cmp dword [case], 4
        jb .rpl
        ; what SYSENTER and SYSEXIT load is flat, whatever was there
        TRY "SYSENTER from code with a base"
        push dword UDATA
        push dword USER_STACK
        push dword 2
        push dword BASED | 3
        push dword .based - 1000h
        iretd
  .based:
        sysenter
        CAUGHT OK, NONE
        CHECK "CS", dword [rec.cs], SEP_CS
        TRY "SYSEXIT in ring 1"
        push dword STK1 | 1
        push dword USER_STACK
        push dword 2
        push dword CODE1 | 1
        push dword .ring1
        iretd
  .ring1:
        AT
        sysexit
        CAUGHT GP, 0
        TRY "SYSEXIT in virtual-8086 mode"
        V86
        AT
        sysexit
        CAUGHT GP, 0
        TRY "SYSENTER in ring 0"
        sysenter
        CAUGHT OK, NONE
        CHECK "CS", dword [rec.cs], SEP_CS
        TRY "LOCK SYSENTER"
        AT
        db 0f0h
        sysenter
        CAUGHT UD, NONE
  .end: DONE

entered:
        pushfd
        pop ecx
        mov ebx, ss
        mov edx, esp
        int OK

; WRMSR of [new] to [msr].
try_write:
        TRY "WRMSR"
        mov ecx, [msr]
        mov eax, [new]
        mov edx, [new + 4]
        wrmsr
        CAUGHT_ANY
        ret
restore:
        mov ecx, [msr]
        mov eax, [old]
        mov edx, [old + 4]
        wrmsr
        ret
; EAX: OK or GP for the memory type [case].
type_rule:
        mov ebx, [case]
        mov eax, GP
        mov ecx, 1 << 0 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6
        cmp dword [pat], 0
        je .have
        or ecx, 1 << 7                          ; UC-
  .have:
        cmp ebx, 8
        jae .end
        bt ecx, ebx
        jnc .end
        mov eax, OK
  .end: ret

        align 4
msr     dd 0
case    dd 0
byte_at dd 0
pat     dd 0
above   dd 0
old     dd 0, 0
new     dd 0, 0
mask    dd 0, 0
fixed   dw 250h, 258h, 259h, 268h, 269h, 26ah, 26bh, 26ch, 26dh, 26eh, 26fh
fixed_end:
image_end:
