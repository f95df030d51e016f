/* going_on.c - stopped, saved, run in pieces, looked at: a machine goes on as one that is left alone. */
#include "ours.h"
#include <stdlib.h>
#include <string.h>

/* A person has turned to another speed: it is part of what is saved. */
static void at_its_speed(void)
{
    struct heard none = { "", 0 };
    struct vitrine_error error;
    char hash[33], again[33];
    size_t n;
    uint8_t *bios = make_bios();
    struct vitrine *v = bare(bios, &none, &none), *other = bare(bios, &none, &none);
    CHECK(vitrine_set_speed(v, "386/33", &error) && vitrine_run(v, MS) == VITRINE_TIME);
    uint8_t *saved = vitrine_save(v, &n);
    CHECK(vitrine_load(other, saved, n, &error));
    CHECK(vitrine_run(v, 6 * MS) == VITRINE_TIME && vitrine_run(other, 6 * MS) == VITRINE_TIME);
    CHECK(vitrine_instructions(v) == vitrine_instructions(other) && vitrine_ticks(v) == vitrine_ticks(other));
    vitrine_hash(v, hash);
    vitrine_hash(other, again);
    CHECK(!strcmp(hash, again));
    vitrine_release(saved);
    vitrine_free(v);
    vitrine_free(other);
    free(bios);
}

/* When a line is asked. */
struct asked { struct vitrine *v; uint64_t at[64]; size_t n; };

static size_t ask(void *to, uint8_t *bytes, size_t room)
{
    struct asked *a = to;
    (void)bytes, (void)room;
    if (a->n < 64)
        a->at[a->n++] = a->v ? vitrine_now(a->v) : 0;
    return 0;
}

static void ignore(void *to, const struct vitrine_frame *frame) { (void)to, (void)frame; }

/* Lines are asked at the same moments whoever looks at pictures, and in whatever pieces it runs. */
static void lines_have_their_moments(void)
{
    struct asked asked[3] = { { NULL, { 0 }, 0 } };
    uint8_t *bios = make_bios();
    for (int k = 0; k < 3; k++) {
        const struct vitrine_config config = {
            .size = sizeof config, .ram = 2 * VITRINE_MB, .bios = { .bytes = bios, .size = BIOS_SIZE }, .vgabios.file = "",
            .serial[0] = { .input = ask, .to = &asked[k] },
        };
        struct vitrine *v = asked[k].v = vitrine_new(&config, NULL);
        CHECK(v);
        if (k == 1)
            vitrine_on_frame(v, ignore, NULL, 0);
        for (uint64_t end = k == 2 ? 3 * MS : 200 * MS; vitrine_now(v) < 200 * MS; end = end + 3 * MS < 200 * MS ? end + 3 * MS : 200 * MS)
            CHECK(vitrine_run(v, end) == VITRINE_TIME);
        vitrine_free(v);
        CHECK(asked[k].n == 20 && asked[k].n == asked[0].n && !memcmp(asked[k].at, asked[0].at, sizeof asked[0].at));
    }
    free(bios);
}

/* Each reason is told once, whichever comes first. */
static void breakpoints_and_stops(void)
{
    struct heard none = { "", 0 };
    uint8_t *bios = make_bios();
    struct vitrine *v = bare(bios, &none, &none);
    vitrine_break_at(v, 0xf0000);               /* where the first jump leads */
    vitrine_limit_instructions(v, 1);
    CHECK(vitrine_run(v, MS) == VITRINE_INSTRUCTIONS && value(v, "cs.base") + value(v, "ip") == 0xf0000);
    vitrine_limit_instructions(v, UINT64_MAX);
    vitrine_stop(v);
    CHECK(vitrine_run(v, MS) == VITRINE_STOPPED);
    CHECK(vitrine_run(v, MS) == VITRINE_BREAKPOINT);                /* that was no breakpoint yet */
    vitrine_stop(v);
    CHECK(vitrine_run(v, MS) == VITRINE_STOPPED);
    CHECK(vitrine_run(v, vitrine_now(v)) == VITRINE_TIME);
    CHECK(vitrine_run(v, MS) == VITRINE_TIME);                      /* and this one has been told */
    vitrine_free(v);
    free(bios);
}

/* A page that is not there leaves out itself, and nothing behind it. */
static void behind_a_hole(void)
{
    enum { DIRECTORY = 0x10000, TABLE = 0x11000, FIRST = 0x20000 };
    static const uint32_t directory = TABLE | 3, table[] = { FIRST | 3, 0, (FIRST + 0x2000) | 3 };
    struct heard none = { "", 0 };
    uint8_t *bios = make_bios(), to[0x1004];
    struct vitrine *v = bare(bios, &none, &none);
    CHECK(vitrine_write_physical(v, DIRECTORY, &directory, 4) && vitrine_write_physical(v, TABLE + 4 * (FIRST >> 12), table, sizeof table));
    CHECK(vitrine_write_physical(v, FIRST + 0xffe, "ab", 2) && vitrine_write_physical(v, FIRST + 0x2000, "cd", 2));
    CHECK(vitrine_set_register(v, "cr3", DIRECTORY, NULL) && vitrine_set_register(v, "cr0", 0x80000011, NULL));
    memset(to, 'x', sizeof to);
    CHECK(!vitrine_read_linear(v, FIRST + 0xffe, to, sizeof to));
    CHECK(!memcmp(to, "abx", 3) && !memcmp(to + 0x1001, "xcd", 3));
    CHECK(vitrine_read_linear(v, FIRST + 0xffe, to, 2));
    vitrine_free(v);
    free(bios);
}

void going_on(void)
{
    at_its_speed();
    lines_have_their_moments();
    breakpoints_and_stops();
    behind_a_hole();
}
