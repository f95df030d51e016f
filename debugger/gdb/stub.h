/* stub.h - gdb's remote serial protocol over a machine under debuggers: packets in, answers out. Who carries the bytes is not its affair.
 * Follows: "Debugging with GDB", appendix "GDB Remote Serial Protocol". */
#pragma once
#include "../core/control.h"
#include <stdio.h>

struct stub;

/* How it reaches the one who made it. */
struct stub_ways {
    /* Bytes from gdb, at most n: how many came, 0 for none now, -1 where gdb is gone. */
    int (*receive)(void *to, u8 *bytes, int n);
    void (*send)(void *to, const void *bytes, size_t n);
    /* While on: control_interrupt() as soon as something comes from gdb. */
    void (*watch)(void *to, bool on);
    /* `monitor LINE`, its output to `out`. False: it ends the run. NULL: there are no commands. */
    bool (*command)(void *to, const char *line, FILE *out);
    void *to;
};

/* The control outlives it. */
struct stub *stub_new(struct control *c, const struct stub_ways *ways);
void stub_free(struct stub *s);

/* Running backwards, where a history is kept: until the instruction before, or until what stops it. *beginning: it is at the oldest
 * moment that is known. NULL, as at first: gdb is told that there is none. */
struct stub_back {
    enum machine_stop (*step)(void *to, bool *beginning);
    enum machine_stop (*go)(void *to, bool *beginning);
    void *to;
};
void stub_set_back(struct stub *s, const struct stub_back *back);

/* Somebody new is at the other end. */
void stub_connect(struct stub *s);
/* Nobody is any more: its stops are gone, and the next one begins anew. */
void stub_disconnect(struct stub *s);

enum stub_state {
    STUB_STOPPED,               /* gdb has the floor */
    STUB_DETACHED,              /* gdb has left, and the machine is to run on */
    STUB_GONE,                  /* likewise, but without a word: it broke off while the machine stood still */
    STUB_GONE_RUNNING,          /* ... while the machine ran */
    STUB_KILLED,                /* gdb wants the run to end */
    STUB_OVER,                  /* the run ended, as control_stop() says */
};
/* Answer all that has come, letting the machine run where gdb says so. */
enum stub_state stub_serve(struct stub *s);
