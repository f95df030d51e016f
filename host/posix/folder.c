/* folder.c - see ../folder.h. POSIX.1-2017 opendir, mkdir. */
#include "../folder.h"
#include <dirent.h>
#include <sys/stat.h>

struct folder_list {
    DIR *dir;
};

struct folder_list *folder_open(const char *path)
{
    DIR *dir = opendir(*path ? path : ".");
    struct folder_list *f = dir ? xcalloc(1, sizeof *f) : NULL;
    if (f)
        f->dir = dir;
    return f;
}

const char *folder_next(struct folder_list *f)
{
    struct dirent *e = readdir(f->dir);
    return e ? e->d_name : NULL;
}

void folder_close(struct folder_list *f)
{
    if (f)
        closedir(f->dir);
    free(f);
}

void folder_make_for(const char *path)
{
    char *folder = xstrdup(path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(folder, S_IRWXU);
        *slash = '/';
    }
    free(folder);
}
