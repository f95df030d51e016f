; smm.asm - system management mode: the state on entry, the state save map, what RSM restores and what not.
; Follows: Intel SDM Vol. 3C "System Management Mode": "Entering SMM", "Exiting From SMM", "SMRAM State Save Map", "SMI Handler
; Execution Environment", "SMM Revision Identifier"; Vol. 2 "RSM".
; What interrupts do in it is smmint.asm's, SMBASE and SMRAM are smram.asm's.
%define GUEST "smm"
%include "lib.inc"
%include "debug.inc"
%include "smm.inc"

MARK equ FREE_LOW + 20h                 ; a dword here, and one at the same place above 4 MB
ALIAS equ 400000h + MARK

main:
        call smm_setup
        CHECK "one SMI for one write", dword [smm.count], 1
        CHECK_BITS "revision identifier: SMBASE relocation, I/O restart", MAP(MAP_REVISION), 30000h, 30000h
        call environment
        call save_map
        call restored
        call not_saved
        call writable
        call hidden
        call paged
        call user
        call v86
        call outside
        DONE

; "SMI Handler Execution Environment": the table of initial values.
environment:
        SET_CR4 -1, 1ch                         ; TSD, DE, PSE
        SET_CR0 -1, 1000ch                      ; TS, EM, WP
        mov [.cr0], eax
        mov eax, 700h | 0aah
        mov dr7, eax
        mov ebx, 0bbbbbbbbh
        stc
        std
        SMI read_far
        cld
        CHECK "EFLAGS", dword [smm.eflags], 2
        CHECK "CS: SMBASE shifted right by 4", dword [smm.cs], SMBASE_HERE >> 4
        CHECK "DS", dword [smm.ds], 0
        CHECK "ES", dword [smm.es], 0
        CHECK "FS", dword [smm.fs], 0
        CHECK "GS", dword [smm.gs], 0
        CHECK "SS", dword [smm.ss], 0
        CHECK "CR4 is 0", dword [smm.cr4], 0
        CHECK "DR7", dword [smm.dr7], 400h
        mov eax, [.cr0]
        and eax, ~8000000dh
        CHECK "CR0: PE, EM, TS and PG cleared, the rest as it was", dword [smm.cr0], eax
        mov eax, [0fffffff0h]
        CHECK "limits of 4 GB: DS", dword [smm.note], eax
        CHECK "... GS", dword [smm.note + 4], eax
        CHECK "... SS", dword [smm.note + 8], eax
        CHECK "a jump beyond 64 KB", dword [smm.note + 12], 1
        mov eax, cr0
        CHECK "CR0 is back", eax, dword [.cr0]
        and eax, ~1000ch
        mov cr0, eax
        mov eax, cr4
        CHECK_BITS "CR4 is back", eax, 1ch, 1ch
        SET_CR4 ~1ch, 0
        mov eax, dr7
        CHECK "DR7 is back", eax, 7aah
        DR7 0
        ret
.cr0    dd 0

        bits 16
read_far:
        mov esi, 0fffffff0h
        mov eax, [esi]
        mov [smm.note], eax
        mov eax, [gs:esi]
        mov [smm.note + 4], eax
        mov eax, [ss:esi]
        mov [smm.note + 8], eax
        mov dword [smm.note + 12], 0
        mov word [dword FREE_HIGH], 0c366h      ; o32 RET
        mov eax, FREE_HIGH
        call eax
        mov dword [smm.note + 12], 1
        ret
        bits 32

; "SMRAM State Save Map": each register at its place.
save_map:
        mov eax, 0ffff4ff5h
        mov dr6, eax
        mov dword [smm.action], 0
        mov [.esp], esp
        mov eax, 11111111h
        mov ecx, 22222222h
        mov edx, 33333333h
        mov ebx, 44444444h
        mov ebp, 66666666h
        mov esi, 77777777h
        mov edi, 88888888h
        mov ax, UDATA
        mov ds, ax
        mov ax, DATA16
        mov es, ax
        mov ax, UDATA & ~3
        mov fs, ax
        mov ax, CODE32
        mov gs, ax
        push dword 0ad7h                        ; OF, DF, SF, ZF, AF, PF, CF
        popfd
        mov eax, 11111111h
        out APMC, al
.after: cld
        mov ax, DATA32
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        CHECK_MAP "EAX", MAP_EAX, 11111111h
        CHECK_MAP "ECX", MAP_ECX, 22222222h
        CHECK_MAP "EDX", MAP_EDX, 33333333h
        CHECK_MAP "EBX", MAP_EBX, 44444444h
        CHECK_MAP "ESP", MAP_ESP, dword [.esp]
        CHECK_MAP "EBP", MAP_EBP, 66666666h
        CHECK_MAP "ESI", MAP_ESI, 77777777h
        CHECK_MAP "EDI", MAP_EDI, 88888888h
        CHECK_MAP "EIP: the next instruction", MAP_EIP, .after
        CHECK_MAP "EFLAGS", MAP_EFLAGS, 0ad7h
        CHECK_MAP "DR6", MAP_DR6, 0ffff4ff5h
        CHECK_MAP "DR7", MAP_DR7, 400h
        mov eax, cr0
        CHECK_MAP "CR0", MAP_CR0, eax
        mov eax, cr3
        CHECK_MAP "CR3", MAP_CR3, eax
        CHECK_BITS "TR", MAP(MAP_TR), 0ffffh, TSS
        CHECK_BITS "CS", MAP(MAP_CS), 0ffffh, CODE32
        CHECK_BITS "SS", MAP(MAP_SS), 0ffffh, DATA32
        CHECK_BITS "DS", MAP(MAP_DS), 0ffffh, UDATA
        CHECK_BITS "ES", MAP(MAP_ES), 0ffffh, DATA16
        CHECK_BITS "FS", MAP(MAP_FS), 0ffffh, UDATA & ~3
        CHECK_BITS "GS", MAP(MAP_GS), 0ffffh, CODE32
        CHECK_BITS "no HLT", MAP(MAP_HALT), 0ffffh, 0
        CHECK_BITS "I/O restart: initialised to 0", MAP(MAP_IO), 0ffffh, 0
        CHECK_MAP "SMBASE", MAP_SMBASE, SMBASE_HERE
        CLEAR_DR6
        ret
.esp    dd 0

; The handler spoils everything; RSM brings it back.
restored:
        mov [.esp], esp
        TRY "RSM: registers"
        mov eax, 12345678h
        mov ecx, 23456789h
        mov edx, 3456789ah
        mov ebx, 456789abh
        mov ebp, 56789abch
        mov esi, 6789abcdh
        mov edi, 789abcdeh
        push dword 8d5h | F_AC
        popfd
        SMI spoil
        CAUGHT OK, NONE
        CHECK "EAX", dword [rec.eax], 12345678h
        CHECK "ECX", dword [rec.ecx], 23456789h
        CHECK "EDX", dword [rec.edx], 3456789ah
        CHECK "EBX", dword [rec.ebx], 456789abh
        CHECK "EBP", dword [rec.ebp], 56789abch
        CHECK "ESI", dword [rec.esi], 6789abcdh
        CHECK "EDI", dword [rec.edi], 789abcdeh
        mov eax, [.esp]
        CHECK "ESP", dword [rec.esp], eax
        CHECK "EFLAGS", dword [rec.eflags], 8d7h | F_AC
        CHECK "CS", dword [rec.cs], CODE32
        CHECK "DS", dword [rec.ds], DATA32
        CHECK "ES", dword [rec.es], DATA32
        CHECK "FS", dword [rec.fs], DATA32
        CHECK "GS", dword [rec.gs], DATA32
        sidt [.table]
        CHECK "IDTR: base", dword [.table + 2], idt
        CHECK_BITS "IDTR: limit", [.table], 0ffffh, 7ffh
        sgdt [.table]
        CHECK "GDTR: base", dword [.table + 2], gdt
        str eax
        CHECK_BITS "TR", eax, 0ffffh, TSS
        mov eax, cr0
        CHECK_BITS "CR0", eax, 8001003fh, 33h
        mov eax, cr4
        CHECK_BITS "CR4", eax, 1fh, 0
        mov eax, dr7
        CHECK "DR7", eax, 400h
        mov eax, dr6
        CHECK "DR6", eax, 0ffff0ff0h
        ret
.esp    dd 0
.table  dd 0, 0
        align 4

        bits 16
spoil:
        mov eax, 0dead0000h
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        lidt [.zero]
        lgdt [.zero]
        mov eax, cr0
        xor eax, 10032h                         ; WP, NE, ET, MP
        mov cr0, eax
        mov eax, 1ch
        mov cr4, eax
        mov eax, 0ffffh
        mov dr6, eax
        mov eax, 455h
        mov dr7, eax
        mov ecx, 0deadbeefh
        mov edx, ecx
        mov ebx, ecx
        mov ebp, ecx
        mov esi, ecx
        mov edi, ecx
        push dword 402h
        popfd
        ret
.zero   dd 0, 0
        bits 32

