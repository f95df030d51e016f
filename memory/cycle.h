/* cycle.h - lines that come again and again, one alone or some in turn, as of a program that waits: they are told a few times, then
 * counted. */
#pragma once
#include "../host/base.h"

enum { CYCLE_LINES = 8, CYCLE_ROUNDS = 3, CYCLE_TEXT = 512 };

/* What may come again and again, and how often the reader has been told of it: the one measure of how floods are folded. `n` more
 * of it happened: the first `full` are told in full, from then on the count, whenever it has reached the next power of ten. Begins as
 * zeros; with FOLD_COUNT, fold_rest() says how many. */
struct fold { u64 count, told; };
enum fold_how { FOLD_NOTHING, FOLD_FULL, FOLD_COUNT };
enum fold_how fold_more(struct fold *f, u64 n, u64 full);
/* How many were not told of. They are from now on. */
u64 fold_rest(struct fold *f);

/* The last lines. Begins as zeros but for who prints. */
struct cycle {
    void (*print)(void *to, const char *line);
    void *to;
    u64 n;                              /* lines so far: number k is at k % CYCLE_LINES */
    u32 run[CYCLE_LINES + 1];           /* how many of them in a row are as the one so many before */
    u32 period, at;                     /* lines of a round, 0: none; of the present round so many came, and were not printed */
    struct fold rounds;
    char line[CYCLE_LINES][CYCLE_TEXT];
};

/* A line: printed, unless it is as expected by a round of at most CYCLE_LINES lines that has come CYCLE_ROUNDS times. Of such rounds
 * the number is printed. */
void cycle_line(struct cycle *c, const char *line);
/* What has not been told is. */
void cycle_end(struct cycle *c);

/* "1,234,567" */
const char *with_commas(u64 n, char out[32]);
