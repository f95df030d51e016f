; traps.asm - single-step and breakpoints beside everything that transfers control or stops: INT n, INT3, INTO, HLT, SYSENTER,
; far calls, task switches, virtual-8086 mode, MOV SS; what DR6 gathers, what it keeps; alignment and lengths of DR0 to DR3;
; instruction breakpoints and the faults of the same instruction.
; Follows: Intel SDM Vol. 3B "Debug Registers", "Debug Exceptions"; Vol. 3A "Masking Exceptions and Interrupts When Switching
; Stacks", "Priority Among Simultaneous Exceptions and Interrupts", "Task Management".
; Not here: BTF in DEBUGCTL (single-step on branches), which this processor does not have yet.
%define GUEST "traps"
%include "lib.inc"
%include "debug.inc"
%include "task.inc"

B     equ FREE                  ; TSS
CONF  equ FREE + 8h
SEP_CS equ FREE + 10h           ; four descriptors
TINY  equ FREE + 30h
DR6_BT equ 8000h

%macro ARM 4                    ; register, address, R/W, LEN: this one alone is enabled
        mov eax, %2
        mov dr%1, eax
        DR7 2 << (%1 * 2) | (%3) << (16 + 4 * %1) | (%4) << (18 + 4 * %1)
%endmacro
main:
        CLEAR_DR6
        DR7 0
        mov eax, -1
        mov dr6, eax
        DR6_IS 0e00fh
        mov eax, 0ffffdbffh                                     ; not GD
        mov dr7, eax
        mov ebx, dr7
        DR7 0
        CHECK "DR7: fixed bits", ebx, 0ffff07ffh
        CLEAR_DR6

        ; ---- single-step ----
        TRY "INTO that is taken is not stepped into"
        mov al, 127
        add al, 1
        pushfd
        or dword [esp], F_TF
        popfd
        into
        AT
        nop
        CAUGHT OF_, NONE
        DR6_IS 0
        TRY "INTO that is not taken is stepped"
        xor eax, eax
        STEP
        into
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS
        TRY "CALL FAR"
        STEP
        call CODE32:.far
  .far: AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS
        GATE gdt + CONF, CODE32, gate_target, 0ech
        TRY "a call gate to an inner ring is stepped into, TF stays"
        USER
        STEP
        call CONF:0
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], gate_target
        CHECK "CS", dword [rec.cs], CODE32
        CHECK_BITS "TF", [rec.eflags], F_TF, F_TF
        DR6_IS BS
        TRY "IRETD to ring 3 with TF"
        push dword UDATA
        push dword USER_STACK
        push dword F_TF | 2
        push dword UCODE
        push dword .user
        iretd
  .user:
        nop
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "CS", dword [rec.cs], UCODE
        DR6_IS BS
        TRY "RETF with TF"
        push dword CODE32
        push dword .back
        STEP
        retf
  .back:
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS
        TRY "a faulting instruction under TF, then the same again"
        mov dword [hook], fix_div
        xor edx, edx
        mov eax, 10
        xor ecx, ecx
        STEP
        div ecx
        AT
        nop
        CAUGHT DB_, NONE
        CHECK "quotient", dword [rec.eax], 5
        DR6_IS BS
        TRY "POPFD: TF set in the image, then cleared by the next POPFD"
        push dword 2
        push dword F_TF | 2
        popfd
        popfd
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "TF", [rec.eflags], F_TF, 0
        DR6_IS BS
        TRY "REP CMPSB: each iteration, and the one that ends it"
        mov esi, buffer
        mov edi, buffer
        mov byte [buffer + 1], 1
        mov byte [buffer + 2], 2
        mov ecx, 10
        mov byte [buffer + 40], 0
        mov dword [hook], count
        mov dword [steps], 0
        lea edi, [buffer + 1]
        mov byte [buffer], 1
        STEP
        repe cmpsb
        push dword 2
        popfd
        mov dword [hook], 0
        int OK
        CAUGHT OK, NONE
        CHECK "steps: 2 iterations, PUSH, POPFD", dword [steps], 4
        CLEAR_DR6

        ; ---- SYSENTER leaves TF ----
        SKIP_UNLESS "SEP", 11, .no_sep
        DESC SEP_CS, 0, 0fffffh, A_CODE | A_4K
        DESC SEP_CS + 8, 0, 0fffffh, A_DATA | A_4K
        mov ecx, 174h
        xor edx, edx
        mov eax, SEP_CS
        wrmsr
        mov ecx, 175h
        mov eax, INNER_STACK
        wrmsr
        mov ecx, 176h
        mov eax, gate_target
        wrmsr
        TRY "SYSENTER under TF: the trap comes in ring 0"
        USER
        STEP
        sysenter
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], gate_target
        CHECK_BITS "CS", [rec.cs], 0ffffh, SEP_CS
        DR6_IS BS
  .no_sep:

        ; ---- virtual-8086 mode ----
        TRY "TF in virtual-8086 mode"
        V86 F_IOPL3 | F_TF | 2
        nop
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "VM, TF", [rec.eflags], F_VM | F_TF, F_VM | F_TF
        DR6_IS BS
        TRY "INT n in virtual-8086 mode is not stepped into"
        V86 F_IOPL3 | F_TF | 2
        int OK
        CAUGHT OK, NONE
        DR6_IS 0
        TRY "POPF with TF in virtual-8086 mode"
        V86 F_IOPL3 | 2
        push word F_TF | 2
        popf
        nop
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS

        ; ---- task switches ----
        mov dword [tss.cr3], 0
        mov eax, .task
        call fresh_b
        mov dword [tss_b + T_FLAGS], F_TF | 2
        TRY "TF of the new task: after its first instruction"
        jmp B:0
  .task:
        nop
  .task2:
        nop
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], .task2
        CHECK "in the new task", dword [rec.htr], B
        DR6_IS BS
        HOME
        mov eax, .task
        call fresh_b
        mov dword [tss_b + T_FLAGS], F_TF | 2
        mov word [tss_b + T_TRAP], 1
        TRY "T and TF: T first"
        jmp B:0
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], .task
        DR6_IS DR6_BT
        HOME
        mov eax, .task
        call fresh_b
        mov word [tss_b + T_TRAP], 1
        GATE idt + 90h * 8, B, 0, 0e5h
        TRY "T by INT n through a task gate"
        int 90h
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], .task
        DR6_IS DR6_BT
        HOME
        ; the T trap comes before an instruction breakpoint at the task's first instruction
        mov eax, .task
        call fresh_b
        mov word [tss_b + T_TRAP], 1
        mov eax, .task
        mov dr2, eax
        DR7 20h                                                 ; G2: a local one would be cleared
        TRY "T before an instruction breakpoint"
        mov dword [hook], second
        jmp B:0
        CAUGHT DB_, NONE
        CHECK "two exceptions", dword [rec.count], 2
        CHECK_BITS "the first has BT", [first_dr6], DR6_BT, DR6_BT
        CHECK "EIP of the second", dword [rec.eip], .task
        mov eax, dr6
        CHECK_BITS "B2", eax, 4, 4
        CLEAR_DR6
        HOME
        DR7 0

        ; ---- data breakpoints: every register, length, place ----
