/* making.h - what is known while one random instruction is put together; shared by generate.c, address.c and
 * prepare.c. */
#pragma once
#include "generate.h"
#include "../../cpu/core.h"

struct making {
    struct random *r;
    struct insn *i;
    const struct regs *now;
    const struct image *memory;
    const struct encoding *n;
    bool code32, size16, address16;
    int segment;                /* override; -1: none */
};

void put(struct insn *i, u8 byte);
void put_n(struct insn *i, u32 v, int n);

static inline bool has(const struct encoding *n, int code)
{
    return n->operand[0] == code || n->operand[1] == code || n->operand[2] == code;
}
static inline bool is_named(const struct encoding *n, const char *name)
{
    return n->row->mnemonic && !strcmp(n->row->mnemonic, name);
}

/* ---- address.c ---- */

u32 base_of(const struct making *m, int segment);
/* The segment of a memory operand: the override, or the default one. */
int segment_used(const struct making *m, bool stack);
/* An address for a memory operand: inside mostly, across an edge or nowhere sometimes. */
u32 random_target(struct random *r);
/* ModRM (SIB, displacement) that reach a linear address, whatever the registers hold. */
void put_address(struct making *m, int reg, u32 target);

/* ---- prepare.c ---- */

/* True if a register had to be set first: that instruction was put instead. */
bool prepare(struct making *m);
bool move_to(struct making *m, int reg, u32 v);
/* A register that holds a selector to look at; -1: none. */
int selector_register(struct making *m);
