/* descriptor.c - descriptors taken apart.
 * Follows: Intel SDM Vol. 3A "Segment Descriptors", "System Descriptor Types", "IDT Descriptors", "32-Bit Task-State Segment (TSS)",
 * "16-Bit Task-State Segment (TSS)". */
#include "descriptor.h"

static const struct { const char *title; u8 kind, bits; } system_types[16] = {
    [0] = { "reserved (type 0)", DESCRIPTOR_RESERVED, 0 },
    [TYPE_TSS16] = { "16-bit TSS, available", DESCRIPTOR_TSS, 16 },
    [TYPE_LDT] = { "LDT", DESCRIPTOR_LDT, 0 },
    [TYPE_TSS16_BUSY] = { "16-bit TSS, busy", DESCRIPTOR_TSS, 16 },
    [TYPE_CALL_GATE16] = { "16-bit call gate", DESCRIPTOR_CALL_GATE, 16 },
    [TYPE_TASK_GATE] = { "task gate", DESCRIPTOR_TASK_GATE, 0 },
    [TYPE_INTERRUPT_GATE16] = { "16-bit interrupt gate", DESCRIPTOR_INTERRUPT_GATE, 16 },
    [TYPE_TRAP_GATE16] = { "16-bit trap gate", DESCRIPTOR_TRAP_GATE, 16 },
    [8] = { "reserved (type 8)", DESCRIPTOR_RESERVED, 0 },
    [TYPE_TSS32] = { "32-bit TSS, available", DESCRIPTOR_TSS, 32 },
    [10] = { "reserved (type 10)", DESCRIPTOR_RESERVED, 0 },
    [TYPE_TSS32_BUSY] = { "32-bit TSS, busy", DESCRIPTOR_TSS, 32 },
    [TYPE_CALL_GATE32] = { "32-bit call gate", DESCRIPTOR_CALL_GATE, 32 },
    [13] = { "reserved (type 13)", DESCRIPTOR_RESERVED, 0 },
    [TYPE_INTERRUPT_GATE32] = { "32-bit interrupt gate", DESCRIPTOR_INTERRUPT_GATE, 32 },
    [TYPE_TRAP_GATE32] = { "32-bit trap gate", DESCRIPTOR_TRAP_GATE, 32 },
};

const struct tss_field tss_fields[] = {
    { "link", 0, 2, 0, 2 }, { "ESP0", 4, 4, 2, 2 }, { "SS0", 8, 2, 4, 2 }, { "ESP1", 12, 4, 6, 2 }, { "SS1", 16, 2, 8, 2 },
    { "ESP2", 20, 4, 10, 2 }, { "SS2", 24, 2, 12, 2 }, { "CR3", 28, 4, 0, 0 }, { "EIP", 32, 4, 14, 2 }, { "EFLAGS", 36, 4, 16, 2 },
    { "EAX", 40, 4, 18, 2 }, { "ECX", 44, 4, 20, 2 }, { "EDX", 48, 4, 22, 2 }, { "EBX", 52, 4, 24, 2 }, { "ESP", 56, 4, 26, 2 },
    { "EBP", 60, 4, 28, 2 }, { "ESI", 64, 4, 30, 2 }, { "EDI", 68, 4, 32, 2 }, { "ES", 72, 2, 34, 2 }, { "CS", 76, 2, 36, 2 },
    { "SS", 80, 2, 38, 2 }, { "DS", 84, 2, 40, 2 }, { "FS", 88, 2, 0, 0 }, { "GS", 92, 2, 0, 0 }, { "LDT", 96, 2, 42, 2 },
    { "T", 100, 2, 0, 0 }, { "I/O map", 102, 2, 0, 0 }, { NULL, 0, 0, 0, 0 }
};

struct descriptor_fields descriptor_of_access(u16 access)
{
    struct descriptor_fields f = { .access = access };
    if (access & SEG_S) {
        f.kind = access & SEG_CODE ? DESCRIPTOR_CODE : DESCRIPTOR_DATA;
        f.bits = access & SEG_DB ? 32 : 16;
    } else {
        f.kind = system_types[access & 15].kind;
        f.title = system_types[access & 15].title;
        f.bits = system_types[access & 15].bits;
    }
    return f;
}

bool descriptor_is_gate(enum descriptor_kind kind) { return kind >= DESCRIPTOR_CALL_GATE; }

struct descriptor_fields descriptor_decode(u64 raw)
{
    struct descriptor_fields f = descriptor_of_access(raw_access(raw));
    if (descriptor_is_gate(f.kind)) {
        f.selector = gate_selector(raw);
        f.offset = gate_offset(raw);
        f.parameters = f.kind == DESCRIPTOR_CALL_GATE ? raw >> 32 & 31 : 0;
    } else {
        f.base = raw_base(raw);
        f.limit = raw_limit(raw);
    }
    return f;
}
