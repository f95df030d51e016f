/* points_tell.c - what the processors and the machine tell of, as points see it. See points.h. */
#include "points_parts.h"

enum { TEXT_PORT = 0xe9 };

static bool value_fits(const struct point *p, u64 v)
{
    return !p->has_value || (v & (p->mask ? p->mask : UINT64_MAX)) == p->value;
}

static bool in_range(const struct point *p, u64 at) { return at >= p->first && at <= p->last; }

static void place_told(void *to, struct cpu *cpu)
{
    struct entry *e = to;
    entry_told(e, &(struct point_hit) { .cpu = cpu, .at = e->p.first, .by = "" }, false);
}

/* ---- memory ---- */

/* Where the access's first byte lies as the point counts, and how many follow it without a break. */
static void part(const struct point *p, const struct cpu_access *a, u64 *at, u32 *n, u32 *skipped)
{
    u32 first = a->second == CPU_NO_ADDRESS ? a->size : 0x1000 - (u32)(a->linear & 0xfff);
    *skipped = 0;
    *at = p->physical ? a->physical : a->linear;
    *n = p->physical ? first : a->size;
    if (p->physical && !(a->physical <= p->last && p->first < a->physical + first)) {
        *at = a->second;
        *n = a->size - first;
        *skipped = first;
    }
}

static u64 low_bytes(u64 v, u32 n) { return n >= 8 ? v : v & ((1ull << 8 * n) - 1); }

/* The bytes of a watched range, or of an access, before and after. */
static void watch_values(const struct point *p, struct cpu *cpu, const struct cpu_access *a, struct point_hit *hit)
{
    u8 now[8] = { 0 }, old[8];
    u64 at, length = p->last - p->first + 1;
    u32 n, skipped;
    part(p, a, &at, &n, &skipped);
    bool small = length <= 8 && length;
    hit->at = small ? p->first : at;
    hit->size = small ? (u32)length : n;
    if (!small) {
        hit->old = low_bytes(a->old >> 8 * skipped, n);
        hit->now = low_bytes(a->value >> 8 * skipped, n);
        return;
    }
    if (p->physical)
        space_peek(cpu_memory(cpu), p->first, now, length);
    else
        cpu_peek(cpu, p->first, now, (size_t)length);
    memcpy(old, now, sizeof old);
    for (u32 k = 0; k < n; k++) {
        u64 byte = at + k - p->first;
        if (byte < length) {
            old[byte] = (u8)(a->old >> 8 * (k + skipped));
            now[byte] = (u8)(a->value >> 8 * (k + skipped));
        }
    }
    hit->old = get64(old) & mask_bytes((int)length);
    hit->now = get64(now) & mask_bytes((int)length);
}

static void access_told(void *to, struct cpu *cpu, const struct cpu_access *a)
{
    struct entry *e = to;
    struct point_hit hit = { .cpu = cpu, .write = a->write, .by = a->linear == CPU_NO_ADDRESS ? "page walk" : NULL };
    watch_values(&e->p, cpu, a, &hit);
    if (value_fits(&e->p, hit.now))
        entry_told(e, &hit, true);
}

/* ---- memory, by bus masters ---- */

static bool physical_of(const struct point *p, struct cpu *cpu, u64 at, u64 *physical)
{
    *physical = at;
    return p->physical || cpu_translate_peek(cpu, at, physical);
}

/* A range of up to 8 bytes, before and after; false: none of it is touched. The write is not done yet. */
static bool transfer_small(const struct point *p, struct cpu *cpu, const struct machine_transfer *t, struct point_hit *hit)
{
    u8 old[8] = { 0 }, now[8] = { 0 };
    bool touched = false;
    hit->size = (u32)(p->last - p->first + 1);
    hit->at = p->first;
    for (u32 k = 0; k < hit->size; k++) {
        u64 physical;
        if (!physical_of(p, cpu, p->first + k, &physical))
            continue;
        space_peek(cpu_memory(cpu), physical, &old[k], 1);
        now[k] = old[k];
        if (physical - t->address < t->n) {
            now[k] = ((const u8 *)t->bytes)[physical - t->address];
            touched = true;
        }
    }
    hit->old = get64(old);
    hit->now = get64(now);
    return touched;
}

/* A longer one: the first bytes that are touched. */
static bool transfer_large(const struct point *p, struct cpu *cpu, const struct machine_transfer *t, struct point_hit *hit)
{
    for (u64 at = p->first, n; at <= p->last && at >= p->first; at += n) {
        u64 physical, end;
        n = p->physical ? UINT64_MAX : 0x1000 - (at & 0xfff);
        n = p->last - at < n ? p->last - at + 1 : n;
        if (!physical_of(p, cpu, at, &physical) || physical >= t->address + t->n || t->address >= physical + n)
            continue;
        u64 from = physical > t->address ? physical : t->address;
        u8 old[8] = { 0 }, now[8] = { 0 };
        end = physical + n < t->address + t->n ? physical + n : t->address + t->n;
        hit->at = at + (from - physical);
        hit->size = (u32)(end - from < 8 ? end - from : 8);
        space_peek(cpu_memory(cpu), from, old, hit->size);
        memcpy(now, (const u8 *)t->bytes + (from - t->address), hit->size);
        hit->old = get64(old);
        hit->now = get64(now);
        return true;
    }
    return false;
}

static void transfer_told(void *to, const struct machine_transfer *t)
{
    struct entry *e = to;
    struct cpu *cpu = machine_cpu(e->all->m);
    struct point_hit hit = { .cpu = cpu, .write = t->write, .by = "a bus master" };
    bool small = e->p.last - e->p.first < 8;
    if (!(t->write ? e->p.write : e->p.read) || !t->n)
        return;
    if ((small ? transfer_small : transfer_large)(&e->p, cpu, t, &hit) && value_fits(&e->p, hit.now))
        entry_told(e, &hit, true);
}

/* ---- what changed in the processor ---- */

static void change_told(void *to, struct cpu *cpu, const struct cpu_change *c)
{
    struct entry *e = to;
    struct point_hit hit = { .cpu = cpu, .at = c->n, .old = c->old, .now = c->now, .size = c->size };
    if (c->kind == CHANGE_SMI)
        hit.by = "";
    hit.write = c->kind == CHANGE_PORT_WRITE || c->kind == CHANGE_MSR_WRITE || c->kind == CHANGE_CR;
    switch (e->p.kind) {
    case POINT_PORT:
        if (c->n > e->p.last || c->n + c->size - 1 < e->p.first)
            return;
        break;
    case POINT_MSR: case POINT_CR:
        if (!in_range(&e->p, c->n))
            return;
        break;
    case POINT_TASK:
        if (!in_range(&e->p, c->now))
            return;
        hit.at = c->now;
        break;
    default:
        break;
    }
    if (value_fits(&e->p, c->now))
        entry_told(e, &hit, true);
}

static void text_told(void *to, struct cpu *cpu, const struct cpu_change *c)
{
    struct entry *e = to;
    const char *text = e->p.text;
    char came = (char)c->now;
    if (c->n != TEXT_PORT || !text || !*text)
        return;
    /* The longest beginning of the text that what was written so far ends with. */
    while (e->matched && text[e->matched] != came) {
        size_t k = e->matched - 1;
        while (k && strncmp(text, text + e->matched - k, k))
            k--;
        e->matched = k;
    }
    e->matched += text[e->matched] == came;
    if (text[e->matched])
        return;
    e->matched = 0;
    entry_told(e, &(struct point_hit) { .cpu = cpu, .at = TEXT_PORT, .write = true }, true);
}

static void if_told(void *to, struct cpu *cpu)
{
    struct entry *e = to;
    bool now = cpu_interruptible(cpu);
    if (value_fits(&e->p, now))
        entry_told(e, &(struct point_hit) { .cpu = cpu, .old = !now, .now = now }, true);
}

static bool is_exception(const char *kind)
{
    return strcmp(kind, "external") != 0 && strcmp(kind, "INT n") != 0 && strcmp(kind, "NMI") != 0;
}

