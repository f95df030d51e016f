/* steps.c - the list of -expect, -send, -expect-screen and -wait, carried out in virtual time: looked at every 20 ms of it,
 * typed at a person's pace, so that a run repeats exactly. Typing waits while the guest takes nothing.
 * Here: texts on the text screen (row by row, code page 437), over the first serial port and the debug console; pictures by
 * hash. What is sent goes back to where the last expected text came from: the keyboard or the serial line. */
#include "steps.h"
#include "typist.h"
#include <stdio.h>

enum { POLL_NS = 20000000, SERIAL_NS = 1000000, KEY_NS = 10000000, BUTTON_NS = 50000000, AFTER_EXPECT_NS = 100000000,
       TAIL_MAX = 1 << 20, SERIAL_ENOUGH = 16 /* bytes that wait in the machine */ };

struct tail {                   /* what a stream brought and no -expect has consumed */
    char *text;
    size_t n, capacity;
};

struct steps {
    const struct step *list;
    u64 count, at;              /* the step that is waited for or being typed */
    struct machine *m;
    struct screen screen;
    struct tail tail[SOURCES];
    enum steps_source answer;   /* where the last expected text came from */
    bool typing;
    const char *rest;           /* what is left of the text for the serial line */
    struct key_stroke *strokes; /* the text for the keyboard */
    int stroke_count, stroke;
    struct input_event events[KEY_EVENTS_MAX];
    int event_count, event;
    u8 buttons;                 /* of the mouse, held */
    u16 bios_tail;              /* see typist_must_wait */
    bool waiting;               /* in a -wait */
    u64 next;                   /* virtual time of the next look or key */
    char pending[160];
};

struct steps *steps_new(const struct step *list, u64 count, struct machine *m, struct screen screen)
{
    struct steps *s = xcalloc(1, sizeof *s);
    s->list = list;
    s->count = count;
    s->m = m;
    s->screen = screen;
    return s;
}

void steps_free(struct steps *s)
{
    if (!s)
        return;
    for (int k = 0; k < SOURCES; k++)
        free(s->tail[k].text);
    free(s->strokes);
    free(s);
}

void steps_output(struct steps *s, enum steps_source from, const u8 *bytes, size_t n)
{
    struct tail *t = &s->tail[from];
    if (s->at == s->count)
        return;
    if (t->n + n > TAIL_MAX) {                  /* keep the newer half */
        size_t drop = t->n > TAIL_MAX / 2 ? t->n - TAIL_MAX / 2 : 0;
        memmove(t->text, t->text + drop, t->n - drop);
        t->n -= drop;
    }
    if (t->n + n + 1 > t->capacity) {
        t->capacity = 2 * (t->n + n) + 4096;
        t->text = xrealloc(t->text, t->capacity);
    }
    for (size_t k = 0; k < n; k++)
        if (bytes[k])                           /* it is looked through as a C string */
            t->text[t->n++] = (char)bytes[k];
    t->text[t->n] = 0;
}

static bool tail_take(struct tail *t, const char *text)
{
    char *found = t->n ? strstr(t->text, text) : NULL;
    if (!found)
        return false;
    size_t used = (size_t)(found - t->text) + strlen(text);
    memmove(t->text, t->text + used, t->n - used + 1);
    t->n -= used;
    return true;
}

static bool on_screen(struct screen screen, const char *text)
{
    struct text_screen *t = xcalloc(1, sizeof *t);
    bool found = false;
    if (screen.text && screen.text(screen.dev, t))
        for (int row = 0; row < t->rows && !found; row++) {
            char line[257];
            int n = 0;
            for (; n < t->columns && n < 256; n++) {
                u8 c = t->character[row * t->columns + n];
                line[n] = (char)(c ? c : ' ');
            }
            line[n] = 0;
            found = strstr(line, text) != NULL;
        }
    free(t);
    return found;
}

void screen_hash(struct screen screen, char out[33])
{
    struct frame f = { 0 };
    struct hash h = { { 0, 0 } };
    u8 size[8];
    screen.draw(screen.dev, &f, true, true);
    put32(size, (u32)f.width);
    put32(size + 4, (u32)f.height);
    hash_bytes(&h, size, sizeof size);
    size_t n = (size_t)f.width * (size_t)f.height;
    u8 *bytes = xcalloc(n + 1, 3);              /* the same on hosts of every byte order */
    for (size_t k = 0; k < n; k++) {
        bytes[3 * k] = (u8)(f.pixels[k] >> 16);
        bytes[3 * k + 1] = (u8)(f.pixels[k] >> 8);
        bytes[3 * k + 2] = (u8)f.pixels[k];
    }
    hash_bytes(&h, bytes, 3 * n);
    free(bytes);
    frame_free(&f);
    hash_text(&h, out);
}

static bool is_expectation(const struct step *step)
{
    return step->kind == STEP_EXPECT || step->kind == STEP_EXPECT_SCREEN;
}

/* Is the expectation met? Then what it found is consumed. */
static bool met(struct steps *s, const struct step *step)
{
    if (step->kind == STEP_EXPECT_SCREEN) {
        char hash[33];
        screen_hash(s->screen, hash);
        return !strcmp(hash, step->text);
    }
    if (tail_take(&s->tail[SOURCE_SERIAL], step->text)) {
        s->answer = SOURCE_SERIAL;
        return true;
    }
    if (tail_take(&s->tail[SOURCE_DEBUGCON], step->text) || on_screen(s->screen, step->text)) {
        s->answer = SOURCE_SCREEN;
        return true;
    }
    return false;
}

/* ---- typing ---- */

/* Key names as a terminal on a serial line sends them. */
static const struct { const char *name, *bytes; } terminal_keys[] = {
    { "<enter>", "\r" },    { "<esc>", "\033" },    { "<escape>", "\033" },  { "<tab>", "\t" },      { "<space>", " " },
    { "<backspace>", "\177" }, { "<up>", "\033[A" }, { "<down>", "\033[B" }, { "<right>", "\033[C" }, { "<left>", "\033[D" },
    { "<home>", "\033[H" }, { "<end>", "\033[F" },
};

static void send_byte(struct steps *s, int c)
{
    struct input_event e = { .kind = INPUT_SERIAL, .port = 0, .byte = (u8)c };
    machine_input(s->m, &e);
}

/* A <name> at the start of the text: send it, and return the text behind it. NULL if it is none. */
static const char *send_named(struct steps *s, const char *text)
{
    for (size_t k = 0; k < ARRAY_LEN(terminal_keys); k++) {
        size_t n = strlen(terminal_keys[k].name);
        if (!strncmp(text, terminal_keys[k].name, n)) {
            for (const char *b = terminal_keys[k].bytes; *b; b++)
                send_byte(s, *b);
            return text + n;
        }
    }
    if (!strncmp(text, "<ctrl-", 6) && text[6] && text[7] == '>') {
        send_byte(s, text[6] & 31);
        return text + 8;
    }
    return NULL;
}

/* One or two hexadecimal digits; the x itself where there are none. */
static int hex_byte(const char **p)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int value = 0;
    const char *from = *p, *digit;
    for (; *p - from < 2 && **p && (digit = strchr(digits, **p)); ++*p)
        value = value * 16 + (int)(digit - digits < 16 ? digit - digits : digit - digits - 6);
    return *p == from ? 'x' : value;
}

/* One character of the text, with \n, \r, \t, \b, \e, \\, \< and \xHH, down the serial line. */
static void send_next(struct steps *s)
{
    const char *p = s->rest, *behind = *p == '<' ? send_named(s, p) : NULL;
    int c = *p++;
    if (behind) {
        s->rest = behind;
        return;
    }
    if (c == '\n')
        c = '\r';
    if (c == '\\' && *p) {
        static const char from[] = "nrtbe", to[] = "\r\r\t\b\033";
        c = *p++;
        const char *escape = strchr(from, c);
        if (escape)
            c = to[escape - from];
        else if (c == 'x')
            c = hex_byte(&p);
    }
    send_byte(s, c);
    s->rest = p;
}

bool steps_check(const struct step *list, u64 count, char *error, size_t n)
{
    for (u64 k = 0; k < count; k++) {
        if (list[k].kind != STEP_SEND)
            continue;
        int max = (int)strlen(list[k].text);
        struct key_stroke *strokes = xcalloc((size_t)max + 1, sizeof *strokes);
        bool ok = keys_parse(list[k].text, strokes, max, error, n) >= 0;
        free(strokes);
        if (!ok)
            return false;
    }
    return true;
}

static void begin_typing(struct steps *s, const char *text)
{
    char error[256];
    int max = (int)strlen(text);
    s->typing = true;
    s->rest = text;
    s->stroke = s->stroke_count = s->event = s->event_count = 0;
    if (s->answer == SOURCE_SERIAL)
        return;
    s->strokes = xrealloc(s->strokes, ((size_t)max + 1) * sizeof *s->strokes);
    s->stroke_count = keys_parse(text, s->strokes, max, error, sizeof error);
}

static void begin_stroke(struct steps *s, const struct key_stroke *stroke)
{
    s->event_count = key_stroke_events(stroke, &s->buttons, s->events);
    s->event = 0;
}

/* The next event of a stroke that has begun; false if it is done. */
static bool send_event(struct steps *s)
{
    if (s->event == s->event_count)
        return false;
    const struct input_event *e = &s->events[s->event++];
    machine_input(s->m, e);
    s->next += e->kind == INPUT_MOUSE_BUTTONS ? BUTTON_NS : KEY_NS;
    return true;
}

/* Down the serial line, except for what the mouse does. False when the text is done. */
static bool serial_next(struct steps *s)
{
    char error[256];
    struct key_stroke stroke;
    if (send_event(s))
        return true;
    if (!*s->rest)
        return false;
    int mouse = keys_parse_mouse(s->rest, &stroke, error, sizeof error);
    if (mouse > 0) {
        s->rest += mouse;
        begin_stroke(s, &stroke);
        return true;
    }
    s->next += SERIAL_NS;
    if (machine_input_waiting(s->m, &(struct input_event){ .kind = INPUT_SERIAL }) < SERIAL_ENOUGH)
        send_next(s);
    return true;
}

/* Type one more key event or byte; false when the text is done. */
static bool type_next(struct steps *s)
{
    if (s->answer == SOURCE_SERIAL)
        return serial_next(s);
    if (send_event(s))
        return true;
    if (s->stroke == s->stroke_count)
        return false;
    const struct key_stroke *stroke = &s->strokes[s->stroke];
    bool mouse = stroke->kind >= STROKE_MOVE;
    if (mouse ? machine_input_waiting(s->m, &(struct input_event){ .kind = INPUT_MOUSE_MOVE }) != 0
              : typist_must_wait(s->m, &s->bios_tail)) {
        s->next += KEY_NS;
        return true;
    }
    s->stroke++;
    begin_stroke(s, stroke);
    return send_event(s);
}

/* ---- the list ---- */

u64 steps_poll(struct steps *s)
{
    u64 now = machine_now(s->m);
    if (s->at == s->count)
        return TIMER_OFF;
    if (now < s->next)
        return s->next;
    s->next = now;
    while (s->at < s->count && s->next <= now) {
        const struct step *step = &s->list[s->at];
        if (step->kind == STEP_SEND) {
            if (!s->typing)
                begin_typing(s, step->text);
            if (!type_next(s)) {
                s->typing = false;
                s->at++;
            }
        } else if (step->kind == STEP_WAIT) {
            if (!s->waiting)
                s->next = now + step->ns;
            else
                s->at++;
            s->waiting = !s->waiting;
        } else if (met(s, step)) {
            s->at++;
            if (s->at < s->count && s->list[s->at].kind == STEP_SEND)
                s->next = now + AFTER_EXPECT_NS;    /* who prompts is about to read */
        } else {
            s->next = now + POLL_NS;
        }
    }
    return s->at == s->count ? TIMER_OFF : s->next;
}

void steps_finish(struct steps *s)
{
    while (s->at < s->count && is_expectation(&s->list[s->at]) && met(s, &s->list[s->at]))
        s->at++;
}

const char *steps_pending(struct steps *s)
{
    static const char *const names[] = { "-expect", "-send", "-expect-screen" };
    for (u64 k = s->at; k < s->count; k++)
        if (is_expectation(&s->list[k])) {
            snprintf(s->pending, sizeof s->pending, "%s '%s'", names[s->list[k].kind], s->list[k].text);
            return s->pending;
        }
    return NULL;
}

bool steps_succeeded(const struct steps *s)
{
    return s->count && s->at == s->count && s->list[s->count - 1].kind != STEP_SEND;
}
