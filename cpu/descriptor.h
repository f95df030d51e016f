/* descriptor.h - segment, system and gate descriptors: eight bytes in a table, and their fields. descriptor.c
 * Follows: Intel SDM Vol. 3A "Segment Descriptors", "System Descriptor Types", "IDT Descriptors", "Task-State Segment (TSS)".
 * Here: 16- and 32-bit forms. */
#pragma once
#include "registers.h"

/* System descriptor types: "System-Segment and Gate-Descriptor Types". */
enum {
    TYPE_TSS16 = 1, TYPE_LDT = 2, TYPE_TSS16_BUSY = 3, TYPE_CALL_GATE16 = 4, TYPE_TASK_GATE = 5, TYPE_INTERRUPT_GATE16 = 6,
    TYPE_TRAP_GATE16 = 7, TYPE_TSS32 = 9, TYPE_TSS32_BUSY = 11, TYPE_CALL_GATE32 = 12, TYPE_INTERRUPT_GATE32 = 14,
    TYPE_TRAP_GATE32 = 15, TYPE_BUSY = 2, TYPE_32BIT = 8
};
enum { SELECTOR_RPL = 3, SELECTOR_TI = 4 };

static inline u16  raw_access(u64 raw)  { return (u16)(raw >> 40 & 0xf0ff); }
static inline int  raw_type(u64 raw)    { return (int)(raw >> 40 & 15); }
static inline int  raw_dpl(u64 raw)     { return (int)(raw >> 45 & 3); }
static inline bool raw_present(u64 raw) { return raw >> 47 & 1; }
static inline bool raw_system(u64 raw)  { return !(raw >> 44 & 1); }
static inline bool raw_code(u64 raw)    { return !raw_system(raw) && (raw_type(raw) & SEG_CODE); }
static inline bool raw_conforming(u64 raw)   { return raw_code(raw) && (raw_type(raw) & SEG_DC); }
static inline bool raw_writable(u64 raw)     { return !raw_system(raw) && (raw_type(raw) & (SEG_CODE | SEG_RW)) == SEG_RW; }
static inline bool raw_readable(u64 raw)     { return !raw_system(raw) && (raw_type(raw) & (SEG_CODE | SEG_RW)) != SEG_CODE; }
static inline u32  raw_base(u64 raw)    { return (u32)(raw >> 16 & 0xffffff) | (u32)(raw >> 56) << 24; }
static inline u32  raw_limit(u64 raw)
{
    u32 limit = (u32)(raw & 0xffff) | (u32)(raw >> 32 & 0xf0000);
    return raw >> 55 & 1 ? limit << 12 | 0xfff : limit;
}
/* A gate's parts. */
static inline u16  gate_selector(u64 raw) { return (u16)(raw >> 16); }
static inline u32  gate_offset(u64 raw)
{
    u32 low = (u32)(raw & 0xffff);
    return raw_type(raw) & TYPE_32BIT ? low | ((u32)(raw >> 32) & 0xffff0000) : low;
}
static inline bool selector_null(u16 selector) { return !(selector & ~SELECTOR_RPL); }

/* All of it at once, for people and tools. */
enum descriptor_kind { DESCRIPTOR_RESERVED, DESCRIPTOR_DATA, DESCRIPTOR_CODE, DESCRIPTOR_LDT, DESCRIPTOR_TSS, DESCRIPTOR_CALL_GATE,
                       DESCRIPTOR_TASK_GATE, DESCRIPTOR_INTERRUPT_GATE, DESCRIPTOR_TRAP_GATE };
struct descriptor_fields {
    enum descriptor_kind kind;
    const char *title;          /* of a system descriptor or gate: "32-bit TSS, busy"; NULL for code and data */
    int bits;                   /* 16 or 32: D/B of code and data, the size of a TSS or gate; 0: it has none */
    u16 access;                 /* as in struct segment */
    u64 base, limit;            /* segments, LDT, TSS */
    u16 selector, parameters;   /* gates; call gates */
    u64 offset;                 /* gates but for task gates */
};
struct descriptor_fields descriptor_decode(u64 raw);
/* The kind that access rights say, as in a loaded segment register: kind, title, bits and access alone. */
struct descriptor_fields descriptor_of_access(u16 access);
bool descriptor_is_gate(enum descriptor_kind kind);

/* Where a task's registers lie in its TSS. bytes 0: that TSS has none. Ends with name NULL. */
struct tss_field {
    const char *name;           /* "ESP0"; in a 16-bit TSS without its E */
    u8 at32, bytes32, at16, bytes16;
};
extern const struct tss_field tss_fields[];
