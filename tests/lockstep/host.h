/* host.h - the host's side of the lock-step test: the victim process, with its memory where it can be compared in
 * place. */
#pragma once
#include "image.h"

struct regs { /* the state that both sides are compared in, without memory: struct side's beginning */
    u32 gpr[8];                 /* in the processor's order */
    u32 eip, eflags;
    u32 address;                /* OUTCOME_PF: CR2 */
    u16 selector[6];            /* in the processor's order: ES, CS, SS, DS, FS, GS */
    u8 outcome;
    struct fpu fpu;
};

struct host {
    struct victim victim;
    struct side side;
    struct image memory;        /* in place */
};

/* As victim_start. */
bool host_open(struct host *h, char *why, size_t size);
void host_close(struct host *h);
/* Code, data or stack. */
void host_write(struct host *h, u32 at, const void *from, u32 n);
/* One instruction of `length` bytes (one iteration with REP) from the registers in `before`. */
void host_step(struct host *h, const struct regs *before, u32 length, struct regs *after);

static inline u32 regs_linear(const struct regs *s)
{
    bool wide;
    return selector_base(s->selector[1], &wide) + s->eip;
}
