/* random.h - random numbers of the lock-step test, repeatable from a seed, and values that hurt. */
#pragma once
#include "victim.h"

struct random { u64 s; };
u32 random_u32(struct random *r);
static inline u32 random_below(struct random *r, u32 n) { return random_u32(r) % n; }
/* Numbers that hurt: 0, 1, -1, powers of two and their neighbours, small ones, anything. */
u32 random_value(struct random *r);
/* 64 bits of lanes at the edges of signed and unsigned bytes, words and doublewords. */
u64 random_lanes(struct random *r);
/* A selector of our tables, null, or beyond the LDT. */
u16 random_selector(struct random *r);
/* Does the selector name the same on both sides? */
bool selector_comparable(u16 selector);
