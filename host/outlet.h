/* outlet.h - output to a handle whose reader may be slow, or never read: it costs a bounded time and bounded memory, and what is
 * dropped is counted. For what the program writes while the machine runs: serial lines, the log. */
#pragma once
#include "handle.h"
#include <stdatomic.h>

struct outlet;

/* How it goes: a reader may take OUTLET_PATIENCE_MS for its next bytes, and the writer waits for it. One that takes longer is left
 * alone: from then on what does not fit into OUTLET_BYTES is dropped without waiting, until all that was kept is taken. */
enum { OUTLET_BYTES = 1 << 16, OUTLET_PATIENCE_MS = 5000 };

/* For a handle, which stays the caller's. Other programs that have it, too, see no change. */
struct outlet *outlet_new(struct handle h);
/* No flush. NULL is fine. */
void outlet_free(struct outlet *o);
/* Another patience. */
void outlet_patience(struct outlet *o, u64 ms);
/* Where this comes to be true, nobody waits any more, but for the tenth of a second that outlet_flush() has. */
void outlet_hurry(struct outlet *o, const atomic_bool *hurry);

/* Send n bytes, as a whole or, where at most OUTLET_BYTES / 2, not at all. False: something was dropped. */
bool outlet_write(struct outlet *o, const void *bytes, size_t n);
/* Send what is kept as far as it is taken now. True if nothing is left. */
bool outlet_drain(struct outlet *o);
/* Wait until all is taken, as long as the reader takes something. False: the rest is dropped. */
bool outlet_flush(struct outlet *o);
/* Throw away what is kept; it does not count as dropped. */
void outlet_clear(struct outlet *o);
/* Bytes that were dropped. */
u64 outlet_dropped(const struct outlet *o);
/* Why nobody can read it any more; NULL while somebody may. What is written then is dropped. */
const struct failure *outlet_failure(const struct outlet *o);

/* For standard error: from now on writes to it never block, the C library's included; what finds no room is lost. Nobody else who has
 * the terminal or pipe sees a change. What cannot be made so stays as it is. */
void outlet_unblock(struct handle h);
