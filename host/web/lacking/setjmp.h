/* setjmp.h - C's, which wasi-libc has not: a longjmp is an exception of WebAssembly. What clang makes of these two by -wasm-enable-sjlj
 * calls ../unwind.c. */
#pragma once

struct unwind_buffer {
    void *frame;                        /* of the setjmp: its number for the compiler */
    unsigned label;
    struct { void *buffer; int value; } thrown;
};
typedef struct unwind_buffer jmp_buf[1];

int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);
