/* text.c - see ../text.h. Windows' C library writes to files alone: to one that the host deletes when it is closed, and keeps in its memory
 * while there is room (Microsoft: CreateFile, FILE_ATTRIBUTE_TEMPORARY, FILE_FLAG_DELETE_ON_CLOSE; GetTempFileName). */
#include "parts.h"
#include "../text.h"
#include <fcntl.h>
#include <io.h>

struct text {
    FILE *file;
    HANDLE h;                           /* the file's */
    bool (*write)(void *to, const char *bytes, size_t n);       /* NULL: it is kept */
    void *to;
};

/* Of a name that nobody has. */
static HANDLE open_temporary(void)
{
    wchar_t folder[MAX_PATH + 1], name[MAX_PATH + 1];
    if (!GetTempPathW(ARRAY_LEN(folder), folder) || !GetTempFileNameW(folder, L"vit", 0, name))
        return INVALID_HANDLE_VALUE;
    const DWORD how = FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE;
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, how, NULL);
}

struct text *text_new(void)
{
    struct text *t = xcalloc(1, sizeof *t);
    t->h = open_temporary();
    int fd = t->h == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)t->h, _O_BINARY);
    t->file = fd >= 0 ? _fdopen(fd, "w+b") : NULL;
    if (t->file)
        return t;
    if (t->h != INVALID_HANDLE_VALUE)
        CloseHandle(t->h);
    free(t);
    return NULL;
}

struct text *text_to(bool (*write)(void *to, const char *bytes, size_t n), void *to)
{
    struct text *t = text_new();
    if (t) {
        t->write = write;
        t->to = to;
    }
    return t;
}

FILE *text_file(struct text *t) { return t->file; }

/* All that was written, with a 0 behind it. NULL: it could not be kept. */
static char *read_all(struct text *t, size_t *n)
{
    LARGE_INTEGER size;
    *n = 0;
    if (ferror(t->file) || fflush(t->file) || !GetFileSizeEx(t->h, &size))
        return NULL;
    char *bytes = calloc(1, (size_t)size.QuadPart + 1);
    for (DWORD done; bytes && *n < (size_t)size.QuadPart; *n += done) {
        OVERLAPPED at = { .Offset = (DWORD)*n, .OffsetHigh = (DWORD)((u64)*n >> 32) };
        size_t rest = (size_t)size.QuadPart - *n;
        if (ReadFile(t->h, bytes + *n, rest < 1u << 30 ? (DWORD)rest : 1u << 30, &done, &at) && done)
            continue;
        free(bytes);
        return NULL;
    }
    return bytes;
}

void text_flush(struct text *t)
{
    size_t n;
    char *bytes = t->write ? read_all(t, &n) : NULL;
    if (bytes && n) {
        rewind(t->file);
        _chsize(_fileno(t->file), 0);
        t->write(t->to, bytes, n);
    }
    free(bytes);
}

char *text_take(struct text *t, size_t *n)
{
    size_t own;
    char *bytes = read_all(t, n ? n : &own);
    fclose(t->file);
    free(t);
    return bytes;
}

void text_drop(struct text *t)
{
    if (!t)
        return;
    text_flush(t);
    fclose(t->file);
    free(t);
}
