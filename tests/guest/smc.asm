; smc.asm - self-modifying code: the next instruction, the same page, another page, by string instructions, through another
; linear address of the same memory, by PUSH, by an x87 store, by DMA-like copies; code that is run again after a change.
; Follows: Intel SDM Vol. 3A "Handling Self- and Cross-Modifying Code" (a jump between the store and the code is enough on
; every processor; P6 processors also see a store to the next instruction).
%define GUEST "smc"
%include "lib.inc"
%include "pages.inc"

ALIAS equ WIN                   ; the same page at another address

main:
        ; ---- the next instruction ----
        TRY "byte of the next instruction"
        xor ebx, ebx
        mov byte [.n1], 43h                     ; INC EBX for INC ECX
  .n1:  inc ecx
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 1
        TRY "immediate of the next instruction"
        mov dword [.n2 + 1], 2222h
  .n2:  mov eax, 1111h
        CAUGHT OK, NONE
        CHECK "EAX", dword [rec.eax], 2222h
        TRY "an instruction becomes two"
        xor ebx, ebx
        mov word [.n3], 4343h
  .n3:  xor ebx, ebx
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 2
        TRY "an instruction overwrites itself"
        mov eax, 90909090h
        mov edi, .n4
        mov ecx, 1
  .n4:  rep stosd                               ; F3 AB and the two bytes after it
        jmp short .n4e
  .n4e: CAUGHT OK, NONE
        CHECK "EDI", dword [rec.edi], .n4 + 4
        TRY "REP MOVSB over its own continuation"
        xor ebx, ebx
        mov esi, five_inc
        mov edi, .n5
        mov ecx, 5
        rep movsb
  .n5:  nop
        nop
        nop
        nop
        nop
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 5
        TRY "REP STOSB that overwrites its own prefix goes on as it began or not; what follows is new"
        xor ebx, ebx
        mov edi, .n6
        mov ecx, 3
        mov al, 43h
        rep stosb
  .n6:  nop
        nop
        nop
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 3
        TRY "PUSH onto the code that follows"
        xor ebx, ebx
        mov edx, esp
        mov esp, .n7 + 4
        push dword 43434343h
  .n7:  nop
        nop
        nop
        nop
        mov esp, edx
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 4
        TRY "CALL's return address is code"
        mov edx, esp
        mov esp, .n8 + 8
        mov eax, .n8 + 8
        call .n8c
  .n8:  times 8 nop
  .n8c: mov ecx, [.n8 + 4]
        mov esp, edx
        CAUGHT OK, NONE
        CHECK "pushed", dword [rec.ecx], smc_n8
        TRY "FST over the next instruction"
        fild qword [four_inc]
        xor ebx, ebx
        fistp qword [.n9]
  .n9:  times 8 nop
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 4
        TRY "XADD, CMPXCHG and BTS over the next instruction"
        xor ebx, ebx
        xor eax, eax
        mov al, 90h
        mov cl, 43h
        cmpxchg [.n10], cl
  .n10: nop
        mov ecx, 43434343h - 90909090h
        xadd [.n11], ecx
  .n11: times 4 nop
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 5

        ; ---- an instruction of the same loop, changed in every round ----
        TRY "a loop that changes itself"
        xor ebx, ebx
        mov ecx, 100
        mov byte [.l2 + 2], 1
  .l1:
  .l2:  add ebx, byte 1
        inc byte [.l2 + 2]
        and byte [.l2 + 2], 3fh
        dec ecx
        jnz .l1
        CAUGHT OK, NONE
        CHECK "sum", dword [rec.ebx], 2682
        TRY "a routine that is changed between its calls"
        xor ebx, ebx
        mov ecx, 200
  .l3:  mov eax, ecx
        and eax, 7fh
        mov [routine + 2], al
        call routine
        dec ecx
        jnz .l3
        CAUGHT OK, NONE
        CHECK "sum", dword [rec.ebx], 127 * 64 + 72 * 73 / 2
        TRY "data beside code in its line"
        xor ebx, ebx
        mov ecx, 1000
  .l4:  call counter
        dec ecx
        jnz .l4
        CAUGHT OK, NONE
        CHECK "counter", dword [counter_value], 1000
        TRY "a target of a jump that is taken already"
        mov ecx, 10
        xor ebx, ebx
  .l5:  call .l6
        cmp ecx, 5
        jne .l7
        mov byte [.l6], 4bh                     ; DEC EBX
  .l7:  dec ecx
        jnz .l5
        jmp .l8
  .l6:  inc ebx
        ret
  .l8:  CAUGHT OK, NONE
        CHECK "6 up, 4 down", dword [rec.ebx], 2

        ; ---- across pages, and across a page boundary ----
        mov edi, PAGES
        mov byte [edi + 0ffeh], 0b8h
        mov dword [edi + 0fffh], 11111111h
        mov byte [edi + 1003h], 0c3h
        lea ebp, [edi + 0ffeh]
        call ebp
        CHECK "across a page", eax, 11111111h
        mov byte [edi + 1002h], 22h
        call ebp
        CHECK "the second page's part changed", eax, 22111111h
        mov byte [edi + 0fffh], 33h
        call ebp
        CHECK "the first page's part changed", eax, 22111133h

        ; ---- through an alias, paging on ----
        call make_pages
        mov dword [PT1], PAGES + 3
        mov dword [PT1 + 4], PAGES + 1003h
        PAGING_ON
        mov esi, template
        mov edi, PAGES
        mov ecx, template_end - template
        rep movsb
        mov ebp, PAGES
        call ebp
        CHECK "before", eax, 1000h
        mov dword [ALIAS + 1], 2000h
        call ebp
        CHECK "changed through the alias", eax, 2000h
        mov ebp, ALIAS
        call ebp
        CHECK "run through the alias", eax, 2000h
        mov dword [PAGES + 1], 3000h
        call ebp
        CHECK "changed through the first address", eax, 3000h
        ; code that changes itself through the alias, the next instruction
        TRY "next instruction, through the alias"
        mov esi, template2
        mov edi, PAGES + 100h
        mov ecx, template2_end - template2
        rep movsb
        xor ebx, ebx
        mov ebp, PAGES + 100h
        call ebp
        CAUGHT OK, NONE
        CHECK "EBX", dword [rec.ebx], 1
        ; another page under the same address
        mov byte [PAGES + 1000h], 0b8h
        mov dword [PAGES + 1001h], 7777h
        mov byte [PAGES + 1005h], 0c3h
        mov ebp, ALIAS
        call ebp
        CHECK "first page", eax, 3000h
        mov dword [PT1], PAGES + 1003h
        invlpg [ALIAS]
        call ebp
        CHECK "another page after INVLPG", eax, 7777h
        mov dword [PT1], PAGES + 3
        mov eax, cr3
        mov cr3, eax
        call ebp
        CHECK "the first again after MOV CR3", eax, 3000h
        ; the page table is written as data, and code lies in the page table's page
        SET_CR0 7fffffffh, 0
        DONE

smc_n8  equ main.n8
five_inc db 43h, 43h, 43h, 43h, 43h
four_inc db 43h, 43h, 43h, 43h, 90h, 90h, 90h, 90h
routine: add ebx, byte 0
        ret
counter: inc dword [counter_value]
        jmp short counted
counter_value dd 0
counted: ret
template:
        mov eax, 1000h
        ret
template_end:
template2:
        mov byte [ALIAS + 107h], 43h            ; 7 bytes: the next one
        nop
        ret
template2_end:
image_end:
