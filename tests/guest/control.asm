; control.asm - control registers, privileged instructions, MSRs and MTRRs, SYSENTER and SYSEXIT, RDTSC and RDPMC: what
; faults, what is fixed, what ring 3 may do.
; Follows: Intel SDM Vol. 3A "Control Registers", "Privileged Instructions", "Memory Type Range Registers", "Page Attribute
; Table", "Performing Fast Calls to System Procedures"; Vol. 2 "SYSENTER", "SYSEXIT", "RDTSC", "LMSW"; Vol. 1 "I/O Privilege
; Level".
%define GUEST "control"
%include "lib.inc"

%macro RING3 3-4 NONE           ; name, instruction, vector, error
        TRY %1
        USER
        AT
        %2
        CAUGHT %3, %4
%endmacro
%macro MSR_READ 3               ; name, index, vector: GP or OK
        TRY %1
        mov ecx, %2
        AT
        rdmsr
  %if %3 = GP
        CAUGHT GP, 0
  %else
        CAUGHT %3, NONE
  %endif
%endmacro
%macro MSR_WRITE 5              ; name, index, high, low, vector
        TRY %1
        mov ecx, %2
        mov edx, %3
        mov eax, %4
        AT
        wrmsr
  %if %5 = GP
        CAUGHT GP, 0
  %else
        CAUGHT %5, NONE
  %endif
%endmacro
%macro CR0_TRY 5                ; name, and, or, vector, error
        TRY %1
        mov eax, cr0
        and eax, %2
        or eax, %3
        AT
        mov cr0, eax
        CAUGHT %4, %5
%endmacro

SEP_CS equ FREE                 ; four descriptors in a row, as SYSEXIT wants them

