/* decode.h - from bytes to an op. decode.c */
#pragma once
#include "op.h"

/* Decode one instruction at host bytes (at most n of them there). Returns its length, 0 if more bytes are needed than n. */
struct decode {
    struct cpu *cpu;
    const u8 *bytes;
    int n;                      /* bytes that may be read */
    u32 mode;
    struct heads *heads;        /* NULL: none are kept */
};
struct decoded {
    struct op op;
    enum { DECODED_PLAIN, DECODED_BRANCH /* one link slot */, DECODED_CALL /* two */, DECODED_INDIRECT /* inline cache */,
           DECODED_END } shape;
    u8 unconditional;           /* ends the block */
    u16 body;
    u8 form, size_log2, cc;
    u8 memory;                  /* it has an operand in memory */
    u8 prefixes, immediate_at;  /* bytes before the opcode, before the immediates: where the parts lie (anatomy.h) */
    u8 two_bytes, has_modrm;
};
int decode_insn(const struct decode *d, struct decoded *out);

/* What heads of instructions (prefixes, opcode, ModRM, SIB) were made of, so that not each is looked up in the rows again: of processors of
 * one model, which the first stands for. NULL for those before the 386. */
struct heads *heads_new(const struct cpu *cpu);
void heads_free(struct heads *h);
