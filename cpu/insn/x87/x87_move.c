/* x87_move.c - loads, stores, exchanges, constants, and the register stack.
 * Follows: Intel SDM Vol. 2, their pages; Vol. 1 "x87 FPU Data Types", "Stack Overflow or Underflow Exception". */
#include "x87.h"
#include "../../flags.h"

/* Push v; memory was read before. A denormal is pushed with its exception unmasked, too: #D of a load comes after it on the
 * processors of both vendors (lock-step), although SDM Vol. 1 "Denormal Operand Exception" has it before the instruction. */
static inline void load(struct cpu *cpu, const struct f80_env *env, struct f80 v)
{
    struct x87 *x = &cpu->s.x87;

    if (likely(x87_is_empty(x, -1))) {
        if (unlikely(!x87_finish(cpu, env)) && env->flags & FSW_IE)
            return;
    } else {
        if (!x87_overflow(cpu))
            return;
        v = f80_indefinite();
    }
    x87_push(x, v);
}

void x87_fld_sti(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    struct f80_env env = x87_env(cpu);

    x87_wait(cpu);
    x87_note(cpu, o);
    if (x87_is_empty(x, o->src)) {                      /* goes before an overflow */
        if (x87_underflow(cpu))
            x87_push(x, f80_indefinite());
        return;
    }
    load(cpu, &env, *x87_st(x, o->src));
}

void x87_fld_m32(struct cpu *cpu, const struct op *o)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;

    x87_wait(cpu);
    v = f80_load_f32(&env, ld32(cpu, op_seg(o), op_ea(cpu, o)));
    x87_note_memory(cpu, o);
    load(cpu, &env, v);
}

void x87_fld_m64(struct cpu *cpu, const struct op *o)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;

    x87_wait(cpu);
    v = f80_load_f64(&env, ld64(cpu, op_seg(o), op_ea(cpu, o)));
    x87_note_memory(cpu, o);
    load(cpu, &env, v);
}

/* Where the upper part of an operand lies: offsets wrap at the address size. */
static u64 ea_plus(const struct cpu *cpu, const struct op *o, int n)
{
    return (op_ea(cpu, o) + (u64)n) & mask_bytes(op_address_bytes(o));
}

void x87_fld_m80(struct cpu *cpu, const struct op *o)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v = f80_zero(false);

    x87_wait(cpu);
    v.significand = ld64(cpu, op_seg(o), op_ea(cpu, o));
    v.se = ld16(cpu, op_seg(o), ea_plus(cpu, o, 8));
    x87_note_memory(cpu, o);
    load(cpu, &env, v);
}

static inline void load_int(struct cpu *cpu, const struct op *o, i64 v)
{
    struct f80_env env = x87_env(cpu);
    x87_note_memory(cpu, o);
    load(cpu, &env, f80_from_i64(v));
}

void x87_fild_m16(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    load_int(cpu, o, (i16)ld16(cpu, op_seg(o), op_ea(cpu, o)));
}

void x87_fild_m32(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    load_int(cpu, o, (i32)ld32(cpu, op_seg(o), op_ea(cpu, o)));
}

void x87_fild_m64(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    load_int(cpu, o, (i64)ld64(cpu, op_seg(o), op_ea(cpu, o)));
}

void x87_fbld(struct cpu *cpu, const struct op *o)
{
    struct f80_env env = x87_env(cpu);
    u8 bcd[10];

    x87_wait(cpu);
    put64(bcd, ld64(cpu, op_seg(o), op_ea(cpu, o)));
    put16(bcd + 8, ld16(cpu, op_seg(o), ea_plus(cpu, o, 8)));
    x87_note_memory(cpu, o);
    load(cpu, &env, f80_from_bcd(bcd));
}

static inline void store_register(struct cpu *cpu, const struct op *o, bool pop)
{
    struct x87 *x = &cpu->s.x87;
    struct f80 v = *x87_st(x, 0);

    x87_wait(cpu);
    x87_note(cpu, o);
    if (x87_is_empty(x, 0)) {
        if (!x87_underflow(cpu))
            return;
        v = f80_indefinite();
    } else {
        x->fsw &= (u16)~FSW_C1;
    }
    x87_write(x, o->src, v);
    if (pop)
        x87_pop(x);
}

