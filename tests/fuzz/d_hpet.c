/* d_hpet.c - the high precision event timer, with what it cuts off. */
#include "alone.h"
#include "../../iodev/apic/hpet.h"

static void make(struct target *t)
{
    struct alone *a = alone_new(t);
    struct line route[4];
    for (int k = 0; k < 4; k++)
        route[k] = alone_wire(t);
    struct line irq0 = alone_wire(t), irq8 = alone_wire(t);
    a->dev[0] = hpet_new(t->m, 0xfed00000u, irq0, irq8, route);
    fake_reset(t->m);
}

static void pull(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u8 how = take8(b);
    struct line l = how & 1 ? hpet_pit(a->dev[0]) : hpet_rtc(a->dev[0]);
    line_set(&l, how & 2);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span registers[] = { { 0xfed00000u, 0x400 }, { 0, 0 } };
    static act_fn *const ops[] = { act_hpet_timer, pull, NULL };
    static const struct rig rig = { .name = "hpet", .make = make, .unmake = alone_free, .registers = registers, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
