/* t_desk.c - what a person asks for at the desk reaches the machine: media with their change line and unit attention, reset,
 * power button, pause, pasted text, screenshots. On a whole board whose processor runs in a circle.
 * Follows: 82077AA data sheet, "Digital Input Register"; SFF-8020i, "Unit Attention Condition"; ATA/ATAPI-6, PACKET. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../cpu/cpuid.h"
#include "../../../gui/session/commands.h"
#include "../../../gui/png.h"
#include "../../../iodev/session/typist.h"
#include "../../../iodev/session/inner.h"
#include "../../../iodev/image/image.h"
#include "../../support/scratch.h"

enum { BIOS_SIZE = 128 << 10, FLOPPY = 1440 << 10, CD_BYTES = 100 * 2048, SECTOR = 512 };
static const u64 MS = 1000000;

struct bench {
    struct scratch scratch;
    struct options options;
    struct setup setup;
    struct vitrine_config config;
    struct gui_link *link;
    struct vitrine *v;
    struct pc *pc;                      /* its insides */
    struct machine *m;
    struct commands *commands;
    struct typist *typist;
    char status[256];
    u64 seen;
    u64 now;
};

static void make_file(const char *name, u64 bytes, u8 first)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputc(first, f);
    assert_int_equal(fseek(f, (long)bytes - 1, SEEK_SET), 0);
    fputc(0, f);
    fclose(f);
}

/* An ISO 9660 volume descriptor where one is looked for. */
static void make_cd(const char *name)
{
    make_file(name, CD_BYTES, 0);
    FILE *f = fopen(name, "r+");
    assert_non_null(f);
    fseek(f, 16 * 2048, SEEK_SET);
    fwrite("\1CD001\1", 1, 7, f);
    fclose(f);
}

static void list(struct bench *b, enum media_drive drive, const char *text)
{
    char error[200];
    struct media_list *media = &b->setup.media[drive];
    media->n = drive_parse(text, media->file, DRIVE_FILES, error, sizeof error);
    assert_true(media->n > 0);
}

static void make_machine(struct bench *b)
{
    struct vitrine_error error;
    b->v = vitrine_new(&b->config, &error);
    if (!b->v)
        fail_msg("%s", error.text);
    b->pc = vitrine_pc(b->v);
    b->m = vitrine_machine(b->v);
    b->commands = commands_new(&b->options, &b->setup, b->link, b->v);
    b->typist = typist_new(b->m, link_strokes(b->link));
}

static int start(void **state)
{
    static u8 bios[BIOS_SIZE];
    struct bench *b = xcalloc(1, sizeof *b);
    for (int k = 0; k < BIOS_SIZE; k += 2)
        bios[k] = 0xeb, bios[k + 1] = 0xfe;                 /* jmp $ */
    scratch_enter(&b->scratch);
    make_file("a.img", FLOPPY, 'a');
    make_file("b.img", FLOPPY, 'b');
    make_file("disk.img", 8 << 20, 0);
    make_cd("x.iso");
    make_cd("y.iso");
    list(b, MEDIA_FDA, "a.img,b.img");
    list(b, MEDIA_CD, "x.iso,y.iso");
    b->config = (struct vitrine_config) {
        .size = sizeof b->config, .ram = 2 * VITRINE_MB, .tick_cost = 1000 * TICK_COST_1_NS, .bios = { NULL, bios, BIOS_SIZE },
        .vgabios.file = "", .floppy[0].file = "a.img", .cdrom.file = "x.iso", .real_drives = true,
    };
    b->link = link_new();
    make_machine(b);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    commands_free(b->commands);
    typist_free(b->typist);
    vitrine_free(b->v);
    link_free(b->link);
    scratch_leave(&b->scratch);
    free(b);
    return 0;
}

/* ---- the machine's side ---- */

/* One round of the session: commands, then a slice of a millisecond. */
static enum machine_stop run(struct bench *b, u64 ms)
{
    enum machine_stop stop = STOP_DEADLINE;
    while (ms-- && stop == STOP_DEADLINE) {
        commands_take(b->commands);
        if (!commands_paused(b->commands))
            typist_poll(b->typist);
        b->now += MS;
        stop = machine_run(b->m, b->now);
    }
    return stop;
}

static u8 in8(struct bench *b, u16 port) { return (u8)space_read(machine_ports(b->m), port, 1); }
static void out8(struct bench *b, u16 port, u8 v) { space_write(machine_ports(b->m), port, v, 1); }

static const char *said(struct bench *b)
{
    link_take_status(b->link, b->status, sizeof b->status, &b->seen);
    return b->status;
}

static void says(struct bench *b, const char *words)
{
    if (!strstr(said(b), words))
        fail_msg("the status is '%s', expected '%s' in it", b->status, words);
}

static const char *medium(struct bench *b, int drive)
{
    struct pc_medium now;
    assert_true(pc_medium(b->pc, drive, &now));
    return now.image ? image_name(now.image) : "";
}

static bool change_line(struct bench *b) { return in8(b, 0x3f7) & 0x80; }

/* Select drive A with its motor on and step the heads: that clears the change line if a floppy is in. */
static void step_heads(struct bench *b)
{
    static const u8 seek[2][3] = { { 0x0f, 0, 3 }, { 0x0f, 0, 1 } };
    out8(b, 0x3f2, 0x1c);
    run(b, 5);
    for (int s = 0; s < 2; s++) {
        for (int k = 0; k < 3; k++)
            out8(b, 0x3f5, seek[s][k]);
        run(b, 1200);
        out8(b, 0x3f5, 0x08);
        in8(b, 0x3f5);
        in8(b, 0x3f5);
    }
}

static void floppies(void **state)
{
    struct bench *b = *state;
    step_heads(b);
    assert_false(change_line(b));
    link_command(b->link, COMMAND_NEXT, 0, NULL);
    assert_string_equal(medium(b, 0), "a.img");             /* nothing happens outside of the machine's thread */
    run(b, 1);
    assert_string_equal(medium(b, 0), "b.img");
    says(b, "floppy drive A: b.img");
    assert_true(change_line(b));
    step_heads(b);
    assert_false(change_line(b));
    link_command(b->link, COMMAND_EJECT, 0, NULL);
    run(b, 1);
    assert_string_equal(medium(b, 0), "");
    assert_true(change_line(b));
    step_heads(b);
    assert_true(change_line(b));                            /* no floppy: it stays */
    link_insert_listed(b->link, 0, 0);
    run(b, 1);
    assert_string_equal(medium(b, 0), "a.img");
    link_insert_listed(b->link, 0, 0);
    run(b, 1);
    says(b, "already");
    link_command(b->link, COMMAND_NEXT, 1, NULL);
    run(b, 1);
    says(b, "no floppy drive B");
}

static void refused_media(void **state)
{
    struct bench *b = *state;
    link_command(b->link, COMMAND_INSERT, 0, "absent.img");
    run(b, 1);
    says(b, "absent.img");
    assert_string_equal(medium(b, 0), "a.img");             /* what was in stays in */
    link_command(b->link, COMMAND_INSERT, 2, "a.img");      /* hda: there is none */
    run(b, 1);
    says(b, "expected a drive whose medium can be changed");
    link_insert_listed(b->link, 0, 5);
    run(b, 1);
    says(b, "expected a file of the drive's list");
}

static void dropped(void **state)
{
    struct bench *b = *state;
    link_command(b->link, COMMAND_DROP, 0, "y.iso");
    run(b, 1);
    assert_string_equal(medium(b, 4), "y.iso");
    make_file("c.img", FLOPPY, 0xeb);
    link_command(b->link, COMMAND_DROP, 0, "c.img");
    run(b, 1);
    assert_string_equal(medium(b, 0), "c.img");
    says(b, "a 1440K floppy");                              /* and why it went there */
    FILE *f = fopen("c.img", "r+");                         /* the guest makes it look like another format: it was a floppy, and is one */
    fputs("QFI\xfb", f);
    fclose(f);
    link_command(b->link, COMMAND_NEXT, 0, NULL);           /* it is in the list now */
    run(b, 1);
    assert_string_equal(medium(b, 0), "a.img");
    link_insert_listed(b->link, 0, 2);
    run(b, 1);
    assert_string_equal(medium(b, 0), "c.img");
    link_command(b->link, COMMAND_DROP, 0, "nothing.img");
    run(b, 1);
    says(b, "nothing.img");
}

/* ---- the CD drive's side: TEST UNIT READY and REQUEST SENSE by PIO on the secondary channel ---- */

