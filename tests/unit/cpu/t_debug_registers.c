/* t_debug_registers.c - which bits of DR6 and DR7 there are, and what counts as an instruction breakpoint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../bare.h"
#include "../../../cpu/system/debug_registers.h"

enum { AT = 0x1234 };

static void reserved_bits(void **state)
{
    (void)state;
    assert_int_equal(dr6_fix(0), 0xffff0ff0);
    assert_int_equal(dr6_fix(0xffffffff), 0xffffeff0 | 15);
    assert_int_equal(dr7_fix(0), 0x400);
    assert_int_equal(dr7_fix(0xffffffff), 0xffff27ff);
}

/* What is stepped for is what is hit: armed, R/W 0 and LEN 0. */
static void code(void **state)
{
    struct log *log = log_new();
    struct bare b = bare_new(log, 1 << 16, "max", NULL);
    (void)state;
    for (int k = 0; k < 4; k++) {
        for (u32 field = 0; field < 16; field++) {
            for (u32 armed = 0; armed < 4; armed++) {
                b.cpu->s.dr[7] = dr7_fix((u64)field << (16 + 4 * k) | (u64)armed << 2 * k);
                for (int n = 0; n < 4; n++)
                    b.cpu->s.dr[n] = n == k ? AT : 0;
                cpu_debug_changed(b.cpu);
                assert_int_equal(debug_code_hits(b.cpu, AT), armed && !field ? 1 << k : 0);
                assert_int_equal(debug_code_hits(b.cpu, AT + 1), 0);
                assert_int_equal(b.cpu->cache.code_breakpoints, armed && !field);
                assert_int_equal(b.cpu->cache.watch_active, armed && (field & 1));
            }
        }
    }
    bare_free(&b);
    log_free(log);
}

/* The traps of an instruction, all at once; behind a load of SS data breakpoints wait and single steps are lost. */
static void traps(void **state)
{
    struct log *log = log_new();
    struct bare b = bare_new(log, 1 << 16, "max", NULL);
    (void)state;
    b.cpu->s.dr[2] = AT;
    b.cpu->s.dr[7] = dr7_fix(3u << 24 | 2u << 4);
    debug_data_access(b.cpu, AT - 3, 4, false);
    b.cpu->step_trap = 1;
    b.cpu->s.shadow = SHADOW_MOV_SS;
    assert_false(debug_trap_due(b.cpu));
    assert_int_equal(b.cpu->s.dr[6], 0xffff0ff0);
    b.cpu->s.shadow = 0;
    assert_true(debug_trap_due(b.cpu));
    assert_int_equal(b.cpu->s.dr[6], 0xffff0ff0 | 4);
    assert_false(debug_trap_due(b.cpu));
    b.cpu->step_trap = b.cpu->s.debug_trap = 1;
    assert_true(debug_trap_due(b.cpu));
    assert_int_equal(b.cpu->s.dr[6], 0xffff0ff0 | 4 | DR6_BS | DR6_BT);
    bare_free(&b);
    log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reserved_bits), cmocka_unit_test(code), cmocka_unit_test(traps) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
