/* history_parts.h - struct history, for the files that make it up (history.c, snapshots.c, travel.c). */
#pragma once
#include "history.h"
#include "../../iodev/board/pc.h"
#include "../../iodev/image/image.h"
#include "../../iodev/machine/keep.h"
#include "../../memory/snapshot.h"

enum { SNAPSHOTS_MOST = 200, STOPS_KEPT = 64 };

/* What a page of memory, or of a medium, held when a snapshot was taken that was written after it. */
struct kept_page {
    struct ram *ram;                    /* NULL: of the medium */
    struct image *image;
    u64 number;
    u8 *bytes;                          /* NULL: zeros */
};

struct snapshot {
    struct machine_place at;
    u64 ran;                            /* host time that it takes to run so far, about */
    u64 entered;                        /* so many things had entered */
    bool edited;                        /* somebody changed the machine here: the run does not lead from the one below to this one */
    struct writer course, hardware;
    struct image *medium[PC_MEDIA];     /* what was in the drives, */
    struct waiting_medium *waits;       /* and on its way there */
    int waiting;
    u8 *beside;
    size_t beside_bytes;
    struct kept_page *page;
    size_t pages, room;
    size_t bytes;                       /* of memory, all in all */
};

/* An image of which something is kept: it is or was in a drive, or enters one. */
struct kept_medium {
    struct image *image;
    u64 until;                          /* behind so many things that entered it did not enter any more */
};

struct history {
    struct control *control;
    struct machine *m;
    struct pc *pc;                      /* whose drives are looked after; NULL: there are none */
    u64 budget, bytes;

    struct snapshot *snap[SNAPSHOTS_MOST + 1];
    int count;                          /* the last one is whose pages are kept now */
    bool loading, no_memory;            /* pages change, and nobody is told; a page could not be kept */
    struct page_room *rooms;            /* where what pages held is kept, and what of that is free */
    union room_page *free_page;
    struct kept_medium *medium;
    int media;
    bool loaded;                        /* from elsewhere; what is in the drives may be placed behind that */
    char *changed;                      /* the file that another program changed, for which what is kept begins no earlier; NULL: none */

    struct tape *tape;                  /* the machine's: what entered */
    u64 looks;
    struct machine_place end;           /* of the past */
    u64 end_entered;                    /* so many things had entered there */
    bool past;

    bool seeks, there, ended, lost;     /* on a way to ...; it has arrived; the past ended before; the run does not repeat itself */
    bool searches;                      /* all of that way is looked at, and the next one begins before it: no snapshots are taken */
    bool target_place;                  /* which is there, */
    struct machine_place target;
    struct point *watched;              /* by history_last_write */
    struct point_hit hit;               /* the last one on the way, */
    bool any_hit;                       /* and is there one */
    struct asked *asked;                /* what history_when asks on the way; NULL: nothing */
    struct point_hit *came;             /* where it goes, these stopped it */
    int came_count;
    u64 target_insns, target_ns, target_ticks;  /* else the first place that has them all */

    struct machine_place stops[STOPS_KEPT];     /* where it stopped, a ring */
    u64 stop_count;

    u64 ran, seen;                      /* host ns: of the run so far, and when it was last looked at (0: it stood since) */
    u64 copying;                                /* host ns that pages have taken since the last snapshot */
    u64 checked, least_wait;            /* ticks at that look; host ns between snapshots, at least */
};

/* snapshots.c */
/* Save the machine as it is, on top of the others. */
void snapshot_take(struct history *h, bool edited);
/* Make the machine what it was at snap[k], and forget those above. False: it could not be loaded. */
bool snapshot_load(struct history *h, int k);
/* One for itself, without memory; and the machine is that again, where its memory is, or not (`back`); it is freed. */
struct snapshot *snapshot_aside(struct history *h);
bool snapshot_put(struct history *h, struct snapshot *s, bool back);
/* All, or what the budget cannot hold. */
void snapshots_forget(struct history *h);
void snapshots_thin(struct history *h);
/* The highest that is not behind a place; 0 if all are. */
int snapshot_before(const struct history *h, const struct machine_place *at);
/* The keepers of memory, and of media. */
void snapshot_page(void *to, struct ram *ram, u64 page);
void snapshot_cluster(void *to, struct image *image, u64 cluster);
/* The first of them goes, and the way to all that lies before the second. */
void snapshot_drop_first(struct history *h);

/* room.c */
/* PAGE_SIZE bytes to be written whole; NULL: no memory. And given back. */
u8 *page_take(struct history *h);
void page_give(struct history *h, u8 *bytes);
void pages_free(struct history *h);

/* kept_media.c */
/* What is in the drives, and what enters, is attended to; and what of that nothing refers to any more is not. */
void kept_attend(struct history *h);
void kept_enter(struct history *h, struct image *image);
void kept_prune(struct history *h);
void kept_free(struct history *h);
/* From here on the first write to each cluster is told; and what enters is written as it was before. */
void kept_keep_clusters(struct history *h);
void kept_repeat(struct history *h, bool on);
/* Bytes of memory that are kept for those that nobody uses. */
u64 kept_bytes(const struct history *h);
/* A snapshot's: noted, and in their places again, between kept_wake and kept_rest, when all of them can be written. False: one is not
 * to be had. */
void kept_save(const struct history *h, struct snapshot *s);
bool kept_load(struct history *h, const struct snapshot *s);
bool kept_wait(struct history *h, const struct snapshot *s);
bool kept_wake(struct history *h);
void kept_rest(struct history *h);
void kept_forget(struct snapshot *s);
/* Before anything goes back or on: what other programs have changed meanwhile, what is kept does not lead through any more. */
void kept_check(struct history *h);

/* travel.c */
/* A place, or the first one with so many instructions and so late. */
struct seek { bool place; struct machine_place at; u64 insns, ns, ticks; };
struct seek seek_place(const struct machine_place *at);
/* From snap[k] on, what happens has happened before; `stops` judges the points that are met. False: it could not be loaded. */
bool set_out(struct history *h, int k, const struct seek *to, bool (*stops)(void *to, const struct point_hit *hit));
bool none_stops(void *to, const struct point_hit *hit);
/* Run until it is there; BACK_BEGINNING: the past ends before, at a change. Without `stopped` no stop on the way counts; with it
 * *stopped says whether a run stops where it is, and BACK_NOWHERE is that before it is there. */
enum back go_on(struct history *h, bool *stopped);
/* It stands, where `end` says: for those who look at it, too. */
enum back arrive(struct history *h, enum back end);
/* Likewise, where it stood before it set out: it is what it was then, which more than one moment of a place may be, and nobody is told. */
enum back come(struct history *h, struct snapshot *was, enum back end);
/* What stopped it here did so when it has come back. */
void hits_remember(struct history *h);
/* All of these: to a place, from snap[from]. */
enum back go_to(struct history *h, const struct seek *to, int from);
/* Before the instruction, or the delivery, that a point told of. */
enum back go_to_hit(struct history *h, const struct point_hit *hit);

/* when.c: its search, where the keeper looks. */
void asked_look(struct history *h);

/* history.c */
/* What runs now has happened before. */
void history_repeat(struct history *h, bool on);
/* Where the keeper looks next. */
void history_expect(struct history *h);
/* The past is not known any more. */
void history_forget(struct history *h);
/* Was it changed from outside since it stopped here? Then this is another place, to which no run leads. */
void history_changes(struct history *h);
/* The machine stands, at another place than it did. */
void history_stands(struct history *h);
/* Now is where the past ends; what was ahead is no more. */
void history_cut(struct history *h);
