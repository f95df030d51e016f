/* session_parts.h - struct session, for the files that make it up (session.c, session_end.c) and nobody else. */
#pragma once
#include "session.h"
#include "../../debugger/core/triple.h"
#include "../../iodev/session/inner.h"
#include "pace.h"
#include <stdatomic.h>

struct session {
    const struct options *o;
    struct setup *setup;
    struct gui_link *link;
    struct vitrine *v;
    struct machine *m;                  /* its insides, for the debugger, the log, and who types and waits */
    struct steps *steps;
    struct typist *typist;
    struct commands *commands;
    struct gdb *gdb;                    /* its line; NULL: none is asked for */
    struct notices says;                /* for the debuggers' lines */
    struct outlet *out;                 /* standard output, for hashes; NULL: none are asked for */
    bool host_clock;
    u64 next;                           /* virtual time: a step, a stroke or -stop-at is due */
    u64 started, frame_at;              /* host time */
    struct pace pace;
    unsigned percent;                   /* of the named speed, as the status says */
    atomic_int end;                     /* an enum session_end from outside, or a signal (host/signals.h); END_NOT: none */
    atomic_bool hurry;                  /* somebody waits for the end: readers are not waited for any more */
    atomic_bool runs;                   /* the machine does, and no debugger waits for a command */
    void (*interrupted_again)(void *to);
    void *interrupted_again_to;
    struct triple_faults triple_faults;
    struct trace *trace;                /* -trace; NULL: not asked for */
    struct outlet *trace_out;           /* its file's; NULL: it goes elsewhere */
    bool trace_failed;                  /* said */
    bool halted;                        /* for good, unless a person resets it */
    struct debugger *_Atomic debugger;  /* that has the run and a prompt; NULL: none does */
    struct debugger *debugger_kept;     /* it, to its end */
    struct stream *prompt;              /* where -debug puts it; NULL: here */
    atomic_bool time_over;              /* -timeout, of which the debugger has not heard */
    bool enter;                         /* a person has asked for the debugger */
    bool lent;                          /* the terminal is the prompt's */
    bool faulted;                       /* the run that the debugger began came to a triple fault */
    u64 run_began;                      /* in the host's time */
    bool left;                          /* -replay: the run has left the recording */
    bool debugged, script_failed;       /* a debugger had the run; a command that it was given failed */
    bool full, waited;                  /* the host's disk has no room, and it was said; the machine waited for some */
};

/* session_trace.c: -trace and -trace-summary, if asked for. False: said on stderr what is wrong with it. The end: before the machine's. */
bool session_trace_begin(struct session *s);
void session_trace_end(struct session *s);
/* What was traced so far comes before what is said next. */
void session_trace_flush(struct session *s);

/* session.c: run until something that is not the end of a slice. VITRINE_TIME: the wish came from outside; VITRINE_STOPPED: or the
 * debugger was asked for. */
enum vitrine_reason session_run_slices(struct session *s);
/* The screen as it is now, to whoever looks at it. */
void session_show(struct session *s);

/* Behind a line about the guest: ", at CS:EIP symbol, insn N"; `session` is one. */
void session_place(void *session, char *text, size_t size);

/* session_debug.c: the debugger's prompt, if it is elsewhere. False: with the error. */
bool session_debug_open(struct session *s, struct vitrine_error *error);
/* The run, or the rest of it, in the debugger's hands; why it ended, which is how the machine stood when it was left. */
enum vitrine_reason session_debug(struct session *s);
/* Between slices: is the machine to stop, because a key or who sits at the prompt asks for the debugger? */
bool session_debug_asked(struct session *s);
/* A triple fault: with a debugger the machine stops for it. */
void session_debug_fault(struct session *s);
void session_debug_free(struct session *s);

/* session_end.c: the exit code of a run that ended so, with what is to be said about it on stderr. */
int session_exit_code(struct session *s, enum vitrine_reason stop);
/* -screendump, -screenhash, -statehash, -state, -report; and all that readers have not taken yet, as long as they read. The exit code. */
int session_leave_behind(struct session *s, enum vitrine_reason stop, int code);
