/* t_saved.c - states in files (iodev/saved, vitrine_save_file): what was saved goes on in another machine, with what was written to its
 * media; what does not fit, is damaged or comes from elsewhere is refused in words, and the machine is what it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../support/scratch.h"
#include "../../../host/file.h"
#include "../../../host/text.h"
#include "../../../iodev/image/image.h"
#include "../../../iodev/saved/pack.h"
#include "../../../iodev/session/inner.h"

enum { BIOS_SIZE = 128 << 10, FLOPPY = 1440 << 10, DISK = 8 << 20, SECTOR = 512 };
static const u64 MS = 1000000;

/* ---- the file ---- */

static size_t packed(u8 **file, const char *text, const u8 *bytes, size_t n)
{
    char why[200];
    size_t size;
    struct text *out = text_new();
    assert_true(pack_write(text_file(out), PACK_STATE, text, bytes, n, why, sizeof why));
    *file = (u8 *)text_take(out, &size);
    return size;
}

/* Somebody has changed it who knows how. */
static void forge(u8 *file, size_t n)
{
    struct hash h = { { 0, 0 } };
    size_t text = (size_t)get64(file + 24);
    hash_bytes(&h, file, 48);
    hash_bytes(&h, file + 64, text);
    hash_bytes(&h, file + 64 + text, n - 64 - text);
    put64(file + 48, h.h[0]);
    put64(file + 56, h.h[1]);
}

static bool opens(enum pack_kind kind, const u8 *file, size_t n, u64 most, char *why, size_t size)
{
    struct pack p;
    u8 *copy = malloc(n ? n : 1);                       /* of its exact size, for sanitizers */
    memcpy(copy, file, n);
    *why = 0;
    bool ok = pack_open(&p, kind, copy, n, why, size) && pack_unpack(&p, most, why, size);
    pack_close(&p);
    free(copy);
    return ok;
}

static void says(const char *why, const char *words)
{
    if (!strstr(why, words))
        fail_msg("'%s', expected '%s' in it", why, words);
}

static void comes_back(void **state)
{
    (void)state;
    char why[200];
    u8 *file, bytes[5000];
    struct pack p;
    for (size_t k = 0; k < sizeof bytes; k++)
        bytes[k] = (u8)(k * k >> 7);
    size_t n = packed(&file, "memory=1M\n", bytes, sizeof bytes);
    assert_true(pack_open(&p, PACK_STATE, file, n, why, sizeof why));
    assert_string_equal(p.text, "memory=1M\n");
    assert_true(pack_unpack(&p, sizeof bytes, why, sizeof why));
    assert_int_equal(p.n, sizeof bytes);
    assert_memory_equal(p.bytes, bytes, sizeof bytes);
    pack_close(&p);
    assert_false(opens(PACK_STATE, file, n, sizeof bytes - 1, why, sizeof why));
    says(why, "more than can belong");
    free(file);
}

static void others_are_refused(void **state)
{
    (void)state;
    char why[200];
    u8 *file, bytes[64] = { 1 };
    size_t n = packed(&file, "", bytes, sizeof bytes);
    assert_false(opens(PACK_RECORDING, file, n, 1000, why, sizeof why));
    says(why, "expected a recorded run, and it is a saved state");
    assert_false(opens(PACK_STATE, (const u8 *)"some other file", 15, 1000, why, sizeof why));
    says(why, "it is none");
    put32(file + 16, 7);
    assert_false(opens(PACK_STATE, file, n, 1000, why, sizeof why));
    says(why, "version 7, of a newer Vitrine");
    free(file);
}

/* Cut off anywhere, with anything behind it, with any bit another: never taken, never without a word. */
static void damage_is_found(void **state)
{
    (void)state;
    char why[200];
    u8 *file, bytes[300];
    for (size_t k = 0; k < sizeof bytes; k++)
        bytes[k] = (u8)(k ^ k >> 3);
    size_t n = packed(&file, "processor=max\n", bytes, sizeof bytes);
    for (size_t k = 0; k < n; k++) {
        assert_false(opens(PACK_STATE, file, k, 1000, why, sizeof why));
        assert_true(*why);
        for (int bit = 0; bit < 8; bit++) {
            file[k] ^= (u8)(1 << bit);
            assert_false(opens(PACK_STATE, file, n, 1000, why, sizeof why));
            assert_true(*why);
            file[k] ^= (u8)(1 << bit);
        }
    }
    assert_true(opens(PACK_STATE, file, n, 1000, why, sizeof why));
    u8 *longer = xcalloc(1, n + 1);
    memcpy(longer, file, n);
    assert_false(opens(PACK_STATE, longer, n + 1, 1000, why, sizeof why));
    free(longer);
    free(file);
}

