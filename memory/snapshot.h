/* snapshot.h - bytes that state is written to and read back from, in guest byte order: the same on every host. What is written is
 * named, so that what does not fit is found where it stands. */
#pragma once
#include "state.h"

/* Starts as {0}; whoever has it frees bytes. Where the host has no memory for them, `failed` is set, bytes is NULL and what is written
 * is lost. */
struct writer { u8 *bytes; size_t n, capacity; bool failed; };

void write_bytes(struct writer *w, const void *data, size_t n);
void write_number(struct writer *w, u64 v);
/* A text of any length. */
void write_text(struct writer *w, const char *text);
/* A part begins; the reader must ask for the same name. */
void write_name(struct writer *w, const char *name);
void write_fields(struct writer *w, const struct field *f, const void *obj);

/* After what does not fit, everything reads as zeros and `wrong` stays: nobody needs to ask before the end. */
struct reader {
    const u8 *bytes;
    size_t n, at;
    char wrong[160];                                    /* what was expected, and what is there; "" while all is well */
};

void read_bytes(struct reader *r, void *to, size_t n);
u64  read_number(struct reader *r);
/* A number of at most `most`. */
u64  read_at_most(struct reader *r, u64 most, const char *what);
void read_name(struct reader *r, const char *name);
/* Any name, of less than `size` bytes (longer ones do not fit). */
void read_any_name(struct reader *r, char *name, size_t size, const char *what);
/* A text of at most `most` bytes, to be freed. NULL where it does not fit. */
char *read_text(struct reader *r, size_t most, const char *what);
/* Of the same list that wrote them: another number of bytes does not fit. */
void read_fields(struct reader *r, const struct field *f, void *obj, const char *of);
/* It does not fit, for a reason of the caller's. The first reason stays. */
void read_refuse(struct reader *r, const char *fmt, ...) printf_like(2, 3);
static inline bool read_well(const struct reader *r) { return !*r->wrong; }
