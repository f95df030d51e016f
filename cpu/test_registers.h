/* test_registers.h - TR3 to TR7 of the 386 and 486, and what they look into. test_registers.c */
#pragma once
#include "../memory/state.h"

enum { TEST_TLB = 32, TEST_LINES = 1024, TEST_LINE_WORDS = 4 };

/* Guest-visible state. The TLB and cache that the tests see are stores of their own: translations and accesses do not go through
 * them, as no program may rely on what those leave there. */
struct test_registers {
    u32 tr[8];                      /* 3 to 7 used */
    u32 fill[TEST_LINE_WORDS], read[TEST_LINE_WORDS];   /* the cache's fill and read buffers */
    u32 tlb_tag[TEST_TLB], tlb_data[TEST_TLB];          /* as TR6 and TR7 have them; set = index / 4, block = index % 4 */
    u32 tag[TEST_LINES];            /* as TR4 has it, bit 10 valid; set = index / 4, entry = index % 4 */
    u32 line[TEST_LINES][TEST_LINE_WORDS];
    u32 next_block;                 /* where a TLB write without a block number goes */
};
extern const struct field test_fields[];

struct cpu;
struct op;
void op_mov_r_tr(struct cpu *cpu, const struct op *o);      /* 0F 24 */
void op_mov_tr_r(struct cpu *cpu, const struct op *o);      /* 0F 26 */
