/* t_stack.c - which of SP and ESP a stack has: the B bit of SS decides, whatever G and the code segment say, and the
 * upper half of ESP stays where SP is used.
 * Follows: Intel SDM Vol. 1 "Address-Size Attributes for Stack Accesses"; Vol. 2 "PUSH", "POP", "CALL", "RET",
 * "ENTER", "LEAVE". */
#include "../../support/sysbench.h"

enum { CODE = 0x10000, BASE = 0x20000, HANDLER = 0x18000, UPPER = 0x10000, EBP_UPPER = 0x7b0000 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW };

struct program { const char *name; u8 bytes[12]; int n; int moves; };         /* moves: of the stack pointer, 32-bit code */

static const struct program lines[] = {
    { "push eax", { 0x50 }, 1, -4 }, { "o16 push ax", { 0x66, 0x50 }, 2, -2 }, { "push imm8", { 0x6a, 0x55 }, 2, -4 },
    { "pop eax", { 0x58 }, 1, 4 }, { "o16 pop ax", { 0x66, 0x58 }, 2, 2 }, { "pushfd", { 0x9c }, 1, -4 }, { "popfd", { 0x9d }, 1, 4 },
    { "pushad", { 0x60 }, 1, -32 }, { "popad", { 0x61 }, 1, 32 }, { "push ds", { 0x1e }, 1, -4 }, { "call", { 0xe8, 0, 0, 0, 0 }, 5, -4 },
    { "call; ret", { 0xe8, 1, 0, 0, 0, 0xf4, 0xc3 }, 7, 0 }, { "enter 8, 0", { 0xc8, 8, 0, 0 }, 4, -12 },
    { "enter 8, 1", { 0xc8, 8, 0, 1 }, 4, -16 }, { "push [esp]", { 0xff, 0x34, 0x24 }, 3, -4 }, { "pop; push", { 0x59, 0x51 }, 2, 0 },
    { "int", { 0xcd, 0x40 }, 2, -12 }, { "leave", { 0xc9 }, 1, 0x44 },
};

/* ESP after the line, on a stack with these G and B bits and this ESP; and EBP. */
static u32 stack_after(enum cpu_engine engine, const struct program *l, bool big, bool pages, u32 esp, u32 *ebp)
{
    struct bench *b = bench_new("max");
    struct cpu_state *s = &b->cpu->s;
    cpu_set_engine(b->cpu, engine);
    bench_protected(b, 0);
    memset(b->ram->host + CODE, 0xf4, 32);
    memcpy(b->ram->host + CODE, l->bytes, (size_t)l->n);
    b->ram->host[HANDLER] = 0xf4;
    put_idt(b, 0x40, gate_make(S_CODE0, HANDLER, 0x8e, 0));
    segment_fill(&s->seg[SS], S_DATA0, raw_make(BASE, pages ? 0x3f : 0x3ffff, 0x93, (big ? 0x40 : 0) | (pages ? 0x80 : 0)));
    s->rip = CODE;
    s->gpr[ESP] = esp;
    s->gpr[EBP] = big ? esp + 0x40 : EBP_UPPER | ((esp + 0x40) & 0xffff);
    cpu_changed(b->cpu);
    memset(b->ram->host + BASE, 0, 0x40000);
    if (cpu_run(b->cpu, 100) != EXIT_HALTED || (s->rip != CODE + (u32)l->n + 1 && s->rip != HANDLER + 1 && strcmp(l->name, "call; ret")))
        fail_msg("%s with B %d, G %d ends at %llx", l->name, big, pages, (unsigned long long)s->rip);
    u32 after = reg32(b->cpu, ESP);
    *ebp = reg32(b->cpu, EBP);
    bench_free(b);
    return after;
}

static void b_decides(void **state)
{
    static const u32 at[] = { 0x1000, UPPER + 0x1000, UPPER, UPPER + 0xfffc };      /* the last two wrap */
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (size_t k = 0; k < ARRAY_LEN(lines); k++)
            for (size_t n = 0; n < ARRAY_LEN(at); n++)
                for (int bits = 0; bits < 4; bits++) {
                    bool big = bits & 1, pages = bits & 2;
                    u32 moved = at[n] + (u32)lines[k].moves, ebp, esp = stack_after(engines[e], &lines[k], big, pages, at[n], &ebp);
                    u32 expected = big ? moved : (at[n] & 0xffff0000) | (moved & 0xffff);
                    if (esp != expected)
                        fail_msg("%s, B %d, G %d, ESP %x: %x, not %x", lines[k].name, big, pages, at[n], esp, expected);
                }
}

/* Where the bytes go, and SP wraps at 64 KB while ESP does not. */
static void place_and_wrap(void **state)
{
    static const struct program push = { "push eax", { 0x50 }, 1, -4 };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (int bits = 0; bits < 4; bits++) {
            bool big = bits & 1;
            u32 ebp, esp = stack_after(engines[e], &push, big, bits & 2, UPPER, &ebp);
            assert_int_equal(esp, big ? UPPER - 4 : UPPER + 0xfffc);
        }
}

/* The frame pointer of a 32-bit ENTER is all of ESP, whichever half the stack uses: processors (lock-step). A 16-bit one's is SP,
 * and EBP's upper half stays. */
static void enter_frame(void **state)
{
    static const struct program wide = { "enter 8, 2", { 0xc8, 8, 0, 2 }, 4, -20 }, narrow = { "o16 enter 8, 0", { 0x66, 0xc8, 8, 0, 0 }, 5, -10 };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (int big = 0; big < 2; big++) {
            u32 ebp;
            stack_after(engines[e], &wide, big, false, UPPER + 0x1000, &ebp);
            assert_int_equal(ebp, UPPER + 0xffc);
            stack_after(engines[e], &narrow, big, false, UPPER + 0x1000, &ebp);
            assert_int_equal(ebp, (big ? UPPER : EBP_UPPER) + 0xffe);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(b_decides), cmocka_unit_test(place_and_wrap), cmocka_unit_test(enter_frame) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
