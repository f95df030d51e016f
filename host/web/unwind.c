/* unwind.c - setjmp and longjmp, and what Debian's compiler-rt asks of a C library.
 * Follows: the WebAssembly exception handling proposal; LLVM's lib/Target/WebAssembly/WebAssemblyLowerEmscriptenEHSjLj.cpp, the
 * comment at its head: "SjLj handling using Wasm EH instructions" names these functions and what they are to do. */
#include "../base.h"
#include "lacking/setjmp.h"

enum { TAG_LONGJMP = 1 };               /* of __builtin_wasm_throw: the tag that stands for C's longjmp */

void __wasm_setjmp(struct unwind_buffer *b, u32 label, void *frame);
u32 __wasm_setjmp_test(struct unwind_buffer *b, void *frame);
_Noreturn void __wasm_longjmp(struct unwind_buffer *b, int value);

/* Here a setjmp was: `label` in the function that runs as `frame`. */
void __wasm_setjmp(struct unwind_buffer *b, u32 label, void *frame)
{
    b->frame = frame;
    b->label = label;
}

/* Was it in that one? 0: no. */
u32 __wasm_setjmp_test(struct unwind_buffer *b, void *frame) { return b->frame == frame ? b->label : 0; }

_Noreturn void __wasm_longjmp(struct unwind_buffer *b, int value)
{
    b->thrown.buffer = b;
    b->thrown.value = value ? value : 1;
    __builtin_wasm_throw(TAG_LONGJMP, &b->thrown);
}

/* Debian's compiler-rt was compiled with a stack protector, of which wasi-libc has nothing. */
extern const uintptr_t __stack_chk_guard;
const uintptr_t __stack_chk_guard = 0x5bd1e995;
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void) { __builtin_trap(); }
