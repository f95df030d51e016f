/* sources.h - source files as text: where they are sought, and their lines. */
#pragma once
#include "symbols.h"

struct sources;
struct sources *sources_new(void);
void sources_free(struct sources *s);
/* Another folder to seek files in, before those that came earlier. */
void sources_add(struct sources *s, const char *folder);
/* A line's text without its end, in memory of the sources until the next call; NULL: the file is not found or has no such line.
 * Sought as the compiler knew it, then in each folder by as many of its last parts as are there. */
const char *sources_line(struct sources *s, const struct source_line *line);
