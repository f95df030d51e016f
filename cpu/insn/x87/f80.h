/* f80.h - 80-bit extended-precision arithmetic in integers: the same on every host.
 * Follows: Intel SDM Vol. 1 "Data Types" (floating-point formats, NaNs) and "Programming with the x87 FPU" (exceptions and
 * their masked and unmasked responses).
 *
 * Every operation takes an environment, reads masks, precision and rounding from it and adds to its flags. A result that must
 * not be stored (an unmasked invalid operation, denormal operand or zero divide) is up to the caller: see f80_stored(). An
 * unmasked overflow or underflow in a register result returns the value with its exponent adjusted by 24576. */
#pragma once
#include "../../core.h"
#include "wide.h"

enum {  /* status word */
    FSW_IE = 1, FSW_DE = 2, FSW_ZE = 4, FSW_OE = 8, FSW_UE = 0x10, FSW_PE = 0x20, FSW_SF = 0x40, FSW_ES = 0x80,
    FSW_C0 = 0x100, FSW_C1 = 0x200, FSW_C2 = 0x400, FSW_TOP = 0x3800, FSW_C3 = 0x4000, FSW_B = 0x8000,
    FSW_EXCEPTIONS = 0x3f, FSW_CC = FSW_C0 | FSW_C1 | FSW_C2 | FSW_C3
};
enum {  /* control word: masks in the places of the flags */
    FCW_PC = 0x300, FCW_PC24 = 0x000, FCW_PC53 = 0x200, FCW_PC64 = 0x300,
    FCW_RC = 0xc00, FCW_NEAREST = 0x000, FCW_DOWN = 0x400, FCW_UP = 0x800, FCW_CHOP = 0xc00,
    FCW_FIXED = 0x40, FCW_WRITABLE = 0x1f3f, FCW_INIT = 0x37f
};

struct f80_env {
    u16 control;                /* control word */
    u16 flags;                  /* FSW_* that the operations raised; C1: the result was rounded up */
    bool denormal;              /* an operand was a denormal before it was converted */
    u8 pad[3];
};
/* With nothing raised. In one store where the compiler can: it copies the whole soon after. */
static inline struct f80_env f80_env(u16 control)
{
    struct f80_env env = { .control = control };
    u64 word = control;
    if (!HOST_BIG_ENDIAN)
        memcpy(&env, &word, sizeof env);
    return env;
}

enum f80_class { F80_ZERO, F80_DENORMAL /* and pseudo-denormal */, F80_NORMAL, F80_INFINITY, F80_QNAN, F80_SNAN, F80_UNSUPPORTED };

#define F80_INTEGER_BIT 0x8000000000000000ull
#define F80_QUIET_BIT   0x4000000000000000ull
enum { F80_EXP = 0x7fff, F80_SIGN = 0x8000, F80_BIAS = 16383, F80_ADJUST = 24576 };

typedef struct f80 f80_binary(struct f80_env *env, struct f80 a, struct f80 b);

static inline struct f80 f80_make(bool sign, u32 exp, u64 significand)
{
    struct f80 r = { .significand = significand };
    u64 word = (u16)(exp | (u32)sign << 15);
    if (HOST_BIG_ENDIAN)
        r.se = (u16)word;
    else
        memcpy((u8 *)&r + offsetof(struct f80, se), &word, 8);    /* in one store: read back as a whole soon after */
    return r;
}
static inline struct f80 f80_indefinite(void) { return f80_make(true, F80_EXP, 0xc000000000000000ull); }
static inline struct f80 f80_infinity(bool sign) { return f80_make(sign, F80_EXP, F80_INTEGER_BIT); }
static inline struct f80 f80_zero(bool sign) { return f80_make(sign, 0, 0); }
static inline struct f80 f80_one(bool sign) { return f80_make(sign, F80_BIAS, F80_INTEGER_BIT); }
static inline bool f80_sign(struct f80 a) { return a.se >> 15; }
static inline bool f80_is_normal(struct f80 a)
{
    return (u32)(a.se & F80_EXP) - 1 < F80_EXP - 1 && (a.significand & F80_INTEGER_BIT);
}
static inline bool f80_is_nan(enum f80_class c) { return c >= F80_QNAN; }
enum f80_class f80_classify(struct f80 a);

/* May a register result be stored (and the stack popped)? Not with these three unmasked. */
static inline bool f80_stored(const struct f80_env *env)
{
    return !(env->flags & ~env->control & (FSW_IE | FSW_DE | FSW_ZE));
}
/* Note a denormal operand. True when the exception is unmasked: the operation ends. */
static inline bool f80_note_denormal(struct f80_env *env)
{
    env->flags |= FSW_DE;
    return !(env->control & FSW_DE);
}
static inline struct f80 f80_invalid(struct f80_env *env)
{
    env->flags |= FSW_IE;
    return f80_indefinite();
}

