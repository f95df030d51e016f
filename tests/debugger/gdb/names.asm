; names.asm - a program of 32 bits, which tells gdb no more than that.
        global start
start:  ret
