/* commands.c - the command line: its words, the command that they begin with, and help. All of it comes from the table, commands.inc. */
#include "parts.h"
#include "../../host/file.h"
#include "../prompt/prompt_parts.h"
#include "../symbols/nearest.h"
#include <stdio.h>

#define SCRIPT_MOST (1u << 20)

const struct command commands[] = {
#define COMMAND(...) { __VA_ARGS__, .row = __LINE__ },
#include "commands.inc"
#undef COMMAND
    { .name = NULL }
};

/* ---- finding ---- */

/* The k-th of the blank-separated words, in `word`; false past the last. */
static bool word_at(const char *words, int k, char *word, size_t n)
{
    for (const char *at = words; at && *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (!k--) {
            snprintf(word, n, "%.*s", (int)length, at);
            return true;
        }
        at += length;
    }
    return false;
}

bool command_alias(const struct command *c, int k, char *word, size_t n) { return word_at(c->aliases, k, word, n); }

static bool is_called(const struct command *c, const char *word)
{
    char alias[TEXT];
    if (!strcmp(word, c->name) || !strcmp(word, c->shortest))
        return true;
    for (int k = 0; command_alias(c, k, alias, sizeof alias); k++)
        if (!strcmp(word, alias))
            return true;
    return false;
}

/* What a person may have meant to begin: its name, or where no name is, another word for it. */
static bool begins(const struct command *c, const char *word, bool aliases)
{
    char alias[TEXT];
    size_t n = strlen(word);
    if (c->whole)
        return false;
    if (!aliases)
        return !strncmp(word, c->name, n);
    for (int k = 0; command_alias(c, k, alias, sizeof alias); k++)
        if (!strncmp(word, alias, n))
            return true;
    return false;
}

const struct command *command_find(const char *word, bool *ambiguous)
{
    const struct command *found = NULL;
    *ambiguous = false;
    for (const struct command *c = commands; c->name; c++)
        if (is_called(c, word))
            return c;
    for (int aliases = 0; aliases < 2 && !found; aliases++) {
        for (const struct command *c = commands; c->name; c++) {
            if (!begins(c, word, aliases))
                continue;
            *ambiguous |= found != NULL;
            found = c;
        }
    }
    return *ambiguous ? NULL : found;
}

/* A word one or two letters from it. */
static const char *nearest_command(const char *word, char *text, size_t n)
{
    int most = (int)strlen(word) / 3 + 1;
    char alias[TEXT];
    *text = 0;
    for (const struct command *c = commands; c->name && most >= 0; c++) {
        bool more = true;
        snprintf(alias, sizeof alias, "%s", c->name);
        for (int k = 0; more; more = command_alias(c, k++, alias, sizeof alias)) {
            int distance = word_distance(word, alias, most);
            if (distance <= most && distance < (int)strlen(alias)) {
                most = distance - 1;
                snprintf(text, n, "%s", alias);
            }
        }
    }
    return text;
}

/* Why there is no such command. */
static void refuse_word(struct debugger *d, const char *word, bool ambiguous)
{
    char text[4 * TEXT] = "";
    if (!ambiguous) {
        bool near = *nearest_command(word, text, sizeof text);
        refuse(d, near ? "no command %s: did you mean %s?" : "no command %s; help lists them", word, text);
        return;
    }
    for (int aliases = 0; aliases < 2 && !*text; aliases++)
        for (const struct command *c = commands; c->name; c++)
            if (begins(c, word, aliases))
                snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? ", " : "", c->name);
    refuse(d, "%s may be %s: which?", word, text);
}

/* ---- help ---- */

static void usage_print(const struct command *c, FILE *out)
{
    char usage[2 * TEXT];
    snprintf(usage, sizeof usage, "%s%s%s", c->name, *c->arguments ? " " : "", c->arguments);
    fprintf(out, "%-5s %-33s %s\n", strcmp(c->shortest, c->name) ? c->shortest : "", usage, c->help);
}

/* One command: its usage, other words for it, examples. */
static void command_tell(const struct command *c, FILE *out)
{
    usage_print(c, out);
    if (c->aliases)
        fprintf(out, "      also: %s\n", c->aliases);
    if (c->example)
        fprintf(out, "      such as: %s\n", c->example);
}

