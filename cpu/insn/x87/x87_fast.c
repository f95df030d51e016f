/* x87_fast.c - FAST's handlers of x87 instructions that programs run all the time: the whole of it inline, where the registers are in use
 * as they should be, the operands plain (f80_plain.h) and nothing is raised that is not masked. Everything else is h_fn's, which runs the
 * row's body from the beginning: until here all is known, nothing has been changed.
 * Follows: Intel SDM Vol. 2, the instructions' pages; Vol. 1 "Programming with the x87 FPU". */
#include "x87_fast.h"
#include "x87.h"
#include "f80_plain.h"
#include "../../engine/plain.h"
#include "../../flags.h"

/* The operand's offset and where its bytes are in the host's memory; false: the access is not plain. */
struct place { u64 offset; u8 *at; };
PLAIN_INLINE bool find(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, u32 n, bool write, bool flat, struct place *to)
{
    to->offset = plain_offset(cpu, o, flat);
    to->at = plain_at(cpu, tlb, op_seg(o), to->offset, n, write, flat);
    return to->at;
}

/* Instruction pointer, opcode; data pointer. As x87_note and x87_note_memory. */
PLAIN_INLINE void note(struct cpu *cpu, const struct op *o)
{
    cpu->s.x87.fip = op_eip(cpu, o);
    cpu->s.x87.fcs = cpu->s.seg[CS].selector;
    cpu->s.x87.fop = (u16)o->imm;
}
PLAIN_INLINE void note_memory(struct cpu *cpu, const struct op *o, u64 offset)
{
    note(cpu, o);
    cpu->s.x87.fdp = offset;
    cpu->s.x87.fds = cpu->s.seg[op_seg(o)].selector;
}

PLAIN_INLINE u32 physical(u32 fsw, int i) { return ((fsw >> 11) + (u32)i) & 7; }
PLAIN_INLINE u32 empty(const struct x87 *x, u32 fsw, int i) { return (u32)x->empty >> physical(fsw, i) & 1; }

/* Both words, as they were written: the host reads nothing back that it has in two parts yet. */
PLAIN_INLINE void put(struct f80 *to, struct f80 v)
{
    u64 word = v.se;
    to->significand = v.significand;
    if (HOST_BIG_ENDIAN)
        to->se = v.se;
    else
        memcpy((u8 *)to + offsetof(struct f80, se), &word, 8);
}
PLAIN_INLINE struct f80 get(const struct x87 *x, u32 fsw, int i)
{
    const struct f80 *from = &x->st[physical(fsw, i)];
    return (struct f80){ .significand = from->significand, .se = from->se };
}

/* Status with C1 and flags of a result, TOP moved by so many. */
PLAIN_INLINE u16 status(u32 fsw, u32 flags, int pops)
{
    fsw = (fsw & ~(u32)FSW_C1) | flags;
    return (u16)((fsw & ~(u32)FSW_TOP) | ((fsw + (u32)pops * 0x800) & FSW_TOP));
}

/* The flags of a result are masked, or there are none. */
PLAIN_INLINE bool masked(const struct x87 *x, u16 flags) { return likely(!(flags & ~x->fcw & FSW_EXCEPTIONS)); }

/* ---- loads and stores ---- */

enum memory { M32, M64, M80, I16, I32, I64 };
PLAIN_INLINE u32 bytes(enum memory m) { return m == I16 ? 2 : m == M32 || m == I32 ? 4 : m == M80 ? 10 : 8; }

PLAIN_INLINE bool from_memory(enum memory m, const u8 *at, struct f80 *v)
{
    switch (m) {
    case M32: return f80_plain_from(get32(at), F80_SINGLE, v);
    case M64: return f80_plain_from(get64(at), F80_DOUBLE, v);
    case I16: *v = f80_plain_from_i64((i16)get16(at)); return true;
    case I32: *v = f80_plain_from_i64((i32)get32(at)); return true;
    case I64: *v = f80_plain_from_i64((i64)get64(at)); return true;
    default:  *v = (struct f80){ .significand = get64(at), .se = get16(at + 8) }; return true;
    }
}

PLAIN_INLINE bool to_memory(enum memory m, const struct x87 *x, struct f80 v, u64 *out, u16 *flags)
{
    switch (m) {
    case M32: return f80_plain_to(x->fcw, v, F80_SINGLE, out, flags);
    case M64: return f80_plain_to(x->fcw, v, F80_DOUBLE, out, flags);
    case M80: *out = v.significand; return true;
    default:  return f80_plain_to_int(x->fcw, v, (int)bytes(m) * 8, (i64 *)out, flags);
    }
}

