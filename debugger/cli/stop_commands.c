/* stop_commands.c - commands that belong to points, and are obeyed when these have stopped the machine. */
#include "stops.h"
#include "../prompt/prompt_parts.h"

/* Behind or before what there is, with a separator; frees what there was. */
static void join(char **text, const char *first, const char *second)
{
    size_t n = (first ? strlen(first) : 0) + strlen(second) + 3;
    char *all = xcalloc(n, 1);
    snprintf(all, n, "%s%s%s", first ? first : "", first && *first ? "; " : "", second);
    free(*text);
    *text = all;
}

/* The words from argv[first] on, without the quotes around all of them; NULL: there are none. */
static const char *unquoted(int argc, char **argv, int first, char *text, size_t size)
{
    words_join(argc, argv, first, text, size);
    size_t n = strlen(text);
    bool quoted = n > 1 && (text[0] == '"' || text[0] == '\'') && text[n - 1] == text[0];
    if (quoted)
        text[n - 1] = 0;
    return n ? text + quoted : NULL;
}

void do_on_stop(struct debugger *d, int argc, char **argv)
{
    char text[sizeof d->last];
    const char *wish = unquoted(argc, argv, 1, text, sizeof text);
    if (!wish) {
        fprintf(d->out, "%s\n", d->on_stop ? d->on_stop : "nothing is done at each stop");
        return;
    }
    free(d->on_stop);
    d->on_stop = strcmp(wish, "off") ? xstrdup(wish) : NULL;
}

void do_commands(struct debugger *d, int argc, char **argv)
{
    struct point *p = stops_numbered(d, argc, argv);
    char text[sizeof d->last];
    if (!p)
        return;
    const char *wish = unquoted(argc, argv, 2, text, sizeof text);
    point_text(&p->commands, wish);
    if (wish)
        return;
    d->collecting = p->number;
    fputs("a line each, then: end\n", d->out);
}

bool stops_collect(struct debugger *d, const char *line)
{
    char word[sizeof d->last];
    struct point *p = d->collecting ? points_find(stops_points(d), POINT_USER, d->collecting) : NULL;
    if (!p)
        return d->collecting = 0, false;
    snprintf(word, sizeof word, "%s", line + strspn(line, " \t"));
    word[strcspn(word, "\n")] = 0;
    if (!strcmp(word, "end"))
        d->collecting = 0;
    else if (*word)
        join(&p->commands, p->commands, word);
    return true;
}

/* Those of a stop come before what still waits. */
void stops_came(struct debugger *d)
{
    for (int k = points_hits(stops_points(d)); k-- > 0; ) {
        const struct point *p = points_hit(stops_points(d), k)->point;
        if (p->owner == POINT_USER && p->commands)
            join(&d->point_commands, p->commands, d->point_commands ? d->point_commands : "");
    }
}

/* The first command of those that wait, cut off. */
static void next_command(struct debugger *d, char *command, size_t n)
{
    char *text = d->point_commands;
    size_t at = command_length(text);
    snprintf(command, n, "%.*s", (int)at, text);
    const char *rest = text[at] ? text + at + 1 : text + at;
    rest += strspn(rest, " ");
    d->point_commands = *rest ? xstrdup(rest) : NULL;
    free(text);
}

static void drop(struct debugger *d)
{
    free(d->point_commands);
    d->point_commands = NULL;
}

/* One after another, not within each other: one of them may let the machine run, and bring more. */
void stops_obey(struct debugger *d)
{
    char command[sizeof d->last];
    if (d->obeying_points)
        return;
    d->obeying_points = true;
    while (d->point_commands && !d->leave) {
        next_command(d, command, sizeof command);
        fprintf(d->out, "> %s\n", command);
        if (!debugger_command(d, command))
            drop(d);
    }
    drop(d);
    d->obeying_points = false;
}
