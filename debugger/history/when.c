/* when.c - when did something become true the last time: the past is searched backwards, snapshot by snapshot, each stretch run forward.
 * What is asked is asked again where its answer may be another: what that was made of is watched. Memory and what only the system
 * changes (CR0, CR3, CR4, IF) leave the run as fast as it is; other registers change with any instruction, so it is asked at each. */
#include "history_parts.h"
#include "../../cpu/cpu.h"
#include "../../cpu/mmu/walk.h"
#include "../../host/clock.h"

enum { RANGES_MOST = READS_MOST * 2 * (WALK_LEVELS + 1), TELL_MS = 1000, LOOKS_A_CLOCK = 64 };

struct ranges {                         /* of physical memory */
    struct range { u64 first, last; } range[RANGES_MOST];
    int n;
};

/* Where an answer was given. */
struct moment {
    bool exact;                         /* `at` is where; else the first place with hit.insns */
    struct machine_place at;
    struct point_hit hit;
};

struct asked {
    struct history *h;
    const struct history_question *q;
    bool holds, any;                    /* the last answer; it became yes somewhere: */
    struct moment found;
    struct language_reads reads;        /* what the last answer was made of */
    bool each;                          /* it is asked at each instruction: */
    int instruction, interrupt;         /* tokens */
    struct moment before;               /* and was asked there before */
    struct ranges ranges;               /* else these are watched, */
    struct point *watch[RANGES_MOST];
    struct point *system[8];            /* and what the system changes */
    int systems;
    u64 told_ms, looks;
};

/* ---- what an answer depends on ---- */

static bool by_system(const struct register_read *read)
{
    bool control = read->r->group == REGISTERS_CONTROL && strcmp(read->r->name, "cr2") != 0;
    return control || (!strcmp(read->r->name, "eflags") && read->mask == FLAG_IF);
}

static bool needs_each(const struct language_reads *reads)
{
    bool needs = reads->more;
    for (int k = 0; k < reads->register_count; k++)
        needs |= !by_system(&reads->registers[k]);
    return needs;
}

static void add_range(struct ranges *all, u64 first, u64 n)
{
    assert(all->n < RANGES_MOST);
    all->range[all->n++] = (struct range) { first, first + n - 1 };
}

/* A part within a page: where it is, and the entries that say so. */
static void add_part(struct ranges *all, struct cpu *cpu, u64 at, u64 n, bool physical)
{
    struct walk w = { 0 };
    u64 where = at;
    if (!physical && paging_look(cpu, at, &w))
        for (int k = 0; k < w.steps; k++)
            if (!w.step[k].level->in_register)
                add_range(all, w.step[k].where, w.form->entry_bytes);
    if (physical || cpu_translate_peek(cpu, at, &where))
        add_range(all, where, n);
}

static void add_read(struct ranges *all, struct cpu *cpu, const struct memory_read *read)
{
    u64 first = PAGE_SIZE - (read->at & PAGE_MASK);
    add_part(all, cpu, read->at, read->n < first ? read->n : first, read->physical);
    if (read->n > first)
        add_part(all, cpu, read->at + first, read->n - first, read->physical);
}

static struct point *point(struct asked *a, struct point like)
{
    like.owner = POINT_INTERNAL;
    like.write = true;
    like.cpl = -1;
    return points_add(control_points(a->h->control), &like);
}

static void watch_ranges(struct asked *a, const struct ranges *all)
{
    if (all->n == a->ranges.n && !memcmp(all->range, a->ranges.range, (size_t)all->n * sizeof *all->range))
        return;
    for (int k = 0; k < a->ranges.n; k++)
        points_remove(control_points(a->h->control), a->watch[k]);
    a->ranges = *all;
    for (int k = 0; k < all->n; k++)
        a->watch[k] = point(a, (struct point) { .kind = POINT_WATCH, .first = all->range[k].first, .last = all->range[k].last,
                                                .physical = true });
}

static void watch_no_ranges(struct asked *a) { watch_ranges(a, &(struct ranges) { .n = 0 }); }

/* The map of memory may change by a port (A20, PCI) or an MSR. */
static void watch_system(struct asked *a)
{
    static const struct point all[] = {
        { .kind = POINT_CR, .last = 15 }, { .kind = POINT_IF }, { .kind = POINT_TASK, .last = 0xffff }, { .kind = POINT_MODE },
        { .kind = POINT_SMI }, { .kind = POINT_PORT, .last = 0xffff }, { .kind = POINT_MSR, .last = UINT32_MAX },
    };
    _Static_assert(ARRAY_LEN(all) <= ARRAY_LEN(((struct asked *)0)->system), "a place for each");
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        a->system[a->systems++] = point(a, all[k]);
}

static void watch_no_system(struct asked *a)
{
    while (a->systems)
        points_remove(control_points(a->h->control), a->system[--a->systems]);
}

/* ---- asking ---- */

static void ask_at_each(struct asked *a);

static void ask(struct asked *a, const struct moment *by)
{
    bool before = a->holds;
    struct ranges read = { .n = 0 };
    a->reads = (struct language_reads) { 0 };
    a->holds = a->q->holds(a->q->to, &a->reads);
    if (by && a->holds && !before) {
        a->found = *by;
        a->any = true;
    }
    if (a->each)
        return;
    if (needs_each(&a->reads)) {
        ask_at_each(a);
        return;
    }
    for (int k = 0; k < a->reads.memory_count; k++)
        add_read(&read, machine_cpu(a->h->m), &a->reads.memory[k]);
    watch_ranges(a, &read);
}

/* Where memory is watched: points tell of it at the boundary behind. */
static bool changes_ask(void *to, const struct point_hit *hit)
{
    struct history *h = to;
    struct moment by = { .hit = *hit };
    by.hit.point = NULL;
    if (!h->asked->each)
        ask(h->asked, &by);
    return false;
}

/* ---- at each instruction ---- */

static bool registers_changed(const struct asked *a, struct cpu *cpu)
{
    const struct language_reads *reads = &a->reads;
    if (reads->more || reads->memory_count)
        return true;
    for (int k = 0; k < reads->register_count; k++)
        if ((register_value(cpu, reads->registers[k].r) & reads->registers[k].mask) != reads->registers[k].value)
            return true;
    return false;
}

static void at_instruction(void *to, struct cpu *cpu)
{
    struct asked *a = to;
    if (registers_changed(a, cpu))
        ask(a, &a->before);
    a->before.at = machine_place_now(a->h->m);
    a->before.hit.by = NULL;
}

/* Between two instructions; one of the program, or a fault, is its instruction's doing. */
static void at_interrupt(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct asked *a = to;
    (void)has_error, (void)error, (void)kind;
    if (cpu_under_way(cpu))
        return;
    cpu_sync(cpu);
    at_instruction(a, cpu);
    a->before.hit.by = "delivery";
    a->before.hit.vector = vector;
}

static void ask_at_each(struct asked *a)
{
    struct cpu *cpu = machine_cpu(a->h->m);
    watch_no_ranges(a);
    watch_no_system(a);
    a->each = true;
    a->instruction = cpu_on_instruction(cpu, at_instruction, a);
    a->interrupt = cpu_on_interrupt(cpu, at_interrupt, a);
    a->before = (struct moment) { .exact = true, .at = machine_place_now(a->h->m) };
}

/* ---- the search ---- */

void asked_look(struct history *h)
{
    struct asked *a = h->asked;
    if (++a->looks % LOOKS_A_CLOCK)
        return;
    u64 now = host_ms();
    if (now - a->told_ms < TELL_MS)
        return;
    a->told_ms = now;
    if (a->q->searched)
        a->q->searched(a->q->to, machine_now(h->m));
}

/* From snap[k], where the machine is, to where it was sent. */
static enum back search_stretch(struct history *h, struct asked *a)
{
    struct cpu *cpu = machine_cpu(h->m);
    a->each = false;
    watch_system(a);
    ask(a, NULL);
    h->asked = a;
    enum back end = go_on(h, NULL);
    h->asked = NULL;
    struct moment last = a->each ? a->before : (struct moment) { .exact = true, .at = machine_place_now(h->m) };
    if (end == BACK_THERE)
        ask(a, &last);
    watch_no_ranges(a);
    watch_no_system(a);
    if (a->each) {
        cpu_unobserve(cpu, a->instruction);
        cpu_unobserve(cpu, a->interrupt);
    }
    return end;
}

static enum back search(struct history *h, struct asked *a)
{
    struct machine_place bound = machine_place_now(h->m);
    enum back end = BACK_THERE;
    bool edited = false;
    for (int k = snapshot_before(h, &bound) + 1; k > 0 && end == BACK_THERE && !a->any && !edited; ) {
        struct machine_place start = h->snap[--k]->at;
        if (!place_compare(&start, &bound))
            continue;
        edited = h->snap[k]->edited;
        struct seek to = seek_place(&bound);
        end = set_out(h, k, &to, changes_ask) ? search_stretch(h, a) : BACK_LOST;
        bound = start;
    }
    return end == BACK_THERE && !a->any ? BACK_NOWHERE : end;
}

enum back history_when(struct history *h, const struct history_question *q, struct point_hit *hit)
{
    struct machine_place here = machine_place_now(h->m);
    struct asked a = { .h = h, .q = q, .told_ms = host_ms() };
    kept_check(h);
    enum back end = search(h, &a);
    *hit = a.found.hit;
    if (end != BACK_THERE && end != BACK_NOWHERE)
        return arrive(h, end);
    struct seek to = seek_place(a.any ? &a.found.at : &here);
    enum back way = a.any && !a.found.exact ? go_to_hit(h, &a.found.hit) : go_to(h, &to, snapshot_before(h, &to.at));
    return way == BACK_THERE ? end : way;
}
