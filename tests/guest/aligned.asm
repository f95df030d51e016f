; aligned.asm - what each family of instructions must be aligned to: every address of a quadword against every operand, with
; #AC exactly where the table says; stack instructions; ring 0, AC and AM off.
; Follows: Intel SDM Vol. 3A "Interrupt 17 - Alignment Check Exception (#AC)" (table "Alignment Requirements by Data Type"),
; "Descriptor Tables" (SGDT: "MOD 4 is equal to 2").
%define GUEST "aligned"
%include "lib.inc"

AREA equ FREE_LOW               ; a multiple of 16, with valid data

; name, instruction, alignment mask, remainder that is good (0 mostly), what lies at the address (0): a row for `sweep`
%macro EACH 3-5 0, 0
        STRING_AT %%name, %1
        jmp near %%over
  %%code:
        %2
        int OK
  %%over:
        push dword %5
        push dword %4
        push dword %3
        push dword %%code
        push dword %%name
        call sweep
%endmacro
%macro STRING_AT 2
        jmp near %%over
  %1    db %2, 0
  %%over:
%endmacro

main:
        mov eax, cr0
        or eax, 40000h
        mov cr0, eax
        EACH "byte", {mov al, [ebx]}, 0
        EACH "word, read", {mov ax, [ebx]}, 1
        EACH "word, write", {mov [ebx], ax}, 1
        EACH "dword, read", {mov eax, [ebx]}, 3
        EACH "dword, write", {mov [ebx], eax}, 3
        EACH "ADD to memory", {add [ebx], eax}, 3
        EACH "CMP with memory", {cmp [ebx], eax}, 3
        EACH "SHL word", {shl word [ebx], 1}, 1
        EACH "SHLD", {shld [ebx], eax, 1}, 3
        EACH "NEG", {neg dword [ebx]}, 3
        EACH "IMUL", {imul eax, [ebx]}, 3
        EACH "MUL word", {mul word [ebx]}, 1
        EACH "MOVSX byte", {movsx eax, byte [ebx]}, 0
        EACH "MOVSX word", {movsx eax, word [ebx]}, 1
        EACH "XCHG", {xchg eax, [ebx]}, 3
        EACH "LOCK XADD", {lock xadd [ebx], eax}, 3
        EACH "CMPXCHG", {cmpxchg [ebx], eax}, 3
        EACH "CMPXCHG8B", {cmpxchg8b [ebx]}, 7
        EACH "BTS, immediate", {bts dword [ebx], 1}, 3
        EACH "BT word", {bt word [ebx], 1}, 1
        EACH "BSF", {bsf eax, [ebx]}, 3
        EACH "SETZ", {setz [ebx]}, 0
        EACH "CMOV that does not move reads all the same", {cmovo eax, [ebx]}, 3
        EACH "LEA", {lea eax, [ebx]}, 0
        EACH "NOP of no memory: INVLPG is privileged; PREFETCH is not there", nop, 0
        EACH "BOUND", {bound eax, [ebx]}, 3
        EACH "BOUND, words", {bound ax, [ebx]}, 1
        EACH "MOV to ES", {mov es, [ebx]}, 1
        EACH "LES, 48 bits", {les eax, [ebx]}, 3
        EACH "LFS, 32 bits", {lfs ax, [ebx]}, 1
        EACH "FLDENV", {fldenv [ebx]}, 3
        EACH "FRSTOR", {frstor [ebx]}, 3
        EACH "FRSTOR, 16 bits", {o16 frstor [ebx]}, 1
        EACH "FLDCW", {fldcw [ebx]}, 1, 0, 37fh
        EACH "ARPL", {arpl [ebx], ax}, 1
        EACH "LAR", {lar eax, [ebx]}, 1
        EACH "VERR", {verr [ebx]}, 1
        EACH "SLDT", {sldt [ebx]}, 1
        EACH "STR", {str [ebx]}, 1
        EACH "SMSW", {smsw [ebx]}, 1
        EACH "SGDT: the word and the dword behind it", {sgdt [ebx]}, 3, 2
        EACH "SIDT", {sidt [ebx]}, 3, 2
        EACH "MOV from DS", {mov [ebx], ds}, 1
        EACH "JMP near", {jmp [ebx]}, 3, 0, landed
        EACH "MOVSW", movsw, 1
        EACH "MOVSD", movsd, 3
        EACH "MOVSB", movsb, 0
        EACH "STOSD", stosd, 3
        EACH "LODSW", lodsw, 1
        EACH "SCASD", scasd, 3
        EACH "CMPSD", cmpsd, 3
        EACH "XLAT", xlatb, 0
        ; x87
        EACH "FLD single", {fld dword [ebx]}, 3
        EACH "FLD double", {fld qword [ebx]}, 7
        EACH "FLD extended", {fld tword [ebx]}, 7
        EACH "FST single", {fst dword [ebx]}, 3
        EACH "FSTP double", {fst qword [ebx]}, 7
        EACH "FSTP extended", {fstp tword [ebx]}, 7
        EACH "FADD double", {fadd qword [ebx]}, 7
        EACH "FCOM single", {fcom dword [ebx]}, 3
        EACH "FILD word", {fild word [ebx]}, 1
        EACH "FILD dword", {fild dword [ebx]}, 3
        EACH "FILD qword", {fild qword [ebx]}, 7
        EACH "FISTP qword", {fistp qword [ebx]}, 7
        EACH "FIST word", {fist word [ebx]}, 1
        EACH "FNSTCW", {fnstcw [ebx]}, 1
        EACH "FNSTSW", {fnstsw [ebx]}, 1
        EACH "FNSTENV", {fnstenv [ebx]}, 3
        EACH "FNSTENV, 16 bits", {o16 fnstenv [ebx]}, 1
        EACH "FNSAVE", {fnsave [ebx]}, 3
        EACH "FNSAVE, 16 bits", {o16 fnsave [ebx]}, 1
        SKIP_UNLESS "MMX", 23, .no_mmx
        EACH "MOVQ", {movq mm0, [ebx]}, 7
        EACH "MOVQ, write", {movq [ebx], mm0}, 7
        EACH "PADDB", {paddb mm0, [ebx]}, 7
        EACH "MOVD", {movd mm0, [ebx]}, 3
  .no_mmx:
        ; ---- the stack ----
        EACH "PUSH", {call push_at}, 3
        EACH "PUSH word", {call push16_at}, 1
        EACH "POP", {call pop_at}, 3
        EACH "PUSHAD", {call pushad_at}, 3
        EACH "PUSHFD", {call pushfd_at}, 3
        EACH "PUSHF", {call pushf_at}, 1
        EACH "LEAVE", {call leave_at}, 3
        EACH "ENTER", {call enter_at}, 3
        EACH "RET", {call ret_at}, 3, 0, landed
        EACH "CALL", {call call_at}, 3
        ; ---- not there ----
        mov ecx, 15
  .ring0:
        push ecx
        TRY "ring 0"
        push dword F_AC | 2
        popfd
        mov ecx, [esp]
        mov eax, [AREA + ecx]
        fld tword [AREA + ecx]
        CAUGHT OK, NONE
        fninit
        pop ecx
        dec ecx
        jnz .ring0
        mov eax, cr0
        and eax, ~40000h
        mov cr0, eax
        TRY "AM clear"
        USER F_AC | 2
        mov eax, [AREA + 1]
        fld tword [AREA + 1]
        push ax
        push eax
        CAUGHT OK, NONE
        fninit
        DONE

