; Self-modifying code: each time the immediate of the instruction that comes next is written.
OPS     equ 4000
setup:  ret
round:  mov ecx, OPS
        xor edx, edx
.more:  mov [.patch + 2], ecx
.patch: add edx, 12345678h
        dec ecx
        jnz .more
        add [sum], edx
        ret
