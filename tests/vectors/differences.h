/* differences.h - where a P6-class processor, which Vitrine is, answers otherwise than the captured one, and why. */
#pragma once
#include "moo.h"

enum difference_kind {
    FLAGS_DIFFER,           /* these flags are undefined in the SDM: not compared when they differ */
    FAULTS,                 /* the processor faults with `vector` at the instruction, nothing else changed */
    FAULTS_AT_ITERATION,    /* the same for a string instruction: finished iterations stay done */
    RUNS,                   /* the captured processor faults; this one runs: no exception, IP behind the instruction */
};

struct difference {
    const char *cpu;        /* of the captured tests: "C286", "808?" */
    const char *opcodes;    /* file names without suffix, blank separated; ? stands for any character, * for any rest */
    bool (*when)(const struct moo_test *t);     /* NULL: always */
    u8 kind, vector;
    u16 flags;              /* FLAGS_DIFFER */
    const char *why;
    const char *manual;     /* the document that says so: title and section */
};

enum { DIFFERENCES_MAX = 64 };
extern const struct difference differences[];

/* Does the row speak of this test? `opcode` is the file's name without suffix. */
bool difference_applies(const struct difference *d, const char *cpu, const char *opcode, const struct moo_test *t);

/* Prefixes before the opcode, and what stands among them. */
struct insn_head {
    int opcode_at;
    bool lock, rep;         /* rep: F2 or F3 */
    u8 segment;             /* the override's byte, 0 without one */
};
struct insn_head insn_head(const struct moo_test *t);
/* Iterations that a word string instruction finishes before it meets offset FFFFh. */
u32 iterations_before_overrun(const struct moo_test *t);
