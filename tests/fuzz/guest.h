/* guest.h - a guest made of a case's bytes: tables, pages, handlers and code in 256 KB, and a processor in one of the modes. */
#pragma once
#include "bytes.h"
#include "../../cpu/core.h"

enum {
    GUEST_IDT = 0x2000, GUEST_GDT = 0x1000, GUEST_LDT = 0x1800, GUEST_TSS = 0x3000, GUEST_TSS_2 = 0x3100, GUEST_DIRECTORY = 0x4000,
    GUEST_TABLE = 0x5000, GUEST_PDPT = 0x6000, GUEST_HANDLERS = 0x7000, GUEST_CODE = 0x8000, GUEST_CODE_BYTES = 0x1000,
    GUEST_PAE_DIRECTORY = 0xa000, GUEST_PAE_TABLE = 0xb000, GUEST_DATA = 0x18000, GUEST_STACK = 0x20000, GUEST_SMBASE = 0x28000,
    GUEST_BYTES = 0x40000,
    /* Places beside RAM that guests are led to; a machine has there what it has. */
    GUEST_CHIP = 0xa0000, GUEST_ROM = 0xc0000
};
enum guest_mode { GUEST_REAL, GUEST_16, GUEST_32, GUEST_USER, GUEST_PAGED, GUEST_PSE, GUEST_PAE, GUEST_V86, GUEST_V86_PAGED, GUEST_MODES };

struct guest {
    u8 memory[GUEST_BYTES];
    struct cpu_state state;
    enum guest_mode mode;
};

/* Reads the header, the changes of tables and the code, as guest.c says, for that processor after its reset: it is in no mode that its
 * model does not have. What is left of the bytes is the caller's. Reads no more than 64 changes and GUEST_CODE_BYTES of code. */
void guest_read(struct guest *g, struct bytes *b, const struct cpu *cpu);
