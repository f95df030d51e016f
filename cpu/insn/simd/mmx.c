/* mmx.c - the MMX instructions.
 * Follows: Intel SDM Vol. 1 "Programming with Intel MMX Technology", Vol. 2, their pages; Vol. 3A "Effect of MMX Instructions on
 * MMX State and x87 FPU": an instruction other than EMMS sets TOP to 0 and all tags to valid, a register written gets an
 * exponent of all ones.
 * Here: 57 instructions, on 64-bit integers as lanes of bits. */
#include "mmx.h"
#include "../x87/x87.h"

/* After everything that can fault; but a store to memory has set TOP when it faults, the tags not yet (lock-step, Intel's). */
static inline void enter_store(struct cpu *cpu) { cpu->s.x87.fsw &= (u16)~FSW_TOP; }
static inline void enter(struct cpu *cpu)
{
    cpu->s.x87.fsw &= (u16)~FSW_TOP;
    cpu->s.x87.empty = 0;
}

static inline void write(struct cpu *cpu, int n, u64 v)
{
    enter(cpu);
    cpu->s.x87.st[n].significand = v;
    cpu->s.x87.st[n].se = 0xffff;
}

static inline u64 source(struct cpu *cpu, const struct op *o, int bytes)
{
    if (op_is_reg(o))
        return cpu->s.x87.st[o->src].significand;
    return bytes == 4 ? ld32(cpu, op_seg(o), op_ea(cpu, o)) : ld64(cpu, op_seg(o), op_ea(cpu, o));
}

static inline void binary(struct cpu *cpu, const struct op *o, u64 (*f)(u64 a, u64 b), int bytes)
{
    u64 b;

    x87_wait(cpu);
    b = source(cpu, o, bytes);
    write(cpu, o->dst, f(cpu->s.x87.st[o->dst].significand, b));
}

/* Lane i of `bits` bits. */
static inline u64 lane(u64 v, int bits, int i) { return v >> bits * i & ((1ull << bits) - 1); }
static inline i64 lane_signed(u64 v, int bits, int i) { return (i64)(v >> bits * i << (64 - bits)) >> (64 - bits); }
static inline u64 place(u64 v, int bits, int i) { return (v & ((1ull << bits) - 1)) << bits * i; }

static inline i64 clamp(i64 v, i64 least, i64 most) { return v < least ? least : v > most ? most : v; }
static inline u64 saturate(i64 v, int bits, bool is_signed)
{
    i64 most = (i64)(1ull << (is_signed ? bits - 1 : bits)) - 1;
    return (u64)clamp(v, is_signed ? -most - 1 : 0, most);
}

/* What is done lane by lane. */
enum lane_op { ADD, SUB, ADD_S, SUB_S, ADD_U, SUB_U, EQUAL, GREATER, MUL_LOW, MUL_HIGH };
static inline u64 lanes(u64 a, u64 b, int bits, enum lane_op how)
{
    u64 r = 0;

    for (int i = 0; i < 64 / bits; i++) {
        u64 x = lane(a, bits, i), y = lane(b, bits, i), v;
        i64 sx = lane_signed(a, bits, i), sy = lane_signed(b, bits, i);
        switch (how) {
        case ADD:      v = x + y; break;
        case SUB:      v = x - y; break;
        case ADD_S:    v = saturate(sx + sy, bits, true); break;
        case SUB_S:    v = saturate(sx - sy, bits, true); break;
        case ADD_U:    v = saturate((i64)x + (i64)y, bits, false); break;
        case SUB_U:    v = saturate((i64)x - (i64)y, bits, false); break;
        case EQUAL:    v = x == y ? ~0ull : 0; break;
        case GREATER:  v = sx > sy ? ~0ull : 0; break;
        case MUL_LOW:  v = (u64)(sx * sy); break;
        default:       v = (u64)(sx * sy >> bits); break;
        }
        r |= place(v, bits, i);
    }
    return r;
}

