/* i82077aa.h - the floppy disk controller and its two drives. */
#pragma once
#include "../machine/device.h"
#include "../image/image.h"

struct i82077aa;
struct i8237;

/* Registers at port..port+5 and port+7 (3F0 on a PC). Data go through that channel of the DMA controller (2). */
struct i82077aa *i82077aa_new(struct machine *m, u16 port, struct line irq, struct i8237 *dma, int dma_channel);

/* Connect drive 0 or 1 of that kind (as CMOS RAM numbers them: 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M), empty. */
void i82077aa_add_drive(struct i82077aa *fdc, int drive, int type);
/* What SPECIFY is to have said after each hardware reset, as a PC's POST does. Default 0, 0: the chip's longest times. */
void i82077aa_set_post(struct i82077aa *fdc, u8 srt_hut, u8 hlt_nd);
/* Let everything that moves take so many times less than in a real drive (1, which is the default). */
void i82077aa_set_hurry(struct i82077aa *fdc, u32 times);
/* Put a floppy into a connected drive (NULL: take it out); closes the old one. The drive's change line tells
 * the guest. */
void i82077aa_set_medium(struct i82077aa *fdc, int drive, struct image *image);
/* The same where a state is loaded, which has what the controller knows of it. */
void i82077aa_load_medium(struct i82077aa *fdc, int drive, struct image *image);
/* Is there such a drive? */
bool i82077aa_has_drive(const struct i82077aa *fdc, int drive);
/* NULL: none, or no such drive. */
struct image *i82077aa_medium(const struct i82077aa *fdc, int drive);
