/* media.h - what is in a board's drives, as a state keeps it: which file (by its content), and the clusters that were written over it. The
 * file stays as it is. */
#pragma once
#include "../board/pc.h"
#include "../../host/output.h"
#include "../../memory/snapshot.h"

struct image_host;

/* Which media: enough to know them again. False, with the reason in `why`: one cannot be read. */
bool media_write_bases(const struct pc *pc, struct writer *w, char *why, size_t size);
/* And what was written over them. */
bool media_write(const struct pc *pc, struct writer *w, char *why, size_t size);

/* One of them: that is in this drive, or enters it; NULL: none. */
bool medium_write(struct image *image, int drive, struct writer *w, char *why, size_t size);
/* Opened, not to be written. NULL: none, or r->wrong. */
struct image *medium_read(int drive, struct image_host *host, struct outputs *outputs, struct reader *r);
/* Those in the drives are those that were written, or r->wrong. What was write-protected then is now. */
void media_check(const struct pc *pc, struct reader *r);

/* Those of a state, opened and compared: ready to be put in place. Disks are those in their drives; other floppies and CDs are opened from
 * where they were (as `host` and `outputs` want it). NULL, with the reason in r->wrong: nothing is open, nothing has changed. */
struct media *media_read(const struct pc *pc, struct image_host *host, struct outputs *outputs, struct reader *r);
/* They are in the drives, under what was written, and are not written any more. Frees it. */
void media_place(struct media *m, struct pc *pc);
void media_drop(struct media *m);