static void interrupt_told(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct entry *e = to;
    bool wanted;
    switch (e->p.kind) {
    case POINT_NMI:       wanted = !strcmp(kind, "NMI"); break;
    case POINT_EXCEPTION: wanted = is_exception(kind) && value_fits(&e->p, error) && (has_error || !e->p.has_value); break;
    default:              wanted = (e->p.read && !strcmp(kind, "external")) || (e->p.write && !strcmp(kind, "INT n")); break;
    }
    if (wanted && (e->p.kind == POINT_NMI || in_range(&e->p, (u64)vector)))
        entry_told(e, &(struct point_hit) { .cpu = cpu, .at = (u64)vector, .has_error = has_error, .error = error, .how = kind,
                                            .by = cpu_under_way(cpu) ? NULL : "" }, true);
}

static void irq_told(void *to, struct device *chip, enum irq_event what, int pin, u32 value)
{
    struct entry *e = to;
    bool pic = !strcmp(chip->class->name, "i8259"), apic = !strcmp(chip->class->name, "i82093aa");
    int line = pic ? pin + (strcmp(chip->id, "pic2") ? 0 : 8) : pin;
    if (what != IRQ_LEVEL || !(pic || (apic && line >= 16)) || !in_range(&e->p, (u64)line) || !value_fits(&e->p, !!value))
        return;
    struct cpu *cpu = machine_cpu(e->all->m);
    entry_told(e, &(struct point_hit) { .cpu = cpu, .at = (u64)line, .old = !value, .now = !!value,
                                        .by = cpu_under_way(cpu) ? NULL : "" }, true);
}

/* ---- who tells it ---- */

static u32 changes_of(const struct point *p)
{
    switch (p->kind) {
    case POINT_PORT: return (p->read ? 1u << CHANGE_PORT_READ : 0) | (p->write ? 1u << CHANGE_PORT_WRITE : 0);
    case POINT_MSR:  return (p->read ? 1u << CHANGE_MSR_READ : 0) | (p->write ? 1u << CHANGE_MSR_WRITE : 0);
    case POINT_CR:   return 1u << CHANGE_CR;
    case POINT_MODE: return 1u << CHANGE_MODE;
    case POINT_TASK: return 1u << CHANGE_TASK;
    case POINT_SMI:  return 1u << CHANGE_SMI;
    default:         return 0;
    }
}

static int subscribe(struct entry *e, struct cpu *cpu)
{
    const struct point *p = &e->p;
    switch (p->kind) {
    case POINT_EXECUTE:
        return cpu_on_place(cpu, p->first, p->physical, place_told, e);
    case POINT_WATCH:
        return cpu_on_access(cpu, &(struct cpu_range) { p->first, p->last, p->physical }, p->read, p->write, access_told, e);
    case POINT_IF:
        return cpu_on_if(cpu, if_told, e);
    case POINT_EXCEPTION: case POINT_INTERRUPT: case POINT_NMI:
        return cpu_on_interrupt(cpu, interrupt_told, e);
    case POINT_TEXT:
        return cpu_on_change(cpu, 1u << CHANGE_PORT_WRITE, text_told, e);
    default:
        return cpu_on_change(cpu, changes_of(p), change_told, e);
    }
}

void entry_listen(struct entry *e)
{
    struct cpu *cpu;
    if (e->p.kind == POINT_COUNT)               /* the run is limited by it: control.c */
        return;
    if (e->p.kind == POINT_IRQ) {
        machine_watch_irqs(e->all->m, irq_told, e);
        return;
    }
    if (e->p.kind == POINT_WATCH)
        machine_watch_masters(e->all->m, transfer_told, e);
    for (int k = 0; (cpu = machine_cpu_at(e->all->m, k)); k++) {
        e->tokens = xrealloc(e->tokens, (size_t)(k + 1) * sizeof *e->tokens);
        e->tokens[e->token_count++] = (struct subscription) { cpu, subscribe(e, cpu) };
    }
}

void entry_deaf(struct entry *e)
{
    if (e->p.kind == POINT_IRQ)
        machine_watch_irqs(e->all->m, NULL, e);
    if (e->p.kind == POINT_WATCH)
        machine_watch_masters(e->all->m, NULL, e);
    for (int k = 0; k < e->token_count; k++)
        cpu_unobserve(e->tokens[k].cpu, e->tokens[k].token);
    e->token_count = 0;
    e->matched = 0;
}
