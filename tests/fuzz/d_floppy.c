/* d_floppy.c - the floppy controller with its DMA channel and two drives, whose floppies are changed. */
#include "alone.h"
#include "../../iodev/isa/i8237.h"
#include "../../iodev/storage/i82077aa.h"

enum { BYTES_1440 = 1474560, BYTES_360 = 368640 };

static void make(struct target *t)
{
    struct alone *a = alone_new(t);
    struct i8237 *dma = i8237_new(t->m, 0x00, 0xc0, 0x80);
    struct i82077aa *fdc = a->dev[0] = i82077aa_new(t->m, 0x3f0, alone_wire(t), dma, 2);
    i82077aa_set_post(fdc, 0xdf, 0x02);
    i82077aa_set_hurry(fdc, 50);
    i82077aa_add_drive(fdc, 0, 4);
    i82077aa_add_drive(fdc, 1, 2);
    i82077aa_set_medium(fdc, 0, image_new_memory("a", IMAGE_FLOPPY, NULL, BYTES_1440));
    fake_reset(t->m);
}

static void change(struct target *t, struct bytes *b)
{
    struct alone *a = t->of;
    u8 how = take8(b);
    struct image *image = how & 2 ? image_new_memory("b", IMAGE_FLOPPY, NULL, how & 4 ? BYTES_360 : BYTES_1440) : NULL;
    i82077aa_set_medium(a->dev[0], how & 1, image);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x3f0, 6 }, { 0x3f7, 1 }, { 0, 16 }, { 0x80, 16 }, { 0, 0 } };
    static act_fn *const ops[] = { act_fdc_command, act_fdc_command, act_fdc_results, act_fdc_transfer, act_dma_program, act_dma_request, change,
                                  NULL };
    static const struct rig rig = { .name = "floppy", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
