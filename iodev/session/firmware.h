/* firmware.h - which firmware a machine starts with, and the option ROMs of our own that complete it. */
#pragma once
#include "../../bios/bios.h"
#include "kit.h"

/* Load the firmware that the configuration names, or what runs on the processor that was chosen. False with the error. */
bool firmware_load(struct kit *s);
/* Add an option ROM of ours, with its checksum, where this firmware finds one. After firmware_load(). */
void firmware_add_rom(struct kit *s, const char *name, const struct blob *blob);