PLAIN_INLINE void push(struct x87 *x, u32 fsw, struct f80 v)
{
    put(&x->st[physical(fsw, -1)], v);
    x->empty &= (u8)~(1u << physical(fsw, -1));
    x->fsw = status(fsw, 0, -1);
}

PLAIN_INLINE bool load_memory(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, enum memory m, bool flat)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct place from;
    struct f80 v;

    if (!find(cpu, o, tlb, bytes(m), false, flat, &from) || !from_memory(m, from.at, &v) || unlikely(fsw & FSW_ES)
        || unlikely(!empty(x, fsw, -1)))
        return false;
    note_memory(cpu, o, from.offset);
    push(x, fsw, v);
    return true;
}

PLAIN_INLINE bool load_register(struct cpu *cpu, const struct op *o, bool constant, struct f80 v)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;

    if (unlikely(fsw & FSW_ES) || unlikely(!empty(x, fsw, -1)) || unlikely(!constant && empty(x, fsw, o->src)))
        return false;
    note(cpu, o);
    push(x, fsw, constant ? v : get(x, fsw, o->src));
    return true;
}

PLAIN_INLINE void pop(struct x87 *x, u32 fsw, u32 flags, int pops)
{
    for (int i = 0; i < pops; i++)
        x->empty |= (u8)(1u << physical(fsw, i));
    x->fsw = status(fsw, flags, pops);
}

PLAIN_INLINE bool store_memory(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, enum memory m, bool pops, bool flat)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct f80 v = get(x, fsw, 0);
    struct place to;
    u16 flags = 0;
    u64 out;

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0)) || !to_memory(m, x, v, &out, &flags) || !masked(x, flags)
        || !find(cpu, o, tlb, bytes(m), true, flat, &to))
        return false;
    switch (bytes(m)) {
    case 2:  put16(to.at, (u16)out); break;
    case 4:  put32(to.at, (u32)out); break;
    default: put64(to.at, out);
    }
    if (m == M80)
        put16(to.at + 8, v.se);
    note_memory(cpu, o, to.offset);
    pop(x, fsw, flags, pops);
    return true;
}

PLAIN_INLINE bool store_register(struct cpu *cpu, const struct op *o, int pops)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    u32 n = physical(fsw, o->src);

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0)))
        return false;
    note(cpu, o);
    put(&x->st[n], get(x, fsw, 0));
    x->empty &= (u8)~(1u << n);
    pop(x, fsw, 0, pops);
    return true;
}

PLAIN_INLINE bool exchange(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct f80 a = get(x, fsw, 0), b = get(x, fsw, o->src);

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0) | empty(x, fsw, o->src)))
        return false;
    note(cpu, o);
    put(&x->st[physical(fsw, 0)], b);
    put(&x->st[physical(fsw, o->src)], a);
    x->fsw = status(fsw, 0, 0);
    return true;
}

/* FCHS, FABS: whatever is in there. */
PLAIN_INLINE bool set_sign(struct cpu *cpu, const struct op *o, u16 keep, u16 flip)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct f80 *st = &x->st[physical(fsw, 0)];

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0)))
        return false;
    note(cpu, o);
    put(st, (struct f80){ .significand = st->significand, .se = (st->se & keep) ^ flip });
    x->fsw = status(fsw, 0, 0);
    return true;
}

/* ---- arithmetic and comparisons ---- */

enum operation { ADD, MUL, SUB, SUBR, DIV, DIVR };

PLAIN_INLINE bool compute(enum operation f, u32 control, struct f80 a, struct f80 b, struct f80 *r, u16 *flags)
{
    switch (f) {
    case ADD:  return f80_plain_add(control, a, b, false, r, flags);
    case SUB:  return f80_plain_add(control, a, b, true, r, flags);
    case SUBR: return f80_plain_add(control, b, a, true, r, flags);
    case MUL:  return f80_plain_mul(control, a, b, r, flags);
    case DIV:  return f80_plain_div(control, a, b, r, flags);
    default:   return f80_plain_div(control, b, a, r, flags);
    }
}

/* ST(to) = f(ST(to), ST(from)), then pop. */
PLAIN_INLINE bool arith(struct cpu *cpu, const struct op *o, enum operation f, int to, int from, int pops)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct f80 r;
    u16 flags = 0;

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, to) | empty(x, fsw, from))
        || unlikely(!compute(f, x->fcw, get(x, fsw, to), get(x, fsw, from), &r, &flags)) || !masked(x, flags))
        return false;
    note(cpu, o);
    put(&x->st[physical(fsw, to)], r);
    pop(x, fsw, flags, pops);
    return true;
}

