/* f_script.c - the steps of a script (-expect, -send, -wait, -expect-screen) and text that is pasted, typed into a guest that takes keys
 * now and then. The input: a byte for how the guest takes them; then lines: the first character is the step, the rest its text. */
#include "case.h"
#include "../support/fake_machine.h"
#include "../../gui/gui.h"
#include "../../iodev/session/keys.h"
#include "../../iodev/session/steps.h"
#include "../../iodev/session/typist.h"
#include <stdio.h>

enum { LINES_MAX = 24, POLLS_MAX = 3000, KEYS_MAX = 512 };

/* The guest: it takes keys every so often, and its processor stands still. */
struct taker { struct device dev; int asked, patience; };
static const struct field no_fields[] = { FIELD_END };
static const struct device_class taker_class = { .name = "taker", .title = "taker", .size = sizeof(struct taker), .fields = no_fields };

static bool take_event(void *dev, const struct input_event *e)
{
    struct taker *t = dev;
    case_check(e->kind <= INPUT_SERIAL, "an event of kind %d", e->kind);
    return ++t->asked % (t->patience + 1) == 0;
}

static bool screen_text(void *dev, struct text_screen *t)
{
    *t = (struct text_screen){ .columns = 80, .rows = 25 };
    snprintf((char *)t->character, sizeof t->character, "%s", (const char *)dev);
    return true;
}

static bool screen_draw(void *dev, struct frame *f, bool force, bool blink)
{
    (void)dev;
    (void)force;
    (void)blink;
    frame_resize(f, 8, 8);
    return true;
}

static u64 number_of(const char *text) { return 1000000ull * (strlen(text) % 50); }

/* Steps run until nothing is left to do, or for so many looks. */
static void run_steps(struct machine *m, const struct step *list, u64 count, const struct screen *screen, struct bytes *b)
{
    struct steps *s = steps_new(list, count, m, *screen);
    for (int k = 0; k < POLLS_MAX; k++) {
        u64 next = steps_poll(s);
        if (next == TIMER_OFF)
            break;
        case_check(next > machine_now(m) && next - machine_now(m) < 100000000000ull, "the next look is at %llu, and now is %llu",
                   (unsigned long long)next, (unsigned long long)machine_now(m));
        fake_run_until(m, next);
        if (left(b) && k % 4 == 0) {
            u8 text[16];
            size_t n = left(b) < sizeof text ? left(b) : sizeof text;
            take_into(b, text, sizeof text);
            steps_output(s, (enum steps_source)(1 + k / 4 % 2), text, n);
        }
    }
    steps_finish(s);
    const char *pending = steps_pending(s);
    case_check(!pending || strlen(pending) < 160, "a pending step of %zu characters", strlen(pending ? pending : ""));
    steps_succeeded(s);
    steps_free(s);
}

/* The same text pasted. */
static void paste(struct machine *m, const char *text)
{
    struct gui_link *l = link_new();
    struct typist *t = typist_new(m, link_strokes(l));
    struct key_stroke stroke;
    for (const char *p = text; *p; p++)
        if (key_of_unicode((u8)*p < 0x80 ? (u32)*p : (u32)(0x80 + (u8)*p * 7), &stroke))
            link_type(l, &stroke);
    for (int k = 0; k < POLLS_MAX; k++) {
        u64 next = typist_poll(t);
        if (next == TIMER_OFF)
            break;
        case_check(next > machine_now(m), "the typist stands still");
        fake_run_until(m, next);
    }
    typist_free(t);
    link_free(l);
}

static void check_keys(const char *text)
{
    static struct key_stroke strokes[KEYS_MAX];
    char error[200] = "";
    int n = keys_parse(text, strokes, KEYS_MAX, error, sizeof error);
    case_check(n >= 0 || *error, "refused without a word");
    u8 buttons = 0;
    struct input_event events[KEY_EVENTS_MAX];
    for (int k = 0; k < n; k++) {
        int e = key_stroke_events(&strokes[k], &buttons, events);
        case_check(e > 0 && e <= KEY_EVENTS_MAX, "%d events of a stroke", e);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    struct step list[LINES_MAX];
    char *lines[LINES_MAX], *rest, *text;
    u64 count = 0;
    case_begin();
    case_quiet();
    u8 how = take8(&b);
    struct machine *m = fake_new(0x10000);
    fake_add_cpu(m, "486");
    struct taker *taker = device_new(m, &taker_class, "taker");
    taker->patience = how & 7;
    machine_input_sink(m, take_event, taker);
    text = take_text(&b, 1024);
    static const u8 bda[8] = { 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x3e, 0 };
    memcpy(fake_ram(m) + 0x41a, bda, 4);
    memcpy(fake_ram(m) + 0x480, bda + 4, 4);
    if (how & 8)
        put32(fake_ram(m) + 0x41a, (u32)how << 20 | how);
    for (char *line = strtok_r(text, "\n", &rest); line && count < LINES_MAX; line = strtok_r(NULL, "\n", &rest)) {
        if (!line[1])
            continue;
        lines[count] = xstrdup(line + 1);
        list[count] = (struct step){ .kind = (enum step_kind)(line[0] & 3), .text = lines[count], .ns = number_of(line) };
        check_keys(lines[count++]);
    }
    struct screen screen = { .dev = count ? lines[0] : "", .text = screen_text, .draw = screen_draw };
    if (steps_check(list, count, (char[256]){ 0 }, 256)) {
        struct bytes output = { data, data + size };
        run_steps(m, list, count, &screen, &output);
    }
    if (count)
        paste(m, lines[0]);
    for (u64 k = 0; k < count; k++)
        free(lines[k]);
    free(text);
    fake_free(m);
    case_end();
    return 0;
}
