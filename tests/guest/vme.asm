; vme.asm - software interrupts in virtual-8086 mode by every method (VME, IOPL, redirection bit), INT3 and INTO beside them;
; VIF and VIP in every instruction that touches them; protected-mode virtual interrupts by CPL and IOPL; where the
; redirection bitmap lies and ends.
; Follows: Intel SDM Vol. 3A "Interrupt and Exception Handling in Virtual-8086 Mode" (table "Software Interrupt Handling Methods
; While in Virtual-8086 Mode"), "Protected-Mode Virtual Interrupts"; Vol. 2 "CLI", "STI", "POPF", "IRET", "INT n".
%define GUEST "vme"
%include "lib.inc"
%include "inner.inc"

MAP   equ 68h + 32              ; I/O bitmap in the TSS, the redirection bitmap below it
VR    equ 0a0h                  ; vector that is tried

; A case: bit 0 VME, 1 and 2 IOPL, 3 the redirection bit, 4 VIF, 5 IF, 6 NT or not.
main:
        SKIP_UNLESS "VME", 1, .end
        mov word [tss.map], MAP
        TSS_LIMIT MAP + 8192
        mov dword [VR * 4], handler86
        mov dword [3 * 4], handler86
        mov dword [4 * 4], handler86
        GATE idt + VR * 8, CODE32, stubs + VR * stub_size, 0eeh
        or byte [idt + BP_ * 8 + 5], 60h
        or byte [idt + OF_ * 8 + 5], 60h

        mov dword [case], 0
  .method:
        call set_case
        TRY "INT n"
        push dword [flags]
        call enter_v86
        bits 16
        int VR
  .after:
        bits 32
        CAUGHT_ANY
        call method                             ; EAX: the vector that must have come
        CHECK "INT n: method", dword [rec.vec], eax
        cmp eax, UD                             ; redirected: handler86 ends with UD2
        jne .not_redirected
        CHECK_BITS "IP on the stack", [rec.eax], 0ffffh, .after
        mov eax, [flags]
        mov ebx, eax
        and eax, F_IF | F_IOPL3
        and ebx, F_VIF | F_IF | F_IOPL3
        test ebx, F_IOPL3
        jz .iopl0
        mov ecx, ebx                            ; IOPL 3: IF itself; it is cleared
        and ecx, ~F_IF
        mov edx, eax
        jmp .have
  .iopl0:
        mov edx, F_IOPL3                        ; below 3: VIF as IF, IOPL 3; VIF is cleared
        test ebx, F_VIF
        jz .vif_clear
        or edx, F_IF
  .vif_clear:
        mov ecx, ebx
        and ecx, ~F_VIF
  .have:
        cmp dword [iopl], 0
        je .plain
        cmp dword [iopl], 3
        je .plain
        mov edx, F_IOPL3                        ; IOPL 1, 2: like 0
        test ebx, F_VIF
        jz .no_if
        or edx, F_IF
  .no_if:
        mov ecx, ebx
        and ecx, ~F_VIF
  .plain:
        mov eax, [rec.ecx]
        and eax, F_IF | F_IOPL3
        CHECK "FLAGS on the stack", eax, edx
        mov eax, [rec.eflags]
        and eax, F_VIF | F_IF | F_IOPL3
        CHECK "EFLAGS in the handler", eax, ecx
  .not_redirected:
        cmp dword [rec.vec], GP
        jne .no_gp
        CHECK "#GP(0)", dword [rec.err], 0
  .no_gp:
        ; INT3 and INTO are never redirected and do not ask IOPL; CD 03 is an INT n
        TRY "INT3"
        push dword [flags]
        call enter_v86
        bits 16
        int3
        CAUGHT BP_, NONE
        TRY "INTO"
        push dword [flags]
        call enter_v86
        bits 16
        mov al, 127
        add al, 1
        into
        CAUGHT OF_, NONE
        TRY "INT 3 of two bytes"
        push dword [flags]
        call enter_v86
        bits 16
        db 0cdh, 3
        CAUGHT_ANY
        call method
        cmp eax, VR
        jne .two
        mov eax, BP_
  .two: CHECK "INT 3 of two bytes: method", dword [rec.vec], eax
        inc dword [case]
        cmp dword [case], 64
        jb .method

        ; ---- CLI, STI, POPF, IRET, PUSHF by IOPL and VIP ----
        SET_CR4 -1, 1
%macro IN_V86 5-6               ; name, EFLAGS, instructions, vector, mask of EFLAGS, value
        TRY %1
        V86 %2
        %3
        ud2
        CAUGHT_ANY
        CHECK %1, dword [rec.vec], %4
  %if %0 = 6
        CHECK_BITS %1, [rec.eflags], %5, %6
  %endif
%endmacro
%define IFS (F_VIF | F_VIP | F_IF)
        IN_V86 "STI, VIP", F_VIP | 2, sti, GP, IFS, F_VIP
        IN_V86 "STI, VIP, VIF set already", F_VIP | F_VIF | 2, sti, GP, IFS, F_VIP | F_VIF
        IN_V86 "STI, IOPL 3: VIP does not matter", F_VIP | F_IOPL3 | 2, sti, UD, IFS, F_VIP | F_IF
        IN_V86 "CLI, IOPL 3", F_VIF | F_IF | F_IOPL3 | 2, cli, UD, IFS, F_VIF
        IN_V86 "CLI, IOPL 2", F_VIF | F_IF | 2002h, cli, UD, IFS, F_IF
        IN_V86 "CLI, VIP", F_VIP | 2, cli, UD, IFS, F_VIP
        IN_V86 "POPF, IOPL 3: IF, not VIF", F_VIP | F_IOPL3 | 2, {call pop_if}, UD, IFS, F_VIP | F_IF
        IN_V86 "POPF, VIP", F_VIP | 2, {call pop_if}, GP, IFS, F_VIP
        IN_V86 "POPF, IF clear, VIP", F_VIP | 2, {call pop_no_if}, UD, IFS, F_VIP
        IN_V86 "POPF changes NT and DF, not IOPL", 2, {call pop_nt}, UD, F_NT | F_DF | F_IOPL3, F_NT | F_DF
        IN_V86 "IRET, IF clear, VIP", F_VIP | 2, {call iret_no_if}, UD, IFS, F_VIP
        IN_V86 "IRET, VIP", F_VIP | 2, {call iret_if}, GP, IFS, F_VIP
        IN_V86 "IRET, IOPL 3: IF", F_VIP | F_IOPL3 | 2, {call iret_if}, UD, IFS, F_VIP | F_IF
        IN_V86 "PUSHF, IOPL 3: IF itself", F_VIF | F_IOPL3 | 2, {call push_look}, UD, IFS, F_VIF
        CHECK_BITS "IF of the image", [rec.eax], F_IF, 0
        IN_V86 "PUSHFD, IOPL 3: VIF and VIP are seen", F_VIF | F_VIP | F_IOPL3 | 2, {call push_look32}, UD, 0, 0
        CHECK_BITS "VIF, VIP; neither VM nor RF", [rec.eax], F_VIF | F_VIP | F_VM | F_RF, F_VIF | F_VIP
        TRY "the flags that an exception pushes are the real ones"
        V86 F_VIF | 2
        ud2
        CAUGHT UD, NONE
        CHECK_BITS "VIF, VIP, IF", [rec.eflags], IFS | F_IOPL3, F_VIF
        CHECK_BITS "VIF in the handler", [rec.hflags], F_VIF | F_VIP, F_VIF
        ; both at the beginning of an instruction: #GP(0), whatever it is
        TRY "VIF and VIP: NOP"
        push dword F_VIF | F_VIP | 2
        call enter_v86
  .both:
        bits 16
        nop
        ud2
        CAUGHT GP, 0
        CHECK "EIP is the instruction's", dword [rec.eip], .both
        CHECK_BITS "VIF, VIP", [rec.eflags], IFS, F_VIF | F_VIP
        TRY "VIF and VIP: #UD comes after it"
        V86 F_VIF | F_VIP | 2
        AT
        ud2
        CAUGHT GP, 0
        TRY "VIF and VIP by a task switch"
        DESC CODE1, tss_b, 67h, 89h
        mov dword [tss.cr3], 0
        jmp CODE1:0
        CAUGHT GP, 0
        CHECK "EIP", dword [rec.eip], handler86
        CHECK_BITS "VM", [rec.eflags], F_VM, F_VM
        RELOAD_TSS
        clts
        IN_V86 "VIF and VIP, IOPL 3: not looked at", F_VIF | F_VIP | F_IOPL3 | 2, nop, UD, IFS, F_VIF | F_VIP
        SET_CR4 ~1, 0
        IN_V86 "VIF and VIP without VME: not looked at", F_VIF | F_VIP | 2, nop, UD, IFS, F_VIF | F_VIP
        SET_CR4 -1, 1
        TRY "IRETD of ring 0 changes VIF and VIP"
        push dword F_VIF | F_VIP | 2
        push dword CODE32
        push dword .iretd
        iretd
  .iretd:
        pushfd
        pop eax
        CAUGHT OK, NONE
        CHECK_BITS "VIF, VIP", [rec.eax], F_VIF | F_VIP, F_VIF | F_VIP
        mov byte [tss + MAP - 32 + VR / 8], 0
        mov byte [tss + MAP - 32], 0
        TRY "redirected: TF is cleared, no trap"
        V86 F_TF | F_VIF | 2
        int VR
        CAUGHT UD, NONE
        CHECK_BITS "TF", [rec.eflags], F_TF, 0
        CHECK_BITS "TF on the stack", [rec.ecx], F_TF, F_TF

        ; ---- where the bitmap lies: 32 bytes below the I/O map's address ----
        mov byte [tss + MAP - 32 + VR / 8], 0
        mov byte [tss + MAP - 32 + 255 / 8], 80h
        IN_V86 "the last bit is vector 255's", 2, {int 255}, GP, 0, 0
        IN_V86 "... not that of 254", 2, {call int_254}, UD, F_VIF, 0
        mov byte [tss + MAP - 32 + 255 / 8], 0
        mov byte [tss + MAP - 32], 1
        IN_V86 "the first bit is vector 0's", 2, {int 0}, GP, 0, 0
        mov byte [tss + MAP - 32], 0
        TSS_LIMIT MAP - 32 + VR / 8
        IN_V86 "the limit reaches the byte", 2, {int VR}, UD, 0, 0
        TSS_LIMIT MAP - 33 + VR / 8
        IN_V86 "the limit is below the byte", 2, {int VR}, GP, 0, 0
        TSS_LIMIT MAP + 8192

        ; ---- PVI: ring 3 with IOPL below 3 only ----
        call make_rings
        mov dword [case], 0                     ; bits 0 and 1: IOPL, 2 and 3: CPL, 4: PVI, 5: STI, 6: VIP
  .pvi: call pvi_case
        TRY "PVI"
        call ring
        test byte [case], 20h
        jnz .sti
        cli
        int OK
  .sti: sti
        int OK
        CAUGHT_ANY
        call pvi_rule                           ; EAX, EBX: vector, flags
        mov ecx, [case]
        shl ecx, 8
        or eax, ecx
        or ecx, [rec.vec]
        CHECK "PVI: case and vector", ecx, eax
        mov eax, [rec.eflags]
        cmp dword [rec.vec], OK
        je .flags
        mov eax, [rec.eflags]
  .flags:
        and eax, IFS
        CHECK "PVI: IF, VIF, VIP", eax, ebx
        inc dword [case]
        cmp dword [case], 128
        jb .pvi
        SET_CR4 ~3, 0
  .end: DONE

set_case:
        mov eax, cr4
        and al, ~1
        mov ebx, [case]
        test bl, 1
        jz .off
        or al, 1
  .off: mov cr4, eax
        mov eax, ebx
        shr eax, 1
        and eax, 3
        mov [iopl], eax
        shl eax, 12
        or eax, 2
        test bl, 10h
        jz .no_vif
        or eax, F_VIF
  .no_vif:
        test bl, 20h
        jz .no_if
        or eax, F_IF
  .no_if:
        mov [flags], eax
        mov byte [tss + MAP - 32 + VR / 8], 0
        mov byte [tss + MAP - 32], 0
        test bl, 8
        jz .end
        mov byte [tss + MAP - 32 + VR / 8], 1 << (VR & 7)
        mov byte [tss + MAP - 32], 8
  .end: ret

; EAX: UD: redirected to the 8086 program; GP; VR: through the IDT.
method: mov eax, [case]
        test al, 1
        jz .no_vme
        test al, 8
        jnz .no_vme
        mov eax, UD
        ret
  .no_vme:
        mov eax, VR
        cmp dword [iopl], 3
        je .end
        mov eax, GP
  .end: ret

pvi_case:
        mov eax, cr4
        and al, ~3
        mov ebx, [case]
        test bl, 10h
        jz .off
        or al, 2
  .off: mov cr4, eax
        mov eax, ebx
        and eax, 3
        shl eax, 12
        or eax, 2
        test bl, 20h
        jnz .sti
        or eax, F_IF | F_VIF
  .sti: test bl, 40h
        jz .end
        or eax, F_VIP
  .end: mov [flags], eax
        ret
ring:   mov eax, [flags]
        mov ecx, [case]
        shr ecx, 2
        and ecx, 3
        jmp enter_ring
pvi_rule:
        mov ecx, [case]
        mov ebx, [flags]
        and ebx, IFS
        mov eax, ecx
        mov edx, ecx
        and eax, 3                              ; IOPL
        shr edx, 2
        and edx, 3                              ; CPL
        cmp edx, eax
        jbe .real
        cmp edx, 3
        jne .gp
        test cl, 10h
        jz .gp
        test cl, 20h
        jnz .sti
        test cl, 40h                            ; VIF and VIP before the instruction
        jnz .gp
        and ebx, ~F_VIF
        jmp .ok
  .sti: test cl, 40h
        jnz .gp
        or ebx, F_VIF
  .ok:  mov eax, OK
        ret
  .real:
        mov eax, OK
        and ebx, ~F_IF
        test cl, 20h
        jz .end
        or ebx, F_IF
  .end: ret
  .gp:  mov eax, GP
        ret

        bits 16
handler86:
        mov bp, sp
        mov ax, [bp]
        mov cx, [bp + 4]
        ud2
pop_if: pop ax
        push word F_IF | 2
        popf
        jmp ax
pop_no_if:
        pop ax
        push word 2
        popf
        jmp ax
pop_nt: pop ax
        push word F_NT | F_DF | F_IOPL3 | 2
        popf
        jmp ax
iret_if:
        pop ax
        push word F_IF | 2
        push word 0
        push ax
        iret
iret_no_if:
        pop ax
        push word 2
        push word 0
        push ax
        iret
push_look:
        pushf
        pop ax
        ret
push_look32:
        pushfd
        pop eax
        ret
int_254:
        mov word [254 * 4], handler86
        mov word [254 * 4 + 2], 0
        int 254
        bits 32

        align 4
tss_b:  dd 0, INNER_STACK, DATA32
        times 5 dd 0
        dd handler86, F_VM | F_VIF | F_VIP | 2
        dd 0, 0, 0, 0, USER_STACK, 0, 0, 0
        dd 0, 0, 0, 0, 0, 0
        dd 0, 0
case    dd 0
flags   dd 0
iopl    dd 0
image_end:
