/* t_recording.c - a run that was recorded runs again as it was, in every engine, with everything that entered it; what is no beginning of it is
 * refused, a run that leaves it is found, and nothing else enters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../support/scratch.h"
#include "../../support/share.h"
#include "../../../host/file.h"
#include "../../../iodev/image/image.h"
#include "../../../iodev/machine/keep.h"
#include "../../../iodev/saved/pack.h"
#include "../../../iodev/session/inner.h"

enum { BIOS_SIZE = 128 << 10, FLOPPY = 1440 << 10 };
static const u64 MS = 1000000;

struct bench {
    struct scratch scratch;
    char said[1000];
    u8 bios[BIOS_SIZE];
};

static void hear(void *to, const char *text)
{
    struct bench *b = to;
    snprintf(b->said + strlen(b->said), sizeof b->said - strlen(b->said), "%s\n", text);
}

static void make_file(const char *name, u8 first)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    fputc(first, f);
    assert_int_equal(fseek(f, FLOPPY - 1, SEEK_SET), 0);
    fputc(0, f);
    fclose(f);
}

/* What the keyboard says is added up: xor ax, ax; mov ds, ax; again: in al, 60h; add [502h], al; inc word [500h]; jmp again. */
static int start(void **state)
{
    static const u8 code[] = { 0x31, 0xc0, 0x8e, 0xd8, 0xe4, 0x60, 0x00, 0x06, 0x02, 0x05, 0xff, 0x06, 0x00, 0x05, 0xeb, 0xf4 };
    static const u8 jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    struct bench *b = xcalloc(1, sizeof *b);
    memcpy(b->bios + BIOS_SIZE - 0x10000, code, sizeof code);
    memcpy(b->bios + BIOS_SIZE - 16, jump, sizeof jump);
    scratch_enter(&b->scratch);
    make_file("a.img", 'a');
    make_file("b.img", 'b');
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
        .size = sizeof(struct vitrine_config), .ram = 2 * VITRINE_MB, .tick_cost = 300 << 16, .bios = { NULL, b->bios, BIOS_SIZE },
        .vgabios.file = "", .floppy[0].file = "a.img", .snapshot = true, .notice = hear, .to = b,
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

static void writes(struct vitrine *v, const char *file)
{
    struct vitrine_error error = { .text = "" };
    FILE *f = fopen(file, "wb");
    if (!vitrine_write_recording(v, f, &error))
        fail_msg("%s", error.text);
    fclose(f);
}

static void replays(struct vitrine *v, const char *file)
{
    struct vitrine_error error = { .text = "" };
    if (!vitrine_replay(v, file, &error))
        fail_msg("%s", error.text);
}

static void says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("'%s', expected '%s' in it", text, words);
}

/* Everything that can enter, at odd moments, some at the same; and in the middle of it a long time in which nothing does. */
static void live(struct vitrine *v)
{
    vitrine_key(v, 4, true);                            /* before the first instruction */
    vitrine_run(v, MS / 3);
    vitrine_key(v, 4, false);
    vitrine_key(v, 5, true);
    vitrine_mouse_move(v, 3, -2, 1);
    vitrine_mouse_buttons(v, 1);
    vitrine_run(v, 12 * MS + 345);
    vitrine_set_tick_cost(v, 77777);
    vitrine_serial_input(v, 0, (const u8 *)"serial", 6);
    vitrine_run(v, vitrine_now(v) + 1);
    vitrine_set_tick_cost(v, 7777777);
    vitrine_run(v, 400 * MS);
    assert_true(vitrine_insert(v, VITRINE_FDA, &(struct vitrine_medium) { .file = "b.img" }, false, NULL));
    assert_true(vitrine_type(v, "abc", NULL));
    vitrine_run(v, 700 * MS);
    assert_true(vitrine_insert(v, VITRINE_FDA, NULL, false, NULL));
    vitrine_run(v, 710 * MS);
    assert_true(vitrine_insert(v, VITRINE_FDA, &(struct vitrine_medium) { .file = "a.img" }, false, NULL));
    assert_true(vitrine_set_speed(v, "386/33", NULL));
    vitrine_run(v, 720 * MS);
    vitrine_reset(v);
    vitrine_run(v, 733 * MS + 7);
}

static void record(struct bench *b, char hash[33])
{
    struct vitrine_config config = config_of(b);
    struct vitrine *v = make(&config), *alone = make(&config);
    char other[33];
    assert_true(vitrine_record(v, NULL));
    live(v);
    writes(v, "a.run");
    vitrine_hash(v, hash);
    live(alone);                                        /* and recording it changes nothing */
    vitrine_hash(alone, other);
    assert_string_equal(other, hash);
    vitrine_free(alone);
    vitrine_free(v);
}

static void runs_again(void **state)
{
    struct bench *b = *state;
    struct vitrine_config config = config_of(b);
    char hash[33], again[33];
    record(b, hash);
    for (int engine = VITRINE_FAST; engine <= VITRINE_STEP; engine++) {
        config.engine = (enum vitrine_engine)engine;
        struct vitrine *v = make(&config);
        struct vitrine_error error;
        *b->said = 0;
        replays(v, "a.run");
        assert_false(vitrine_type(v, "x", &error));
        says(error.text, "nothing else enters");
        assert_false(vitrine_insert(v, VITRINE_FDA, NULL, false, &error));
        for (u64 k = 1; machine_replays(vitrine_machine(v)); k++) {      /* in pieces, with keys that nobody is to see */
            vitrine_run(v, k * 17 * MS + k);
            if (machine_replays(vitrine_machine(v)))
                vitrine_key(v, 9, k & 1);
        }
        says(b->said, "in the state that it had");
        vitrine_hash(v, again);
        assert_string_equal(again, hash);
        assert_false(vitrine_replay_left(v, true));
        vitrine_free(v);
    }
}

/* Behind its end it is a run of its own. */
static void goes_on_by_itself(void **state)
{
    struct bench *b = *state;
    struct vitrine_config config = config_of(b);
    char hash[33], again[33];
    record(b, hash);
    struct vitrine *v = make(&config);
    replays(v, "a.run");
    assert_int_equal(vitrine_run(v, 2000 * MS), VITRINE_STOPPED);
    vitrine_hash(v, again);
    assert_string_equal(again, hash);
    assert_true(vitrine_type(v, "x", NULL));
    assert_int_equal(vitrine_run(v, 800 * MS), VITRINE_TIME);
    assert_int_equal(vitrine_typing(v), 0);
    vitrine_free(v);
}

static void refuses(const struct vitrine_config *config, const char *file, const char *words)
{
    struct vitrine_error error = { .text = "" };
    struct vitrine *v = make(config);
    assert_false(vitrine_replay(v, file, &error));
    says(error.text, words);
    assert_true(vitrine_type(v, "x", NULL));            /* it is a machine as any other */
    assert_int_equal(vitrine_run(v, 3 * MS), VITRINE_TIME);
    vitrine_free(v);
}

static void others_are_refused(void **state)
{
    struct bench *b = *state;
    struct vitrine_config config = config_of(b), other = config;
    char hash[33];
    record(b, hash);
    other.ram = 4 * VITRINE_MB;
    refuses(&other, "a.run", "memory: expected 2M");
    other = config;
    other.rtc_given = true;
    other.rtc = 1000;
    refuses(&other, "a.run", "another state where it begins");
    other = config;
    other.no_reboot = true;
    refuses(&other, "a.run", "-no-reboot");
    refuses(&config, "none.run", "cannot read");
    refuses(&config, "a.img", "expected a recorded run");
    make_file("b.img", 'x');                            /* the one that enters later */
    refuses(&config, "a.run", "b.img has changed since");
    make_file("b.img", 'b');
    make_file("a.img", 'x');
    refuses(&config, "a.run", "record with -snapshot");
    make_file("a.img", 'a');
    struct vitrine *v = make(&config);
    replays(v, "a.run");
    vitrine_free(v);                                    /* with all that has not entered */
}

