/* host.h - the host's side of the lock-step test: the victim process, with its memory where it can be compared in
 * place. */
#pragma once
#include "image.h"

struct host {
    struct victim victim;
    struct image memory;        /* in place */
};

/* As victim_start. */
bool host_open(struct host *h, char *why, size_t size);
void host_close(struct host *h);
/* Code, data or stack. */
void host_write(struct host *h, u32 at, const void *from, u32 n);
/* One instruction of `length` bytes (one iteration with REP) from the registers in `before`. */
void host_step(struct host *h, const struct regs *before, u32 length, struct regs *after);
