; nmi.asm - the non-maskable interrupt: its sources and masks on the board, its frame, what blocks it and what unblocks it.
; Follows: Intel SDM Vol. 3A "Nonmaskable Interrupt (NMI)", "Handling Multiple NMIs", "Priority Among Simultaneous Exceptions and
; Interrupts", "Masking Exceptions and Interrupts When Switching Stacks", "Interrupt Tasks"; 82371SB (PIIX3) data sheet "NMI
; Status and Control Register", "NMIEN".
; The source is IOCHK# of the ISA bus, which the board's debug card drives from port EAh; without that port the guest says so.
%define GUEST "nmi"
%include "lib.inc"
%include "board.inc"
%include "debug.inc"
%include "task.inc"

TASK    equ FREE                        ; TSS of the NMI's task
NEW_TSS equ FREE_LOW + 100h
STUB_OF_1  equ stubs + 1 * stub_size
STUB_OF_13 equ stubs + 13 * stub_size

main:
        call find_iochk
        jnz .there
        mov esi, .text
        call print
        jmp finish
.text   db GUEST, ": no port EAh, skipped", 10, 0
.there: call board
        call frames
        call blocked
        call unblocked
        call task
        call waiting
        call together
        call shadow
        call faults
        DONE

board:
        in al, 61h
        movzx eax, al
        CHECK_BITS "port 61h: IOCHK# NMI source status", eax, 0c0h, 40h
        TRY "port 70h bit 7 masks it"
        times 4 nop
        CAUGHT OK, NONE
        TRY "and cleared lets it through"
        mov al, 0dh
        out 70h, al
        AT
        nop
        CAUGHT NMI, NONE
        mov al, 0
        out IOCHK, al
        in al, 61h
        movzx eax, al
        CHECK_BITS "the status stays when IOCHK# is gone", eax, 40h, 40h
        mov al, 0ch
        out 61h, al
        in al, 61h
        movzx eax, al
        CHECK_BITS "bit 3 clears it", eax, 48h, 8
        TRY "and disables the source"
        RAISE
        nop
        in al, 61h
        movzx ecx, al
        CAUGHT OK, NONE
        CHECK_BITS "no status either", [rec.ecx], 40h, 0
        call unblock_nmi                        ; the first NMI's handler did not return: unblock
        TRY "enabled again with IOCHK# still there"
        mov al, 4
        out 61h, al
        AT
        nop
        CAUGHT NMI, NONE
        call unblock_nmi
        TRY "an edge: none while the status stands"
        mov al, 0
        out IOCHK, al
        RAISE
        mov al, 4
        out 61h, al
        nop
        CAUGHT OK, NONE
        TRY "masked and unmasked: another edge"
        mov al, 8dh
        out 70h, al
        mov al, 0dh
        out 70h, al
        AT
        nop
        CAUGHT NMI, NONE
        in al, 71h
        call nmi_ready
        ret

; "Interrupt 2": no error code; like a hardware interrupt in its frame; the gate's DPL does not matter.
frames:
        call nmi_ready
        TRY "ring 0, IF clear"
        push dword 8d7h
        popfd
        mov al, 1
        out IOCHK, al
        AT
        stc
        CAUGHT NMI, NONE
        CHECK "EFLAGS image", dword [rec.eflags], 8d7h
        CHECK_BITS "in the handler TF, IF, NT, RF clear", [rec.hflags], F_TF | F_IF | F_NT | F_RF, 0
        CHECK "CS", dword [rec.cs], CODE32
        call nmi_ready
        TRY "ring 0, IF set"
        sti
        RAISE
        AT
        nop
        CAUGHT NMI, NONE
        CHECK_BITS "IF in the image", [rec.eflags], F_IF, F_IF
        call nmi_ready
        TRY "ring 3"
        USER F_IOPL3 | F_IF | 2
        RAISE
        AT
        nop
        CAUGHT NMI, NONE
        CHECK "CS", dword [rec.cs], UCODE
        CHECK "SS", dword [rec.ss], UDATA
        CHECK "ESP", dword [rec.esp], USER_STACK
        CHECK "on the inner stack", dword [rec.hesp], INNER_STACK - 20
        CHECK "SS in the handler", dword [rec.hss], DATA32
        call nmi_ready
        call open_ports
        TRY "virtual-8086 mode"
        V86 2
        mov ax, 1234h
        mov ds, ax
        mov ax, 2345h
        mov gs, ax
        RAISE
        AT
        nop
        CAUGHT NMI, NONE
        CHECK_BITS "VM in the image", [rec.eflags], F_VM, F_VM
        CHECK_BITS "VM in the handler", [rec.hflags], F_VM, 0
        CHECK "DS pushed", dword [rec.v86_ds], 1234h
        CHECK "GS pushed", dword [rec.v86_gs], 2345h
        CHECK "nine dwords", dword [rec.hesp], INNER_STACK - 36
        CHECK "GS in the handler", dword [rec.gs], 0
        ret

