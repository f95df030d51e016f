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

void do_commands(struct debugger *d, int argc, char **argv)
{
    struct point *p = stops_numbered(d, argc, argv);
    char text[sizeof d->last];
    if (!p)
        return;
    words_join(argc, argv, 2, text, sizeof text);
    size_t n = strlen(text);
    bool quoted = n > 1 && (text[0] == '"' || text[0] == '\'') && text[n - 1] == text[0];
    if (quoted)
        text[n - 1] = 0;
    point_text(&p->commands, n ? text + quoted : NULL);
    if (n)
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
