/* vitrine_screen.c - what the machine shows: pictures, text in UTF-8, hashes. */
#include "vitrine_parts.h"
#include "cp437.h"
#include "steps.h"

enum { BLINK_NS = 266000000 };                  /* virtual: 16 frames at 60 Hz, as the VGA blinks its cursor */

static struct vitrine_frame picture(const struct frame *f) { return (struct vitrine_frame) { f->width, f->height, f->pixels, f->vbe }; }

/* Cursor and blinking text are there. */
static bool blink(const struct vitrine *v) { return machine_now(v->m) / BLINK_NS % 2 == 0; }

void vitrine_frame(struct vitrine *v, struct vitrine_frame *frame)
{
    v->screen.draw(v->screen.dev, &v->frame, true, true);
    *frame = picture(&v->frame);
}

bool vitrine_next_frame(struct vitrine *v, struct vitrine_frame *frame)
{
    if (!v->screen.draw(v->screen.dev, &v->news, false, blink(v)))
        return false;
    *frame = picture(&v->news);
    return true;
}

uint64_t vitrine_retrace(const struct vitrine *v, uint64_t after) { return v->screen.next_retrace(v->screen.dev, after); }

void vitrine_on_frame(struct vitrine *v, void (*shown)(void *to, const struct vitrine_frame *frame), void *to, uint64_t every)
{
    v->shown = shown;
    v->shown_to = to;
    v->every = every;
    v->next_frame = shown ? vitrine_retrace(v, machine_now(v->m)) : TIMER_OFF;
}

u64 vitrine_show(struct vitrine *v)
{
    struct vitrine_frame frame;
    u64 now = machine_now(v->m), next = vitrine_retrace(v, now);
    if (!v->shown)
        return TIMER_OFF;
    if (v->screen.draw(v->screen.dev, &v->watched, false, blink(v))) {
        frame = picture(&v->watched);
        v->shown(v->shown_to, &frame);
    }
    return v->every > next - now ? vitrine_retrace(v, now + v->every - 1) : next;
}

/* ---- text ---- */

struct text { char *to; size_t n, length; };

static void put(struct text *t, int byte)
{
    if (t->length + 1 < t->n)
        t->to[t->length] = (char)byte;
    t->length++;
}

static void put_unicode(struct text *t, u16 c)
{
    if (c < 0x80) {
        put(t, c);
        return;
    }
    if (c < 0x800) {
        put(t, 0xc0 | c >> 6);
    } else {
        put(t, 0xe0 | c >> 12);
        put(t, 0x80 | (c >> 6 & 63));
    }
    put(t, 0x80 | (c & 63));
}

static bool read_text(struct vitrine *v)
{
    if (!v->text)
        v->text = xcalloc(1, sizeof *v->text);
    return v->screen.text(v->screen.dev, v->text);
}

bool vitrine_text(struct vitrine *v, struct vitrine_text *text)
{
    if (!read_text(v))
        return false;
    const struct text_screen *t = v->text;
    *text = (struct vitrine_text) { t->columns, t->rows, t->cursor_column, t->cursor_row, t->character, t->attribute };
    return true;
}

size_t vitrine_screen_text(struct vitrine *v, char *to, size_t n)
{
    struct text t = { to, n, 0 };
    if (n)
        *to = 0;
    if (!read_text(v))
        return 0;
    for (int row = 0; row < v->text->rows; row++) {
        const u8 *cells = v->text->character + row * v->text->columns;
        int columns = v->text->columns;
        while (columns && cp437_unicode(cells[columns - 1]) == ' ')
            columns--;
        for (int k = 0; k < columns; k++)
            put_unicode(&t, cp437_unicode(cells[k]));
        put(&t, '\n');
    }
    if (n)
        to[t.length < n ? t.length : n - 1] = 0;
    return t.length;
}

bool vitrine_screen_has(struct vitrine *v, const char *text)
{
    size_t n = vitrine_screen_text(v, NULL, 0) + 1;
    char *all = xcalloc(n, 1);
    vitrine_screen_text(v, all, n);
    bool found = !strchr(text, '\n') && strstr(all, text);
    free(all);
    return found;
}

void vitrine_screen_hash(struct vitrine *v, char out[33]) { screen_hash(v->screen, out); }
