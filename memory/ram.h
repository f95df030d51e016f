/* ram.h - a block of host memory that holds guest RAM, ROM or video memory, with what the machine knows about each
 * 4 KB page of it. Guest memory lies between guard pages. */
#pragma once
#include "../host/base.h"

enum { PAGE_SHIFT = 12, PAGE_SIZE = 1 << PAGE_SHIFT, PAGE_MASK = PAGE_SIZE - 1 };

/* Why writes to a page must not bypass ram_written(). */
enum { PAGE_HAS_CODE = 1, PAGE_IS_CLEAN = 2, PAGE_IS_KEPT = 4 };

struct ram;
typedef void ram_code_written(void *cpu_side, struct ram *ram, u64 offset, u64 length);
typedef void ram_kept_written(void *keeper, struct ram *ram, u64 page);

struct ram {
    u8 *host;                       /* page-aligned, size bytes */
    u64 size;                       /* a multiple of PAGE_SIZE */
    const char *name;
    u8 *flags;                      /* one a page: PAGE_* */
    void **code;                    /* one a page: the block cache's page descriptor, or NULL */
    ram_code_written *code_written; /* the block cache's door, called before the bytes change */
    void *cpu_side;
    ram_kept_written *kept_written; /* whoever keeps what pages held, told before the first byte of one changes; NULL: nobody */
    void *keeper;
    bool tracked;                   /* ram_track() was called */
};

/* Zeroed memory of at least size bytes; pages the guest never touches cost nothing. NULL if the host has not that much. */
struct ram *ram_new(const char *name, u64 size);
void ram_free(struct ram *ram);

/* Tell that bytes are about to change: invalidates decoded code there and marks the pages dirty. Every writer that
 * does not go through a CPU's write tag calls it (space_write does). */
void ram_written(struct ram *ram, u64 offset, u64 length);

/* Told of the first write to each page from ram_keep_pages on, before it changes; NULL: nobody is. One keeper a memory. */
void ram_set_keeper(struct ram *ram, ram_kept_written *written, void *keeper);
/* The next write to each page is its first again; the caller must then have every CPU drop its write tags (cpu_drop_tags). */
void ram_keep_pages(struct ram *ram);

/* Keep a dirty mark for each page from now on (video memory). */
void ram_track(struct ram *ram);
/* Was any page of the range written since the last ram_take_dirty of it? Marks the range clean; the caller must then
 * have every CPU drop its write tags (space_changed). */
bool ram_take_dirty(struct ram *ram, u64 offset, u64 length);