; One more, of which the hook takes note; back comes the state that TRY wants.
%macro ANOTHER 0
        call clear_iochk
        RAISE
%endmacro

; "Handling Multiple NMIs": blocked until IRET; one is remembered.
blocked:
        call nmi_ready
        TRY "an NMI in the handler of an NMI waits for IRET"
        mov dword [hook], .two
        mov dword [note], 0
        xor ebx, ebx
        RAISE
        AT
        inc ebx
        CAUGHT NMI, NONE
        CHECK "the handler ran to its end", dword [note], 1
        CHECK "then it came, before another instruction", dword [rec.ebx], 0
        CHECK "twice in all", dword [rec.count], 2
        call nmi_ready
        TRY "three in the handler: one is remembered"
        mov dword [hook], .three
        mov dword [note], 0
        xor ebx, ebx
        RAISE
        inc ebx
        CAUGHT OK, NONE
        CHECK "handlers", dword [note], 2
        CHECK "went on", dword [rec.ebx], 1
        call nmi_ready
        TRY "INT 2 blocks nothing"
        mov dword [hook], .by_int
        mov dword [note], 0
        int 2
        CAUGHT NMI, NONE
        CHECK "at once in its handler", dword [rec.eip], .here
        CHECK "none waited", dword [note], 0
        call nmi_ready
        TRY "an exception's IRET in the handler unblocks"
        mov dword [hook], .nested
        mov dword [note], 0
        RAISE
        CAUGHT NMI, NONE
        CHECK "after that IRET", dword [rec.eip], .after_int
        CHECK "not before", dword [note], 1
        GATE idt + 8 * 40h, CODE32, .plain_iret, 8eh
        ret

.two:   mov dword [hook], 0
        ANOTHER
        times 4 nop
        mov dword [note], 1
        ret
.three: mov dword [hook], .third
        inc dword [note]
        ANOTHER
        ANOTHER
        ANOTHER
        ret
.third: mov dword [hook], 0
        inc dword [note]
        ret
.by_int:
        mov dword [hook], 0
        RAISE
.here:  inc dword [note]
        ret
.nested:
        GATE idt + 8 * 40h, CODE32, .plain_iret, 8eh
        mov dword [hook], 0
        ANOTHER
        pushfd
        popfd
        push cs
        push dword .far
        retf
.far:   mov dword [note], 1
        int 40h
.after_int:
        inc dword [note]
        ret
.plain_iret:
        iretd

; IRET unblocks even when it faults.
unblocked:
        call nmi_ready
        TRY "an IRET that faults"
        mov dword [hook], .bad
        RAISE
        CAUGHT NMI, NONE
        CHECK "the second NMI at the first instruction of #GP's handler", dword [rec.eip], STUB_OF_13
        mov eax, [rec.esp]
        CHECK "whose error code names the selector", dword [eax], 0fff8h
        CHECK "... and EIP the IRET", dword [eax + 4], .iret
        call nmi_ready
        TRY "an IRET to ring 3"
        mov dword [hook], .to_user
        RAISE
        CAUGHT NMI, NONE
        CHECK "at once in ring 3", dword [rec.eip], .user
        CHECK "CS", dword [rec.cs], UCODE
        call nmi_ready
        ret
