/* recording_parts.h - what recorder and replay have in common. */
#pragma once
#include "recording.h"
#include "../machine/keep.h"

/* What the machine was like at a place, behind so many things that entered: processors and devices, at the beginning and end
 * memory, too. */
struct mark {
    struct machine_place at;
    u64 entered;
    struct hash hash;
};

struct mark mark_here(struct machine *m, bool memory);
void mark_write(struct writer *w, const struct mark *mark);
void mark_read(struct reader *r, struct mark *mark);
void event_write(struct writer *w, const struct taped *taped);
/* Without its image. */
void event_read(struct reader *r, struct taped *taped);
/* What was written over a medium, as a hash: where the media are those that they were, this is the rest. */
void over_write(const struct pc *pc, struct writer *w);
