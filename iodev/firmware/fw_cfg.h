/* fw_cfg.h - the firmware configuration device: what the machine tells its firmware, as numbered items and named files. */
#pragma once
#include "../machine/device.h"

struct fw_cfg;

/* Items with fixed numbers: QEMU documentation, "QEMU Firmware Configuration (fw_cfg) Device"; SeaBIOS asks for these. */
enum {
    FW_CFG_SIGNATURE = 0x00, FW_CFG_ID = 0x01, FW_CFG_UUID = 0x02, FW_CFG_RAM_SIZE = 0x03, FW_CFG_NOGRAPHIC = 0x04,
    FW_CFG_NB_CPUS = 0x05, FW_CFG_NUMA = 0x0d, FW_CFG_BOOT_MENU = 0x0e, FW_CFG_MAX_CPUS = 0x0f, FW_CFG_FILE_DIR = 0x19,
    FW_CFG_FILE_FIRST = 0x20, FW_CFG_IRQ0_OVERRIDE = 0x8002, FW_CFG_ITEMS = 0xc000
};

/* Ports: selector and data at `port`, port + 1; the DMA address register at port + 4. */
struct fw_cfg *fw_cfg_new(struct machine *m, u16 port);

/* Fixed items, little-endian. The data is copied. */
void fw_cfg_add(struct fw_cfg *fw, u16 key, const void *data, size_t size);
void fw_cfg_add_u16(struct fw_cfg *fw, u16 key, u16 value);
void fw_cfg_add_u64(struct fw_cfg *fw, u16 key, u64 value);
/* A named file (at most 55 characters); the data is copied. A name added again replaces the file. */
void fw_cfg_add_file(struct fw_cfg *fw, const char *name, const void *data, size_t size);