.bad:   mov dword [hook], 0
        ANOTHER
        pushfd
        push dword 0fff8h
        push dword 0
.iret:  iretd
.to_user:
        mov dword [hook], 0
        ANOTHER
        push dword UDATA
        push dword USER_STACK
        push dword 2
        push dword UCODE
        push dword .user
        iretd
.user:  nop
        int OK

; "Interrupt Tasks": through a task gate; the IRET of the task unblocks.
task:
        mov edi, NEW_TSS
        mov eax, .entry
        mov edx, INNER_STACK
        call make_tss
        DESC TASK, NEW_TSS, 67h, 89h
        mov eax, [idt + 8 * NMI]
        mov [.gate], eax
        mov eax, [idt + 8 * NMI + 4]
        mov [.gate + 4], eax
        GATE idt + 8 * NMI, TASK, 0, 85h
        mov dword [note], 0
        call nmi_ready
        TRY "through a task gate"
        mov ebx, 77h
        stc
        mov al, 1
        out IOCHK, al
.after: setc cl
        inc ebx
        CAUGHT OK, NONE
        CHECK "the task ran for both", dword [note], 2
        CHECK "it was the NMI's", dword [note + 4], TASK
        CHECK_BITS "NT", [note + 8], F_NT, F_NT
        CHECK_BITS "back link", [note + 12], 0ffffh, TSS
        CHECK "EIP of the old task", dword [note + 16], .after
        CHECK "the second waited for IRET", dword [note + 20], 1
        CHECK "the old task went on", dword [rec.ebx], 78h
        CHECK_BITS "its flags", [rec.ecx], 0ffh, 1
        mov eax, [.gate]
        mov [idt + 8 * NMI], eax
        mov eax, [.gate + 4]
        mov [idt + 8 * NMI + 4], eax
        ret
.gate   dd 0, 0
.entry: inc dword [note]
        cmp dword [note], 1
        jne .back
        str eax
        movzx eax, ax
        mov [note + 4], eax
        pushfd
        pop dword [note + 8]
        movzx eax, word [NEW_TSS]
        mov [note + 12], eax
        mov eax, [tss.eip]
        mov [note + 16], eax
        ANOTHER
        nop
        mov eax, [note]
        mov [note + 20], eax
.back:  iretd
        jmp .entry

; It wakes HLT, whatever IF is.
waiting:
        call nmi_ready
        TRY "HLT with interrupts off"
        mov al, 51                              ; 50 us
        out IOCHK, al
        hlt
        AT
        nop
        CAUGHT NMI, NONE
        call nmi_ready
        TRY "STI, HLT"
        mov al, 51
        out IOCHK, al
        sti
        hlt
        AT
        nop
        CAUGHT NMI, NONE
        call nmi_ready
        TRY "REP: between iterations"
        mov edx, IOCHK
        mov esi, .ones
        mov ecx, 3
        AT
        rep outsb
        CAUGHT NMI, NONE
        CHECK "ECX", dword [rec.ecx], 2
        CHECK "ESI", dword [rec.esi], .ones + 1
        CHECK_BITS "RF: not the last iteration", [rec.eflags], F_RF, F_RF
        call nmi_ready
        TRY "REP: after the last iteration"
        mov edx, IOCHK
        mov esi, .ones
        mov ecx, 1
        rep outsb
        AT
        nop
        CAUGHT NMI, NONE
        CHECK "ECX", dword [rec.ecx], 0
        CHECK_BITS "RF", [rec.eflags], F_RF, 0
        ret
.ones   db 1, 1, 1, 1

; Traps of the last instruction, then NMI, then INTR.
together:
        call nmi_ready
        TRY "TF: the trap first, the NMI in its handler"
        STEP
        RAISE
