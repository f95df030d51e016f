/* t_links.c - where one decoded block ends and another begins nothing shows: the flags at the end are exact, and the
 * way from one to the other, once found, is looked at again when CS has another base or limit.
 * Follows: Intel SDM Vol. 2 "JMP", "CALL", "RET", "Jcc" (EIP is compared with CS's limit; 16-bit operands truncate
 * it). */
#include "../../support/sysbench.h"
#include "../../../cpu/engine/engine.h"
#include "../../../cpu/mmu/paging.h"

enum { CODE = 0x10000, HANDLERS = 0x20000, PAGE = 0x1000, OPS = 150 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

static struct bench *start(enum cpu_engine engine)
{
    struct bench *b = bench_new("max");
    cpu_set_engine(b->cpu, engine);
    bench_protected(b, 0);
    for (int v = 0; v < 32; v++)
        put_idt(b, v, gate_make(S_CODE0, HANDLERS + (u32)v, 0x8e, 0));
    memset(b->ram->host + HANDLERS, 0xf4, 0x100);
    return b;
}

/* ---- the same bytes, another code segment ---- */

/* Run from `linear` in a code segment with this base and limit; the linear address where it halts. Blocks stay. */
static u32 run_in(struct bench *b, u32 base, u32 limit, bool wide, u32 linear)
{
    struct cpu_state *s = &b->cpu->s;
    bool pages = limit > 0xfffff;
    segment_fill(&s->seg[CS], S_CODE0, raw_make(base, pages ? limit >> 12 : limit, 0x9b, (wide ? 0x40 : 0) | (pages ? 0x80 : 0)));
    s->rip = linear - base;
    s->activity = ACTIVITY_RUN;
    s->gpr[ESP] = STACK0;
    s->gpr[ECX] = 5;
    cpu_set_eflags(b->cpu, FLAG_1);
    cpu_segment_changed(b->cpu, CS);
    assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
    return (u32)(s->seg[CS].base + s->rip);
}

enum { THERE = CODE + PAGE };
struct way { const char *name; u8 bytes[12]; int n; };

/* From CODE to THERE with segments of base 0: the limit of one ends before it. In EAX: THERE. */
static const struct way wide_ways[] = {
    { "jmp rel32", { 0xe9, 0xfb, 0x0f, 0, 0 }, 5 }, { "call rel32", { 0xe8, 0xfb, 0x0f, 0, 0 }, 5 },
    { "jnz rel32", { 0x09, 0xc9, 0x0f, 0x85, 0xf8, 0x0f, 0, 0 }, 8 }, { "jmp eax", { 0xff, 0xe0 }, 2 },
    { "call eax", { 0xff, 0xd0 }, 2 }, { "ret", { 0x50, 0xc3 }, 2 }, { "ret 4", { 0x50, 0xc2, 4, 0 }, 4 },
};

static void limits(void **state)
{
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (size_t k = 0; k < ARRAY_LEN(wide_ways); k++) {
            struct bench *b = start(engines[e]);
            u8 *ram = b->ram->host;
            memcpy(ram + CODE, wide_ways[k].bytes, (size_t)wide_ways[k].n);
            memset(ram + CODE + wide_ways[k].n, 0xf4, 8);
            memset(ram + THERE, 0xf4, 8);
            b->cpu->s.gpr[EAX] = THERE;
            cpu_changed(b->cpu);
            for (int turn = 0; turn < 3; turn++) {
                for (int times = 0; times < 3; times++)
                    assert_int_equal(run_in(b, 0, 0x1ffff, true, CODE), THERE + 1);
                u32 end = run_in(b, 0, THERE - 1, true, CODE);
                if (end != HANDLERS + EXC_GP + 1)
                    fail_msg("%s beyond the limit halts at %x", wide_ways[k].name, end);
                assert_int_equal(mem32(b, reg32(b->cpu, ESP)), 0);
                assert_in_range(mem32(b, reg32(b->cpu, ESP) + 4), CODE, CODE + 2);          /* at the branch */
                assert_int_equal(run_in(b, 0, THERE, true, CODE), THERE + 1);               /* the last byte may run */
            }
            bench_free(b);
        }
}

/* Straight on into the next page, and the limit between. */
static void limit_between_pages(void **state)
{
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct bench *b = start(engines[e]);
        memset(b->ram->host + THERE - 3, 0x40, 5);                          /* inc eax */
        b->ram->host[THERE + 2] = 0xf4;
        cpu_changed(b->cpu);
        for (int turn = 0; turn < 3; turn++) {
            b->cpu->s.gpr[EAX] = 0;
            assert_int_equal(run_in(b, 0, 0x1ffff, true, THERE - 3), THERE + 3);
            assert_int_equal(reg32(b->cpu, EAX), 5);
            assert_int_equal(run_in(b, 0, THERE - 1, true, THERE - 3), HANDLERS + EXC_GP + 1);
            assert_int_equal(reg32(b->cpu, EAX), 8);
            assert_int_equal(mem32(b, reg32(b->cpu, ESP)), 0);
            assert_int_equal(mem32(b, reg32(b->cpu, ESP) + 4), THERE);
        }
        bench_free(b);
    }
}

