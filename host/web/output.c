/* output.c - see ../output.h: what is written lies in memory until it is whole, then the page gets it (a download, mostly). It has
 * nothing in common with the page's images, so that nothing can fall upon them. */
#include "../output.h"
#include "../text.h"
#include "page.h"

struct outputs {
    char none;
};

struct output {
    struct text *text;
    char *path;
};

struct outputs *outputs_new(void) { return xcalloc(1, sizeof(struct outputs)); }
void outputs_free(struct outputs *o) { free(o); }
void outputs_hurry(struct outputs *o, const atomic_bool *hurry) { (void)o, (void)hurry; }
void outputs_claim(struct outputs *o, const char *path, const char *use, bool written) { (void)o, (void)path, (void)use, (void)written; }
bool outputs_check_standard(const struct outputs *o, char *error, size_t n) { (void)o, (void)error, (void)n; return true; }

struct handle output_stream(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    (void)o, (void)use;
    failure_words(error, n, "cannot write %s: a page gets files as a whole, none that grow", path);
    return NO_HANDLE;
}

struct output *output_begin(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    (void)o, (void)use;
    struct text *text = text_new();
    if (!text) {
        failure_words(error, n, "cannot write %s: there is no memory for it", path);
        return NULL;
    }
    struct output *out = xcalloc(1, sizeof *out);
    out->text = text;
    out->path = xstrdup(path);
    return out;
}

struct output *output_begin_new(struct outputs *o, const char *pattern, int *number, int most, char *error, size_t n)
{
    char path[256];
    if (*number > most) {
        failure_words(error, n, "%s: all numbers up to %d are taken", pattern, most);
        return NULL;
    }
    const char *place = strstr(pattern, "%03d");
    snprintf(path, sizeof path, "%.*s%03d%s", place ? (int)(place - pattern) : 0, pattern, *number, place ? place + 4 : pattern);
    return output_begin(o, "", path, error, n);
}

FILE *output_file(struct output *out) { return text_file(out->text); }
const char *output_path(const struct output *out) { return out->path; }

static void forget(struct output *out)
{
    free(out->path);
    free(out);
}

bool output_commit(struct output *out, char *error, size_t n)
{
    size_t size;
    char *bytes = text_take(out->text, &size);
    bool ok = bytes && !page_file_put(out->path, strlen(out->path), bytes, size);
    if (!ok)
        failure_words(error, n, "cannot write %s: the page has no room for it", out->path);
    free(bytes);
    forget(out);
    return ok;
}

void output_drop(struct output *out)
{
    if (!out)
        return;
    text_drop(out->text);
    forget(out);
}
