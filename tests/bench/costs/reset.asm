; Resets by port CF9, each with all that the firmware does until the boot sector runs. The count lies where no firmware goes.
OPS     equ 1
MAGIC   equ 52455345h
setup:  cmp dword [BIG], MAGIC
        jne .first
        dec dword [BIG + 4]
        jz finish
        jmp round
.first: mov dword [BIG], MAGIC
        mov eax, [SCALE_AT]
        mov [BIG + 4], eax
        ret
round:  mov dx, 0cf9h
        mov al, 2
        out dx, al
        mov al, 6
        out dx, al
.wait:  hlt
        jmp .wait
