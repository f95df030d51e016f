/* i8042.h - the keyboard controller of an AT with the PS/2 auxiliary port. */
#pragma once
#include "../machine/device.h"

struct i8042;

/* A keyboard or mouse, as the controller at the other end of its cable sees it. */
struct ps2_device {
    void (*receive)(void *dev, u8 byte);        /* the controller sends a byte */
    bool (*ready)(void *dev);                   /* does the device have a byte to send? */
    u8 (*send)(void *dev);                      /* take that byte */
    void *dev;
};
enum { PS2_KEYBOARD, PS2_AUXILIARY, PS2_PORTS };

/* Scan code set 2 to set 1, as the controller translates; breaks (F0) are the caller's. */
u8 i8042_translate(u8 code);

/* Ports 60 and 64. a20: bit 1 of the output port. */
/* At ports `port` and `port` + 4. init: pulses when the guest resets the processor. */
struct i8042 *i8042_new(struct machine *m, u16 port, struct line irq1, struct line irq12, struct line a20, struct line init);
void i8042_plug(struct i8042 *kbc, int port, const struct ps2_device *dev);
/* The device has something to send: it tells so here, and is asked when the controller's output buffer is free. */
void i8042_wake(struct i8042 *kbc, int port);