; On the stack: name, code, mask, remainder, filler. 16 addresses in EBX, ESI and EDI, with AC, AM, in ring 3. The area is
; zeros, and at the address lies what the instruction finds valid: a jump's target, a control word.
sweep:  mov ebp, esp
        mov dword [offset], 0
  .next:
        mov edi, AREA
        mov ecx, 100h
        xor eax, eax
        cld
        rep stosb
        mov ebx, AREA + 40h
        add ebx, [offset]
        mov eax, [ebp + 20]
        mov [ebx], eax
        mov eax, [ebp + 8]
        mov [code], eax
        mov [frame], ebp
        fninit
        TRY "alignment"
        USER F_AC | 2
        mov ebx, AREA + 40h
        add ebx, [offset]
        xor eax, eax
        xor ecx, ecx
        xor edx, edx
        mov esi, ebx
        mov edi, ebx
        jmp [code]
        CAUGHT_ANY
        mov ebp, [frame]
        mov eax, [rec.vec]
        shl eax, 16
        cmp dword [rec.vec], OK
        je .none
        mov ax, [rec.err]
  .none:
        mov ecx, [offset]
        mov edx, OK << 16
        and ecx, [ebp + 12]
        cmp ecx, [ebp + 16]
        je .good
        mov edx, AC << 16                       ; the error code is 0
  .good:
        mov ecx, [offset]
        shl ecx, 24
        or eax, ecx
        or edx, ecx
        push eax
        push edx
        push dword [ebp + 4]
        call check_equal
        inc dword [offset]
        cmp dword [offset], 16
        jb .next
        fninit
        ret 20
landed: int OK

push_at:
        mov esp, ebx
        push eax
        int OK
push16_at:
        mov esp, ebx
        push ax
        int OK
pop_at: mov esp, ebx
        pop eax
        int OK
pushad_at:
        mov esp, ebx
        pushad
        int OK
pushfd_at:
        mov esp, ebx
        pushfd
        int OK
pushf_at:
        mov esp, ebx
        pushfw
        int OK
leave_at:
        mov ebp, ebx
        leave
        int OK
enter_at:
        mov esp, ebx
        enter 0, 0
        int OK
ret_at: mov esp, ebx
        ret
call_at:
        mov esp, ebx
        call landed

        align 4
offset  dd 0
code    dd 0
frame   dd 0
image_end:
