/* points_parts.h - what the files of points.h share, and nobody else. */
#pragma once
#include "points.h"

struct subscription { struct cpu *cpu; int token; };

struct entry {
    struct point p;             /* first */
    struct points *all;
    struct subscription *tokens;
    int token_count;
    bool told, gone;            /* told: `hit` waits for the boundary. gone: shown no more, freed before the next run */
    struct point_hit hit;
    size_t matched;             /* TEXT: characters so far */
    struct entry *next;
};

struct points {
    struct machine *m;
    struct entry *list;         /* by number within each owner */
    u32 next_number[POINT_INTERNAL + 1];
    struct point_hit *hits;
    int hit_count, hit_room;
    struct subscription *boundary;
    int boundary_count;
    bool (*stops)(void *to, const struct point_hit *hit);
    void *stops_to;
};

/* points.c: what an entry's `hit` says has happened. Between instructions it is judged at once, else (later) at the next boundary. */
void entry_told(struct entry *e, const struct point_hit *hit, bool later);
/* points_tell.c: listen for what the entry stops on, and no longer. */
void entry_listen(struct entry *e);
void entry_deaf(struct entry *e);
