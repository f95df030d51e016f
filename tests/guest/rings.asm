; rings.asm - LAR, LSL, VERR, VERW and the loads of ES and SS for every type of descriptor, DPL, P, RPL and CPL; ARPL for all
; pairs of RPL.
; Follows: Intel SDM Vol. 2 "LAR", "LSL", "VERR/VERW", "ARPL", "MOV"; Vol. 3A "Privilege Level Checking When Accessing Data
; Segments", "Privilege Level Checking When Loading the SS Register".
%define GUEST "rings"
%include "lib.inc"

S     equ FREE                  ; the descriptor of the case
CODE1 equ FREE + 8h
CODE2 equ FREE + 10h
STK1  equ FREE + 18h
STK2  equ FREE + 20h

; A case is a number: type (4 bits) and S, DPL (2), P, RPL (2), CPL (2).
C_DPL equ 5
C_P   equ 7
C_RPL equ 8
C_CPL equ 10
CASES equ 1 << 12

main:
        DESC CODE1, 0, 0fffffh, A_CODE | A_4K | 20h
        DESC CODE2, 0, 0fffffh, A_CODE | A_4K | 40h
        DESC STK1, 0, 0fffffh, A_DATA | A_4K | 20h
        DESC STK2, 0, 0fffffh, A_DATA | A_4K | 40h
  .case:
        call describe
        TRY "LAR, LSL, VERR, VERW"
        call ring
        mov ebx, -1
        lar ecx, eax
        setz bl
        shl ebx, 8
        lsl ecx, eax
        setz bl
        shl ebx, 8
        verr ax
        setz bl
        shl ebx, 8
        verw ax
        setz bl
        CAUGHT_ANY
        mov eax, [rec.ebx]
        cmp dword [rec.vec], OK
        je .fine
        mov eax, [rec.vec]
  .fine:
        call expect_looks
        CHECK "LAR, LSL, VERR, VERW: a byte each", eax, ebx
        call describe
        TRY "MOV ES"
        call ring
        mov es, eax
        mov eax, es
        CAUGHT_ANY
        call expect_es
        call compare
        CHECK "MOV ES: CPL RPL P DPL type, vector", eax, ebx
        call describe
        TRY "MOV SS"
        call ring
        mov edx, ss
        mov ss, eax
        mov ss, edx
        CAUGHT_ANY
        call expect_ss
        call compare
        CHECK "MOV SS: CPL RPL P DPL type, vector", eax, ebx
        inc dword [case]
        cmp dword [case], CASES
        jb .case

        ; ---- what LAR and LSL give, G and D/B among it ----
        DESC S, 87654321h, 0abcdeh, 0c0f2h
        mov eax, S | 3
        lar ebx, eax
        and ebx, 00f0ff00h                                      ; bits 16 to 19 are undefined
        CHECK "LAR: G, D/B, type", ebx, 00c0f200h
        lsl ebx, eax
        CHECK "LSL", ebx, 0abcdefffh
        mov dword [value], S
        mov ecx, 12345678h
        lar ecx, [value]
        CHECK_FLAG "LAR of memory", F_ZF, F_ZF
        lsl ecx, [value]
        CHECK "LSL of memory", ecx, 0abcdefffh
        verr [value]
        CHECK_FLAG "VERR of memory", F_ZF, F_ZF
        ; memory is 16 bits wide, whatever the operand size
        DESC CODE1, FREE_LOW, 1, A_DATA
        mov word [FREE_LOW], S
        mov eax, CODE1
        mov fs, ax
        TRY "LAR of memory reads 2 bytes"
        mov eax, CODE1
        mov fs, ax
        lar ecx, [fs:0]
        lsl ecx, [fs:0]
        verw [fs:0]
        CAUGHT OK, NONE
        TRY "... and no fewer"
        mov eax, CODE1
        mov fs, ax
        AT
        lar ecx, [fs:1]
        CAUGHT GP, 0

        ; ---- ARPL ----
        mov dword [case], 0
  .arpl:
        mov eax, [case]
        mov ecx, eax
        and eax, 3
        shr ecx, 2
        mov edx, eax
        cmp ecx, eax
        jbe .same
        mov edx, ecx
  .same:
        or edx, 0aaaabbb8h
        or eax, 0aaaabbb8h
        or ecx, 12340000h
        mov ebx, eax
        stc
        arpl ax, cx
        sbb ebp, ebp
        CHECK "ARPL", eax, edx
        CHECK "ARPL keeps CF", ebp, -1
        cmp ebx, edx
        setne dl
        movzx edx, dl
        mov eax, ebx
        arpl ax, cx
        setz al
        movzx eax, al
        CHECK "ARPL: ZF", eax, edx
        inc dword [case]
        cmp dword [case], 16
        jb .arpl
        DESC S, FREE_LOW, 0ffh, A_DATA & ~2
        TRY "ARPL writes to read-only memory"
        mov eax, S
        mov fs, ax
        mov dword [FREE_LOW], 0
        mov ecx, 3
        AT
        arpl [fs:0], cx
        CAUGHT GP, 0
        DONE

