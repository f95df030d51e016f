/* t_wires.c - the OR gates of the board: a wire is high while some driver holds it. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/machine/wires.h"
#include <cmocka.h>

static void drivers(void **state)
{
    struct machine *m = fake_new(0);
    struct fake_wire far[WIRES] = { 0 };
    struct line out[WIRES];
    (void)state;
    for (int k = 0; k < WIRES; k++)
        out[k] = fake_wire(&far[k], m);
    struct wires *w = wires_new(m, out);
    fake_reset(m);
    struct line a = wires_in(w, 5, 0), b = wires_in(w, 5, 7), a20 = wires_in(w, WIRE_A20, 1);
    line_set(&a, true);
    line_set(&b, true);
    line_set(&a20, true);
    line_set(&a, false);
    assert_true(far[5].level);
    assert_true(far[WIRE_A20].level);
    fake_check_all_fields(m);
    fake_save_and_load(m);                      /* drivers and levels come back */
    assert_true(far[5].level);
    assert_false(far[4].level);
    line_set(&b, false);
    assert_false(far[5].level);
    assert_int_equal(far[5].rises, 1);
    fake_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(drivers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