%macro WATCH 5                  ; register, address, LEN, instruction, DR6 bits or 0
        ARM %1, %2, 1, %3
        TRY "data breakpoint"
        mov edi, buffer
        %4
        AT
        nop
    %if %5
        CAUGHT DB_, NONE
    %else
        CAUGHT OK, NONE
    %endif
        DR6_IS %5
%endmacro
        WATCH 0, buffer + 3, 0, {mov byte [edi + 3], 0}, 1
        WATCH 0, buffer + 3, 0, {mov dword [edi], 0}, 1
        WATCH 0, buffer + 3, 0, {mov dword [edi + 4], 0}, 0
        WATCH 1, buffer + 3, 1, {mov byte [edi + 2], 0}, 2      ; 2 bytes: address bit 0 does not count
        WATCH 1, buffer + 3, 1, {mov byte [edi + 4], 0}, 0
        WATCH 1, buffer + 2, 1, {mov byte [edi + 1], 0}, 0
        WATCH 2, buffer + 7, 3, {mov byte [edi + 4], 0}, 4
        WATCH 2, buffer + 7, 3, {mov byte [edi + 8], 0}, 0
        WATCH 2, buffer + 4, 3, {mov word [edi + 3], 0}, 4
        WATCH 3, buffer + 4, 3, {mov byte [edi + 3], 0}, 0
        WATCH 3, buffer + 4, 3, {fst qword [edi]}, 8
        WATCH 3, buffer + 4, 3, {inc dword [edi + 4]}, 8
        WATCH 3, buffer + 4, 3, {mov eax, [edi + 4]}, 0
        WATCH 3, buffer + 4, 3, {cmp dword [edi + 4], 0}, 0
        WATCH 3, buffer + 4, 3, {fnstenv [edi]}, 8
        WATCH 3, buffer + 16, 3, {fnsave [edi]}, 8
        WATCH 3, buffer + 4, 3, {sgdt [edi]}, 8
        WATCH 3, buffer + 4, 3, {movsb}, 0
        fninit
        ; two at once, and one that is not enabled
        mov eax, buffer
        mov dr0, eax
        mov dr1, eax
        mov dr2, eax
        mov eax, buffer + 2
        mov dr3, eax
        DR7 1 | 8 | 80h | 0d0000h | 0d00000h | 0d000000h | 10000000h
        TRY "four cover it, three are enabled: L0, G1, G3"
        mov dword [buffer], 5
        AT
        nop
        CAUGHT DB_, NONE
        mov eax, dr6
        CHECK_BITS "B0, B1, B3", eax, 0bh, 0bh
        CLEAR_DR6
        DR7 0
        ; DR6 is never cleared by the processor
        mov eax, DR6_0 | BS | 8
        mov dr6, eax
        ARM 0, buffer, 1, 0
        TRY "DR6 gathers"
        mov byte [buffer], 1
        AT
        nop
        CAUGHT DB_, NONE
        mov eax, dr6
        CHECK_BITS "BS stays, B0 comes (B3 may go)", eax, BS | 1, BS | 1
        CLEAR_DR6
        ; an instruction that faults after it touched watched memory has no trap
        ARM 0, buffer, 3, 0
        TRY "MOVS reads watched memory, its write faults"
        xor eax, eax
        mov es, ax
        mov esi, buffer
        mov edi, buffer + 20
        AT
        movsb
        CAUGHT GP, 0
        mov eax, dr6
        CHECK "DR6", eax, DR6_0
        CHECK "one exception", dword [rec.count], 1
        TRY "and none is left for later"
        nop
        nop
        CAUGHT OK, NONE
        CLEAR_DR6
        ; the write of a frame: after the transfer
        ARM 0, INNER_STACK - 4, 1, 3
        TRY "INT n pushes onto watched memory: before the handler's first instruction"
        USER
        int OK
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], stubs + OK * stub_size
        DR6_IS 1
        ; MOV SS: the trap waits for the instruction behind, also when that is INT3
        ARM 0, ss_word, 3, 1
        TRY "MOV SS of watched memory, then INT3: in the handler"
        mov ss, [ss_word]
        int3
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], stubs + BP_ * stub_size
        DR6_IS 1
        ARM 0, far_ss, 3, 3
        TRY "LSS does not wait"
        lss esp, [far_ss]
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS 1
        DR7 0

        ; ---- instruction breakpoints come before everything the instruction does ----
