/* f80_transcendental.c - FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1 and the constants.
 * Follows: Intel SDM Vol. 1 "Transcendental Instructions", "Approximation of Pi"; Vol. 2, the tables of special operands.
 * Here: special operands; f80_series.c computes the rest. Rounding control applies, precision control does not (SDM Vol. 1
 * "Precision Control Field" names what it is for). */
#include "f80_series.h"

/* Significands of 64 bits and the 64 that follow, and exponents: SDM Vol. 1 "Load Constant Instructions". */
struct f80 f80_constant(enum f80_constant which, u16 control)
{
    static const struct { u64 hi, lo; i32 exp; } value[] = {
        [F80_LD1]   = { 0x8000000000000000, 0x0000000000000000,  0 },
        [F80_LDL2T] = { 0xd49a784bcd1b8afe, 0x492bf6ff4dafdb4c,  1 },
        [F80_LDL2E] = { 0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88,  0 },
        [F80_LDPI]  = { 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1,  1 },
        [F80_LDLG2] = { 0x9a209a84fbcff798, 0x8f8959ac0b7c9178, -2 },
        [F80_LDLN2] = { 0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af, -1 },
    };
    struct f80_env env = { .control = control | FSW_EXCEPTIONS };

    if (which == F80_LDZ)
        return f80_zero(false);
    return f80_round(&env, false, value[which].exp + F80_BIAS, value[which].hi, value[which].lo, 64);
}

/* What the trigonometric functions have in common. True: *r is the result, or with *out C2, and it is the operand. */
static bool trig_special(struct f80_env *env, struct f80 a, struct f80 *r, bool *out)
{
    enum f80_class c = f80_classify(a);

    *out = false;
    *r = a;
    if (f80_nan_result(env, a, a, r))
        return true;
    if (c == F80_INFINITY) {
        *r = f80_invalid(env);
        return true;
    }
    if (c == F80_DENORMAL && f80_note_denormal(env))
        return true;
    *out = (a.se & F80_EXP) >= F80_BIAS + 63;
    return *out;
}

bool f80_sincos(struct f80_env *env, struct f80 a, struct f80 *sine, struct f80 *cosine)
{
    struct f80 r;
    bool out;

    if (likely(f80_is_normal(a) && (a.se & F80_EXP) < F80_BIAS + 63)) {
        f80_series_sincos(env, a, sine, cosine);
        return true;
    }
    if (trig_special(env, a, &r, &out)) {
        if (sine)
            *sine = r;
        if (cosine)
            *cosine = r;
        return !out;
    }
    if (f80_classify(a) != F80_ZERO) {
        f80_series_sincos(env, a, sine, cosine);
        return true;
    }
    if (sine)
        *sine = a;
    if (cosine)
        *cosine = f80_one(false);
    return true;
}

bool f80_tan(struct f80_env *env, struct f80 a, struct f80 *tangent)
{
    bool out;

    if (likely(f80_is_normal(a) && (a.se & F80_EXP) < F80_BIAS + 63)) {
        *tangent = f80_series_tan(env, a);
        return true;
    }
    if (trig_special(env, a, tangent, &out))
        return !out;
    *tangent = f80_classify(a) == F80_ZERO ? a : f80_series_tan(env, a);
    return true;
}

struct f80 f80_atan(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca, cb;
    bool sign = f80_sign(a);
    struct f80 r;

    if (likely(f80_is_normal(a) && f80_is_normal(b)))
        return f80_series_atan(env, a, b);
    ca = f80_classify(a);
    cb = f80_classify(b);
    if (f80_nan_result(env, a, b, &r))
        return r;
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_INFINITY && cb == F80_INFINITY)
        return f80_series_pi(env, sign, f80_sign(b) ? 3 : 1);
    if (ca == F80_INFINITY)
        return f80_series_pi(env, sign, 2);
    if (ca == F80_ZERO || cb == F80_INFINITY)
        return f80_sign(b) ? f80_series_pi(env, sign, 4) : f80_zero(sign);
    if (cb == F80_ZERO)
        return f80_series_pi(env, sign, 2);
    return f80_series_atan(env, a, b);
}

