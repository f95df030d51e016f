/* menu_files.c - files to choose from in the menu: what lies in the folder that is typed, folders first. */
#include "menu.h"
#include "../host/file.h"
#include "../host/folder.h"
#include <stdio.h>

bool menu_is_folder(const char *path)
{
    return file_kind_at(*path ? path : ".", NULL, NULL) == FILE_FOLDER;
}

static int folder_length(const char *path) { return (int)(file_name_of(path) - path); }

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
    struct folder_list *list = folder_open(folder);
    if (!list)
        return;
    for (const char *name; (name = folder_next(list)) && m->rows < MENU_ROWS;) {
        bool up = !strcmp(name, "..") && !*begin, itself = !strcmp(name, ".");
        bool hidden = name[0] == '.' && *begin != '.' && !up;
        if (hidden || itself || strncmp(name, begin, strlen(begin)) || strlen(name) >= MENU_TEXT - 1)
            continue;
        struct menu_row *row = &m->row[m->rows];
        *row = (struct menu_row){ .id = m->rows, .enabled = true };
        snprintf(row->text, sizeof row->text, "%s", name);
        menu_join(m, m->rows, whole, sizeof whole);
        u64 bytes;
        enum file_kind kind = file_kind_at(whole, &bytes, NULL);
        row->more = kind == FILE_FOLDER;
        if (!row->more && kind != FILE_ABSENT)
            snprintf(row->note, sizeof row->note, "%llu K", ((unsigned long long)bytes + 1023) / 1024);
        m->rows++;
    }
    folder_close(list);
    qsort(m->row, (size_t)m->rows, sizeof *m->row, by_name);
}
