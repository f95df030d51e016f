/* i440fx.h - 82441FX: the host bridge. It decides which parts of C0000-FFFFF are shadow RAM and where SMRAM appears, and to whom. */
#pragma once
#include "pci.h"

struct i440fx;

/* Device 0 on the bus. ram: the memory at address 0, at least 1 MB. smram: where the 128 KB of the compatible SMRAM space are, in memory
 * and in ram. */
struct i440fx *i440fx_new(struct pci_bus *bus, struct ram *ram, u64 smram);
/* Another processor, which sees memory by `view` (cpu_memory, or another child of the machine's), at most I440FX_PROCESSORS. What comes
 * back is its SMIACT# (active high here): while it is in system management mode, it alone sees SMRAM there. Before the first reset. */
enum { I440FX_PROCESSORS = 8 };
struct line i440fx_add_processor(struct i440fx *pmc, struct space *view);