/* A few bytes that would unpack to more than they say, or to gigabytes. */
static void bombs_are_refused(void **state)
{
    (void)state;
    char why[200];
    u8 *file, *zeros = xcalloc(1, 4 << 20);
    size_t n = packed(&file, "", zeros, 4 << 20);
    put64(file + 32, 100);
    forge(file, n);
    assert_false(opens(PACK_STATE, file, n, 1 << 20, why, sizeof why));
    says(why, "damaged");
    put64(file + 32, UINT64_MAX);
    forge(file, n);
    assert_false(opens(PACK_STATE, file, n, 1 << 20, why, sizeof why));
    says(why, "more than can belong");
    free(file);
    free(zeros);
}

/* ---- a machine ---- */

struct bench {
    struct scratch scratch;
    u8 bios[BIOS_SIZE];
};

static void make_file(const char *name, u64 bytes, u8 first)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    fputc(first, f);
    assert_int_equal(fseek(f, (long)bytes - 1, SEEK_SET), 0);
    fputc(0, f);
    fclose(f);
}

/* A processor that counts in memory: xor ax, ax; mov ds, ax; again: inc word [500h]; jmp again. */
static int start(void **state)
{
    static const u8 code[] = { 0x31, 0xc0, 0x8e, 0xd8, 0xff, 0x06, 0x00, 0x05, 0xeb, 0xfa }, jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    struct bench *b = xcalloc(1, sizeof *b);
    memcpy(b->bios + BIOS_SIZE - 0x10000, code, sizeof code);
    memcpy(b->bios + BIOS_SIZE - 16, jump, sizeof jump);
    scratch_enter(&b->scratch);
    make_file("a.img", FLOPPY, 'a');
    make_file("b.img", FLOPPY, 'b');
    make_file("disk.img", DISK, 'd');
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    scratch_leave(&b->scratch);
    free(b);
    return 0;
}

static struct vitrine_config config_of(struct bench *b)
{
    return (struct vitrine_config) {
        .size = sizeof(struct vitrine_config), .ram = 2 * VITRINE_MB, .tick_cost = 1000 << 16, .bios = { NULL, b->bios, BIOS_SIZE },
        .vgabios.file = "", .floppy[0].file = "a.img", .disk[0].file = "disk.img", .snapshot = true,
    };
}

static struct vitrine *make(const struct vitrine_config *config)
{
    struct vitrine_error error = { .text = "" };
    struct vitrine *v = vitrine_new(config, &error);
    if (!v)
        fail_msg("%s", error.text);
    return v;
}

static void hash_is(struct vitrine *v, const char *want)
{
    char hash[33];
    vitrine_hash(v, hash);
    assert_string_equal(hash, want);
}

static void saves(struct vitrine *v, const char *file)
{
    struct vitrine_error error = { .text = "" };
    if (!vitrine_save_file(v, file, &error))
        fail_msg("%s", error.text);
}

static void loads(struct vitrine *v, const char *file)
{
    struct vitrine_error error = { .text = "" };
    if (!vitrine_load_file(v, file, &error))
        fail_msg("%s", error.text);
}

/* And nothing has changed. */
static void refuses(struct vitrine *v, const char *file, const char *words)
{
    struct vitrine_error error = { .text = "" };
    char hash[33];
    vitrine_hash(v, hash);
    assert_false(vitrine_load_file(v, file, &error));
    says(error.text, words);
    hash_is(v, hash);
}

static struct image *medium(struct vitrine *v, enum vitrine_drive drive) { return pc_image(vitrine_pc(v), drive); }

static void write_sector(struct vitrine *v, enum vitrine_drive drive, u64 sector, u8 value)
{
    u8 bytes[SECTOR];
    memset(bytes, value, sizeof bytes);
    assert_true(image_write(medium(v, drive), sector, 1, bytes));
}

static void sector_is(struct vitrine *v, enum vitrine_drive drive, u64 sector, u8 value)
{
    u8 bytes[SECTOR];
    assert_true(image_read(medium(v, drive), sector, 1, bytes));
    assert_int_equal(bytes[0], value);
}

/* In the middle, and with the disk as it was then: the same end as one that was left alone. The file is as it ever was. */
static void goes_on(void **state)
{
    struct vitrine_config config = config_of(*state);
    char hash[33], then[33];
    struct vitrine *v = make(&config);
    vitrine_run(v, 5 * MS);
    write_sector(v, VITRINE_HDA, 77, 0x11);
    vitrine_hash(v, then);
    saves(v, "a.state");
    hash_is(v, then);
    write_sector(v, VITRINE_HDA, 77, 0x22);
    write_sector(v, VITRINE_HDA, 9999, 0x33);
    vitrine_run(v, 20 * MS);
    vitrine_hash(v, hash);
    loads(v, "a.state");                        /* itself, back then */
    hash_is(v, then);
    sector_is(v, VITRINE_HDA, 77, 0x11);
    sector_is(v, VITRINE_HDA, 9999, 0);
    vitrine_free(v);
    for (int engine = VITRINE_FAST; engine <= VITRINE_STEP; engine++) {
        config.engine = (enum vitrine_engine)engine;
        v = make(&config);
        loads(v, "a.state");
        hash_is(v, then);
        sector_is(v, VITRINE_HDA, 77, 0x11);
        sector_is(v, VITRINE_HDA, 0, 'd');
        vitrine_run(v, 20 * MS);
        hash_is(v, hash);
        vitrine_free(v);
    }
    config.snapshot = false;                    /* in place, the file stays as it is, too */
    v = make(&config);
    loads(v, "a.state");
    write_sector(v, VITRINE_HDA, 78, 0x44);
    sector_is(v, VITRINE_HDA, 77, 0x11);
    vitrine_free(v);
    v = make(&config);
    sector_is(v, VITRINE_HDA, 77, 0);
    sector_is(v, VITRINE_HDA, 78, 0);
    vitrine_free(v);
}

static void other_machines_are_refused(void **state)
{
    struct vitrine_config config = config_of(*state), other;
    struct vitrine *v = make(&config);
    vitrine_run(v, MS);
    saves(v, "a.state");
    vitrine_free(v);
    static const char *const words[] = { "memory: expected 2M", "processor: expected max", "hda: expected disk", "drives move: expected fast",
                                         "clock: expected 1000000 kHz", "fdb: expected none", "firmware: expected" };
    for (size_t k = 0; k < ARRAY_LEN(words); k++) {
        u8 *bios = xcalloc(1, BIOS_SIZE);
        other = config;
        switch (k) {
        case 0: other.ram = 4 * VITRINE_MB; break;
        case 1: other.cpu = "486"; break;
        case 2: other.disk[0].file = NULL; break;
        case 3: other.real_drives = true; break;
        case 4: other.speed = "386/33", other.tick_cost = 0; break;
        case 5: other.floppy[1].file = "b.img"; break;
        case 6: other.bios.bytes = bios; break;
        }
        v = make(&other);
        vitrine_run(v, 2 * MS);
        refuses(v, "a.state", strchr(words[k], ':') + 2);
        vitrine_free(v);
        free(bios);
    }
    v = make(&config);
    refuses(v, "none.state", "cannot read none.state");
    refuses(v, "disk.img", "expected a saved state");
    vitrine_free(v);
}

static void other_media_are_refused(void **state)
{
    struct vitrine_config config = config_of(*state);
    struct vitrine *v = make(&config);
    vitrine_run(v, MS);
    saves(v, "a.state");
    vitrine_free(v);
    make_file("disk.img", DISK, 'e');
    v = make(&config);
    refuses(v, "a.state", "disk.img has changed");
    vitrine_free(v);
    make_file("disk.img", DISK, 'd');
    config.snapshot = false;
    v = make(&config);
    write_sector(v, VITRINE_HDA, 5, 1);         /* by the machine itself */
    refuses(v, "a.state", "disk.img has changed");
    write_sector(v, VITRINE_HDA, 5, 0);
    loads(v, "a.state");
    vitrine_free(v);
    make_file("a.img", FLOPPY, 'x');
    v = make(&config);
    refuses(v, "a.state", "a.img has changed");
    vitrine_free(v);
}

/* Another floppy is in the drive than then: the one that was is opened. */
static void floppies_are_found(void **state)
{
    struct vitrine_config config = config_of(*state), other;
    struct vitrine *v = make(&config);
    write_sector(v, VITRINE_FDA, 3, 0x77);
    vitrine_run(v, MS);
    saves(v, "a.state");
    assert_true(vitrine_insert(v, VITRINE_FDA, &(struct vitrine_medium) { .file = "b.img" }, false, NULL));
    saves(v, "b.state");                        /* on its way: it is in by then */
    vitrine_free(v);
    other = config;
    other.floppy[0].file = "b.img";
    v = make(&other);
    loads(v, "a.state");
    assert_string_equal(image_name(medium(v, VITRINE_FDA)), "a.img");
    sector_is(v, VITRINE_FDA, 0, 'a');
    sector_is(v, VITRINE_FDA, 3, 0x77);
    loads(v, "b.state");
    assert_string_equal(image_name(medium(v, VITRINE_FDA)), "b.img");
    sector_is(v, VITRINE_FDA, 0, 'b');
    assert_int_equal(rename("a.img", "elsewhere.img"), 0);      /* Windows keeps the name of a file in use that is removed */
    refuses(v, "a.state", "a.img");
    assert_string_equal(image_name(medium(v, VITRINE_FDA)), "b.img");
    assert_true(vitrine_insert(v, VITRINE_FDA, NULL, false, NULL));
    vitrine_run(v, vitrine_now(v) + MS);
    assert_null(medium(v, VITRINE_FDA));
    saves(v, "empty.state");
    loads(v, "b.state");
    loads(v, "empty.state");
    assert_null(medium(v, VITRINE_FDA));
    vitrine_free(v);
}

/* A state that is whole as a file and makes no sense: refused, and the machine goes on as if it had not been asked. */
static void nonsense_is_refused(void **state)
{
    struct vitrine_config config = config_of(*state);
    char why[200], hash[33];
    size_t n;
    struct pack p;
    struct vitrine *v = make(&config), *alone = make(&config);
    vitrine_run(v, MS);
    vitrine_run(alone, MS);
    saves(v, "a.state");
    u8 *file = (u8 *)file_text("a.state", 1 << 24, &n, NULL);
    assert_true(pack_open(&p, PACK_STATE, file, n, why, sizeof why) && pack_unpack(&p, 1 << 24, why, sizeof why));
    for (size_t cut = p.n - 1; cut > 1000; cut -= cut / 3) {
        FILE *out = fopen("cut.state", "wb");
        assert_true(pack_write(out, PACK_STATE, p.text, p.bytes, cut, why, sizeof why));
        fclose(out);
        refuses(v, "cut.state", "it ends at byte");
    }
    pack_close(&p);
    free(file);
    vitrine_run(v, 5 * MS);
    vitrine_run(alone, 5 * MS);
    vitrine_hash(alone, hash);
    hash_is(v, hash);
    vitrine_free(v);
    vitrine_free(alone);
}

static void outputs_are_kept_apart(void **state)
{
    struct vitrine_config config = config_of(*state);
    struct vitrine_error error;
    struct vitrine *v = make(&config);
    assert_false(vitrine_save_file(v, "disk.img", &error));
    says(error.text, "in use");
    assert_false(vitrine_save_file(v, "no/such/folder", &error));
    vitrine_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test_setup_teardown(goes_on, start, end),
        cmocka_unit_test_setup_teardown(other_machines_are_refused, start, end),
        cmocka_unit_test_setup_teardown(other_media_are_refused, start, end),
        cmocka_unit_test_setup_teardown(floppies_are_found, start, end),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, start, end),
        cmocka_unit_test_setup_teardown(outputs_are_kept_apart, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
