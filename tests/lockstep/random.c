/* random.c - random numbers: splitmix64, by its published constants. */
#include "random.h"

u32 random_u32(struct random *r)
{
    u64 z = r->s += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (u32)((z ^ z >> 31) >> 16);
}

u32 random_value(struct random *r)
{
    u32 v = random_u32(r);
    switch (random_below(r, 8)) {
    case 0: return 0;
    case 1: return 1u << (v & 31);
    case 2: return (1u << (v & 31)) - 1;
    case 3: return ~(1u << (v & 31));
    case 4: return v & 0xff;
    case 5: return (u32)-(i32)(v & 0xff);
    default: return v;
    }
}

u64 random_lanes(struct random *r)
{
    static const u16 edges[] = { 0,      1,      0x7f,   0x80,   0xff,   0x100,  0x7fff,
                                 0x8000, 0x8001, 0xff7f, 0xff80, 0xffff, 0x8080, 0x7f80 };
    u64 v = 0;
    for (int i = 0; i < 4; i++)
        v = v << 16 | (random_below(r, 5) ? edges[random_below(r, ARRAY_LEN(edges))] : random_u32(r) & 0xffff);
    return v;
}

u16 random_selector(struct random *r)
{
    switch (random_below(r, 16)) {
    case 0: return (u16)random_below(r, 4);
    case 1: return (u16)(random_below(r, 2) ? USER_CS : (USER_CS & 0xfffc) | random_below(r, 4));
    case 2: return (u16)(random_below(r, 2) ? USER_DS : (USER_DS & 0xfffc) | random_below(r, 4));
    case 3: return ldt_selector(LDT_COUNT + (int)random_below(r, 3));
    case 4: return (u16)(ldt_selector((int)random_below(r, LDT_COUNT)) & (0xfffc | random_u32(r)));
    default: return ldt_selector((int)random_below(r, LDT_COUNT));
    }
}

bool selector_comparable(u16 selector)
{
    return selector & 4 || selector < 4 || (selector | 3) == USER_CS || (selector | 3) == USER_DS;
}
