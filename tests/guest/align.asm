; align.asm - alignment checks: when they are on, what each operand must be aligned to, what is never checked, priority
; against #PF and #GP.
; Follows: Intel SDM Vol. 3A "Interrupt 17 - Alignment Check Exception (#AC)".
%define GUEST "align"
%include "lib.inc"

B equ FREE_LOW                  ; a dword boundary
%macro ONE 4                    ; name, EFLAGS, vector, instruction; in ring 3
        TRY %1
        USER %2
        mov ebx, B
        AT
        %4
  %if %3 = AC
        CAUGHT AC, 0
  %else
        CAUGHT %3, NONE
  %endif
%endmacro
%macro AM 1                     ; CR0.AM on or off
        mov eax, cr0
        and eax, ~40000h
        or eax, (%1) << 18
        mov cr0, eax
%endmacro

main:
        AM 0
        ONE "AM clear", F_AC | 2, OK, {mov eax, [ebx + 1]}
        AM 1
        ONE "AC clear", 2, OK, {mov eax, [ebx + 1]}
        TRY "ring 0"
        push dword F_AC | 2
        popfd
        mov eax, [B + 1]
        CAUGHT OK, NONE
        ONE "read, dword at 1", F_AC | 2, AC, {mov eax, [ebx + 1]}
        CHECK_BITS "RF", [rec.eflags], F_RF, F_RF
        CHECK_BITS "AC in the image", [rec.eflags], F_AC, F_AC
        CHECK_BITS "AC stays set in the handler", [rec.hflags], F_AC, F_AC
        ONE "read, dword at 2", F_AC | 2, AC, {mov eax, [ebx + 2]}
        ONE "read, dword at 4", F_AC | 2, OK, {mov eax, [ebx + 4]}
        ONE "write, dword at 3", F_AC | 2, AC, {mov [ebx + 3], eax}
        ONE "word at 1", F_AC | 2, AC, {mov ax, [ebx + 1]}
        ONE "word at 2", F_AC | 2, OK, {mov ax, [ebx + 2]}
        ONE "byte at 1", F_AC | 2, OK, {mov al, [ebx + 1]}
        ONE "MOVZX of a word at 3", F_AC | 2, AC, {movzx eax, word [ebx + 3]}
        ONE "INC of a dword at 1", F_AC | 2, AC, {inc dword [ebx + 1]}
        ONE "single at 2", F_AC | 2, AC, {fld dword [ebx + 2]}
        ONE "double at 4", F_AC | 2, AC, {fld qword [ebx + 4]}
        ONE "double at 8", F_AC | 2, OK, {fld qword [ebx + 8]}
        fninit
        ONE "extended at 4", F_AC | 2, AC, {fld tword [ebx + 4]}
        ONE "extended at 8", F_AC | 2, OK, {fld tword [ebx + 8]}
        fninit
        ONE "FLDCW at 1", F_AC | 2, AC, {fldcw [ebx + 1]}
        ONE "FNSTCW at 2", F_AC | 2, OK, {fnstcw [ebx + 2]}
        ONE "FNSTENV at 2", F_AC | 2, AC, {fnstenv [ebx + 2]}
        ONE "BT, register offset, at 2", F_AC | 2, AC, {bt [ebx + 2], ecx}
        ONE "XCHG at 1", F_AC | 2, AC, {xchg [ebx + 1], eax}
        ONE "PUSH at an odd stack", F_AC | 2, AC, {push dword [ebx + 1]}
        ONE "LES at 2", F_AC | 2, AC, {les eax, [ebx + 2]}
        ONE "BOUND at 2", F_AC | 2, AC, {bound eax, [ebx + 2]}
        ONE "segment register load at 1", F_AC | 2, AC, {mov ds, [ebx + 1]}
        ONE "segment register store at 1", F_AC | 2, AC, {mov [ebx + 1], ds}
        ONE "CMPXCHG8B at 4", F_AC | 2, AC, {cmpxchg8b [ebx + 4]}
        TRY "PUSH"
        USER F_AC | 2
        mov esp, USER_STACK - 2
        AT
        push eax
        CAUGHT AC, 0
        CHECK "ESP stays", dword [rec.esp], USER_STACK - 2
        TRY "PUSH of a word at 2"
        USER F_AC | 2
        mov esp, USER_STACK - 2
        push ax
        CAUGHT OK, NONE
        TRY "RET"
        USER F_AC | 2
        mov esp, USER_STACK - 6
        AT
        ret
        CAUGHT AC, 0
        TRY "MOVSD, the second element is well aligned, the first not"
        USER F_AC | 2
        mov esi, B + 2
        mov edi, B + 100h
        mov ecx, 2
        AT
        rep movsd
        CAUGHT AC, 0
        CHECK "ECX", dword [rec.ecx], 2
        TRY "MOVSB"
        USER F_AC | 2
        mov esi, B + 1
        mov edi, B + 103h
        mov ecx, 2
        rep movsb
        CAUGHT OK, NONE
        TRY "SGDT and the table reads of segment loads are not checked; fetches neither"
        USER F_AC | 2
        mov eax, UDATA
        mov es, ax
        jmp .odd
        align 2
        nop
  .odd: nop
        CAUGHT OK, NONE
        TRY "POPFD sets AC in ring 3; the next access is checked"
        USER
        mov ebx, B
        push dword F_AC | 2
        popfd
        AT
        mov eax, [ebx + 1]
        CAUGHT AC, 0
        TRY "POPFD clears it"
        USER F_AC | 2
        mov ebx, B
        push dword 2
        popfd
        mov eax, [ebx + 1]
        CAUGHT OK, NONE
        TRY "INT saves and clears nothing of AC; ring 0 is not checked"
        USER F_AC | 2
        int OK
        CAUGHT OK, NONE
        CHECK_BITS "AC", [rec.eflags], F_AC, F_AC
        TRY "virtual-8086 mode is ring 3"
        V86 F_AC | F_IOPL3 | 2
        AT
        mov ax, [B + 1]
        CAUGHT AC, 0

        ; ---- priority: the limit before, a page fault after? Only the limit's place is defined: #GP(0) first ----
        DESC FREE, 0, 0fffh, A_DATA | A_RING3
        TRY "beyond the limit and not aligned"
        mov dword [FREE_LOW], 0
        USER F_AC | 2
        mov eax, FREE | 3
        mov fs, ax
        AT
        mov eax, [fs:1001h]
        CAUGHT GP, 0
        AM 0
        DONE
image_end:
