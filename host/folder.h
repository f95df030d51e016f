/* folder.h - what lies in a folder. */
#pragma once
#include "base.h"

struct folder_list;

/* NULL: it cannot be read. "" is the current one. */
struct folder_list *folder_open(const char *path);
/* The next name in it, in no order, "." and ".." among them; NULL: no more. Holds until the next call. */
const char *folder_next(struct folder_list *f);
/* Make the folders, for the user alone, that a file of this path is to lie in, as far as they are missing. */
void folder_make_for(const char *path);
/* NULL is fine. */
void folder_close(struct folder_list *f);
