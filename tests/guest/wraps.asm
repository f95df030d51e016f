; wraps.asm - limits where addresses wrap: 16-bit offsets at 64 KB, instruction pointers at 64 KB and at the limit, stacks of
; both sizes, expand-down segments of both sizes at each of their edges, linear addresses at 4 GB.
; Follows: Intel SDM Vol. 3A "Limit Checking", "Segment Descriptors" (expand-down, D/B); Vol. 1 "Stack Alignment"; Vol. 2 "PUSH",
; "CALL", "JMP". What wraps inside a 4 GB segment may fault or not: left out.
%define GUEST "wraps"
%include "lib.inc"

S    equ FREE                   ; data
T    equ FREE + 8h              ; code
STK  equ FREE + 10h             ; stack of ring 3
A_DOWN equ 4

%macro ONE 4                    ; name, vector, error, instruction with FS
        TRY %1
        mov eax, S
        mov fs, ax
        AT
        %4
        CAUGHT %2, %3
%endmacro
%macro EDGE 5                   ; the same with a name of two parts
  %strcat %%name %1, %2
        TRY %%name
        mov eax, S
        mov fs, ax
        AT
        %5
        CAUGHT %3, %4
%endmacro
; Widths at an edge: the last address that is good for 1, 2, 4, 8 and 10 bytes; one more is bad.
%macro UPPER_EDGE 2             ; name, last offset
        EDGE %1, ", byte", OK, NONE, {mov al, [fs:%2]}
        EDGE %1, ", word", OK, NONE, {mov ax, [fs:%2 - 1]}
        EDGE %1, ", word over", GP, 0, {mov ax, [fs:%2]}
        EDGE %1, ", dword", OK, NONE, {mov eax, [fs:%2 - 3]}
        EDGE %1, ", dword over", GP, 0, {mov [fs:%2 - 2], eax}
        EDGE %1, ", qword", OK, NONE, {fld qword [fs:%2 - 7]}
        EDGE %1, ", qword over", GP, 0, {fld qword [fs:%2 - 6]}
        EDGE %1, ", tbyte", OK, NONE, {fld tword [fs:%2 - 9]}
        EDGE %1, ", tbyte over", GP, 0, {fld tword [fs:%2 - 8]}
        EDGE %1, ", environment", OK, NONE, {fnstenv [fs:%2 - 27]}
        EDGE %1, ", environment over", GP, 0, {fnstenv [fs:%2 - 26]}
        EDGE %1, ", state over", GP, 0, {fnsave [fs:%2 - 106]}
        fninit
%endmacro
%macro STACK 5                  ; name, ESP, vector, error, instruction: in ring 3 with SS = STK
        TRY %1
        USER
        mov eax, STK | 3
        mov ss, ax
        mov esp, %2
        AT
        %5
        CAUGHT %3, %4
%endmacro

main:
        ; ---- every width at each kind of upper edge ----
        DESC S, FREE_HIGH, 0fffh, A_DATA
        UPPER_EDGE "limit FFFh", 0fffh
        DESC S, FREE_HIGH, 1, A_DATA | A_4K
        UPPER_EDGE "limit 1 in pages", 1fffh
        DESC S, FREE_HIGH, 0ffffh, A_DATA16
        UPPER_EDGE "limit FFFFh", 0ffffh
        DESC S, FREE_HIGH, 0fffh, A_DATA16 | A_DOWN
        UPPER_EDGE "expand-down, B clear", 0ffffh
        DESC S, FREE_HIGH, 0, A_DATA
        ONE "limit 0, byte 0", OK, NONE, {mov al, [fs:0]}
        ONE "limit 0, word", GP, 0, {mov ax, [fs:0]}
        ONE "limit 0, byte 1", GP, 0, {mov al, [fs:1]}

        ; ---- lower edges of expand-down segments ----
%macro LOWER_EDGE 2             ; name, limit
        EDGE %1, ", at the limit", GP, 0, {mov al, [fs:%2]}
        EDGE %1, ", just above", OK, NONE, {mov al, [fs:%2 + 1]}
        EDGE %1, ", word above", OK, NONE, {mov ax, [fs:%2 + 1]}
        EDGE %1, ", word across", GP, 0, {mov ax, [fs:%2]}
        EDGE %1, ", dword across", GP, 0, {mov eax, [fs:%2 - 2]}
        EDGE %1, ", 0", GP, 0, {mov al, [fs:0]}
        EDGE %1, ", store below", GP, 0, {mov [fs:%2 - 8], eax}
