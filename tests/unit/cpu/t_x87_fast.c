/* t_x87_fast.c - rows of x87 instructions by FAST's own handlers (cpu/insn/x87/x87_fast.c) and by every other engine, from the same state:
 * all must end alike. Operands are what tells roundings apart: numbers of near exponents with long runs of equal bits, the ends of the
 * formats, zeros, denormals, infinities, NaNs and what is none; under each rounding, each precision, with exceptions unmasked or pending,
 * with the stack full, empty or in part.
 * What is right is for t_f80, t_x87 and the lock-step test to say. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/engines.h"
#include "../../support/share.h"
#include "../../../cpu/insn/x87/x87.h"
#include "../../../cpu/insn/x87/x87_fast.h"

enum { PROGRAMS = 12000 / SHARE, OPS = 12 };

static u64 roll64(struct rig *r)
{
    u64 high = roll(r);
    return high << 32 | roll(r);
}

/* Bits in runs, so that carries go far and ties are met. */
static u64 roll_bits(struct rig *r)
{
    u64 v = roll64(r);
    switch (roll(r) % 6) {
    case 0:  return v;
    case 1:  return ~0ull << (v & 63);
    case 2:  return 1ull << (v & 63);
    case 3:  return ~0ull << (v & 63) ^ 1ull << (v >> 8 & 63);
    case 4:  return v << (v >> 58);
    default: return ~0ull >> (v & 63) ^ 1ull << (v >> 8 & 63);
    }
}

static struct f80 roll_f80(struct rig *r)
{
    static const u16 ends[] = { 0, 1, 2, 0x3c00, 0x3c01, 0x3c02, 0x3f80, 0x3f81, 0x3f82, 0x407e, 0x407f, 0x43fd, 0x43fe, 0x43ff, 0x7ffd,
                                0x7ffe, 0x7fff };
    u32 kind = roll(r) % 16, exp = F80_BIAS - 2 + roll(r) % 5;
    u64 significand = roll_bits(r) | F80_INTEGER_BIT;
    if (kind == 0)
        return f80_zero(roll(r) & 1);
    if (kind == 1)
        return f80_make(roll(r) & 1, roll(r) & 0x7fff, roll_bits(r));
    if (kind == 2)
        exp = ends[roll(r) % ARRAY_LEN(ends)];
    else if (kind < 8)
        exp = F80_BIAS - 70 + roll(r) % 140;
    return f80_make(roll(r) & 1, exp, significand);
}

static void roll_memory(struct rig *r)
{
    for (u32 k = 0; k < 0x200; k += 16) {
        u8 *at = r->memory + DATA + k;
        u64 sign = roll64(r) & 1ull << 63, fraction = roll_bits(r);
        u32 kind = roll(r) % 8, exp = kind == 0 ? 0 : kind == 1 ? 0x7ff : kind == 2 ? 1 + roll(r) % 0x7fe : 1021 + roll(r) % 5;
        struct f80 v = roll_f80(r);
        switch (roll(r) % 4) {
        case 0:
            put64(at, sign | (u64)exp << 52 | fraction >> 12);
            break;
        case 1:                                             /* two of 32 bits */
            exp = kind == 0 ? 0 : kind == 1 ? 0xff : kind == 2 ? 1 + roll(r) % 0xfe : 125 + roll(r) % 5;
            put32(at, (u32)(sign >> 32) | exp << 23 | (u32)(fraction >> 41));
            put32(at + 4, roll(r) & 0x8000007f);
            break;
        case 2:
            put64(at, kind & 1 ? fraction : (u64)(i64)(i8)fraction);
            break;
        default:
            put64(at, v.significand);
        }
        put64(at + 8, v.se);
    }
}

static void roll_x87(struct rig *r)
{
    struct x87 *x = &r->start.x87;
    for (int k = 0; k < 8; k++)
        x->st[k] = roll_f80(r);
    x->fcw = FCW_INIT;
    if (roll(r) & 1)
        x->fcw = (u16)((roll(r) & (FCW_PC | FCW_RC)) | FSW_EXCEPTIONS | FCW_FIXED);
    if (roll(r) % 4 == 0)
        x->fcw &= (u16)~(roll(r) & FSW_EXCEPTIONS);
    x->fsw = (u16)(roll(r) & (FSW_TOP | FSW_CC));
    if (roll(r) % 8 == 0)
        x->fsw |= (u16)(roll(r) & (FSW_EXCEPTIONS | FSW_SF));
    if (x->fsw & ~x->fcw & FSW_EXCEPTIONS)
        x->fsw |= FSW_ES | FSW_B;
    x->empty = (u8)(roll(r) & roll(r) & (roll(r) % 4 ? 0x3c : 0xff));
    x->fip = x->fdp = x->fcs = x->fds = x->fop = 0;
}

/* An instruction of D8 to DF that FAST has handlers for, mostly; an operand in memory where data is. */
static void emit_x87(struct rig *r, struct program *p)
{
    u32 opcode, modrm, row;
    do {
        opcode = roll(r) & 7;
        modrm = roll(r) & 0xff;
        row = modrm >= 0xc0 ? 8 + (modrm & 63) : modrm >> 3 & 7;
    } while (!rows_x87[opcode][row].mnemonic || (roll(r) % 16 && !x87_fast(rows_x87[opcode][row].fn, true)));
    if (modrm >= 0xc0) {
        EMIT(p, (u8)(0xd8 + opcode), (u8)modrm);
    } else if (r->lie == NARROW) {                          /* [bx+n] */
        EMIT(p, (u8)(0xd8 + opcode), (u8)(0x47 | (modrm & 0x38)), (u8)(roll(r) % 12 * 8));
    } else if (modrm & 1) {                                 /* [ebx+esi*2+n] */
        EMIT(p, (u8)(0xd8 + opcode), (u8)(0x44 | (modrm & 0x38)), 0x73, (u8)(roll(r) % 12 * 8));
    } else {
        EMIT(p, (u8)(0xd8 + opcode), (u8)(0x43 | (modrm & 0x38)), (u8)(roll(r) % 12 * 8));
    }
}

static void many_programs(void **state)
{
    enum lie lie = *(const enum lie *)*state;
    struct rig *r = rig_new(lie);
    for (int n = 0; n < PROGRAMS; n++) {
        struct program p = { .n = 0 };
        roll_registers(r);
        roll_memory(r);
        roll_x87(r);
        emit_touch(r, &p);
        for (int k = 0; k < OPS; k++) {
            emit_x87(r, &p);
            if (roll(r) % 4 == 0)                           /* whose flags FCOMI may have set */
                EMIT(&p, 0x0f, (u8)(0x90 + roll(r) % 16), 0xc0 + EDX);
        }
        EMIT(&p, HLT, HLT, HLT, HLT);
        compare(r, &p, RUN_MAX);
    }
    print_message("%s segments: %llu programs in %d engines\n", lie_name[lie], (unsigned long long)r->programs, ENGINES);
    rig_free(r);
}

/* That what is compared above is not h_fn with itself. */
static void own_handlers(void **state)
{
    int own = 0;
    (void)state;
    for (int k = 0; k < 8 * 72; k++) {
        const struct row *row = &rows_x87[k / 72][k % 72];
        if (row->mnemonic && x87_fast(row->fn, true)) {
            assert_ptr_not_equal(x87_fast(row->fn, true), h_fn);
            own++;
        }
    }
    assert_true(own > 100);
    assert_null(x87_fast(x87_fsin, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_handlers),
        IN_EVERY_SEGMENT(many_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