static u64 paddb(u64 a, u64 b)   { return lanes(a, b, 8, ADD); }
static u64 paddw(u64 a, u64 b)   { return lanes(a, b, 16, ADD); }
static u64 paddd(u64 a, u64 b)   { return lanes(a, b, 32, ADD); }
static u64 paddsb(u64 a, u64 b)  { return lanes(a, b, 8, ADD_S); }
static u64 paddsw(u64 a, u64 b)  { return lanes(a, b, 16, ADD_S); }
static u64 paddusb(u64 a, u64 b) { return lanes(a, b, 8, ADD_U); }
static u64 paddusw(u64 a, u64 b) { return lanes(a, b, 16, ADD_U); }
static u64 psubb(u64 a, u64 b)   { return lanes(a, b, 8, SUB); }
static u64 psubw(u64 a, u64 b)   { return lanes(a, b, 16, SUB); }
static u64 psubd(u64 a, u64 b)   { return lanes(a, b, 32, SUB); }
static u64 psubsb(u64 a, u64 b)  { return lanes(a, b, 8, SUB_S); }
static u64 psubsw(u64 a, u64 b)  { return lanes(a, b, 16, SUB_S); }
static u64 psubusb(u64 a, u64 b) { return lanes(a, b, 8, SUB_U); }
static u64 psubusw(u64 a, u64 b) { return lanes(a, b, 16, SUB_U); }
static u64 pcmpeqb(u64 a, u64 b) { return lanes(a, b, 8, EQUAL); }
static u64 pcmpeqw(u64 a, u64 b) { return lanes(a, b, 16, EQUAL); }
static u64 pcmpeqd(u64 a, u64 b) { return lanes(a, b, 32, EQUAL); }
static u64 pcmpgtb(u64 a, u64 b) { return lanes(a, b, 8, GREATER); }
static u64 pcmpgtw(u64 a, u64 b) { return lanes(a, b, 16, GREATER); }
static u64 pcmpgtd(u64 a, u64 b) { return lanes(a, b, 32, GREATER); }
static u64 pmullw(u64 a, u64 b)  { return lanes(a, b, 16, MUL_LOW); }
static u64 pmulhw(u64 a, u64 b)  { return lanes(a, b, 16, MUL_HIGH); }
static u64 pand(u64 a, u64 b)    { return a & b; }
static u64 pandn(u64 a, u64 b)   { return ~a & b; }
static u64 por(u64 a, u64 b)     { return a | b; }
static u64 pxor(u64 a, u64 b)    { return a ^ b; }

static u64 pmaddwd(u64 a, u64 b)
{
    u64 r = 0;
    for (int i = 0; i < 2; i++)
        r |= place((u64)(lane_signed(a, 16, 2 * i) * lane_signed(b, 16, 2 * i)
                       + lane_signed(a, 16, 2 * i + 1) * lane_signed(b, 16, 2 * i + 1)), 32, i);
    return r;
}

/* Interleave the lanes of a and b from lane `first` on, a's below b's. */
static inline u64 interleave(u64 a, u64 b, int bits, int first)
{
    u64 r = 0;
    for (int i = 0; i < 32 / bits; i++)
        r |= place(lane(a, bits, first + i), bits, 2 * i) | place(lane(b, bits, first + i), bits, 2 * i + 1);
    return r;
}

static u64 punpcklbw(u64 a, u64 b) { return interleave(a, b, 8, 0); }
static u64 punpcklwd(u64 a, u64 b) { return interleave(a, b, 16, 0); }
static u64 punpckldq(u64 a, u64 b) { return interleave(a, b, 32, 0); }
static u64 punpckhbw(u64 a, u64 b) { return interleave(a, b, 8, 4); }
static u64 punpckhwd(u64 a, u64 b) { return interleave(a, b, 16, 2); }
static u64 punpckhdq(u64 a, u64 b) { return interleave(a, b, 32, 1); }

/* Signed lanes of twice the bits, saturated: a's below b's. */
static inline u64 pack(u64 a, u64 b, int bits, bool is_signed)
{
    u64 r = 0;
    int n = 32 / bits;
    for (int i = 0; i < n; i++)
        r |= place(saturate(lane_signed(a, 2 * bits, i), bits, is_signed), bits, i)
           | place(saturate(lane_signed(b, 2 * bits, i), bits, is_signed), bits, n + i);
    return r;
}

