/* host_x87.h - the x87 of the host that runs the tests, one instruction at a time, as a judge. x86 hosts only.
 * Each function runs one instruction on two register operands under a control word; exceptions never trap, because only
 * non-waiting instructions follow until they are cleared. */
#pragma once
#include "../../cpu/insn/x87/f80.h"

#if defined(__x86_64__) || defined(__i386__)
enum { HOST_X87 = 1 };

struct host_f80 { u8 b[16]; };
static inline struct host_f80 host_of(struct f80 a)
{
    struct host_f80 h = { { 0 } };
    put64(h.b, a.significand);
    put16(h.b + 8, a.se);
    return h;
}
static inline struct f80 host_to(struct host_f80 h) { return f80_make(false, get16(h.b + 8), get64(h.b)); }

#define HOST_BINARY(X) X(fadd, "fadd %%st(1), %%st") X(fsub, "fsub %%st(1), %%st") X(fmul, "fmul %%st(1), %%st") \
    X(fdiv, "fdiv %%st(1), %%st") X(fsubr, "fsubr %%st(1), %%st") X(fdivr, "fdivr %%st(1), %%st") \
    X(fprem, "fprem") X(fprem1, "fprem1") X(fscale, "fscale") X(fsqrt, "fsqrt") X(frndint, "frndint") \
    X(fcom, "fcom") X(fucom, "fucom") X(fxam, "fxam") X(ftst, "ftst") X(f2xm1, "f2xm1") X(fsin, "fsin") X(fcos, "fcos")
/* ST(0) = a, ST(1) = b; returns ST(0) afterwards. */
#define X(name, text) \
    static inline struct f80 host_##name(u16 cw, struct f80 a, struct f80 b, u16 *sw) \
    { \
        struct host_f80 x = host_of(a), y = host_of(b), r; \
        u16 init = 0x37f; \
        __asm__ volatile("fninit\n\tfldt %3\n\tfldt %2\n\tfldcw %4\n\t" text "\n\tfnstsw %1\n\tfnclex\n\tfldcw %5\n\t" \
                         "fstpt %0\n\tfninit" \
                         : "=m"(r), "=m"(*sw) : "m"(x), "m"(y), "m"(cw), "m"(init) : "memory", "cc"); \
        return host_to(r); \
    }
HOST_BINARY(X)
#undef X

/* Instructions that pop: the result was ST(1) = b. And those that push: two results, *top the new ST(0). */
#define HOST_POP(X) X(fpatan, "fpatan") X(fyl2x, "fyl2x") X(fyl2xp1, "fyl2xp1")
#define X(name, text) \
    static inline struct f80 host_##name(u16 cw, struct f80 a, struct f80 b, u16 *sw) \
    { \
        struct host_f80 x = host_of(a), y = host_of(b), r; \
        u16 init = 0x37f; \
        __asm__ volatile("fninit\n\tfldt %3\n\tfldt %2\n\tfldcw %4\n\t" text "\n\tfnstsw %1\n\tfnclex\n\tfldcw %5\n\t" \
                         "fstpt %0\n\tfninit" \
                         : "=m"(r), "=m"(*sw) : "m"(x), "m"(y), "m"(cw), "m"(init) : "memory", "cc"); \
        return host_to(r); \
    }
HOST_POP(X)
#undef X

#define HOST_PUSH(X) X(fxtract, "fxtract") X(fsincos, "fsincos") X(fptan, "fptan")
#define X(name, text) \
    static inline struct f80 host_##name(u16 cw, struct f80 a, struct f80 *top, u16 *sw) \
    { \
        struct host_f80 x = host_of(a), r, t; \
        u16 init = 0x37f; \
        __asm__ volatile("fninit\n\tfldt %3\n\tfldcw %4\n\t" text "\n\tfnstsw %1\n\tfnclex\n\tfldcw %5\n\t" \
                         "fstpt %2\n\tfstpt %0\n\tfninit" \
                         : "=m"(r), "=m"(*sw), "=m"(t) : "m"(x), "m"(cw), "m"(init) : "memory", "cc"); \
        *top = host_to(t); \
        return host_to(r); \
    }
HOST_PUSH(X)
#undef X

/* Stores: the memory operand is written only when it is stored. */
#define HOST_STORE(X) X(fst32, "fsts") X(fst64, "fstl") X(fist16, "fists") X(fist32, "fistl") X(fistp64, "fistpll") \
    X(fbstp, "fbstp")
#define X(name, text) \
    static inline void host_##name(u16 cw, struct f80 a, u8 *m, u16 *sw) \
    { \
        struct host_f80 x = host_of(a); \
        u16 init = 0x37f; \
        __asm__ volatile("fninit\n\tfldt %2\n\tfldcw %3\n\t" text " (%1)\n\tfnstsw %0\n\tfnclex\n\tfldcw %4\n\tfninit" \
                         : "=m"(*sw) : "r"(m), "m"(x), "m"(cw), "m"(init) : "memory", "cc"); \
    }
HOST_STORE(X)
#undef X

#define HOST_LOAD(X) X(fld32, "flds") X(fld64, "fldl") X(fild16, "filds") X(fild32, "fildl") X(fild64, "fildll") X(fbld, "fbld")
#define X(name, text) \
    static inline struct f80 host_##name(u16 cw, const u8 *m, u16 *sw) \
    { \
        struct host_f80 r; \
        u16 init = 0x37f; \
        __asm__ volatile("fninit\n\tfldz\n\tfldcw %3\n\t" text " (%2)\n\tfnstsw %1\n\tfnclex\n\tfldcw %4\n\tfstpt %0\n\tfninit" \
                         : "=m"(r), "=m"(*sw) : "r"(m), "m"(cw), "m"(init) : "memory", "cc"); \
        return host_to(r); \
    }
HOST_LOAD(X)
#undef X

/* Arithmetic with a memory operand. */
#define HOST_MEMORY(X) X(fadd32, "fadds") X(fadd64, "faddl") X(fdiv64, "fdivl") X(fsubr32, "fsubrs") X(fcom32, "fcoms") X(fcom64, "fcoml")
#define X(name, text) \
    static inline struct f80 host_##name(u16 cw, struct f80 a, const u8 *m, u16 *sw) \
    { \
        struct host_f80 x = host_of(a), r; \
        u16 init = 0x37f; \
        __asm__ volatile("fninit\n\tfldt %3\n\tfldcw %4\n\t" text " (%2)\n\tfnstsw %1\n\tfnclex\n\tfldcw %5\n\tfstpt %0\n\tfninit" \
                         : "=m"(r), "=m"(*sw) : "r"(m), "m"(x), "m"(cw), "m"(init) : "memory", "cc"); \
        return host_to(r); \
    }
HOST_MEMORY(X)
#undef X
#else
enum { HOST_X87 = 0 };
#endif
