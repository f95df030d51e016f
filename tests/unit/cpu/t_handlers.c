/* t_handlers.c - every encoding in every operand form, run by each engine from the same state: all must end alike.
 * Here: the opcode table byte by byte with register and memory operands of each address form, operand and address size prefixes,
 * REP and LOCK, in flat, based, limited and 16-bit segments; each instruction alone, before one that overwrites its flags
 * (so that FAST takes the handler without flags) and, where they fuse, before each conditional jump. Data is touched first, so
 * that FAST finds its pages in the first-level TLB.
 * What is right is for the vectors and the lock-step test to say; here the engines judge each other. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/engines.h"
#include "../../support/share.h"
#include "../../../cpu/decode/rows.h"

/* ---- encodings ---- */

struct encoding { u8 bytes[24]; int n; struct decoded d; };

static u32 mode_now(struct rig *r)
{
    struct bare *s = &r->side[ENGINE_FAST];
    s->cpu->s = r->start;
    cpu_changed(s->cpu);
    return s->cpu->mode;
}

/* Cut the bytes to one instruction; false if the decoder finds none. */
static bool cut(struct rig *r, u32 mode, struct encoding *e)
{
    struct decode d = { .cpu = r->side[ENGINE_FAST].cpu, .bytes = e->bytes, .n = 15, .mode = mode };
    memset(&e->d, 0, sizeof e->d);
    e->n = decode_insn(&d, &e->d);
    return e->n > 0 && e->d.op.row;
}

/* The instruction alone; a hot body also before TEST EDX, EDX, which overwrites all flags. */
static void run_encoding(struct rig *r, const struct encoding *e)
{
    for (int after = 0; after < (e->d.body ? 2 : 1); after++) {
        struct program p = { .n = 0 };
        roll_registers(r);
        emit_touch(r, &p);
        emit(&p, e->bytes, e->n);
        if (after)
            EMIT(&p, 0x85, 0xd2);
        EMIT(&p, HLT, HLT, HLT, HLT);
        compare(r, &p, RUN_MAX);
    }
}

static void run_fused(struct rig *r, const struct encoding *e)
{
    for (int cc = 0; cc < 16; cc++) {
        for (int k = 0; k < (SHARE > 1 ? 1 : 2); k++) {
            struct program p = { .n = 0 };
            roll_registers(r);
            emit_touch(r, &p);
            emit(&p, e->bytes, e->n);
            EMIT(&p, (u8)(0x70 + cc), 1, HLT, HLT);
            compare(r, &p, RUN_MAX);
        }
    }
}

static bool fuses(const struct decoded *d)
{
    return d->body && fused_handler(d->body, d->size_log2, d->form, 0)
        && (void (*)(void))fast_handlers[d->body][d->size_log2][d->form] == d->op.fn;
}

/* What stands behind the ModRM byte and its displacement: dice, but near jumps go a little forward, and offsets lead to data. */
static void put_tail(struct rig *r, u8 *at, const struct decoded *d, int opcode, bool wide)
{
    if (opcode >= 0xa0 && opcode <= 0xa3)
        put32(at, DATA + 0x20 - (u32)r->start.seg[DS].base);
    else if (d->op.row->attr & A_BRANCH)
        put32(at, wide ? 0x10 : 0xf4f40010);
    else
        put32(at, roll(r));
    put32(at + 4, roll(r));
}

enum { REGISTER, DISPLACED, INDEXED, ABSOLUTE, PLACES };

/* A ModRM byte for the place with what belongs to it; returns the bytes. */
static int put_modrm(struct rig *r, u8 *at, int reg, int place, bool wide, int rm)
{
    u32 data = DATA + 0x20 - (u32)r->start.seg[DS].base;
    u8 middle = (u8)(reg << 3);
    switch (place) {
    case REGISTER:
        at[0] = (u8)(0xc0 | middle | rm);
        return 1;
    case DISPLACED:                                         /* [ebx+10h], [bx+10h] */
        at[0] = (u8)(0x40 | middle | (wide ? 3 : 7));
        at[1] = 0x10;
        return 2;
    case INDEXED:                                           /* [ebx+esi*4+10h], [bx+si+10h] */
        at[0] = (u8)(0x40 | middle | (wide ? 4 : 0));
        at[1] = wide ? 0xb3 : 0x10;
        at[2] = 0x10;
        return wide ? 3 : 2;
    default:
        at[0] = (u8)(middle | (wide ? 5 : 6));
        put32(at + 1, data);
        return wide ? 5 : 3;
    }
}

/* Prefixes, opcode, ModRM byte; run what that means. */
static void run_place(struct rig *r, u32 mode, const u8 *prefix, int prefixes, const struct row_place *p, int place)
{
    struct encoding e = { .n = 0 };
    bool wide = mode & MODE_D;
    memcpy(e.bytes, prefix, (size_t)prefixes);
    for (int k = 0; k < prefixes; k++)
        wide ^= prefix[k] == 0x67;
    int at = prefixes + row_bytes(p, 3, 2, 0, e.bytes + prefixes), reg = p->reg >= 0 ? p->reg : 2;
    if (p->has_modrm && !p->modrm)
        at += put_modrm(r, e.bytes + at - 1, reg, place, wide, 0) - 1;
    memset(e.bytes + at, 0x11, sizeof e.bytes - (size_t)at);
    if (!cut(r, mode, &e))
        return;
    put_tail(r, e.bytes + at, &e.d, p->two_bytes ? -1 : p->opcode, mode & MODE_D);
    if (!cut(r, mode, &e))
        return;
    run_encoding(r, &e);
    if (fuses(&e.d))
        run_fused(r, &e);
}

static void run_row(void *to, const struct row_place *p)
{
    static const u8 prefix[][2] = { { 0 }, { 0x66 }, { 0x67 }, { 0x66, 0x67 }, { 0xf3 }, { 0xf2 }, { 0xf3, 0x66 }, { 0xf0 }, { 0x2e } };
    static const u8 prefixes[] = { 0, 1, 1, 2, 1, 1, 2, 1, 1 };
    struct rig *r = to;
    u32 mode = mode_now(r);
    if (p->model)
        return;
    for (size_t k = 0; k < ARRAY_LEN(prefix); k++) {
        if ((k >= 4 && k <= 6 && !(p->row->attr & A_REP)) || (k == 7 && p->reg < 0 && !(p->row->attr & A_LOCK)))
            continue;
        for (int place = 0; place < (p->has_modrm && !p->modrm ? PLACES : 1); place++)
            if (!p->has_modrm || (place == REGISTER ? p->registers : p->memory))
                run_place(r, mode, prefix[k], prefixes[k], p, place);
    }
}

static void every_encoding(void **state)
{
    enum lie lie = *(const enum lie *)*state;
    struct rig *r = rig_new(lie);
    rows_each(run_row, r);
    print_message("%s segments: %llu programs in %d engines\n", lie_name[lie], (unsigned long long)r->programs, ENGINES);
    assert_true(r->programs > 3000);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_EVERY_SEGMENT(every_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
