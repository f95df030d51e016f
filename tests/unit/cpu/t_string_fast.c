/* t_string_fast.c - string instructions by FAST's own handlers (cpu/insn/string_fast.c) and by every other engine, from the same state:
 * all must end alike. Source and target are far apart, overlap either way or are the same, begin and end about the end of a page, of the
 * segment and of 64 KB; counts are none, few and too many for a handler; DF is set now and then; the run is cut at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/engines.h"
#include "../../support/share.h"
#include "../../../cpu/insn/integer.h"
#include "../../../cpu/insn/string_fast.h"

enum { PROGRAMS = 6000 / SHARE, OPS = 6 };

static u32 roll_place(struct rig *r)
{
    u32 base = (u32)r->start.seg[DS].base, at = DATA + 0x400 + roll(r) % 0x100;
    if (roll(r) % 4 == 0)
        at = DATA + 0x1000 - roll(r) % 80;                  /* about the end of a page */
    if (roll(r) % 8 == 0 && r->lie != FLAT)
        return (r->lie == BASED ? 0xffff : 0xdfff) - roll(r) % 80;
    return at - base;
}

static void emit_string(struct rig *r, struct program *p)
{
    static const u8 opcode[] = { 0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad, 0xa4, 0xa5, 0xaa, 0xab, 0xa6, 0xaf };
    u8 count[4];
    bool rep = roll(r) % 3;
    if (roll(r) % 8 == 0)
        EMIT(p, 0x66);
    if (roll(r) % 8 == 0)
        EMIT(p, 0x67);
    if (rep) {
        put32(count, roll(r) % 4 ? roll(r) % 70 : roll(r) % 4);
        if (r->lie == NARROW)
            EMIT(p, 0xb9, count[0], count[1]);
        else
            EMIT(p, 0xb9, count[0], count[1], count[2], count[3]);
        EMIT(p, roll(r) % 8 ? 0xf3 : 0xf2);
    }
    EMIT(p, opcode[roll(r) % ARRAY_LEN(opcode)]);
}

/* So that FAST finds the pages: the bytes there stay as they are. */
static void emit_touch_places(struct rig *r, struct program *p)
{
    emit_touch(r, p);
    if (r->lie == NARROW)
        EMIT(p, 0x80, 0x0c, 0, 0x80, 0x0d, 0);              /* or byte [si], 0; or byte [di], 0 */
    else
        EMIT(p, 0x80, 0x0e, 0, 0x80, 0x0f, 0);
}

static void many_programs(void **state)
{
    enum lie lie = *(const enum lie *)*state;
    struct rig *r = rig_new(lie);
    for (int n = 0; n < PROGRAMS; n++) {
        struct program p = { .n = 0 };
        roll_registers(r);
        r->start.gpr[ESI] = roll_place(r);
        r->start.gpr[EDI] = roll(r) & 1 ? roll_place(r) : r->start.gpr[ESI] + roll(r) % 150 - 75;
        emit_touch_places(r, &p);
        if (roll(r) % 8 == 0)
            EMIT(&p, 0xfd);                                 /* std */
        for (int k = 0; k < OPS; k++)
            emit_string(r, &p);
        EMIT(&p, 0xfc, HLT, HLT, HLT, HLT);
        compare(r, &p, roll(r) & 1 ? RUN_MAX : 1 + roll(r) % 300);
    }
    print_message("%s segments: %llu programs in %d engines\n", lie_name[lie], (unsigned long long)r->programs, ENGINES);
    rig_free(r);
}

/* That what is compared above is not the common handlers with themselves. */
static void own_handlers(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        assert_non_null(string_fast(op_movs, k, true, true));
        assert_ptr_not_equal(string_fast(op_movs, k, false, true), string_fast(op_movs, k, true, true));
        assert_non_null(string_fast(op_lods, k, false, false));
        assert_null(string_fast(op_lods, k, true, true));
        assert_null(string_fast(op_scas, k, true, true));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_handlers),
        IN_EVERY_SEGMENT(many_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
