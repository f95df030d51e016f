/* d_serial.c - both serial ports, one with a line. */
#include "alone.h"
#include "../../iodev/isa/uart16550.h"

static void heard(void *to, u8 v) { act_saw(to, v); }

static void make(struct target *t)
{
    char error[200];
    struct alone *a = alone_new(t);
    struct uart16550 *u = uart16550_new(t->m, "com1", 0x3f8, alone_wire(t), 0);
    uart16550_new(t->m, "com2", 0x2f8, alone_wire(t), 1);
    a->dev[0] = stream_open(NULL, NULL, "-serial", "none", error, sizeof error);
    stream_capture(a->dev[0], heard, t);
    uart16550_connect(u, a->dev[0]);
    fake_reset(t->m);
}

static void unmake(struct target *t)
{
    struct stream *s = ((struct alone *)t->of)->dev[0];
    alone_free(t);
    stream_close(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x3f8, 8 }, { 0x2f8, 8 }, { 0, 0 } };
    static act_fn *const ops[] = { act_uart_program, NULL };
    static const struct rig rig = { .name = "serial", .make = make, .unmake = unmake, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