/* A run that is not that one is found, and where. */
static void another_run_is_found(void **state)
{
    struct bench *b = *state;
    struct vitrine_config config = config_of(b);
    char hash[33];
    record(b, hash);
    for (int how = 0; how < 3; how++) {
        struct vitrine *v = make(&config);
        u8 nop[2] = { 0x90, 0x90 };
        *b->said = 0;
        replays(v, "a.run");
        vitrine_run(v, 200 * MS);
        switch (how) {
        case 0: assert_true(vitrine_set_register(v, "ebx", 5, NULL)); break;
        case 1: assert_true(vitrine_write_physical(v, 0x600, nop, 2)); break;
        case 2: assert_true(vitrine_write_physical(v, 0xf000a, nop, 2)); break;
        }
        assert_int_equal(vitrine_run(v, 2000 * MS), VITRINE_STOPPED);
        says(b->said, how == 1 ? "it ends in another state" : "leaves the recording between instruction");
        if (how == 0)
            assert_true(vitrine_now(v) < 300 * MS);     /* not only at the end */
        assert_true(vitrine_replay_left(v, false));
        vitrine_free(v);
    }
}

/* Whole as a file, and nonsense: refused, or the run leaves it. */
static void nonsense_is_survived(void **state)
{
    struct bench *b = *state;
    struct vitrine_config config = config_of(b);
    char hash[33], why[200];
    struct pack p;
    size_t n;
    record(b, hash);
    u8 *file = (u8 *)file_text("a.run", 1 << 20, &n, NULL);
    assert_true(pack_open(&p, PACK_RECORDING, file, n, why, sizeof why) && pack_unpack(&p, 1 << 20, why, sizeof why));
    u32 dice = 12345;
    for (int k = 0; k < 150 / SHARE; k++) {
        dice = dice * 1103515245 + 12345;
        size_t at = (dice >> 8) % p.n, cut = k % 10 ? p.n : at;
        u8 was = p.bytes[at];
        p.bytes[at] = k & 1 ? 0xff : (u8)(was ^ 1 << (dice & 7));
        FILE *out = fopen("b.run", "wb");
        assert_true(pack_write(out, PACK_RECORDING, p.text, p.bytes, cut, why, sizeof why));
        fclose(out);
        p.bytes[at] = was;
        struct vitrine *v = make(&config);
        struct vitrine_error error = { .text = "" };
        *b->said = 0;
        if (!vitrine_replay(v, "b.run", &error))
            assert_true(*error.text);
        else
            vitrine_run(v, 1000 * MS);
        vitrine_free(v);
    }
    pack_close(&p);
    free(file);
}

/* From a state, too; and no other state while it lasts. */
static void from_a_state(void **state)
{
    struct bench *b = *state;
    struct vitrine_config config = config_of(b);
    struct vitrine_error error;
    char hash[33], again[33];
    struct vitrine *v = make(&config);
    vitrine_run(v, 5 * MS);
    assert_true(vitrine_save_file(v, "a.state", NULL));
    assert_true(vitrine_record(v, NULL));
    assert_false(vitrine_record(v, &error));
    assert_false(vitrine_load_file(v, "a.state", &error));
    says(error.text, "recorded");
    vitrine_key(v, 7, true);
    vitrine_run(v, 9 * MS);
    vitrine_hash(v, hash);
    writes(v, "b.run");
    vitrine_free(v);
    refuses(&config, "b.run", "another state where it begins");
    v = make(&config);
    assert_true(vitrine_load_file(v, "a.state", NULL));
    replays(v, "b.run");
    assert_int_equal(vitrine_run(v, 20 * MS), VITRINE_STOPPED);
    vitrine_hash(v, again);
    assert_string_equal(again, hash);
    vitrine_free(v);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(runs_again), TEST(goes_on_by_itself), TEST(others_are_refused), TEST(another_run_is_found), TEST(nonsense_is_survived),
        TEST(from_a_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
