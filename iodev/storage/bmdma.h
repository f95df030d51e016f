/* bmdma.h - one channel of a bus-master IDE controller: moves a drive's data to and from memory along a list of physical
 * regions that the guest prepared. */
#pragma once
#include "../machine/device.h"

struct bmdma;

/* started(to) is called when the guest sets the start bit. */
struct bmdma *bmdma_new(struct machine *m, const char *id, void (*started)(void *to), void *to);

/* The channel's eight bytes of registers: command, status, table pointer. */
u64 bmdma_read(struct bmdma *b, u64 offset, int size);
void bmdma_write(struct bmdma *b, u64 offset, u64 value, int size);

/* May the function master the bus (PCI command register, bit 2)? Without that it moves nothing, and goes
 * on when it may again. True at first. */
void bmdma_enable(struct bmdma *b, bool on);

/* A drive has n bytes for memory, or wants n bytes from it. Returns how many were moved: fewer than n when the guest has
 * not started the engine, set the other direction, or its table has ended; or when BMDMA_REGIONS descriptors of its table were
 * used up and the rest is to come (bmdma_runs says so). */
enum { BMDMA_REGIONS = 256 };
bool bmdma_runs(const struct bmdma *b, bool to_memory);
u32 bmdma_transfer(struct bmdma *b, void *buffer, u32 n, bool to_memory);
/* The drive's interrupt wire rose. */
void bmdma_interrupt(struct bmdma *b);
