/* compare.h - one byte string through decode_insn() and through Zydis, and what they disagree about. */
#pragma once
#include <Zydis/Zydis.h>
#include "../../cpu/engine/engine.h"

enum { STRING_BYTES = 16 };             /* one more than an instruction may have */
enum code_mode { REAL_16, PROTECTED_16, PROTECTED_32, CODE_MODES };

enum aspect {
    DIFFERS_RUNS    = 1 << 0,           /* we decode what Zydis rejects or counts to a later processor */
    DIFFERS_UD      = 1 << 1,           /* #UD here, an instruction of this processor to Zydis */
    DIFFERS_LENGTH  = 1 << 2,           /* the length, or the 15-byte limit */
    DIFFERS_NAME    = 1 << 3,
    DIFFERS_SIZE    = 1 << 4,           /* operand size */
    DIFFERS_ADDRESS = 1 << 5,           /* address size */
    DIFFERS_REG     = 1 << 6,           /* a register operand */
    DIFFERS_MEM     = 1 << 7,           /* base, index, scale, displacement of the memory operand */
    DIFFERS_SEGMENT = 1 << 8,
    DIFFERS_IMM     = 1 << 9,           /* immediate or far pointer */
    DIFFERS_TARGET  = 1 << 10,          /* branch displacement */
    DIFFERS_PREFIX  = 1 << 11,          /* LOCK, REP */
    DIFFERS_SHORT   = 1 << 12,          /* with fewer bytes than the instruction has it must ask for more */
    DIFFERS_READS   = 1 << 13,          /* the row's flag columns; only flags_compare() says these */
    DIFFERS_WRITES  = 1 << 14,
    DIFFERS_UNDEFINED = 1 << 15,
    DIFFERS_MEMSIZE = 1 << 16,          /* size of the memory operand */
    DIFFERS_AGAIN   = 1 << 17,          /* from what is made of it where its head was seen before */
    ASPECTS = 18
};
const char *aspect_name(int bit);

struct oracle {
    ZydisDecoder decoder[CODE_MODES];
    struct heads *heads;
    struct cpu *cpu;                    /* its features are all that the decoder looks at */
};

/* The processor model's features decide what is legal. */
void oracle_open(struct oracle *o, const char *model);
void oracle_close(struct oracle *o);

/* Where the opcode stands and what it is; the parts that a row of differences names. */
struct head {
    u8 at, map;                         /* index of the opcode byte; 0 one-byte map, 1 0F */
    u8 opcode, modrm;
    u8 lock, rep, repne, operand_size, address_size;
};
struct head head_of(const u8 *bytes);

struct verdict {
    u32 differs;                        /* enum aspect */
    bool legal, zydis_legal;            /* on this processor */
    bool too_long;
    ZyanStatus status;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operand[ZYDIS_MAX_OPERAND_COUNT];
    struct decoded ours;
    int length;
};
/* mode: mode.h's, as code_mode_key() makes it with any segment classes and block kind added. */
void compare(const struct oracle *o, enum code_mode m, u32 mode, const u8 bytes[STRING_BYTES], bool prefixes_of_it,
             struct verdict *v);
u32 code_mode_key(enum code_mode m);
/* The row's reads, writes and undefined against what Zydis says of the same instruction. */
u32 flags_compare(const struct verdict *v);