/* A finite nonzero number in parts: value = significand * 2^(exp - 16383 - 63), bit 63 set. */
struct f80_parts { u64 significand; i32 exp; bool sign; };
static inline struct f80_parts f80_unpack(struct f80 a)
{
    struct f80_parts p = { .significand = a.significand, .exp = a.se & F80_EXP, .sign = f80_sign(a) };
    if (unlikely(p.exp == 0 && p.significand)) {
        int shift = __builtin_clzll(p.significand);
        p.significand <<= shift;
        p.exp = 1 - shift;
    }
    return p;
}

/* Round hi.lo * 2^(exp - 16383 - 63) to `bits` (24, 53, 64) bits; hi has bit 63 set, lo's bit 0 is sticky. Overflow, underflow,
 * precision and C1 are decided here. */
struct f80 f80_round(struct f80_env *env, bool sign, i32 exp, u64 hi, u64 lo, int bits);
/* Bits of the control word's precision control. */
static inline int f80_precision(const struct f80_env *env)
{
    return (env->control & FCW_PC) == FCW_PC24 ? 24 : (env->control & FCW_PC) == FCW_PC53 ? 53 : 64;
}
/* Is the magnitude to be raised? rest is what is cut off, half the weight of half a unit. */
bool f80_rounds_up(const struct f80_env *env, bool sign, bool odd, u128 rest, u128 half);

/* If a or b is a NaN or unsupported: *r is the result by the rules for NaNs, true. */
bool f80_nan_result(struct f80_env *env, struct f80 a, struct f80 b, struct f80 *r);

/* f80.c: arithmetic under precision control. */
f80_binary f80_add, f80_sub, f80_mul, f80_div;
f80_binary f80_subr, f80_divr;                          /* b - a, b / a */
struct f80 f80_sqrt(struct f80_env *env, struct f80 a);

/* f80_more.c: always in 64 bits. */
struct f80 f80_round_to_int(struct f80_env *env, struct f80 a);
f80_binary f80_scale;                                   /* a * 2^trunc(b) */
/* The exponent as a number is returned, the significand goes to *significand. */
struct f80 f80_extract(struct f80_env *env, struct f80 a, struct f80 *significand);
/* FPREM (nearest = false) or FPREM1. *cc gets C0, C3, C1 (quotient bits 2, 1, 0) or C2 for a partial remainder. */
struct f80 f80_remainder(struct f80_env *env, struct f80 a, struct f80 b, bool nearest, u16 *cc);
/* C3, C2, C0 as FCOM sets them. quiet: QNaNs do not raise invalid operation. */
u16 f80_compare(struct f80_env *env, struct f80 a, struct f80 b, bool quiet);
/* C3, C2, C1, C0 as FXAM sets them for a register that is not empty. */
u16 f80_examine(struct f80 a);

/* f80_convert.c. f80_from_f32/f64 as operands of arithmetic: a denormal is noted in env->denormal, an SNaN stays one. */
struct f80 f80_from_f32(struct f80_env *env, u32 v);
struct f80 f80_from_f64(struct f80_env *env, u64 v);
struct f80 f80_from_i64(i64 v);
/* As FLD does: an SNaN is made quiet (invalid operation), a denormal is noted as an exception. */
struct f80 f80_load_f32(struct f80_env *env, u32 v);
struct f80 f80_load_f64(struct f80_env *env, u64 v);
/* To memory formats. False: an unmasked exception, nothing is to be stored. */
bool f80_to_f32(struct f80_env *env, struct f80 a, u32 *v);
bool f80_to_f64(struct f80_env *env, struct f80 a, u64 *v);
/* To an integer of `bits` (16, 32, 64) bits in *v; chop overrides the rounding control (FISTTP). */
bool f80_to_int(struct f80_env *env, struct f80 a, int bits, bool chop, i64 *v);
/* Packed decimal, ten bytes. */
struct f80 f80_from_bcd(const u8 bcd[10]);
bool f80_to_bcd(struct f80_env *env, struct f80 a, u8 bcd[10]);

/* f80_transcendental.c. Angles are reduced by the 66-bit pi. Rounded once, always to 64 bits. */
enum f80_constant { F80_LD1, F80_LDL2T, F80_LDL2E, F80_LDPI, F80_LDLG2, F80_LDLN2, F80_LDZ };
struct f80 f80_constant(enum f80_constant which, u16 control);
/* False: |a| >= 2^63, out of range (C2). sine and cosine may be NULL. */
bool f80_sincos(struct f80_env *env, struct f80 a, struct f80 *sine, struct f80 *cosine);
bool f80_tan(struct f80_env *env, struct f80 a, struct f80 *tangent);
f80_binary f80_atan;                                    /* arctan(a / b) by quadrant */
f80_binary f80_yl2x, f80_yl2xp1;                        /* a * log2(b), a * log2(b + 1) */
struct f80 f80_2xm1(struct f80_env *env, struct f80 a);
