/* build.h - a block's ops, laid in a row from the bytes: what blocks.c keeps. build.c */
#pragma once
#include "engine.h"

/* The bytes: `n` from the page (or both pages, when crossing) starting at pc. */
struct source { const u8 *bytes; u32 pc, n; };
/* How far a block goes. Most code runs once or a few times: there a block ends behind its first conditional jump, so that nothing is
 * decoded in vain or twice, and no pass makes it fast. One that has run block_youth() times is made anew, through all conditional
 * jumps that are not taken. */
enum extent { EXTENT_ONE /* instruction */, EXTENT_YOUNG, EXTENT_FULL };

/* Decodes instructions from src into ops, from the k-th on; *bytes covered. Returns the ops used, 0 when the first instruction needs more
 * bytes than there are. */
int block_build(struct cpu *cpu, struct op *ops, int k, const struct source *src, u32 mode, enum extent extent, u32 *bytes);
int block_youth(void);
/* Lay an op that is no instruction's down at op k: of that handler; h_break where somebody may observe the place. Returns the next
 * free op. */
int lay_probe(struct op *ops, int k, handler *h, u32 pc, int nth);
int lay_break(const struct cpu *cpu, struct op *ops, int k, u32 pc, u32 mode);

/* Of blocks.c. May one of the processors observe a place at this offset of a page? Does one of them keep where it went? */
bool blocks_place(const struct cpu *cpu, u32 pc);
bool blocks_trailed(const struct cpu *cpu);
const struct composer *blocks_composer(const struct cpu *cpu);
struct heads *blocks_heads(const struct cpu *cpu);
