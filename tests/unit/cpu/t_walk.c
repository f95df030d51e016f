/* t_walk.c - the page walker by itself: each form's levels, pages and reserved bits, and a second stage under the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../../cpu/mmu/walk.h"

enum { MEMORY = 0x10000, ROOT = 0x1000, SECOND = 0x2000 };
static const u64 high_bit = 1ull << 40;      /* of an address */

/* Memory in which reads are counted; beyond it is none. */
struct memory { u8 bytes[MEMORY]; int reads; u64 moved_by; int stages; };

static bool read(void *to, u64 physical, int bytes, u64 *entry)
{
    struct memory *m = to;
    m->reads++;
    if (physical + 8 > MEMORY)
        return false;
    *entry = bytes == 8 ? get64(m->bytes + physical) : get32(m->bytes + physical);
    return true;
}

/* A guest's tables lie moved_by bytes further up; those from C000h on nowhere. */
static bool second(void *to, u64 *physical)
{
    struct memory *m = to;
    m->stages++;
    if (*physical >= 0xc000)
        return false;
    *physical += m->moved_by;
    return true;
}

static struct walk look(struct memory *m, const struct paging_form *f, const u64 *registers, bool nx, u64 linear)
{
    struct walk w;
    walk(&(struct walk_tables) { .form = f, .root = ROOT, .registers = registers, .nx = nx, .read = read, .read_to = m }, linear, &w);
    return w;
}

static void two_levels(void **state)
{
    struct memory *m = xcalloc(1, sizeof *m);
    (void)state;
    put32(m->bytes + ROOT + 4 * 3, SECOND | PTE_P | PTE_W | PTE_U);
    put32(m->bytes + SECOND + 4 * 5, 0x00abc000 | PTE_P | PTE_U | PTE_PS);      /* PS is PAT here */
    struct walk w = look(m, &paging_32, NULL, false, 3 << 22 | 5 << 12 | 0x123);
    assert_int_equal(w.end, WALK_PAGE);
    assert_int_equal(w.physical, 0xabc000);
    assert_int_equal(w.steps, 2);
    assert_int_equal(w.step[0].at, ROOT + 12);
    assert_int_equal(w.step[0].page, 0);
    assert_int_equal(w.step[1].at, SECOND + 20);
    assert_int_equal(w.step[1].page, 4096);
    assert_true(!w.w && w.u && !w.nx && !w.large);
    w = look(m, &paging_32, NULL, false, 3 << 22 | 6 << 12);
    assert_int_equal(w.end, WALK_NOT_PRESENT);
    assert_int_equal(w.steps, 2);
    w = look(m, &paging_32, NULL, false, 4 << 22);
    assert_int_equal(w.end, WALK_NOT_PRESENT);
    assert_int_equal(w.steps, 1);
    put32(m->bytes + ROOT, 0x7ffff000 | PTE_P);
    w = look(m, &paging_32, NULL, false, 0);
    assert_int_equal(w.end, WALK_NO_MEMORY);
    assert_int_equal(w.step[1].at, 0x7ffff000);
    free(m);
}

static void large_pages(void **state)
{
    static const struct { const struct paging_form *form; u32 entry; u64 physical, reserved; } cases[] = {
        { &paging_pse, 0x12400000, 0x12756000, 0 }, { &paging_pse, 0x12402000, 0, 0x2000 }, { &paging_pse, 0x12600000, 0, 0x200000 },
        { &paging_pse36, 0x12400000 | 5 << 13, 0x512756000, 0 }, { &paging_pse36, 0x12420000, 0, 0x20000 },
    };
    struct memory *m = xcalloc(1, sizeof *m);
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        put32(m->bytes + ROOT, cases[k].entry | PTE_P | PTE_PS | PTE_W);
        struct walk w = look(m, cases[k].form, NULL, false, 0x356789);
        assert_int_equal(w.steps, 1);
        assert_int_equal(w.step[0].page, 4 << 20);
        assert_int_equal(w.step[0].reserved, cases[k].reserved);
        assert_int_equal(w.end, cases[k].reserved ? WALK_RESERVED : WALK_PAGE);
        if (!cases[k].reserved)
            assert_int_equal(w.physical, cases[k].physical);
    }
    put32(m->bytes + ROOT, SECOND | PTE_P | PTE_PS);            /* without PSE bit 7 is nothing */
    assert_int_equal(look(m, &paging_32, NULL, false, 0).steps, 2);
    free(m);
}

