/* file.c - see ../file.h: files are the page's, by the names that it gave them. Nobody else can have one open: the page sees to it. */
#include "../file.h"
#include "page.h"

struct file {
    i32 number;
};

enum file_kind file_kind_at(const char *path, u64 *bytes, struct failure *why)
{
    double size = page_file_size(path, strlen(path));
    if (bytes)
        *bytes = size < 0 ? 0 : (u64)size;
    if (size < 0)
        page_failure(why, PAGE_ABSENT);
    else
        failure_say(why, FAILURE_NONE, "it is there");
    return size < 0 ? FILE_ABSENT : FILE_PLAIN;
}

const char *file_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool file_readable(const char *path) { return page_file_size(path, strlen(path)) >= 0; }

struct file *file_open(const char *path, bool write, struct failure *why)
{
    i32 number = page_file_open(path, strlen(path), write);
    if (number < 0) {
        page_failure(why, number);
        return NULL;
    }
    struct file *f = xcalloc(1, sizeof *f);
    f->number = number;
    return f;
}

bool file_close(struct file *f, struct failure *why)
{
    (void)why;
    if (f)
        page_file_close(f->number);
    free(f);
    return true;
}

struct handle file_handle(const struct file *f) { (void)f; return NO_HANDLE; }
bool file_claim(struct file *f, bool write) { (void)f, (void)write; return true; }
void file_release(struct file *f) { (void)f; }

/* By its number here, which no other has: nobody else writes it. */
bool file_stamp(struct file *f, struct file_stamp *stamp)
{
    double size = page_file_bytes(f->number);
    *stamp = (struct file_stamp) { .which = { 0, (u64)f->number }, .bytes = size < 0 ? 0 : (u64)size };
    return size >= 0;
}

bool file_bytes(struct file *f, u64 *bytes, struct failure *why)
{
    double size = page_file_bytes(f->number);
    *bytes = size < 0 ? 0 : (u64)size;
    return size >= 0 || page_failure(why, PAGE_FAILED);
}

bool file_has_name(struct file *f, u64 *bytes)
{
    double size = page_file_bytes(f->number);
    if (bytes)
        *bytes = size < 0 ? UINT64_MAX : (u64)size;
    return true;
}

size_t file_read(struct file *f, u64 at, void *to, size_t n, struct failure *why)
{
    i32 k = page_file_read(f->number, (double)at, to, n);
    if (k > 0)
        return (size_t)k;
    if (k < 0)
        page_failure(why, k);
    else
        failure_say(why, FAILURE_NONE, "the file ended early");
    return 0;
}

size_t file_write(struct file *f, u64 at, const void *from, size_t n, struct failure *why)
{
    i32 k = page_file_write(f->number, (double)at, from, n);
    if (k > 0)
        return (size_t)k;
    page_failure(why, k ? k : PAGE_FAILED);
    return 0;
}

bool file_resize(struct file *f, u64 bytes, struct failure *why)
{
    i32 code = page_file_resize(f->number, (double)bytes);
    return !code || page_failure(why, code);
}

/* The page keeps what is written; when it puts it where it outlives the page is its own affair. */
bool file_sync(struct file *f, struct failure *why)
{
    (void)f;
    return failure_say(why, FAILURE_POINTLESS, "a page's file has no disk of its own");
}
