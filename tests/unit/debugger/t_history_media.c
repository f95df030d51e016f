/* t_history_media.c - floppies and CDs that come and go, and a way back to each moment: the machine and all media are what they were, on
 * the way back and forward again; in files, over files, in memory. And files that another program changes meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../cpu/cpu.h"
#include "../../../cpu/cpuid.h"
#include "../../../debugger/history/history.h"
#include "../../../iodev/board/pc.h"
#include "../../../iodev/image/image.h"
#include "../../../iodev/machine/device.h"
#include "../../support/scratch.h"
#include "../../support/share.h"

enum { BIOS_SIZE = 128 << 10, FLOPPY = 1440 << 10, HASH = 33, MOMENTS = 60, CD_DRIVE = PC_FLOPPIES + 2, FILES = 3 };

/* It counts in a sector of the floppy in drive A, and reads one of the CD: what a guest would do, in one go. */
struct user {
    struct device dev;
    struct timer timer;
    struct pc *pc;
    struct user_state { u32 floppies, cds; u8 sector[512], cd[2048]; } s;
};
static const struct field fields[] = {
    FIELD(struct user_state, floppies), FIELD(struct user_state, cds), FIELD(struct user_state, sector), FIELD(struct user_state, cd),
    FIELD_END
};
static const struct device_class user_class = {
    .name = "user", .title = "a user of drives", .size = sizeof(struct user), .state_offset = offsetof(struct user, s),
    .state_size = sizeof(struct user_state), .fields = fields,
};

struct bench {
    struct scratch scratch;
    u8 bios[BIOS_SIZE];
    struct image_host host;
    struct pc *pc;
    struct machine *m;
    struct control *control;
    struct history *history;
    struct image *known[100];           /* kept here, too, to look at what they hold */
    int count;
    u32 dice;
};

static u32 roll(struct bench *b, u32 n)
{
    b->dice = b->dice * 1103515245 + 12345;
    return (b->dice >> 8) % n;
}

static void fire(void *dev)
{
    struct user *d = dev;
    struct image *floppy = pc_image(d->pc, 0), *cd = pc_image(d->pc, CD_DRIVE);
    if (floppy && image_read(floppy, 8 * (1 + d->s.floppies % 3), 1, d->s.sector)) {
        put32(d->s.sector + 8, get32(d->s.sector + 8) + 1);
        image_write(floppy, 8 * (1 + d->s.floppies % 3), 1, d->s.sector);
        d->s.floppies++;
    }
    if (cd && image_read(cd, 0, 1, d->s.cd))
        d->s.cds++;
    timer_set(&d->timer, machine_now(d->dev.machine) + 700001);
}

static void make_file(const char *name, u8 first)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    for (int k = 0; k < FLOPPY / 512; k++) {
        u8 sector[512] = { first, (u8)k };
        assert_int_equal(fwrite(sector, 1, sizeof sector, f), sizeof sector);
    }
    fclose(f);
}

static int start(void **state)
{
    static const u8 code[] = { 0x31, 0xc0, 0x8e, 0xd8, 0xff, 0x06, 0x00, 0x05, 0xeb, 0xfa };     /* again: inc word [500h]; jmp again */
    static const u8 jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    struct bench *b = xcalloc(1, sizeof *b);
    char name[] = "a.img";
    memcpy(b->bios + BIOS_SIZE - 0x10000, code, sizeof code);
    memcpy(b->bios + BIOS_SIZE - 16, jump, sizeof jump);
    scratch_enter(&b->scratch);
    for (int k = 0; k < 2 * FILES; k++) {
        *name = (char)((k & 1 ? 'p' : 'a') + k / 2);
        make_file(name, (u8)*name);
    }
    *state = b;
    return 0;
}

static void machine_of(struct bench *b, u64 budget)
{
    char error[200];
    b->pc = pc_new(&(struct pc_config) {
        .machine = { .ram_size = 2 << 20, .model = cpu_model_find("max"), .tick_cost = 300 << 16 }, .bios = b->bios,
        .bios_size = BIOS_SIZE, .drive[2] = { .cd = true }, .fast_drives = true,
    }, error, sizeof error);
    assert_non_null(b->pc);
    b->m = pc_machine(b->pc);
    struct user *user = device_new(b->m, &user_class, "user");
    user->pc = b->pc;
    timer_init(b->m, &user->timer, "user.timer", fire, user);
    timer_set(&user->timer, 5);
    b->control = control_new(b->m);
    b->history = history_new(b->control, b->pc, budget);
    b->dice = 4711;
}

static void machine_end(struct bench *b)
{
    history_free(b->history);
    control_free(b->control);
    pc_free(b->pc);
    while (b->count)
        image_let_go(b->known[--b->count]);
}

static int end(void **state)
{
    struct bench *b = *state;
    scratch_leave(&b->scratch);
    free(b);
    return 0;
}

/* ---- what it is like ---- */

/* The machine, and what all media hold that were ever there: which they are, in the order of their coming, is the same on each way. */
struct moment { u64 insns; char hash[HASH]; };

static struct moment now_of(struct bench *b)
{
    struct hash h = { { 0, 0 } };
    struct moment now = { .insns = machine_insns(b->m) };
    u8 cluster[IMAGE_CLUSTER];
    machine_hash(b->m, &h);
    for (int k = 0; k < b->count; k++)
        for (u64 c = 0; c < 5; c++) {
            assert_true(image_peek(b->known[k], c, cluster));
            hash_bytes(&h, cluster, sizeof cluster);
        }
    hash_text(&h, now.hash);
    return now;
}

static void run(struct bench *b, u64 insns)
{
    control_set_limit(b->control, insns);
    control_go(b->control);
    assert_int_equal(machine_insns(b->m), insns);
}

static void enter(struct bench *b, int drive, struct image *image)
{
    if (image) {
        image_set_host(image, &b->host);
        image_keep(image);
        b->known[b->count++] = image;
    }
    machine_input(b->m, &(struct input_event) { .kind = INPUT_MEDIUM, .drive = (u8)drive, .force = 1, .image = image });
}

static struct image *medium(struct bench *b, enum image_kind kind, int flags)
{
    char name[] = "a.img", message[300] = "";
    *name = (char)((kind == IMAGE_CD ? 'p' : 'a') + roll(b, FILES));
    if (roll(b, 4) == 0)
        return image_new_memory("memory", kind, name, sizeof name);
    struct image *image = flags & IMAGE_SNAPSHOT || kind == IMAGE_CD ? NULL : image_open_again(&b->host, name, kind, message,
                                                                                                     sizeof message);
    image = image ? image : image_open(name, kind, flags, message, sizeof message);
    return image;                                       /* NULL: it is in the drive */
}

/* Another floppy, none, another CD, both at once; or nothing. */
static void change(struct bench *b, int flags)
{
    u32 how = roll(b, 6);
    if (how == 0 || how == 3)
        enter(b, 0, medium(b, IMAGE_FLOPPY, flags));
    if (how == 1)
        enter(b, 0, NULL);
    if (how == 2 || how == 3)
        enter(b, CD_DRIVE, roll(b, 3) ? medium(b, IMAGE_CD, flags) : NULL);
}

/* ---- there and back ---- */

static void is(struct bench *b, const struct moment *m, int count)
{
    struct moment now;
    int all = b->count;
    b->count = count;
    now = now_of(b);
    b->count = all;
    assert_int_equal(now.insns, m->insns);
    assert_string_equal(now.hash, m->hash);
}

static void comes_and_goes(void **state, int flags, u64 budget)
{
    struct bench *b = *state;
    struct moment moment[MOMENTS];
    int counts[MOMENTS];
    machine_of(b, budget);
    for (int k = 0; k < MOMENTS; k++) {
        change(b, flags);
        run(b, machine_insns(b->m) + 200 + roll(b, 20000));
        moment[k] = now_of(b);
        counts[k] = b->count;
        run(b, moment[k].insns + 1 + roll(b, 50));      /* what enters where it stands is there already when it comes again */
    }
    for (int way = 0; way < 40 / SHARE; way++) {
        int to = (int)roll(b, MOMENTS - 1);
        if (moment[to].insns >= machine_insns(b->m))
            run(b, moment[MOMENTS - 1].insns);
        if (moment[to].insns > history_view(b->history).first.insns && to < MOMENTS - 1) {      /* there itself it says BACK_BEGINNING */
            assert_int_equal(history_back(b->history, machine_insns(b->m) - moment[to].insns), BACK_THERE);
            is(b, &moment[to], counts[to]);
            int ahead = to + 1 + (int)roll(b, (u32)(MOMENTS - 1 - to));
            run(b, moment[ahead].insns);
            is(b, &moment[ahead], counts[ahead]);
        }
    }
    run(b, moment[MOMENTS - 1].insns + (machine_insns(b->m) == moment[MOMENTS - 1].insns));
    assert_true(history_view(b->history).bytes <= budget);
    machine_end(b);
}

static void in_files(void **state) { comes_and_goes(state, 0, HISTORY_BUDGET); }
static void over_files(void **state) { comes_and_goes(state, IMAGE_SNAPSHOT, HISTORY_BUDGET); }
static void in_little_room(void **state) { comes_and_goes(state, IMAGE_SNAPSHOT, 1 << 20); }

/* Another future from there, and the one before is forgotten with its media. */
static void another_future(void **state)
{
    struct bench *b = *state;
    machine_of(b, HISTORY_BUDGET);
    for (int k = 0; k < 30; k++) {
        change(b, 0);
        run(b, machine_insns(b->m) + 500 + roll(b, 9000));
        if (k % 3 == 2)
            assert_int_equal(history_back(b->history, roll(b, 9000)), BACK_THERE);
        if (k % 7 == 3) {
            struct moment now = now_of(b);
            int count = b->count;
            run(b, machine_insns(b->m) + 4000);
            assert_int_equal(history_back(b->history, 4000), BACK_THERE);
            is(b, &now, count);
        }
    }
    machine_end(b);
}

/* ---- another program ---- */

static void writes_to(const char *name)
{
    FILE *f = fopen(name, "a");
    assert_non_null(f);
    fputs("another program was here", f);
    fclose(f);
}

/* A floppy was in the drive from 1000 to 20000, and it is 60000 now; the file is free while it is out. */
static void had_a_floppy(struct bench *b)
{
    char message[300];
    machine_of(b, HISTORY_BUDGET);
    run(b, 1000);
    enter(b, 0, image_open("a.img", IMAGE_FLOPPY, 0, message, sizeof message));
    run(b, 20000);
    assert_null(image_open("a.img", IMAGE_FLOPPY, 0, message, sizeof message));
    enter(b, 0, NULL);
    run(b, 40000);
    run(b, 60000);
}

/* Who changes it then takes the past that leads to it, and no other. */
static void others_change_it(void **state)
{
    struct bench *b = *state;
    had_a_floppy(b);
    assert_int_equal(history_back(b->history, 59500), BACK_THERE);       /* nobody has, so far */
    run(b, 20000);
    run(b, 40000);
    run(b, 60000);
    image_let_go(b->known[--b->count]);
    writes_to("a.img");
    assert_int_equal(history_back(b->history, 20000), BACK_THERE);
    assert_int_equal(history_back(b->history, 39000), BACK_BEGINNING);
    assert_true(machine_insns(b->m) >= 20000);
    assert_string_equal(history_view(b->history).changed, "a.img");
    machine_end(b);
}

/* Whoever asks first. */
static void others_change_it_by_time(void **state)
{
    struct bench *b = *state;
    had_a_floppy(b);
    u64 early = history_view(b->history).first.ns + 1;
    writes_to("a.img");
    assert_int_equal(history_back_to_time(b->history, early), BACK_BEGINNING);
    assert_true(machine_insns(b->m) >= 20000);
    assert_string_equal(history_view(b->history).changed, "a.img");
    machine_end(b);
}

static void others_change_it_by_trail(void **state)
{
    struct bench *b = *state;
    struct trail_place place[TRAIL_PLACES];
    u32 n;
    u64 ns;
    had_a_floppy(b);
    writes_to("a.img");
    assert_int_equal(history_trail(b->history, UINT64_MAX, place, &n, &ns), BACK_THERE);
    assert_true(n > 1);
    assert_int_equal(machine_insns(b->m), 60000);
    assert_int_equal(history_back(b->history, 20000), BACK_THERE);
    machine_end(b);
}

/* Changed while the machine is in its past: what lies ahead ends where it would enter. */
static void others_change_what_enters(void **state)
{
    struct bench *b = *state;
    char message[300];
    machine_of(b, HISTORY_BUDGET);
    run(b, 20000);
    enter(b, 0, image_open("a.img", IMAGE_FLOPPY, 0, message, sizeof message));
    run(b, 40000);
    assert_int_equal(history_back(b->history, 30000), BACK_THERE);
    writes_to("a.img");
    run(b, 10001);
    assert_true(history_view(b->history).past);
    assert_int_equal(history_view(b->history).end.insns, 20000);
    run(b, 30000);
    assert_false(history_view(b->history).past);
    assert_null(pc_image(b->pc, 0));
    machine_end(b);
}

/* What another one would find room for is not taken by what lies at rest. */
static void room_is_the_guests(void **state)
{
    struct bench *b = *state;
    char message[300];
    machine_of(b, HISTORY_BUDGET);
    enter(b, 0, image_open("a.img", IMAGE_FLOPPY, IMAGE_SNAPSHOT, message, sizeof message));
    run(b, 20000);
    u64 bytes = b->host.overlay_bytes;
    assert_true(bytes > 0);
    enter(b, 0, image_open("b.img", IMAGE_FLOPPY, IMAGE_SNAPSHOT, message, sizeof message));
    run(b, 20001);
    assert_int_equal(b->host.overlay_bytes, 0);
    assert_int_equal(history_back(b->history, 1), BACK_THERE);
    assert_int_equal(b->host.overlay_bytes, bytes);
    machine_end(b);
    assert_int_equal(b->host.overlay_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_files, start, end),
        cmocka_unit_test_setup_teardown(over_files, start, end),
        cmocka_unit_test_setup_teardown(in_little_room, start, end),
        cmocka_unit_test_setup_teardown(another_future, start, end),
        cmocka_unit_test_setup_teardown(others_change_it, start, end),
        cmocka_unit_test_setup_teardown(others_change_it_by_time, start, end),
        cmocka_unit_test_setup_teardown(others_change_it_by_trail, start, end),
        cmocka_unit_test_setup_teardown(others_change_what_enters, start, end),
        cmocka_unit_test_setup_teardown(room_is_the_guests, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
