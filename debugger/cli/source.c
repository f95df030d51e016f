/* source.c - the debugger's commands that show source lines, and what takes the name of one for an address. */
#include "parts.h"
#include <stdio.h>

enum { LINES = 10 };

/* FILE:LINE; false if it is not of that form. A drive or segment before the colon has no dot. */
static bool is_file_line(const char *text, char *file, size_t n, int *line)
{
    const char *colon = strrchr(text, ':');
    char *end;
    if (!colon || colon == text || !is_digit(colon[1]))
        return false;
    long number = strtol(colon + 1, &end, 10);
    snprintf(file, n, "%.*s", (int)(colon - text), text);
    *line = (int)number;
    return !*end && number > 0 && number < 10000000 && strpbrk(file, "./");
}

static bool is_identifier(const char *text)
{
    return *text && !is_digit(*text) && !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

/* A function's own code, and its copies in others. */
static size_t function_places(struct debugger *d, const char *text, u64 *at, size_t most)
{
    const struct symbol *symbol = symbols_find(d->symbols, text);
    size_t n = 0;
    if (symbol)
        at[n++] = (u32)symbol->address;
    bool may = !symbol ? is_identifier(text) : symbol->function;
    return n == most || !may ? n : n + symbols_inlined_places(d->symbols, text, at + n, most - n);
}

size_t code_places(struct debugger *d, const char *text, u64 *at, size_t most)
{
    char file[sizeof d->last];
    int line;
    struct source_line found;
    size_t n = function_places(d, text, at, most);
    if (n)
        return n;
    if (!is_file_line(text, file, sizeof file, &line))
        return expression_address(d, text, at);
    n = symbols_line_places(d->symbols, file, line, at, most, &found);
    if (!n)
        refuse(d, "no code is known of line %d of %s or behind", line, file);
    else if (found.line != line)
        fprintf(d->out, "line %d has no code; line %d is the next that has\n", line, found.line);
    return n;
}

bool code_address(struct debugger *d, const char *text, u64 *linear) { return code_places(d, text, linear, 1); }

static bool line_print(struct debugger *d, const struct source_line *line, bool mark)
{
    const char *text = sources_line(d->sources, line);
    if (text)
        fprintf(d->out, "%s%-5d %s\n", mark ? "->" : "  ", line->line, text);
    return text;
}

void source_line_print(struct debugger *d, const struct source_line *line)
{
    const char *text = sources_line(d->sources, line);
    if (text)
        fprintf(d->out, "%-5d %s\n", line->line, text);
}

void source_print(struct debugger *d, u64 linear)
{
    struct source_line line;
    if (symbols_line(d->symbols, linear, names_physical(d->cpu), &line))
        source_line_print(d, &line);
}

/* Ten lines; the first time around the address, then what follows. */
void do_list(struct debugger *d, int argc, char **argv)
{
    u64 here = linear_here(d->cpu), linear = d->listed_line ? d->listed : here;
    struct source_line line, at;
    bool physical = names_physical(d->cpu);
    if (argc > 1) {
        if (!code_address(d, argv[1], &linear))
            return;
        d->listed_line = 0;
    }
    if (!symbols_line(d->symbols, linear, physical, &line)) {
        if (argc > 1)
            refuse(d, "no source line is known of %08x", (u32)linear);
        else
            do_breakpoints(d, argc, argv);
        return;
    }
    int from = d->listed_line ? d->listed_line : line.line > LINES / 2 ? line.line - LINES / 2 : 1;
    bool known = symbols_line(d->symbols, here, physical, &at) && !strcmp(at.file, line.file);
    d->listed = linear;
    for (d->listed_line = from; d->listed_line < from + LINES; d->listed_line++) {
        line.line = d->listed_line;
        if (line_print(d, &line, known && at.line == line.line))
            continue;
        if (line.line == from)
            fprintf(d->out, sources_line(d->sources, &(struct source_line){ line.file, line.folder, 1 }) ?
                    "%s ends here\n" : "%s is not found; directory FOLDER says where else to look\n", line.file);
        break;
    }
    snprintf(d->last, sizeof d->last, "list");
}

/* A folder's name may have spaces. */
void do_directory(struct debugger *d, int argc, char **argv)
{
    char folder[sizeof d->last];
    if (argc < 2) {
        refuse(d, "which? FOLDER");
        return;
    }
    words_join(argc, argv, 1, folder, sizeof folder);
    sources_add(d->sources, folder);
}
