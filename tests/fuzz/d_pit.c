/* d_pit.c - the timer with system control port B in front of its third gate. All outputs have wires, as a speaker and a refresh have. */
#include "alone.h"
#include "../../iodev/isa/port61.h"

static void make(struct target *t)
{
    alone_new(t);
    struct i8254 *pit = i8254_new(t->m, 0x40, alone_wire(t));
    port61_new(t->m, 0x61, pit, alone_wire(t));
    i8254_connect(pit, 2, alone_wire(t));
    fake_reset(t->m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x40, 4 }, { 0x61, 1 }, { 0, 0 } };
    static act_fn *const ops[] = { act_pit_program, NULL };
    static const struct rig rig = { .name = "pit", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
