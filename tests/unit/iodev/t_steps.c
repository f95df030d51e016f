/* t_steps.c - the list of steps and the typist, on a bare machine whose guest does nothing: what is fed, when, and that nothing
 * is lost while the guest takes nothing. The BIOS's buffer: PS/2 and PC BIOS Interface Technical Reference, "BIOS Data Area". */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include "../../../cpu/cpu.h"
#include "../../../cpu/cpuid.h"
#include "../../../gui/gui.h"
#include "../../../iodev/session/steps.h"
#include "../../../iodev/session/typist.h"
#include "../../../iodev/machine/device.h"
#include <cmocka.h>

enum { TAKEN = 8192 };
struct sink {
    bool full;                          /* takes nothing */
    int taken;
    struct input_event e[TAKEN];
    u64 at[TAKEN];
    struct machine *m;
};

static bool sink_take(void *dev, const struct input_event *e)
{
    struct sink *s = dev;
    if (s->full || s->taken == TAKEN)
        return false;
    s->at[s->taken] = machine_now(s->m);
    s->e[s->taken++] = *e;
    return true;
}

static bool no_text(void *dev, struct text_screen *t)
{
    (void)dev, (void)t;
    return false;
}

enum { RAM_SIZE = 1 << 20, ENTRY = 0xffff0, BDA = 0x400 };
struct bench {
    struct machine *m;
    struct ram *ram;
    struct sink sink;
    struct steps *steps;
    struct gui_link *link;
    struct typist *typist;
};

/* sti; hlt; jmp at the reset vector: virtual time passes and nothing else happens. */
static struct bench *start(const struct step *list, u64 count)
{
    struct bench *b = xcalloc(1, sizeof *b);
    b->m = machine_new(&(struct machine_config) { .ram_size = RAM_SIZE, .model = cpu_model_find("max") });
    b->ram = ram_new("ram", RAM_SIZE);
    machine_add_ram(b->m, b->ram);
    struct space *memory = machine_memory(b->m);
    space_add_ram(memory, "ram", 0, RAM_SIZE, PRIORITY_RAM, b->ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_ram(memory, "top", 0xfff00000, RAM_SIZE, PRIORITY_RAM, b->ram, 0, true, REGION_READ | REGION_WRITE);
    memcpy(b->ram->host + ENTRY, "\xfb\xf4\xeb\xfc", 4);
    b->sink.m = b->m;
    machine_input_sink(b->m, sink_take, &b->sink);
    machine_reset(b->m);
    b->steps = steps_new(list, count, b->m, (struct screen){ .text = no_text });
    b->link = link_new();
    b->typist = typist_new(b->m, link_strokes(b->link));
    return b;
}

static void end(struct bench *b)
{
    typist_free(b->typist);
    link_free(b->link);
    steps_free(b->steps);
    machine_free(b->m);
    ram_free(b->ram);
    free(b);
}

static void run(struct bench *b, u64 until)
{
    while (machine_now(b->m) < until) {
        u64 a = steps_poll(b->steps), c = typist_poll(b->typist), next = a < c ? a : c;
        machine_run(b->m, next < until ? next : until);
    }
    steps_poll(b->steps);
    typist_poll(b->typist);
    machine_run(b->m, until + 1);               /* what was fed arrives */
}

/* The BIOS's buffer with this many keys. */
static void fill_bios(struct bench *b, int keys)
{
    put16(b->ram->host + BDA + 0x80, 0x1e);
    put16(b->ram->host + BDA + 0x82, 0x3e);
    put16(b->ram->host + BDA + 0x1a, 0x3a);     /* the head near the end: it wraps */
    put16(b->ram->host + BDA + 0x1c, (u16)(0x1e + (0x3a - 0x1e + 2 * keys) % 32));
}

#define MS 1000000ull

static void waits(void **state)
{
    static const struct step list[] = {
        { STEP_SEND, "a", 0 }, { STEP_WAIT, "2s", 2000 * MS }, { STEP_SEND, "b", 0 }, { STEP_WAIT, "1ms", MS },
    };
    struct bench *b = start(list, 4);
    (void)state;
    run(b, 1000 * MS);
    assert_int_equal(b->sink.taken, 2);
    assert_false(steps_succeeded(b->steps));
    assert_null(steps_pending(b->steps));       /* no expectation: who ends the run now misses nothing */
    run(b, 3000 * MS);
    assert_int_equal(b->sink.taken, 4);
    assert_int_equal(b->sink.e[1].key, HID_A);
    assert_int_equal(b->sink.e[2].key, HID_A + 1);
    assert_in_range(b->sink.at[2] - b->sink.at[1], 2000 * MS, 2020 * MS);
    assert_true(steps_succeeded(b->steps));     /* the list ends in a -wait, and it is over */
    end(b);
}

/* A button is held long enough to be seen, and through a movement. */
static void mouse_steps(void **state)
{
    static const struct step list[] = {
        { STEP_SEND, "<button left down><mouse 10 -5>", 0 }, { STEP_SEND, "<button left up><click right>x", 0 },
    };
    struct bench *b = start(list, 2);
    (void)state;
    run(b, 1000 * MS);
    static const u8 kind[] = { INPUT_MOUSE_BUTTONS, INPUT_MOUSE_MOVE, INPUT_MOUSE_BUTTONS, INPUT_MOUSE_BUTTONS,
                               INPUT_MOUSE_BUTTONS, INPUT_KEY, INPUT_KEY };
    static const u8 buttons[] = { 1, 1, 0, 2, 0 };
    assert_int_equal(b->sink.taken, 7);
    for (int k = 0; k < 7; k++)
        assert_int_equal(b->sink.e[k].kind, kind[k]);
    for (int k = 0; k < 5; k++)
        assert_int_equal(b->sink.e[k].buttons, buttons[k]);
    assert_int_equal(b->sink.e[1].dx, 10);
    assert_int_equal(b->sink.e[1].dy, -5);
    assert_true(b->sink.at[4] - b->sink.at[3] >= 30 * MS);
    assert_true(steps_check(list, 2, (char[256]){ 0 }, 256));
    end(b);
}

/* After a text from the serial line the bytes go there, the mouse's still to the mouse. */
static void serial_steps(void **state)
{
    static const struct step list[] = { { STEP_EXPECT, "login", 0 }, { STEP_SEND, "a<click left>\\n", 0 } };
    struct bench *b = start(list, 2);
    (void)state;
    run(b, 100 * MS);
    assert_int_equal(b->sink.taken, 0);
    steps_output(b->steps, SOURCE_SERIAL, (const u8 *)"login:", 6);
    run(b, 1000 * MS);
    assert_int_equal(b->sink.taken, 4);
    assert_int_equal(b->sink.e[0].byte, 'a');
    assert_int_equal(b->sink.e[1].buttons, 1);
    assert_int_equal(b->sink.e[2].buttons, 0);
    assert_int_equal(b->sink.e[3].byte, '\r');
    end(b);
}

/* A guest that takes nothing for long gets everything later, in order; few events wait in the machine meanwhile. */
static void nothing_lost(struct bench *b, u8 kind, int events)
{
    b->sink.full = true;
    run(b, 100000 * MS);
    assert_int_equal(b->sink.taken, 0);
    assert_in_range(machine_input_waiting(b->m, &(struct input_event) { .kind = kind }), 1, 20);
    b->sink.full = false;
    run(b, 300000 * MS);
    assert_int_equal(b->sink.taken, events);
    for (int k = 0; k < events; k++)
        if (kind == INPUT_SERIAL)
            assert_int_equal(b->sink.e[k].byte, 'a' + k % 26);
        else
            assert_int_equal(b->sink.e[k].key, HID_A + k / 2 % 26);
    end(b);
}

static void long_sends(void **state)
{
    static char text[2001];
    (void)state;
    for (int k = 0; k < 2000; k++)
        text[k] = (char)('a' + k % 26);
    const struct step list[] = { { STEP_SEND, text, 0 } }, serial[] = { { STEP_EXPECT, "x", 0 }, { STEP_SEND, text, 0 } };
    nothing_lost(start(list, 1), INPUT_KEY, 4000);
    struct bench *b = start(serial, 2);
    steps_output(b->steps, SOURCE_SERIAL, (const u8 *)"x", 1);
    nothing_lost(b, INPUT_SERIAL, 2000);
    b = start(NULL, 0);
    for (int k = 0; k < 2000; k++)
        link_type(b->link, &(struct key_stroke) { .key = (u8)(HID_A + k % 26) });
    nothing_lost(b, INPUT_KEY, 4000);
}

/* The BIOS has no room: what is pasted and what -send types waits. */
static void bios_full(void **state)
{
    static const struct step list[] = { { STEP_SEND, "a", 0 } };
    struct bench *b = start(list, 1);
    (void)state;
    fill_bios(b, 12);
    link_type(b->link, &(struct key_stroke) { .key = HID_A });
    run(b, 60000 * MS);
    assert_int_equal(b->sink.taken, 0);
    assert_int_equal(link_typing(b->link), 1);
    fill_bios(b, 2);
    run(b, 61000 * MS);
    assert_int_equal(b->sink.taken, 4);
    fill_bios(b, 0);
    put16(b->ram->host + BDA + 0x1c, 0x7777);   /* no such buffer */
    link_type(b->link, &(struct key_stroke) { .key = HID_A });
    run(b, 62000 * MS);
    assert_int_equal(b->sink.taken, 6);
    end(b);
}

static void set(struct bench *b, const char *name, u64 v)
{
    char why[160];
    if (!register_set(machine_cpu(b->m), register_find(name), v, why, sizeof why))
        fail_msg("%s", why);
}

/* In protected mode what stands there is the BIOS's only if keys still come in. */
static void bios_left_behind(void **state)
{
    struct bench *b = start(NULL, 0);
    u16 tail = 0;
    (void)state;
    fill_bios(b, 12);
    set(b, "cr0", CR0_PE | CR0_ET);
    assert_true(typist_must_wait(b->m, &tail)); /* not looked at before */
    tail = get16(b->ram->host + BDA + 0x1c);
    assert_false(typist_must_wait(b->m, &tail));
    fill_bios(b, 13);
    assert_true(typist_must_wait(b->m, &tail));
    assert_true(typist_must_wait(b->m, &tail)); /* until there is room */
    fill_bios(b, 3);
    assert_false(typist_must_wait(b->m, &tail));
    set(b, "eflags", FLAG_VM | FLAG_1);
    fill_bios(b, 12);
    tail = get16(b->ram->host + BDA + 0x1c);
    assert_true(typist_must_wait(b->m, &tail));
    set(b, "eflags", FLAG_1);
    set(b, "cr0", CR0_ET);
    assert_true(typist_must_wait(b->m, &tail));
    end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits), cmocka_unit_test(mouse_steps), cmocka_unit_test(serial_steps), cmocka_unit_test(long_sends),
        cmocka_unit_test(bios_full), cmocka_unit_test(bios_left_behind),
    };
    return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
