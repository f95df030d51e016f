/* undefined.h - flags that the manuals leave undefined after an instruction. */
#pragma once
#include "moo.h"

struct undefined {
    const char *opcodes;    /* file names without suffix, blank separated; ? stands for any character, * for any rest */
    bool (*when)(const struct moo_test *t);     /* NULL: always */
    u16 flags;              /* not compared when they differ */
    const char *why;
    const char *manual;     /* the document that says so: title and section */
};

enum { UNDEFINED_MAX = 64 };
extern const struct undefined undefined[];      /* ends with an entry whose opcodes are NULL */

/* Does the row speak of this test? `opcode` is the file's name without suffix. */
bool undefined_applies(const struct undefined *d, const char *opcode, const struct moo_test *t);
/* Where the opcode stands behind its prefixes, and whether F2 or F3 is among them. */
int insn_opcode_at(const struct moo_test *t, bool *rep);
