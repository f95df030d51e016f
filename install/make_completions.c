/* make_completions.c - writes what a shell offers behind `vitrine`, from the option table: make_completions bash|zsh|fish FILE.
 * Follows: bash(1), "Programmable Completion"; zshcompsys(1), "_arguments"; fish's complete(1). */
#include "../cpu/cpuid.h"
#include "../debugger/trace/trace.h"
#include "../gui/session/session.h"
#include "../iodev/board/pc.h"
#include "../memory/log.h"
#include <stdio.h>

/* The words that an option's argument may be, one at a time: from 0 until false. */
struct words { const char *option; const char *const *choices; struct log *log; };

static bool word_at(const struct words *w, int k, const char **word)
{
    const char *title;
    static const char *const debug[] = { "start", "later", "pty" };
    if (w->choices)
        return (*word = w->choices[k]);
    if (!strcmp(w->option, "cpu"))
        return (*word = cpu_model_list[k].name);
    if (!strcmp(w->option, "log"))
        return (*word = log_class_name(w->log, k));
    if (!strcmp(w->option, "trace"))
        return trace_class(k, word, &title);
    return !strcmp(w->option, "debug") && k < (int)ARRAY_LEN(debug) && (*word = debug[k]);
}

static bool names_file(const char *argument) { return argument && strstr(argument, "FILE"); }

/* A text between single quotes of a shell; one of its own ends them, stands behind a backslash, and begins them again. */
static void put_quoted(FILE *f, const char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", f);
        else
            fputc(*text, f);
}

/* Between the brackets of a zsh specification, or behind a colon of it. */
static void put_zsh(FILE *f, const char *text)
{
    char one[3] = "\\";
    for (; *text; text++) {
        bool special = strchr("[]:\\", *text);
        one[special] = *text;
        one[special + 1] = 0;
        put_quoted(f, one);
        one[0] = '\\';
    }
}

static void put_words(FILE *f, const struct words *w)
{
    const char *word;
    for (int k = 0; word_at(w, k, &word); k++)
        fprintf(f, "%s%s", k ? " " : "", word);
}

static void bash_row(FILE *f, const struct words *w, const char *argument, const char *help)
{
    const char *word;
    (void)help;
    if (word_at(w, 0, &word)) {
        fprintf(f, "    -%s) COMPREPLY=($(compgen -W '", w->option);
        put_words(f, w);
        fputs("' -- \"$now\")); return ;;\n", f);
    } else if (names_file(argument)) {
        fprintf(f, "    -%s) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$now\")); return ;;\n", w->option);
    } else if (argument && *argument != '[') {
        fprintf(f, "    -%s) return ;;\n", w->option);
    }
}

static void zsh_row(FILE *f, const struct words *w, const char *argument, const char *help)
{
    const char *word;
    fprintf(f, " \\\n    '*-%s[", w->option);
    put_zsh(f, help);
    fputc(']', f);
    if (argument) {
        fputs(*argument == '[' ? "::" : ":", f);
        put_zsh(f, argument);
        fputc(':', f);
        if (word_at(w, 0, &word)) {
            fputc('(', f);
            put_words(f, w);
            fputc(')', f);
        } else if (names_file(argument)) {
            fputs("_files", f);
        }
    }
    fputc('\'', f);
}

static void fish_row(FILE *f, const struct words *w, const char *argument, const char *help)
{
    const char *word;
    fprintf(f, "complete -c vitrine -o %s", w->option);
    if (word_at(w, 0, &word)) {
        fputs(" -x -a '", f);
        put_words(f, w);
        fputc('\'', f);
    } else if (argument && *argument != '[') {
        fputs(names_file(argument) ? " -r -F" : " -x", f);
    }
    fputs(" -d '", f);
    for (; *help; help++)
        fprintf(f, *help == '\'' || *help == '\\' ? "\\%c" : "%c", *help);
    fputs("'\n", f);
}

/* bash: no option is begun, or one is. */
static void bash_end(FILE *f)
{
    const char *name, *argument, *help;
    fputs("    esac\n    if [[ $now == -* ]]; then\n        COMPREPLY=($(compgen -W '", f);
    for (size_t k = 0; options_row(k, &name, &argument, &help); k++)
        fprintf(f, "%s-%s", k ? " " : "", name);
    fputs("' -- \"$now\"))\n    else\n        compopt -o filenames\n        COMPREPLY=($(compgen -f -- \"$now\"))\n    fi\n}\n"
          "complete -F _vitrine vitrine\n", f);
}

static void zsh_end(FILE *f) { fputs(" \\\n    '*:image:_files'\n", f); }

static const struct shell {
    const char *name, *begin;
    void (*row)(FILE *f, const struct words *w, const char *argument, const char *help);
    void (*end)(FILE *f);
} shells[] = {
    { "bash", "# What bash offers behind `vitrine`.\n_vitrine()\n{\n    local now=${COMP_WORDS[COMP_CWORD]}\n"
              "    case ${COMP_WORDS[COMP_CWORD - 1]} in\n", bash_row, bash_end },
    { "zsh", "#compdef vitrine\n# What zsh offers behind `vitrine`.\n_arguments", zsh_row, zsh_end },
    { "fish", "# What fish offers behind `vitrine`.\n", fish_row, NULL },
};

int main(int argc, char **argv)
{
    size_t s = 0;
    while (argc == 3 && s < ARRAY_LEN(shells) && strcmp(argv[1], shells[s].name))
        s++;
    FILE *f = argc == 3 && s < ARRAY_LEN(shells) ? fopen(argv[2], "w") : NULL;
    if (!f) {
        fprintf(stderr, "make_completions: expected bash, zsh or fish, and the name of a file to write\n");
        return 1;
    }
    struct words w = { .log = pc_log_classes() };
    const char *argument, *help;
    fputs(shells[s].begin, f);
    for (size_t k = 0; options_row(k, &w.option, &argument, &help); k++) {
        w.choices = options_choices(k);
        shells[s].row(f, &w, argument, help);
    }
    if (shells[s].end)
        shells[s].end(f);
    log_free(w.log);
    return fclose(f) ? 1 : 0;
}
