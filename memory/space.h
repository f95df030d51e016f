/* space.h - an address space: physical memory or the I/O ports. Regions of RAM, ROM and device registers lie in it,
 * the one of higher priority in front; reads and writes are decided apart, so that shadow RAM, write-through ROM and
 * SMRAM are nothing special. */
#pragma once
#include "../host/base.h"
#include "log.h"
#include "ram.h"
#include <stdio.h>

struct space;
struct region;

/* `offset` is from the region's first address; `size` is 1, 2, 4 (8 only if the region is that wide). Values are in the
 * low bits; bits above are ignored on a read. */
typedef u64  region_read(void *dev, u64 offset, int size);
typedef void region_write(void *dev, u64 offset, u64 value, int size);
/* What region_read would give, with nothing changed by it; false: that cannot be told of this register. */
typedef bool region_peek(void *dev, u64 offset, int size, u64 *value);

enum { REGION_READ = 1, REGION_WRITE = 2 };

/* A space of 2^address_bits addresses; decisions are made in units of 2^unit_shift (12: pages; 0: ports). */
struct space *space_new(const char *name, int address_bits, int unit_shift, struct log *log);
/* The parent as one who looks at it sees it (a processor): its own regions and all of the parent's lie in one order, and of those of one
 * priority its own are in front. What changes in the parent changes here, and the listeners here hear of it; the parent and
 * other children see nothing of what is here. Accesses are as fast as in a space without a parent, and take the parent's time.
 * The parent is no child itself, and is freed after its children. */
struct space *space_new_child(struct space *parent, const char *name);
void space_free(struct space *s);

/* RAM or ROM: `size` bytes of ram from ram_offset appear at base. enable: REGION_READ and/or REGION_WRITE; a side that is
 * not enabled lets the region behind answer. A ROM is enabled for both and writable = false: writes end there.
 * In a paged space all are page-aligned. */
struct region *space_add_ram(struct space *s, const char *name, u64 base, u64 size, int priority,
                             struct ram *ram, u64 ram_offset, bool writable, int enable);

/* Registers of a device. Accesses wider than `width` bytes (1, 2, 4, 8) are split, lowest address first. Two enabled device
 * regions of one priority must not overlap: that ends the program, the log naming both. read may be NULL (all ones), write may
 * be NULL (ignored). In a paged space base and size may be any; the rest of the page floats. */
struct region *space_add_device(struct space *s, const char *name, u64 base, u64 size, int priority, int width,
                                region_read *read, region_write *write, void *dev);

/* A device that hears what is written here, byte by byte, whoever answers, or nobody: it answers nothing, takes no time, and any number
 * of them may overlap. After the one that answers has been told. Not of RAM. */
void space_add_tap(struct space *s, const char *name, u64 base, u64 size, region_write *write, void *dev);

/* enable: REGION_* bits, 0 hides the region. Moving keeps the size. Both tell the listeners when anything changed. */
void region_enable(struct region *r, int enable);
void region_move(struct region *r, u64 base);
/* Another part of the RAM shows (bank switching). */
void region_set_ram(struct region *r, struct ram *ram, u64 ram_offset);

/* These registers can be looked at. */
void region_set_peek(struct region *r, region_peek *peek);
/* What one access to a device's registers (of at most its width) takes on its bus, in nanoseconds; 0 is the default. The space
 * tells whoever keeps the time, its children's too, after the device has answered; `nobody` is what an access takes that nothing
 * answers. */
void region_set_cost(struct region *r, u32 ns);
void space_keep_time(struct space *s, void (*spend)(void *to, u32 ns), void *to, u32 nobody);

/* Who watches accesses to devices' registers, and to what nobody answers, in a space, its parent and their children: any number of
 * them, told of a read when it has its value, of a write before it is done. A run of bytes with one answerer is one access. The
 * token ends it; not from within. While nobody watches it costs nothing. */
struct space_access {
    const struct space *space;  /* where it was made */
    const char *name;           /* of the region; NULL: nobody answers */
    const void *dev;
    u64 address, value;
    int size;                   /* 1 to 8 bytes */
    bool write;
};
int  space_watch(struct space *s, void (*told)(void *to, const struct space_access *a), void *to);
void space_unwatch(struct space *s, int token);

/* Several changes, one rebuild: nothing is visible until the last commit. Calls nest. */
void space_begin(struct space *s);
void space_commit(struct space *s);

/* Called after any change of the map, the parent's too, and by space_changed(), of the parent too: a CPU drops its host pointers. */
void space_listen(struct space *s, void (*changed)(void *to), void *to);
void space_changed(struct space *s);

/* What lies at a page, for a CPU's TLB: host addresses of the page's first byte, NULL where every access must go
 * through space_read/space_write (devices, ROM writes, nothing). flags points at the RAM's page flags. */
struct space_page {
    u8 *read, *write;
    struct ram *ram;            /* behind `read`; NULL if not RAM or ROM */
    u64 ram_offset;             /* of the page in it */
    struct ram *write_ram;      /* behind `write` */
    u64 write_offset;
};
/* The page that holds address. Valid until the map changes. */
const struct space_page *space_page(struct space *s, u64 address);

/* Accesses by a CPU or a DMA master; size 1, 2, 4, 8, any alignment. What nobody answers reads as all ones and is logged. */
u64  space_read(struct space *s, u64 address, int size);
void space_write(struct space *s, u64 address, u64 value, int size);
/* Many bytes, as a bus master moves them: registers by aligned doublewords and single bytes; a page where nothing is counts as one
 * access. */
void space_read_bytes(struct space *s, u64 address, void *to, u64 n);
void space_write_bytes(struct space *s, u64 address, const void *from, u64 n);

/* Look without side effects: RAM and ROM only; device registers read as all ones and false is returned. */
bool space_peek(struct space *s, u64 address, void *to, u64 n);
/* The same for registers: what space_read() would give, where all that answer can be looked at (or nobody answers: all ones). */
bool space_peek_registers(struct space *s, u64 address, int size, u64 *value);
/* For a debugger: change RAM (through the code door), and ROM too. False if there is none. */
bool space_poke(struct space *s, u64 address, const void *from, u64 n);

/* Counts the units that changes of the map went through, for who bounds the work between two moments. */
u64 space_rebuilt(const struct space *s);
/* Counts accesses that reached a device's function, for "did this instruction touch a device?". */
u64 space_touches(const struct space *s);

/* For a debugger: every region, the parent's too, by falling priority. `dev` is the device's; NULL with RAM or ROM. */
struct space_region {
    const char *name;
    u64 base, size;
    int priority, enable;
    bool ram, writable;
    const void *dev;
};
void space_each(const struct space *s, void (*told)(void *to, const struct space_region *r), void *to);

/* One line a region: range, name, enabled sides. */
void space_print(struct space *s, FILE *out);
