/* decoder.c - the instruction decoder against Zydis: `decoder [--seed N] [--count M] [--exhaustive] [-v]
 * [--exercised FILE]`.
 * First every row of the opcode table (cpu/decode/rows.h) with its mandatory prefix, and every opcode of the one- and two-byte maps,
 * with every ModRM byte, each prefix that changes something, in real mode and in 16- and 32-bit protected mode; with --exhaustive instead every three bytes that a string can begin with, in
 * each mode (50 million); then M random strings with random prefixes in any order. A difference is a failure unless
 * differences.c lists it, and so is a row there that nothing needs. ctest runs 17 million random strings (some seconds);
 * the long run is `decoder --seed 2 --count 100M --exhaustive` (a minute). -v shows how often each listed difference was
 * met, --exercised writes which rows were compared. The last line of the output is for programs: names and numbers. */
#include <stdio.h>
#include "differences.h"
#include "../../cpu/decode/rows.h"

enum { GROUPS_MAX = 4096, SHOWN_MAX = 60 };

/* Unlisted differences that look alike are one. */
struct group {
    u32 aspects;
    u8 map, opcode, reg, form, mode;
    u64 count;
    u8 bytes[STRING_BYTES];
};

/* A row, and how many strings of it ours and Zydis agreed to be an instruction. */
struct compared { struct row_place place; u64 times; };

struct run {
    struct oracle oracle;
    u64 random, strings, legal, short_strings, seen[256];
    struct group groups[GROUPS_MAX];
    int group_count;
    struct compared *rows;
    int row_count;
};

static const char *const mode_names[CODE_MODES] = { "real16", "prot16", "prot32" };

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static u64 random_next(struct run *r)
{
    r->random ^= r->random >> 12;
    r->random ^= r->random << 25;
    r->random ^= r->random >> 27;
    return r->random * 0x2545f4914f6cdd1d;
}

static void remember(struct run *r, u32 aspects, enum code_mode m, const struct head *h, const u8 *bytes)
{
    struct group key = { .aspects = aspects,
                         .map = h->map,
                         .opcode = h->opcode,
                         .reg = h->modrm >> 3 & 7,
                         .form = h->modrm >= 0xc0,
                         .mode = (u8)m };
    for (int k = 0; k < r->group_count; k++) {
        struct group *g = &r->groups[k];
        if (g->aspects == aspects && g->map == key.map && g->opcode == key.opcode && g->reg == key.reg &&
            g->form == key.form && g->mode == m) {
            g->count++;
            return;
        }
    }
    if (r->group_count == GROUPS_MAX)
        return;
    key.count = 1;
    memcpy(key.bytes, bytes, STRING_BYTES);
    r->groups[r->group_count++] = key;
}

/* The row that ours and Zydis found alike, NULL if either finds the string undefined. */
static const struct row *try(struct run *r, enum code_mode m, const u8 bytes[STRING_BYTES])
{
    struct verdict v;
    u64 x = random_next(r);
    /* Segment classes and block kind choose handlers; what is compared must not depend on them. */
    u32 mode = code_mode_key(m) | (u32)(x % 3) << (MODE_SEG_SHIFT + 2 * DS) |
               (u32)(x >> 8) % 3 << (MODE_SEG_SHIFT + 2 * SS) |
               (x >> 16 & 1 ? (u32)SEG_FULL << (MODE_SEG_SHIFT + 2 * CS) : 0);
    compare(&r->oracle, m, mode_of_kind(mode, x >> 24 & 1 ? KIND_FAST : KIND_SLOW), bytes, !(x >> 32 & 15), &v);
    r->strings++;
    r->legal += v.legal;
    if (v.legal && v.zydis_legal)
        v.differs |= flags_compare(&v);
    const struct row *row = v.legal && v.zydis_legal ? v.ours.op.row : NULL;
    if (!v.differs)
        return row;
    struct head h = head_of(bytes);
    for (int bit = 0; bit < ASPECTS; bit++) {
        if (!(v.differs >> bit & 1))
            continue;
        int listed = difference_find(1u << bit, m, &h);
        if (listed >= 0)
            r->seen[listed]++;
        else
            remember(r, 1u << bit, m, &h, bytes);
    }
    return row;
}

static void fill(struct run *r, u8 *bytes, int at)
{
    for (; at < STRING_BYTES; at++)
        bytes[at] = (u8)(random_next(r) >> 56);
}

static const u8 front[] = { 0, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e };

/* A row of the table, with its own prefix behind the others. */
static void every_form(void *to, const struct row_place *p)
{
    struct run *r = to;
    struct compared *c;
    if (!p->row->mnemonic)
        return;
    r->rows = xrealloc(r->rows, (size_t)(r->row_count + 1) * sizeof *r->rows);
    c = &r->rows[r->row_count++];
    *c = (struct compared){ .place = *p };
    for (int m = 0; m < CODE_MODES && !p->model; m++)   /* Zydis knows no model but the newest */
        for (size_t k = 0; k < sizeof front; k++)
            for (int modrm = 0; modrm < (p->has_modrm && !p->modrm ? 256 : 1); modrm++) {
                u8 bytes[STRING_BYTES];
                int at = 0;
                if (front[k])
                    bytes[at++] = front[k];
                at += row_bytes(p, modrm >> 6, modrm >> 3 & 7, modrm & 7, bytes + at);
                fill(r, bytes, at);
                c->times += try(r, (enum code_mode)m, bytes) == p->row;
            }
}

static void every_opcode(struct run *r)
{
    for (int m = 0; m < CODE_MODES; m++)
        for (size_t p = 0; p < sizeof front; p++)
            for (int opcode = 0; opcode < 512; opcode++)
                for (int modrm = 0; modrm < 256; modrm++) {
                    u8 bytes[STRING_BYTES];
                    int at = 0;
                    if (front[p])
                        bytes[at++] = front[p];
                    if (opcode >= 256)
                        bytes[at++] = 0x0f;
                    bytes[at++] = (u8)opcode;
                    bytes[at++] = (u8)modrm;
                    fill(r, bytes, at);
                    try(r, (enum code_mode)m, bytes);
                }
}

/* What a string is depends on its first bytes; the rest are displacements and immediates, or one more round of this. */
static void every_beginning(struct run *r)
{
    for (int m = 0; m < CODE_MODES; m++)
        for (u32 n = 0; n < 1u << 24; n++) {
            u8 bytes[STRING_BYTES] = { (u8)(n >> 16), (u8)(n >> 8), (u8)n };
            fill(r, bytes, 3);
            try(r, (enum code_mode)m, bytes);
        }
}

static void random_string(struct run *r)
{
    static const u8 prefix[] = { 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    u8 bytes[STRING_BYTES];
    u64 x = random_next(r);
    int at = 0, n = x & 7 ? (int)(x & 3) : (int)(x >> 3 & 15);  /* now and then as many as go in, and more */
    for (x >>= 8; at < n; at++)
        bytes[at] = prefix[random_next(r) % sizeof prefix];
    if (at < STRING_BYTES && x & 1)
        bytes[at++] = 0x0f;
    fill(r, bytes, at);
    try(r, (enum code_mode)((x >> 8) % CODE_MODES), bytes);
}

static int report(const struct run *r, u64 seed, bool verbose)
{
    u64 unlisted = 0, listed = 0;
    int unused = 0;
    for (int k = 0; k < r->group_count; k++) {
        const struct group *g = &r->groups[k];
        unlisted += g->count;
        if (k >= SHOWN_MAX && !verbose)
            continue;
        printf("%s: %s%02x /%d %s: ", mode_names[g->mode], g->map ? "0f " : "", g->opcode, g->reg,
               g->form ? "reg" : "mem");
        for (int bit = 0; bit < ASPECTS; bit++)
            if (g->aspects >> bit & 1)
                printf("%s ", aspect_name(bit));
        printf("(%llu times, such as", (unsigned long long)g->count);
        for (int b = 0; b < STRING_BYTES; b++)
            printf(" %02x", g->bytes[b]);
        printf(")\n");
    }
    for (int k = 0; k < difference_count; k++) {
        const struct difference *d = &differences[k];
        if (verbose || !r->seen[k])
            printf("%s: %s%02x-%02x: %s: %s: %llu times\n", r->seen[k] ? "listed" : "never met", d->map ? "0f " : "",
                   d->first, d->last, d->manual, d->why, (unsigned long long)r->seen[k]);
        unused += !r->seen[k];
        listed += r->seen[k];
    }
    printf("decoder: seed=%llu strings=%llu short=%llu legal=%llu listed=%llu unlisted=%llu kinds=%d rows=%d never-met=%d\n",
           (unsigned long long)seed, (unsigned long long)r->strings, (unsigned long long)r->short_strings,
           (unsigned long long)r->legal, (unsigned long long)listed, (unsigned long long)unlisted, r->group_count,
           difference_count, unused);
    return unlisted || unused;
}

/* A line a row: "ran" or "-", a tab, row_name(). */
static bool write_exercised(const struct run *r, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    for (int k = 0; k < r->row_count; k++) {
        char name[80];
        row_name(&r->rows[k].place, name, sizeof name);
        fprintf(f, "%s\t%s\n", r->rows[k].times ? "ran" : "-", name);
    }
    return !fclose(f);
}

/* A number, perhaps with K or M behind it. */
static bool number(const char *s, u64 *n)
{
    char *end;
    *n = strtoull(s, &end, 0);
    if (*end == 'M' || *end == 'K')
        *n *= *end++ == 'M' ? 1000000 : 1000;
    return *s >= '0' && *s <= '9' && !*end;
}

int main(int argc, char **argv)
{
    struct run *r = xcalloc(1, sizeof *r);
    u64 count = 17000000, seed = 1;
    const char *exercised = NULL;
    bool verbose = false, exhaustive = false, understood = true;
    for (int i = 1; i < argc && understood; i++) {
        if (!strcmp(argv[i], "--seed") && i + 1 < argc)
            understood = number(argv[++i], &seed);
        else if (!strcmp(argv[i], "--count") && i + 1 < argc)
            understood = number(argv[++i], &count);
        else if (!strcmp(argv[i], "--exercised") && i + 1 < argc)
            exercised = argv[++i];
        else if (!strcmp(argv[i], "--exhaustive"))
            exhaustive = true;
        else if (!strcmp(argv[i], "-v"))
            verbose = true;
        else
            understood = false;
    }
    if (!understood) {
        fprintf(stderr, "usage: decoder [--seed N] [--count M] [--exhaustive] [-v] [--exercised FILE]; numbers may end in K or M\n");
        return 2;
    }
    r->random = seed * 0x9e3779b97f4a7c15 | 1;
    oracle_open(&r->oracle, "max");
    rows_each(every_form, r);
    if (exhaustive)
        every_beginning(r);
    else
        every_opcode(r);
    r->short_strings = r->strings;
    while (count--)
        random_string(r);
    int status = report(r, seed, verbose);
    if (exercised && !write_exercised(r, exercised)) {
        fprintf(stderr, "decoder: cannot write the list of rows %s\n", exercised);
        status = 2;
    }
    free(r->rows);
    oracle_close(&r->oracle);
    free(r);
    return status;
}