/* 16-bit code: where IP wraps depends on the base. The same bytes go 200h on, or back to the beginning of the
 * segment. */
static void bases(void **state)
{
    static const struct way ways[] = {
        { "jmp rel16", { 0xe9, 0xfd, 0x01 }, 3 }, { "call rel16", { 0xe8, 0xfd, 0x01 }, 3 },
        { "jnz rel16", { 0x09, 0xc9, 0x0f, 0x85, 0xfa, 0x01 }, 6 },
    };
    enum { HIGH = 0x17ff0, AFTER = HIGH + 0x200, WRAPPED = AFTER - 0x10000 };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (size_t k = 0; k < ARRAY_LEN(ways); k++) {
            struct bench *b = start(engines[e]);
            memcpy(b->ram->host + HIGH, ways[k].bytes, (size_t)ways[k].n);
            b->ram->host[AFTER] = b->ram->host[WRAPPED] = 0xf4;
            cpu_changed(b->cpu);
            for (int turn = 0; turn < 6; turn++) {
                bool wraps = turn % 3 == 2;
                u32 end = run_in(b, wraps ? 0x8000 : 0x10000, 0xffff, false, HIGH);
                if (end != (wraps ? WRAPPED : AFTER) + 1)
                    fail_msg("%s, base %x halts at %x", ways[k].name, wraps ? 0x8000 : 0x10000, end);
            }
            bench_free(b);
        }
}

/* One page of code at two linear addresses that differ in one bit, with other pages behind it: the way found at the one is not the
 * other's. Again and again with new page tables, so that it is found anew. */
static void aliases(void **state)
{
    enum { TABLES = 0x50000, SHARED = 0x40000, ONE = 0x41000, OTHER = 0x42000 };
    static const u8 jump[] = { 0xe9, 0xfb, 0x0f, 0, 0 };                    /* into the next page */
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (u32 bit = 12; bit < 22; bit++) {
            struct bench *b = start(engines[e]);
            u8 *ram = b->ram->host;
            u32 high = 0x800000 | (bit == 12 ? 0x2000u : 0) | 1u << bit, low = high & ~(1u << bit);
            if (bit == 12)                                                  /* the page behind the lower is the higher one itself */
                high += 0x4000, low += 0x2000;
            for (u32 p = 0; p < 1024; p++) {
                put32(ram + TABLES + 0x1000 + p * 4, p << 12 | 3);
                put32(ram + TABLES + 0x2000 + p * 4, 0);
            }
            put32(ram + TABLES, (TABLES + 0x1000) | 3);
            put32(ram + TABLES + 8, (TABLES + 0x2000) | 3);                 /* 8 MB and up */
            for (int k = 0; k < 2; k++) {
                u32 at = (k ? high : low) >> 12 & 0x3ff;
                put32(ram + TABLES + 0x2000 + at * 4, SHARED | 3);
                put32(ram + TABLES + 0x2000 + (at + 1) * 4, (k ? ONE : OTHER) | 3);
            }
            memcpy(ram + SHARED, jump, sizeof jump);
            memcpy(ram + ONE, (const u8[]) { 0x40, 0xf4 }, 2);              /* inc eax; hlt */
            memcpy(ram + OTHER, (const u8[]) { 0x43, 0xf4 }, 2);            /* inc ebx; hlt */
            b->cpu->s.cr3 = TABLES;
            b->cpu->s.cr0 |= CR0_PG;
            cpu_changed(b->cpu);
            for (u32 turn = 0; turn < 40; turn++) {
                tlb_flush(b->cpu, false);
                b->cpu->s.gpr[EAX] = b->cpu->s.gpr[EBX] = 0;
                assert_int_equal(run_in(b, 0, 0xffffff, true, high), high + 0x1002);
                assert_int_equal(run_in(b, 0, 0xffffff, true, low), low + 0x1002);
                assert_int_equal(run_in(b, 0, 0xffffff, true, high), high + 0x1002);
                assert_int_equal(reg32(b->cpu, EAX), 2);
                assert_int_equal(reg32(b->cpu, EBX), 1);
            }
            bench_free(b);
        }
}

