; 20,000 blocks of five instructions in random order, each jumping to another; or (INDIRECT) each by a table to any.
OPS     equ 20000                       ; blocks
TABLE   equ HEAP
CODE    equ BIG
SIZE    equ 32
INDEXES equ 32768                       ; the table's length: 15 bits of a random number
setup:  mov edi, TABLE
        mov ecx, OPS
        call cycle
        xor ebx, ebx
.lay:   mov edi, ebx
        shl edi, 5
        add edi, CODE
        mov esi, block
        mov ecx, block_end - block
        mov edx, edi
        rep movsb
        mov eax, ebx                    ; the constant
        add [edx + block.constant - block + 2], eax
        mov ebp, edx
        add ebp, block.leave - block + 6
        mov eax, out_of_it
        sub eax, ebp
        mov [edx + block.leave - block + 2], eax
%ifndef INDIRECT
        mov eax, [TABLE + ebx*4]
        shl eax, 5
        add eax, CODE
        mov ebp, edx
        add ebp, block.go - block + 5
        sub eax, ebp
        mov [edx + block.go - block + 1], eax
%endif
        inc ebx
        cmp ebx, OPS
        jb .lay
%ifdef INDIRECT
        mov ebx, INDEXES
.index: mov ecx, OPS
        call random
        shl eax, 5
        add eax, CODE
        mov [TABLE + ebx*4 - 4], eax
        dec ebx
        jnz .index
%endif
        ret
round:  mov ecx, OPS
        mov esi, TABLE
        mov eax, [sum]
        jmp CODE
out_of_it:
        mov [sum], eax
        ret
block:
%ifdef INDIRECT
        imul eax, eax, 1664525
.constant:
        add edx, 1013904223             ; as long as ADD EDX, imm32 is
        add eax, edx
        mov edi, eax
        shr edi, 17
        dec ecx
.leave: jz near block
        jmp [esi + edi*4]
%else
.constant:
        add edx, 1013904223
        xor eax, edx
        dec ecx
.leave: jz near block
.go:    jmp near block
%endif
block_end:
