/* firmware.h - which firmware a machine starts with, and the option ROMs of our own that complete it. */
#pragma once
#include "../../bios/bios.h"
#include "setup.h"

/* Memory that lives until setup_release(). */
void *setup_own(struct setup *s, void *data);
/* A file for the firmware: fw_cfg's; data lives until setup_release(). */
void setup_add_file(struct setup *s, const char *name, const void *data, size_t size);

/* Load -bios and -vgabios, or what runs on the processor that was chosen. False: said on stderr. */
bool firmware_load(struct setup *s, const struct options *o);
/* Add an option ROM of ours, with its checksum, where this firmware finds one. After firmware_load(). */
void firmware_add_rom(struct setup *s, const char *name, const struct blob *blob);
