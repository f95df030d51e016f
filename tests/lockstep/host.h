/* host.h - what ours is compared with: the host's processor, with the victim's memory where it can be compared in place; or nobody,
 * whose results come from a recording. */
#pragma once
#include "image.h"

struct guest;
struct host {
    struct victim victim;
    struct guest *self;         /* ours stands for a processor: --self */
    struct image memory;        /* in place */
    u8 *code;                   /* CODE_SIZE, writable */
    bool real;
    bool segments;              /* ldt_forms can be loaded */
};

/* As victim_start. */
bool host_open(struct host *h, char *why, size_t size);
/* Memory without a processor. */
void host_open_empty(struct host *h);
/* Ours, in place of a processor: shows what the test makes, where no processor can, and judges nothing. */
void host_open_self(struct host *h);
void host_close(struct host *h);
/* Code, data or stack. */
void host_write(struct host *h, u32 at, const void *from, u32 n);
/* One instruction of `length` bytes (one iteration with REP) from the registers in `before`. */
void host_step(struct host *h, const struct regs *before, u32 length, struct regs *after);