static void wait_not_busy(struct bench *b)
{
    for (int k = 0; k < 100 && in8(b, 0x376) & 0x80; k++)
        run(b, 1);
    assert_false(in8(b, 0x376) & 0x80);
}

static u8 packet(struct bench *b, const u8 bytes[12])
{
    out8(b, 0x176, 0);
    out8(b, 0x171, 0);
    out8(b, 0x174, 0);
    out8(b, 0x175, 2);
    out8(b, 0x177, 0xa0);
    wait_not_busy(b);
    for (int k = 0; k < 12; k += 2)
        space_write(machine_ports(b->m), 0x170, (u64)(bytes[k] | bytes[k + 1] << 8), 2);
    wait_not_busy(b);
    return in8(b, 0x177);
}

/* Sense key and additional code of TEST UNIT READY; 0 when it is ready. */
static int unit_ready(struct bench *b)
{
    static const u8 test[12] = { 0 }, sense[12] = { 3, 0, 0, 0, 18 };
    u8 answer[18];
    if (!(packet(b, test) & 1))
        return 0;
    packet(b, sense);
    for (int k = 0; k < 18; k += 2) {
        u64 v = space_read(machine_ports(b->m), 0x170, 2);
        answer[k] = (u8)v, answer[k + 1] = (u8)(v >> 8);
    }
    wait_not_busy(b);
    return (answer[2] & 15) << 8 | answer[12];
}

/* The same once the drive has spun up: 2/04 until then. */
static int settled(struct bench *b)
{
    int sense = unit_ready(b);
    for (int k = 0; k < 100 && sense == 0x204; k++) {
        run(b, 200);
        sense = unit_ready(b);
    }
    return sense;
}

static void compact_discs(void **state)
{
    struct bench *b = *state;
    static const u8 prevent[12] = { 0x1e, 0, 0, 0, 1 }, event[12] = { 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8 };
    out8(b, 0x376, 2);
    space_write(machine_ports(b->m), 0xcf8, 0x80000904, 4);     /* the IDE function answers its ports */
    space_write(machine_ports(b->m), 0xcfc, 5, 2);
    space_write(machine_ports(b->m), 0xcf8, 0x80000940, 4);
    space_write(machine_ports(b->m), 0xcfc, 0x80008000, 4);
    assert_int_equal(settled(b), 0x629);                 /* power on */
    assert_int_equal(settled(b), 0);
    link_command(b->link, COMMAND_NEXT, 4, NULL);
    run(b, 1);
    assert_string_equal(medium(b, 4), "y.iso");
    assert_int_equal(settled(b), 0x628);                 /* the medium may have changed, once */
    assert_int_equal(settled(b), 0);
    assert_false(packet(b, prevent) & 1);
    link_command(b->link, COMMAND_EJECT, 4, NULL);
    run(b, 1);
    says(b, "locked");
    assert_string_equal(medium(b, 4), "y.iso");
    packet(b, event);
    u8 answer[8];
    for (int k = 0; k < 8; k += 2) {
        u64 v = space_read(machine_ports(b->m), 0x170, 2);
        answer[k] = (u8)v, answer[k + 1] = (u8)(v >> 8);
    }
    wait_not_busy(b);
    assert_int_equal(answer[4] & 15, 1);                    /* EjectRequest: the guest hears of the button */
    link_command(b->link, COMMAND_EJECT, 4, NULL);          /* asked again */
    run(b, 1);
    assert_string_equal(medium(b, 4), "");
    settled(b);
    assert_int_equal(settled(b), 0x23a);
}

static void buttons(void **state)
{
    struct bench *b = *state;
    struct space *ports = machine_ports(b->m);
    space_write(ports, 0xcf8, 0x80000b04, 4);               /* the PM function's registers at port 600 */
    space_write(ports, 0xcfc, 1, 2);
    space_write(ports, 0xcf8, 0x80000b40, 4);
    space_write(ports, 0xcfc, 0x601, 4);
    space_write(ports, 0xcf8, 0x80000b80, 4);
    space_write(ports, 0xcfc, 1, 1);
    out8(b, 0x3f2, 0x1c);
    link_command(b->link, COMMAND_PAUSE, 0, NULL);
    commands_take(b->commands);
    assert_true(commands_paused(b->commands));
    says(b, "paused");
    link_command(b->link, COMMAND_POWER, 0, NULL);          /* who presses a button wants to see what it does */
    commands_take(b->commands);
    assert_false(commands_paused(b->commands));
    assert_false(in8(b, 0x601) & 1);                        /* PWRBTN_STS */
    run(b, 1);
    assert_true(in8(b, 0x601) & 1);
    link_command(b->link, COMMAND_RESET, 0, NULL);
    assert_int_equal(run(b, 1), STOP_DEADLINE);
    says(b, "reset");
    out8(b, 0x70, 0x0f);
    assert_int_equal(in8(b, 0x3f2) & 4, 0);                 /* the floppy controller's DOR after a reset */
}

/* With -no-reboot the reset button ends the run, as every reset does. */
static void reset_ends(void **state)
{
    struct bench *b = *state;
    commands_free(b->commands);
    typist_free(b->typist);
    vitrine_free(b->v);
    b->config.no_reboot = true;
    make_machine(b);
    link_command(b->link, COMMAND_RESET, 0, NULL);
    assert_int_equal(run(b, 1), STOP_RESET);
}

static void screenshots(void **state)
{
#ifndef HAVE_PNG
    skip();
#endif
    struct bench *b = *state;
    struct frame f = { 0 };
    struct stat s;
    char error[200];
    make_file("vitrine-001.png", 3, 'x');
    link_command(b->link, COMMAND_SCREENSHOT, 0, NULL);
    link_command(b->link, COMMAND_SCREENSHOT, 0, NULL);
    commands_take(b->commands);
    assert_int_equal(stat("vitrine-001.png", &s), 0);
    assert_int_equal(s.st_size, 3);                         /* not written over */
    says(b, "vitrine-003.png");
    assert_true(png_read("vitrine-002.png", &f, error, sizeof error));
    assert_true(f.width > 0);
    frame_free(&f);
}

static void states(void **state)
{
    struct bench *b = *state;
    char then[33], now[33];
    vitrine_hash(b->v, then);
    make_file("vitrine-001.state", 3, 'x');
    link_command(b->link, COMMAND_SAVE, 0, NULL);
    commands_take(b->commands);
    says(b, "kept: vitrine-002.state");
    run(b, 3);
    link_command(b->link, COMMAND_LOAD, 0, "vitrine-001.state");
    commands_take(b->commands);
    says(b, "expected a saved state");
    vitrine_hash(b->v, now);
    assert_string_not_equal(now, then);
    link_command(b->link, COMMAND_LOAD, 0, "vitrine-002.state");
    commands_take(b->commands);
    says(b, "gone on from vitrine-002.state");
    vitrine_hash(b->v, now);
    assert_string_equal(now, then);
}

/* ---- typing ---- */

static void poke16(struct bench *b, u64 at, u16 v) { space_write(machine_memory(b->m), at, v, 2); }

/* The BIOS's buffer with so many keys in it. */
static void bios_buffer(struct bench *b, int keys)
{
    poke16(b, 0x480, 0x1e);
    poke16(b, 0x482, 0x3e);
    poke16(b, 0x41a, 0x1e);
    poke16(b, 0x41c, (u16)(0x1e + 2 * keys));
}

/* As a BIOS leaves the controller: translated, the keyboard on. */
static void keyboard_on(struct bench *b)
{
    u8 seen = 0;
    out8(b, 0x64, 0xaa);
    run(b, 20);
    in8(b, 0x60);
    out8(b, 0x64, 0x60);
    run(b, 2);
    out8(b, 0x60, 0x40);
    run(b, 1000);
    out8(b, 0x60, 0xf4);
    for (int k = 0; k < 50 && seen != 0xfa; k++) {          /* the keyboard's own test may be told before */
        run(b, 10);
        if (in8(b, 0x64) & 1)
            seen = in8(b, 0x60);
    }
    assert_int_equal(seen, 0xfa);
}

/* Reads the keyboard as a guest does; the make codes of letters of set 1, shifted ones in capitals, go to text. */
static void read_keys(struct bench *b, char *text, u64 ms)
{
    static const char rows[] = "\0\0001234567890-=\0\0qwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0\0\0 ";
    static bool shift;
    size_t n = strlen(text);
    for (u64 k = 0; k < ms; k++) {
        run(b, 1);
        u8 status = in8(b, 0x64);
        if (!(status & 1))
            continue;
        u8 code = in8(b, 0x60);
        if (status & 0x20)
            continue;                                       /* the mouse's own test */
        if ((code & 0x7f) == 0x2a || (code & 0x7f) == 0x36)
            shift = !(code & 0x80);
        else if (!(code & 0x80) && code < sizeof rows && rows[code])
            text[n++] = (char)(shift && rows[code] >= 'a' ? rows[code] - 32 : rows[code]);
        text[n] = 0;
    }
}

static void pasted(void **state)
{
    struct bench *b = *state;
    static char text[2000], got[2000];
    *text = *got = 0;
    for (int k = 0; k < 40; k++)
        strcat(text, "The quick brown fox, ");
    strcat(text, "\r\nend");
    keyboard_on(b);
    bios_buffer(b, 0);
    link_command(b->link, COMMAND_PASTE, 0, text);
    link_command(b->link, COMMAND_PASTE, 0, "\xc3\xa9!");         /* e acute has no key */
    read_keys(b, got, 40000);
    memmove(strchr(text, '\r'), strchr(text, '\n'), strlen(strchr(text, '\n')) + 1);
    strcat(text, "1");                                          /* shifted: an exclamation mark */
    assert_string_equal(got, text);
    says(b, "1 character that a US keyboard has no key for was left out");
}

/* A program that does not read: nothing more is typed than the BIOS can hold, however long it takes. */
static void paste_waits_for_the_bios(void **state)
{
    struct bench *b = *state;
    char got[200] = "";
    keyboard_on(b);
    bios_buffer(b, 10);
    link_command(b->link, COMMAND_PASTE, 0, "abcdef");
    read_keys(b, got, 20000);
    assert_string_equal(got, "");
    bios_buffer(b, 0);
    read_keys(b, got, 2000);
    assert_string_equal(got, "abcdef");
}

/* ---- the debugger's commands, and the panel ---- */

static void by_name(void **state)
{
    struct bench *b = *state;
    char message[300];
    assert_true(commands_change(b->commands, "fda", "b.img", message, sizeof message));
    assert_true(commands_change(b->commands, "cd", NULL, message, sizeof message));
    run(b, 1);
    assert_string_equal(medium(b, 0), "b.img");
    assert_string_equal(medium(b, 4), "");
    assert_false(commands_change(b->commands, "fdc", "b.img", message, sizeof message));
    assert_non_null(strstr(message, "'fdc': expected a drive whose medium can be changed: fda cd"));
    assert_false(commands_change(b->commands, "hda", "b.img", message, sizeof message));
}

static void panel(void **state)
{
    struct bench *b = *state;
    struct panel *p = xcalloc(1, sizeof *p);
    u64 seen = 0, host = 1000 * MS;
    commands_panel(b->commands, host, false, false);        /* the lamps are lit: the media were looked at as they were put in */
    commands_panel(b->commands, host += 500 * MS, false, false);
    assert_true(link_panel(b->link, p, &seen));
    assert_true(p->drive[0].there && p->drive[0].floppy && p->drive[0].full);
    assert_string_equal(p->drive[0].name, "a.img");
    assert_int_equal(p->drive[0].files, 2);
    assert_false(p->drive[1].there);
    assert_true(p->drive[4].there && !p->drive[4].floppy);
    assert_false(p->floppy_lamp);
    struct pc_medium now;
    u8 sector[SECTOR];
    pc_medium(b->pc, 0, &now);
    image_read(now.image, 0, 1, sector);
    commands_panel(b->commands, host += 16 * MS, false, false);
    assert_true(link_panel(b->link, p, &seen));
    assert_true(p->floppy_lamp);
    assert_false(p->cd_lamp);
    assert_false(p->replays);
    commands_panel(b->commands, host += 500 * MS, true, true);
    assert_true(link_panel(b->link, p, &seen));
    assert_true(p->replays);
    assert_false(p->floppy_lamp);
    assert_true(p->halted);
    run(b, 500);
    commands_panel(b->commands, host += 1000 * MS, false, false);
    assert_true(link_panel(b->link, p, &seen));
    assert_non_null(strstr(p->speed, "%"));
    free(p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(floppies), TEST(refused_media), TEST(dropped), TEST(compact_discs), TEST(buttons), TEST(reset_ends),
        TEST(screenshots), TEST(states), TEST(pasted), TEST(paste_waits_for_the_bios), TEST(by_name), TEST(panel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
