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
/* What is written there is handed on by text_flush(), and by text_drop(); where the host can do so, at each line's end, too. False: it
 * could not be. NULL: no room. */
struct text *text_to(bool (*write)(void *to, const char *bytes, size_t n), void *to);
void text_flush(struct text *t);
/* Forget it, but for what is to be handed on; NULL is fine. */
void text_drop(struct text *t);
