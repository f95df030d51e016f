/* fpu.h - x87 and MMX state for the lock-step test: random, special, compared. */
#pragma once
#include "generate.h"
#include "processor.h"

void fpu_random(struct random *r, struct fpu *f);
/* Numbers in every memory format. */
void fpu_random_memory(struct random *r, u8 *to, u32 size);
/* Are both the same, or do they differ only as processors may? Then *why names the reason (NULL: equal), and *flags
 * is the EFLAGS bits that may differ too. */
bool fpu_same(const struct regs *host, const struct regs *ours, const struct regs *before, const struct row *row,
              bool memory, enum vendor vendor, const char **why, u32 *flags);
/* The rules, for the report; how often each was used. */
enum { FPU_RULES_MAX = 16 };
int fpu_rule_count(void);
const char *fpu_rule_why(int n);
