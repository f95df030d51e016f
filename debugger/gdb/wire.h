/* wire.h - packets of gdb's remote serial protocol: found among bytes that come, and built.
 * Follows: "Debugging with GDB", appendix "GDB Remote Serial Protocol", sections "Overview", "Packet Acknowledgment". */
#pragma once
#include "../../host/base.h"

/* The longest packet, as qSupported's PacketSize tells gdb: what stands between $ and #. */
enum { WIRE_MOST = 0x4000 };

struct wire {
    char data[WIRE_MOST + 1];           /* of the packet, a 0 behind it; the next byte that is taken may change it */
    size_t n;
    u8 state, sum, told;
};

enum wire_event {
    WIRE_NOTHING,                       /* more bytes are wanted */
    WIRE_PACKET,                        /* in data */
    WIRE_BROKEN,                        /* one came whose checksum is wrong */
    WIRE_TOO_LONG,                      /* one came whole that is longer than WIRE_MOST */
    WIRE_INTERRUPT,                     /* 03h outside a packet */
    WIRE_AGAIN,                         /* '-': the last one is to be sent again */
};

void wire_reset(struct wire *w);
enum wire_event wire_take(struct wire *w, u8 byte);

/* An answer under way. What does not fit is left out. */
struct answer { char text[WIRE_MOST + 1]; size_t n; };

/* Text; what would be taken for the frame ($ # } *) becomes '.'. */
void answer_text(struct answer *a, const char *fmt, ...) printf_like(2, 3);
/* Bytes as hexadecimal digits. */
void answer_hex(struct answer *a, const void *bytes, size_t n);
/* Bytes in the protocol's binary form, of each its own escape. How many went in. */
size_t answer_binary(struct answer *a, const void *bytes, size_t n);
/* "E." and why, in words. */
void answer_error(struct answer *a, const char *fmt, ...) printf_like(2, 3);

/* The packet around what n bytes say: `$text#NN`, into `out` of at least n + 4. Its length. */
size_t wire_frame(char *out, const char *text, size_t n);

/* A hexadecimal number of at most 16 digits at *at, which moves behind it. False: there is none. */
bool hex_number(const char **at, u64 *v);
/* Exactly n bytes of two digits each. False: others. */
bool hex_bytes(const char **at, u8 *bytes, size_t n);
/* The binary form, of n bytes, taken apart. False: it has not so many. */
bool binary_bytes(const char *from, size_t length, u8 *bytes, size_t n);
