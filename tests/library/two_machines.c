/* two_machines.c - the library as a program finds it: of Vitrine's this program includes <vitrine.h> and nothing else.
 * Two machines at once, each in a thread, end as one alone does; errors are values; nothing is printed.
 *
 *   two_machines             the built-in program twice, and a firmware of this file's own
 *   two_machines FLOPPY      this FreeDOS floppy twice, to its prompt
 *
 * Exit code 77: skipped, and why. */
#include <vitrine.h>
#include "ours.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SKIPPED = 77 };

/* What the library printed would be found between these two. */
struct caught { int saved[2], ends[2]; };


static void begin_catching(struct caught *c)
{
    if (pipe(c->ends) || fcntl(c->ends[0], F_SETFL, O_NONBLOCK))
        exit(1);
    for (int k = 0; k < 2; k++) {
        c->saved[k] = dup(k + 1);
        dup2(c->ends[1], k + 1);
    }
    report = fdopen(dup(c->saved[1]), "w");
    setvbuf(report, NULL, _IONBF, 0);
}

static void end_catching(struct caught *c)
{
    char text[512];
    fflush(stdout);
    ssize_t n = read(c->ends[0], text, sizeof text - 1);
    if (n > 0) {
        text[n] = 0;
        fprintf(report, "the library printed: %s\n", text);
        _exit(1);
    }
}

/* Run, look, change, save, load. */
static void a_firmware_of_ours(void)
{
    struct heard serial = { "", 0 }, console = { "", 0 }, quiet = { "", 0 };
    struct vitrine_error error;
    uint8_t *bios = make_bios(), word[2] = { 0, 0 }, bytes[sizeof program], byte = 0x15;
    char hash[33], again[33];
    size_t n;
    uint64_t none;
    struct vitrine *v = bare(bios, &serial, &console);
    CHECK(vitrine_now(v) == 0 && vitrine_instructions(v) == 0);
    int here = vitrine_break_at(v, 0xf0000 + DONE);
    CHECK(vitrine_run(v, VITRINE_SECOND) == VITRINE_BREAKPOINT);
    CHECK(value(v, "cs.base") + value(v, "ip") == 0xf0000 + DONE);
    CHECK(!strcmp(console.text, "hello"));
    CHECK(vitrine_read_physical(v, 0x500, word, 2) && !word[0] && !word[1]);
    CHECK(vitrine_read_linear(v, 0xf0000, bytes, sizeof bytes) && !memcmp(bytes, program, sizeof bytes));
    CHECK(vitrine_write_physical(v, 0xf0000 + DONE + 1, "\x78\x56", 2));        /* mov ax, 5678h */
    CHECK(!vitrine_write_physical(v, 1ull << 35, "x", 1));
    CHECK(vitrine_run(v, vitrine_now(v) + 10 * MS) == VITRINE_TIME);            /* past the breakpoint, then it waits */
    CHECK(vitrine_read_physical(v, 0x500, word, 2) && word[0] == 0x78 && word[1] == 0x56);
    CHECK(!strcmp(serial.text, "hello"));
    vitrine_break_remove(v, here);
    CHECK(!vitrine_register(v, "no such", &none));
    CHECK(vitrine_set_register(v, "ebx", 0x12345678, &error) && value(v, "ebx") == 0x12345678 && value(v, "bl") == 0x78);
    CHECK(!vitrine_set_register(v, "cr0", 0x80000000, &error) && error.code == VITRINE_WRONG && *error.text);
    vitrine_hash(v, hash);
    uint8_t *saved = vitrine_save(v, &n);
    vitrine_serial_input(v, VITRINE_SERIALS, &byte, 1);          /* there is no such line, and nobody waits behind it */
    vitrine_serial_input(v, 4, &byte, 1);
    vitrine_serial_input(v, 0, &byte, 1);
    vitrine_limit_instructions(v, vitrine_instructions(v) + 3);
    CHECK(vitrine_run(v, VITRINE_FOREVER) == VITRINE_INSTRUCTIONS);
    vitrine_limit_instructions(v, UINT64_MAX);
    CHECK(vitrine_run(v, vitrine_now(v) + VITRINE_SECOND) == VITRINE_DEBUG_EXIT && vitrine_exit_code(v) == (0x15 << 1 | 1));
    vitrine_free(v);
    v = bare(bios, &quiet, &quiet);             /* it goes on there in another machine */
    CHECK(vitrine_load(v, saved, n, &error));
    vitrine_hash(v, again);
    CHECK(!strcmp(hash, again));
    vitrine_serial_input(v, 0, &byte, 1);
    CHECK(vitrine_run(v, VITRINE_FOREVER) == VITRINE_DEBUG_EXIT && vitrine_exit_code(v) == (0x15 << 1 | 1) && !quiet.n);
    CHECK(!vitrine_load(v, saved, n / 2, &error) && error.code == VITRINE_WRONG && *error.text);
    vitrine_release(saved);
    vitrine_free(v);
    free(bios);
}

/* ---- errors ---- */

static void refused(const struct vitrine_config *config, enum vitrine_code code, const char *where, const char *words)
{
    struct vitrine_error error;
    struct vitrine *v = vitrine_new(config, &error);
    if (v || error.code != code || strcmp(error.where, where) || !strstr(error.text, words))
        fprintf(report, "made: %d, code %d, where '%s', text '%s'\n", v != NULL, (int)error.code, error.where, error.text);
    CHECK(!v && error.code == code && !strcmp(error.where, where) && strstr(error.text, words));
    CHECK(!vitrine_new(config, NULL));
}

/* Numbers that no machine has. */
static void out_of_range(const struct vitrine_config *good)
{
    static const uint16_t chs[][3] = { { 16, 0, 63 }, { 16, 16, 0 }, { 16, 256, 1 }, { 16, 1, 64 }, { 16384, 1, 1 }, { 0, 16, 63 } };
    uint8_t *disk = calloc(20, VITRINE_MB);
    struct vitrine_config c = *good;
    c.tick_cost = (1u << 30) + 1;
    refused(&c, VITRINE_WRONG, "tick_cost", "at most 1073741824");
    c = *good;
    c.engine = (enum vitrine_engine)(VITRINE_STEP + 1);
    refused(&c, VITRINE_WRONG, "engine", "0 to 3");
    for (size_t k = 0; k < sizeof chs / sizeof *chs; k++) {
        c = *good;
        c.disk[0] = (struct vitrine_medium) { .bytes = disk, .size = 20 * VITRINE_MB, .cylinders = chs[k][0], .heads = chs[k][1],
                                              .sectors = chs[k][2] };
        refused(&c, VITRINE_WRONG, "hda", "1 to 16383 cylinders, 255 heads and 63 sectors");
    }
    free(disk);
}

/* What only makes sense with a kernel, or without one. */
static void kernels(const struct vitrine_config *good)
{
    struct vitrine_config c = *good;
    c.initrd = "initrd";
    refused(&c, VITRINE_WRONG, "initrd", "expected a kernel");
    c.initrd = NULL;
    c.append = "quiet";
    refused(&c, VITRINE_WRONG, "append", "expected a kernel");
    c = *good;
    c.kernel = "kernel";
    c.image.file = "image";
    refused(&c, VITRINE_WRONG, "kernel", "no IMAGE beside it");
}

