/* line.c - where the prompt is, and lines come from: the terminal or file that is the program's standard input, or the other end of a
 * stream. Keys of a terminal are edited by readline, also where the terminal is at the other end of a pseudo-terminal; over a socket
 * whole lines come. While the machine runs, what comes over a stream waits; Ctrl-C and an empty line stop the machine. */
#include "prompt_parts.h"
#include "../../host/clock.h"
#include "../../host/handle.h"
#include "../../host/text.h"
#include "../../iodev/image/stream.h"
#ifdef HAVE_READLINE
#include <readline/readline.h>
#elif defined HAVE_LIBEDIT
#include <editline/readline.h>
#endif

enum { CTRL_C = 3, HEARD_MOST = 1 << 16 };
static const u64 LOOK_NS = 10000000;

struct prompt_line {
    struct stream *stream;
    bool terminal;              /* a pseudo-terminal */
    bool there;                 /* somebody is, as the prompt knows */
    bool stop;                  /* Ctrl-C came */
    struct text *out;
    char *heard;                /* and not yet taken: so many bytes */
    size_t count;
};

/* ---- a stream ---- */

/* A raw terminal wants its returns. */
static bool tell(void *to, const char *bytes, size_t n)
{
    struct prompt_line *l = to;
    size_t k = 0;
    if (!l->there)
        return true;
    for (size_t from = 0; l->terminal && k < n; k++)
        if (bytes[k] == '\n' || k + 1 == n) {
            size_t end = bytes[k] == '\n' ? k : k + 1;
            stream_write(l->stream, (const u8 *)bytes + from, (int)(end - from));
            if (bytes[k] == '\n')
                stream_write(l->stream, (const u8 *)"\r\n", 2);
            from = k + 1;
        }
    if (!l->terminal)
        stream_write(l->stream, (const u8 *)bytes, (int)n);
    return true;
}

void debugger_set_line(struct debugger *d, struct stream *stream, bool terminal)
{
    struct prompt_line *l = d->line = xcalloc(1, sizeof *l);
    l->stream = stream;
    l->terminal = terminal;
    l->out = text_to(tell, l);
    d->out = l->out ? text_file(l->out) : stdout;
}

/* What was said is on its way. */
static void say_now(struct debugger *d)
{
    fflush(d->out);
    if (d->line && d->line->out)
        text_flush(d->line->out);
}

void debugger_set_gone(struct debugger *d, bool (*gone)(void *to), void *to)
{
    d->gone = gone;
    d->gone_to = to;
}

/* Take what has come. False: nobody is there. */
static bool hear(struct prompt_line *l)
{
    u8 bytes[512];
    int n;
    stream_poll(l->stream);
    while ((n = stream_read(l->stream, bytes, sizeof bytes)) > 0)
        for (int k = 0; k < n; k++) {
            if (bytes[k] == CTRL_C) {
                l->stop = true;
                l->count = 0;
            } else if (l->count < HEARD_MOST && bytes[k] && (l->terminal || bytes[k] != '\r')) {
                l->heard = xrealloc(l->heard, l->count + 1);
                l->heard[l->count++] = (char)bytes[k];
            }
        }
    return stream_attended(l->stream);
}

static void taken(struct prompt_line *l, size_t n)
{
    memmove(l->heard, l->heard + n, l->count - n);
    l->count -= n;
}

static bool is_end(char c) { return c == '\n' || c == '\r'; }

/* Does what was heard end with one? */
static bool empty_line(const struct prompt_line *l)
{
    return l->count && is_end(l->heard[l->count - 1]) && (l->count == 1 || is_end(l->heard[l->count - 2]));
}

bool debugger_poll(struct debugger *d)
{
    struct prompt_line *l = d->line;
    if (!l)
        return false;
    bool there = hear(l), stop = l->stop;
    if (there && !l->there) {
        l->there = true;
        fputs("the machine runs; Ctrl-C or an empty line stops it\n", d->out);
        say_now(d);
    }
    l->there = there;
    while (empty_line(l)) {
        l->count--;
        stop = true;
    }
    l->stop = false;
    return stop;
}

/* Somebody came, or went. True: the prompt is to be shown. */
static bool greet(struct debugger *d)
{
    struct prompt_line *l = d->line;
    bool there = hear(l), came = there && !l->there;
    while (!there && l->count && l->heard[l->count - 1] != '\n')       /* what was begun; whole lines are obeyed */
        l->count--;
    l->there = there;
    if (came && !control_running(d->control))   /* as gdb may have it */
        where_print(d);
    say_now(d);
    return came;
}

static bool is_gone(const struct debugger *d) { return d->gone && d->gone(d->gone_to); }

/* A line of a socket. */
static char *line_of_stream(struct debugger *d)
{
    struct prompt_line *l = d->line;
    bool show = true;
    while (!is_gone(d)) {
        show |= greet(d);
        if (show) {
            fputs(PROMPT, d->out);
            say_now(d);
        }
        show = l->stop;
        if (l->stop)                            /* another debugger lets it run */
            debugger_interrupt(d);
        l->stop = false;
        char *end = l->count ? memchr(l->heard, '\n', l->count) : NULL;
        if (end) {
            size_t n = (size_t)(end - l->heard);
            char *line = xcalloc(n + 1, 1);
            memcpy(line, l->heard, n);
            taken(l, n + 1);
            return line;
        }
        host_wait(LOOK_NS);
    }
    return NULL;
}

/* ---- readline ---- */

#ifdef HAVE_READLINE

static struct debugger *debugger_of_readline(void)
{
    return (void *)(uintptr_t)(rl_readline_name - offsetof(struct debugger, readline_name));
}

/* The next key; EOF where the run ends, or who typed is gone. Ctrl-C is the key that forgets the line. */
static int key_of_stream(FILE *unused)
{
    struct debugger *d = debugger_of_readline();
    struct prompt_line *l = d->line;
    (void)unused;
    say_now(d);
    while (!is_gone(d)) {
        bool was = l->there;
        if (greet(d))
            rl_forced_update_display();
        if (was && !l->there)
            rl_replace_line("", 0);
        if (l->stop) {
            l->stop = false;
            rl_replace_line("", 0);
            rl_redisplay();
        }
        if (l->count) {
            int key = (u8)l->heard[0];
            taken(l, 1);
            return key;
        }
        host_wait(LOOK_NS);
    }
    return EOF;
}

static int keys_wait(void) { return debugger_of_readline()->line->count > 0; }

static void leave_terminal(int meta)
{
    (void)meta;
    rl_tty_set_echoing(1);                      /* nobody else shows what is typed */
}

static void terminal_left(void) { }

/* Ctrl-C while a line is typed at the program's own terminal: the line is forgotten. A signal wakes no reader here, so that readline asks
 * now and then. */
static int line_forgotten(void)
{
    struct debugger *d = debugger_of_readline();
    if (!atomic_exchange(&d->forget, false))
        return 0;
    fputs("^C\n", rl_outstream);
    rl_replace_line("", 0);
    rl_point = 0;
    rl_on_new_line();
    rl_redisplay();
    return 0;
}

static void readline_begin(struct debugger *d)
{
    completion_begin(d);
    if (!d->line) {
        rl_event_hook = line_forgotten;
        return;
    }
    rl_outstream = d->out;
    rl_getc_function = key_of_stream;
    rl_input_available_hook = keys_wait;
    rl_prep_term_function = leave_terminal;     /* the program's own stays as it is */
    rl_deprep_term_function = terminal_left;
    rl_catch_signals = rl_catch_sigwinch = 0;
}

static bool is_edited(const struct debugger *d) { return d->line ? d->line->terminal : debugger_attended(d); }

#elif defined HAVE_LIBEDIT
static void readline_begin(struct debugger *d) { completion_begin(d); }
/* It takes keys of this program's own terminal alone. */
static bool is_edited(const struct debugger *d) { return !d->line && debugger_attended(d); }
#endif

#if defined HAVE_READLINE || defined HAVE_LIBEDIT
static char *edited(struct debugger *d)
{
    int lines, columns;
    atomic_store(&d->forget, false);
    if (d->line && handle_terminal_size(stream_handle(d->line->stream), &lines, &columns))
        rl_set_screen_size(lines, columns);
    char *line = readline(PROMPT);
    if (line && *line)
        typed_add(d, line);
    return line;
}
#else
static void readline_begin(struct debugger *d) { (void)d; }
static bool is_edited(const struct debugger *d) { (void)d; return false; }
static char *edited(struct debugger *d) { (void)d; return NULL; }
#endif

/* ---- anyone ---- */

bool debugger_attended(const struct debugger *d)
{
    return d->line ? stream_attended(d->line->stream) : handle_is_terminal(handle_standard(STANDARD_INPUT));
}

struct handle prompt_out(const struct debugger *d)
{
    return d->line ? stream_handle(d->line->stream) : handle_standard(STANDARD_OUTPUT);
}

char *line_read(struct debugger *d)
{
    char buffer[2 * sizeof d->last];
    int c;
    if (is_edited(d))
        return edited(d);
    if (d->line)
        return line_of_stream(d);
    fputs(PROMPT, d->out);
    fflush(d->out);
    if (!fgets(buffer, sizeof buffer, stdin))
        return NULL;
    if (strlen(buffer) + 1 == sizeof buffer && buffer[sizeof buffer - 2] != '\n')
        while ((c = getc(stdin)) != EOF && c != '\n')          /* its rest is no command */
            ;
    buffer[strcspn(buffer, "\n")] = 0;
    return xstrdup(buffer);
}

void line_begin(struct debugger *d)
{
    readline_begin(d);
    if (d->line ? d->line->terminal : debugger_attended(d))
        typed_begin(d);
}

void line_end(struct debugger *d)
{
    say_now(d);
    if (d->line)
        stream_flush(d->line->stream);
    typed_end(d);
}

void line_free(struct debugger *d)
{
    if (!d->line)
        return;
    text_drop(d->line->out);
    free(d->line->heard);
    free(d->line);
    d->line = NULL;
    d->out = stdout;
}
