/* cd_sector.c - builds raw mode 1 sectors for READ CD.
 * ECMA-130, "Sector structure" and Annexes A (RSPC) and B (EDC). */
#include "cd_sector.h"

enum { HEADER = 12, USER = 16, EDC = 2064, ECC = 2076 };
enum { P_COLUMNS = 43, P_ROWS = 24, Q_DIAGONALS = 26, Q_LENGTH = 43, P_WORD = 1032, Q_WORD = 1118 };

void cd_msf(u32 lba, u8 msf[3])
{
    u32 frame = lba + CD_PREGAP;
    msf[0] = (u8)(frame / (60 * 75));
    msf[1] = (u8)(frame / 75 % 60);
    msf[2] = (u8)(frame % 75);
}

u32 cd_parts(u8 flags, const u8 *raw, u8 *to)
{
    static const struct { u8 flag; u16 from, length; } part[] = {
        { CD_SYNC, 0, 12 }, { CD_HEADER, HEADER, 4 }, { CD_USER, USER, 2048 }, { CD_EDC, EDC, 288 },
    };
    u32 n = 0;
    for (size_t k = 0; k < ARRAY_LEN(part); k++)
        if (flags & part[k].flag) {
            if (raw)
                memcpy(to + n, raw + part[k].from, part[k].length);
            n += part[k].length;
        }
    return n;
}

/* x^32 + x^31 + x^16 + x^15 + x^4 + x^3 + x + 1, low bit first; what a byte's halves do to the rest. */
static u32 edc(const u8 *p, int n)
{
    static const u32 low[16] = {
        0x00000000, 0x90910101, 0x91210201, 0x01b00300, 0x92410401, 0x02d00500, 0x03600600, 0x93f10701,
        0x94810801, 0x04100900, 0x05a00a00, 0x95310b01, 0x06c00c00, 0x96510d01, 0x97e10e01, 0x07700f00
    }, high[16] = {
        0x00000000, 0x99011001, 0x82012001, 0x1b003000, 0xb4014001, 0x2d005000, 0x36006000, 0xaf017001,
        0xd8018001, 0x41009000, 0x5a00a000, 0xc301b001, 0x6c00c000, 0xf501d001, 0xee01e001, 0x7700f000
    };
    u32 crc = 0;
    while (n--) {
        crc ^= *p++;
        crc = crc >> 8 ^ low[crc & 15] ^ high[crc >> 4 & 15];
    }
    return crc;
}

/* Eight bytes side by side, each in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1: times alpha; divided by alpha + 1, which is linear, so
 * that it is the sum over the bits. */
static const u64 EACH = 0x0101010101010101ull;
static u64 times_alpha(u64 v) { return (v & 0x7f * EACH) << 1 ^ (v >> 7 & EACH) * 0x1d; }
static u64 divided_by_alpha_plus_1(u64 v)
{
    static const u8 of_bit[8] = { 0xf4, 0xf5, 0xf7, 0xf3, 0xfb, 0xeb, 0xcb, 0x8b };
    u64 q = 0;
    for (int k = 0; k < 8; k++)
        q ^= (v >> k & EACH) * of_bit[k];
    return q;
}

/* Code words, their bytes one after the other, the same place of up to eight words in each step. */
struct words { u64 sum, weighted; };
static void add(struct words *w, u64 v)
{
    w->sum ^= v;
    w->weighted = times_alpha(w->weighted ^ v);
}

/* The first of their two check bytes; the other is the sum of it and w->sum. They make both the plain sum and the sum weighted by
 * falling powers of alpha vanish (the last data byte's weight is alpha^2). */
static u64 first_check(const struct words *w) { return divided_by_alpha_plus_1(w->sum ^ times_alpha(w->weighted)); }

static void put(u8 *to, u64 v, u32 n)
{
    for (u32 k = 0; k < n; k++)
        to[k] = (u8)(v >> 8 * k);
}

/* P words are the columns of rows of 86 bytes; Q words run down the diagonals, two bytes (the planes) side by side. */
static void add_ecc(u8 *raw)
{
    enum { ROW = 2 * P_COLUMNS, WRAP = 2 * Q_WORD };
    u8 *base = raw + HEADER;
    for (u32 column = 0; column < ROW; column += 8) {
        struct words w = { 0, 0 };
        for (u32 row = 0; row < P_ROWS; row++)
            add(&w, get64(base + row * ROW + column));
        u64 first = first_check(&w);
        put(base + 2 * P_WORD + column, first, ROW - column < 8 ? ROW - column : 8);
        put(base + 2 * P_WORD + ROW + column, first ^ w.sum, ROW - column < 8 ? ROW - column : 8);
    }
    for (u32 n = 0; n < Q_DIAGONALS; n++) {
        struct words w = { 0, 0 };
        for (u32 k = 0, at = ROW * n; k < Q_LENGTH; k++, at += ROW + 2, at = at < WRAP ? at : at - WRAP)
            add(&w, get16(base + at));
        u64 first = first_check(&w);
        put(base + WRAP + 2 * n, first, 2);
        put(base + WRAP + 2 * Q_DIAGONALS + 2 * n, first ^ w.sum, 2);
    }
}

void cd_sector(u8 flags, u32 lba, const u8 user[2048], u8 *to)
{
    u8 raw[CD_RAW] = { 0 }, msf[3];
    memset(raw + 1, 0xff, 10);
    cd_msf(lba, msf);
    for (int k = 0; k < 3; k++)
        raw[HEADER + k] = (u8)(msf[k] / 10 << 4 | msf[k] % 10);
    raw[HEADER + 3] = 1;
    memcpy(raw + USER, user, 2048);
    if (flags & CD_EDC) {
        put32(raw + EDC, edc(raw, EDC));
        add_ecc(raw);
    }
    cd_parts(flags, raw, to);
}
