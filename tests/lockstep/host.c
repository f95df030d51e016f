/* host.c - the victim's registers and memory as the test wants them. */
#include "host.h"

bool host_open(struct host *h, char *why, size_t size)
{
    if (!victim_start(&h->victim, why, size))
        return false;
    h->memory.data = victim_memory(&h->victim, DATA_AT, DATA_SIZE);
    h->memory.stack = victim_memory(&h->victim, STACK_AT, STACK_SIZE);
    return true;
}

void host_close(struct host *h) { victim_stop(&h->victim); }

void host_write(struct host *h, u32 at, const void *from, u32 n) { victim_write(&h->victim, at, from, n); }

void host_step(struct host *h, const struct regs *before, u32 length, struct regs *after)
{
    *after = *before;           /* x87 pointers stay what they were */
    victim_load(&h->victim, before);
    victim_step(&h->victim, after, length);
}
