/* bios.h - our own firmware, assembled at build time and part of the program. Without nasm: NULL and 0. */
#pragma once
#include "../host/base.h"

struct blob {
    const u8 *data;
    size_t size;
};

extern const struct blob bios_kernelboot;       /* option ROM that starts a kernel; its last byte is to be the checksum */
extern const struct blob bios_handover;         /* option ROM that completes what the firmware sets up; checksum as above */
extern const struct blob bios_isarom;           /* option ROM for firmware of the ISA bus; checksum as above */
extern const struct blob bios_hello;            /* floppy image that shows the machine */
