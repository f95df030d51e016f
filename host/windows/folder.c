/* folder.c - see ../folder.h. Microsoft: FindFirstFile, CreateDirectory. */
#include "parts.h"
#include "../folder.h"

struct folder_list {
    HANDLE find;
    WIN32_FIND_DATAW entry;
    bool fresh;                         /* the entry was not given yet */
    char *name;
};

struct folder_list *folder_open(const char *path)
{
    size_t n = strlen(path);
    char *pattern = xcalloc(n + 4, 1);
    memcpy(pattern, path, n);
    strcat(pattern, !n ? ".\\*" : path[n - 1] == '/' || path[n - 1] == '\\' ? "*" : "\\*");
    wchar_t *name = windows_wide(pattern);
    struct folder_list *f = xcalloc(1, sizeof *f);
    f->find = FindFirstFileW(name, &f->entry);
    f->fresh = f->find != INVALID_HANDLE_VALUE;
    free(name);
    free(pattern);
    if (f->fresh)
        return f;
    free(f);
    return NULL;
}

const char *folder_next(struct folder_list *f)
{
    if (!f->fresh && !FindNextFileW(f->find, &f->entry))
        return NULL;
    f->fresh = false;
    free(f->name);
    return f->name = windows_utf8(f->entry.cFileName);
}

void folder_close(struct folder_list *f)
{
    if (!f)
        return;
    FindClose(f->find);
    free(f->name);
    free(f);
}

void folder_make_for(const char *path)
{
    char *folder = xstrdup(path);
    for (char *at = folder; *at; at++) {
        char separator = *at;
        if ((separator != '/' && separator != '\\') || at == folder || at[-1] == ':')
            continue;
        *at = 0;
        wchar_t *name = windows_wide(folder);
        CreateDirectoryW(name, NULL);           /* the profile that it lies in gives it to the user alone */
        free(name);
        *at = separator;
    }
    free(folder);
}
