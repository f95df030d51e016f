/* early.c - what processors before the P6 do otherwise, where it is more than a row that is missing.
 * Follows: iAPX 86/88 User's Manual, "Instruction Set"; iAPX 286 Programmer's Reference Manual, "Instruction Set" and appendix
 * "8086 compatibility"; 80386 Programmer's Reference Manual, "Differences From 8086"; single instructions captured from an
 * 80286 (tests/vectors).
 * Here: the 8086's second names of opcodes, unmasked shift counts, PUSH SP, IDIV; no #UD; coprocessor escapes where there is
 * no coprocessor; DIV's flags up to the Pentium. Not yet: the 8086's bus timing; its few opcodes that nobody documents. */
#include "early.h"
#include "../mmu/access.h"
#include "../flags.h"
#include "../insn/integer.h"
#include "../system/segment.h"
#include "../system/system.h"

enum { SHIFT_ROL, SHIFT_ROR, SHIFT_RCL, SHIFT_RCR, SHIFT_SHL, SHIFT_SHR, SHIFT_SETMO, SHIFT_SAR };

/* ---- the 8086 ---- */

static void op_nothing(struct cpu *cpu, const struct op *o) { (void)cpu; (void)o; }

/* POP CS: the next instruction is the old IP's in the new segment. */
static void op_pop_cs(struct cpu *cpu, const struct op *o)
{
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP] & mask;
    u16 selector = ld16(cpu, SS, sp);
    (void)o;
    stack_set(cpu, mask, sp + 2);
    code_commit_real(cpu, selector, (u32)cpu->s.rip & 0xffff);
}

/* "Differences From 8086": PUSH SP pushes the decremented value. */
static void op_push_sp(struct cpu *cpu, const struct op *o)
{
    u16 sp = (u16)(cpu->s.gpr[ESP] - 2);
    (void)o;
    st16(cpu, SS, sp, sp);
    set_reg16(cpu, ESP, sp);
}

/* One shift or rotate by 1 of `bits` bits; CF and OF in *c and *of. */
static u32 shift_1(int how, u32 v, int bits, bool *c, bool *of)
{
    u32 top = 1u << (bits - 1), mask = top | (top - 1), r;
    bool in = *c;
    switch (how) {
    case SHIFT_ROL: *c = v & top; r = v << 1 | *c; *of = !(r & top) == *c; break;
    case SHIFT_ROR: *c = v & 1; r = v >> 1 | (*c ? top : 0); break;
    case SHIFT_RCL: *c = v & top; r = v << 1 | in; *of = !(r & top) == *c; break;
    case SHIFT_RCR: *c = v & 1; r = v >> 1 | (in ? top : 0); break;
    case SHIFT_SHL: *c = v & top; r = v << 1; *of = !(r & top) == *c; break;
    case SHIFT_SHR: *c = v & 1; r = v >> 1; *of = v & top; break;
    case SHIFT_SETMO: *c = false; *of = false; return mask;
    default: *c = v & 1; r = v >> 1 | (v & top); *of = false; break;
    }
    if (how == SHIFT_ROR || how == SHIFT_RCR)
        *of = !(r & top) != !(r & top >> 1);
    return r & mask;
}

/* D0 to D3: the count is all eight bits of CL, one step after the other. */
static void op_shift(struct cpu *cpu, const struct op *o)
{
    int how = o->dst & 7, size = op_bytes(o);
    u32 v = (u32)rm_read_rmw(cpu, o, size);
    u8 count = o->row->operand[1] == One ? 1 : reg8(cpu, ECX);
    bool c = flag_c(cpu), of = flag_o(cpu);
    for (int k = 0; k < count; k++)
        v = shift_1(how, v, size * 8, &c, &of);
    rm_write(cpu, o, v, size);
    if (!count)
        return;
    if (how >= SHIFT_SHL)
        flags_set(cpu, size == 1 ? (u64)(i64)(i8)v : (u64)(i64)(i16)v, aux_co(c, of));
    else
        cpu->lf_aux = (cpu->lf_aux & ~LF_CARRIES) | aux_co(c, of);
}

/* Dividend, divisor and their quotient; false: it does not fit. */
struct division { i64 n, d, q, r; };

/* Captured from an 80286: where the quotient would be below -80h, what is left of the dividend beyond 80h times the divisor is
 * compared without its bit 14; if it then is less than the divisor, the quotient is -80h and nothing faults. */
