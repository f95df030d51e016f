/* space_parts.h - what space.c (the map) and access.c (what goes by it) share, and nobody else. */
#pragma once
#include "space.h"

enum { CHUNK_SHIFT = 6, CHUNK_UNITS = 1 << CHUNK_SHIFT, GROUP_SHIFT = 9, GROUP_CHUNKS = 1 << GROUP_SHIFT };
enum { LISTENERS = 8, REGIONS_MAX = 1024, NOBODY = 0 };

struct region {
    struct space *space;
    const char *name;
    u64 base, size;
    int priority, width, enable;
    u32 cost;                       /* ns an access */
    struct ram *ram;                /* NULL: a device */
    u64 ram_offset;
    bool writable;
    region_read *read;
    region_write *write;
    region_peek *peek;              /* NULL: a look would be noticed */
    void *dev;
    u16 number;                     /* its place in the family's table */
    struct region *next;            /* by falling priority; of a tap, the next tap */
};

struct unit {
    struct space_page page;
    u16 read, write;                /* numbers of who answers; with sub-page devices, the first of several */
    bool shared;                    /* more than one region in this unit: look at each access */
    bool built;                     /* the rest holds */
};

struct chunk { struct unit unit[CHUNK_UNITS]; };
struct group { struct chunk *chunk[GROUP_CHUNKS]; };

/* What a space has in common with its children. */
struct family {
    struct region *by_number[REGIONS_MAX];  /* [NOBODY] is NULL */
    int next_number;                        /* none below it is free */
    void (*spend)(void *to, u32 ns);
    void *spend_to;
    u32 cost_nobody;                        /* ns an access that nothing answers */
    struct { void (*told)(void *to, const struct space_access *a); void *to; int token; } *watcher;
    int watchers, next_token;
};

/* Who answers, and up to which address (of one unit at most) he does. NULL: nobody. */
struct answer { struct region *region; u64 last; };
/* An access that one device answers alone: drivers ask the same registers again and again. */
enum { RECENT = 64 };
struct recent { u64 key; struct region *region; };  /* recent_key(); 0: none */

struct space {
    const char *name;
    int address_bits, unit_shift;
    struct log *log;
    struct space *parent, *children, *sibling;
    struct family *family;
    struct region *regions, *taps;
    struct group **groups;
    u64 group_count, touches, rebuilt;
    int nesting;
    struct recent recent[2][RECENT];/* for reads, for writes */
    bool dirty;
    u64 dirty_from, dirty_to;       /* units to build anew: [from, to) */
    int listeners;
    struct { void (*changed)(void *to); void *to; } listener[LISTENERS];
};

static inline u64 recent_key(u64 address, int size) { return address << 4 | (u64)size; }
static inline struct recent *recent_at(struct space *s, u64 address, int side)
{
    return &s->recent[side == REGION_WRITE][(address ^ address >> 6) % RECENT];
}

/* The region in front at an address of a unit that several share, for one side. */
struct answer space_front(struct space *s, u64 address, int side);
/* The unit has not been asked for since the map changed there: make it. NULL where there is nothing far around. */
struct unit *space_make_unit(struct space *s, u64 number);

/* Where the pointer to a unit's chunk is; NULL where there is none yet. */
static inline struct chunk **chunk_slot(struct space *s, u64 number)
{
    u64 group = number >> (CHUNK_SHIFT + GROUP_SHIFT);
    if (unlikely(group >= s->group_count || !s->groups[group]))
        return NULL;
    return &s->groups[group]->chunk[number >> CHUNK_SHIFT & (GROUP_CHUNKS - 1)];
}

static inline struct unit *unit_at(struct space *s, u64 number)
{
    struct chunk **chunk = chunk_slot(s, number);
    if (likely(chunk && *chunk)) {
        struct unit *u = &(*chunk)->unit[number & (CHUNK_UNITS - 1)];
        if (likely(u->built))
            return u;
    }
    return space_make_unit(s, number);
}
