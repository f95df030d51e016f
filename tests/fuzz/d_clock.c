/* d_clock.c - the real-time clock and its CMOS RAM. */
#include "alone.h"
#include "../../iodev/isa/mc146818.h"

static void make(struct target *t)
{
    alone_new(t);
    struct mc146818 *rtc = mc146818_new(t->m, 0x70, alone_wire(t), 1767225590);
    mc146818_wire_alarm(rtc, alone_wire(t));
    mc146818_wire_nmi_mask(rtc, alone_wire(t));
    fake_reset(t->m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x70, 4 }, { 0, 0 } };
    static act_fn *const ops[] = { act_rtc_register, NULL };
    static const struct rig rig = { .name = "clock", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
