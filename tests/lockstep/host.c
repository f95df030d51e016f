/* host.c - the victim's registers and memory as the test wants them. */
#include "host.h"
#include "../support/die.h"
#include "guest.h"

bool host_open(struct host *h, char *why, size_t size)
{
    if (!victim_start(&h->victim, why, size))
        return false;
    h->real = true;
    h->segments = h->victim.segments;
    h->code = victim_memory(&h->victim, CODE_AT, CODE_SIZE);
    h->memory.data = victim_memory(&h->victim, DATA_AT, DATA_SIZE);
    h->memory.stack = victim_memory(&h->victim, STACK_AT, STACK_SIZE);
    return true;
}

void host_open_empty(struct host *h)
{
    *h = (struct host){ .memory = image_new(), .code = xcalloc(1, CODE_SIZE), .segments = true };
}

void host_open_self(struct host *h)
{
    struct guest *g = xcalloc(1, sizeof *g);
    guest_open(g, ENGINE_STEP);
    *h = (struct host){ .self = g, .memory = g->image, .code = g->bare.ram->host + CODE_AT, .real = true, .segments = true };
}

void host_close(struct host *h)
{
    if (h->self) {
        guest_close(h->self);
        free(h->self);
        return;
    }
    if (h->real) {
        victim_stop(&h->victim);
        return;
    }
    image_free(&h->memory);
    free(h->code);
}

void host_write(struct host *h, u32 at, const void *from, u32 n)
{
    u8 *to = at - CODE_AT < CODE_SIZE && CODE_AT + CODE_SIZE - at >= n ? h->code + (at - CODE_AT) : image_at(&h->memory, at, n);
    if (!to)
        die("no memory of the lock-step test at %x", at);
    if (h->self)
        guest_write(h->self, at, from, n);
    else
        memcpy(to, from, n);
}

void host_step(struct host *h, const struct regs *before, u32 length, struct regs *after)
{
    *after = *before;           /* x87 pointers stay what they were */
    if (h->self) {
        guest_load(h->self, before, true);
        guest_step(h->self, after);
        return;
    }
    victim_load(&h->victim, before);
    victim_step(&h->victim, after, length);
}
