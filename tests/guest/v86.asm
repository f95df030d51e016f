; v86.asm - virtual-8086 mode: how it is entered and left, what is sensitive to IOPL, the I/O permission bitmap, segments
; as in real mode; then the virtual interrupt flag and the redirection bitmap of VME, and PVI in ring 3.
; Follows: Intel SDM Vol. 3A "8086 Emulation" ("Virtual-8086 Mode", "Interrupt and Exception Handling in Virtual-8086 Mode",
; "Protected-Mode Virtual Interrupts"); Vol. 1 "I/O Permission Bit Map".
%define GUEST "v86"
%include "lib.inc"

CONF0 equ FREE                  ; conforming code, DPL 0
CODE1 equ FREE + 8h             ; code, ring 1
MAP   equ 68h + 32              ; I/O bitmap in the TSS, the redirection bitmap below it

%macro IN_V86 5                 ; name, eflags, vector, error, instruction
        TRY %1
        V86 %2
        AT
        %5
        CAUGHT %3, %4
%endmacro

main:
        ; ---- entry, and what an exception pushes ----
        TRY "segments and exception frame"
        push dword 4444h        ; GS
        push dword 3333h
        push dword 1111h        ; DS
        push dword 2222h        ; ES
        push dword 600h         ; SS
        push dword 200h
        push dword F_VM | F_IOPL3 | F_CF | 2
        push dword 0
        push dword .v1
        iretd
        bits 16
  .v1:  mov ax, ds
        mov bx, ss
        mov si, cs
        AT
        ud2
        CAUGHT UD, NONE
        CHECK_BITS "AX = DS", [rec.eax], 0ffffh, 1111h
        CHECK_BITS "BX = SS", [rec.ebx], 0ffffh, 600h
        CHECK_BITS "SI = CS", [rec.esi], 0ffffh, 0
        CHECK "pushed DS", dword [rec.v86_ds], 1111h
        CHECK "pushed ES", dword [rec.v86_es], 2222h
        CHECK "pushed FS", dword [rec.v86_fs], 3333h
        CHECK "pushed GS", dword [rec.v86_gs], 4444h
        CHECK "pushed SS", dword [rec.ss], 600h
        CHECK "pushed ESP", dword [rec.esp], 200h
        CHECK_BITS "EFLAGS", [rec.eflags], F_VM | F_RF | F_IOPL3 | F_CF, F_VM | F_RF | F_IOPL3 | F_CF
        CHECK "DS is null in the handler", dword [rec.ds], 0
        CHECK "GS is null in the handler", dword [rec.gs], 0
        CHECK "9 dwords", dword [rec.hesp], INNER_STACK - 36
        CHECK_BITS "VM is clear in the handler", [rec.hflags], F_VM | F_NT | F_TF, 0

        ; ---- sensitive to IOPL: PUSHF, POPF, INT n, IRET, CLI, STI; not INT3, INTO, IN, OUT ----
        IN_V86 "CLI, IOPL 0", 2, GP, 0, cli
        IN_V86 "STI, IOPL 0", 2, GP, 0, sti
        IN_V86 "PUSHF, IOPL 0", 2, GP, 0, pushf
        IN_V86 "PUSHFD, IOPL 2", 2002h, GP, 0, pushfd
        IN_V86 "POPF, IOPL 0", 2, GP, 0, popf
        IN_V86 "INT n, IOPL 0", 2, GP, 0, int 80h
        IN_V86 "IRET, IOPL 0", 2, GP, 0, iret
        TRY "INT3 does not look at IOPL, but at the gate's DPL"
        V86 2
        AT
        int3
        CAUGHT GP, BP_ * 8 + 2
        or byte [idt + BP_ * 8 + 5], 60h
        TRY "INT3, IOPL 0"
        V86 2
        int3
        AT
        nop
        CAUGHT BP_, NONE
        CHECK_BITS "IOPL in the image", [rec.eflags], F_IOPL3 | F_VM, F_VM
        and byte [idt + BP_ * 8 + 5], ~60h
        TRY "INT n, IOPL 3, gate of DPL 0"
        V86
        AT
        int 80h
        CAUGHT GP, 80h * 8 + 2
        TRY "CLI, STI, PUSHF, POPF with IOPL 3"
        V86
        pushf
        sti
        pushf
        cli
        pushf
        pop ax
        pop bx
        pop cx
        CAUGHT OK, NONE
        CHECK_BITS "IF after CLI", [rec.eax], F_IF, 0
        CHECK_BITS "IF after STI", [rec.ebx], F_IF, F_IF
        TRY "POPF cannot change IOPL nor VM"
        V86
        push dword F_CF | 2
        popfd
        pushf
        pop ax
        CAUGHT OK, NONE
        CHECK_BITS "IOPL and CF", [rec.eax], F_IOPL3 | F_CF, F_IOPL3 | F_CF
        CHECK_BITS "VM", [rec.eflags], F_VM, F_VM
        TRY "IRET, IOPL 3"
        V86
        push word F_ZF | F_IOPL3 | 2
        push word 0
        push word .v2
        iret
  .v2:  pushf
        pop ax
        CAUGHT OK, NONE
        CHECK_BITS "flags", [rec.eax], F_ZF, F_ZF

        ; ---- never in V86 mode ----
        IN_V86 "HLT", F_IOPL3 | 2, GP, 0, hlt
        IN_V86 "MOV from CR0", F_IOPL3 | 2, GP, 0, {mov eax, cr0}
        IN_V86 "LMSW", F_IOPL3 | 2, GP, 0, lmsw ax
        IN_V86 "LIDT", F_IOPL3 | 2, GP, 0, lidt [0]
        IN_V86 "CLTS", F_IOPL3 | 2, GP, 0, clts
        IN_V86 "LLDT", F_IOPL3 | 2, UD, NONE, lldt ax
        IN_V86 "STR", F_IOPL3 | 2, UD, NONE, str ax
        IN_V86 "LAR", F_IOPL3 | 2, UD, NONE, {lar ax, bx}
        IN_V86 "VERR", F_IOPL3 | 2, UD, NONE, verr ax
        IN_V86 "ARPL", F_IOPL3 | 2, UD, NONE, {arpl ax, bx}
        TRY "SMSW, SGDT are not privileged"
        V86
        smsw ax
        sgdt [500h]
        CAUGHT OK, NONE

        ; ---- 64 KB segments ----
        IN_V86 "read at FFFFh, 2 bytes", F_IOPL3 | 2, GP, 0, {mov ax, [0ffffh]}
        IN_V86 "read at 10000h", F_IOPL3 | 2, GP, 0, {mov al, [dword 10000h]}
        TRY "push at SP = 1"
        V86
        mov sp, 1
        AT
        push ax
        CAUGHT SS_, 0
        IN_V86 "JMP FAR, EIP above FFFFh", F_IOPL3 | 2, GP, 0, jmp dword 0:10000h

        ; ---- I/O permission bitmap: V86 mode always asks it ----
        IN_V86 "IN without a bitmap, IOPL 3", F_IOPL3 | 2, GP, 0, {in al, 80h}
        mov word [tss.map], MAP
        mov word [gdt + TSS], MAP + 8192                        ; limit: all ports and the last byte
        mov byte [gdt + TSS + 5], 89h
        mov byte [tss + MAP + 80h / 8], 10b                     ; denies port 81h
        mov byte [tss + MAP + 84h / 8], 10b | 10000000b         ; the same byte: 81h, 87h
        mov eax, TSS
        ltr ax
        TRY "IN from a port that is allowed"
        V86 F_IOPL3 | 2
        in al, 80h
        CAUGHT OK, NONE
        IN_V86 "IN from a port that is not", F_IOPL3 | 2, GP, 0, {in al, 81h}
        IN_V86 "IN of 2 bytes, the second is denied", F_IOPL3 | 2, GP, 0, {in ax, 80h}
        IN_V86 "IN of 4 bytes, the last is denied", F_IOPL3 | 2, GP, 0, {in eax, 84h}
        TRY "IN of 2 bytes across the bitmap's byte"
        V86
        in ax, 85h
        CAUGHT OK, NONE
        TRY "bitmap in ring 3, IOPL 0: allowed"
        USER
        in al, 80h
        CAUGHT OK, NONE
        TRY "bitmap in ring 3, IOPL 0: denied"
        USER
        AT
        in al, 81h
        CAUGHT GP, 0
        TRY "ring 3, IOPL 3: not asked"
        USER F_IOPL3 | 2
        in al, 81h
        CAUGHT OK, NONE
        TRY "OUTS denied, nothing changes"
        USER
        mov esi, 500h
        mov edx, 81h
        mov ecx, 3
        AT
        rep outsb
        CAUGHT GP, 0
        CHECK "ESI", dword [rec.esi], 500h
        CHECK "ECX", dword [rec.ecx], 3
        TSS_LIMIT MAP + 80h / 8                     ; limit: the byte of port 80h is the last
        TRY "two bytes are read, so the last byte of the bitmap serves no port"
        USER
        AT
        in al, 80h
        CAUGHT GP, 0
        TRY "port one byte below"
        USER
        in al, 78h
        CAUGHT OK, NONE
        TSS_LIMIT MAP + 8192

        ; ---- gates must lead to ring 0 that is not conforming ----
        DESC CONF0, 0, 0fffffh, A_CODE | A_4K | 4
        DESC CODE1, 0, 0fffffh, A_CODE | A_4K | 20h
        GATE idt + 80h * 8, CONF0, catch_raw, 0eeh
        TRY "INT to conforming code"
        V86
        AT
        int 80h
        CAUGHT GP, CONF0
        GATE idt + 80h * 8, CODE1, catch_raw, 0eeh
        TRY "INT to ring 1"
        V86
        AT
        int 80h
        CAUGHT GP, CODE1
        GATE idt + 80h * 8, CODE16, catch_raw16, 0e6h
        TRY "INT through a 16-bit gate pushes words"
        V86
        int 80h
        CAUGHT RAW, NONE
        CHECK "9 words", dword [rec.esp], INNER_STACK - 18

        ; ---- VME, IOPL below 3. UD2 ends each piece: INT n would be redirected ----
        SKIP_UNLESS "VME", 1, .no_vme
