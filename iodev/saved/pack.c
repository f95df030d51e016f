/* pack.c - see pack.h. The file: 16 bytes of magic; version, method (4 bytes each); bytes of text, of what is packed, and of that packed
 * (8 each); a hash of all but itself (16); the text; the packed bytes. Numbers are little-endian. */
#include "pack.h"
#include "../../memory/state.h"
#include <stdarg.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum { MAGIC = 16, HASH_AT = 48, HEADER = 64, VERSION = 1, LEVEL = 3, PIECE = 1 << 17 };
enum { STORED, ZSTANDARD };

/* With what a transfer as text would change. */
static const char magics[][MAGIC + 1] = { [PACK_STATE] = "Vitrine state\r\n\x1a", [PACK_RECORDING] = "Vitrine run  \r\n\x1a" };
static const char *const words[] = { [PACK_STATE] = "a saved state", [PACK_RECORDING] = "a recorded run" };

printf_like(3, 4) static bool refuse(char *why, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, size, fmt, args);
    va_end(args);
    return false;
}

static struct hash hash_of(const u8 *header, const void *text, size_t text_n, const u8 *packed, size_t n)
{
    struct hash h = { { 0, 0 } };
    hash_bytes(&h, header, HASH_AT);
    hash_bytes(&h, text, text_n);
    hash_bytes(&h, packed, n);
    return h;
}

/* ---- writing ---- */

#ifdef HAVE_ZSTD
static u8 *packed_of(const u8 *bytes, size_t n, size_t *packed)
{
    size_t most = ZSTD_compressBound(n);
    u8 *to = malloc(most);
    *packed = to ? ZSTD_compress(to, most, bytes, n, LEVEL) : 0;
    if (to && !ZSTD_isError(*packed))
        return to;
    free(to);
    return NULL;
}
#endif

bool pack_write(FILE *out, enum pack_kind kind, const char *text, const u8 *bytes, size_t n, char *why, size_t size)
{
    size_t text_n = strlen(text), packed_n = n;
    u8 header[HEADER] = { 0 };
    const u8 *packed = bytes;
    u8 *own = NULL;
#ifdef HAVE_ZSTD
    packed = own = packed_of(bytes, n, &packed_n);
#endif
    if (!packed)
        return refuse(why, size, "no memory to pack %zu bytes", n);
    memcpy(header, magics[kind], MAGIC);
    put32(header + 16, VERSION);
    put32(header + 20, own ? ZSTANDARD : STORED);
    put64(header + 24, text_n);
    put64(header + 32, n);
    put64(header + 40, packed_n);
    struct hash h = hash_of(header, text, text_n, packed, packed_n);
    put64(header + HASH_AT, h.h[0]);
    put64(header + HASH_AT + 8, h.h[1]);
    fwrite(header, 1, HEADER, out);
    fwrite(text, 1, text_n, out);
    fwrite(packed, 1, packed_n, out);
    free(own);
    return true;
}

/* ---- reading ---- */

/* Is it of another kind of ours? */
static bool refuse_magic(enum pack_kind kind, const u8 *file, size_t n, char *why, size_t size)
{
    for (size_t k = 0; n >= MAGIC && k < ARRAY_LEN(magics); k++)
        if (!memcmp(file, magics[k], MAGIC))
            return refuse(why, size, "expected %s, and it is %s", words[kind], words[k]);
    return refuse(why, size, "expected %s, and it is none", words[kind]);
}

bool pack_open(struct pack *p, enum pack_kind kind, const u8 *file, size_t n, char *why, size_t size)
{
    *p = (struct pack) { 0 };
    if (n < MAGIC || memcmp(file, magics[kind], MAGIC))
        return refuse_magic(kind, file, n, why, size);
    if (n < HEADER)
        return refuse(why, size, "it is cut off: expected %d bytes at least, not %zu", HEADER, n);
    u32 version = get32(file + 16);
    u64 text_n = get64(file + 24), packed_n = get64(file + 40);
    if (version != VERSION)
        return refuse(why, size, "it is of version %u, %s; this one reads version %d", version,
                      version > VERSION ? "of a newer Vitrine" : "which never was", VERSION);
    p->method = get32(file + 20);
    if (text_n > PACK_TEXT_MOST || packed_n > UINT64_MAX / 2)
        return refuse(why, size, "it is damaged: its head makes no sense");
    if (HEADER + text_n + packed_n != n)
        return refuse(why, size, "it is %s: expected %llu bytes, not %zu", HEADER + text_n + packed_n > n ? "cut off" : "damaged",
                      (unsigned long long)(HEADER + text_n + packed_n), n);
    struct hash h = hash_of(file, file + HEADER, text_n, file + HEADER + text_n, packed_n);
    if (h.h[0] != get64(file + HASH_AT) || h.h[1] != get64(file + HASH_AT + 8) || memchr(file + HEADER, 0, text_n))
        return refuse(why, size, "it is damaged: its content has another hash than it had");
    p->text = xcalloc(1, text_n + 1);
    memcpy(p->text, file + HEADER, text_n);
    p->wanted = get64(file + 32);
    p->packed = file + HEADER + text_n;
    p->packed_n = packed_n;
    return true;
}

#ifdef HAVE_ZSTD
/* As much as comes, which what the file says of it may not be: its buffer grows with it. */
static bool unpack(struct pack *p, u64 most, char *why, size_t size)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    ZSTD_inBuffer in = { p->packed, p->packed_n, 0 };
    size_t room = 0, left = 1;
    bool ok = z;
    while (ok && left) {
        if (p->n == room) {
            room = room ? 2 * room : PIECE;
            room = room < most + 1 ? room : most + 1;
            u8 *more = p->n == room ? NULL : realloc(p->bytes, room);
            if (!more)
                break;
            p->bytes = more;
        }
        ZSTD_outBuffer out = { p->bytes, room, p->n };
        left = ZSTD_decompressStream(z, &out, &in);
        ok = !ZSTD_isError(left) && (out.pos > p->n || in.pos < in.size || !left);
        p->n = out.pos;
    }
    ZSTD_freeDCtx(z);
    if (ok && left && p->n <= most)
        return refuse(why, size, "no memory for what is in it, %llu bytes by its own word", (unsigned long long)p->wanted);
    return (ok && !left && in.pos == in.size) || refuse(why, size, "it is damaged: it does not unpack");
}
#else
static bool unpack(struct pack *p, u64 most, char *why, size_t size)
{
    (void)p, (void)most;
    return refuse(why, size, "it is packed, and this build has no libzstd");
}
#endif

static bool take_stored(struct pack *p, char *why, size_t size)
{
    p->bytes = malloc(p->packed_n + 1);
    if (!p->bytes)
        return refuse(why, size, "no memory for the %zu bytes in it", p->packed_n);
    memcpy(p->bytes, p->packed, p->packed_n);
    p->n = p->packed_n;
    return true;
}

bool pack_unpack(struct pack *p, u64 most, char *why, size_t size)
{
    if (p->method > ZSTANDARD)
        return refuse(why, size, "it is packed in a way that is not known");
    if (p->wanted > most)
        return refuse(why, size, "it says that %llu bytes are in it, more than can belong to this machine", (unsigned long long)p->wanted);
    if (!(p->method == STORED ? take_stored(p, why, size) : unpack(p, p->wanted, why, size)))
        return false;
    return p->n == p->wanted || refuse(why, size, "it is damaged: %zu bytes are in it, not %llu", p->n, (unsigned long long)p->wanted);
}

void pack_close(struct pack *p)
{
    free(p->text);
    free(p->bytes);
    *p = (struct pack) { 0 };
}
