/* moo.h - reader of MOO files: single-instruction tests captured from real processors.
 * Follows: the format description of the SingleStepTests project ("MOO file format"). */
#pragma once
#include "../../host/base.h"

/* Order of the registers in a REGS chunk. */
enum moo_register {
    MOO_AX, MOO_BX, MOO_CX, MOO_DX, MOO_CS, MOO_SS, MOO_DS, MOO_ES, MOO_SP, MOO_BP, MOO_SI, MOO_DI, MOO_IP, MOO_FLAGS,
    MOO_REGISTERS
};

enum { MOO_BYTES = 32, MOO_RAM_ENTRY = 5, MOO_NAME = 80 };

struct moo_state {
    u16 given;                      /* bit n: register n stands in the file */
    u16 reg[MOO_REGISTERS];
    u32 ram_count;
    const u8 *ram;                  /* ram_count entries of u32 address, u8 value */
};

struct moo_test {
    u32 index;
    char name[MOO_NAME];            /* the instruction as text */
    u8 bytes[MOO_BYTES];
    u32 length;                     /* of bytes, with the HLT behind the instruction if the suite has one */
    struct moo_state init, fina;    /* fina: registers that did not change are filled in from init */
    bool has_exception;
    u8 vector;
    u32 flags_address;              /* where the bus saw the exception's flags image pushed */
};

struct moo_file {
    char cpu[8];                    /* "C286", "8088", ... */
    u8 *data;
    size_t size, at;
};

/* Read a file, gzipped or not. False with a message in bad (size bytes) if it is not a MOO file. */
bool moo_open(struct moo_file *f, const char *path, char *bad, size_t size);
/* Was zlib there when this was built? */
bool moo_reads_gzip(void);
void moo_close(struct moo_file *f);
/* The next test; its pointers stay valid until moo_close. False at the end. */
bool moo_next(struct moo_file *f, struct moo_test *t);

static inline u32 moo_ram_address(const struct moo_state *s, u32 i) { return get32(s->ram + i * MOO_RAM_ENTRY); }
static inline u8 moo_ram_value(const struct moo_state *s, u32 i)    { return s->ram[i * MOO_RAM_ENTRY + 4]; }
