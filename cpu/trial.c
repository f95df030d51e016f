/* trial.c - see trial.h. The processor on trial stands before a memory that is a device: each access comes here, is answered from what
 * the real memory holds, and is written down. */
#include "../memory/snapshot.h"
#include "core.h"
#include "cpuid.h"
#include "trial.h"

enum { ADDRESS_BITS = 36, PORT_BITS = 16, ANSWER_BYTES = 8 };

struct trial {
    struct cpu *real, *cpu;
    struct log *log;
    struct space *memory, *ports;
    u64 answer;
    u8 given[ANSWER_BYTES * 2]; /* bytes that lie elsewhere than they would, by their physical addresses */
    u64 given_at[ANSWER_BYTES * 2];
    int given_bytes;
    int told;                   /* accesses of which the processor has said for what they were */
    struct trial_result result;
};

static void swallow(void *to, const char *text) { (void)to; (void)text; }

/* ---- memory ---- */

struct front { u64 address; int priority; const char *name; bool found; };

static void front_look(void *to, const struct space_region *r)
{
    struct front *f = to;
    if (!f->found && r->enable && f->address - r->base < r->size) {
        f->name = r->name;
        f->found = true;
    }
}

static const char *region_name(struct space *s, u64 address)
{
    struct front f = { .address = address, .name = "" };
    space_each(s, front_look, &f);
    return f.name;
}

static enum trial_what what_lies(struct space *s, u64 address, bool write)
{
    const struct space_page *page = space_page(s, address);
    if (write ? page->write != NULL : page->read != NULL)
        return TRIAL_RAM;
    u8 byte;
    if (space_peek(s, address, &byte, 1))
        return write ? TRIAL_ROM : TRIAL_RAM;
    return *region_name(s, address) ? TRIAL_DEVICE : TRIAL_NOTHING;
}

/* A byte with what has been written on trial, the latest first; false: no memory. */
static bool byte_at(const struct trial *t, u64 physical, u8 *byte)
{
    for (int k = t->result.accesses - 1; k >= 0; k--) {
        const struct trial_access *a = &t->result.access[k];
        u64 offset = physical - a->physical;
        if ((a->kind == TRIAL_WRITE || a->kind == TRIAL_TABLE_WRITE) && a->what == TRIAL_RAM && offset < a->bytes)
            return *byte = (u8)(a->value >> 8 * offset), true;
    }
    for (int k = 0; k < t->given_bytes; k++)
        if (t->given_at[k] == physical)
            return *byte = t->given[k], true;
    return space_peek(t->real->w.memory, physical, byte, 1);
}

static struct trial_access *note(struct trial *t, enum trial_kind kind, u64 at, int size)
{
    struct trial_result *r = &t->result;
    if (r->accesses == TRIAL_ACCESSES) {
        r->more = true;
        return NULL;
    }
    r->access[r->accesses] = (struct trial_access) { .kind = kind, .physical = at, .bytes = (u8)size, .name = "" };
    return &r->access[r->accesses++];
}

static u64 bytes_at(struct trial *t, u64 physical, int size, bool *there)
{
    u64 v = 0;
    *there = true;
    for (int k = 0; k < size; k++) {
        u8 byte = (u8)(t->answer >> 8 * (k & 7));
        *there &= byte_at(t, physical + (u64)k, &byte);
        v |= (u64)byte << 8 * k;
    }
    return v;
}

/* A fetch is by bytes and a table's entry by doublewords: what it is for, the processor says afterwards, where it says it (accessed). */
static u64 memory_read(void *dev, u64 offset, int size)
{
    struct trial *t = dev;
    bool there;
    u64 v = bytes_at(t, offset, size, &there);
    struct trial_access *a = note(t, size == 1 ? TRIAL_FETCH : TRIAL_TABLE_READ, offset, size);
    if (!a)
        return v;
    a->what = there ? TRIAL_RAM : what_lies(t->real->w.memory, offset, false);
    a->name = region_name(t->real->w.memory, offset);
    a->value = v;
    t->result.asked |= a->what == TRIAL_DEVICE;
    return v;
}

