/* anatomy.h - an instruction taken apart: each field, where it lies in the bytes, and what its row says. For whoever shows it: this
 * header knows no inside of the processor. anatomy.c
 * Follows: Intel SDM Vol. 2A "Instruction Format", "Instruction Prefixes", "ModR/M and SIB Bytes", "Displacement and Immediate Bytes". */
#pragma once
#include "../registers.h"
#include "attribute.h"
#include "operand.h"

struct cpu;

enum anatomy_kind { FIELD_PREFIX, FIELD_OPCODE, FIELD_MODRM, FIELD_SIB, FIELD_DISPLACEMENT, FIELD_IMMEDIATE, FIELD_RELATIVE, FIELD_POINTER,
                    FIELD_OFFSET };
struct anatomy_field {
    u8 kind;                    /* enum anatomy_kind */
    u8 at, bytes;
    u64 value;                  /* little-endian, as it stands; of an opcode the byte after 0F */
};

struct anatomy_operand {
    u16 code;                   /* operand.h; __: none from here on */
    const char *name;           /* as the appendix writes it: "Ev" */
    u8 bytes;                   /* 0: it has no size */
    u8 reg;                     /* a register's number, where it is one; 8 bits: 4 to 7 are AH to BH */
    bool memory;                /* r/m that is memory, or an offset */
    u64 immediate;              /* sign-extended where the row says so */
};

enum { ANATOMY_BYTES = 15, ANATOMY_FIELDS = 24, ANATOMY_NONE = -1 };
struct anatomy {
    u8 bytes[ANATOMY_BYTES], length;
    bool cut;                   /* more bytes are wanted than there were: nothing else is known */
    struct anatomy_field field[ANATOMY_FIELDS];
    int fields;
    const char *mnemonic;       /* NULL: an undefined opcode */
    const char *operation;      /* the row's own; NULL: what others of the mnemonic do */
    const char *feature;        /* "CX8": what a processor must have; NULL: none that this row names */
    bool has_feature;           /* and this one has */
    u32 attr;                   /* enum attribute */
    u16 reads, writes, undefined;
    u8 exceptions;              /* enum exception_class */
    u8 opcode, modrm;
    bool two_bytes, has_modrm;
    struct anatomy_operand operand[4];
    u8 operand_size, address_size;      /* bytes, by the code segment and the prefixes */
    u8 operation_bytes;         /* of the operation: 1 where the operands are bytes */
    bool lock, rep, repne;
    bool memory;                /* one operand lies in memory, at segment:[base + (index << scale) + displacement] */
    i8 base, index;             /* numbers of general registers, ANATOMY_NONE: none */
    u8 segment, scale;
    i8 override;                /* a segment override's register, or ANATOMY_NONE */
    i32 displacement;           /* of the memory operand, or a direct branch's */
    int refuses;                /* the vector that the decoder raises for it in this mode, or ANATOMY_NONE */
};

/* The instruction at `bytes` (at most n of them there) as the processor reads it in its present mode. Changes nothing. */
void anatomy_of(struct cpu *cpu, const u8 *bytes, int n, struct anatomy *a);