PLAIN_INLINE bool arith_memory(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, enum operation f, enum memory m, bool flat)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct place from;
    struct f80 r, v;
    u16 flags = 0;

    if (!find(cpu, o, tlb, bytes(m), false, flat, &from) || !from_memory(m, from.at, &v) || unlikely(fsw & FSW_ES)
        || unlikely(empty(x, fsw, 0)) || unlikely(!compute(f, x->fcw, get(x, fsw, 0), v, &r, &flags)) || !masked(x, flags))
        return false;
    note_memory(cpu, o, from.offset);
    put(&x->st[physical(fsw, 0)], r);
    x->fsw = status(fsw, flags, 0);
    return true;
}

/* Normal numbers and zeros are ordered, whether a NaN would be quiet or not. */
PLAIN_INLINE bool compare(struct cpu *cpu, const struct op *o, int i, int pops)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    u16 cc;

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0) | empty(x, fsw, i))
        || unlikely(!f80_plain_compare(get(x, fsw, 0), get(x, fsw, i), &cc)))
        return false;
    note(cpu, o);
    pop(x, fsw & ~(u32)FSW_CC, cc, pops);
    return true;
}

PLAIN_INLINE bool compare_memory(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, enum memory m, int pops, bool flat)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    struct place from;
    struct f80 v;
    u16 cc;

    if (!find(cpu, o, tlb, bytes(m), false, flat, &from) || !from_memory(m, from.at, &v) || unlikely(fsw & FSW_ES)
        || unlikely(empty(x, fsw, 0)) || unlikely(!f80_plain_compare(get(x, fsw, 0), v, &cc)))
        return false;
    note_memory(cpu, o, from.offset);
    pop(x, fsw & ~(u32)FSW_CC, cc, pops);
    return true;
}

/* FCOMI: ZF and CF; C1 stays. */
PLAIN_INLINE bool compare_flags(struct cpu *cpu, const struct op *o, int pops)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    u16 cc;

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0) | empty(x, fsw, o->src))
        || unlikely(!f80_plain_compare(get(x, fsw, 0), get(x, fsw, o->src), &cc)))
        return false;
    note(cpu, o);
    flags_load(cpu, (cc & FSW_C3 ? FLAG_ZF : 0u) | (cc & FSW_C0 ? FLAG_CF : 0u));
    pop(x, fsw, fsw & FSW_C1, pops);
    return true;
}

PLAIN_INLINE bool test(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    u32 fsw = x->fsw;
    u16 cc;

    if (unlikely(fsw & FSW_ES) || unlikely(empty(x, fsw, 0)) || unlikely(!f80_plain_compare(get(x, fsw, 0), f80_zero(false), &cc)))
        return false;
    note(cpu, o);
    pop(x, fsw & ~(u32)FSW_CC, cc, 0);
    return true;
}

/* ---- control ---- */

PLAIN_INLINE bool load_control(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, bool flat)
{
    struct x87 *x = &cpu->s.x87;
    struct place from;
    u16 v;

    if (!find(cpu, o, tlb, 2, false, flat, &from))
        return false;
    v = (get16(from.at) & FCW_WRITABLE) | FCW_FIXED;
    if (unlikely((x->fsw & (FSW_ES | FSW_B)) | (x->fsw & ~v & FSW_EXCEPTIONS) | cpu->s.ferr))
        return false;
    x->fcw = v;
    return true;
}

PLAIN_INLINE bool store_word(struct cpu *cpu, const struct op *o, const struct tlb_entry *tlb, u16 v, bool flat)
{
    struct place to;

    if (!find(cpu, o, tlb, 2, true, flat, &to))
        return false;
    put16(to.at, v);
    return true;
}

PLAIN_INLINE bool status_to_ax(struct cpu *cpu, const struct op *o)
{
    (void)o;
    set_reg16(cpu, EAX, cpu->s.x87.fsw);
    return true;
}

/* ---- handlers ---- */