static void memory_write(void *dev, u64 offset, u64 value, int size)
{
    struct trial *t = dev;
    bool there;
    u64 before = bytes_at(t, offset, size, &there);
    struct trial_access *a = note(t, TRIAL_TABLE_WRITE, offset, size);
    if (!a)
        return;
    a->what = what_lies(t->real->w.memory, offset, true);
    a->name = region_name(t->real->w.memory, offset);
    a->value = value & mask_bytes(size);
    a->before = before;
}

/* The access that was just made is the instruction's own: all its pieces become one. */
static void accessed(void *to, struct cpu *cpu, const struct cpu_access *a)
{
    struct trial *t = to;
    struct trial_result *r = &t->result;
    struct trial_access all;
    int first = r->accesses;
    u32 bytes = 0, n = a->size;
    (void)cpu;
    while (first > t->told && bytes < n)
        bytes += r->access[--first].bytes;
    if (bytes != n || n > 8)
        return;
    all = r->access[first];
    all.kind = all.kind == TRIAL_TABLE_WRITE ? TRIAL_WRITE : TRIAL_READ;
    all.linear = a->linear;
    for (int k = first + 1; k < r->accesses; k++) {
        all.value |= r->access[k].value << 8 * all.bytes;
        all.before |= r->access[k].before << 8 * all.bytes;
        all.bytes = (u8)(all.bytes + r->access[k].bytes);
    }
    r->access[first] = all;
    t->told = r->accesses = first + 1;
}

/* ---- ports, and the local APIC ---- */

static u64 port_read(void *dev, u64 offset, int size)
{
    struct trial *t = dev;
    struct trial_access *a = note(t, TRIAL_IN, offset, size);
    if (a) {
        a->name = region_name(t->real->w.ports, offset);
        a->what = *a->name ? TRIAL_DEVICE : TRIAL_NOTHING;
        a->value = t->answer & mask_bytes(size);
        t->result.asked = true;
    }
    return t->answer;
}

static void port_write(void *dev, u64 offset, u64 value, int size)
{
    struct trial *t = dev;
    struct trial_access *a = note(t, TRIAL_OUT, offset, size);
    if (!a)
        return;
    a->name = region_name(t->real->w.ports, offset);
    a->what = *a->name ? TRIAL_DEVICE : TRIAL_NOTHING;
    a->value = value & mask_bytes(size);
}

static struct trial_access *apic_note(struct trial *t, enum trial_kind kind, u32 msr, u64 v)
{
    struct trial_access *a = note(t, kind, msr, 8);
    if (a) {
        a->name = "local APIC";
        a->what = TRIAL_DEVICE;
        a->value = v;
    }
    return a;
}

static void apic_base(void *to, u64 value) { apic_note(to, TRIAL_APIC_WRITE, 0x1b, value); }
static void apic_tsc(void *to) { (void)to; }
static void apic_init(void *to) { (void)to; }

static bool apic_read(void *to, u32 msr, u64 *v)
{
    struct trial *t = to;
    *v = t->answer;
    apic_note(t, TRIAL_APIC_READ, msr, *v);
    t->result.asked = true;
    return true;
}

static bool apic_write(void *to, u32 msr, u64 v)
{
    apic_note(to, TRIAL_APIC_WRITE, msr, v);
    return true;
}

static const struct cpu_apic trial_apic = { .base = apic_base, .read = apic_read, .write = apic_write, .tsc = apic_tsc, .init = apic_init };

/* ---- exceptions ---- */

static void delivered(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct trial *t = to;
    struct trial_result *r = &t->result;
    const struct fault_record *chain[FAULT_RECORDS];
    u32 all, n = cpu_faults(cpu, chain, &all);
    if (r->events == TRIAL_EVENTS)
        return;
    struct trial_event *e = &r->event[r->events++];
    *e = (struct trial_event) { .vector = vector, .has_error = has_error, .error = error, .kind = kind, .cr2 = cpu->s.cr2,
                                .access = r->accesses };
    if (n && chain[n - 1]->vector == vector) {
        e->why = chain[n - 1]->why;
        e->detail = chain[n - 1]->detail;
    }
}

