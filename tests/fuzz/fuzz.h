/* fuzz.h - what the two fuzzers share: the machine they torture, and their dice. */
#pragma once
#include "../../cpu/mmu/access.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/board/pc.h"

struct dice { u64 s; };
/* The same numbers from the same seed on every host (splitmix64). */
static inline u64 roll(struct dice *d)
{
    u64 z = d->s += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}
static inline u32 below(struct dice *d, u32 n) { return (u32)(roll(d) >> 32) % n; }
static inline bool one_in(struct dice *d, u32 n) { return below(d, n) == 0; }

enum { FUZZ_RAM = 2 << 20 };

/* The whole board with media in every kind of drive, 2 MB, firmware that only spins, and a silent log. */
struct pc *fuzz_machine(enum cpu_engine engine);
/* Make every event be logged, to nobody: that must not change anything either. */
void fuzz_log_all(struct pc *pc);
/* Of the whole machine, as -statehash prints it. */
void fuzz_hash(struct pc *pc, char text[33]);

/* Each runs one case and returns false, with the difference printed, if it went wrong. */
bool fuzz_code(u64 seed);
bool fuzz_devices(u64 seed);