.after: nop
        CAUGHT DB_, NONE
        CHECK "EIP of the trap", dword [rec.eip], .after - 2
        call nmi_ready
        TRY "TF and an OUT"
        mov dword [hook], .look
        mov al, 1
        STEP
        out IOCHK, al
        AT
        nop
        CAUGHT DB_, NONE
        CHECK_BITS "TF in its image", [rec.eflags], F_TF, F_TF
        CHECK "the NMI came first to its handler", dword [rec.count], 2
        CHECK "... at the first instruction of #DB's", dword [note], STUB_OF_1
        CHECK_BITS "... whose TF is clear", [note + 4], F_TF, 0
        mov eax, dr6
        CHECK_BITS "DR6: BS", eax, 4000h, 4000h
        CLEAR_DR6
        call nmi_ready
        call one_tick
        mov al, 1
        TRY "with INTR: NMI first"
        sti
        out IOCHK, al
        AT
        nop
        CAUGHT NMI, NONE
        CHECK_BITS "IF in the image", [rec.eflags], F_IF, F_IF
        TRY "INTR is still there"
        sti
        nop
        AT
        nop
        CAUGHT IRQ0, NONE
        call end_irq
        call nmi_ready
        SET_CR4 -1, 8
        mov eax, .code
        mov dr0, eax
        mov eax, 701h
        mov dr7, eax
        TRY "a code breakpoint comes after it"
        RAISE
.code:  AT
        nop
        CAUGHT NMI, NONE
        mov eax, dr6
        CHECK_BITS "DR6: nothing", eax, 400fh, 0
        DR7 0
        call nmi_ready
        ret
.look:  mov dword [hook], 0
        mov eax, [ebp + H_EIP]
        mov [note], eax
        mov eax, [ebp + H_FLAGS]
        mov [note + 4], eax
        ret
; "Masking Exceptions and Interrupts When Switching Stacks": not between MOV SS and the next instruction. The NMI falls into
; a row of pairs, at another place each time; MOV SS is 2 bytes, INC 1.
shadow:
        mov dword [.round], 0
.again: call nmi_ready
        TRY "an NMI in a row of MOV SS"
        mov dx, ss
        mov ecx, [.round]
        jecxz .start
.delay: nop
        loop .delay
.start: mov al, 4                               ; 3 us
        out IOCHK, al
.row:
%rep 1200
        mov ss, dx
        inc ecx
%endrep
.row_end:
        jmp .row
        CAUGHT NMI, NONE
        mov eax, [rec.eip]
        sub eax, .row
        cmp eax, .row_end - .row
        jae .jump
        xor edx, edx
        mov ebx, 3
        div ebx
        CHECK "before MOV SS, not after it", edx, 0
.jump:  inc dword [.round]
        cmp dword [.round], 8
        jb .again
        ret
.round  dd 0

; A fault while it is delivered: EXT in the error code.
faults:
        call nmi_ready
        and byte [idt + 8 * NMI + 5], 7fh
        TRY "its gate is not present"
        RAISE
        AT
        nop
        CAUGHT NP, 8 * NMI + 3
        or byte [idt + 8 * NMI + 5], 80h
        call nmi_ready
        mov eax, [idt + 8 * NMI]
        push eax
        mov ax, DATA32
        mov [idt + 8 * NMI + 2], ax
        TRY "it leads to data"
        RAISE
        AT
        nop
        CAUGHT GP, DATA32 + 1
        pop dword [idt + 8 * NMI]
        call nmi_ready
        TRY "a gate of ring 0 from ring 3, and IRET"
        mov dword [hook], .none
        USER F_IOPL3 | 2
        xor ecx, ecx
        RAISE
        inc ecx
        CAUGHT OK, NONE
        CHECK "went on", dword [rec.ecx], 1
        call nmi_ready
        ret
.none:  mov dword [hook], 0
        ret
note    times 8 dd 0
image_end:
