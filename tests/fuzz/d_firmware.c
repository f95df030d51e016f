/* d_firmware.c - the firmware configuration device with files of several sizes. */
#include "alone.h"
#include "../../iodev/firmware/fw_cfg.h"

static void make(struct target *t)
{
    u8 *data = xcalloc(0x5000, 1);
    alone_new(t);
    struct fw_cfg *fw = fw_cfg_new(t->m, 0x510);
    fw_cfg_add_u64(fw, FW_CFG_RAM_SIZE, RIG_RAM);
    for (u32 k = 0; k < 0x5000; k++)
        data[k] = (u8)(k * 7);
    fw_cfg_add_file(fw, "opt/empty", data, 0);
    fw_cfg_add_file(fw, "opt/one", data, 1);
    fw_cfg_add_file(fw, "opt/many", data, 0x5000);
    free(data);
    fake_reset(t->m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = { { 0x510, 2 }, { 0x514, 8 }, { 0, 0 } };
    static act_fn *const ops[] = { act_fw_cfg_dma, act_fw_cfg_dma, act_fw_cfg_item, NULL };
    static const struct rig rig = { .name = "firmware", .make = make, .unmake = alone_free, .ports = ports, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