static bool is_theme(const char *word)
{
    for (const struct command *c = commands; c->name; c++)
        if (c->theme && !strcmp(c->theme, word))
            return true;
    return false;
}

static void themes_print(const char *only, FILE *out)
{
    const char *theme = "";
    for (const struct command *c = commands; c->name; c++) {
        theme = c->theme ? c->theme : theme;
        if (only && strcmp(only, theme))
            continue;
        if (c->theme)
            fprintf(out, "%s%s\n", c == commands || only ? "" : "\n", theme);
        usage_print(c, out);
    }
}

void do_help(struct debugger *d, int argc, char **argv)
{
    bool ambiguous = false;
    char text[TEXT];
    words_join(argc, argv, 1, text, sizeof text);
    const struct command *only = argc > 1 ? command_find(argv[1], &ambiguous) : NULL;
    if (argc > 1 && is_theme(text))
        themes_print(text, d->out);
    else if (only)
        command_tell(only, d->out);
    else if (argc > 1 && !strcmp(argv[0], "?"))         /* Bochs's: a value */
        do_print(d, argc, argv);
    else if (argc > 1)
        refuse_word(d, argv[1], ambiguous);
    else {
        themes_print(NULL, d->out);
        fputs("\nhelp COMMAND tells more of one. Of a name, its beginning will do; an empty line repeats the last command.\n"
              "Addresses and values are hexadecimal, counts decimal; 0x.. and 0d.. say which. ADDRESS: SEGMENT:OFFSET, linear, or, of\n"
              "memory, phys:ADDRESS. An EXPRESSION is C's: $eax, zf, symbols, [ADDRESS], byte [ds:si], phys[1000], port(61), 'A'.\n",
              d->out);
    }
}

void do_quit(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    d->leave = d->quit = true;
}

/* A file's name may have spaces. */
void do_source(struct debugger *d, int argc, char **argv)
{
    char file[sizeof d->last];
    struct failure why;
    if (argc < 2) {
        refuse(d, "which? FILE, of commands");
        return;
    }
    words_join(argc, argv, 1, file, sizeof file);
    char *text = file_text(file, SCRIPT_MOST, NULL, &why);
    if (text)
        script_push(d, file, text);
    else
        refuse(d, "%s: %s", file, why.text);
    free(text);
}

/* ---- a line ---- */

/* Where the word that begins here ends: at a blank that is in no brackets and no quotes. */
static char *word_end(char *at)
{
    int depth = 0;
    for (; *at && (depth > 0 || !strchr(" \t\n", *at)); at++) {
        if (*at == '"' && strchr(at + 1, '"'))
            at = strchr(at + 1, '"');
        else if (strchr("([{", *at))
            depth++;
        else if (strchr(")]}", *at))
            depth--;
    }
    return at;
}

/* "FILE NAME" without its quotes. */
static char *unquoted(char *word)
{
    size_t n = strlen(word);
    if (n < 2 || *word != '"' || word[n - 1] != '"')
        return word;
    word[n - 1] = 0;
    return word + 1;
}

/* How many words; WORDS + 1: too many. */
static int split(char *text, char **argv)
{
    int argc = 0;
    for (char *at = text + strspn(text, " \t\n"); *at; at += strspn(at, " \t\n")) {
        char *end = word_end(at), *word = at;
        if (argc == WORDS)
            return WORDS + 1;
        at = *end ? end + 1 : end;
        *end = 0;
        argv[argc++] = unquoted(word);
    }
    return argc;
}

/* The line with a blank in "x/4w", which is the command x and how it is to show what it shows. */
static void spread(const char *line, char *copy, size_t n)
{
    line += strspn(line, " \t\n");
    size_t word = strcspn(line, " \t\n"), name = strcspn(line, "/");
    bool both = name && name < word;
    snprintf(copy, n, "%.*s%s%s", (int)(both ? name : word), line, both ? " " : "", line + (both ? name : word));
}

/* An address with blanks in it becomes one argument again; other words too many are told. */
static bool fits_usage(struct debugger *d, const struct command *c, int *argc, char **argv)
{
    static const char *const single[] = { "[N]", "SELECTOR", "[SELECTOR]", "VECTOR", "[VECTOR]" };
    int most = *c->arguments ? WORDS : 1;
    for (size_t k = 0; k < ARRAY_LEN(single); k++)
        if (!strcmp(c->arguments, single[k]))
            most = 2;
    if (*argc > most) {
        refuse(d, most == 1 ? "%s takes no arguments: not %s" : "%s takes one argument: not %s", c->name, argv[most]);
        return false;
    }
    bool address = !strcmp(c->arguments, "ADDRESS") || !strcmp(c->arguments, "[ADDRESS]");
    for (; address && *argc > 2; --*argc)
        *strchr(argv[*argc - 2], 0) = ' ';
    return true;
}

/* What no command begins like: a number, $eax, (, * and so on, or a register. */
static bool is_value(const char *line)
{
    char word[TEXT];
    size_t n = 0;
    line += strspn(line, " \t\n");
    for (; n + 1 < sizeof word && (is_letter(line[n]) || is_digit(line[n])); n++)
        word[n] = line[n];
    word[n] = 0;
    return is_digit(*line) || strchr("$%([{*&-+~'", *line) || (n && register_find(word));
}

/* No command of ours: another debugger's word, a value, or what is not understood. */
static void obey_other(struct debugger *d, const char *word, bool ambiguous, const char *line)
{
    char print[sizeof d->last + 16];
    line += strspn(line, " \t\n");
    if (!ambiguous && other_word(d, word, line + strcspn(line, " \t\n/")))
        return;
    if (ambiguous || !is_value(line)) {
        refuse_word(d, word, ambiguous);
        return;
    }
    snprintf(print, sizeof print, "print %s", line);
    debugger_command(d, print);
}

/* A line of which what a program is to do is cut off. */
static void obey(struct debugger *d, const char *line)
{
    char copy[sizeof d->last + 1], *argv[WORDS];
    bool ambiguous;
    spread(line, copy, sizeof copy);
    int argc = split(copy, argv);
    const struct command *c = argc ? command_find(argv[0], &ambiguous) : NULL;
    if (argc > WORDS || strlen(line) >= sizeof d->last)
        refuse(d, "too long: a line has at most %d words and %zu characters", WORDS, sizeof d->last - 1);
    else if (argc && !c)
        obey_other(d, argv[0], ambiguous, line);
    else if (argc && fits_usage(d, c, &argc, argv))
        c->obey(d, argc, argv);
}

/* Those that take all of the line themselves: `commands 1 print cx; continue`. */
static bool takes_all(const char *line)
{
    char word[TEXT];
    bool ambiguous;
    line += strspn(line, " \t\n");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t\n/"), line);
    const struct command *c = command_find(word, &ambiguous);
    return *line == '#' || (c && c->takes_all);
}

/* What stands behind a `continue` that only begins is for when it is over. */
static bool wait_for_it(struct debugger *d, const char *rest)
{
    if (d->going) {
        free(d->rest);
        d->rest = xstrdup(rest);
    }
    return d->going;
}

bool debugger_commands(struct debugger *d, const char *line)
{
    char one[sizeof d->last];
    bool ok = true;
    for (size_t n; ok && !d->leave; line += n + 1) {
        n = d->collecting || takes_all(line) ? strlen(line) : command_length(line);
        snprintf(one, sizeof one, "%.*s", (int)n, line);
        ok = debugger_command(d, one);
        if (!line[n] || wait_for_it(d, line + n + 1))
            break;
    }
    return ok;
}

bool debugger_command(struct debugger *d, const char *line)
{
    char own_part[sizeof d->last];
    FILE *own;
    d->failed = false;
    if (stops_collect(d, line) || line[strspn(line, " \t")] == '#')
        return true;
    const char *bar = strlen(line) < sizeof d->last ? pipe_find(line) : NULL;
    struct program *program = bar ? pipe_begin(d, bar + 1, &own) : NULL;
    snprintf(own_part, sizeof own_part, "%.*s", bar ? (int)(bar - line) : 0, line);
    if (!bar || program)
        obey(d, bar ? own_part : line);
    if (program)
        pipe_end(d, program, own);
    stops_obey(d);
    fflush(d->out);
    return !d->failed;
}
