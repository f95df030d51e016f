/* f80_bench.c - nanoseconds an operation of the 80-bit arithmetic, beside the host's own x87 where it has one.
 * Run: make -C build f80_bench && build/tests/bench/f80_bench
 * Operands are random and many, so that branches on them are not learnt. The least of several rounds is printed, and its ratio
 * to f80_div; processor time of this thread is what counts. */
#include <stdio.h>
#include <time.h>
#include "../../cpu/insn/x87/f80.h"

enum { MANY = 4096, ROUNDS = 15 };

struct operands { struct f80 a[MANY], b[MANY]; };

static u64 next(u64 *seed)
{
    *seed += 0x9e3779b97f4a7c15;
    u64 z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* Both of exponents from least to most; positive: b (the logarithms' argument) has no sign. */
static void fill(struct operands *o, i32 least, i32 most, bool positive)
{
    u64 seed = 1;
    for (int i = 0; i < MANY; i++) {
        u64 r = next(&seed);
        o->a[i] = f80_make(r >> 63, (u32)(F80_BIAS + least + (i32)((r >> 8 & 0xffff) % (u64)(most - least + 1))),
                           next(&seed) | F80_INTEGER_BIT);
        o->b[i] = f80_make(!positive && (r >> 62 & 1),
                           (u32)(F80_BIAS + least + (i32)((r >> 32 & 0xffff) % (u64)(most - least + 1))),
                           next(&seed) | F80_INTEGER_BIT);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct f80 fsin(struct f80_env *env, struct f80 a, struct f80 b)
{
    (void)b;
    f80_sincos(env, a, &a, NULL);
    return a;
}
static struct f80 fcos(struct f80_env *env, struct f80 a, struct f80 b)
{
    (void)b;
    f80_sincos(env, a, NULL, &a);
    return a;
}
static struct f80 fsincos(struct f80_env *env, struct f80 a, struct f80 b)
{
    f80_sincos(env, a, &a, &b);
    a.significand ^= b.significand;
    return a;
}
static struct f80 fptan(struct f80_env *env, struct f80 a, struct f80 b)
{
    (void)b;
    f80_tan(env, a, &a);
    return a;
}
static struct f80 f2xm1(struct f80_env *env, struct f80 a, struct f80 b) { (void)b; return f80_2xm1(env, a); }
static struct f80 root(struct f80_env *env, struct f80 a, struct f80 b) { (void)b; a.se &= F80_EXP; return f80_sqrt(env, a); }

#if defined(__x86_64__) || defined(__i386__)
/* The host's instructions on long doubles: ST(1) below, ST(0) on top; `pops` is how the result is left alone on the stack. */
#define HOST(X) X(add, "faddp") X(mul, "fmulp") X(div, "fdivrp") X(root, "fstp %%st(1)\n\tfabs\n\tfsqrt") \
    X(sin, "fstp %%st(1)\n\tfsin") X(cos, "fstp %%st(1)\n\tfcos") \
    X(sincos, "fstp %%st(1)\n\tfsincos\n\tfstp %%st(0)") X(tan, "fstp %%st(1)\n\tfptan\n\tfstp %%st(0)") \
    X(atan, "fpatan") X(exp, "fstp %%st(1)\n\tf2xm1") X(log, "fyl2x") X(log1, "fyl2xp1")
#define X(name, text) \
    static struct f80 host_##name(struct f80_env *env, struct f80 a, struct f80 b) \
    { \
        (void)env; \
        __asm__ volatile("fldt %0\n\tfldt %1\n\t" text "\n\tfstpt %0" : "+m"(a) : "m"(b) : "st", "st(1)", "cc"); \
        return a; \
    }
HOST(X)
#undef X
#else
#define host_add NULL
#define host_mul NULL
#define host_div NULL
#define host_root NULL
#define host_sin NULL
#define host_cos NULL
#define host_sincos NULL
#define host_tan NULL
#define host_atan NULL
#define host_exp NULL
#define host_log NULL
#define host_log1 NULL
#endif

static double measure(f80_binary *f, const struct operands *o)
{
    double least = 1e30;
    u64 sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int i = 0; i < MANY; i++) {
            struct f80_env env = f80_env(FCW_INIT);
            struct f80 r = f(&env, o->a[i], o->b[i]);
            sum += r.significand + env.flags;
        }
        double took = (now() - start) / MANY;
        least = took < least ? took : least;
    }
    if (sum == 1)
        putchar(' ');                                   /* the results are used */
    return least;
}

int main(void)
{
    static const struct { const char *name; f80_binary *f, *host; i32 least, most; bool positive; } rows[] = {
        { "add", f80_add, host_add, -5, 5, false }, { "multiply", f80_mul, host_mul, -5, 5, false },
        { "divide", f80_div, host_div, -5, 5, false }, { "square root", root, host_root, -5, 5, false },
        { "FSIN, to 4", fsin, host_sin, -8, 1, false }, { "FSIN, to 2^62", fsin, host_sin, 0, 62, false },
        { "FCOS, to 4", fcos, host_cos, -8, 1, false }, { "FSINCOS, to 4", fsincos, host_sincos, -8, 1, false },
        { "FPTAN, to 4", fptan, host_tan, -8, 1, false }, { "FPATAN", f80_atan, host_atan, -5, 5, false },
        { "F2XM1", f2xm1, host_exp, -10, -1, false }, { "FYL2X", f80_yl2x, host_log, -5, 5, true },
        { "FYL2XP1", f80_yl2xp1, host_log1, -10, -3, false },
    };
    static struct operands o;
    double divide = 1;

    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        fill(&o, rows[k].least, rows[k].most, rows[k].positive);
        double ours = measure(rows[k].f, &o);
        if (rows[k].f == f80_div)
            divide = ours;
        printf("%-14s %7.1f ns", rows[k].name, ours);
        printf(rows[k].f == f80_add || rows[k].f == f80_mul ? "         " : "  %5.1f x", ours / divide);
        if (rows[k].host)
            printf("   host's x87 %6.1f ns", measure(rows[k].host, &o));
        putchar('\n');
    }
    return 0;
}