main:
        ; ---- CR0 ----
        CR0_TRY "PG without PE", ~1, 80000000h, GP, 0
        CR0_TRY "NW without CD", ~40000000h, 20000000h, GP, 0
        CR0_TRY "CD and NW", -1, 60000000h, OK, NONE
        mov eax, cr0
        and eax, 9fffffffh
        mov cr0, eax
        TRY "reserved bits are ignored, ET stays set"
        mov eax, cr0
        and eax, ~10h
        or eax, 1ff0ffc0h & ~40000h & ~10000h
        mov cr0, eax
        mov ebx, cr0
        CAUGHT OK, NONE
        CHECK_BITS "ET, reserved", [rec.ebx], 10h | 0ff0ffc0h, 10h
        TRY "LMSW cannot clear PE, changes only 4 bits"
        mov eax, cr0
        mov ebx, eax
        mov ax, 0fff8h                          ; TS set, MP and EM clear, PE clear
        lmsw ax
        mov ecx, cr0
        CAUGHT OK, NONE
        CHECK_BITS "low 4 bits", [rec.ecx], 0fh, 9
        clts
        mov eax, cr0
        CHECK_BITS "CLTS", eax, 8, 0
        mov eax, cr0
        or al, 2
        mov cr0, eax
        TRY "SMSW r32 gives 32 bits, memory 16"
        mov dword [scratch], -1
        smsw eax
        smsw word [scratch]
        mov ebx, cr0
        CAUGHT OK, NONE
        CHECK "register", dword [rec.eax], dword [rec.ebx]
        movzx ecx, word [scratch + 2]
        CHECK "memory keeps its upper half", ecx, 0ffffh
        TRY "mod bits of MOV CR are ignored"
        db 0fh, 20h, 03h                        ; MOV EBX, CR0 with mod = 0
        mov ecx, cr0
        sub ebx, ecx
        CAUGHT OK, NONE
        CHECK "CR0", dword [rec.ebx], 0
        ; ---- CR4 ----
        TRY "CR4, reserved bit"
        mov eax, cr4
        or eax, 80000000h
        AT
        mov cr4, eax
        CAUGHT GP, 0
        TRY "CR4, bit 11 of those that this processor has not"
        mov eax, cr4
        or eax, 4000000h
        AT
        mov cr4, eax
        CAUGHT GP, 0
        ; ---- CR3, CR2 keep what is written ----
        mov eax, 12345678h
        mov cr2, eax
        mov eax, cr2
        CHECK "CR2", eax, 12345678h
        mov eax, FREE_HIGH + 18h
        mov cr3, eax
        mov eax, cr3
        CHECK "CR3: PWT and PCD", eax, FREE_HIGH + 18h

        ; ---- privileged: #GP(0) in ring 3 ----
        RING3 "HLT", hlt, GP, 0
        RING3 "CLI", cli, GP, 0
        RING3 "STI", sti, GP, 0
        RING3 "CLTS", clts, GP, 0
        RING3 "LMSW", lmsw ax, GP, 0
        RING3 "LGDT", {lgdt [gdt_register]}, GP, 0
        RING3 "LIDT", {lidt [idt_register]}, GP, 0
        RING3 "LLDT", lldt ax, GP, 0
        RING3 "MOV from CR0", {mov eax, cr0}, GP, 0
        RING3 "MOV to CR3", {mov cr3, eax}, GP, 0
        RING3 "MOV from CR4", {mov eax, cr4}, GP, 0
        RING3 "INVLPG", {invlpg [eax]}, GP, 0
        RING3 "WBINVD", wbinvd, GP, 0
        RING3 "INVD", invd, GP, 0
        RING3 "RDMSR", rdmsr, GP, 0
        RING3 "WRMSR", wrmsr, GP, 0
        RING3 "IN", {in al, 80h}, GP, 0
        RING3 "OUT", {out 80h, al}, GP, 0
        RING3 "INSB", insb, GP, 0
        RING3 "RSM outside of SMM", rsm, UD
        RING3 "SMSW", smsw eax, OK
        RING3 "SGDT", {sgdt [500h]}, OK
        RING3 "SIDT", {sidt [500h]}, OK
        RING3 "SLDT", sldt ax, OK
        RING3 "STR", str ax, OK
        RING3 "CPUID", cpuid, OK
        TRY "RSM outside of SMM, ring 0"
        AT
        rsm
        CAUGHT UD, NONE
        TRY "CLI with IOPL 3"
        USER F_IOPL3 | F_IF | 2
        cli
        CAUGHT OK, NONE
        CHECK_BITS "IF", [rec.eflags], F_IF, 0
        TRY "POPFD in ring 3, IOPL 0: neither IF nor IOPL, no fault"
        USER F_IF | 2
        push dword F_IOPL3 | F_CF | 2
        popfd
        CAUGHT OK, NONE
        CHECK_BITS "flags", [rec.eflags], F_IF | F_IOPL3 | F_CF, F_IF | F_CF
        TRY "POPFD in ring 3, IOPL 3: IF, not IOPL"
        USER F_IF | F_IOPL3 | 2
        push dword 2
        popfd
        CAUGHT OK, NONE
        CHECK_BITS "flags", [rec.eflags], F_IF | F_IOPL3, F_IOPL3
        TRY "POPFD changes neither VM nor VIF nor VIP; RF reads as 0"
        push dword F_VM | F_RF | F_VIF | F_VIP | 2
        popfd
        pushfd
        pop eax
        CAUGHT OK, NONE
        CHECK_BITS "flags", [rec.eax], F_VM | F_RF | F_VIF | F_VIP, 0
        TRY "fixed bits of EFLAGS"
        push dword -1 & ~(F_TF | F_VM | F_IF | F_AC)
        popfd
        pushfd
        pop eax
        push dword 0
        popfd
        pushfd
        pop ebx
        CAUGHT OK, NONE
        CHECK_BITS "1, 3, 5, 15, 22 up", [rec.eax], 0ffc0802ah, 2
        CHECK_BITS "bit 1", [rec.ebx], -1, 2

        ; ---- time-stamp and performance counters ----
        SKIP_UNLESS "TSC", 4, .no_tsc
        TRY "RDTSC counts"
        rdtsc
        mov ebx, eax
        rdtsc
        sub eax, ebx
        cmp eax, 1
        cmc
        sbb eax, eax
        CAUGHT OK, NONE
        CHECK "later is more", dword [rec.eax], -1
        RING3 "RDTSC in ring 3", rdtsc, OK
        mov eax, cr4
        or al, 4                                ; TSD
        mov cr4, eax
        RING3 "RDTSC in ring 3 with TSD", rdtsc, GP, 0
        TRY "RDTSC in ring 0 with TSD"
        rdtsc
        CAUGHT OK, NONE
        mov eax, cr4
        and al, ~4
        mov cr4, eax
  .no_tsc:
        RING3 "RDPMC in ring 3 without PCE", rdpmc, GP, 0

        ; ---- MSRs ----
        SKIP_UNLESS "MSRs", 5, .end
        MSR_READ "RDMSR of none", 0c0de0000h, GP
        MSR_WRITE "WRMSR of none", 0c0de0000h, 0, 0, GP
        SKIP_UNLESS "MTRRs", 12, .no_mtrr
        MSR_READ "MTRRcap", 0feh, OK
        MSR_WRITE "MTRRcap cannot be written", 0feh, 0, 0, GP
        mov ecx, 2ffh
        rdmsr
        mov [scratch], eax
        MSR_WRITE "MTRRdefType, type 2", 2ffh, 0, 2, GP
        MSR_WRITE "MTRRdefType, reserved bit 12", 2ffh, 0, 1006h, GP
        MSR_WRITE "MTRRphysBase7, type 3", 20eh, 0, 3, GP
        MSR_WRITE "MTRRphysBase7, bit 8", 20eh, 0, 106h, GP
        MSR_WRITE "MTRRphysBase7, bit 60", 20eh, 10000000h, 6, GP
        MSR_WRITE "MTRRphysBase7", 20eh, 0, 80000006h, OK
        MSR_WRITE "MTRRphysMask7, bit 10", 20fh, 0, 400h, GP
        MSR_WRITE "MTRRphysMask7", 20fh, 0, 0ff000000h, OK
        mov ecx, 20eh
        rdmsr
        CHECK "reads back", eax, 80000006h
        MSR_WRITE "MTRRfix4K_F8000, type 7", 26fh, 0, 7, GP
        MSR_READ "MTRRfix4K_F8000", 26fh, OK
        SKIP_UNLESS "PAT", 16, .no_mtrr
        mov ecx, 277h
        rdmsr
        CHECK "PAT, low", eax, 00070406h
        MSR_WRITE "PAT, type 2", 277h, 0, 2, GP
        MSR_WRITE "PAT, reserved bit", 277h, 0, 8, GP
        MSR_WRITE "PAT", 277h, 01040500h, 00070406h, OK
        MSR_WRITE "PAT, as it was", 277h, 00070406h, 00070406h, OK
  .no_mtrr:

        ; ---- SYSENTER and SYSEXIT ----
        SKIP_UNLESS "SEP", 11, .end
        DESC SEP_CS, 0, 0fffffh, A_CODE | A_4K
        DESC SEP_CS + 8, 0, 0fffffh, A_DATA | A_4K
        DESC SEP_CS + 16, 0, 0fffffh, A_CODE | A_4K | A_RING3
        DESC SEP_CS + 24, 0, 0fffffh, A_DATA | A_4K | A_RING3
        MSR_WRITE "SYSENTER_CS 0", 174h, 0, 0, OK
        TRY "SYSENTER with SYSENTER_CS 0"
        AT
        sysenter
        CAUGHT GP, 0
        TRY "SYSEXIT with SYSENTER_CS 0"
        AT
        sysexit
        CAUGHT GP, 0
        MSR_WRITE "SYSENTER_CS", 174h, 0, SEP_CS, OK
        MSR_WRITE "SYSENTER_ESP", 175h, 0, INNER_STACK, OK
        MSR_WRITE "SYSENTER_EIP", 176h, 0, catch_raw, OK
        TRY "SYSENTER from ring 3"
        USER F_IF | F_CF | 2
        sysenter
        CAUGHT RAW, NONE
        CHECK "CS", dword [rec.cs], SEP_CS
        CHECK "SS", dword [rec.ss], SEP_CS + 8
        CHECK "ESP", dword [rec.esp], INNER_STACK
        CHECK_BITS "IF is clear, CF stays", [rec.eflags], F_IF | F_CF | F_VM, F_CF
        CHECK "DS stays", dword [rec.ds], UDATA
        TRY "SYSENTER from virtual-8086 mode"
        V86
        sysenter
        CAUGHT RAW, NONE
        CHECK_BITS "VM is clear", [rec.eflags], F_VM, 0
        TRY "SYSEXIT"
        mov ecx, USER_STACK - 16
        mov edx, .exit
        sysexit
  .exit:
        mov eax, cs
        mov ebx, ss
        CAUGHT OK, NONE
        CHECK_BITS "CS", [rec.eax], 0ffffh, (SEP_CS + 16) | 3
        CHECK_BITS "SS", [rec.ebx], 0ffffh, (SEP_CS + 24) | 3
        CHECK "ESP", dword [rec.esp], USER_STACK - 16
        RING3 "SYSEXIT in ring 3", sysexit, GP, 0
        ; the descriptors are not read: flat segments come from the selector alone
        DESC SEP_CS, 0, 0, 0
        DESC SEP_CS + 8, 0, 0, 0
        TRY "SYSENTER reads no descriptors"
        USER
        sysenter
        CAUGHT RAW, NONE
        CHECK "CS", dword [rec.cs], SEP_CS
  .end: DONE

scratch dd 0
image_end:
