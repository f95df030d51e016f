/* sources.c - source files as text. One is kept at a time. */
#include "sources.h"
#include "../../host/file.h"
#include <stdio.h>

enum { PATH_MOST = 1024 };
#define SOURCE_MOST (16u << 20)

struct folder { struct folder *before; char path[]; };

struct sources {
    struct folder *last;
    char *name;                         /* of the file that is kept, or was not found */
    char *text;                         /* NULL: not found */
    size_t n;
    char *line;
};

struct sources *sources_new(void) { return xcalloc(1, sizeof(struct sources)); }

void sources_free(struct sources *s)
{
    while (s && s->last) {
        struct folder *f = s->last;
        s->last = f->before;
        free(f);
    }
    if (s) {
        free(s->name);
        free(s->text);
        free(s->line);
    }
    free(s);
}

void sources_add(struct sources *s, const char *path)
{
    size_t n = strlen(path) + 1;
    struct folder *f = xcalloc(1, sizeof *f + n);
    memcpy(f->path, path, n);
    f->before = s->last;
    s->last = f;
    free(s->name);
    s->name = NULL;
}

static char *seek(const struct sources *s, const struct source_line *line, size_t *n)
{
    char path[PATH_MOST], *text = NULL;
    if (line->folder && *line->file != '/') {
        snprintf(path, sizeof path, "%s/%s", line->folder, line->file);
        text = file_text(path, SOURCE_MOST, n, NULL);
    } else {
        text = file_text(line->file, SOURCE_MOST, n, NULL);
    }
    for (const struct folder *f = s->last; f && !text; f = f->before) {
        for (const char *part = line->file; part && !text; part = strchr(part, '/')) {
            part += *part == '/';
            snprintf(path, sizeof path, "%s/%s", f->path, part);
            text = file_text(path, SOURCE_MOST, n, NULL);
        }
    }
    return text;
}

const char *sources_line(struct sources *s, const struct source_line *line)
{
    char name[PATH_MOST];
    snprintf(name, sizeof name, "%s/%s", line->folder ? line->folder : "", line->file);
    if (!s->name || strcmp(s->name, name)) {
        free(s->name);
        free(s->text);
        s->name = xstrdup(name);
        s->text = seek(s, line, &s->n);
    }
    const char *at = s->text;
    for (int k = 1; at && k < line->line; k++)
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    if (!at || !*at || line->line < 1)
        return NULL;
    size_t n = strcspn(at, "\r\n");
    free(s->line);
    s->line = xcalloc(1, n + 1);
    for (size_t k = 0; k < n; k++)
        s->line[k] = ((u8)at[k] < ' ' && at[k] != '\t') || at[k] == 0x7f ? ' ' : at[k];
    return s->line;
}