%endmacro
        DESC S, FREE_HIGH, 1000h, A_DATA16 | A_DOWN
        LOWER_EDGE "expand-down, B clear, limit 1000h", 1000h
        DESC S, FREE_HIGH, 1000h, A_DATA | A_DOWN
        LOWER_EDGE "expand-down, B set, limit 1000h", 1000h
        ONE "expand-down, B set: FFFFh", OK, NONE, {mov ax, [fs:0ffffh]}
        DESC S, FREE_HIGH, 1, A_DATA | A_4K | A_DOWN
        LOWER_EDGE "expand-down, limit 1 in pages", 1fffh
        DESC S, FREE_HIGH, 0ffffh, A_DATA16 | A_DOWN
        ONE "expand-down, B clear, limit FFFFh: nothing", GP, 0, {mov al, [fs:0ffffh]}
        ONE "expand-down, B clear, limit FFFFh: 10000h", GP, 0, {mov al, [fs:10000h]}
        DESC S, FREE_HIGH, 0fffeh, A_DATA16 | A_DOWN
        ONE "expand-down, B clear, limit FFFEh: one byte", OK, NONE, {mov al, [fs:0ffffh]}
        ONE "expand-down, B clear, limit FFFEh: a word", GP, 0, {mov ax, [fs:0ffffh]}
        ; below its own limit an expand-down segment of ES: string instructions go down into it
        DESC S, FREE_HIGH, 1003h, A_DATA | A_DOWN
        TRY "STD, REP STOSB runs into the limit"
        mov eax, S
        mov es, ax
        mov edi, 1008h
        mov ecx, 10
        std
        AT
        rep stosb
        CAUGHT GP, 0
        CHECK "EDI", dword [rec.edi], 1003h
        CHECK "ECX", dword [rec.ecx], 5

        ; ---- 16-bit addresses wrap at 64 KB within the segment ----
        DESC S, FREE_HIGH, 1ffffh, A_DATA
        mov dword [FREE_HIGH], 0a1a2a3a4h
        mov dword [FREE_HIGH + 0fffch], 0b1b2b3b4h
        mov dword [FREE_HIGH + 10000h], 0c1c2c3c4h
        TRY "16-bit address: BX + SI wraps"
        mov eax, S
        mov fs, ax
        mov ebx, 12348000h
        mov esi, 56788000h
        mov eax, [fs:bx + si]
        CAUGHT OK, NONE
        CHECK "at 0", dword [rec.eax], 0a1a2a3a4h
        TRY "16-bit address FFFEh, dword: goes on at 10000h, it does not wrap"
        mov eax, S
        mov fs, ax
        mov ebx, 0fffeh
        mov eax, [fs:bx]
        CAUGHT OK, NONE
        CHECK "across 64 KB", dword [rec.eax], 0c3c4b1b2h
        DESC S, FREE_HIGH, 0ffffh, A_DATA
        TRY "... beyond a limit of FFFFh"
        mov eax, S
        mov fs, ax
        mov ebx, 0fffeh
        AT
        mov eax, [fs:bx]
        CAUGHT GP, 0
        TRY "A16 string instruction: SI and DI wrap"
        mov eax, S
        mov fs, ax
        mov es, ax
        mov esi, 1234fffeh
        mov edi, 56780100h
        mov ecx, 9abc0002h
        a16 rep fs movsw
        CAUGHT OK, NONE
        CHECK "SI", dword [rec.esi], 12340002h
        CHECK "DI", dword [rec.edi], 56780104h
        CHECK "CX", dword [rec.ecx], 9abc0000h
        CHECK "moved", dword [FREE_HIGH + 100h], 0a3a4b1b2h
        TRY "A16 LOOP counts CX"
        mov ecx, 00010001h
        a16 loop .never
        CAUGHT OK, NONE
        CHECK "ECX", dword [rec.ecx], 10000h
  .never:
        ; ---- stacks ----
        DESC STK, 5000h, 0fffh, A_DATA | A_RING3
        STACK "32-bit stack, push at 1000h: the first that fits", 1000h, OK, NONE, {push eax}
        STACK "push at 1001h", 1001h, SS_, 0, {push eax}
        STACK "PUSHAD at 20h", 20h, OK, NONE, {pushad}
        STACK "PUSHAD at 1ch", 1ch, SS_, 0, {pushad}
        STACK "POPAD at FE0h", 0fe0h, OK, NONE, {popad}
        STACK "POPAD at FE4h", 0fe4h, SS_, 0, {popad}
        STACK "RET at FFCh", 0ffch, OK, NONE, {call set_ret}
        STACK "pop to memory beyond", 0ffdh, SS_, 0, {pop dword [ebx]}
        STACK "RET 8: ESP may go beyond", 0ffch, OK, NONE, {call set_ret8}
        STACK "ENTER 1000h, 0: the probe of the new ESP", 800h, SS_, 0, {enter 1000h, 0}
        DESC STK, 0, 0ffffh, A_DATA16 | A_RING3
        STACK "16-bit stack: push at SP 0 wraps", 12340000h, OK, NONE, {push eax}
        CHECK "ESP", dword [rec.esp], 1234fffch
        STACK "push at SP 1", 1, SS_, 0, {push ax}
        STACK "push of a dword at SP 2", 2, SS_, 0, {push eax}
        STACK "pop at SP FFFEh wraps SP", 5678fffeh, OK, NONE, {pop ax}
        CHECK "ESP", dword [rec.esp], 56780000h
        STACK "pop of a dword at FFFEh", 0fffeh, SS_, 0, {pop eax}
        STACK "address with ESP as base is not cut by B", 10000h, SS_, 0, {mov eax, [esp]}
        DESC STK, 0, 3fffh, A_DATA16 | A_RING3 | A_DOWN
        STACK "expand-down 16-bit stack, push at 4004h", 4004h, OK, NONE, {push eax}
        STACK "push at 4003h", 4003h, SS_, 0, {push eax}
        STACK "push at 4000h", 4000h, SS_, 0, {push ax}
        DESC STK, 0, 3fffh, A_DATA | A_RING3 | A_DOWN
        STACK "expand-down 32-bit stack, push at 4004h", 4004h, OK, NONE, {push eax}
        STACK "push at 4002h", 4002h, SS_, 0, {push eax}

        ; ---- the instruction pointer ----
        DESC T, FREE_HIGH, 0ffffh, A_CODE16
        mov dword [FREE_HIGH + 0fffeh], 90909090h
        TRY "16-bit code runs into 64 KB: #GP, IP does not wrap"
        jmp T:0fffeh
        CAUGHT GP, 0
        CHECK "EIP", dword [rec.eip], 10000h
        mov word [FREE_HIGH + 0fffeh], 0cd90h                   ; INT at FFFFh, its vector beyond
        TRY "an instruction across FFFFh"
        jmp T:0ffffh
        CAUGHT GP, 0
        CHECK "EIP", dword [rec.eip], 0ffffh
        mov dword [FREE_HIGH + 0fff0h], 90907eebh               ; JMP SHORT +7Eh: cut to 16 bits
        mov word [FREE_HIGH + 70h], 30cdh
        TRY "16-bit JMP SHORT wraps"
        jmp T:0fff0h
        CAUGHT OK, NONE
        CHECK_BITS "CS", [rec.cs], 0ffffh, T
        mov word [FREE_HIGH + 10h], 80ebh                       ; JMP SHORT -80h
        mov word [FREE_HIGH + 0ff92h], 30cdh
        TRY "16-bit JMP SHORT wraps backwards"
        jmp T:10h
        CAUGHT OK, NONE
        mov dword [FREE_HIGH + 10h], 0ffffe966h                 ; JMP rel32 with an operand prefix: not cut
        mov dword [FREE_HIGH + 14h], 90900000h
        TRY "JMP rel32 in 16-bit code is not cut"
        jmp T:10h
        CAUGHT GP, 0
        CHECK "EIP is the jump's", dword [rec.eip], 10h
        DESC T, FREE_HIGH, 1ffffh, A_CODE16
        mov byte [FREE_HIGH + 0fff0h], 0e8h                     ; CALL rel16
        mov word [FREE_HIGH + 0fff1h], 80h - 3 + 10h
        mov word [FREE_HIGH + 80h], 30cdh
        TRY "16-bit CALL wraps also where the limit is above"
        jmp T:0fff0h
        CAUGHT OK, NONE
        DESC T, FREE_HIGH, 0fh, A_CODE
        mov dword [FREE_HIGH + 8], 90909090h
        mov dword [FREE_HIGH + 12], 30cd9090h
        TRY "the last byte of the segment runs"
        jmp T:8
        CAUGHT OK, NONE
        TRY "LOOP beyond the limit: ECX stays"
        mov word [FREE_HIGH + 4], 7fe2h
        mov ecx, 5
        jmp T:4
        CAUGHT GP, 0
        CHECK "ECX", dword [rec.ecx], 5
        CHECK "EIP", dword [rec.eip], 4
        TRY "CALL beyond the limit: ESP stays"
        mov byte [FREE_HIGH + 4], 0e8h
        mov dword [FREE_HIGH + 5], 100h
        mov esi, esp
        jmp T:4
        CAUGHT GP, 0
        mov eax, [rec.esi]
        CHECK "ESP", dword [rec.esp], eax

        ; ---- base and offset wrap at 4 GB, for data and for code ----
        DESC S, 0ffff0000h, 0fffffh, A_DATA | A_4K
        mov dword [FREE_LOW], 0deadh
        TRY "base FFFF0000h"
        mov eax, S
        mov fs, ax
        mov eax, [fs:10000h + FREE_LOW]
        CAUGHT OK, NONE
        CHECK "read", dword [rec.eax], 0deadh
        DESC T, 0ffff0000h, 0fffffh, A_CODE | A_4K
        mov word [FREE_LOW], 30cdh
        TRY "code at base FFFF0000h"
        jmp T:10000h + FREE_LOW
        CAUGHT OK, NONE
        CHECK_BITS "CS", [rec.cs], 0ffffh, T
        DONE

; Called on the stack under test: puts a return address and returns through it.
set_ret:
        add esp, 4
        mov dword [esp], landed
        ret
set_ret8:
        add esp, 4
        mov dword [esp], landed
        ret 8
landed: int OK
image_end:
