/* t_widths.c - how many bytes each instruction's memory operand has: at the end of a page all of them are there, one
 * byte further on the next page's #PF comes. What is written is as wide as the manual says, whatever the operand
 * size.
 * Follows: Intel SDM Vol. 2, each instruction's Operand and Description; Vol. 1 "x87 FPU State Image". */
#include "../../support/trial.h"

/* The bytes up to ModRM, then a 32-bit address and `tail` bytes of immediate. */
struct form { const char *name; u8 bytes[4]; int n, tail; u32 width; };

static const struct form forms[] = {
    { "mov ds, m16", { 0x8e, 0x1d }, 2, 0, 2 }, { "mov m16, ds", { 0x8c, 0x1d }, 2, 0, 2 },
    { "o16 mov es, m16", { 0x66, 0x8e, 0x05 }, 3, 0, 2 }, { "mov ss, m16", { 0x8e, 0x15 }, 2, 0, 2 },
    { "sldt", { 0x0f, 0x00, 0x05 }, 3, 0, 2 }, { "str", { 0x0f, 0x00, 0x0d }, 3, 0, 2 },
    { "lldt", { 0x0f, 0x00, 0x15 }, 3, 0, 2 }, { "ltr", { 0x0f, 0x00, 0x1d }, 3, 0, 2 },
    { "verr", { 0x0f, 0x00, 0x25 }, 3, 0, 2 }, { "verw", { 0x0f, 0x00, 0x2d }, 3, 0, 2 },
    { "sgdt", { 0x0f, 0x01, 0x05 }, 3, 0, 6 }, { "sidt", { 0x0f, 0x01, 0x0d }, 3, 0, 6 },
    { "lgdt", { 0x0f, 0x01, 0x15 }, 3, 0, 6 }, { "lidt", { 0x0f, 0x01, 0x1d }, 3, 0, 6 },
    { "o16 lgdt", { 0x66, 0x0f, 0x01, 0x15 }, 4, 0, 6 }, { "smsw", { 0x0f, 0x01, 0x25 }, 3, 0, 2 },
    { "lmsw", { 0x0f, 0x01, 0x35 }, 3, 0, 2 }, { "lar", { 0x0f, 0x02, 0x05 }, 3, 0, 2 },
    { "lsl", { 0x0f, 0x03, 0x05 }, 3, 0, 2 }, { "arpl", { 0x63, 0x05 }, 2, 0, 2 }, { "lds", { 0xc5, 0x05 }, 2, 0, 6 },
    { "les", { 0xc4, 0x05 }, 2, 0, 6 }, { "o16 les", { 0x66, 0xc4, 0x05 }, 3, 0, 4 },
    { "lss", { 0x0f, 0xb2, 0x05 }, 3, 0, 6 }, { "lfs", { 0x0f, 0xb4, 0x05 }, 3, 0, 6 },
    { "o16 lgs", { 0x66, 0x0f, 0xb5, 0x05 }, 4, 0, 4 }, { "call far", { 0xff, 0x1d }, 2, 0, 6 },
    { "jmp far", { 0xff, 0x2d }, 2, 0, 6 }, { "o16 jmp far", { 0x66, 0xff, 0x2d }, 3, 0, 4 },
    { "call", { 0xff, 0x15 }, 2, 0, 4 }, { "jmp", { 0xff, 0x25 }, 2, 0, 4 },
    { "o16 jmp", { 0x66, 0xff, 0x25 }, 3, 0, 2 }, { "push", { 0xff, 0x35 }, 2, 0, 4 },
    { "o16 push", { 0x66, 0xff, 0x35 }, 3, 0, 2 }, { "pop", { 0x8f, 0x05 }, 2, 0, 4 },
    { "o16 pop", { 0x66, 0x8f, 0x05 }, 3, 0, 2 }, { "bound", { 0x62, 0x05 }, 2, 0, 8 },
    { "o16 bound", { 0x66, 0x62, 0x05 }, 3, 0, 4 }, { "cmpxchg8b", { 0x0f, 0xc7, 0x0d }, 3, 0, 8 },
    { "cmpxchg m8", { 0x0f, 0xb0, 0x05 }, 3, 0, 1 }, { "cmpxchg", { 0x0f, 0xb1, 0x05 }, 3, 0, 4 },
    { "xadd m8", { 0x0f, 0xc0, 0x05 }, 3, 0, 1 }, { "xadd", { 0x0f, 0xc1, 0x05 }, 3, 0, 4 },
    { "xchg m8", { 0x86, 0x05 }, 2, 0, 1 }, { "xchg", { 0x87, 0x05 }, 2, 0, 4 },
    { "bt imm", { 0x0f, 0xba, 0x25 }, 3, 1, 4 }, { "o16 bts imm", { 0x66, 0x0f, 0xba, 0x2d }, 4, 1, 2 },
    { "bt reg", { 0x0f, 0xa3, 0x05 }, 3, 0, 4 }, { "btr reg", { 0x0f, 0xb3, 0x05 }, 3, 0, 4 },
    { "o16 btc", { 0x66, 0x0f, 0xbb, 0x05 }, 4, 0, 2 }, { "movzx m8", { 0x0f, 0xb6, 0x05 }, 3, 0, 1 },
    { "movzx m16", { 0x0f, 0xb7, 0x05 }, 3, 0, 2 }, { "movsx m8", { 0x0f, 0xbe, 0x05 }, 3, 0, 1 },
    { "movsx m16", { 0x0f, 0xbf, 0x05 }, 3, 0, 2 }, { "o16 movzx m16", { 0x66, 0x0f, 0xb7, 0x05 }, 4, 0, 2 },
    { "shld", { 0x0f, 0xa4, 0x05 }, 3, 1, 4 }, { "o16 shrd cl", { 0x66, 0x0f, 0xad, 0x05 }, 4, 0, 2 },
    { "setz", { 0x0f, 0x94, 0x05 }, 3, 0, 1 }, { "cmovz", { 0x0f, 0x44, 0x05 }, 3, 0, 4 },
    { "cmovnz", { 0x0f, 0x45, 0x05 }, 3, 0, 4 }, { "imul", { 0x0f, 0xaf, 0x05 }, 3, 0, 4 },
    { "imul imm8", { 0x6b, 0x05 }, 2, 1, 4 }, { "imul imm32", { 0x69, 0x05 }, 2, 4, 4 },
    { "bsf", { 0x0f, 0xbc, 0x05 }, 3, 0, 4 }, { "mul", { 0xf7, 0x25 }, 2, 0, 4 },
    { "mul m8", { 0xf6, 0x25 }, 2, 0, 1 }, { "mov m8, imm", { 0xc6, 0x05 }, 2, 1, 1 },
    { "mov m32, imm", { 0xc7, 0x05 }, 2, 4, 4 }, { "mov al, moffs", { 0xa0 }, 1, 0, 1 },
    { "mov moffs, eax", { 0xa3 }, 1, 0, 4 }, { "o16 mov ax, moffs", { 0x66, 0xa1 }, 2, 0, 2 },
    { "test", { 0x85, 0x05 }, 2, 0, 4 }, { "shl", { 0xd1, 0x25 }, 2, 0, 4 }, { "shl 0", { 0xc1, 0x25 }, 2, 1, 4 },
    { "inc", { 0xff, 0x05 }, 2, 0, 4 }, { "not m8", { 0xf6, 0x15 }, 2, 0, 1 },
    { "movd load", { 0x0f, 0x6e, 0x05 }, 3, 0, 4 }, { "movd store", { 0x0f, 0x7e, 0x05 }, 3, 0, 4 },
    { "movq load", { 0x0f, 0x6f, 0x05 }, 3, 0, 8 }, { "movq store", { 0x0f, 0x7f, 0x05 }, 3, 0, 8 },
    { "paddb", { 0x0f, 0xfc, 0x05 }, 3, 0, 8 }, { "punpckhbw", { 0x0f, 0x68, 0x05 }, 3, 0, 8 },
    { "psllq", { 0x0f, 0xf3, 0x05 }, 3, 0, 8 }, { "fadd m32", { 0xd8, 0x05 }, 2, 0, 4 },
    { "fadd m64", { 0xdc, 0x05 }, 2, 0, 8 }, { "fiadd m32", { 0xda, 0x05 }, 2, 0, 4 },
    { "fiadd m16", { 0xde, 0x05 }, 2, 0, 2 }, { "fld m32", { 0xd9, 0x05 }, 2, 0, 4 },
    { "fld m64", { 0xdd, 0x05 }, 2, 0, 8 }, { "fld m80", { 0xdb, 0x2d }, 2, 0, 10 },
    { "fild m16", { 0xdf, 0x05 }, 2, 0, 2 }, { "fild m32", { 0xdb, 0x05 }, 2, 0, 4 },
    { "fild m64", { 0xdf, 0x2d }, 2, 0, 8 }, { "fbld", { 0xdf, 0x25 }, 2, 0, 10 },
    { "fldcw", { 0xd9, 0x2d }, 2, 0, 2 }, { "fnstcw", { 0xd9, 0x3d }, 2, 0, 2 },
    { "fnstsw", { 0xdd, 0x3d }, 2, 0, 2 }, { "fldenv", { 0xd9, 0x25 }, 2, 0, 28 },
    { "o16 fldenv", { 0x66, 0xd9, 0x25 }, 3, 0, 14 }, { "fnstenv", { 0xd9, 0x35 }, 2, 0, 28 },
    { "o16 fnstenv", { 0x66, 0xd9, 0x35 }, 3, 0, 14 }, { "frstor", { 0xdd, 0x25 }, 2, 0, 108 },
    { "o16 frstor", { 0x66, 0xdd, 0x25 }, 3, 0, 94 }, { "fnsave", { 0xdd, 0x35 }, 2, 0, 108 },
    { "o16 fnsave", { 0x66, 0xdd, 0x35 }, 3, 0, 94 },
};

/* The vector with the operand at this address. AREA is all zeros. */
static int form_at(struct trial *t, const struct form *f, u32 at)
{
    u8 bytes[16] = { 0 };
    memcpy(bytes, f->bytes, (size_t)f->n);
    put32(bytes + f->n, at);
    memset(t->b->ram->host + AREA, 0, 0x2000);
    return trial_run(t, bytes, f->n + 4 + f->tail);
}

static void at_the_end_of_a_page(void **state)
{
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct trial t = trial_new("max", engines[e]);
        trial_paging(&t, 0);
        t.b->ram->host[0] = 0xf4;                                           /* where an indirect jump goes */
        for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
            const struct form *f = &forms[k];
            int vector = form_at(&t, f, AREA + 0x1000 - f->width);
            if (vector == EXC_PF)
                fail_msg("%s takes more than %u bytes", f->name, f->width);
            for (u32 behind = 1; behind <= f->width; behind++) {
                vector = form_at(&t, f, AREA + 0x1000 - f->width + behind);
                if (vector != EXC_PF || t.b->cpu->s.cr2 != AREA + 0x1000)
                    fail_msg("%s, byte %u beyond the page: vector %d", f->name, behind, vector);
                assert_int_equal(t.eip, CODE);
            }
        }
        bench_free(t.b);
    }
}