static u64 packsswb(u64 a, u64 b) { return pack(a, b, 8, true); }
static u64 packssdw(u64 a, u64 b) { return pack(a, b, 16, true); }
static u64 packuswb(u64 a, u64 b) { return pack(a, b, 8, false); }

enum shift { RIGHT, RIGHT_SIGNED, LEFT };
static inline u64 shift(u64 a, u64 count, int bits, enum shift how)
{
    u64 r = 0;

    if (count >= (u64)bits) {
        if (how != RIGHT_SIGNED)
            return 0;
        count = (u64)bits - 1;
    }
    if (bits == 64)
        return how == LEFT ? a << count : a >> count;
    for (int i = 0; i < 64 / bits; i++)
        r |= place(how == LEFT ? lane(a, bits, i) << count : how == RIGHT ? lane(a, bits, i) >> count
                 : (u64)(lane_signed(a, bits, i) >> count), bits, i);
    return r;
}

static u64 psrlw(u64 a, u64 n) { return shift(a, n, 16, RIGHT); }
static u64 psrld(u64 a, u64 n) { return shift(a, n, 32, RIGHT); }
static u64 psrlq(u64 a, u64 n) { return shift(a, n, 64, RIGHT); }
static u64 psraw(u64 a, u64 n) { return shift(a, n, 16, RIGHT_SIGNED); }
static u64 psrad(u64 a, u64 n) { return shift(a, n, 32, RIGHT_SIGNED); }
static u64 psllw(u64 a, u64 n) { return shift(a, n, 16, LEFT); }
static u64 pslld(u64 a, u64 n) { return shift(a, n, 32, LEFT); }
static u64 psllq(u64 a, u64 n) { return shift(a, n, 64, LEFT); }

/* The low unpacks read only half of a memory operand. */
#define BYTES(f) ((f) == punpcklbw || (f) == punpcklwd || (f) == punpckldq ? 4 : 8)
#define X(n) void mmx_##n(struct cpu *cpu, const struct op *o) { binary(cpu, o, n, BYTES(n)); }
MMX_BINARY(X)
#undef X

/* Shifts by an immediate: 0F 71, 72, 73; the register is ModRM r/m. */
#define X(n) void mmx_##n##_imm(struct cpu *cpu, const struct op *o) \
    { x87_wait(cpu); write(cpu, o->src, n(cpu->s.x87.st[o->src].significand, o->imm & 0xff)); }
MMX_SHIFTS(X)
#undef X

void mmx_movd_load(struct cpu *cpu, const struct op *o)
{
    u32 v;
    x87_wait(cpu);
    v = op_is_reg(o) ? reg32(cpu, o->src) : ld32(cpu, op_seg(o), op_ea(cpu, o));
    write(cpu, o->dst, v);
}

void mmx_movd_store(struct cpu *cpu, const struct op *o)
{
    u32 v = (u32)cpu->s.x87.st[o->dst].significand;
    x87_wait(cpu);
    enter_store(cpu);
    if (op_is_reg(o))
        set_reg32(cpu, o->src, v);
    else
        st32(cpu, op_seg(o), op_ea(cpu, o), v);
    enter(cpu);
}

void mmx_movq_load(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    write(cpu, o->dst, source(cpu, o, 8));
}

void mmx_movq_store(struct cpu *cpu, const struct op *o)
{
    u64 v = cpu->s.x87.st[o->dst].significand;
    x87_wait(cpu);
    if (op_is_reg(o)) {
        write(cpu, o->src, v);
        return;
    }
    enter_store(cpu);
    st64(cpu, op_seg(o), op_ea(cpu, o), v);
    enter(cpu);
}

void mmx_emms(struct cpu *cpu, const struct op *o)
{
    (void)o;
    x87_wait(cpu);
    cpu->s.x87.fsw &= (u16)~FSW_TOP;
    cpu->s.x87.empty = 0xff;
}
