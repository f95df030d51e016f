/* sides.c - memory and code of the lock-step test on every side: the host, our stepper, and the engines that run
 * whole sequences. Between sequences all have the same. */
#include "lockstep.h"

static u32 clip(u32 at, u32 n)
{
    return at - CODE_AT < CODE_SIZE ? (CODE_AT + CODE_SIZE - at < n ? CODE_AT + CODE_SIZE - at : n) : 0;
}

void code_write(struct lockstep *l, u32 at, const u8 *bytes, u32 n)
{
    n = clip(at, n);
    if (!n)
        return;
    host_write(&l->host, at, bytes, n);
    guest_write(&l->step, at, bytes, n);
}

void code_write_whole(struct lockstep *l)
{
    for (int i = 0; i < l->count; i++) {
        const struct step *s = &l->steps[i];
        u32 at = regs_linear(&s->before), n = clip(at, s->insn.length);
        for (int e = 0; !s->again && n && e < ENGINES; e++)
            guest_write(&l->whole[e], at, s->insn.bytes, n);
    }
}

static void erase_range(struct lockstep *l, u32 at, u32 n)
{
    u8 fill[256];
    memset(fill, HLT, sizeof fill);
    for (u32 part; n; at += part, n -= part) {
        part = n < sizeof fill ? n : (u32)sizeof fill;
        code_write(l, at, fill, part);
        for (int e = 0; e < ENGINES; e++)
            guest_write(&l->whole[e], at, fill, part);
    }
}

void code_erase(struct lockstep *l)
{
    u32 first = 0, end = 0;                     /* neighbours go together */
    for (int i = 0; i < l->count; i++) {
        const struct step *s = &l->steps[i];
        u32 at = regs_linear(&s->before), n = clip(at, s->insn.length);
        if (s->again || !n)
            continue;
        if (at != end) {
            erase_range(l, first, end - first);
            first = at;
        }
        end = at + n;
    }
    erase_range(l, first, end - first);
}

/* ---- memory ---- */

static void line_write(struct lockstep *l, int line, const u8 *from, bool whole)
{
    u32 at = line_address(line);
    memcpy(image_line(&l->now, line), from, LINE);
    if (memcmp(image_line(&l->host.memory, line), from, LINE))
        host_write(&l->host, at, from, LINE);
    guest_write(&l->step, at, from, LINE);
    for (int e = 0; whole && e < ENGINES; e++)
        guest_write(&l->whole[e], at, from, LINE);
}

void memory_set(struct lockstep *l, const u8 *memory)
{
    for (int part = 0; part < 2; part++) {
        u32 at = part ? STACK_AT : DATA_AT, n = part ? STACK_SIZE : DATA_SIZE;
        const u8 *from = memory + (part ? DATA_SIZE : 0);
        memcpy(part ? l->now.stack : l->now.data, from, n);
        host_write(&l->host, at, from, n);
        guest_write(&l->step, at, from, n);
        for (int e = 0; e < ENGINES; e++)
            guest_write(&l->whole[e], at, from, n);
    }
    l->changes.count = 0;
}

void memory_rewind(struct lockstep *l, u32 mark)
{
    while (l->changes.count > mark) {
        const struct change *c = &l->changes.list[--l->changes.count];
        line_write(l, c->line, c->before, false);
    }
}

void memory_settle(struct lockstep *l)
{
    u8 *copy = xcalloc(1, MEMORY_SIZE);
    memory_before(l, l->changes.count, copy);
    memory_set(l, copy);
    free(copy);
}

void memory_before(const struct lockstep *l, u32 mark, u8 *memory)
{
    const struct image to = { memory, memory + DATA_SIZE };
    memcpy(to.data, l->now.data, DATA_SIZE);
    memcpy(to.stack, l->now.stack, STACK_SIZE);
    for (u32 i = l->changes.count; i > mark; i--)
        memcpy(image_line(&to, l->changes.list[i - 1].line), l->changes.list[i - 1].before, LINE);
}

void memory_follow(struct lockstep *l)
{
    for (u32 i = 0; i < l->changes.count; i++) {
        int line = l->changes.list[i].line;
        for (int e = 0; e < ENGINES; e++)
            guest_write(&l->whole[e], line_address(line), image_line(&l->now, line), LINE);
    }
    l->changes.count = 0;
}