static bool missed_by_286(const struct cpu *cpu, struct division *v)
{
    i64 n = v->n < 0 ? -v->n : v->n, d = v->d < 0 ? -v->d : v->d, beyond = n - 0x80 * d, left = beyond & ~(i64)0x4000;
    if (!cpu_has(cpu, FEATURE_286) || cpu_has(cpu, FEATURE_386) || (v->n < 0) == (v->d < 0) || beyond < d || left >= d)
        return false;
    v->q = -0x80;
    v->r = v->n < 0 ? -left : left;
    return true;
}

static bool divide(struct cpu *cpu, const struct op *o, bool is_signed, struct division *v)
{
    int size = op_bytes(o);
    u64 low = reg_size(cpu, EAX, size), high = size == 1 ? reg8(cpu, 4) : reg_size(cpu, EDX, size), n, d = rm_read(cpu, o, size);
    n = high << 8 * size | low;
    if (!is_signed) {
        v->n = (i64)n;
        v->d = (i64)d;
        if (!d || n / d > mask_bytes(size))
            return false;
        v->q = (i64)(n / d);
        v->r = (i64)(n % d);
        return true;
    }
    int shift = 64 - 16 * size;
    v->n = (i64)(n << shift) >> shift;
    v->d = (i64)(d << (64 - 8 * size)) >> (64 - 8 * size);
    if (!v->d || (v->d == -1 && v->n == INT64_MIN))
        return false;
    v->q = v->n / v->d;
    v->r = v->n % v->d;
    if (size == 1 && missed_by_286(cpu, v))
        return true;
    i64 most = (i64)(mask_bytes(size) >> 1), least = cpu_has(cpu, FEATURE_286) ? -most - 1 : -most;
    return v->q <= most && v->q >= least;
}

/* Up to the Pentium a division leaves other flags than it found (what Linux's test for Cyrix processors relies on: 5 / 2 with AH
 * as the flags); the manuals call them undefined. As those of the last subtraction, of the divisor from the remainder. */
static void op_divide(struct cpu *cpu, const struct op *o)
{
    struct division v;
    int size = op_bytes(o);
    if (!divide(cpu, o, (o->dst & 7) == 7, &v))
        cpu_raise(cpu, EXC_DE, 0, "quotient does not fit, or division by zero", 0);
    if (size == 1) {
        set_reg16(cpu, EAX, (u16)((v.r & 0xff) << 8 | (v.q & 0xff)));
    } else {
        set_reg_size(cpu, EAX, (u64)v.q, size);
        set_reg_size(cpu, EDX, (u64)v.r, size);
    }
    u64 mask = mask_bytes(size), r = (u64)v.r & mask, d = (u64)v.d & mask;
    flags_of_difference(cpu, size, r, d);
}

/* ---- a coprocessor that is not there ---- */

/* ESC: the operand is fetched for it. "Processor Extension Opcodes". */
static void op_escape(struct cpu *cpu, const struct op *o)
{
    if (!op_is_reg(o))
        ld16(cpu, op_seg(o), op_ea(cpu, o));
}

/* POP to memory: the 286 has popped the word when it finds that the destination does not hold it. */
static void op_pop_mem_286(struct cpu *cpu, const struct op *o)
{
    u64 sp = cpu->s.gpr[ESP], v = ld16(cpu, SS, sp & 0xffff);
    set_reg16(cpu, ESP, (u16)(sp + 2));
    rm_write(cpu, o, v, 2);
}

static bool is_source(u32 code)      { return operand_kind(code) == K_X && operand_size(code) != S_b; }
static bool is_destination(u32 code) { return operand_kind(code) == K_Y && operand_size(code) != S_b; }

/* The index register moves with each operand, before the operand is found to overrun; CMPS begins with its destination. A REP's
 * count has run ahead: by one, or two where the destination is written, and not at all with CMPS's destination. */
bool string_overrun_286(struct cpu *cpu, const struct op *o)
{
    const u16 *operand = o->row->operand;
    bool source = is_source(operand[0]) || is_source(operand[1]), rep = op_rep(o) || op_repne(o);
    bool destination = is_destination(operand[0]) || is_destination(operand[1]), read = o->row->attr & A_REPCC;
    bool compares = source && destination && read;
    u16 si = reg16(cpu, ESI), di = reg16(cpu, EDI), by = (u16)(cpu->s.eflags & FLAG_DF ? -2 : 2), ahead = 0;
    bool first_is_si = source && !compares, fails = false;
    if (protected_mode(cpu) || !((source && si == 0xffff) || (destination && di == 0xffff)))
        return false;
    for (int k = 0; k < 2 && !fails; k++) {
        bool use_si = (k == 0) == first_is_si;
        if (!(use_si ? source : destination))
            continue;
        fails = (use_si ? si : di) == 0xffff;
        set_reg16(cpu, use_si ? ESI : EDI, (u16)((use_si ? si : di) + by));
        ahead = use_si ? 1 : compares ? 0 : read ? 1 : 2;
    }
    if (rep)
        set_reg16(cpu, ECX, (u16)(reg16(cpu, ECX) < ahead ? 0 : reg16(cpu, ECX) - ahead));
    return true;
}

