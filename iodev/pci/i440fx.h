/* i440fx.h - 82441FX: the host bridge. It decides which parts of C0000-FFFFF are shadow RAM and where SMRAM appears. */
#pragma once
#include "pci.h"

struct i440fx;

/* Device 0 on the bus. ram: the memory at address 0, at least 1 MB. */
struct i440fx *i440fx_new(struct pci_bus *bus, struct ram *ram);
/* SMIACT#: the CPU is in system management mode (active high here). */
struct line i440fx_smiact(struct i440fx *pmc);
