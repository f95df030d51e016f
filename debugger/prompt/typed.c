/* typed.c - what was typed before, also in earlier runs: a file of lines, the newest last. Where it is: history_path. What cannot be
 * read or written is left out without a word. */
#include "prompt_parts.h"
#if defined HAVE_READLINE || defined HAVE_LIBEDIT
#include "../../host/file.h"
#include "../../host/folder.h"
#include "../../host/output.h"
#ifdef HAVE_LIBEDIT
#include <editline/readline.h>
#else
#include <readline/history.h>
#endif

enum { LINES_MOST = 1000, PATH_MOST = 1024 };
#define FILE_MOST (1u << 20)

/* $VITRINE_HISTORY, where an empty one means none; else below the folder that programs keep their state in (XDG Base Directory
 * Specification, "Environment variables"). False: nowhere. */
static bool history_path(char *path, size_t n)
{
    const char *own = getenv("VITRINE_HISTORY"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = 0;
    if (own)
        length = snprintf(path, n, "%s", own);
    else if (state && *state == '/')
        length = snprintf(path, n, "%s/vitrine/history", state);
    else if (home && *home == '/')
        length = snprintf(path, n, "%s/.local/state/vitrine/history", home);
    return length > 0 && (size_t)length < n;
}

void typed_begin(struct debugger *d)
{
    char path[PATH_MOST], *rest;
    if (d->typed_read)
        return;
    using_history();
    stifle_history(LINES_MOST);
    d->typed_read = true;
    char *text = history_path(path, sizeof path) ? file_text(path, FILE_MOST, NULL, NULL) : NULL;
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
        add_history(line);
    free(text);
}

/* The same line again is one. */
void typed_add(struct debugger *d, const char *line)
{
    HIST_ENTRY *before = history_length ? history_get(history_base + history_length - 1) : NULL;
    if (before && !strcmp(before->line, line))
        return;
    add_history(line);
    size_t n = d->typed ? strlen(d->typed) : 0, more = strlen(line) + 2;
    d->typed = xrealloc(d->typed, n + more);
    snprintf(d->typed + n, more, "%s\n", line);
}

/* Behind what other runs have written meanwhile: the last lines of both. */
static void write_lines(FILE *out, const char *before, const char *now)
{
    size_t lines = 0;
    const char *texts[] = { before, now };
    for (size_t t = 0; t < ARRAY_LEN(texts); t++)
        for (const char *p = texts[t]; (p = strchr(p, '\n')); p++)
            lines++;
    for (size_t t = 0; t < ARRAY_LEN(texts); t++) {
        const char *p = texts[t];
        for (; lines > LINES_MOST && strchr(p, '\n'); lines--)
            p = strchr(p, '\n') + 1;
        fputs(p, out);
    }
}

void typed_end(struct debugger *d)
{
    char path[PATH_MOST], error[256];
    if (!d->typed || !history_path(path, sizeof path))
        return;
    char *before = file_text(path, FILE_MOST, NULL, NULL);
    if (!getenv("VITRINE_HISTORY"))
        folder_make_for(path);
    struct output *out = output_begin(d->outputs, "history", path, error, sizeof error);
    if (out) {
        write_lines(output_file(out), before ? before : "", d->typed);
        output_commit(out, error, sizeof error);
    }
    free(before);
    free(d->typed);
    d->typed = NULL;
}

#else
void typed_begin(struct debugger *d) { (void)d; }
void typed_add(struct debugger *d, const char *line) { (void)d, (void)line; }
void typed_end(struct debugger *d) { (void)d; }
#endif
