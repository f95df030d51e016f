/* stream.h - where a serial port's or the debug console's bytes go on the host. */
#pragma once
#include "../../host/handle.h"
#include "../../host/notice.h"
#include <stdatomic.h>

struct stream;
struct outputs;

/* Open `stdio`, `file:PATH` (written only), `pty` (its name is said), `tcp:HOST:PORT`, `unix:PATH` (both
 * connect; with `,server` they listen and take one peer at a time; without a HOST at localhost only, with port 0 at one of the
 * host's choice, which is said), or `none`. NULL if that cannot be done: then `error`
 * (n bytes) says why and what else there is. A terminal on stdio gives its keys unbuffered and unechoed until stream_close.
 * `o` knows the files in use (output.h; may be NULL), `use` is what the user calls this one: "-serial". What is said
 * now and later goes to `say` (may be NULL), which outlives the stream. */
struct stream *stream_open(const struct notices *say, struct outputs *o, const char *use, const char *dest, char *error, size_t n);
void stream_close(struct stream *s);

/* Send bytes. A reader that takes none for five seconds is not waited for any more, and what it leaves is dropped, counted and said so
 * (host/outlet.h); a peer that is gone is no error. */
void stream_write(struct stream *s, const u8 *buf, int n);
/* Between two of these: what a slow reader has left goes on. Does not wait. */
void stream_poll(struct stream *s);
/* At the end of a run: wait until the reader has all, as long as it reads. */
void stream_flush(struct stream *s);
/* Others are about to write to standard output: where this has left a line there without its end, it ends. The guest sees nothing of it. */
void stream_fresh_line(struct stream *s);
/* Where this comes to be true, nothing is waited for. */
void stream_hurry(struct stream *s, const atomic_bool *hurry);
/* Bytes that have come, at most n; 0 if there are none now, -1 if none will ever come. Does not wait. */
int stream_read(struct stream *s, u8 *buf, int n);
/* Call back with each byte written, before it is sent; also for `none`. NULL: no more. */
void stream_capture(struct stream *s, void (*byte)(void *to, u8 v), void *to);
/* What is written goes there; none while nobody is there. It stays the stream's. */
struct handle stream_handle(const struct stream *s);
/* Is anything connected now? False for `none`, and for a server without a peer. */
bool stream_connected(const struct stream *s);
/* Does somebody hear? False, too, for a pseudo-terminal that nobody has open. */
bool stream_attended(const struct stream *s);
/* Where a socket is: "HOST:PORT", with the port that the host chose, or the path; "" for others. */
const char *stream_where(const struct stream *s);
/* The peer of a socket is sent away; a server waits for the next. */
void stream_hang_up(struct stream *s);

/* For a socket, to be waited for by a thread: as channel_wakes(), channel_wait() and channel_wake() (host/channel.h). */
bool stream_wakes(struct stream *s, char *error, size_t n);
bool stream_wait(struct stream *s);
void stream_wake(struct stream *s);