/* ---- life ---- */

struct trial *trial_new(struct cpu *cpu)
{
    struct trial *t = xcalloc(1, sizeof *t);
    t->real = cpu;
    t->log = log_new();
    log_redirect(t->log, swallow, NULL);
    t->memory = space_new("memory", ADDRESS_BITS, PAGE_SHIFT, t->log);
    t->ports = space_new("ports", PORT_BITS, 0, t->log);
    space_add_device(t->memory, "trial", 0, 1ull << ADDRESS_BITS, 0, 8, memory_read, memory_write, t);
    space_add_device(t->ports, "trial", 0, 1u << PORT_BITS, 0, 4, port_read, port_write, t);
    struct cpu_wiring wiring = { .memory = t->memory, .ports = t->ports, .log = t->log, .clock = cpu->w.clock, .time = cpu->w.time };
    t->cpu = cpu_new(&wiring, cpu->model);
    if (cpu->apic)
        cpu_set_apic(t->cpu, &trial_apic, t);
    cpu_set_engine(t->cpu, ENGINE_STEP);
    cpu_on_interrupt(t->cpu, delivered, t);
    cpu_on_access(t->cpu, &(struct cpu_range) { .first = 0, .last = UINT32_MAX }, true, true, accessed, t);
    return t;
}

void trial_free(struct trial *t)
{
    if (!t)
        return;
    cpu_free(t->cpu);
    space_free(t->memory);
    space_free(t->ports);
    log_free(t->log);
    free(t);
}

struct cpu *trial_cpu(struct trial *t) { return t->cpu; }

static u64 linear_of(const struct trial *t, const struct trial_wish *wish)
{
    return (u32)(t->real->s.seg[CS].base + (wish->elsewhere ? wish->eip : t->real->s.rip));
}

/* The state of the real one, without what would come before the instruction. */
static void load(struct trial *t, const struct trial_wish *wish)
{
    struct writer w = { 0 };
    cpu_save(t->real, &w);
    struct reader r = { .bytes = w.bytes, .n = w.n };
    struct cpu_state *s = &t->cpu->s;
    cpu_load(t->cpu, &r);
    free(w.bytes);
    s->intr = s->nmi_pending = s->smi_pending = s->debug_trap = 0;
    s->activity = ACTIVITY_RUN;
    t->cpu->pin_waits = 0;
    t->cpu->dr6_pending = t->cpu->step_trap = 0;
    if (wish->elsewhere)
        s->rip = wish->eip;
}

int trial_fetch(struct trial *t, const struct trial_wish *wish, u8 *bytes, int n)
{
    int k = 0;
    u64 linear = linear_of(t, wish), physical;
    for (; k < n; k++)
        if (wish->bytes && k < wish->n)
            bytes[k] = wish->bytes[k];
        else if (!cpu_translate_peek(t->real, linear + (u64)k, &physical) || !space_peek(t->real->w.memory, physical, &bytes[k], 1))
            break;
    return k;
}

const struct trial_result *trial_run(struct trial *t, const struct trial_wish *wish)
{
    u64 linear = linear_of(t, wish);
    memset(&t->result, 0, sizeof t->result);
    t->told = t->given_bytes = 0;
    load(t, wish);
    for (int k = 0; wish->bytes && k < wish->n && k < (int)sizeof t->given; k++)
        if (cpu_translate_peek(t->real, linear + (u64)k, &t->given_at[t->given_bytes]))
            t->given[t->given_bytes++] = wish->bytes[k];
    t->answer = wish->answer;
    t->result.shutdown = cpu_run(t->cpu, 1) == EXIT_SHUTDOWN || t->cpu->s.activity == ACTIVITY_SHUTDOWN;
    t->result.halted = t->cpu->s.activity == ACTIVITY_HALTED;
    return &t->result;
}
