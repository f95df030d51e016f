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

/* x^32 + x^31 + x^16 + x^15 + x^4 + x^3 + x + 1, low bit first: four bits at a time. */
static u32 edc(const u8 *p, int n)
{
    static const u32 of_nibble[16] = {
        0x00000000, 0x99011001, 0x82012001, 0x1b003000, 0xb4014001, 0x2d005000, 0x36006000, 0xaf017001,
        0xd8018001, 0x41009000, 0x5a00a000, 0xc301b001, 0x6c00c000, 0xf501d001, 0xee01e001, 0x7700f000,
    };
    u32 crc = 0;
    while (n--) {
        crc ^= *p++;
        crc = crc >> 4 ^ of_nibble[crc & 15];
        crc = crc >> 4 ^ of_nibble[crc & 15];
    }
    return crc;
}

/* GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1: times alpha, and divided by alpha + 1, which is linear: the sum over the bits. */
static u8 times_alpha(u8 v) { return (u8)(v << 1 ^ (v & 0x80 ? 0x1d : 0)); }
static u8 divided_by_alpha_plus_1(u8 v)
{
    static const u8 of_bit[8] = { 0xf4, 0xf5, 0xf7, 0xf3, 0xfb, 0xeb, 0xcb, 0x8b };
    u8 q = 0;
    for (int k = 0; k < 8; k++)
        q ^= v >> k & 1 ? of_bit[k] : 0;
    return q;
}

/* One code word of `count` data bytes, step bytes apart (modulo wrap, 0: none), and its two check bytes. The checks make
 * both the plain sum and the sum weighted by falling powers of alpha vanish. */
static void check_bytes(const u8 *base, u32 at, u32 step, u32 count, u32 wrap, u8 *first, u8 *second)
{
    u8 sum = 0, weighted = 0;
    for (u32 k = 0; k < count; k++, at += step) {
        if (wrap && at >= wrap)
            at -= wrap;                 /* a step is shorter than that */
        u8 v = base[at];
        sum ^= v;
        weighted = times_alpha(weighted ^ v);
    }
    weighted = times_alpha(weighted);   /* the last data byte's weight is alpha^2 */
    *first = divided_by_alpha_plus_1(sum ^ weighted);
    *second = sum ^ *first;
}

static void add_ecc(u8 *raw)
{
    u8 *base = raw + HEADER;
    for (u32 plane = 0; plane < 2; plane++) {
        for (u32 n = 0; n < P_COLUMNS; n++)
            check_bytes(base, 2 * n + plane, 2 * P_COLUMNS, P_ROWS, 0, base + 2 * (P_WORD + n) + plane,
                        base + 2 * (P_WORD + P_COLUMNS + n) + plane);
        for (u32 n = 0; n < Q_DIAGONALS; n++)
            check_bytes(base, 2 * (43 * n) + plane, 2 * 44, Q_LENGTH, 2 * Q_WORD, base + 2 * (Q_WORD + n) + plane,
                        base + 2 * (Q_WORD + Q_DIAGONALS + n) + plane);
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
