/* host.c - the victim's registers and memory as the test wants them. */
#include "host.h"

_Static_assert(offsetof(struct side, memory) >= offsetof(struct regs, fpu) + sizeof(struct fpu)
               && offsetof(struct side, fpu) == offsetof(struct regs, fpu), "struct regs is how struct side begins");

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
    memcpy(&h->side, before, sizeof *before);
    victim_load(&h->victim, &h->side);
    victim_step_registers(&h->victim, &h->side, length);
    memcpy(after, &h->side, sizeof *after);
}
