/* instance.h - the words that the templates share, before fast.c or slow.c includes them. */
#pragma once
#include "../engine.h"

#define CAT_(p, n, w, f) p##n##_##w##_##f
#define CAT(p, n, w, f)  CAT_(p, n, w, f)
#define GET_(w) get##w
#define GET(w)  GET_(w)
#define PUT_(w) put##w
#define PUT(w)  PUT_(w)
#define LD_(w)  ld##w
#define LD(w)   LD_(w)
#define ST_(w)  st##w
#define ST(w)   ST_(w)
static inline u8 get8(const u8 *p) { return *p; }
static inline void put8(u8 *p, u8 v) { *p = v; }

/* Registers by their place (decode/op.h). A 32-bit result clears the high half, as it will in 64-bit mode. */
static inline u64  reg_at64(const struct cpu *cpu, size_t at) { u64 v; memcpy(&v, (const u8 *)cpu + at * 8, 8); return v; }
static inline u32  reg_at32(const struct cpu *cpu, size_t at)
{
    u32 v;
    memcpy(&v, (const u8 *)cpu + at * 8 + (HOST_BIG_ENDIAN ? 4 : 0), 4);
    return v;
}
static inline u16  reg_at16(const struct cpu *cpu, size_t at)
{
    u16 v;
    memcpy(&v, (const u8 *)cpu + at * 8 + (HOST_BIG_ENDIAN ? 6 : 0), 2);
    return v;
}
static inline void set_reg_at64(struct cpu *cpu, size_t at, u64 v) { memcpy((u8 *)cpu + at * 8, &v, 8); }
static inline void set_reg_at16(struct cpu *cpu, size_t at, u16 v)
{
    memcpy((u8 *)cpu + at * 8 + (HOST_BIG_ENDIAN ? 6 : 0), &v, 2);
}
static inline u8   reg_at8(const struct cpu *cpu, size_t at) { return ((const u8 *)cpu->s.gpr)[at]; }
static inline void set_reg_at8(struct cpu *cpu, size_t at, u8 v) { ((u8 *)cpu->s.gpr)[at] = v; }

/* The place of a body's own register n, not of a byte. */
#define GPR_AT(n) PLACE_OF(s.gpr[n])

/* Has the compiler finish with what these came from, so that a handler needs no stack frame. */
#define FEWER_REGISTERS(x, y) __asm__ volatile("" : "+r"(x), "+r"(y))
/* Has the compiler store all that comes before, likewise, where it would not. */
#ifdef __aarch64__
#define STORED __asm__ volatile("" ::: "memory")
#else
#define STORED ((void)0)
#endif
/* Has the compiler keep it in 64 bits, where it would keep it in fewer, too, and widen it at each use. */
#define KNOWN_WIDE(x) __asm__("" : "+r"(x))
/* The entry of the first-level TLB that a linear address has, by its bytes from the beginning: what is read of it is one register beside
 * another for the host, without an addition. */
static inline u64 tlb_offset(u64 linear)
{
    enum { ENTRY = sizeof(struct tlb_entry) };
    return linear / (PAGE_SIZE / ENTRY) & (TLB_SIZE - 1) * ENTRY;
}
static inline const struct tlb_entry *tlb_at(const struct tlb_entry *tlb, u64 offset)
{
    return (const struct tlb_entry *)(const void *)((const u8 *)tlb + offset);
}
/* Keeps the compiler from adding once, in an instruction of its own, what AMD64 adds in each access for nothing. */
#ifdef __x86_64__
#define ADD_AGAIN(x) KNOWN_WIDE(x)
#else
#define ADD_AGAIN(x) ((void)0)
#endif
/* Keeps the compiler from turning a branch on guest data into an indexed load of the next op. */
#define BRANCH_DONT_INDEX __asm__ volatile("")
