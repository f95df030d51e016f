/* notice.h - what the host's side of a machine says to its user, a sentence a call: a disk that fails, a reader that is gone, where
 * a line is found. Who runs the machine decides where it goes. */
#pragma once
#include "base.h"

struct notices {
    void (*say)(void *to, const char *text);    /* a sentence without its newline; NULL: nobody hears */
    void *to;
};

/* NULL is nobody, too. Sentences of more than 2000 bytes are cut. */
void notice(const struct notices *n, const char *fmt, ...) printf_like(2, 3);