%macro CODE_BP 2                ; name, address of the instruction
        mov eax, %2
        mov dr0, eax
        DR7 2
        TRY %1
%endmacro
        DESC TINY, code_at, 3, A_CODE
        mov dword [code_at], 90909090h
        CODE_BP "before the limit violation of its fetch", code_at + 4
        jmp TINY:0
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], 4
        DR6_IS 1
        CODE_BP "before #GP of 16 bytes", .long
        AT
  .long:
        times 15 db 66h
        nop
        CAUGHT DB_, NONE
        DR6_IS 1
        CODE_BP "after the trap of the instruction before it", .step
        mov dword [hook], second
        STEP
        nop
  .step:
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "the first is the step's", [first_dr6], BS, BS
        CHECK "EIP", dword [rec.eip], .step
        CLEAR_DR6
        CODE_BP "based on linear addresses: another segment's base counts", code_at + 1
        jmp TINY:0
        CAUGHT DB_, NONE
        CHECK "EIP", dword [rec.eip], 1
        DR6_IS 1
        CODE_BP "RF of the image comes back and lasts for the instruction", .again
        mov dword [hook], set_rf
        xor ebx, ebx
  .again:
        inc ebx
        mov dword [hook], 0
        int OK
        CAUGHT OK, NONE
        CHECK "once", dword [rec.ebx], 1
        CLEAR_DR6
        DR7 0

        ; ---- general detect ----
        DR7 2000h
        mov eax, 400h
        TRY "GD: MOV to DR7"
        AT
        mov dr7, eax
        CAUGHT DB_, NONE
        CHECK_BITS "RF in the image", [rec.eflags], F_RF, F_RF
        DR6_IS 2000h
        DR7 2000h
        TRY "GD is cleared by any #DB"
        STEP
        nop
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS

        ; Vol. 2 "HLT": a debug exception ends it. Last, because some emulators sleep here
        TRY "HLT is left by its trap"
        STEP
        hlt
        AT
        nop
        CAUGHT DB_, NONE
        DR6_IS BS
        DONE

gate_target:
        nop
        nop
        int OK
fresh_b:
        pushad
        mov edi, tss_b
        mov edx, FREE_LOW + 800h
        call make_tss
        DESC B, tss_b, 67h, 89h
        popad
        ret

; Hooks.
fix_div:
        cmp dword [rec.vec], DB_
        je give_up
        mov dword [ebp + H_ECX], 2
        ret
count:  inc dword [steps]
        ret
second: cmp dword [rec.count], 2
        je give_up
        mov eax, dr6
        mov [first_dr6], eax
        and dword [ebp + H_FLAGS], ~F_TF
        ret
set_rf: or dword [ebp + H_FLAGS], F_RF
        ret
give_up:                                                        ; as if there were no hook
        mov dword [hook], 0
        jmp resume

        align 16
buffer  times 40 dd 0
steps   dd 0
first_dr6 dd 0
ss_word dd DATA32
far_ss  dd MAIN_STACK - 100h
        dw DATA32
        align 4
code_at times 16 db 90h
tss_b   times 68h db 0
image_end:
