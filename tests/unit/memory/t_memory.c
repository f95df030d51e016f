/* t_memory.c - what everything stands on: host failures, the log, host RAM, address spaces, declared state.
 * The promises are those of the headers in memory/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../support/dies.h"
#include "../../../memory/log.h"
#include "../../../memory/ram.h"
#include "../../../memory/space.h"
#include "../../../memory/state.h"

/* ---- fatal errors ---- */

/* As a program defines it. */
void vitrine_out_of_memory(size_t bytes)
{
    fprintf(stderr, "no %zu bytes\n", bytes);
    exit(4);
}

#ifndef VITRINE_SANITIZE
static void no_memory(const void *with) { (void)with; free(xcalloc(SIZE_MAX / 4 + 1, 2)); }
static void no_more_memory(const void *with) { (void)with; free(xrealloc(NULL, SIZE_MAX / 2 + 1)); }
#endif
static void two_claims(const void *with)
{
    (void)with;
    struct log *log = log_new();
    log_to(log, handle_standard(STANDARD_ERROR));
    struct space *s = space_new("ports", 16, 0, log);
    space_add_device(s, "one", 0x100, 8, 0, 1, NULL, NULL, NULL);
    space_add_device(s, "two", 0x107, 8, 0, 1, NULL, NULL, NULL);
}

static void fatal_errors(void **state)
{
    (void)state;
#ifndef VITRINE_SANITIZE                                    /* its allocator ends the program by itself */
    dies(no_memory, NULL, "no ");
    char words[64];
    snprintf(words, sizeof words, "no %zu bytes", SIZE_MAX / 2 + 1);
    dies(no_more_memory, NULL, words);
#endif
    assert_null(ram_new("memory", 1ull << 60));
    dies(two_claims, NULL, "claimed by both");
    char *text = xstrdup("four");
    text = xrealloc(text, 100);
    assert_string_equal(text, "four");
    free(text);
    free(xcalloc(0, 0));
}

/* ---- the log ---- */

struct lines { int n; char last[512]; };
static void catch_line(void *to, const char *text)
{
    struct lines *l = to;
    l->n++;
    snprintf(l->last, sizeof l->last, "%s", text);
}

static void nonsense(struct log *log, int k) { log_event(log, "guest", "odd %d", k); }

static void logs(void **state)
{
    struct log *log = log_new();
    struct lines l = { 0 };
    char bad[16] = "";
    (void)state;
    log_class_add(log, "int", "interrupts");
    log_class_add(log, "smm", "SMM");
    log_class_add(log, "int", "a controller");
    log_class_add(log, "int", "interrupts");
    log_redirect(log, catch_line, &l);
    log_event(log, "io", "not selected");
    assert_int_equal(l.n, 0);
    nonsense(log, 1);
    nonsense(log, 2);                                       /* once a site */
    assert_int_equal(l.n, 1);
    assert_string_equal(l.last, "guest: odd 1");
    assert_true(log_select(log, "guest,int", bad, sizeof bad));
    nonsense(log, 3);
    nonsense(log, 4);                                       /* selected: every time */
    assert_int_equal(l.n, 3);
    assert_true(log_on(log, "int"));
    assert_true(log_select(log, "all,-int", bad, sizeof bad));
    assert_false(log_on(log, "int"));
    assert_true(log_on(log, "smm"));
    assert_true(log_select(log, "none", bad, sizeof bad));
    assert_false(log_on(log, "smm"));
    assert_true(log_select(log, "io,-io,smm", bad, sizeof bad));
    assert_false(log_on(log, "io"));
    assert_true(log_on(log, "smm"));
    assert_false(log_on(log, "nothing"));
    assert_false(log_select(log, "smm,nothing,io", bad, sizeof bad));
    assert_string_equal(bad, "nothing");
    assert_true(log_select(log, "-all", bad, sizeof bad));
    assert_false(log_on(log, "smm"));
    assert_string_equal(log_class_name(log, 3), "int");     /* after guest, unimp and io */
    assert_string_equal(log_class_title(log, 3), "interrupts, a controller");
    assert_string_equal(log_class_title(log, 4), "SMM");
    assert_null(log_class_name(log, 5));
    assert_null(log_class_name(log, -1));
    log_free(log);
}

static void at_home(void *to, char *text, size_t size) { snprintf(text, size, ", at %s", (const char *)to); }
static void missing(struct log *log, u64 port, int value) { log_event_key(log, "unimp", port, "port %03x = %d", (u32)port, value); }

/* Each key once, then the count at each power of ten and the rest at the end; one site cannot fill the list. */
static void folds(void **state)
{
    struct log *log = log_new();
    struct lines l = { 0 };
    char bad[16];
    (void)state;
    log_redirect(log, catch_line, &l);
    log_place(log, at_home, "home");
    for (u64 port = 0; port < 6; port++)
        for (int k = 0; k < 20; k++)
            missing(log, port, k);
    assert_int_equal(l.n, 4);                               /* not selected: the first keys of a site, uncounted */
    assert_string_equal(l.last, "unimp: port 003 = 0, at home");
    log_totals(log);
    assert_int_equal(l.n, 4);
    log_free(log);

    log = log_new();
    log_redirect(log, catch_line, &l);
    log_select(log, "unimp", bad, sizeof bad);
    l.n = 0;
    missing(log, 0x333, 1);
    for (int k = 2; k < 10; k++)
        missing(log, 0x333, k);
    assert_int_equal(l.n, 1);
    missing(log, 0x333, 10);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.last, "unimp: ... 9 more of these: port 333 = 1");
    for (int k = 11; k <= 1234; k++)
        missing(log, 0x333, k);
    assert_int_equal(l.n, 4);                               /* at 100 and 1000 */
    assert_string_equal(l.last, "unimp: ... 900 more of these: port 333 = 1");
    for (int round = 0; round < 3; round++)
        for (u64 port = 0; port < 5000; port++)
            missing(log, port, 0);
    assert_int_equal(l.n, 4 + 63 + 1 + 4);                  /* 64 keys; the site; its 10, 100, 1000 and 10000 */
    missing(log, 0x333, 0);
    nonsense(log, 1);                                       /* another site has room */
    assert_string_equal(l.last, "guest: odd 1");
    l.n = 0;
    log_totals(log);
    assert_int_equal(l.n, 65);                              /* 333h, the 63 that came three times, the rest */
    log_totals(log);
    assert_int_equal(l.n, 65);
    log_free(log);
}

/* Many sites: none is forgotten while there is room, and nothing breaks when there is none. */
static void many_sites(void **state)
{
    static char names[5000][8];
    struct log *log = log_new();
    struct lines l = { 0 };
    (void)state;
    log_redirect(log, catch_line, &l);
    for (int round = 0; round < 2; round++)
        for (int k = 0; k < 5000; k++) {
            snprintf(names[k], sizeof names[k], "s:%d", k);
            log_at(log, "unimp", names[k], LOG_TEXT, "x");
        }
    assert_int_equal(l.n, 3072);
    log_free(log);
}

/* ---- host RAM ---- */

struct written { int n; u64 offset, length; };
static void on_code_written(void *to, struct ram *ram, u64 offset, u64 length)
{
    struct written *w = to;
    (void)ram;
    w->n++;
    w->offset = offset;
    w->length = length;
}

static void host_ram(void **state)
{
    struct ram *ram = ram_new("test", 3 * PAGE_SIZE - 1);   /* rounded up */
    struct written w = { 0 };
    (void)state;
    assert_int_equal(ram->size, 3 * PAGE_SIZE);
    ram_track(ram);
    assert_true(ram_take_dirty(ram, 0, ram->size));         /* at first everything is */
    assert_false(ram_take_dirty(ram, 0, ram->size));
    ram_written(ram, 2 * PAGE_SIZE - 1, 2);
    assert_false(ram_take_dirty(ram, 0, PAGE_SIZE));
    assert_true(ram_take_dirty(ram, PAGE_SIZE, 1));
    assert_true(ram_take_dirty(ram, 2 * PAGE_SIZE + 5, 1));
    ram->code_written = on_code_written;
    ram->cpu_side = &w;
    ram->flags[1] |= PAGE_HAS_CODE;
    ram_written(ram, PAGE_SIZE - 2, 4);                     /* the part in the page with code alone */
    assert_int_equal(w.n, 1);
    assert_int_equal(w.offset, PAGE_SIZE);
    assert_int_equal(w.length, 2);
    ram_free(ram);
    ram_free(NULL);
}

/* ---- address spaces ---- */

struct chip { int reads, writes, last_size; u64 last_offset, last_value, mask; };
static u64 chip_read(void *dev, u64 offset, int size)
{
    struct chip *c = dev;
    c->reads++;
    c->last_size = size;
    return offset * 0x0101010101010101ull + 0x1000000000000000ull;
}
static void chip_write(void *dev, u64 offset, u64 value, int size)
{
    struct chip *c = dev;
    c->writes++;
    c->last_size = size;
    c->last_offset = offset;
    c->last_value = value;
}
static void count_change(void *to) { ++*(int *)to; }

static void ports(void **state)
{
    struct log *log = log_new();
    struct lines l = { 0 };
    char bad[8];
    struct space *s = space_new("ports", 16, 0, log), *tiny = space_new("tiny", 4, 0, log);
    struct chip c = { 0 };
    (void)state;
    log_redirect(log, catch_line, &l);
    log_select(log, "io", bad, sizeof bad);
    struct region *r = space_add_device(s, "chip", 0x100, 8, 0, 2, chip_read, chip_write, &c);
    assert_int_equal(space_read(s, 0x102, 1), 2);
    assert_int_equal(space_read(s, 0x102, 4), 0x04040202);  /* split at its width, lowest first */
    assert_int_equal(c.reads, 3);
    assert_non_null(strstr(l.last, "ports read chip 0x102 size 4: 0x4040202"));
    space_write(s, 0x104, 0x11223344, 4);
    assert_int_equal(c.writes, 2);
    assert_int_equal(c.last_offset, 6);
    assert_int_equal(c.last_value, 0x1122);
    assert_non_null(strstr(l.last, "ports write chip"));
    assert_int_equal(space_touches(s), 5);
    assert_int_equal(space_read(s, 0x107, 2), 0xff07);      /* half of it is nobody's */
    assert_non_null(strstr(l.last, "nobody answers"));
    space_write(s, 0x200, 0, 1);
    assert_non_null(strstr(l.last, "nobody answers"));
    region_move(r, 0x200);
    region_move(r, 0x200);
    assert_int_equal(space_read(s, 0x102, 1), 0xff);
    assert_int_equal(space_read(s, 0x203, 1), 3);
    region_enable(r, REGION_WRITE);
    assert_int_equal(space_read(s, 0x203, 1), 0xff);
    region_enable(r, 0);
    region_move(r, 0x300);                                  /* hidden: nothing to rebuild */
    region_enable(r, REGION_READ | REGION_WRITE);
    assert_int_equal(space_read(s, 0x301, 1), 1);
    space_add_device(s, "mute", 0x400, 2, 0, 1, NULL, NULL, NULL);
    assert_int_equal(space_read(s, 0x400, 2), 0xffff);
    space_write(s, 0x400, 0, 2);
    assert_int_equal(space_read(tiny, 3, 1), 0xff);
    assert_int_equal(space_read(tiny, 1000, 1), 0xff);      /* past its end */
    space_free(s);
    space_free(tiny);
    log_free(log);
}

static void pages(void **state)
{
    struct log *log = log_new();
    struct space *s = space_new("memory", 36, 12, log);
    struct ram *ram = ram_new("ram", 0x10000), *rom = ram_new("rom", 0x2000);
    struct chip c = { 0 };
    u8 bytes[16];
    int changes = 0;
    (void)state;
    space_listen(s, count_change, &changes);
    space_add_ram(s, "ram", 0, 0x10000, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    struct region *shadow = space_add_ram(s, "rom", 0x4000, 0x1000, 1, rom, 0, false, REGION_READ | REGION_WRITE);
    struct region *chip = space_add_device(s, "chip", 0x8010, 0x20, 2, 8, chip_read, chip_write, &c);
    assert_int_equal(changes, 3);
    memset(rom->host, 0xa5, 0x1000);
    memset(rom->host + 0x1000, 0x5a, 0x1000);
    space_write(s, 0x3fff, 0x1234, 2);                      /* RAM's byte is kept, ROM's is not */
    assert_int_equal(space_read(s, 0x3fff, 2), 0xa534);
    assert_null(space_page(s, 0x4000)->write);
    assert_non_null(space_page(s, 0x4000)->read);
    assert_null(space_page(s, 0x8000)->read);               /* shared with a device: each access is looked at */
    assert_int_equal(space_read(s, 0x8018, 8), 0x1808080808080808);
    space_write_bytes(s, 0x800e, "0123456789abcdef", 16);   /* RAM, then registers by doublewords and bytes */
    assert_int_equal(c.writes, 5);
    assert_int_equal(ram->host[0x800f], '1');
    space_read_bytes(s, 0x800e, bytes, 4);
    assert_memory_equal(bytes, "01\0\1", 4);
    region_set_ram(shadow, rom, 0x1000);
    region_set_ram(shadow, rom, 0x1000);
    assert_int_equal(space_read(s, 0x4000, 1), 0x5a);
    region_enable(shadow, REGION_READ);                     /* write-through: RAM behind takes it */
    space_write(s, 0x4000, 0x77, 1);
    assert_int_equal(ram->host[0x4000], 0x77);
    assert_int_equal(space_read(s, 0x4000, 1), 0x5a);
    assert_true(space_peek(s, 0x3ffe, bytes, 4));
    assert_false(space_peek(s, 0x800e, bytes, 4));
    assert_int_equal(bytes[2], 0xff);
    assert_true(space_poke(s, 0x4001, "x", 1));             /* ROM too */
    assert_int_equal(rom->host[0x1001], 'x');
    assert_false(space_poke(s, 0x8010, "x", 1));
    assert_false(space_poke(s, 0x20000, "x", 1));
    changes = 0;
    space_begin(s);
    region_enable(chip, 0);
    region_move(shadow, 0x1000000);                         /* far: inside a pair one rebuild does */
    region_enable(chip, REGION_READ);
    space_commit(s);
    assert_int_equal(changes, 1);
    assert_int_equal(space_read(s, 0x1000000, 1), 0x5a);
    region_move(shadow, 0x5000);
    region_move(chip, 0x5008);                              /* in front of the ROM's page */
    assert_int_equal(space_read(s, 0x5000, 1), 0x5a);
    assert_int_equal(space_read(s, 0x5009, 1), 1);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    space_print(s, out);
    fclose(out);
    assert_non_null(strstr(text, "000005000-000005fff  r-   1  rom"));
    free(text);
    space_free(s);
    ram_free(ram);
    ram_free(rom);
    log_free(log);
}

/* ---- declared state ---- */

struct sample { u64 wide; u32 word[20]; u16 half; u8 byte, raw[5]; };
static const struct field sample_fields[] = {
    FIELD(struct sample, wide), FIELD_ARRAY(struct sample, word), FIELD(struct sample, half), FIELD(struct sample, byte),
    FIELD(struct sample, raw), FIELD_END
};

static char *printed(const struct sample *a, const struct sample *b, int *differences)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (b)
        *differences = fields_diff(sample_fields, a, b, out);
    else
        fields_print(sample_fields, a, out);
    fclose(out);
    return text;
}

/* The table's parts are made when they are asked for: what lies far apart, across their borders, moves as anything else. */
static void far_apart(void **state)
{
    (void)state;
    enum { ONE = 0x1000 };
    static const u64 places[] = { 0, 0x7fff000, 0x8000000 /* the next 128 MB */, 0xfffff000, 0x100000000ull, 0xffffff000ull };
    struct log *log = log_new();
    struct space *s = space_new("memory", 36, PAGE_SHIFT, log);
    struct ram *ram = ram_new("ram", 2 * ONE);
    struct region *r = space_add_ram(s, "ram", 0, 2 * ONE, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    put32(ram->host, 0x11111111);
    put32(ram->host + ONE, 0x22222222);
    for (size_t k = 0; k < ARRAY_LEN(places); k++) {
        u64 at = places[k] & ~(u64)(2 * ONE - 1);
        region_move(r, at);
        for (size_t j = 0; j < ARRAY_LEN(places); j++) {
            bool here = places[j] - at < 2 * ONE;
            assert_int_equal(space_read(s, places[j], 4), !here ? 0xffffffff : places[j] == at ? 0x11111111 : 0x22222222);
            assert_true(!space_page(s, places[j])->read == !here);
        }
    }
    region_move(r, 0x7fff000);                              /* one page at each side of a border */
    assert_int_equal(space_read(s, 0x7fffffe, 4), 0x22220000);
    assert_int_equal(space_read(s, 0x7fff000, 4), 0x11111111);
    assert_int_equal(space_read(s, 0x8000000, 4), 0x22222222);
    region_enable(r, 0);
    assert_int_equal(space_read(s, 0x7fff000, 4), 0xffffffff);
    assert_int_equal(space_read(s, 0x8000000, 4), 0xffffffff);
    region_enable(r, REGION_READ | REGION_WRITE);
    assert_int_equal(space_read(s, 0x8000000, 4), 0x22222222);
    assert_int_equal(space_read(s, 0x1000000000ull, 4), 0xffffffff);    /* past the last address line */
    space_free(s);
    ram_free(ram);
    log_free(log);
}

/* A child shows its own over what the parent shows, whatever changes in either, and nobody else sees what is in it. */
static void children(void **state)
{
    enum { BOTH = REGION_READ | REGION_WRITE, PLACE = 0x3000 };
    struct log *log = log_new();
    struct space *s = space_new("memory", 36, PAGE_SHIFT, log), *a = space_new_child(s, "a"), *b = space_new_child(s, "b");
    struct ram *ram = ram_new("ram", 0x10000), *own = ram_new("own", 0x1000);
    struct chip c = { 0 };
    int of_s = 0, of_a = 0, of_b = 0;
    (void)state;
    space_listen(s, count_change, &of_s);
    space_listen(a, count_change, &of_a);
    space_listen(b, count_change, &of_b);
    ram->host[PLACE] = 0x11, own->host[0] = 0x22;
    assert_int_equal(space_read(a, PLACE, 1), 0xff);
    struct region *low = space_add_ram(s, "ram", 0, 0x10000, 0, ram, 0, true, BOTH);        /* after the children */
    assert_ptr_equal(space_page(a, PLACE)->read, ram->host + PLACE);
    assert_ptr_equal(space_page(a, PLACE)->write, ram->host + PLACE);
    struct region *mine = space_add_ram(a, "own", PLACE, 0x1000, 5, own, 0, true, BOTH);
    assert_ptr_equal(space_page(a, PLACE)->read, own->host);
    assert_ptr_equal(space_page(b, PLACE)->read, ram->host + PLACE);
    assert_ptr_equal(space_page(s, PLACE)->read, ram->host + PLACE);
    space_write(a, PLACE - 1, 0x3344, 2);                   /* across the border */
    assert_int_equal(ram->host[PLACE - 1], 0x44);
    assert_int_equal(own->host[0], 0x33);
    assert_int_equal(ram->host[PLACE], 0x11);
    assert_int_equal(of_s, 1);
    assert_int_equal(of_a, 2);
    assert_int_equal(of_b, 1);
    region_enable(mine, REGION_READ);                       /* writes go to what the parent has */
    space_write(a, PLACE, 0x55, 1);
    assert_int_equal(ram->host[PLACE], 0x55);
    assert_int_equal(space_read(a, PLACE, 1), 0x33);
    region_enable(mine, 0);
    assert_int_equal(space_read(a, PLACE, 1), 0x55);
    region_enable(mine, BOTH);
    /* The parent's device: in front by its priority, behind at the same or a lower one. */
    struct region *chip = space_add_device(s, "chip", PLACE + 0x10, 0x20, 5, 4, chip_read, chip_write, &c);
    assert_int_equal(space_read(a, PLACE + 0x18, 1), 0);
    assert_int_equal(space_read(b, PLACE + 0x18, 1), 8);
    struct region *front = space_add_device(s, "front", PLACE + 0x30, 0x10, 6, 4, chip_read, chip_write, &c);
    assert_int_equal(space_read(a, PLACE + 0x34, 1), 4);
    assert_int_equal(space_read(a, PLACE, 1), 0x33);        /* the rest of its page */
    region_enable(front, 0);
    assert_ptr_equal(space_page(a, PLACE)->read, own->host);
    of_s = of_a = of_b = 0;
    space_begin(s);                                         /* the parent's changes are one to a child's listener too */
    region_move(chip, 0x20000010);
    region_move(low, 0x8000);
    space_commit(s);
    assert_int_equal(of_s, 1);
    assert_int_equal(of_a, 1);
    assert_int_equal(of_b, 1);
    assert_int_equal(space_read(a, 0x20000018, 1), 8);
    assert_ptr_equal(space_page(a, 0x8000)->read, ram->host);
    assert_null(space_page(b, PLACE)->read);
    assert_ptr_equal(space_page(a, PLACE)->read, own->host);
    space_changed(s);
    assert_int_equal(of_a, 2);
    space_changed(a);
    assert_int_equal(of_s, 2);
    assert_int_equal(of_b, 2);
    space_free(a);                                          /* the parent and its other children go on; numbers are used again */
    region_move(low, 0);
    assert_ptr_equal(space_page(b, PLACE)->read, ram->host + PLACE);
    for (int k = 0; k < 3000; k++) {
        a = space_new_child(s, "a");
        space_add_ram(a, "own", PLACE, 0x1000, 5, own, 0, true, BOTH);
        assert_ptr_equal(space_page(a, PLACE)->read, own->host);
        space_free(a);
    }
    assert_int_equal(space_read(b, PLACE, 1), 0x55);
    space_free(b);
    space_free(s);
    ram_free(ram);
    ram_free(own);
    log_free(log);
}

/* Time is the parent's, and so is who hears what is written. */
static void heard(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)size;
    *(u64 *)dev += value;
}

static void spent(void *to, u32 ns) { *(u32 *)to += ns; }

static void child_of_a_kept_time(void **state)
{
    struct log *log = log_new();
    struct space *s = space_new("memory", 36, PAGE_SHIFT, log), *a = space_new_child(s, "a");
    struct chip c = { 0 };
    u64 sum = 0;
    u32 ns = 0;
    (void)state;
    space_keep_time(s, spent, &ns, 7);
    region_set_cost(space_add_device(s, "chip", 0x1000, 0x20, 0, 4, chip_read, chip_write, &c), 100);
    space_add_tap(s, "tap", 0x1000, 0x2000, heard, &sum);
    space_read(a, 0x1000, 4);
    assert_int_equal(ns, 100);
    space_read(a, 0x5000, 4);
    assert_int_equal(ns, 107);
    space_write(a, 0x1004, 3, 1);
    space_write(a, 0x2004, 5, 1);                           /* where nobody answers */
    assert_int_equal(sum, 8);
    assert_int_equal(ns, 214);
    assert_int_equal(c.writes, 1);
    space_free(a);
    space_free(s);
    log_free(log);
}

static void declared_state(void **state)
{
    struct sample a = { .wide = 0x1122334455667788, .word = { 1, 2, 3 }, .half = 0xabcd, .byte = 9, .raw = { 1, 2, 3, 4, 5 } }, b;
    u8 saved[sizeof a];
    char text[33], other[33];
    int n = 0;
    (void)state;
    a.word[19] = 0xdeadbeef;
    assert_int_equal(fields_bytes(sample_fields), sizeof a);
    assert_int_equal(fields_save(sample_fields, &a, saved), sizeof a);
    assert_int_equal(saved[0], 0x88);                       /* guest byte order */
    memset(&b, 0xee, sizeof b);
    assert_int_equal(fields_load(sample_fields, &b, saved), sizeof a);
    assert_memory_equal(&a, &b, sizeof a);
    struct hash h = { { 0, 0 } }, g = { { 0, 0 } };
    hash_fields(&h, sample_fields, &a);
    b.raw[4] = 6;
    b.word[19] = 7;
    hash_fields(&g, sample_fields, &b);
    hash_text(&h, text);
    hash_text(&g, other);
    assert_int_equal(strlen(text), 32);
    assert_string_not_equal(text, other);
    char *p = printed(&a, NULL, NULL);
    assert_non_null(strstr(p, "wide             = 1122334455667788"));
    assert_non_null(strstr(p, "deadbeef"));
    assert_non_null(strstr(p, "raw              = 0102030405"));
    free(p);
    p = printed(&a, &b, &n);
    assert_int_equal(n, 2);
    assert_string_equal(p, "  word[19]: deadbeef, 7\n  raw[0] differs\n");
    free(p);
}

/* Two hear what one is told, in order, with no say in what is read; where nobody answers, they alone do. */
struct ear { char heard[64]; };
static void hear(void *dev, u64 offset, u64 value, int size)
{
    struct ear *e = dev;
    size_t n = strlen(e->heard);
    assert_int_equal(size, 1);
    snprintf(e->heard + n, sizeof e->heard - n, "%x=%02x ", (unsigned)offset, (unsigned)value);
}
static u64 say(void *dev, u64 offset, int size)
{
    (void)dev, (void)offset, (void)size;
    return 0x5a;
}

static void taps(void **state)
{
    struct log *log = log_new();
    struct lines l = { 0 };
    struct space *s = space_new("port", 16, 0, log);
    struct ear owner = { "" }, first = { "" }, second = { "" };
    (void)state;
    log_redirect(log, catch_line, &l);
    log_select(log, "unimp", NULL, 0);
    space_add_device(s, "owner", 0x80, 2, 0, 1, say, hear, &owner);
    space_add_tap(s, "first", 0x80, 1, hear, &first);
    space_add_tap(s, "second", 0x7f, 4, hear, &second);
    space_write(s, 0x80, 0x1234, 2);
    assert_string_equal(owner.heard, "0=34 1=12 ");
    assert_string_equal(first.heard, "0=34 ");
    assert_string_equal(second.heard, "1=34 2=12 ");
    assert_int_equal(space_read(s, 0x80, 1), 0x5a);
    space_write(s, 0x82, 0x77, 1);                          /* nobody answers, but somebody hears */
    assert_string_equal(second.heard, "1=34 2=12 3=77 ");
    assert_int_equal(l.n, 0);
    assert_int_equal(space_read(s, 0x82, 1), 0xff);
    assert_int_equal(l.n, 1);
    space_write(s, 0x83, 0x77, 1);
    assert_int_equal(l.n, 2);
    space_free(s);
    log_free(log);
}

struct watched { int n; struct space_access last; };

static void watch(void *to, const struct space_access *a)
{
    struct watched *w = to;
    w->n++;
    w->last = *a;
}

/* Who watches is told of devices and of nobody, not of memory, in children too; and what is answered is the same. */
static void watchers(void **state)
{
    struct log *log = log_new();
    struct space *s = space_new("memory", 32, PAGE_SHIFT, log), *child = space_new_child(s, "view");
    struct ram *ram = ram_new("ram", 0x1000);
    struct ear owner = { "" };
    struct watched a = { 0 }, b = { 0 };
    (void)state;
    space_add_ram(s, "ram", 0, 0x1000, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_device(s, "owner", 0x10000, 16, 0, 1, say, hear, &owner);
    int first = space_watch(s, watch, &a), second = space_watch(child, watch, &b);
    space_write(child, 0x10, 0x55, 4);
    assert_int_equal(space_read(s, 0x10, 4), 0x55);
    assert_int_equal(a.n, 0);
    space_write(child, 0x10004, 0xffff1234, 2);
    assert_int_equal(a.n, 1);
    assert_int_equal(b.n, 1);
    assert_true(a.last.write && a.last.address == 0x10004 && a.last.value == 0x1234 && a.last.size == 2 && a.last.space == child);
    assert_string_equal(a.last.name, "owner");
    assert_string_equal(owner.heard, "4=34 5=12 ");
    assert_int_equal(space_read(s, 0x10000, 1), 0x5a);
    assert_true(!a.last.write && a.last.value == 0x5a && a.last.space == s);
    space_unwatch(s, first);
    assert_int_equal(space_read(s, 0x20000, 4), 0xffffffff);
    assert_null(b.last.name);
    assert_int_equal(a.n, 2);
    assert_int_equal(b.n, 3);
    space_unwatch(child, second);
    space_read(s, 0x20000, 4);
    assert_int_equal(b.n, 3);
    space_free(child);
    space_free(s);
    ram_free(ram);
    log_free(log);
}

static void catch_tap(void *to, const char *class, const char *text)
{
    char line[100];
    snprintf(line, sizeof line, "%s: %s", class, text);
    catch_line(to, line);
}

/* The tap hears what is not selected, but not what others tell better; what is printed stays as it is. */
static void tap_of_the_log(void **state)
{
    struct log *log = log_new();
    struct lines printed = { 0 }, heard = { 0 };
    (void)state;
    log_class_add(log, "disk", "disks");
    log_class_add(log, "int", "interrupts");
    log_redirect(log, catch_line, &printed);
    log_tap(log, catch_tap, &heard);
    assert_true(log_on(log, "disk"));
    assert_false(log_on(log, "int"));
    assert_false(log_on(log, "io"));
    log_event(log, "disk", "a sector");
    log_event(log, "int", "a vector");
    log_event(log, "io", "a port");
    assert_int_equal(heard.n, 1);
    assert_string_equal(heard.last, "disk: a sector");
    assert_int_equal(printed.n, 0);
    nonsense(log, 1);
    assert_int_equal(heard.n, 2);
    assert_int_equal(printed.n, 1);
    log_tap(log, NULL, NULL);
    assert_false(log_on(log, "disk"));
    log_event(log, "disk", "a sector");
    assert_int_equal(heard.n, 2);
    log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fatal_errors), cmocka_unit_test(taps), cmocka_unit_test(watchers), cmocka_unit_test(tap_of_the_log), cmocka_unit_test(logs), cmocka_unit_test(folds), cmocka_unit_test(many_sites), cmocka_unit_test(host_ram),
        cmocka_unit_test(ports), cmocka_unit_test(pages), cmocka_unit_test(far_apart), cmocka_unit_test(children),
        cmocka_unit_test(child_of_a_kept_time), cmocka_unit_test(declared_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
