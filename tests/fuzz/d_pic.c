/* d_pic.c - both interrupt controllers, the second behind the first; inputs that rise and fall, and a processor that acknowledges. */
#include "alone.h"
#include "../../iodev/isa/i8259.h"

static void make(struct target *t)
{
    struct alone *a = alone_new(t);
    struct i8259 *master = i8259_new(t->m, "pic1", 0x20, 0x4d0, 0xf8, alone_wire(t), true);
    struct i8259 *slave = i8259_new(t->m, "pic2", 0xa0, 0x4d1, 0xde, i8259_input(master, 2), false);
    i8259_cascade(master, 2, slave);
    a->dev[0] = master;
    a->dev[1] = slave;
    fake_reset(t->m);
}

static void pull(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u8 how = take8(b);
    struct line l = i8259_input(a->dev[how >> 3 & 1], how & 7);
    if ((how & 15) == 2)                        /* the second one's */
        return;
    line_set(&l, how & 0x10);
    if (how & 0x20)
        line_set(&l, false);
}

static void acknowledge(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    (void)b;
    act_saw(t, (u64)i8259_ack(a->dev[0]));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x20, 2 }, { 0xa0, 2 }, { 0x4d0, 2 }, { 0, 0 } };
    static act_fn *const ops[] = { act_pic_program, pull, pull, acknowledge, NULL };
    static const struct rig rig = { .name = "pic", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
