/* sink.h - under outlet.h: writing that never waits, whatever the bytes go to. */
#pragma once
#include "handle.h"

struct sink;

/* For a handle, which stays the caller's and is not changed for others who have it. A handle that is none or not open: `why` says so, and
 * nothing goes. Never NULL. */
struct sink *sink_new(struct handle h, struct failure *why);
/* NULL is fine. */
void sink_free(struct sink *s);
/* As many of n bytes as go without waiting. 0: none now, or, with why->kind other than FAILURE_NONE, none ever more. */
size_t sink_put(struct sink *s, const void *bytes, size_t n, struct failure *why);
/* Wait until some will go, at most so long. False: not yet. */
bool sink_wait(struct sink *s, int ms);
