/* ops.c - see ops.h. The input is operations: a byte that chooses, then what it wants. */
#include "ops.h"
#include <stdarg.h>
#include <stdio.h>

printf_like(2, 3) static void trace(const struct target *t, const char *fmt, ...)
{
    va_list args;
    if (!t->trace)
        return;
    fprintf(stderr, "%s %3u ", t->again ? "second" : "first", t->op);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void act_saw(struct target *t, u64 value)
{
    u8 bytes[8];
    trace(t, "        saw %llx", (unsigned long long)value);
    put64(bytes, value);
    hash_bytes(&t->seen, bytes, sizeof bytes);
}

u32 act_in(struct target *t, u16 port, int size)
{
    trace(t, "in %x size %d", port, size);
    machine_looked(t->m);
    u32 v = (u32)(space_read(machine_ports(t->m), port, size) & mask_bytes(size));
    t->settle(t);
    act_saw(t, v);
    return v;
}

void act_out(struct target *t, u16 port, u32 value, int size)
{
    value &= (u32)mask_bytes(size);
    trace(t, "out %x %x size %d", port, value, size);
    machine_looked(t->m);
    space_write(machine_ports(t->m), port, value, size);
    t->settle(t);
}

u64 act_read(struct target *t, u64 address, int size)
{
    trace(t, "read %llx size %d", (unsigned long long)address, size);
    machine_looked(t->m);
    u64 v = space_read(machine_memory(t->m), address, size) & mask_bytes(size);
    t->settle(t);
    act_saw(t, v);
    return v;
}

void act_write(struct target *t, u64 address, u64 value, int size)
{
    value &= mask_bytes(size);
    trace(t, "write %llx %llx size %d", (unsigned long long)address, (unsigned long long)value, size);
    machine_looked(t->m);
    space_write(machine_memory(t->m), address, value, size);
    t->settle(t);
}

void act_poke(struct target *t, u32 address, const void *from, u32 n)
{
    address %= RIG_RAM;
    if (n <= RIG_RAM - address)
        space_poke(machine_memory(t->m), address, from, n);
}

u64 act_time(u8 code)
{
    static const u8 shift[8] = { 0, 4, 8, 12, 16, 20, 24, 32 };
    return (u64)(1 + (code & 31)) << shift[code >> 5];
}

void act_advance(struct target *t, u64 ns)
{
    if (ns > t->time_left)
        ns = t->time_left;
    t->time_left -= ns;
    trace(t, "%llu ns pass", (unsigned long long)ns);
    if (t->again && ns > 3) {
        t->advance(t, ns / 3);
        t->advance(t, 1);
        ns -= ns / 3 + 1;
    }
    t->advance(t, ns);
}

/* ---- the general operations ---- */

static u64 choose(const struct span *span, u32 index)
{
    u32 total = 0;
    for (const struct span *s = span; s->count; s++)
        total += s->count;
    index %= total;
    while (index >= span->count)
        index -= (span++)->count;
    return span->first + index;
}

static u16 choose_port(struct target *t, struct bytes *b) { return t->rig->ports ? (u16)choose(t->rig->ports, take8(b)) : 0xffff; }

static int choose_size(struct bytes *b)
{
    static const u8 sizes[8] = { 1, 1, 1, 1, 2, 2, 4, 4 };
    return sizes[take8(b) & 7];
}

static void do_out8(struct target *t, struct bytes *b)
{
    u16 port = choose_port(t, b);
    act_out(t, port, take8(b), 1);
}

static void do_out(struct target *t, struct bytes *b)
{
    u16 port = choose_port(t, b);
    int size = choose_size(b);
    act_out(t, port, take_value(b), size);
}

static void do_in8(struct target *t, struct bytes *b) { act_in(t, choose_port(t, b), 1); }

static void do_in(struct target *t, struct bytes *b)
{
    u16 port = choose_port(t, b);
    act_in(t, port, choose_size(b));
}

static void do_burst(struct target *t, struct bytes *b)
{
    u16 port = choose_port(t, b);
    int size = choose_size(b);
    u32 n = 2u * take8(b), value = take_value(b);
    for (u32 k = 0; k < n && t->time_left; k++) {
        if (value & 1)
            act_out(t, port, value + k, size);
        else
            act_in(t, port, size);
    }
}

static void do_register(struct target *t, struct bytes *b)
{
    u8 how = take8(b);
    if (!t->rig->registers)
        return;
    u64 at = choose(t->rig->registers, take16(b));
    int size = 1 << (how & 3);
    if (how & 4)
        act_write(t, at & ~(u64)(how & 8 ? 0 : size - 1), take_value(b), size);
    else
        act_read(t, at, size);
}

static void do_time(struct target *t, struct bytes *b) { act_advance(t, act_time(take8(b))); }
static void do_short_time(struct target *t, struct bytes *b) { act_advance(t, 50u * (1u + take8(b))); }

static void do_input(struct target *t, struct bytes *b)
{
    struct input_event e = { 0 };
    u8 how = take8(b);
    switch (how & 3) {
    case 0: e.kind = INPUT_KEY; e.key = take8(b); e.down = !(how & 4); break;
    case 1: e.kind = INPUT_MOUSE_MOVE; e.dx = (i16)take16(b); e.dy = (i16)take16(b); e.dz = (i8)take8(b); e.buttons = how >> 4 & 7; break;
    case 2: e.kind = INPUT_MOUSE_BUTTONS; e.buttons = how >> 4 & 7; break;
    default: e.kind = INPUT_SERIAL; e.byte = take8(b); e.port = how >> 2 & 1; break;
    }
    for (int n = how & 8 ? 20 : 1; n; n--)
        t->input(t, &e);
}

static void do_poke(struct target *t, struct bytes *b)
{
    u8 bytes[16];
    u32 at = take16(b), n = 1 + take8(b) % sizeof bytes;
    take_into(b, bytes, n);
    act_poke(t, at, bytes, n);
}

static void do_snapshot(struct target *t, struct bytes *b)
{
    (void)b;
    t->snapshot(t);
}

static void do_reset(struct target *t, struct bytes *b)
{
    if (!(take8(b) & 1))
        t->reset(t);
}

static act_fn *const general[] = { do_out8, do_out8, do_out, do_in8, do_in, do_burst, do_register, do_register, do_time, do_short_time,
                                  do_input, do_poke, do_snapshot, do_reset };

/* ---- a run ---- */

/* What devices may do between two looks at whether the run is to stop (iodev/machine/device.h): a call's work, and some timers that fire at
 * one moment. */
enum { WORK_MOST = 4 * WORK_CALL_MAX };
static const u64 CASE_NS = 2000000000;      /* virtual; a rig that knows how much happens in it may give more */

static void swallow(void *to, const char *text)
{
    (void)to;
    (void)text;
}

static u32 run(const struct rig *rig, const u8 *data, size_t size, bool again, struct hash at[OPS_MAX])
{
    struct bytes b = { data, data + size };
    struct target t = { .rig = rig, .again = again, .trace = getenv("FUZZ_TRACE"), .time_left = CASE_NS };
    char bad[8];
    u32 own = 0;
    while (rig->ops && rig->ops[own])
        own++;
    rig->make(&t);
    log_redirect(machine_log(t.m), swallow, NULL);
    if (again && size % 4 == 0)                 /* costs more than the case; and a DMA to nowhere would be a line an access */
        log_select(machine_log(t.m), "all,-io", bad, sizeof bad);
    while (left(&b) && t.op < OPS_MAX && t.time_left) {
        u32 which = take8(&b) % (ARRAY_LEN(general) + 2 * own);
        if (which < ARRAY_LEN(general))
            general[which](&t, &b);
        else
            rig->ops[(which - ARRAY_LEN(general)) % own](&t, &b);
        if (!t.time_left)                       /* it may have run out anywhere in the operation */
            break;
        if (again && t.op % 3 == 0)
            t.snapshot(&t);
        if (rig->look)
            rig->look(&t, NULL);
        at[t.op++] = t.seen;
    }
    case_check(machine_work_most(t.m) <= WORK_MOST, "%s: %llu units of work without a look", rig->name,
               (unsigned long long)machine_work_most(t.m));
    rig->unmake(&t);
    return t.op;
}

int ops_run(const struct rig *rig, const u8 *data, size_t size)
{
    static struct hash first[OPS_MAX], second[OPS_MAX];
    case_begin();
    u32 n = run(rig, data, size, false, first), m = run(rig, data, size, true, second);
    case_check(n == m, "%s: %u operations, then %u", rig->name, n, m);
    for (u32 k = 0; k < n; k++)
        if (memcmp(&first[k], &second[k], sizeof first[k]))
            case_fail("%s: operation %u shows something else when snapshots are taken and time passes in pieces", rig->name, k);
    case_end();
    return 0;
}