void x87_fst_sti(struct cpu *cpu, const struct op *o)  { store_register(cpu, o, false); }
void x87_fstp_sti(struct cpu *cpu, const struct op *o) { store_register(cpu, o, true); }

/* D9 D8: FSTP without stack underflow; an empty register is only popped. */
void x87_fstpnce(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;

    x87_wait(cpu);
    x87_note(cpu, o);
    x->fsw &= (u16)~FSW_C1;
    if (!x87_is_empty(x, 0))
        x87_write(x, o->src, *x87_st(x, 0));
    x87_pop(x);
}

/* After the value is in memory, or could not be stored (then memory is not touched, and cannot fault: SDM Vol. 1 "x87 FPU
 * Exception Conditions", the unmasked response is to store nothing): pointers, status, stack. */
static inline void stored(struct cpu *cpu, const struct op *o, const struct f80_env *env, bool ok, bool pop)
{
    x87_note_memory(cpu, o);
    x87_finish(cpu, env);
    if (likely(ok) && pop)
        x87_pop(&cpu->s.x87);
}

/* What ST(0) is for a store: an empty register is the indefinite, with a stack underflow. False: unmasked, nothing is stored. */
static inline bool store_operand(struct cpu *cpu, struct f80_env *env, struct f80 *v)
{
    struct x87 *x = &cpu->s.x87;

    *v = *x87_st(x, 0);
    if (likely(!x87_is_empty(x, 0)))
        return true;
    *v = f80_indefinite();
    env->flags = FSW_IE | FSW_SF;
    return env->control & FSW_IE;
}

static inline void store_m32(struct cpu *cpu, const struct op *o, bool pop)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;
    bool ok;
    u32 m;

    x87_wait(cpu);
    ok = store_operand(cpu, &env, &v) && f80_to_f32(&env, v, &m);
    if (ok)
        st32(cpu, op_seg(o), op_ea(cpu, o), m);
    stored(cpu, o, &env, ok, pop);
}

static inline void store_m64(struct cpu *cpu, const struct op *o, bool pop)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;
    bool ok;
    u64 m;

    x87_wait(cpu);
    ok = store_operand(cpu, &env, &v) && f80_to_f64(&env, v, &m);
    if (ok)
        st64(cpu, op_seg(o), op_ea(cpu, o), m);
    stored(cpu, o, &env, ok, pop);
}

void x87_fst_m32(struct cpu *cpu, const struct op *o)  { store_m32(cpu, o, false); }
void x87_fstp_m32(struct cpu *cpu, const struct op *o) { store_m32(cpu, o, true); }
void x87_fst_m64(struct cpu *cpu, const struct op *o)  { store_m64(cpu, o, false); }
void x87_fstp_m64(struct cpu *cpu, const struct op *o) { store_m64(cpu, o, true); }

static void probe_ten(struct cpu *cpu, const struct op *o)
{
    probe_write(cpu, op_seg(o), op_ea(cpu, o), 8);
    probe_write(cpu, op_seg(o), ea_plus(cpu, o, 8), 2);
}

static void store_ten(struct cpu *cpu, const struct op *o, u64 low, u16 high)
{
    probe_ten(cpu, o);
    st64(cpu, op_seg(o), op_ea(cpu, o), low);
    st16(cpu, op_seg(o), ea_plus(cpu, o, 8), high);
}

void x87_fstp_m80(struct cpu *cpu, const struct op *o)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;
    bool ok;

    x87_wait(cpu);
    ok = store_operand(cpu, &env, &v);
    if (ok)
        store_ten(cpu, o, v.significand, v.se);
    stored(cpu, o, &env, ok, true);
}

void x87_fbstp(struct cpu *cpu, const struct op *o)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;
    u8 bcd[10];
    bool ok;

    x87_wait(cpu);
    ok = store_operand(cpu, &env, &v) && f80_to_bcd(&env, v, bcd);
    if (ok)
        store_ten(cpu, o, get64(bcd), get16(bcd + 8));
    stored(cpu, o, &env, ok, true);
}

