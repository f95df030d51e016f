/* input.h - what a person at the machine does, as data: keys, mouse, bytes for the serial lines, another floppy or CD, the
 * buttons of the case. */
#pragma once
#include "../../host/base.h"

struct image;
struct cpu_timing;

enum input_kind {
    INPUT_KEY, INPUT_MOUSE_MOVE, INPUT_MOUSE_BUTTONS, INPUT_SERIAL,
    INPUT_TICK_COST,            /* the pace of the host: not a person's, but an input of the run like theirs */
    INPUT_SPEED,                /* a person wants a processor of another speed */
    INPUT_MEDIUM,               /* a floppy or CD is put into a drive, or taken out */
    INPUT_RESET,                /* the case's reset button */
    INPUT_POWER                 /* its power button */
};

/* Keys are USB HID usage codes of page 7 (SDL's scancodes): HID Usage Tables, "Keyboard/Keypad Page". */
struct input_event {
    u64 when;                   /* virtual ns; set by machine_input */
    u8 kind;                    /* enum input_kind */
    u8 key;                     /* INPUT_KEY: usage code */
    u8 down;                    /* INPUT_KEY: 1 pressed, 0 released */
    u8 buttons;                 /* INPUT_MOUSE_*: bit 0 left, 1 right, 2 middle */
    i16 dx, dy, dz;             /* INPUT_MOUSE_MOVE: right, down, wheel toward the user */
    u8 port;                    /* INPUT_SERIAL: 0 = COM1 */
    u8 byte;                    /* INPUT_SERIAL */
    u32 cost;                   /* INPUT_TICK_COST, _SPEED: what a tick takes from now on, in 65536ths of a nanosecond */
    const struct cpu_timing *timing; /* INPUT_SPEED: what instructions cost in ticks; NULL: one each */
    u8 drive;                   /* INPUT_MEDIUM: as pc_medium() numbers them */
    u8 force;                   /* INPUT_MEDIUM: also out of a CD drive that the guest has locked */
    struct image *image;        /* INPUT_MEDIUM: NULL takes it out. The event owns it until a drive does */
};