static void errors_are_values(void)
{
    uint8_t *bios = make_bios();
    const struct vitrine_config good = {
        .size = sizeof good, .ram = 2 * VITRINE_MB, .bios = { .bytes = bios, .size = BIOS_SIZE }, .vgabios.file = "",
    };
    struct vitrine_config c = good;
    c.bios.size = 1000;
    refused(&c, VITRINE_WRONG, "bios", "a multiple of 64 KB");
    c = good;
    c.floppy[0].file = "no/such/file.img";
    refused(&c, VITRINE_WRONG, "fda", "no/such/file.img");
    c = good;
    c.ram = 64ull << 30;
    refused(&c, VITRINE_WRONG, "ram", "of RAM cannot be had");
    c = good;
    c.cpu = "z80";
    refused(&c, VITRINE_WRONG, "cpu", "z80");
    c = good;
    c.boot = "x";
    refused(&c, VITRINE_WRONG, "boot", "boot order: \"x\"");
    c = good;
    c.serial[0].dest = "nowhere";
    refused(&c, VITRINE_WRONG, "serial", "no destination 'nowhere'");
    c = good;
    c.log_classes = "nonsense";
    refused(&c, VITRINE_WRONG, "log", "nonsense");
    out_of_range(&good);
    kernels(&good);
    free(bios);
}

/* ---- two at once ---- */

struct task {
    struct vitrine_config config;
    const char *prompt, *typed, *then;          /* wait for a text, type one, wait for another; NULL: no more */
    char hash[33], screen[33];
    int frames;
    bool good;
};

static void count(void *to, const struct vitrine_frame *frame) { *(int *)to += frame->width > 0; }

static bool wait_for(struct vitrine *v, const char *text)
{
    uint64_t end = vitrine_now(v) + 60 * VITRINE_SECOND;
    while (!vitrine_screen_has(v, text))
        if (vitrine_now(v) >= end || vitrine_run(v, vitrine_now(v) + 100 * MS) != VITRINE_TIME)
            return false;
    return true;
}

static void *run_task(void *to)
{
    struct task *t = to;
    struct vitrine_error error;
    struct vitrine *v = vitrine_new(&t->config, &error);
    t->good = false;
    t->frames = 0;
    if (!v) {
        fprintf(report, "%s: %s\n", error.where, error.text);
        return NULL;
    }
    vitrine_on_frame(v, count, &t->frames, 50 * MS);
    t->good = wait_for(v, t->prompt) && vitrine_type(v, t->typed, &error) && wait_for(v, t->then);
    t->good &= !vitrine_type(v, "<mouse x>", &error) && error.code == VITRINE_WRONG;
    vitrine_hash(v, t->hash);
    vitrine_screen_hash(v, t->screen);
    vitrine_free(v);
    return NULL;
}

static void two_at_once(const struct task *what)
{
    struct task alone = *what, one = *what, other = *what;
    pthread_t thread[2];
    other.typed = "b";
    if (what->config.image.file)                /* a floppy of its own each: what is written is thrown away */
        other.typed = what->typed;
    run_task(&alone);
    CHECK(alone.good);
    CHECK(!pthread_create(&thread[0], NULL, run_task, &one) && !pthread_create(&thread[1], NULL, run_task, &other));
    CHECK(!pthread_join(thread[0], NULL) && !pthread_join(thread[1], NULL));
    CHECK(one.good && !strcmp(one.hash, alone.hash) && !strcmp(one.screen, alone.screen) && one.frames == alone.frames);
    CHECK(one.frames > 3);
    if (what->config.image.file)
        CHECK(other.good && !strcmp(other.hash, alone.hash));
    else
        CHECK(!other.good && strcmp(other.hash, alone.hash));   /* another key: another machine */
}

/* ---- stop ---- */

/* ---- what a front end asks ---- */

/* The built-in program's screen in cells says what it says in UTF-8, where it is plain. */
static void text_in_cells(struct vitrine *v)
{
    char all[16384];
    struct vitrine_text t;
    CHECK(vitrine_screen_text(v, all, sizeof all) < sizeof all);
    CHECK(vitrine_text(v, &t) && t.columns == 80 && t.rows == 25);
    CHECK(t.cursor_row < t.rows && t.cursor_column < t.columns);
    const char *line = all;
    for (int row = 0; row < t.rows; row++, line = strchr(line, '\n') + 1) {
        const char *p = line;
        for (int k = 0; k < t.columns && *p > ' ' && *p < 0x7f; k++, p++)
            CHECK(t.character[row * t.columns + k] == *p && t.attribute[row * t.columns + k]);
    }
}

static void frames(struct vitrine *v)
{
    static const uint64_t BLINK_NS = 266000000;  /* of the cursor: four of them, and it is as it was */
    struct vitrine_frame f, other;
    CHECK(vitrine_next_frame(v, &f) && f.width > 0 && f.height > 0 && !f.square);
    CHECK(!vitrine_next_frame(v, &f));          /* it is the same */
    vitrine_frame(v, &other);
    CHECK(vitrine_type(v, "b", NULL));
    vitrine_run(v, vitrine_now(v) + 4 * BLINK_NS);
    vitrine_frame(v, &other);                   /* who looks takes nothing from who waits for news */
    CHECK(vitrine_next_frame(v, &f) && f.width == other.width && f.height == other.height);
}

static void drives(struct vitrine *v)
{
    static uint8_t disk[1440 << 10];
    const struct vitrine_medium floppy = { .bytes = disk, .size = sizeof disk };
    struct vitrine_drive_state s;
    struct vitrine_error error;
    CHECK(vitrine_drive_state(v, VITRINE_FDA, &s) && s.kind == VITRINE_FLOPPY_DRIVE && s.full && !s.locked && !s.open);
    CHECK(!strcmp(s.name, "built-in") && s.accesses);
    CHECK(vitrine_drive_state(v, VITRINE_HDC, &s) && s.kind == VITRINE_CD_DRIVE && !s.full && !*s.name);
    CHECK(!vitrine_drive_state(v, VITRINE_HDA, &s) && s.kind == VITRINE_NO_DRIVE);
    CHECK(!vitrine_drive_state(v, VITRINE_DRIVES, &s) && s.kind == VITRINE_NO_DRIVE);
    CHECK(vitrine_insert(v, VITRINE_FDA, NULL, false, &error) && error.code == VITRINE_OK && !*error.text);
    vitrine_run(v, vitrine_now(v) + MS);
    CHECK(vitrine_drive_state(v, VITRINE_FDA, &s) && !s.full && !*s.name);
    CHECK(vitrine_insert(v, VITRINE_FDA, &floppy, false, &error));
    vitrine_run(v, vitrine_now(v) + MS);
    CHECK(vitrine_drive_state(v, VITRINE_FDA, &s) && s.full && !strcmp(s.name, "memory"));
    CHECK(!vitrine_insert(v, VITRINE_HDA, &floppy, false, &error) && error.code == VITRINE_WRONG);
    CHECK(!vitrine_insert(v, VITRINE_FDA, &(struct vitrine_medium) { .file = "no/such.img" }, false, &error));
    CHECK(error.code == VITRINE_WRONG && strstr(error.text, "no/such.img"));
}

static void pace(struct vitrine *v)
{
    struct vitrine_error error;
    uint64_t ticks = vitrine_ticks(v);
    CHECK(vitrine_tick_cost(v) == 65536);
    vitrine_set_tick_cost(v, 3 * 65536);
    vitrine_run(v, vitrine_now(v) + MS);
    CHECK(vitrine_tick_cost(v) == 3 * 65536 && vitrine_ticks(v) >= ticks);
    CHECK(vitrine_set_speed(v, "8088/4.77", &error));
    vitrine_run(v, vitrine_now(v) + MS);
    CHECK(vitrine_tick_cost(v) > 3 * 65536);
    CHECK(!vitrine_set_speed(v, "fast", &error) && error.code == VITRINE_WRONG && strstr(error.text, "'fast'"));
    CHECK(vitrine_set_speed(v, "max", &error));
    vitrine_run(v, vitrine_now(v) + MS);
    CHECK(vitrine_tick_cost(v) == 65536);
}

/* Back to an earlier moment: pictures come and keys are typed from there on. */
static void back_in_time(struct vitrine *v)
{
    struct vitrine_error error;
    int shown = 0;
    size_t n;
    uint8_t *saved = vitrine_save(v, &n);
    vitrine_on_frame(v, count, &shown, 0);
    CHECK(vitrine_type(v, "x", NULL));
    vitrine_run(v, vitrine_now(v) + 3 * VITRINE_SECOND);
    CHECK(vitrine_type(v, "y", NULL));
    vitrine_run(v, vitrine_now(v) + 12 * MS);   /* it is down */
    CHECK(vitrine_load(v, saved, n, &error));
    CHECK(vitrine_type(v, "q", NULL));
    shown = 0;
    vitrine_run(v, vitrine_now(v) + VITRINE_SECOND);
    CHECK(shown && !vitrine_typing(v));
    vitrine_on_frame(v, NULL, NULL, 0);
    vitrine_release(saved);
}

static void a_front_end(void)
{
    struct vitrine_error error;
    const struct vitrine_config config = { .size = sizeof config, .ram = 16 * VITRINE_MB };
    struct vitrine *v = vitrine_new(&config, &error);
    size_t n;
    CHECK(v);
    for (int k = 0; k < 100 && !vitrine_screen_has(v, "Keys"); k++)
        vitrine_run(v, vitrine_now(v) + 100 * MS);
    vitrine_run(v, vitrine_now(v) + VITRINE_SECOND);
    char *text = vitrine_state_text(v, &n);
    CHECK(text && strlen(text) == n && !strncmp(text, "[machine]\n", 10) && strstr(text, "\n[cpu]\n") && strstr(text, "\n[timers]\n"));
    vitrine_release(text);
    CHECK(vitrine_leds(v) < 8);
    uint64_t wakes = vitrine_sleeps_until(v);
    CHECK(!wakes || wakes > vitrine_now(v));
    text_in_cells(v);
    frames(v);
    drives(v);
    pace(v);
    back_in_time(v);
    vitrine_free(v);
}

static void *stop_soon(void *to)
{
    usleep(50000);
    vitrine_stop(to);
    return NULL;
}

static void another_thread_stops_it(void)
{
    struct heard none = { "", 0 };
    uint8_t *bios = make_bios();
    struct vitrine *v = bare(bios, &none, &none);
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, stop_soon, v));
    CHECK(vitrine_run(v, VITRINE_FOREVER) == VITRINE_STOPPED);
    CHECK(!pthread_join(thread, NULL));
    uint64_t now = vitrine_now(v);
    vitrine_stop(v);
    CHECK(vitrine_run(v, VITRINE_FOREVER) == VITRINE_STOPPED && vitrine_now(v) == now);
    CHECK(vitrine_run(v, now + MS) == VITRINE_TIME && vitrine_now(v) >= now + MS && vitrine_now(v) < now + 2 * MS);
    vitrine_free(v);
    free(bios);
}

/* ---- */

static void say(void *to, const char *text) { (void)to, (void)text; }

int main(int argc, char **argv)
{
    struct caught caught;
    struct vitrine_error error;
    struct task hello = { .config = { .size = sizeof hello.config, .ram = 16 * VITRINE_MB, .notice = say },
                          .prompt = "Keys", .typed = "a", .then = "a 1E" };
    struct task dos = { .config = { .size = sizeof dos.config, .ram = 16 * VITRINE_MB, .snapshot = true, .notice = say },
                        .prompt = "A:\\>", .typed = "ver\n", .then = "FreeCom version" };
    struct vitrine *v = vitrine_new(&hello.config, &error);
    if (!v) {
        printf("skipped: %s\n", error.text);
        return SKIPPED;
    }
    vitrine_free(v);
    if (argc > 1 && access(argv[1], R_OK)) {
        printf("skipped: %s is missing; set VITRINE_GUESTS to a folder that has it\n", argv[1]);
        return SKIPPED;
    }
    begin_catching(&caught);
    if (argc > 1) {
        dos.config.image.file = argv[1];
        two_at_once(&dos);
    } else {
        a_firmware_of_ours();
        going_on();
        errors_are_values();
        another_thread_stops_it();
        a_front_end();
        two_at_once(&hello);
    }
    end_catching(&caught);
    return 0;
}
