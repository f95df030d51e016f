/* table.h - what the captured tests gave, opcode by opcode, as a document. */
#pragma once
#include "rig.h"

enum { ENGINES = ENGINE_STEP + 1, OPCODE_NAME = 40 };

/* One file of tests, which is one opcode. */
struct tally {
    char opcode[OPCODE_NAME];       /* the file's name without suffix: "8C", "F7.4", "0F01.2" */
    char cpu[8];                    /* that it was captured from */
    u64 tests;
    u64 verdicts[ENGINES][VERDICTS];
    u64 used[ENGINES][UNDEFINED_MAX];     /* how often each row of undefined was needed */
};

struct table {
    struct tally *tallies;
    int count, room;
    bool engine_ran[ENGINES];
    const char *const *engine_names;
};

/* An empty tally for the next file; it stays valid until the next call. */
struct tally *table_add(struct table *t, const char *opcode, const char *cpu);
void table_free(struct table *t);
/* Write the document, Markdown. `command` is what the reader may type to make it again. False if the file cannot be written. */
bool table_write(const struct table *t, const char *path, const char *command);