%macro V86_END 0
        AT
        ud2
        CAUGHT UD, NONE
%endmacro
        SET_CR4 -1, 1
        TRY "CLI clears VIF, not IF"
        V86 F_VIF | F_IF | 2
        cli
        V86_END
        CHECK_BITS "VIF, IF", [rec.eflags], F_VIF | F_IF, F_IF
        TRY "STI sets VIF, not IF"
        V86 2
        sti
        V86_END
        CHECK_BITS "VIF, IF", [rec.eflags], F_VIF | F_IF, F_VIF
        IN_V86 "STI with VIP", F_VIP | 2, GP, 0, sti
        TRY "CLI with VIP"
        V86 F_VIP | 2
        cli
        V86_END
        CHECK_BITS "VIF, VIP", [rec.eflags], F_VIF | F_VIP, F_VIP
        IN_V86 "VIF and VIP at the beginning of an instruction", F_VIF | F_VIP | 2, GP, 0, cli
        TRY "PUSHF shows VIF as IF, and IOPL 3"
        V86 F_VIF | 2
        pushf
        pop ax
        cli
        pushf
        pop bx
        V86_END
        CHECK_BITS "VIF set", [rec.eax], F_IF | F_IOPL3, F_IF | F_IOPL3
        CHECK_BITS "VIF clear", [rec.ebx], F_IF | F_IOPL3, F_IOPL3
        TRY "POPF writes VIF, not IF and IOPL"
        V86 2
        push word F_IF | F_IOPL3 | F_CF | 2
        popf
        V86_END
        CHECK_BITS "flags", [rec.eflags], F_VIF | F_IF | F_IOPL3 | F_CF, F_VIF | F_CF
        TRY "POPF with IF and VIP"
        V86 F_VIP | 2
        push word F_IF | 2
        AT
        popf
        CAUGHT GP, 0
        TRY "POPF with TF"
        V86 2
        push word F_TF | 2
        AT
        popf
        CAUGHT GP, 0
        IN_V86 "PUSHFD", 2, GP, 0, pushfd
        IN_V86 "POPFD", 2, GP, 0, popfd
        IN_V86 "IRETD", 2, GP, 0, iretd
        TRY "IRET writes VIF"
        V86 2
        push word F_IF | F_ZF | 2
        push word 0
        push word .v5
        iret
  .v5:  V86_END
        CHECK_BITS "flags", [rec.eflags], F_VIF | F_IF | F_ZF | F_IOPL3, F_VIF | F_ZF
        TRY "IRET with IF and VIP"
        V86 F_VIP | 2
        push word F_IF | 2
        push word 0
        push word .v5
        AT
        iret
        CAUGHT GP, 0
        TRY "IRET with TF"
        V86 2
        push word F_TF | 2
        push word 0
        push word .v5
        AT
        iret
        CAUGHT GP, 0

        ; redirection bit 0: INT n goes through the table at 0, as in real mode
        mov dword [0a0h * 4], vm_handler
        TRY "INT n redirected, IOPL 0"
        V86 F_VIF | F_IF | 2
        int 0a0h
  .v3:  nop
        CAUGHT UD, NONE
        CHECK "in the handler", dword [rec.eip], vm_handler.end
        CHECK_BITS "IP on the stack", [rec.eax], 0ffffh, .v3
        CHECK_BITS "VIF as IF and IOPL 3 on the stack", [rec.ecx], F_IF | F_IOPL3, F_IF | F_IOPL3
        CHECK_BITS "flags in the handler", [rec.eflags], F_VIF | F_IF | F_IOPL3, F_IF
        CHECK "6 bytes", dword [rec.esp], USER_STACK - 6
        TRY "INT n redirected, IOPL 3"
        V86 F_VIF | F_IF | F_IOPL3 | 2
        int 0a0h
        CAUGHT UD, NONE
        CHECK_BITS "flags on the stack", [rec.ecx], F_IF | F_IOPL3, F_IF | F_IOPL3
        CHECK_BITS "flags in the handler", [rec.eflags], F_VIF | F_IF | F_IOPL3, F_VIF | F_IOPL3
        mov byte [tss + MAP - 32 + 0a0h / 8], 1                 ; bit 1: to the monitor
        IN_V86 "INT n not redirected, IOPL 0", 2, GP, 0, int 0a0h
        TRY "INT n not redirected, IOPL 3, DPL 0"
        V86
        AT
        int 0a0h
        CAUGHT GP, 0a0h * 8 + 2
        or byte [idt + 0a0h * 8 + 5], 60h
        TRY "INT n not redirected, IOPL 3, DPL 3"
        V86
        int 0a0h
        AT
        nop
        CAUGHT 0a0h, NONE

        ; ---- PVI: the same flag for ring 3 of protected mode ----
        mov eax, cr4
        and al, ~1
        or al, 2
        mov cr4, eax
        TRY "PVI: CLI"
        USER F_VIF | F_IF | 2
        cli
        CAUGHT OK, NONE
        CHECK_BITS "VIF, IF", [rec.eflags], F_VIF | F_IF, F_IF
        TRY "PVI: STI"
        USER
        sti
        CAUGHT OK, NONE
        CHECK_BITS "VIF, IF", [rec.eflags], F_VIF | F_IF, F_VIF
        TRY "PVI: STI with VIP"
        USER F_VIP | 2
        AT
        sti
        CAUGHT GP, 0
        TRY "PVI leaves PUSHF and POPF alone"
        USER F_VIF | 2
        pushfd
        pop eax
        push dword F_IF | 2
        popfd
        CAUGHT OK, NONE
        CHECK_BITS "PUSHF", [rec.eax], F_IF | F_IOPL3, 0
        CHECK_BITS "POPF", [rec.eflags], F_VIF | F_IF, F_VIF
        TRY "PVI with IOPL 3: the real flag"
        USER F_IOPL3 | 2
        sti
        CAUGHT OK, NONE
        CHECK_BITS "VIF, IF", [rec.eflags], F_VIF | F_IF, F_IF
        SET_CR4 ~3, 0
  .no_vme:
        TRY "without PVI"
        USER
        AT
        cli
        CAUGHT GP, 0
        DONE

        bits 16
vm_handler:
        mov bp, sp
        mov ax, [bp]
        mov cx, [bp + 4]
  .end: ud2
        bits 32
image_end:
