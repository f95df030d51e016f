/* link.c - see gui.h. One mutex guards everything; it is held for a copy at most. */
#include "gui.h"
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { QUEUE = 1024, RESERVED = 256 /* for releases */ };

struct gui_link {
    pthread_mutex_t lock;
    pthread_cond_t to_machine, to_front;
    struct frame drawn;                     /* the machine's own: no lock */
    struct text_screen *read;
    bool was_text;
    struct frame frame;
    struct text_screen *text;
    bool is_text;
    u64 frame_number, text_number, status_number;
    struct input_event queue[QUEUE];
    unsigned head, count;
    char status[256];
    bool stop, ended;
};

struct gui_link *link_new(void)
{
    struct gui_link *l = xcalloc(1, sizeof *l);
    l->read = xcalloc(1, sizeof *l->read);
    l->text = xcalloc(1, sizeof *l->text);
    if (pthread_mutex_init(&l->lock, NULL) || pthread_cond_init(&l->to_machine, NULL)
        || pthread_cond_init(&l->to_front, NULL))
        die("cannot make the lock between the machine and its display");
    return l;
}

void link_free(struct gui_link *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->to_machine);
    pthread_cond_destroy(&l->to_front);
    frame_free(&l->drawn);
    frame_free(&l->frame);
    free(l->read);
    free(l->text);
    free(l);
}

static void lock(struct gui_link *l) { pthread_mutex_lock(&l->lock); }
static void unlock(struct gui_link *l) { pthread_mutex_unlock(&l->lock); }

static bool same_text(const struct text_screen *a, const struct text_screen *b)
{
    size_t cells = (size_t)a->columns * (size_t)a->rows;
    return a->columns == b->columns && a->rows == b->rows && a->cursor_column == b->cursor_column
        && a->cursor_row == b->cursor_row && !memcmp(a->character, b->character, cells)
        && !memcmp(a->attribute, b->attribute, cells);
}

void link_update(struct gui_link *l, const struct screen *screen, bool blink)
{
    if (!screen->draw(screen->dev, &l->drawn, false, blink))
        return;
    bool is_text = screen->text(screen->dev, l->read);
    size_t pixels = (size_t)l->drawn.width * (size_t)l->drawn.height;
    lock(l);
    frame_resize(&l->frame, l->drawn.width, l->drawn.height);
    memcpy(l->frame.pixels, l->drawn.pixels, pixels * sizeof *l->frame.pixels);
    l->frame_number++;
    if (is_text != l->is_text || (is_text && !same_text(l->read, l->text))) {
        l->is_text = is_text;
        if (is_text)
            *l->text = *l->read;
        l->text_number++;
    } else if (!is_text) {
        l->text_number++;                   /* still graphics, but another picture */
    }
    pthread_cond_signal(&l->to_front);
    unlock(l);
}

bool link_take_input(struct gui_link *l, struct input_event *e)
{
    lock(l);
    bool any = l->count;
    if (any) {
        *e = l->queue[l->head];
        l->head = (l->head + 1) % QUEUE;
        l->count--;
    }
    unlock(l);
    return any;
}

void link_wait(struct gui_link *l, u64 ns)
{
    struct timespec until;
    timespec_get(&until, TIME_UTC);
    ns += (u64)until.tv_nsec;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    lock(l);
    while (!l->count && !l->stop)
        if (pthread_cond_timedwait(&l->to_machine, &l->lock, &until))
            break;
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

static bool is_release(const struct input_event *e)
{
    return (e->kind == INPUT_KEY && !e->down) || (e->kind == INPUT_MOUSE_BUTTONS && !e->buttons);
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
    bool joined = l->count && joins(&l->queue[(l->head + l->count - 1) % QUEUE], e);
    if (!joined && l->count < (is_release(e) ? QUEUE : QUEUE - RESERVED))
        l->queue[(l->head + l->count++) % QUEUE] = *e;
    pthread_cond_signal(&l->to_machine);
    unlock(l);
}

void link_stop(struct gui_link *l)
{
    lock(l);
    l->stop = true;
    pthread_cond_signal(&l->to_machine);
    pthread_cond_signal(&l->to_front);
    unlock(l);
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
    lock(l);
    while (!l->ended)
        pthread_cond_wait(&l->to_front, &l->lock);
    unlock(l);
}
