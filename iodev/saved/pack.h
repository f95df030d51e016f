/* pack.h - files of ours that keep something: which kind, a text that says what it belongs to, and bytes, packed (Zstandard, RFC 8878,
 * where the library is there). What is damaged, cut off or of a newer version is refused in words, whatever its bytes say. */
#pragma once
#include "../../host/base.h"
#include <stdio.h>

enum pack_kind { PACK_STATE, PACK_RECORDING };
enum { PACK_TEXT_MOST = 1 << 16 };

/* Write one; what fails there, whoever closes `out` is told. False, with the reason: the host has no memory to pack it. */
bool pack_write(FILE *out, enum pack_kind kind, const char *text, const u8 *bytes, size_t n, char *why, size_t size);

struct pack {
    char *text;                 /* NUL behind it; whoever opened it frees these */
    u8 *bytes;
    size_t n;                   /* of the bytes */
    const u8 *packed;           /* until pack_unpack */
    size_t packed_n;
    u64 wanted;
    u32 method;
};
/* Read what is in front of the bytes; `file` (n of them) stays until pack_unpack. False, with the reason. */
bool pack_open(struct pack *p, enum pack_kind kind, const u8 *file, size_t n, char *why, size_t size);
/* And those, which are at most `most`. */
bool pack_unpack(struct pack *p, u64 most, char *why, size_t size);
void pack_close(struct pack *p);
