/* completion.c - what Tab offers at the prompt: commands, and what the argument of a command may be, by the words of its usage. */
#include "parts.h"
#include "../../iodev/machine/device.h"
#include <stdio.h>

#if defined HAVE_READLINE || defined HAVE_LIBEDIT
#ifdef HAVE_LIBEDIT
#include <editline/readline.h>
#else
#include <readline/readline.h>
#endif

enum { OFFERED_MOST = 1000 };

struct offers { const char *text; char **list; size_t n; };

static void offer(struct offers *o, const char *name)
{
    if (strncmp(name, o->text, strlen(o->text)))
        return;
    for (size_t k = 0; k < o->n; k++)
        if (!strcmp(o->list[k], name))
            return;
    o->list = xrealloc(o->list, (o->n + 2) * sizeof *o->list);
    o->list[o->n++] = xstrdup(name);
    o->list[o->n] = NULL;
}

/* readline wants the longest common beginning first, then every match. */
static char **finish_list(struct offers *o)
{
    char **all;
    size_t common;
    if (!o->n)
        return NULL;
    common = strlen(o->list[0]);
    for (size_t i = 1; i < o->n; i++) {
        size_t k = 0;
        while (k < common && o->list[i][k] == o->list[0][k])
            k++;
        common = k;
    }
    all = xcalloc(o->n + 2, sizeof *all);
    all[0] = xcalloc(common + 1, 1);
    memcpy(all[0], o->list[0], common);
    if (o->n == 1)
        free(o->list[0]);
    else
        memcpy(all + 1, o->list, o->n * sizeof *o->list);
    free(o->list);
    return all;
}

static void offer_commands(struct offers *o)
{
    char alias[TEXT];
    for (const struct command *c = commands; c->name; c++) {
        offer(o, c->name);
        for (int k = 0; *o->text && command_alias(c, k, alias, sizeof alias); k++)
            offer(o, alias);
    }
}

static void offer_symbols(struct debugger *d, struct offers *o)
{
    const struct symbol *s;
    for (size_t k = 0; k < OFFERED_MOST && (s = symbols_beginning(d->symbols, o->text, k)); k++)
        offer(o, s->name);
}

/* With the $ or % that was typed. */
static void offer_registers(struct offers *o)
{
    char name[TEXT], mark = *o->text && strchr("$%", *o->text) ? *o->text : 0;
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        snprintf(name, sizeof name, "%s%s", mark == '$' ? "$" : mark ? "%" : "", r->name);
        offer(o, name);
    }
}

static void offer_devices(struct debugger *d, struct offers *o)
{
    for (const struct device *dev = machine_devices(d->m); dev; dev = dev->next)
        offer(o, dev->id);
}

/* The words of a usage that are typed as they stand: small letters. */
static void offer_literals(const char *arguments, struct offers *o)
{
    char word[TEXT];
    for (const char *at = arguments; *at; at++) {
        size_t n = 0;
        while ((is_letter(at[n]) || at[n] == '-') && n + 1 < sizeof word) {
            word[n] = at[n];
            n++;
        }
        word[n] = 0;
        if (n > 1 && word[0] == to_lower(word[0]))
            offer(o, word);
        at += n ? n - 1 : 0;
    }
}

static bool wants(const struct command *c, const char *word) { return strstr(c->arguments, word); }

/* The words of `info` and the like, which have a table of their own. */
static void offer_subcommands(const struct command *c, struct offers *o)
{
    for (int k = 0; c->subcommands && c->subcommands(k); k++)
        offer(o, c->subcommands(k));
}

/* readline passes no pointer of ours, but keeps one: the program's name. */
static char **complete(const char *text, int start, int end)
{
    struct debugger *d = (void *)(rl_readline_name - offsetof(struct debugger, readline_name));
    struct offers o = { text, NULL, 0 };
    char first[TEXT];
    bool ambiguous;
    (void)end;
    rl_attempted_completion_over = 1;
    if (strspn(rl_line_buffer, " ") == (size_t)start) {
        offer_commands(&o);
        return finish_list(&o);
    }
    const char *line = rl_line_buffer + strspn(rl_line_buffer, " ");
    snprintf(first, sizeof first, "%.*s", (int)strcspn(line, " /"), line);
    const struct command *c = command_find(first, &ambiguous);
    if (!c)
        return NULL;
    if (wants(c, "FILE") || wants(c, "FOLDER"))
        rl_attempted_completion_over = 0;       /* readline knows files */
    if (c->takes_command)
        offer_commands(&o);
    offer_literals(c->arguments, &o);
    offer_subcommands(c, &o);
    if (wants(c, "DEVICE"))
        offer_devices(d, &o);
    if (wants(c, "REGISTER") || (*text && (wants(c, "ADDRESS") || wants(c, "EXPRESSION") || wants(c, "VALUE"))))
        offer_registers(&o);
    if (wants(c, "ADDRESS") || wants(c, "EXPRESSION") || wants(c, "SYMBOL"))
        offer_symbols(d, &o);
    return finish_list(&o);
}

void completion_begin(struct debugger *d)
{
    rl_attempted_completion_function = complete;
    rl_completer_word_break_characters = " \t\n\"'<=>!&|^~+*()[]{}:,";
    snprintf(d->readline_name, sizeof d->readline_name, "vitrine");
    rl_readline_name = d->readline_name;
}
#else
void completion_begin(struct debugger *d) { (void)d; }
#endif
