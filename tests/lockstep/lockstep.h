/* lockstep.h - what the parts of the lock-step test share: the two sides, and the sequence that is made and compared.
 * */
#pragma once
#include "fpu.h"
#include "guest.h"
#include "processor.h"
#include "tape.h"
#include "regress.h"
#include "../../cpu/engine/engine.h"
#include "../../cpu/insn/x87/f80.h"
#include <stdio.h>

enum { HLT = 0xf4, STEPS = 160, RULES_MAX = 48,
       COMPARED = FLAGS_ARITH | FLAG_DF | FLAG_IF | FLAG_IOPL | FLAG_NT | FLAG_AC | FLAG_ID };
enum { ENGINES = 3 /* that run whole sequences */, FAILURES_MAX = 10 };

struct lockstep {
    struct host host;
    struct processor judge;     /* whose results these are: its vendor's rules apply */
    struct guest step;          /* one instruction after the other */
    struct guest whole[ENGINES];/* FAST, SLOW, DEBUG: whole sequences */
    struct image now;           /* memory as of the last step; the whole[] still have it as of the sequence's start */
    struct changes changes;     /* since the sequence's start */
    struct generator g;
    u64 seed, done, sequences, looped, cut, failures, faults[OUTCOME_OTHER + 1], excused[RULES_MAX];
    u64 unmasked[6];            /* x87 exceptions raised unmasked, by their bit */
    struct step steps[STEPS];   /* executed ones, in order */
    int count;
    struct regs after;          /* the last step */
    bool cold;                  /* ours start with empty TLBs and no decoded code */
    bool replaying, shrinking;
    bool repeated;              /* run_whole had to run the host again */
    struct tape *tape;          /* being written; NULL: none */
    const char *keep;           /* file that new differences are added to */
};

static inline bool is_wide(const struct regs *s) { bool wide; selector_base(s->selector[CS], &wide); return wide; }
static inline bool named(const struct row *row, const char *name)
{
    return row && row->mnemonic && !strcmp(row->mnemonic, name);
}

/* ---- sides.c: memory and code on every side ---- */

/* One byte or some, host and stepper alike. */
void code_write(struct lockstep *l, u32 at, const u8 *bytes, u32 n);
/* The code of the whole sequence, for the engines; and HLT in its place again, everywhere. */
void code_write_whole(struct lockstep *l);
void code_erase(struct lockstep *l);
/* Memory on every side, as one array: data, then stack. */
void memory_set(struct lockstep *l, const u8 *memory);
/* Take back what was noted since `mark`: host and stepper. */
void memory_rewind(struct lockstep *l, u32 mark);
/* The engines did not run the sequence: they get its memory. */
void memory_follow(struct lockstep *l);
/* After a difference: every side has the stepper's memory again. */
void memory_settle(struct lockstep *l);
/* Memory as it was at `mark`, into an array. */
void memory_before(const struct lockstep *l, u32 mark, u8 *memory);

/* ---- step.c: one instruction ---- */

/* Decode a step's instruction in its state: row and op. False: not decodable. */
bool step_decode(struct lockstep *l, struct step *s);
/* On the host and on ours, with its REP iterations; l->after gets the result. False: a difference, reported. */
bool step_both(struct lockstep *l, struct step *s, u16 tainted);
/* Ours alone, against the result in l->after and the host's memory. False: a difference, reported. */
bool step_judge(struct lockstep *l, struct step *s, const struct regs *from, u16 tainted);
/* Would ours go on at this linear address? Yes where there is code, or data, which 32-bit paging cannot forbid. */
bool goes_on(const struct lockstep *l, u32 at);
bool same_regs(const struct regs *a, const struct regs *b, u32 flags);
/* The sequence at once in each engine, against l->after and l->now. False: a difference, reported. */
bool run_whole(struct lockstep *l);

/* ---- sequence.c, shrink.c ---- */

/* Make up a sequence, step it, run it whole. */
void sequence_run(struct lockstep *l);
/* After a difference at step `last` (-1: in a whole run): the step itself where it shows the difference alone,
 * otherwise the sequence so far; printed and kept. */
void shrink(struct lockstep *l, int last);
/* ---- cases.c, recording.c: results from a file; how many. False: it cannot be read, the reason printed. */
bool cases_judge(struct lockstep *l, const char *path, int *n);
bool recording_judge(struct lockstep *l, const char *path);

/* Lines of the file of regressions, as sequences; how many. */
int replay(struct lockstep *l, const char *path);