/* y * log for an infinite or zero argument or factor; log is 0, or negative, positive, possibly infinite. */
static struct f80 log_product(struct f80_env *env, struct f80 y, bool log_zero, bool log_infinite, bool log_sign)
{
    enum f80_class cy = f80_classify(y);
    bool sign = f80_sign(y) != log_sign;

    if ((cy == F80_ZERO && log_infinite) || (cy == F80_INFINITY && log_zero))
        return f80_invalid(env);
    return cy == F80_ZERO || log_zero ? f80_zero(sign) : f80_infinity(sign);
}

struct f80 f80_yl2x(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca, cb;
    bool below_one = (b.se & F80_EXP) < F80_BIAS, one = b.se == F80_BIAS && b.significand == F80_INTEGER_BIT;
    struct f80 r;

    if (likely(f80_is_normal(a) && f80_is_normal(b) && !f80_sign(b) && !one))
        return f80_series_log2(env, a, b);
    ca = f80_classify(a);
    cb = f80_classify(b);
    if (f80_nan_result(env, a, b, &r))
        return r;
    if (cb != F80_ZERO && f80_sign(b))
        return f80_invalid(env);
    if (cb == F80_ZERO) {                               /* goes before a denormal operand */
        if (ca == F80_ZERO)
            return f80_invalid(env);
        if (ca != F80_INFINITY)
            env->flags |= FSW_ZE;
        return f80_infinity(!f80_sign(a));
    }
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_ZERO || ca == F80_INFINITY || cb == F80_INFINITY || one)
        return log_product(env, a, one, cb == F80_INFINITY, below_one);
    return f80_series_log2(env, a, b);
}

struct f80 f80_yl2xp1(struct f80_env *env, struct f80 a, struct f80 b)
{
    enum f80_class ca, cb;
    struct f80 r;

    if (likely(f80_is_normal(a) && f80_is_normal(b) && !(f80_sign(b) && (b.se & F80_EXP) >= F80_BIAS)))
        return f80_series_log2p1(env, a, b);
    ca = f80_classify(a);
    cb = f80_classify(b);
    if (f80_nan_result(env, a, b, &r))
        return r;
    if (f80_sign(b) && (b.se & F80_EXP) >= F80_BIAS && cb != F80_ZERO)
        return f80_invalid(env);                        /* -1 and below: out of the defined range */
    if ((ca == F80_DENORMAL || cb == F80_DENORMAL) && f80_note_denormal(env))
        return a;
    if (ca == F80_ZERO || ca == F80_INFINITY || cb == F80_INFINITY || cb == F80_ZERO)
        return log_product(env, a, cb == F80_ZERO, cb == F80_INFINITY, f80_sign(b));
    return f80_series_log2p1(env, a, b);
}

struct f80 f80_2xm1(struct f80_env *env, struct f80 a)
{
    enum f80_class c;
    struct f80 r;

    if (likely(f80_is_normal(a) && (a.se & F80_EXP) < F80_BIAS))
        return f80_series_2xm1(env, a);
    c = f80_classify(a);
    if (f80_nan_result(env, a, a, &r))
        return r;
    if (c == F80_INFINITY)
        return f80_sign(a) ? f80_one(true) : a;
    if (c == F80_ZERO)
        return a;
    if (c == F80_DENORMAL && f80_note_denormal(env))
        return a;
    if ((a.se & F80_EXP) >= F80_BIAS) {                 /* 1, -1; beyond them the result is undefined: the operand */
        if (a.significand != F80_INTEGER_BIT || (a.se & F80_EXP) != F80_BIAS)
            return a;
        return f80_sign(a) ? f80_make(true, F80_BIAS - 1, F80_INTEGER_BIT) : a;
    }
    return f80_series_2xm1(env, a);
}
