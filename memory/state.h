/* state.h - a struct's guest-visible fields, listed once. The list serves the snapshot, the debugger's
 * `info`, the state hash and the diff. Every byte of a state struct is declared (a unit test checks it),
 * so lay state structs out without padding (widest members first, or pad with a declared array). */
#pragma once
#include "../host/base.h"
#include <stdio.h>

struct field {
    const char *name;
    u32 offset, size;       /* of one element, in bytes: 1, 2, 4 or 8 is a number; others are raw bytes */
    u32 count;              /* elements; 1 for a scalar */
};

#define FIELD(type, member) \
    { #member, offsetof(type, member), sizeof(((type *)0)->member), 1 }
#define FIELD_ARRAY(type, member) \
    { #member, offsetof(type, member), sizeof(((type *)0)->member[0]), \
      sizeof(((type *)0)->member) / sizeof(((type *)0)->member[0]) }
/* A member of each element of an array of structs is listed element by element:
 * FIELD(struct s, ch[0].count), FIELD(struct s, ch[1].count), ... or with FIELD_AT. */
#define FIELD_AT(type, member, text) \
    { text, offsetof(type, member), sizeof(((type *)0)->member), 1 }
#define FIELD_END { NULL, 0, 0, 0 }

struct hash { u64 h[2]; };      /* a running 128-bit hash; start with {{0, 0}} */

/* Bytes that the list declares. */
size_t fields_bytes(const struct field *f);
/* Serialize in guest byte order; return the number of bytes written or read. */
size_t fields_save(const struct field *f, const void *obj, u8 *out);
size_t fields_load(const struct field *f, void *obj, const u8 *in);
/* One line a field, "  name = hex", arrays 16 numbers a line. */
void fields_print(const struct field *f, const void *obj, FILE *out);
/* Print the fields in which a and b differ; return how many. */
int fields_diff(const struct field *f, const void *a, const void *b, FILE *out);

void hash_bytes(struct hash *h, const void *data, size_t n);
void hash_fields(struct hash *h, const struct field *f, const void *obj);
/* 32 hex digits and a NUL. */
void hash_text(const struct hash *h, char out[33]);
