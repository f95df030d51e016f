/* tree.c - see tree.h. */
#include "tree.h"
#include "../../host/folder.h"
#include <stdio.h>
#ifdef _WIN32
#include "../../host/windows/parts.h"

static bool remove_one(const char *path)
{
    wchar_t *name = windows_wide(path);
    bool gone = DeleteFileW(name) || RemoveDirectoryW(name);
    free(name);
    return gone;
}
#else
static bool remove_one(const char *path) { return !remove(path); }
#endif

/* A link goes, and not what it leads to. */
void tree_remove(const char *path)
{
    const char *name;
    struct folder_list *list = remove_one(path) ? NULL : folder_open(path);
    while (list && (name = folder_next(list))) {
        char *inside = xcalloc(strlen(path) + strlen(name) + 2, 1);
        sprintf(inside, "%s/%s", path, name);
        if (strcmp(name, ".") && strcmp(name, ".."))
            tree_remove(inside);
        free(inside);
    }
    if (list) {
        folder_close(list);
        remove_one(path);
    }
}
