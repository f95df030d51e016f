/* victim_long.h - 32-bit code's instructions on a host that runs 64-bit code only (a hypervisor without compatibility mode). */
#pragma once
#include "../../host/base.h"

enum { LONG_MAX = 16 };         /* bytes of a translation */
struct translation {
    u8 bytes[LONG_MAX];
    u32 length;
};

/* What does in 64-bit mode, with the upper halves of all registers zero, what the instruction at `eip` does in flat 32-bit code. False:
 * nothing does, or it was not thought of. */
bool long_translate(const u8 *code, u32 length, u32 eip, struct translation *to);
