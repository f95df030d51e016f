/* text.h - text that is written into memory as into a file. */
#pragma once
#include "base.h"
#include <stdio.h>

struct text;

/* NULL: the host has no room for it. */
struct text *text_new(void);
/* Write here. */
FILE *text_file(struct text *t);
/* What was written, with a 0 behind it, to be freed; `n` (may be NULL) without that. Frees `t`. NULL: it could not be kept. */
char *text_take(struct text *t, size_t *n);
/* What is written here is handed on: at each line's end if its buffer is set so. False: it could not be. Closed by fclose(). NULL: no
 * room. */
FILE *text_to(bool (*write)(void *to, const char *bytes, size_t n), void *to);
/* Forget it; NULL is fine. */
void text_drop(struct text *t);
