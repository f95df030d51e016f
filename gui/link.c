/* link.c - see gui.h. One mutex guards everything; it is held for a copy at most. */
#include "gui.h"
#include "../host/clock.h"
#include "../host/thread.h"
#include <stdio.h>

enum { QUEUE_FIRST = 256 };

/* A queue that grows: first in, first out. */
struct queue {
    void *items;
    size_t head, count, capacity, size;     /* size: of an item */
};

struct gui_link {
    pthread_mutex_t lock;
    pthread_cond_t to_machine, to_front;
    struct frame frame;
    struct text_screen *text;
    bool is_text;
    u64 frame_number, text_number, status_number;
    struct queue input, strokes, commands;
    bool woken;                             /* something new for the machine since it looked */
    struct panel panel;
    u64 panel_number;
    char status[256];
    bool closing, stop, ended;
    void (*stopped)(void *to);
    void *stopped_to;
    char restore[256];
    enum { SHOWS_NOTHING, SHOWS_ELSEWHERE, SHOWS_TERMINAL } shows;
    bool wanted, lent;                      /* the terminal: by the machine's side */
};

static void *queue_at(struct queue *q, size_t k) { return (u8 *)q->items + (q->head + k) % q->capacity * q->size; }

static void queue_put(struct queue *q, const void *item)
{
    if (q->count == q->capacity) {
        struct queue larger = { .capacity = q->capacity ? 2 * q->capacity : QUEUE_FIRST, .count = q->count, .size = q->size };
        larger.items = xcalloc(larger.capacity, larger.size);
        for (size_t k = 0; k < q->count; k++)
            memcpy(queue_at(&larger, k), queue_at(q, k), q->size);
        free(q->items);
        *q = larger;
    }
    memcpy(queue_at(q, q->count++), item, q->size);
}

static bool queue_take(struct queue *q, void *item)
{
    if (!q->count)
        return false;
    memcpy(item, queue_at(q, 0), q->size);
    q->head = (q->head + 1) % q->capacity;
    q->count--;
    return true;
}

struct gui_link *link_new(void)
{
    struct gui_link *l = xcalloc(1, sizeof *l);
    l->input.size = sizeof(struct input_event);
    l->strokes.size = sizeof(struct key_stroke);
    l->commands.size = sizeof(struct gui_command);
    l->text = xcalloc(1, sizeof *l->text);
    if (pthread_mutex_init(&l->lock, NULL) || pthread_cond_init(&l->to_machine, NULL)
        || pthread_cond_init(&l->to_front, NULL))
        return NULL;
    return l;
}

void link_free(struct gui_link *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->to_machine);
    pthread_cond_destroy(&l->to_front);
    for (struct gui_command c; queue_take(&l->commands, &c);)
        free(c.text);
    free(l->commands.items);
    frame_free(&l->frame);
    free(l->input.items);
    free(l->strokes.items);
    free(l->text);
    free(l);
}

static void lock(struct gui_link *l) { pthread_mutex_lock(&l->lock); }
static void unlock(struct gui_link *l) { pthread_mutex_unlock(&l->lock); }

static bool same_text(const struct vitrine_text *a, const struct text_screen *b)
{
    size_t cells = (size_t)a->columns * (size_t)a->rows;
    return a->columns == b->columns && a->rows == b->rows && a->cursor_column == b->cursor_column
        && a->cursor_row == b->cursor_row && !memcmp(a->character, b->character, cells)
        && !memcmp(a->attribute, b->attribute, cells);
}

static void copy_text(struct text_screen *to, const struct vitrine_text *from)
{
    size_t cells = (size_t)from->columns * (size_t)from->rows;
    to->columns = from->columns;
    to->rows = from->rows;
    to->cursor_column = from->cursor_column;
    to->cursor_row = from->cursor_row;
    memcpy(to->character, from->character, cells);
    memcpy(to->attribute, from->attribute, cells);
}

void link_update(struct gui_link *l, const struct vitrine_frame *frame, const struct vitrine_text *text)
{
    size_t pixels = (size_t)frame->width * (size_t)frame->height;
    lock(l);
    frame_resize(&l->frame, frame->width, frame->height);
    l->frame.vbe = frame->square;
    memcpy(l->frame.pixels, frame->pixels, pixels * sizeof *l->frame.pixels);
    l->frame_number++;
    if (!text != !l->is_text || (text && !same_text(text, l->text))) {
        l->is_text = text;
        if (text)
            copy_text(l->text, text);
        l->text_number++;
    } else if (!text) {
        l->text_number++;                   /* still graphics, but another picture */
    }
    pthread_cond_signal(&l->to_front);
    unlock(l);
}

bool link_take_input(struct gui_link *l, struct input_event *e)
{
    lock(l);
    bool any = queue_take(&l->input, e);
    l->woken = false;
    unlock(l);
    return any;
}

bool link_take_stroke(struct gui_link *l, struct key_stroke *stroke)
{
    lock(l);
    bool any = queue_take(&l->strokes, stroke);
    unlock(l);
    return any;
}

void link_wait(struct gui_link *l, u64 ns)
{
    u64 until = host_ns() + ns;
    lock(l);
    while (!l->woken && !l->stop && host_ns() < until)
        thread_wait(&l->to_machine, &l->lock, until);
    unlock(l);
}

void link_doze(struct gui_link *l, u64 ns)
{
    lock(l);
    l->woken = false;
    unlock(l);
    link_wait(l, ns);
}

void link_nudge(struct gui_link *l)
{
    lock(l);
    l->woken = true;
    pthread_cond_signal(&l->to_machine);
    unlock(l);
}

bool link_stopped(struct gui_link *l)
{
    lock(l);
    bool stop = l->stop;
    unlock(l);
    return stop;
}

void link_status(void *link, const char *text)
{
    struct gui_link *l = link;
    lock(l);
    snprintf(l->status, sizeof l->status, "%s", text);
    l->status_number++;
    pthread_cond_signal(&l->to_front);
    unlock(l);
}

void link_end(struct gui_link *l)
{
    lock(l);
    l->ended = true;
    pthread_cond_signal(&l->to_front);
    unlock(l);
}

bool link_frame(struct gui_link *l, struct frame *copy, u64 *seen)
{
    lock(l);
    bool newer = l->frame_number != *seen;
    if (newer) {
        frame_resize(copy, l->frame.width, l->frame.height);
        copy->vbe = l->frame.vbe;
        memcpy(copy->pixels, l->frame.pixels, (size_t)copy->width * (size_t)copy->height * sizeof *copy->pixels);
        *seen = l->frame_number;
    }
    unlock(l);
    return newer;
}

bool link_text(struct gui_link *l, struct text_screen *copy, bool *is_text, u64 *seen)
{
    lock(l);
    bool newer = l->text_number != *seen;
    if (newer) {
        *is_text = l->is_text;
        if (l->is_text)
            *copy = *l->text;
        *seen = l->text_number;
    }
    unlock(l);
    return newer;
}

bool link_take_status(struct gui_link *l, char *text, size_t n, u64 *seen)
{
    lock(l);
    bool newer = l->status_number != *seen;
    if (newer) {
        snprintf(text, n, "%s", l->status);
        *seen = l->status_number;
    }
    unlock(l);
    return newer;
}

/* Mouse movement joins the movement before it, so that it never fills the queue. */
static bool joins(struct input_event *last, const struct input_event *e)
{
    if (e->kind != INPUT_MOUSE_MOVE || last->kind != INPUT_MOUSE_MOVE || last->buttons != e->buttons)
        return false;
    int dx = last->dx + e->dx, dy = last->dy + e->dy, dz = last->dz + e->dz;
    if (dx < -2048 || dx > 2047 || dy < -2048 || dy > 2047 || dz < -128 || dz > 127)
        return false;
    last->dx = (i16)dx, last->dy = (i16)dy, last->dz = (i16)dz;
    return true;
}

void link_input(struct gui_link *l, const struct input_event *e)
{
    lock(l);
    if (!l->input.count || !joins(queue_at(&l->input, l->input.count - 1), e))
        queue_put(&l->input, e);
    l->woken = true;
    pthread_cond_signal(&l->to_machine);
    unlock(l);
}

void link_type(struct gui_link *l, const struct key_stroke *stroke)
{
    lock(l);
    queue_put(&l->strokes, stroke);
    l->woken = true;
    pthread_cond_signal(&l->to_machine);
    unlock(l);
}

size_t link_typing(struct gui_link *l)
{
    lock(l);
    size_t count = l->strokes.count;
    unlock(l);
    return count;
}

static size_t strokes_waiting(void *link) { return link_typing(link); }
static bool strokes_take(void *link, struct key_stroke *stroke) { return link_take_stroke(link, stroke); }
struct strokes link_strokes(struct gui_link *l) { return (struct strokes) { strokes_waiting, strokes_take, l }; }

void link_type_stop(struct gui_link *l)
{
    lock(l);
    l->strokes.head = l->strokes.count = 0;
    unlock(l);
}

static void queue_command(struct gui_link *l, struct gui_command c)
{
    lock(l);
    queue_put(&l->commands, &c);
    l->woken = true;
    pthread_cond_signal(&l->to_machine);
    unlock(l);
}

void link_command(struct gui_link *l, enum command_kind kind, int drive, const char *text)
{
    queue_command(l, (struct gui_command){ .kind = kind, .drive = drive, .text = text ? xstrdup(text) : NULL });
}

void link_insert_listed(struct gui_link *l, int drive, int index)
{
    queue_command(l, (struct gui_command){ .kind = COMMAND_LISTED, .drive = drive, .index = index });
}

bool link_take_command(struct gui_link *l, struct gui_command *c)
{
    lock(l);
    bool any = queue_take(&l->commands, c);
    l->woken = l->woken && any;             /* a paused machine takes no input: that must not wake it again and again */
    unlock(l);
    return any;
}

void link_set_panel(struct gui_link *l, struct panel *p)
{
    lock(l);
    p->width = l->frame.width;
    p->height = l->frame.height;
    p->text = l->is_text;
    if (memcmp(&l->panel, p, sizeof *p)) {
        memcpy(&l->panel, p, sizeof *p);
        l->panel_number++;
        pthread_cond_signal(&l->to_front);
    }
    unlock(l);
}

bool link_panel(struct gui_link *l, struct panel *copy, u64 *seen)
{
    lock(l);
    bool newer = l->panel_number != *seen;
    if (newer) {
        *copy = l->panel;
        *seen = l->panel_number;
    }
    unlock(l);
    return newer;
}

bool link_closing(struct gui_link *l)
{
    lock(l);
    bool closing = l->closing;
    unlock(l);
    return closing;
}

void link_close(struct gui_link *l)
{
    lock(l);
    bool cut = l->closing || l->panel.halted || l->panel.replays;
    l->closing = true;
    unlock(l);
    if (cut) {
        link_stop(l);
        return;
    }
    link_status(l, "power button pressed; close again to cut the power");
    link_command(l, COMMAND_POWER, 0, NULL);
}

void link_stop(struct gui_link *l)
{
    lock(l);
    l->stop = true;
    pthread_cond_signal(&l->to_machine);
    pthread_cond_signal(&l->to_front);
    unlock(l);
    if (l->stopped)
        l->stopped(l->stopped_to);
}

void link_on_stop(struct gui_link *l, void (*stopped)(void *to), void *to)
{
    l->stopped = stopped;
    l->stopped_to = to;
}

/* ---- one terminal for two ---- */

void link_shows(struct gui_link *l, bool terminal)
{
    lock(l);
    l->shows = terminal ? SHOWS_TERMINAL : SHOWS_ELSEWHERE;
    pthread_cond_signal(&l->to_machine);
    unlock(l);
}

void link_take_terminal(struct gui_link *l)
{
    lock(l);
    l->wanted = true;
    while (!l->stop && l->shows != SHOWS_ELSEWHERE && !l->lent)
        pthread_cond_wait(&l->to_machine, &l->lock);
    unlock(l);
}

void link_give_terminal(struct gui_link *l)
{
    lock(l);
    l->wanted = false;
    pthread_cond_signal(&l->to_front);
    unlock(l);
}

bool link_terminal_wanted(struct gui_link *l)
{
    lock(l);
    bool wanted = l->wanted;
    unlock(l);
    return wanted;
}

void link_lend_terminal(struct gui_link *l)
{
    lock(l);
    l->lent = true;
    pthread_cond_signal(&l->to_machine);
    while (l->wanted && !l->stop && !l->ended)
        pthread_cond_wait(&l->to_front, &l->lock);
    l->lent = false;
    unlock(l);
}

void link_set_restore(struct gui_link *l, const char *text)
{
    lock(l);
    snprintf(l->restore, sizeof l->restore, "%s", text);
    unlock(l);
}

void link_restore(struct gui_link *l, char text[256])
{
    enum { TRIES = 50 };
    text[0] = 0;
    for (int k = 0; k < TRIES; k++, host_wait(1000000))
        if (!pthread_mutex_trylock(&l->lock)) {
            memcpy(text, l->restore, sizeof l->restore);
            unlock(l);
            return;
        }
}

bool link_ended(struct gui_link *l)
{
    lock(l);
    bool ended = l->ended;
    unlock(l);
    return ended;
}

void none_run(struct gui_link *l)
{
    link_shows(l, false);
    lock(l);
    while (!l->ended)
        pthread_cond_wait(&l->to_front, &l->lock);
    unlock(l);
}
