/* face.c - see face.h. Here: a machine's life, input, pictures, state. How it runs is face_run.c's, the debugger face_debug.c's,
 * in a module of its own. */
#include "face_parts.h"
#include <stdio.h>

void *web_bytes(u32 n) { return calloc(1, n ? n : 1); }
void web_release(void *bytes) { free(bytes); }

void vitrine_out_of_memory(size_t bytes)
{
    fprintf(stderr, "vitrine: out of memory (%zu bytes wanted); give the guest less with -m\n", bytes);
    abort();
}

const char *web_say(struct web *w, const char *text)
{
    char *copy = xstrdup(text);
    free(w->text);
    return w->text = copy;
}

const char *web_take(struct web *w, struct text *text)
{
    char *all = text_take(text, NULL);
    if (!all)
        return web_say(w, "there is no memory for the answer\n");
    free(w->text);
    return w->text = all;
}

/* ---- it begins and ends ---- */

static const struct { const char *name; size_t at; const char *instead; } unfit[] = {
    { "gdb", offsetof(struct options, gdb), "gdb cannot reach a page: use the debugger beside the screen" },
    { "debug", offsetof(struct options, debug_at), "the prompt is the page's: expected -debug alone" },
    { "debugcon", offsetof(struct options, debugcon), "what is written to port E9h comes to the page without it" },
    { "screendump", offsetof(struct options, screendump), "the page keeps pictures by its own button" },
    { "report", offsetof(struct options, report), "a page writes no files at the end" },
    { "state", offsetof(struct options, state), "a page writes no files at the end" },
    { "savevm", offsetof(struct options, savevm), "the page keeps states by its own button" },
    { "loadvm", offsetof(struct options, loadvm), "expected one of the states that the page has kept" },
    { "trace", offsetof(struct options, trace), "expected the debugger's `trace` instead" },
};

static bool fits(const struct options *o)
{
    for (size_t k = 0; k < ARRAY_LEN(unfit); k++) {
        const char *given;
        memcpy(&given, (const u8 *)o + unfit[k].at, sizeof given);
        if (given)
            return fprintf(stderr, "vitrine: -%s: %s\n", unfit[k].name, unfit[k].instead), false;
    }
    for (u64 k = 0; k < o->serial_count; k++)
        if (strcmp(o->serial[k], "page") && strcmp(o->serial[k], "none"))
            return fprintf(stderr, "vitrine: -serial: expected page or none, not '%s'\n", o->serial[k]), false;
    if (o->step_count)
        return fprintf(stderr, "vitrine: -expect, -send and -wait: expected the page's own script to wait and type\n"), false;
    return true;
}

/* The words of the page as main() has them. */
static int words_of(char *text, u32 bytes, char **argv)
{
    int n = 0;
    argv[n++] = (char[]){ "vitrine" };
    for (u32 at = 0; at < bytes && n < WEB_WORDS; at += (u32)strlen(text + at) + 1)
        argv[n++] = text + at;
    argv[n] = NULL;
    return n;
}

static void sent(void *to, const uint8_t *bytes, size_t n)
{
    struct web_line *line = to;
    if (line->n + n > line->room) {
        line->room = 2 * (line->n + n) + 256;
        line->bytes = xrealloc(line->bytes, line->room);
    }
    memcpy(line->bytes + line->n, bytes, n);
    line->n += n;
}

/* Until the debugger tells of them, in a sentence. */
static void triple_fault(void *to, const struct vitrine_fault *chain, size_t n)
{
    (void)to;
    fputs(n ? "vitrine: triple fault:" : "vitrine: triple fault, without an exception", stderr);
    for (size_t k = 0; k < n; k++) {
        fprintf(stderr, "%s exception %d at %04x:%08llx", k ? ", then" : "", chain[k].vector, chain[k].cs, (unsigned long long)chain[k].ip);
        if (chain[k].has_error)
            fprintf(stderr, " (error code %x)", chain[k].error);
        fprintf(stderr, ": %s", chain[k].why);
    }
    fputs("\n", stderr);
}

static bool make(struct web *w)
{
    struct vitrine_error error;
    struct vitrine_config *c = &w->setup.config;
    for (int k = 0; k < VITRINE_SERIALS; k++) {
        bool there = w->options.serial[k] && strcmp(w->options.serial[k], "none");      /* the guest sees whether somebody is */
        c->serial[k] = (struct vitrine_line) { .output = there ? sent : NULL, .to = &w->line[k] };
    }
    c->debugcon = (struct vitrine_line) { .output = sent, .to = &w->line[VITRINE_SERIALS] };
    c->triple_fault = triple_fault;
    setup_choose_time(&w->setup, &w->options, w->paced);
    w->v = vitrine_new_among(c, w->setup.outputs, &error);
    if (!w->v) {
        setup_complain(&error);
        return false;
    }
    vitrine_limit_instructions(w->v, w->options.max_insns);
    w->least_cost = vitrine_tick_cost(w->v);
    web_restart(w);
    return true;
}

struct web *web_new(const char *words, u32 bytes)
{
    struct web *w = xcalloc(1, sizeof *w);
    char *argv[WEB_WORDS + 1];
    w->words = xcalloc(1, bytes + 1u);
    memcpy(w->words, words, bytes);
    int argc = words_of(w->words, bytes, argv);
    if (options_parse(&w->options, argc, argv) && fits(&w->options)) {
        w->paced = w->options.clock != CLOCK_VIRTUAL;
        w->set_up = true;
        if (setup_open(&w->setup, &w->options) && make(w))
            return w;
    }
    web_free(w);
    return NULL;
}

void web_free(struct web *w)
{
    if (!w)
        return;
    if (w->desk)
        w->desk->close(w);
    vitrine_free(w->v);
    if (w->set_up)
        setup_close(&w->setup);
    for (size_t k = 0; k < ARRAY_LEN(w->line); k++) {
        free(w->line[k].bytes);
        free(w->line[k].taken);
    }
    vitrine_release(w->saved);
    free(w->rgba);
    free(w->told);
    free(w->text);
    free(w->words);
    free(w);
}

/* ---- what it shows ---- */

/* A canvas has bytes in the order red, green, blue, and how little of it is transparent. */
const u8 *web_frame(struct web *w, int all)
{
    struct vitrine_frame f;
    if (!vitrine_next_frame(w->v, &f) && !all)
        return NULL;
    if (all)
        vitrine_frame(w->v, &f);
    size_t n = (size_t)f.width * (size_t)f.height;
    if (n > w->rgba_room) {
        w->rgba = xrealloc(w->rgba, n * 4);
        w->rgba_room = n;
    }
    for (size_t k = 0; k < n; k++) {
        u32 v = f.pixels[k];
        put32(w->rgba + 4 * k, 0xff000000 | (v & 0xff) << 16 | (v & 0xff00) | (v >> 16 & 0xff));
    }
    w->width = f.width;
    w->height = f.height;
    w->square = f.square;
    return w->rgba;
}

int web_width(const struct web *w) { return w->width; }
int web_height(const struct web *w) { return w->height; }
int web_square(const struct web *w) { return w->square; }

const char *web_screen_text(struct web *w)
{
    size_t n = vitrine_screen_text(w->v, NULL, 0);
    char *text = xcalloc(1, n + 1);
    vitrine_screen_text(w->v, text, n + 1);
    free(w->text);
    return w->text = text;
}

const char *web_hash(struct web *w)
{
    char hash[33];
    vitrine_hash(w->v, hash);
    return web_say(w, hash);
}

const char *web_screen_hash(struct web *w)
{
    char hash[33];
    vitrine_screen_hash(w->v, hash);
    return web_say(w, hash);
}

u32 web_leds(const struct web *w) { return vitrine_leds(w->v); }

/* ---- what a person does ---- */

void web_key(struct web *w, u32 usage, int down) { vitrine_key(w->v, (u8)usage, down != 0); }
void web_mouse(struct web *w, int dx, int dy, int dz) { vitrine_mouse_move(w->v, dx, dy, dz); }
void web_buttons(struct web *w, u32 buttons) { vitrine_mouse_buttons(w->v, (u8)buttons); }
void web_reset(struct web *w) { vitrine_reset(w->v); }
void web_power_button(struct web *w) { vitrine_power_button(w->v); }

const char *web_type(struct web *w, const char *text)
{
    struct vitrine_error error;
    return web_say(w, vitrine_type(w->v, text, &error) ? "" : error.text);
}

const char *web_speed(struct web *w, const char *speed)
{
    struct vitrine_error error;
    if (!vitrine_set_speed(w->v, speed, &error))
        return web_say(w, error.text);
    w->least_cost = vitrine_tick_cost(w->v);
    return web_say(w, "");
}

const char *web_insert(struct web *w, int drive, const char *file, int force)
{
    struct vitrine_error error = { 0 };
    struct drive_file list[DRIVE_FILES];
    char message[1024] = "";
    int n = file ? drive_parse(file, list, 1, message, sizeof message) : 0;
    if (n < 0)
        return web_say(w, message);
    struct vitrine_medium medium = { 0 };
    if (n)
        medium = (struct vitrine_medium) { .file = list->path, .raw = list->raw };
    bool ok = vitrine_insert(w->v, (enum vitrine_drive)drive, n ? &medium : NULL, force != 0, &error);
    drive_free(list, n);
    return web_say(w, ok ? "" : error.text);
}

const char *web_drive(struct web *w, int drive)
{
    static const char *const kinds[] = { "none", "floppy", "disk", "cd" };
    struct vitrine_drive_state s;
    char text[600];
    vitrine_drive_state(w->v, (enum vitrine_drive)drive, &s);
    snprintf(text, sizeof text, "%s %s %s", kinds[s.kind], s.locked ? "locked" : s.full ? "full" : "empty", s.name ? s.name : "");
    return web_say(w, text);
}

double web_accesses(struct web *w, int drive)
{
    struct vitrine_drive_state s;
    vitrine_drive_state(w->v, (enum vitrine_drive)drive, &s);
    return (double)s.accesses;
}

static struct web_line *line_of(struct web *w, int line)
{
    return &w->line[line < 0 || line >= VITRINE_SERIALS ? VITRINE_SERIALS : line];
}

u32 web_serial_ready(struct web *w, int line) { return (u32)line_of(w, line)->n; }

const u8 *web_serial_take(struct web *w, int line)
{
    struct web_line *l = line_of(w, line);
    free(l->taken);
    l->taken = l->bytes;
    l->bytes = NULL;
    l->n = l->room = 0;
    return l->taken;
}

void web_serial_give(struct web *w, int line, const u8 *bytes, u32 n) { vitrine_serial_input(w->v, line, bytes, n); }

/* ---- its state ---- */

u32 web_save(struct web *w)
{
    size_t n = 0;
    vitrine_release(w->saved);
    w->saved = vitrine_save(w->v, &n);
    return w->saved ? (u32)n : 0;
}

const u8 *web_saved(struct web *w) { return w->saved; }

const char *web_state_text(struct web *w)
{
    free(w->text);
    w->text = vitrine_state_text(w->v, NULL);
    return w->text ? w->text : web_say(w, "");
}

const char *web_load(struct web *w, const u8 *bytes, u32 n)
{
    struct vitrine_error error;
    bool ok = vitrine_load(w->v, bytes, n, &error);
    if (w->desk)
        w->desk->moved(w);
    web_restart(w);
    return web_say(w, ok ? "" : error.text);
}