static void pae(void **state)
{
    struct memory *m = xcalloc(1, sizeof *m);
    const u64 registers[4] = { ROOT | PTE_P, 0, ROOT | PTE_P, 0 };
    (void)state;
    put64(m->bytes + ROOT + 8, SECOND | PTE_P | PTE_W | PTE_U);
    put64(m->bytes + SECOND + 16, 0x987654000 | PTE_P | PTE_W | PTE_U | PTE_NX);
    put64(m->bytes + ROOT + 16, 0x800200000 | PTE_P | PTE_PS);
    struct walk w = look(m, &paging_pae, registers, true, 2ull << 30 | 1 << 21 | 2 << 12);
    assert_int_equal(w.end, WALK_PAGE);
    assert_int_equal(w.physical, 0x987654000);
    assert_int_equal(w.steps, 3);
    assert_true(w.step[0].level->in_register && w.step[0].index == 2 && w.w && w.u && w.nx);
    assert_int_equal(look(m, &paging_pae, registers, false, 2ull << 30 | 1 << 21 | 2 << 12).end, WALK_RESERVED);
    w = look(m, &paging_pae, registers, true, 2 << 21 | 0x34567);
    assert_true(w.end == WALK_PAGE && w.large && !w.w && w.step[1].page == 2 << 20);
    assert_int_equal(w.physical, 0x800234000);
    m->reads = 0;
    assert_int_equal(look(m, &paging_pae, registers, true, 1 << 30).end, WALK_NOT_PRESENT);
    assert_int_equal(m->reads, 0);                              /* the register said it */
    put64(m->bytes + ROOT + 8, SECOND | PTE_P | high_bit);
    w = look(m, &paging_pae, registers, true, 1 << 21);
    assert_int_equal(w.end, WALK_RESERVED);
    assert_int_equal(w.steps, 2);                               /* and no further */
    assert_int_equal(w.step[1].reserved, high_bit);
    put64(m->bytes + ROOT + 16, 0x800202000 | PTE_P | PTE_PS);
    assert_int_equal(look(m, &paging_pae, registers, true, 2 << 21).step[1].reserved, 0x2000);
    free(m);
}

/* Each entry in memory is looked up through the second stage, the guest's addresses are what is told. */
static void second_stage(void **state)
{
    struct memory *m = xcalloc(1, sizeof *m);
    struct walk w;
    m->moved_by = 0x4000;
    const struct walk_tables t = { .form = &paging_32, .root = ROOT, .read = read, .read_to = m, .second = second, .second_to = m };
    (void)state;
    put32(m->bytes + ROOT + 0x4000, SECOND | PTE_P | PTE_W);
    put32(m->bytes + SECOND + 0x4000, 0x5000 | PTE_P | PTE_W);
    put32(m->bytes + ROOT + 0x4000 + 4, 0xd000 | PTE_P);
    walk(&t, 0x10, &w);
    assert_int_equal(w.end, WALK_PAGE);
    assert_int_equal(w.physical, 0x5000);
    assert_int_equal(w.step[1].at, SECOND);
    assert_int_equal(w.step[1].where, SECOND + 0x4000);
    assert_int_equal(m->stages, 2);
    walk(&t, 1 << 22, &w);
    assert_int_equal(w.end, WALK_NO_MEMORY);
    assert_int_equal(w.steps, 2);
    free(m);
}

/* A form with four levels is data. */
static void four_levels(void **state)
{
    static const struct paging_form form = {
        .name = "4-level paging", .entry_bytes = 8, .levels = 4, .address = 0xffffff000, .reserved = 1ull << 40, .has_nx = true,
        .level = { { "PML4", 39, 9, false, false, 0 }, { "pointers", 30, 9, false, true, 0x3fffe000 },
                   { "directory", 21, 9, false, true, 0x1fe000 }, { "table", 12, 9, false, false, 0 } },
    };
    struct memory *m = xcalloc(1, sizeof *m);
    (void)state;
    for (u64 k = 0; k < 4; k++)
        put64(m->bytes + ROOT * (k + 1) + 8 * (k + 1), (k < 3 ? ROOT * (k + 2) : 0x77000) | PTE_P | PTE_W);
    struct walk w = look(m, &form, NULL, true, 1ull << 39 | 2ull << 30 | 3 << 21 | 4 << 12);
    assert_int_equal(w.end, WALK_PAGE);
    assert_int_equal(w.steps, 4);
    assert_int_equal(w.physical, 0x77000);
    put64(m->bytes + 2 * ROOT + 16, 0x40000000 | PTE_P | PTE_PS);
    w = look(m, &form, NULL, true, 1ull << 39 | 2ull << 30 | 0x12345678);
    assert_int_equal(w.step[1].page, 1 << 30);
    assert_int_equal(w.physical, 0x52345000);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_levels), cmocka_unit_test(large_pages), cmocka_unit_test(pae), cmocka_unit_test(second_stage),
        cmocka_unit_test(four_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