/* ---- flags at the end of a block ---- */

/* Instruction number k of a straight line: arithmetic of registers, some of it keeping flags. Returns its length. */
static int arithmetic(u8 *to, int k)
{
    static const u8 two[][2] = {
        { 0x01, 0xc8 }, { 0x29, 0xd3 }, { 0xf7, 0xd8 }, { 0x31, 0xd8 }, { 0x01, 0xda }, { 0xd1, 0xe0 }, { 0x09, 0xd1 }, { 0x21, 0xc2 },
        { 0x39, 0xd8 }, { 0xd1, 0xfb }, { 0x11, 0xd9 }, { 0x85, 0xc8 }, { 0x19, 0xc2 },
    };                                      /* add sub neg xor add shl or and cmp sar adc test sbb */
    if (k % 5 == 3) {
        to[0] = k & 1 ? 0x41 : 0x4b;                                        /* inc ecx, dec ebx */
        return 1;
    }
    memcpy(to, two[(k * 7 + k / 13) % (int)ARRAY_LEN(two)], 2);
    return 2;
}

struct result { u32 gpr[4], flags; u64 rip; };

/* n instructions that end with a page, or in the middle of one; the flags are read by PUSHFD behind them, or from
 * outside. */
static struct result straight(struct bench *b, int n, int first, bool page_end, bool outside)
{
    struct cpu_state *s = &b->cpu->s;
    u8 line[2 * OPS + 8];
    int at = 0;
    for (int k = 0; k < n; k++)
        at += arithmetic(line + at, first + k);
    u32 from = page_end ? THERE - (u32)at : CODE + 0x40;
    line[at] = 0x9c;                                                        /* pushfd; hlt */
    line[at + 1] = 0xf4;
    space_write_bytes(b->memory, from, line, (u32)at + 2);
    cpu_changed(b->cpu);
    s->rip = from;
    s->activity = ACTIVITY_RUN;
    s->gpr[ESP] = STACK0;
    s->gpr[EAX] = 0x12345678 + (u32)n * 0x01234567;
    s->gpr[ECX] = 0x9abcdef0;
    s->gpr[EDX] = 0x0f1e2d3c;
    s->gpr[EBX] = 0x80000001;
    cpu_set_eflags(b->cpu, FLAG_1 | (n & 1 ? FLAGS_ARITH : 0));
    cpu_run(b->cpu, outside ? (u64)n : (u64)n + 2);
    struct result r = { .flags = outside ? cpu_eflags(b->cpu) : mem32(b, STACK0 - 4), .rip = s->rip };
    for (int k = 0; k < 4; k++)
        r.gpr[k] = reg32(b->cpu, k);
    assert_int_equal(r.rip, from + (u32)at + (outside ? 0 : 2));
    return r;
}

static void flags_are_exact(void **state)
{
    struct bench *fast = start(ENGINE_FAST), *slow = start(ENGINE_SLOW);
    (void)state;
    for (int n = 1; n < OPS; n++)
        for (int how = 0; how < 4; how++)
            for (int first = 0; first < 13; first += 4) {
                straight(fast, first & 4 ? OPS : BLOCK_MAX, n, false, true);    /* something long before it */
                struct result a = straight(fast, n, first, how & 1, how & 2), b = straight(slow, n, first, how & 1, how & 2);
                if (a.flags != b.flags || memcmp(a.gpr, b.gpr, sizeof a.gpr))
                    fail_msg("%d instructions from number %d, %d: flags %x, not %x", n, first, how, a.flags, b.flags);
            }
    bench_free(fast);
    bench_free(slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits), cmocka_unit_test(limit_between_pages), cmocka_unit_test(bases), cmocka_unit_test(aliases),
        cmocka_unit_test(flags_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
