/* channel.h - a line to somebody outside the program: its own terminal, a pseudo-terminal, a socket, a file. Nothing here waits but the
 * connecting to somebody else. */
#pragma once
#include "handle.h"

struct outputs;
struct channel;

/* Standard input and output. A terminal there gives its keys unbuffered, unechoed and untranslated until the channel is freed; Ctrl-C
 * stays the program's. */
struct channel *channel_standard(void);
/* Written only; the handle becomes the channel's. */
struct channel *channel_to(struct handle out);
/* A pseudo-terminal, whose other end has the `name` (n bytes). NULL: refused. */
struct channel *channel_pty(char *name, size_t n, struct failure *why);
/* A connection by TCP, made, or, as a server, taken, one peer at a time. `port` is a number or a service's name; a server's 0 lets the
 * host choose, and `port` (n bytes) then has what it chose. NULL: refused, or, FAILURE_ABSENT, no such host or service. */
struct channel *channel_tcp(const char *host, char *port, size_t n, bool server, struct failure *why);
/* The same by a name in the file system, which a server makes and channel_free removes. `error` (n bytes) names the path. */
struct channel *channel_local(struct outputs *o, const char *path, bool server, char *error, size_t n);
/* NULL is fine. */
void channel_free(struct channel *c);

/* What is written goes here; none while nobody is there. It stays the channel's. */
struct handle channel_out(const struct channel *c);
/* A server without a peer looks for one; true: one has come. */
bool channel_accept(struct channel *c);
/* The peer is gone, or writing to it failed for good: from now on there is none, until a server finds the next. */
void channel_hang_up(struct channel *c);
/* A pseudo-terminal that nobody has open: a line that leads nowhere. */
bool channel_unplugged(const struct channel *c);
/* What a failed write means: is the other end one that may come back (a pseudo-terminal), or may another come (a socket)? */
bool channel_is_pty(const struct channel *c);
bool channel_is_socket(const struct channel *c);
/* Bytes that have come, at most n; 0: none now; -1: none will ever come. */
int channel_read(struct channel *c, u8 *buf, int n);

/* Before anybody waits: makes what channel_wake() needs. */
bool channel_wakes(struct channel *c, struct failure *why);
/* Wait until bytes have come, a peer asks to be taken, or the peer is gone: true; or until channel_wake(): false. One thread at a time, and
 * meanwhile nobody calls anything else here but channel_wake(). */
bool channel_wait(struct channel *c);
/* From any thread: who waits comes back, now or, where nobody does, the next time. */
void channel_wake(struct channel *c);
