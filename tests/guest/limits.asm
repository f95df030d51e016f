; limits.asm - segment limits on every access: the last byte, wrap at 4 GB, expand-down of both sizes, stack, execution,
; string instructions, structures that lie across the limit; page granularity.
; Follows: Intel SDM Vol. 3A "Limit Checking", "Segment Descriptors" (expand-down), "Type Checking".
%define GUEST "limits"
%include "lib.inc"

S    equ FREE
T    equ FREE + 8h
STK3 equ FREE + 10h             ; stack of ring 3
A_DOWN equ 4                    ; expand-down

%macro ONE 4                    ; name, vector, error, instruction
        TRY %1
        mov eax, S
        mov fs, ax
        AT
        %4
        CAUGHT %2, %3
%endmacro
%macro STACK3 5                 ; name, ESP, vector, error, instruction: in ring 3 with SS = STK3
        TRY %1
        USER
        mov eax, STK3 | 3
        mov ss, ax
        mov esp, %2
        AT
        %5
        CAUGHT %3, %4
%endmacro

main:
        ; ---- byte granularity, limit 0FFFh, base in the free pages ----
        DESC S, FREE_HIGH, 0fffh, A_DATA | A_RING3
        ONE "read of the last byte", OK, NONE, {mov al, [fs:0fffh]}
        ONE "read beyond", GP, 0, {mov al, [fs:1000h]}
        ONE "word at the limit", GP, 0, {mov ax, [fs:0fffh]}
        ONE "dword, the last that fits", OK, NONE, {mov eax, [fs:0ffch]}
        ONE "dword, one byte over", GP, 0, {mov eax, [fs:0ffdh]}
        ONE "write beyond", GP, 0, {mov [fs:1000h], al}
        ONE "qword, one byte over", GP, 0, {fld qword [fs:0ff9h]}
        ONE "tbyte, one byte over", GP, 0, {fld tword [fs:0ff7h]}
        ONE "tbyte, the last that fits", OK, NONE, {fld tword [fs:0ff6h]}
        fninit
        ONE "LGDT's 6 bytes over", GP, 0, {lgdt [fs:0ffbh]}
        ONE "LES's 6 bytes over", GP, 0, {les eax, [fs:0ffbh]}
        ONE "BOUND's 8 bytes over", GP, 0, {bound eax, [fs:0ff9h]}
        ONE "CMPXCHG8B over", GP, 0, {cmpxchg8b [fs:0ff9h]}
        ONE "FNSTENV's 28 bytes over", GP, 0, {fnstenv [fs:0fe5h]}
        ONE "FNSTENV's 28 bytes fit", OK, NONE, {fnstenv [fs:0fe4h]}
        ONE "FNSAVE's 108 bytes over", GP, 0, {fnsave [fs:0f95h]}
        ONE "BT reaches beyond by its bit offset", GP, 0, {bt dword [fs:0ffch], eax}
        ONE "offset FFFFFFFFh", GP, 0, {mov al, [fs:0ffffffffh]}
        ONE "dword at FFFFFFFEh", GP, 0, {mov eax, [fs:0fffffffeh]}
        ONE "INVLPG looks at no limit", OK, NONE, {invlpg [fs:2000h]}
        ONE "LEA looks at no limit", OK, NONE, {lea eax, [fs:2000h]}
        TRY "REP MOVSB stops at the limit"
        mov eax, S
        mov es, ax
        mov esi, 7c00h
        mov edi, 0ffah
        mov ecx, 10
        AT
        rep movsb
        CAUGHT GP, 0
        CHECK "ECX", dword [rec.ecx], 4
        CHECK "EDI", dword [rec.edi], 1000h
        TRY "XLAT beyond"
        mov eax, S
        mov fs, ax
        mov ebx, 0fffh
        mov al, 1
        AT
        fs xlatb
        CAUGHT GP, 0

        ; ---- page granularity: the low 12 bits of the offset are not looked at ----
        DESC S, FREE_HIGH, 1, A_DATA | A_4K | A_RING3
        ONE "4K granularity, last byte", OK, NONE, {mov al, [fs:1fffh]}
        ONE "4K granularity, beyond", GP, 0, {mov al, [fs:2000h]}
        DESC S, FREE_HIGH, 0, A_DATA | A_4K
        ONE "4K granularity, limit 0 is 4 KB", OK, NONE, {mov al, [fs:0fffh]}

        ; ---- limit 4 GB - 1: nothing is beyond (what wraps may fault or not: left out) ----
        DESC S, 0, 0fffffh, A_DATA | A_4K
        ONE "byte at FFFFFFFFh", OK, NONE, {mov al, [fs:0ffffffffh]}
        ; ---- base + offset wraps at 4 GB ----
        DESC S, 0fff00000h, 0fffffh, A_DATA | A_4K
        mov dword [FREE_HIGH + 40h], 0a11ce5h
        TRY "linear addresses wrap"
        mov eax, S
        mov fs, ax
        mov eax, [fs:FREE_HIGH + 100000h + 40h]
        CAUGHT OK, NONE
        CHECK "read", dword [rec.eax], 0a11ce5h

        ; ---- expand-down: valid above the limit, to FFFFh or FFFFFFFFh by B ----
        DESC S, 0, 7fffh, A_DATA | A_DOWN
        ONE "expand-down, at the limit", GP, 0, {mov al, [fs:7fffh]}
        ONE "expand-down, just above", OK, NONE, {mov al, [fs:8000h]}
        ONE "expand-down, dword across", GP, 0, {mov eax, [fs:7ffdh]}
        ONE "expand-down, B set: above FFFFh", OK, NONE, {mov al, [fs:20000h]}
        DESC S, 0, 7fffh, A_DATA16 | A_DOWN
        ONE "expand-down, B clear: FFFFh", OK, NONE, {mov al, [fs:0ffffh]}
        ONE "expand-down, B clear: word at FFFFh", GP, 0, {mov ax, [fs:0ffffh]}
        ONE "expand-down, B clear: 10000h", GP, 0, {mov al, [fs:10000h]}
        DESC S, 0, 0fffffh, A_DATA | A_4K | A_DOWN
        ONE "expand-down, limit FFFFFFFFh: nothing is valid", GP, 0, {mov al, [fs:0ffffffffh]}
        ONE "expand-down, limit FFFFFFFFh: 0", GP, 0, {mov al, [fs:0]}
        DESC S, 0, 0, A_DATA | A_DOWN
        ONE "expand-down, limit 0: byte 0", GP, 0, {mov al, [fs:0]}
        ONE "expand-down, limit 0: byte 1", OK, NONE, {mov al, [fs:1]}
        DESC S, 0, 7, A_DATA | A_4K | A_DOWN
        ONE "expand-down, 4K granularity, at the limit", GP, 0, {mov al, [fs:7fffh]}
        ONE "expand-down, 4K granularity, above", OK, NONE, {mov al, [fs:8000h]}

        ; ---- the stack: #SS(0), for the push, for EBP and ESP as base, not through an override ----
        DESC STK3, 5000h, 0fffh, A_DATA | A_RING3
        STACK3 "push beyond", 2000h, SS_, 0, {push eax}
        STACK3 "push at 4", 4, OK, NONE, {push eax}
        STACK3 "push at 0 wraps", 0, SS_, 0, {push eax}
        STACK3 "push at 3", 3, SS_, 0, {push eax}
        STACK3 "pop at the limit", 0ffdh, SS_, 0, {pop eax}
        STACK3 "pop, the last", 0ffch, OK, NONE, {pop eax}
        STACK3 "read by ESP", 1000h, SS_, 0, {mov eax, [esp]}
        STACK3 "read by ESP through FS", 1000h, OK, NONE, {mov eax, [fs:esp]}
        STACK3 "CALL", 2, SS_, 0, {call beyond}
        STACK3 "RET", 0ffeh, SS_, 0, {ret}
        STACK3 "PUSHAD", 1fh, SS_, 0, {pushad}
        STACK3 "PUSHAD that fits", 20h, OK, NONE, {pushad}
        STACK3 "POPAD", 0fe1h, SS_, 0, {popad}
        STACK3 "PUSHFD", 0, SS_, 0, {pushfd}
        STACK3 "ENTER", 7, OK, NONE, {enter 2, 0}
        STACK3 "ENTER, level 0, no room for EBP", 3, SS_, 0, {enter 0, 0}
        STACK3 "RET FAR", 0ff9h, SS_, 0, {retf}
        STACK3 "IRETD", 0ff5h, SS_, 0, {iretd}
        TRY "read by EBP"
        USER
        mov eax, STK3 | 3
        mov ss, ax
        mov ebp, 0ffdh
        AT
        mov eax, [ebp]
        CAUGHT SS_, 0
        TRY "LEAVE"
        USER
        mov eax, STK3 | 3
        mov ss, ax
        mov ebp, 0ffdh
        mov esp, 100h
        AT
        leave
        CAUGHT SS_, 0
        CHECK "ESP stays", dword [rec.esp], 100h
        DESC STK3, 5000h, 0fffh, A_DATA16 | A_RING3             ; 16-bit stack: SP wraps at 64 KB
        STACK3 "16-bit stack, push at SP 0", 0, SS_, 0, {push eax}
        DESC STK3, 0, 0ffffh, A_DATA16 | A_RING3
        STACK3 "16-bit stack, push at SP 2 with a dword", 2, SS_, 0, {push eax}
        STACK3 "16-bit stack, push at SP 0, limit FFFFh", 77770000h, OK, NONE, {push word [wordword]}
        CHECK "SP wraps, the upper half stays", dword [rec.esp], 7777fffeh

        ; ---- execution ----
        DESC T, beyond - 100h, 0ffh, A_CODE
        DESC S, beyond - 0ffh, 0ffh, A_CODE
        TRY "run into the limit"
        mov byte [beyond - 1], 90h
        jmp T:0ffh
        CAUGHT GP, 0
        CHECK "EIP is beyond", dword [rec.eip], 100h
        TRY "INT 30h across the limit"
        jmp S:0ffh
        CAUGHT GP, 0
        CHECK "EIP is the instruction's", dword [rec.eip], 0ffh
        TRY "near jump beyond"
        mov byte [code_at], 0e9h
        mov dword [code_at + 1], 1000h - 5
        DESC T, code_at, 0ffh, A_CODE
        jmp T:0
        CAUGHT GP, 0
        CHECK "EIP is the jump's", dword [rec.eip], 0
        TRY "near jump back below 0"
        mov dword [code_at + 1], -100h - 5
        jmp T:0
        CAUGHT GP, 0
        CHECK "EIP is the jump's", dword [rec.eip], 0
        TRY "Jcc not taken does not look"
        mov dword [code_at], 1000840fh                          ; JZ rel32
        mov dword [code_at + 4], 30cd0000h
        or eax, 1
        jmp T:0
        CAUGHT OK, NONE
        TRY "Jcc taken beyond"
        xor eax, eax
        jmp T:0
        CAUGHT GP, 0
        CHECK "EIP is the jump's", dword [rec.eip], 0
        TRY "RET beyond: ESP stays"
        mov byte [code_at], 0c3h
        push dword 12345678h
        mov esi, esp
        jmp T:0
        CAUGHT GP, 0
        mov eax, [rec.esi]
        CHECK "ESP", dword [rec.esp], eax
        CHECK "EIP is RET's", dword [rec.eip], 0
        DONE

        times 256 db 90h
beyond: int OK
        times 8 nop
code_at times 512 db 0cch
wordword dd 0
image_end:
