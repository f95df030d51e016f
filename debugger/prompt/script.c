/* script.c - commands that nobody types: files of them, what the command line brings along, what is to be done at a stop.
 * They wait in a stack of texts, of which the last that came is obeyed first; a text is taken apart as it is obeyed. */
#include "prompt_parts.h"

enum { DEPTH_MOST = 50 };

struct script {
    struct script *below;
    bool on_stop;
    const char *at;             /* what is left of the text */
    int line;
    char *from;                 /* "-debug-command", a file */
    char text[];
};

static void script_drop(struct debugger *d)
{
    struct script *s = d->scripts;
    d->scripts = s->below;
    free(s->from);
    free(s);
}

void scripts_drop(struct debugger *d)
{
    while (d->scripts)
        script_drop(d);
}

static struct script *script_new(const char *from, const char *text)
{
    size_t n = strlen(text) + 1;
    struct script *s = xcalloc(1, sizeof *s + n);
    memcpy(s->text, text, n);
    s->at = s->text;
    s->line = 1;
    s->from = xstrdup(from);
    return s;
}

bool script_push(struct debugger *d, const char *from, const char *text)
{
    int depth = 0;
    for (const struct script *s = d->scripts; s; s = s->below)
        depth++;
    if (depth >= DEPTH_MOST)
        return refuse(d, "%s: commands that call commands, %d deep: there would be no end", from, depth), false;
    struct script *s = script_new(from, text);
    s->below = d->scripts;
    d->scripts = s;
    return true;
}

void debugger_add_commands(struct debugger *d, const char *from, const char *text)
{
    struct script **last = &d->scripts;
    while (*last)
        last = &(*last)->below;
    *last = script_new(from, text);
    d->scripted = true;
}

void debugger_set_on_stop(struct debugger *d, const char *text)
{
    free(d->on_stop);
    d->on_stop = text ? xstrdup(text) : NULL;
    d->scripted |= text != NULL;
}

/* What an earlier stop left undone is not done any more. */
void scripts_stopped(struct debugger *d)
{
    if (!d->on_stop)
        return;
    while (d->scripts && d->scripts->on_stop)
        script_drop(d);
    if (script_push(d, "-on-stop", d->on_stop))
        d->scripts->on_stop = true;
}

size_t command_length(const char *text)
{
    char quote = 0;
    size_t n = 0;
    for (; text[n] && text[n] != '\n' && (quote || text[n] != ';'); n++) {
        if (quote ? text[n] == quote : text[n] == '"' || text[n] == '\'')
            quote = quote ? 0 : text[n];
    }
    return n;
}

/* The next command of the stack's top into `line`. False: its text is at an end. */
static bool script_line(struct script *s, char *line, size_t size, bool *whole)
{
    while (*s->at) {
        const char *text = s->at + strspn(s->at, " \t\r");
        size_t n = *text == '#' ? strcspn(text, "\n") : command_length(text);
        s->at = text + n;
        bool ends = *s->at == '\n';
        s->at += *s->at != 0;
        if (n && *text != '#') {
            while (n && strchr(" \t\r", text[n - 1]))
                n--;
            *whole = n < size;
            snprintf(line, size, "%.*s", (int)n, text);
        }
        s->line += ends;
        if (n && *text != '#')
            return true;
    }
    return false;
}

/* The line that was obeyed last, for a message. */
static int line_before(const struct script *s) { return s->at > s->text && s->at[-1] == '\n' ? s->line - 1 : s->line; }

static void script_failed(struct debugger *d, const char *from, int line)
{
    fprintf(d->out, "%s:%d: this command failed: the script ends here\n", from, line);
    fflush(d->out);
    scripts_drop(d);
    d->script_failed = true;
}

bool scripts_obey(struct debugger *d)
{
    char line[sizeof d->last];
    bool whole = true;
    while (d->scripts && !script_line(d->scripts, line, sizeof line, &whole))
        script_drop(d);
    if (!d->scripts)
        return false;
    struct script *s = d->scripts;
    char *from = xstrdup(s->from);
    int number = line_before(s);
    fprintf(d->out, "%s%s\n", PROMPT, line);
    fflush(d->out);                                     /* before what the guest says */
    if (!whole)
        refuse(d, "a command has at most %zu characters", sizeof line - 1);
    if (!whole || !debugger_command(d, line))
        script_failed(d, from, number);
    free(from);
    return true;
}
