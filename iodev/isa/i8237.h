/* i8237.h - the PC/AT's DMA: two controllers and the page registers. */
#pragma once
#include "../machine/device.h"

struct i8237;

/* Channels 0-3 (bytes) at `low` (16 ports), 4-7 (4 is the cascade, 5-7 move words) at `high` (32 ports), page registers
 * at `page` (16 ports). */
struct i8237 *i8237_new(struct machine *m, u16 low, u16 high, u16 page);

/* A device that asserts DREQ moves up to len bytes between buf and memory: to_memory is the guest's "write transfer".
 * Returns the bytes moved: 0 while the channel is masked or not programmed, fewer than len at the terminal count,
 * which *terminal_count then reports (may be NULL). Channels 5-7 move whole words: an odd last byte stays. */
int i8237_transfer(struct i8237 *dma, int channel, void *buf, int len, bool to_memory, bool *terminal_count);
/* Would a transfer move anything now? */
bool i8237_ready(const struct i8237 *dma, int channel);
/* A channel's DREQ wire, as the status register shows it. A device may use i8237_transfer without it. */
struct line i8237_dreq(struct i8237 *dma, int channel);
