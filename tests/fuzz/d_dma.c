/* d_dma.c - the two DMA controllers, with devices on their channels. */
#include "alone.h"
#include "../../iodev/isa/i8237.h"

static void make(struct target *t)
{
    struct alone *a = alone_new(t);
    a->dev[0] = i8237_new(t->m, 0x00, 0xc0, 0x80);
    fake_reset(t->m);
}

/* A device asks and moves. */
static void transfer(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u8 how = take8(b), buffer[512];
    int n = 1 + 2 * take8(b), channel = how & 7;
    bool end = false;
    struct line dreq = i8237_dreq(a->dev[0], channel);
    if (channel == 4)
        return;
    memset(buffer, how, sizeof buffer);
    line_set(&dreq, how & 0x10);
    act_saw(t, (u64)i8237_transfer(a->dev[0], channel, buffer, n, how & 8, &end));
    act_saw(t, end);
    for (int k = 0; k < n; k++)
        act_saw(t, buffer[k]);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0, 16 }, { 0xc0, 32 }, { 0x80, 16 }, { 0, 0 } };
    static act_fn *const ops[] = { act_dma_program, act_dma_request, transfer, NULL };
    static const struct rig rig = { .name = "dma", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