/* ---- rows ---- */

/* clang-format off */
#define ROW(mn, f, ...) { .mnemonic = mn, .fn = f, __VA_ARGS__ }
const struct row row_nothing = ROW("(undefined)", op_nothing, .operand = { __ });
static const struct row escape_row = ROW("esc", op_escape, .operand = { Ew }, .exceptions = EXCEPT_FPU);
static const struct row pop_mem_286 = ROW("pop", op_pop_mem_286, .operand = { Ev }, .attr = A_STACK);
static const struct row divisions[2][2] = {
    { ROW("div", op_divide, .operand = { Eb }, .writes = FLAGS_ARITH), ROW("idiv", op_divide, .operand = { Eb }, .writes = FLAGS_ARITH) },
    { ROW("div", op_divide, .operand = { Ev }, .writes = FLAGS_ARITH), ROW("idiv", op_divide, .operand = { Ev }, .writes = FLAGS_ARITH) },
};
#define SHIFTS(rm, by) { ROW("rol", op_shift, .operand = { rm, by }), ROW("ror", op_shift, .operand = { rm, by }), \
    ROW("rcl", op_shift, .operand = { rm, by }), ROW("rcr", op_shift, .operand = { rm, by }), ROW("shl", op_shift, .operand = { rm, by }), \
    ROW("shr", op_shift, .operand = { rm, by }), ROW("setmo", op_shift, .operand = { rm, by }), ROW("sar", op_shift, .operand = { rm, by }) }
static const struct row shifts[4][8] = { SHIFTS(Eb, One), SHIFTS(Ev, One), SHIFTS(Eb, CL), SHIFTS(Ev, CL) };
static const struct row pop_cs = ROW("pop", op_pop_cs, .operand = { rCS }, .attr = A_STACK | A_END);
static const struct row push_sp = ROW("push", op_push_sp, .operand = { Zv }, .attr = A_STACK);
static const struct row shift_group[4] = {
    { .group = shifts[0], .by = BY_REG, .operand = { Eb } }, { .group = shifts[1], .by = BY_REG, .operand = { Ev } },
    { .group = shifts[2], .by = BY_REG, .operand = { Eb } }, { .group = shifts[3], .by = BY_REG, .operand = { Ev } },
};
/* clang-format on */

/* Opcodes that the 8086 does not tell apart: 60-6F are the conditional jumps, C0, C1, C8 and C9 returns. */
static u8 alias_8086(u8 opcode)
{
    if ((opcode & 0xf0) == 0x60)
        return opcode | 0x10;
    if ((opcode & 0xf6) == 0xc0)
        return opcode | 2;
    return opcode;
}

const struct row *row_8086(u8 *opcode)
{
    *opcode = alias_8086(*opcode);
    switch (*opcode) {
    case 0x0f: return &pop_cs;
    case 0x54: return &push_sp;
    case 0xd0: case 0xd1: case 0xd2: case 0xd3: return &shift_group[*opcode - 0xd0];
    default:   return &rows_1byte[*opcode];
    }
}

/* The member of a group by which the 8086 takes the undefined ones. */
static const struct row *member_8086(const struct row *row, u8 opcode)
{
    if (row->mnemonic)
        return row;
    switch (opcode) {
    case 0x8f: case 0xc6: case 0xc7: return rows_1byte[opcode].group;
    case 0xff: return rows_1byte[opcode].group + 6;
    default:   return &row_nothing;
    }
}

const struct row *row_of_model(const struct feature_set *has, const struct row *row, u8 opcode, bool two_bytes)
{
    if (two_bytes || feature_in(has, FEATURE_P6))
        return row;
    if (opcode >= 0xd8 && opcode <= 0xdf && !feature_in(has, FEATURE_FPU))
        return &escape_row;
    if (!feature_in(has, FEATURE_286))
        row = member_8086(row, opcode);
    if (opcode == 0x8f && row->mnemonic && !feature_in(has, FEATURE_386) && feature_in(has, FEATURE_286))
        return &pop_mem_286;
    if (opcode >= 0xf6 && opcode <= 0xf7 && (row == &rows_1byte[opcode].group[6] || row == &rows_1byte[opcode].group[7]))
        return &divisions[opcode - 0xf6][row == &rows_1byte[opcode].group[7]];
    return row;
}