; "The following state is not automatically saved": DR0 to DR3, CR2, the x87.
not_saved:
        xor eax, eax
        mov dr0, eax
        mov dr3, eax
        mov cr2, eax
        fninit
        SMI change
        mov eax, dr0
        CHECK "DR0 stays changed", eax, 12340000h
        mov eax, dr3
        CHECK "DR3 stays changed", eax, 12340003h
        mov eax, cr2
        CHECK "CR2 stays changed", eax, 12340002h
        fnstcw [.word]
        CHECK_BITS "the x87's control word stays changed", [.word], 0ffffh, 27fh
        fninit
        ret
.word   dd 0

        bits 16
change:
        mov eax, 12340000h
        mov dr0, eax
        mov al, 3
        mov dr3, eax
        mov al, 2
        mov cr2, eax
        fldcw [.word]
        ret
.word   dw 27fh
        bits 32

; "SMRAM State Save Map", the column "Writable?".
writable:
        TRY "EIP of the map"
        mov ebx, 1
        stc
        SMI rewrite
        inc ebx                                 ; skipped
.there: AT
        CAUGHT OK, NONE
        CHECK "the instruction was skipped", dword [rec.ebx], 100h
        CHECK "EAX of the map", dword [rec.eax], 101h
        CHECK "ECX of the map", dword [rec.ecx], 102h
        CHECK "EDX of the map", dword [rec.edx], 103h
        CHECK "EBP of the map", dword [rec.ebp], 104h
        CHECK "ESI of the map", dword [rec.esi], 105h
        CHECK "EDI of the map", dword [rec.edi], 106h
        CHECK "EFLAGS of the map", dword [rec.eflags], 92h
        ret

        bits 16
rewrite:
        mov dword [ebx + MAP_EIP], writable.there
        mov dword [ebx + MAP_EBX], 100h
        mov dword [ebx + MAP_EAX], 101h
        mov dword [ebx + MAP_ECX], 102h
        mov dword [ebx + MAP_EDX], 103h
        mov dword [ebx + MAP_EBP], 104h
        mov dword [ebx + MAP_ESI], 105h
        mov dword [ebx + MAP_EDI], 106h
        mov dword [ebx + MAP_EFLAGS], 92h
        ret
        bits 32

; "The hidden segment descriptor information" is saved: the tables are not read again.
hidden:
        mov dword [FREE_HIGH], 0aaaa0001h
        mov dword [FREE_HIGH + 1000h], 0aaaa0002h
        DESC FREE, FREE_HIGH, 0fffh, A_DATA
        mov ax, FREE
        mov fs, ax
        DESC FREE, FREE_HIGH + 1000h, 0ffffh, A_DATA
        SMI spoil
        CHECK "FS: base of before", dword [fs:0], 0aaaa0001h
        TRY "FS: limit of before"
        mov eax, [fs:0ffdh]
        CAUGHT GP, 0
        mov ax, FREE
        mov fs, ax
        DESC FREE, 0, 0, 0                      ; not even present
        SMI spoil
        CHECK "the descriptor is gone, the segment is there", dword [fs:0], 0aaaa0002h
        xor eax, eax
        mov gs, ax
        SMI spoil
        TRY "a null GS stays unusable"
        mov eax, [gs:0]
        CAUGHT GP, 0
        mov eax, FREE_HIGH + 2000h              ; a table in itself
        DESC LDT, eax, 7, 82h
        mov dword [FREE_HIGH + 2000h], 0ffffh
        mov dword [FREE_HIGH + 2004h], 00cf9200h
        mov ax, LDT
        lldt ax
        DESC LDT, 0, 0, 0
        SMI spoil
        TRY "LDTR"
        mov ax, 4
        mov fs, ax
        sldt ax
        movzx eax, ax
        CAUGHT OK, NONE
        CHECK "... its selector", dword [rec.eax], LDT
        CHECK "... what was loaded through it", dword [rec.fs], 4
        xor eax, eax
        lldt ax
        TRY "null LDTR"
        SMI spoil
        mov ax, 4
        mov fs, ax
        CAUGHT GP, 4
        ret

