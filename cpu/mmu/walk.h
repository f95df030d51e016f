/* walk.h - a linear address through the page tables, by tables that say how. For paging, and for whoever wants to see the way: this
 * header knows no inside of the processor. walk.c
 * Follows: Intel SDM Vol. 3A "Paging": "32-Bit Paging", "PAE Paging". */
#pragma once
#include "../../host/base.h"

struct cpu;

enum {  /* entries of every level and form */
    PTE_P = 1 << 0, PTE_W = 1 << 1, PTE_U = 1 << 2, PTE_PWT = 1 << 3, PTE_PCD = 1 << 4, PTE_A = 1 << 5, PTE_D = 1 << 6,
    PTE_PS = 1 << 7, PTE_G = 1 << 8
};
#define PTE_NX (1ull << 63)

/* One level of a form of paging, from the root down. */
struct paging_level {
    const char *name;           /* "directory": what holds the entries */
    u8 shift, bits;             /* of the linear address: where the index is */
    bool in_register;           /* the entries are PDPTE registers: no rights, no A bit, nothing in memory */
    bool may_be_page;           /* PTE_PS makes an entry a page */
    u64 reserved_page;          /* bits that must be clear in such a page's entry, beside the form's */
};

/* A form of paging. */
enum { WALK_LEVELS = 4 };
struct paging_form {
    const char *name;           /* "PAE paging" */
    u8 entry_bytes, levels;
    u8 high_at, high_bits;      /* of a page by PTE_PS: where its address bits 32 and up stand; 0: nowhere */
    u64 address;                /* the bits of an entry that are a physical address */
    u64 reserved;               /* bits that must be clear in every entry */
    bool has_nx;                /* bit 63 is reserved unless EFER.NXE */
    struct paging_level level[WALK_LEVELS];
};
extern const struct paging_form paging_32, paging_pse, paging_pse36, paging_pae;

/* What a walk goes by. `second`, where it is given, turns the physical address of an entry into where that lies in memory (nested
 * paging); false: it leads nowhere. */
struct walk_tables {
    const struct paging_form *form;
    u64 root;                   /* physical address of the first table in memory */
    const u64 *registers;       /* those of a level in registers */
    bool nx;                    /* EFER.NXE */
    bool (*read)(void *to, u64 physical, int bytes, u64 *entry);
    void *read_to;
    bool (*second)(void *to, u64 *physical);
    void *second_to;
};

enum walk_end { WALK_PAGE, WALK_NOT_PRESENT, WALK_RESERVED /* the walk stops there */, WALK_NO_MEMORY /* an entry cannot be read */ };
struct walk_step {
    const struct paging_level *level;
    u32 index;
    u64 at, where;              /* the entry's physical address, and where that is by `second`; 0 in a register */
    u64 entry;
    u64 reserved;               /* bits set that must not be */
    u64 page;                   /* bytes of the page that it maps; 0: it leads to another table */
};
struct walk {
    enum walk_end end;
    const struct paging_form *form;
    int steps;
    struct walk_step step[WALK_LEVELS];     /* the last one decided */
    u64 physical;                           /* of the 4 KB around the address, where there is one */
    bool w, u, nx, large;                   /* of all levels together */
};

/* Changes nothing; A and D are the caller's. */
void walk(const struct walk_tables *t, u64 linear, struct walk *w);

/* The way that the running tables give a linear address, without side effects; false: paging is off. paging.c */
bool paging_look(struct cpu *cpu, u64 linear, struct walk *w);