; The descriptor of the case; EAX is its selector.
describe:
        mov eax, [case]
        mov ecx, eax
        and ecx, 0ffh
        or ecx, 4000h
        xor edx, edx
        mov dx, 0ffffh
        push eax
        xor eax, eax
        mov edi, gdt + S
        call make_descriptor
        pop eax
        shr eax, C_RPL
        and eax, 3
        or eax, S
        ret

; On in the ring of the case. Keeps EAX.
ring:   pop dword [.at]
        mov ecx, [case]
        shr ecx, C_CPL
        jz .zero
        mov edx, UDATA
        mov ds, edx
        mov es, edx
        movzx edx, word [.ss + ecx * 2]
        push edx
        push dword USER_STACK
        push dword 2
        movzx edx, word [.cs + ecx * 2]
        push edx
        push dword [.at]
        iretd
  .zero:
        jmp [.at]
        align 4
  .at   dd 0
  .ss   dw 0, STK1 | 1, STK2 | 2, UDATA
  .cs   dw 0, CODE1 | 1, CODE2 | 2, UCODE

; EAX, EBX: what came and what must have come, with the case above.
compare:
        movzx eax, byte [rec.vec]
        mov ecx, [case]
        shl ecx, 8
        or eax, ecx
        or ebx, ecx
        ret

; The parts of the case: CL type with S, CH DPL, DL RPL, DH CPL. ZF of `visible`: privilege allows.
parts:  mov ecx, [case]
        mov edx, ecx
        mov ebp, ecx
        and ecx, 1fh
        shr ebp, C_DPL
        and ebp, 3
        xchg eax, ebp
        mov ch, al
        xchg eax, ebp
        mov ebp, edx
        shr edx, C_RPL
        and edx, 3
        shr ebp, C_CPL
        xchg eax, ebp
        mov dh, al
        xchg eax, ebp
        ret
; CF: CPL or RPL above DPL, and not a conforming code segment.
hidden: push eax
        mov al, cl
        and al, 1ch
        cmp al, 1ch                             ; S, code, conforming
        je .no
        cmp ch, dl
        jb .end
        cmp ch, dh
        jb .end
  .no:  clc
  .end: pop eax
        ret

; EBX: LAR, LSL, VERR, VERW, a byte each. EAX stays.
expect_looks:
        push eax
        call parts
        xor ebx, ebx
        call hidden
        jc .end
        test cl, 10h
        jnz .segment
        movzx eax, cl
        mov esi, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12
        bt esi, eax
        jnc .no_lar
        or ebx, 1000000h
  .no_lar:
        mov esi, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11
        bt esi, eax
        jnc .end
        or ebx, 10000h
        jmp .end
  .segment:
        mov ebx, 1010000h
        test cl, 8
        jnz .code
        or ebx, 100h                            ; data is readable
        test cl, 2
        jz .end
        or ebx, 1
        jmp .end
  .code:
        test cl, 2
        jz .end
        or ebx, 100h
  .end: pop eax
        ret

; EBX: the vector of a load of ES, of SS.
expect_es:
        call parts
        mov ebx, GP
        test cl, 10h
        jz .end
        mov al, cl
        and al, 0ah
        cmp al, 8                               ; code that is not readable
        je .end
        call hidden
        jc .end
        mov ebx, NP
        test dword [case], 1 << C_P
        jz .end
        mov ebx, OK
  .end: ret
expect_ss:
        call parts
        mov ebx, GP
        mov al, cl
        and al, 1ah
        cmp al, 12h                             ; data, writable
        jne .end
        cmp dl, dh
        jne .end
        cmp ch, dh
        jne .end
        mov ebx, SS_
        test dword [case], 1 << C_P
        jz .end
        mov ebx, OK
  .end: ret

        align 4
case    dd 0
value   dd 0
image_end:
