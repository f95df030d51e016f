/* file.c - see file.h: what is made of the others. */
#include "file.h"

char *file_text(const char *path, u64 most, size_t *n, struct failure *why)
{
    struct failure local, *w = why ? why : &local;
    u64 bytes = 0;
    size_t got, at = 0;
    *w = (struct failure){ .kind = FAILURE_NONE };
    struct file *f = file_open(path, false, w);
    char *text = NULL;
    if (f && file_bytes(f, &bytes, w) && bytes > most)
        failure_say(w, FAILURE_UNFIT, "it has %llu bytes, and at most %llu are read", (unsigned long long)bytes, (unsigned long long)most);
    if (f && w->kind == FAILURE_NONE && !(text = calloc(1, bytes + 1)))
        failure_say(w, FAILURE_OTHER, "no memory for its text");
    while (text && at < bytes && (got = file_read(f, at, text + at, bytes - at, w)))
        at += got;
    if (text && w->kind != FAILURE_NONE) {
        free(text);
        text = NULL;
    }
    file_close(f, NULL);
    if (n)
        *n = at;
    return text;
}

bool file_stamps_of_one(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->which[0] == b->which[0] && a->which[1] == b->which[1];
}

bool file_stamps_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return file_stamps_of_one(a, b) && a->bytes == b->bytes && a->written == b->written;
}
