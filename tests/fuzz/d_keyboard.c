/* d_keyboard.c - the keyboard controller with a keyboard and a mouse. */
#include "alone.h"
#include "../../iodev/input/i8042.h"
#include "../../iodev/input/ps2_keyboard.h"
#include "../../iodev/input/ps2_mouse.h"

static void make(struct target *t)
{
    alone_new(t);
    struct line irq1 = alone_wire(t), irq12 = alone_wire(t), a20 = alone_wire(t);
    struct i8042 *kbc = i8042_new(t->m, 0x60, irq1, irq12, a20, (struct line) { 0 });
    ps2_keyboard_new(t->m, kbc);
    ps2_mouse_new(t->m, kbc);
    fake_reset(t->m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x60, 1 }, { 0x64, 1 }, { 0, 0 } };
    static act_fn *const ops[] = { act_kbc_command, act_kbc_command, act_kbc_command, NULL };
    static const struct rig rig = { .name = "keyboard", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
