/* rig.h - the machine that the captured tests run on: a processor, 16 MB of RAM, ports that nobody answers. */
#pragma once
#include "undefined.h"
#include "../bare.h"

enum {
    MEMORY_SIZE = 16 << 20,
    REACH = 0x110000,               /* what real mode can reach */
    PAGES = REACH >> PAGE_SHIFT,
    HLT = 0xf4
};

enum verdict { PASS, LISTED, FAIL, VERDICTS };

struct rig {
    struct bare bare;
    struct log *log;
    u8 *shadow;                     /* what memory shall hold in the end */
    u8 used_page[PAGES];            /* memory or shadow are not zero there */
    struct cpu_state at_reset;
    const char *cpu_name;           /* of the captured tests */
    const char *opcode;
    bool plant_at_vector;           /* a HLT goes to the handler as the exception is delivered */
    int vector;                     /* delivered last; -1: none */
    u32 planted;                    /* linear address of the HLT that the test does not know; ~0: none */
    u8 under_plant;
    u64 *used;                      /* how often each row of undefined was needed: the caller's counters */
    u64 verdicts[VERDICTS];
};

void rig_open(struct rig *r);
/* The processor that tests were captured from, by its name in their files. */
void rig_use(struct rig *r, const char *cpu_name);
void rig_close(struct rig *r);

/* Are the captured tests an 8086's or 8088's? */
static inline bool is_8086(const struct rig *r)
{
    return strncmp(r->cpu_name, "808", 3) == 0;
}

static inline u32 linear(const struct rig *r, u16 segment, u16 offset)
{
    u32 a = ((u32)segment << 4) + offset;
    return is_8086(r) ? a & 0xfffff : a;
}

/* Put a HLT that the test does not know at an address; one at a time. */
void plant(struct rig *r, u32 address);
