/* trace.h - what the machine does, a line an event: chosen by class, filtered, as text, JSON or for a timeline. It changes nothing in
 * the guest's run. */
#pragma once
#include "../../iodev/machine/machine.h"
#include <stdio.h>

struct symbols;
struct trace;

enum trace_format { TRACE_TEXT, TRACE_JSON /* an object a line */, TRACE_PERFETTO /* the JSON of Chrome's trace viewer */ };

/* What passes: all of it must be true. */
struct trace_filter {
    u8 cpl;                     /* a bit 1 << CPL for those that pass; 0: all */
    bool has_range, has_cr3;
    u64 first, last;            /* of the linear address of CS:EIP */
    u64 cr3;                    /* the page tables' address: CR3 without its low 12 bits */
    char symbol[80];            /* the code of this symbol; empty: any */
    u64 count;                  /* so many events, then tracing ends; 0: no end */
};

/* CLASSES[,file=PATH][,format=text|json|perfetto][,cpl=N][,range=FIRST-LAST][,symbol=NAME][,cr3=ADDRESS][,count=N] taken apart: CLASSES
 * are names or other words for them, with a - before those that end. Addresses are hexadecimal, counts decimal. */
struct trace_spec {
    u64 on, off;                /* bits 1 << k of trace_class_name(k) */
    char file[256];             /* empty: none was named */
    enum trace_format format;
    bool has_format, has_filter;
    struct trace_filter filter;
};
/* False: `message` says what was expected and the nearest word. */
bool trace_parse(const char *text, struct trace_spec *spec, char *message, size_t n);

/* Name and title of the k-th class; false past the last. */
bool trace_class(int k, const char **name, const char **title);

/* Nothing is traced yet. The machine outlives it. */
struct trace *trace_new(struct machine *m);
/* What was begun is ended and written. */
void trace_free(struct trace *t);
/* Names of addresses; they stay the caller's. Once more where they have changed: what was cached is asked for again. */
void trace_set_symbols(struct trace *t, const struct symbols *symbols);
/* Where it goes. `write` takes n bytes of whole lines; false: it can take no more, and tracing ends. */
void trace_to(struct trace *t, enum trace_format format, bool (*write)(void *to, const char *text, size_t n), void *to);
/* Turn classes on and off, and, where the spec has one, use its filter (and count anew). False: `message` says what is wrong; nothing
 * has changed. Between runs. */
bool trace_change(struct trace *t, const struct trace_spec *spec, char *message, size_t n);
/* The classes that are on, a bit each; and the filter. */
u64 trace_on(const struct trace *t);
const struct trace_filter *trace_filter(const struct trace *t);
/* Lines written so far. */
u64 trace_lines(const struct trace *t);
/* Meanwhile nothing is traced or counted, whatever is on: what happens has happened before. Between instructions. */
void trace_pause(struct trace *t, bool on);
/* Hand over what is kept in the buffer. */
void trace_flush(struct trace *t);
/* End what the format wants ended (its bracket), and flush. Tracing is off afterwards. */
void trace_end(struct trace *t);

/* Count every instruction by class, mnemonic and CPL from now on, and what a monitor that traps and emulates would miss; and say it. */
void trace_count(struct trace *t, bool on);
void trace_summary(struct trace *t, FILE *out);