/* The row's body, what does it here, and with what. */
#define WITH_MEMORY(X) \
    X(fld_m64, load_memory, M64)            X(fstp_m64, store_memory, M64, true)    X(fld_m32, load_memory, M32) \
    X(fst_m64, store_memory, M64, false)    X(fst_m32, store_memory, M32, false)    X(fstp_m32, store_memory, M32, true) \
    X(fld_m80, load_memory, M80)            X(fstp_m80, store_memory, M80, true) \
    X(fild_m16, load_memory, I16)           X(fild_m32, load_memory, I32)           X(fild_m64, load_memory, I64) \
    X(fist_m32, store_memory, I32, false)   X(fistp_m32, store_memory, I32, true)   X(fistp_m64, store_memory, I64, true) \
    X(fistp_m16, store_memory, I16, true) \
    X(fadd_m64, arith_memory, ADD, M64)     X(fmul_m64, arith_memory, MUL, M64)     X(fsub_m64, arith_memory, SUB, M64) \
    X(fsubr_m64, arith_memory, SUBR, M64)   X(fdiv_m64, arith_memory, DIV, M64)     X(fdivr_m64, arith_memory, DIVR, M64) \
    X(fadd_m32, arith_memory, ADD, M32)     X(fmul_m32, arith_memory, MUL, M32)     X(fsub_m32, arith_memory, SUB, M32) \
    X(fsubr_m32, arith_memory, SUBR, M32)   X(fdiv_m32, arith_memory, DIV, M32)     X(fdivr_m32, arith_memory, DIVR, M32) \
    X(fadd_m32i, arith_memory, ADD, I32)    X(fmul_m32i, arith_memory, MUL, I32) \
    X(fcom_m64, compare_memory, M64, 0)     X(fcomp_m64, compare_memory, M64, 1) \
    X(fcom_m32, compare_memory, M32, 0)     X(fcomp_m32, compare_memory, M32, 1) \
    X(fldcw, load_control)                  X(fnstcw, store_word, cpu->s.x87.fcw)   X(fnstsw, store_word, cpu->s.x87.fsw)
#define OF_REGISTERS(X) \
    X(fld_sti, load_register, false, f80_zero(false))       X(fxch, exchange) \
    X(fst_sti, store_register, 0)                           X(fstp_sti, store_register, 1) \
    X(fadd_st0_sti, arith, ADD, 0, o->src, 0)   X(fadd_sti_st0, arith, ADD, o->src, 0, 0)   X(faddp, arith, ADD, o->src, 0, 1) \
    X(fmul_st0_sti, arith, MUL, 0, o->src, 0)   X(fmul_sti_st0, arith, MUL, o->src, 0, 0)   X(fmulp, arith, MUL, o->src, 0, 1) \
    X(fsub_st0_sti, arith, SUB, 0, o->src, 0)   X(fsub_sti_st0, arith, SUB, o->src, 0, 0)   X(fsubp, arith, SUB, o->src, 0, 1) \
    X(fsubr_st0_sti, arith, SUBR, 0, o->src, 0) X(fsubr_sti_st0, arith, SUBR, o->src, 0, 0) X(fsubrp, arith, SUBR, o->src, 0, 1) \
    X(fdiv_st0_sti, arith, DIV, 0, o->src, 0)   X(fdiv_sti_st0, arith, DIV, o->src, 0, 0)   X(fdivp, arith, DIV, o->src, 0, 1) \
    X(fdivr_st0_sti, arith, DIVR, 0, o->src, 0) X(fdivr_sti_st0, arith, DIVR, o->src, 0, 0) X(fdivrp, arith, DIVR, o->src, 0, 1) \
    X(fcom, compare, o->src, 0)     X(fcomp, compare, o->src, 1)    X(fcompp, compare, 1, 2) \
    X(fucom, compare, o->src, 0)    X(fucomp, compare, o->src, 1)   X(fucompp, compare, 1, 2) \
    X(fcomi, compare_flags, 0)      X(fcomip, compare_flags, 1)     X(fucomi, compare_flags, 0)     X(fucomip, compare_flags, 1) \
    X(fld1, load_register, true, f80_one(false))    X(fldz, load_register, true, f80_zero(false)) \
    X(fchs, set_sign, 0xffff, F80_SIGN)     X(fabs, set_sign, F80_EXP, 0)   X(ftst, test)   X(fnstsw_ax, status_to_ax)

#define HANDLE(name, done)      static HANDLER(name) { if (unlikely(!(done))) HAND_TO(h_fn); NEXT; }
#define X(name, does, ...) \
    HANDLE(x_##name##_flat, does(cpu, o, TLB __VA_OPT__(,) __VA_ARGS__, true)) \
    HANDLE(x_##name##_any, does(cpu, o, TLB __VA_OPT__(,) __VA_ARGS__, false))
WITH_MEMORY(X)
#undef X
#define X(name, does, ...)      HANDLE(x_##name, does(cpu, o __VA_OPT__(,) __VA_ARGS__))
OF_REGISTERS(X)
#undef X

static const struct { insn_fn *fn; handler *any, *flat; } fast[] = {
#define X(name, ...) { x87_##name, x_##name##_any, x_##name##_flat },
    WITH_MEMORY(X)
#undef X
#define X(name, ...) { x87_##name, x_##name, x_##name },
    OF_REGISTERS(X)
#undef X
};

handler *x87_fast(insn_fn *fn, bool flat)
{
    for (size_t k = 0; k < sizeof fast / sizeof *fast; k++)
        if (fast[k].fn == fn)
            return flat ? fast[k].flat : fast[k].any;
    return NULL;
}