; PG is off in the handler: addresses are physical.
paged:
        mov dword [MARK], 51515151h
        mov dword [ALIAS], 62626262h            ; 4 MB
        mov edi, FREE_HIGH
        xor eax, eax
        mov ecx, 1024
        cld
        rep stosd
        mov dword [FREE_HIGH], 83h
        mov dword [FREE_HIGH + 4], 83h          ; 4 MB is 0 again
        mov dword [FREE_HIGH + 8], 400083h      ; 8 MB is 4 MB
        SET_CR4 -1, 10h
        mov eax, FREE_HIGH
        mov cr3, eax
        SET_CR0 -1, 80010000h
        jmp $ + 2
        CHECK "paging: the alias", dword [ALIAS], 51515151h
        SMI .peek
        mov eax, [ALIAS]
        mov ecx, [ALIAS + 400000h]
        mov ebx, cr0
        mov edx, cr3
        push dword [smm.note + 4]
        CHECK "in SMM: physical", dword [smm.note], 62626262h
        CHECK "after RSM: linear", eax, 51515151h
        CHECK "... another page", ecx, 64646464h
        CHECK "CR3 of the map", dword MAP(MAP_CR3), FREE_HIGH
        CHECK "CR3", edx, FREE_HIGH
        CHECK_BITS "CR0 of the map", MAP(MAP_CR0), 80010001h, 80010001h
        CHECK_BITS "CR0 in SMM", [smm.cr0], 80010001h, 10000h
        CHECK_BITS "CR0", ebx, 80010001h, 80010001h
        pop eax
        TRY "a page fault as before"
        mov eax, [0c00000h]
        CAUGHT PF, 0
        TRY "and in ring 3"
        USER
        mov eax, [ALIAS]
        CAUGHT PF, 5
        SET_CR0 7ffeffffh, 0
        SET_CR4 ~10h, 0
        ret

        bits 16
.peek:  mov eax, [dword ALIAS]
        mov [smm.note], eax
        mov dword [dword ALIAS], 64646464h
        ret
        bits 32

user:
        TRY "an SMI in ring 3"
        USER F_IOPL3 | 2
        SMI spoil
        mov ax, cs
        movzx ecx, ax
        CAUGHT OK, NONE
        CHECK "CS after RSM", dword [rec.ecx], UCODE
        CHECK "SS after RSM", dword [rec.ss], UDATA
        CHECK "ESP after RSM", dword [rec.esp], USER_STACK
        CHECK_BITS "CS of the map", MAP(MAP_CS), 0ffffh, UCODE
        CHECK_BITS "SS of the map", MAP(MAP_SS), 0ffffh, UDATA
        TRY "CPL is 3 again"
        USER F_IOPL3 | 2
        SMI spoil
        AT
        hlt
        CAUGHT GP, 0
        TRY "without I/O privilege no SMI"
        USER
        SMI spoil
        CAUGHT GP, 0
        ret

v86:
        call open_ports
        mov dword [FREE_LOW + 40h], 86868686h
        TRY "an SMI in virtual-8086 mode"
        V86 F_IOPL3 | F_DF | 2
        mov ax, FREE_LOW >> 4
        mov fs, ax
        mov ax, 1234h
        mov gs, ax
        SMI spoil
        mov ecx, [fs:40h]
        mov edx, [gs:40h]
        CAUGHT OK, NONE
        CHECK_BITS "EFLAGS of the map: VM, IOPL, DF", MAP(MAP_EFLAGS), F_VM | F_IOPL3 | F_DF, F_VM | F_IOPL3 | F_DF
        CHECK_BITS "EFLAGS after RSM", [rec.eflags], F_VM | F_IOPL3 | F_DF, F_VM | F_IOPL3 | F_DF
        CHECK "FS's base", dword [rec.ecx], 86868686h
        CHECK "FS", dword [rec.v86_fs], FREE_LOW >> 4
        CHECK "GS", dword [rec.v86_gs], 1234h
        CHECK "CS", dword [rec.cs], 0
        TRY "CPL is 3"
        V86 F_IOPL3 | 2
        SMI spoil
        AT
        hlt
        CAUGHT GP, 0
        mov dword [smm.count], 0
        mov byte [tss + 68h + APMC / 8], 1 << (APMC & 7)
        TRY "the I/O permission bitmap denies: no SMI"
        V86 F_IOPL3 | 2
        AT
        out APMC, al
        CAUGHT GP, 0
        CHECK "none came", dword [smm.count], 0
        mov byte [tss + 68h + APMC / 8], 0
        ret

; "RSM": #UD outside SMM.
outside:
        TRY "RSM in ring 0"
        AT
        rsm
        CAUGHT UD, NONE
        TRY "RSM in ring 3"
        USER
        AT
        rsm
        CAUGHT UD, NONE
        TRY "RSM in virtual-8086 mode"
        V86
        AT
        rsm
        CAUGHT UD, NONE
        TRY "LOCK RSM"
        AT
        db 0f0h
        rsm
        CAUGHT UD, NONE
        ret

image_end:
