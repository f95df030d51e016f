/* bytes.h - the input of a case as a stream of small numbers. Past its end everything reads as 0, so that every input is a case. */
#pragma once
#include "../../host/base.h"

struct bytes { const u8 *at, *end; };

static inline size_t left(const struct bytes *b) { return (size_t)(b->end - b->at); }
static inline u8 take8(struct bytes *b) { return b->at < b->end ? *b->at++ : 0; }
static inline u16 take16(struct bytes *b)
{
    u16 low = take8(b);
    return (u16)(low | take8(b) << 8);
}
static inline u32 take32(struct bytes *b)
{
    u32 low = take16(b);
    return low | (u32)take16(b) << 16;
}
static inline u64 take64(struct bytes *b)
{
    u64 low = take32(b);
    return low | (u64)take32(b) << 32;
}
static inline u32 take_below(struct bytes *b, u32 n) { return (n > 256 ? take16(b) : take8(b)) % n; }
/* Up to n bytes into `to`, the rest zeros. */
static inline void take_into(struct bytes *b, void *to, size_t n)
{
    size_t have = left(b) < n ? left(b) : n;
    memset(to, 0, n);
    if (have)
        memcpy(to, b->at, have);
    b->at += have;
}
/* A number whose size is in the input, too: small ones are as frequent as large ones. */
static inline u32 take_value(struct bytes *b)
{
    u8 how = take8(b);
    switch (how & 3) {
    case 0:  return how >> 2;
    case 1:  return take8(b);
    case 2:  return take16(b);
    default: return take32(b);
    }
}
/* The rest as a text that ends with a NUL; to be freed. */
static inline char *take_text(struct bytes *b, size_t n)
{
    size_t have = left(b) < n ? left(b) : n;
    char *text = xcalloc(have + 1, 1);
    take_into(b, text, have);
    return text;
}
