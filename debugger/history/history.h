/* history.h - back in time: what a run was like before. Kept while a machine is under a debugger; see README.md. */
#pragma once
#include "../core/control.h"
#include "../../iodev/machine/keep.h"
#include "../language/language.h"

struct history;
struct pc;

#define HISTORY_BUDGET (256ull << 20)

/* Keep the past of this machine from now on, in so many bytes of the host's memory, and of the media in the drives of its board (NULL:
 * there are none). `control` outlives it and knows it (control_history). */
struct history *history_new(struct control *control, struct pc *pc, u64 budget);
void history_free(struct history *h);
/* The machine is another now, which no run of its own led to: its past begins here. */
void history_restart(struct history *h);

/* How a way back ended. But for BACK_LOST the machine is at a place of its past, or where it was. */
enum back {
    BACK_THERE,
    BACK_BEGINNING,             /* what is kept begins later: it is there */
    BACK_NOWHERE,               /* nothing like that is in what is kept; where it was before */
    BACK_ASKED,                 /* machine_break() */
    BACK_LOST                   /* the run did not repeat itself, which is a fault of Vitrine's; the past is forgotten */
};
const char *back_text(enum back end);

/* So many instructions back (a REP iteration counts as one): where it stopped there, if it did, else before the instruction. */
enum back history_back(struct history *h, u64 insns);
/* To where it last stopped before: at a point, which points_hit() names then, or wherever else a run stops now. */
enum back history_back_to_stop(struct history *h);
/* To virtual time `ns`, or the first instruction behind it. */
enum back history_back_to_time(struct history *h, u64 ns);
/* Before the instruction, or the delivery, that was the last to write to these physical addresses; *hit says what it was. BACK_NOWHERE:
 * none did in what is kept. */
enum back history_last_write(struct history *h, u64 physical, u64 n, struct point_hit *hit);

/* The places by which the processor came here, as cpu_trail tells them, and how many: the last stretch of the run is repeated for them.
 * Nothing else changes. BACK_NOWHERE: no run leads here, or (*ns) its repetition would take that long, and more than `most_ns` of the
 * host's time. */
struct trail_place;
enum back history_trail(struct history *h, u64 most_ns, struct trail_place *to, u32 *n, u64 *ns);

/* Something that is true of the machine, or not. */
struct history_question {
    bool (*holds)(void *to, struct language_reads *reads);  /* state exact; what the answer was made of is added to *reads */
    void (*searched)(void *to, u64 ns); /* now and then: the search has come to this virtual time, backwards */
    void *to;
};
/* Before the instruction, or the delivery, by which it became true the last time (the iterations of a repeated one are one); *hit: insns,
 * by, vector. BACK_NOWHERE: it did not in what is kept. */
enum back history_when(struct history *h, const struct history_question *q, struct point_hit *hit);

/* What is kept: the first place; is the machine in its past, and where that ends; snapshots and the memory that all takes. */
struct history_view {
    struct machine_place first, end;
    bool past;
    const char *changed;        /* it begins no earlier since another program changed this medium's file; NULL: none did */
    int snapshots;
    u64 bytes, budget;
    size_t entered;
};
struct history_view history_view(const struct history *h);