/* INVLPG looks at no memory, NOP and LEA neither. */
static void nothing_is_read(void **state)
{
    static const struct form none[] = { { "invlpg", { 0x0f, 0x01, 0x3d }, 3, 0, 0 }, { "lea", { 0x8d, 0x05 }, 2, 0, 0 } };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++) {
        struct trial t = trial_new("max", engines[e]);
        trial_paging(&t, 0);
        for (size_t k = 0; k < ARRAY_LEN(none); k++)
            assert_int_equal(form_at(&t, &none[k], AREA + 0x1000), NONE);
        bench_free(t.b);
    }
}

/* ---- frames ---- */

/* Same-ring INT n whose frame of three dwords lies across two pages: CR2 is the first byte that is missing of what
 * is pushed first. */
static void frames_across_pages(void **state)
{
    static const u8 int_40[] = { 0xcd, 0x40 };
    enum { EDGE = AREA + 0x1000 };
    (void)state;
    for (size_t e = 0; e < ARRAY_LEN(engines); e++)
        for (int lower = 0; lower < 2; lower++) {
            struct trial t = trial_new("max", engines[e]);
            struct cpu_state *s = &t.b->cpu->s;
            trial_paging(&t, lower ? (AREA + 0x1000) | 7 : 0);
            if (lower)                                                      /* the page below is missing */
                put32(t.b->ram->host + TABLE + 0x1000 + (AREA >> 12) * 4, 0);
            put_idt(t.b, 0x40, gate_make(S_CODE0, CODE + 0x10, 0x8e, 0));
            put_idt(t.b, EXC_PF, gate_make(S_TSS_B, 0, 0x85, 0));           /* #PF has a task with a stack of its own */
            put32(t.b->ram->host + TSS_B + 28, TABLE);
            put32(t.b->ram->host + TSS_B + 32, HANDLERS + EXC_PF);
            put32(t.b->ram->host + TSS_B + 36, FLAG_1);
            put32(t.b->ram->host + TSS_B + 56, 0x6000);
            put16(t.b->ram->host + TSS_B + 76, S_CODE0);
            put16(t.b->ram->host + TSS_B + 80, S_DATA0);
            for (u32 esp = EDGE - 14; esp <= EDGE + 14; esp++) {
                u32 missing = 0;
                for (u32 k = 1; k <= 3 && !missing; k++)
                    for (u32 at = esp - 4 * k; at < esp - 4 * k + 4 && !missing; at++)
                        if ((at < EDGE) == lower)
                            missing = at;
                bench_tables(t.b);                                          /* no TSS busy but the first */
                t.start.gpr[ESP] = esp;
                int vector = trial_run(&t, int_40, sizeof int_40);
                if (vector != (missing ? EXC_PF : NONE) || (missing && s->cr2 != missing))
                    fail_msg("ESP %x, lower %d: vector %d, CR2 %llx, not %x", esp, lower, vector, (unsigned long long)s->cr2, missing);
                if (missing) {
                    assert_int_equal(mem32(t.b, 0x6000 - 4), 2);
                    assert_int_equal(mem32(t.b, TSS_A + 32), CODE);
                    assert_int_equal(mem32(t.b, TSS_A + 56), esp);
                } else {
                    assert_int_equal(s->gpr[ESP], esp - 12);
                }
            }
            bench_free(t.b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_end_of_a_page), cmocka_unit_test(nothing_is_read), cmocka_unit_test(frames_across_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
