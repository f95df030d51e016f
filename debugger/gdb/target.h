/* target.h - the target as gdb sees it: which registers there are, in which order and of which types, and their bytes.
 * Follows: "Debugging with GDB", appendix "Target Descriptions", "i386 Features". */
#pragma once
#include "../../cpu/cpu.h"
#include "wire.h"

struct target;

/* One description for a run, from the table of registers (cpu/registers.h). */
struct target *target_new(void);
void target_free(struct target *t);
/* target.xml; lives as long as `t`. */
const char *target_xml(const struct target *t, size_t *n);

/* Registers by gdb's numbers, which count from 0. */
u32 target_count(const struct target *t);
const char *target_name(const struct target *t, u32 k);
/* How many bytes it has for gdb, at most TARGET_BYTES. */
enum { TARGET_BYTES = 10 };
u32 target_size(const struct target *t, u32 k);
/* Its bytes as gdb wants them. EIP is linear: the base of CS is added. */
void target_read(const struct target *t, struct cpu *cpu, u32 k, u8 *bytes);
/* Likewise; EIP loses the base of CS. Bytes that are there already change nothing. False, with why (n bytes): refused, and nothing has
 * changed. Between runs. */
bool target_write(const struct target *t, struct cpu *cpu, u32 k, const u8 *bytes, char *why, size_t n);