static inline void store_int(struct cpu *cpu, const struct op *o, int bits, bool pop)
{
    struct f80_env env = x87_env(cpu);
    struct f80 v;
    bool ok;
    i64 m;

    x87_wait(cpu);
    ok = store_operand(cpu, &env, &v) && f80_to_int(&env, v, bits, false, &m);
    if (ok)
        st_size(cpu, op_seg(o), op_ea(cpu, o), (u64)m & mask_bytes(bits / 8), bits / 8);
    stored(cpu, o, &env, ok, pop);
}

void x87_fist_m16(struct cpu *cpu, const struct op *o)    { store_int(cpu, o, 16, false); }
void x87_fistp_m16(struct cpu *cpu, const struct op *o)   { store_int(cpu, o, 16, true); }
void x87_fist_m32(struct cpu *cpu, const struct op *o)    { store_int(cpu, o, 32, false); }
void x87_fistp_m32(struct cpu *cpu, const struct op *o)   { store_int(cpu, o, 32, true); }
void x87_fistp_m64(struct cpu *cpu, const struct op *o)   { store_int(cpu, o, 64, true); }

void x87_fxch(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    struct f80 a = *x87_st(x, 0), b = *x87_st(x, o->src);

    x87_wait(cpu);
    x87_note(cpu, o);
    if (unlikely(!x87_have(x, 0, o->src))) {
        if (!x87_underflow(cpu))
            return;
        a = x87_is_empty(x, 0) ? f80_indefinite() : a;
        b = x87_is_empty(x, o->src) ? f80_indefinite() : b;
    } else {
        x->fsw &= (u16)~FSW_C1;
    }
    x87_write(x, 0, b);
    x87_write(x, o->src, a);
}

/* FCMOVcc: DA moves if below, equal, below or equal, unordered (ModRM reg 0-3), DB if not. */
void x87_fcmov(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    int which = o->imm >> 3 & 3;
    bool moves = which == 0 ? flag_c(cpu) : which == 1 ? flag_z(cpu) : which == 2 ? flag_c(cpu) || flag_z(cpu) : flag_p(cpu);

    x87_wait(cpu);
    x87_note(cpu, o);
    if (!x87_have(x, 0, o->src)) {
        if (x87_underflow(cpu))
            x87_write(x, 0, f80_indefinite());
        return;
    }
    if (moves != (o->imm >> 8 & 1))
        x87_write(x, 0, *x87_st(x, o->src));
}

void x87_ffree(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    x87_note(cpu, o);
    cpu->s.x87.fsw &= (u16)~FSW_C1;
    cpu->s.x87.empty |= (u8)(1u << x87_physical(&cpu->s.x87, o->src));
}

void x87_ffreep(struct cpu *cpu, const struct op *o)
{
    x87_ffree(cpu, o);
    x87_pop(&cpu->s.x87);
}

static void turn(struct cpu *cpu, const struct op *o, int by)
{
    x87_wait(cpu);
    x87_note(cpu, o);
    cpu->s.x87.fsw &= (u16)~FSW_C1;
    x87_set_top(&cpu->s.x87, x87_top(&cpu->s.x87) + by);
}

void x87_fincstp(struct cpu *cpu, const struct op *o) { turn(cpu, o, 1); }
void x87_fdecstp(struct cpu *cpu, const struct op *o) { turn(cpu, o, -1); }

void x87_fnop(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    x87_note(cpu, o);
}

static void load_constant(struct cpu *cpu, const struct op *o, enum f80_constant which)
{
    struct f80_env env = x87_env(cpu);

    x87_wait(cpu);
    x87_note(cpu, o);
    load(cpu, &env, f80_constant(which, env.control));
}

void x87_fld1(struct cpu *cpu, const struct op *o)   { load_constant(cpu, o, F80_LD1); }
void x87_fldl2t(struct cpu *cpu, const struct op *o) { load_constant(cpu, o, F80_LDL2T); }
void x87_fldl2e(struct cpu *cpu, const struct op *o) { load_constant(cpu, o, F80_LDL2E); }
void x87_fldpi(struct cpu *cpu, const struct op *o)  { load_constant(cpu, o, F80_LDPI); }
void x87_fldlg2(struct cpu *cpu, const struct op *o) { load_constant(cpu, o, F80_LDLG2); }
void x87_fldln2(struct cpu *cpu, const struct op *o) { load_constant(cpu, o, F80_LDLN2); }
void x87_fldz(struct cpu *cpu, const struct op *o)   { load_constant(cpu, o, F80_LDZ); }
