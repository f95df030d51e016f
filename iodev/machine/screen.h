/* screen.h - what a display adapter shows, for windows, terminals, screenshots and -expect. */
#pragma once
#include "../../host/base.h"

struct frame {                  /* a picture */
    int width, height;          /* in pixels */
    u32 *pixels;                /* 0x00RRGGBB, width * height; grown by screen_frame */
    size_t capacity;            /* pixels allocated */
    bool vbe;                   /* a mode of the Bochs extensions, not one of the VGA's own for a 4:3 monitor */
};

enum { TEXT_CELLS_MAX = 256 * 128 };
struct text_screen {
    int columns, rows;
    int cursor_column, cursor_row;      /* -1 when hidden */
    u8 character[TEXT_CELLS_MAX];       /* code page 437, row by row */
    u8 attribute[TEXT_CELLS_MAX];       /* low nibble foreground, high nibble background (bit 7 blink or bright) */
};

/* A display adapter's output. dev is the adapter. */
struct screen {
    void *dev;
    /* Draw what the monitor shows now, at the mode's native size; false if nothing changed since the last call with the same
     * frame and force is false. blink: cursor and blinking text are in their visible phase. */
    bool (*draw)(void *dev, struct frame *f, bool force, bool blink);
    /* Fill t and return true in a text mode; false in a graphics mode or when blanked. */
    bool (*text)(void *dev, struct text_screen *t);
    /* The virtual time of the first start of vertical retrace later than `after`, in the mode in force and as the guest
     * finds it in the status register; a guest that draws in step with the monitor has its picture ready then, and has not
     * yet begun to change it. Where there is no retrace, the end of a frame (1/60 s). NULL: the adapter has no raster. */
    u64 (*next_retrace)(void *dev, u64 after);
};

/* Make the frame at least width x height. */
void frame_resize(struct frame *f, int width, int height);
void frame_free(struct frame *f);
/* 32 hex digits and a NUL: equal for equal pictures, on every host. */
void frame_hash(const struct frame *f, char out[33]);
