/* menu_files.c - files to choose from in the menu: what lies in the folder that is typed, folders first. */
#include "menu.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

bool menu_is_folder(const char *path)
{
    struct stat s;
    return !stat(*path ? path : ".", &s) && S_ISDIR(s.st_mode);
}

static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) + 1 : 0;
}

void menu_join(const struct menu *m, int row, char *path, size_t n)
{
    snprintf(path, n, "%.*s%s", folder_length(m->path), m->path, m->row[row].text);
}

static int by_name(const void *a, const void *b)
{
    const struct menu_row *x = a, *y = b;
    return x->more != y->more ? y->more - x->more : strcmp(x->text, y->text);
}

void menu_list_files(struct menu *m)
{
    char folder[MENU_PATH], whole[MENU_PATH + MENU_TEXT];
    const char *begin = m->path + folder_length(m->path);
    snprintf(folder, sizeof folder, "%.*s", folder_length(m->path), m->path);
    m->rows = 0;
    DIR *dir = opendir(*folder ? folder : ".");
    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir)) && m->rows < MENU_ROWS;) {
        bool up = !strcmp(e->d_name, "..") && !*begin, itself = !strcmp(e->d_name, ".");
        bool hidden = e->d_name[0] == '.' && *begin != '.' && !up;
        if (hidden || itself || strncmp(e->d_name, begin, strlen(begin)) || strlen(e->d_name) >= MENU_TEXT - 1)
            continue;
        struct menu_row *row = &m->row[m->rows];
        *row = (struct menu_row){ .id = m->rows, .enabled = true };
        snprintf(row->text, sizeof row->text, "%s", e->d_name);
        menu_join(m, m->rows, whole, sizeof whole);
        row->more = menu_is_folder(whole);
        struct stat s;
        if (!row->more && !stat(whole, &s))
            snprintf(row->note, sizeof row->note, "%llu K", ((unsigned long long)s.st_size + 1023) / 1024);
        m->rows++;
    }
    closedir(dir);
    qsort(m->row, (size_t)m->rows, sizeof *m->row, by_name);
}
