/* recording.h - a run as a file: where it begins, everything that entered it with its place (iodev/machine/tape.h), marks on the way by
 * which a run that leaves it is found, and where it ends. */
#pragma once
#include "../board/pc.h"
#include "../machine/tape.h"
#include "../../host/notice.h"
#include "../../host/output.h"
#include "../../memory/snapshot.h"

struct image_host;

/* ---- recorded ---- */

/* Everything that enters from now on is kept, in memory. NULL, with the reason: a medium cannot be read. */
struct recorder *recorder_new(struct pc *pc, char *why, size_t size);
/* The run up to here. False, with the reason. */
bool recorder_write(struct recorder *r, struct writer *w, char *why, size_t size);
void recorder_free(struct recorder *r);

/* ---- replayed ---- */

enum replay_state {
    REPLAY_GOES_ON,
    REPLAY_ENDED,               /* it is where the recording ends, in the same state */
    REPLAY_LEFT                 /* it has left it, which was said */
};
/* From here on only what the recording has enters, where it did, and the machine stops where it ends or the run leaves it; from there on it
 * is a run of its own. NULL, with the reason in in->wrong: the recording does not begin here. */
struct replay *replay_new(struct pc *pc, struct image_host *host, struct outputs *outputs, struct reader *in);
/* The run has ended; `by_itself`: not because somebody outside wanted it. One that has not come to the end of the recording has left it
 * then. */
enum replay_state replay_end(struct replay *r, bool by_itself);
void replay_free(struct replay *r);
