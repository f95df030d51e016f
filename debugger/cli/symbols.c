/* symbols.c - the debugger's command for files of symbols. */
#include "parts.h"

enum { SHOWN_MOST = 100 };

static void files_print(struct debugger *d)
{
    struct symbol_file_info info;
    int k = 0;
    for (; symbols_info(d->symbols, k, &info); k++) {
        fprintf(d->out, "%s: %s, %zu symbols", info.path, info.kind, info.count);
        if (info.low <= info.high)
            fprintf(d->out, " from %08llx to %08llx", (unsigned long long)info.low, (unsigned long long)info.high);
        if (info.offset)
            fprintf(d->out, ", moved by %llx", (unsigned long long)info.offset);
        fputc('\n', d->out);
    }
    if (!k)
        fputs("no symbols; symbols load FILE[@OFFSET] takes some in: an ELF program, System.map, or what nm writes\n", d->out);
}

static void symbol_print(const struct symbol *s, FILE *out)
{
    fprintf(out, "%08llx  %s", (unsigned long long)s->address, s->name);
    if (s->sized)
        fprintf(out, "  %llu bytes", (unsigned long long)(s->end - s->address));
    fputs(s->absolute ? "  a number\n" : s->global ? "\n" : "  local\n", out);
}

static void beginning_print(struct debugger *d, const char *word)
{
    const struct symbol *s;
    size_t k = 0;
    for (; k < SHOWN_MOST && (s = symbols_beginning(d->symbols, word, k)); k++)
        symbol_print(s, d->out);
    if (k == SHOWN_MOST && symbols_beginning(d->symbols, word, k))
        fprintf(d->out, "(the first %d)\n", SHOWN_MOST);
    if (k)
        return;
    const char *near = symbols_nearest(d->symbols, word);
    if (near)
        refuse(d, "no symbol begins with %s; did you mean %s?", word, near);
    else
        refuse(d, "no symbol begins with %s", word);
}

/* A file's name may have spaces. */
static void load(struct debugger *d, int argc, char **argv)
{
    char file[sizeof d->last], message[400];
    words_join(argc, argv, 2, file, sizeof file);
    if (symbols_load(d->symbols, file, message, sizeof message))
        files_print(d);
    else
        refuse(d, "%s", message);
}

static void find(struct debugger *d, const char *text)
{
    u64 linear;
    char name[TEXT];
    if (!expression_address(d, text, &linear))
        return;
    name_at(d->symbols, d->cpu, linear, name, sizeof name);
    fprintf(d->out, "%08llx  %s\n", (unsigned long long)linear, *name ? name : "belongs to no symbol");
}

void do_symbols(struct debugger *d, int argc, char **argv)
{
    if (argc < 2)
        files_print(d);
    else if (!strcmp(argv[1], "load") && argc > 2)
        load(d, argc, argv);
    else if (!strcmp(argv[1], "find") && argc > 2)
        find(d, argv[2]);
    else
        beginning_print(d, argv[1]);
}
