/* points.c - the list of points, and whether one that was told of stops the machine. See points.h. */
#include "points_parts.h"
#include "names.h"

enum { CR3_BASE = 0xffffffe0 };        /* SDM Vol. 3A "Control Registers": with PAE, the low five bits are no address */

static void boundary(void *to, struct cpu *cpu);

struct points *points_new(struct machine *m)
{
    struct points *p = xcalloc(1, sizeof *p);
    p->m = m;
    for (size_t k = 0; k < ARRAY_LEN(p->next_number); k++)
        p->next_number[k] = 1;
    return p;
}

static void entry_free(struct entry *e)
{
    free(e->tokens);
    free(e->p.name);
    free(e->p.condition_text);
    free(e->p.commands);
    free(e->p.text);
    free(e);
}

void points_free(struct points *p)
{
    if (!p)
        return;
    for (struct entry *e = p->list, *next; e; e = next) {
        next = e->next;
        entry_deaf(e);
        entry_free(e);
    }
    for (int k = 0; k < p->boundary_count; k++)
        cpu_unobserve(p->boundary[k].cpu, p->boundary[k].token);
    free(p->boundary);
    free(p->hits);
    free(p);
}

/* ---- the list ---- */

/* Each processor asks at its boundaries from the first point on. */
static void listen_at_boundaries(struct points *p)
{
    for (struct cpu *cpu; (cpu = machine_cpu_at(p->m, p->boundary_count)); p->boundary_count++) {
        p->boundary = xrealloc(p->boundary, (size_t)(p->boundary_count + 1) * sizeof *p->boundary);
        p->boundary[p->boundary_count] = (struct subscription) { cpu, cpu_on_boundary(cpu, boundary, p) };
    }
}

static char *copy_of(const char *text) { return text ? xstrdup(text) : NULL; }

struct point *points_add(struct points *p, const struct point *like)
{
    struct entry *e = xcalloc(1, sizeof *e), **at = &p->list;
    e->p = *like;
    e->p.name = copy_of(like->name);
    e->p.condition_text = copy_of(like->condition_text);
    e->p.commands = copy_of(like->commands);
    e->p.text = copy_of(like->text);
    e->p.number = p->next_number[like->owner]++;
    e->p.hits = 0;
    e->all = p;
    while (*at)
        at = &(*at)->next;
    *at = e;
    listen_at_boundaries(p);
    if (!e->p.disabled)
        entry_listen(e);
    return &e->p;
}

static struct entry *entry_of(struct point *point) { return (struct entry *)point; }

/* It is freed when the machine runs again: what hit may be asked for until then. */
void points_remove(struct points *p, struct point *point)
{
    struct entry *e = entry_of(point);
    (void)p;
    entry_deaf(e);
    e->gone = true;
    e->told = false;
}

void points_enable(struct points *p, struct point *point, bool on)
{
    struct entry *e = entry_of(point);
    (void)p;
    if (on == !point->disabled)
        return;
    point->disabled = !on;
    e->told = false;
    if (on)
        entry_listen(e);
    else
        entry_deaf(e);
}

void point_text(char **which, const char *text)
{
    char *now = copy_of(text);
    free(*which);
    *which = now;
}

struct point *points_next(const struct points *p, enum point_owner owner, const struct point *after)
{
    struct entry *e = after ? ((const struct entry *)after)->next : p->list;
    while (e && (e->gone || e->p.owner != owner))
        e = e->next;
    return e ? &e->p : NULL;
}

struct point *points_find(const struct points *p, enum point_owner owner, u32 number)
{
    struct point *found = NULL;
    while ((found = points_next(p, owner, found)) && found->number != number)
        ;
    return found;
}

int points_hits(const struct points *p) { return p->hit_count; }
const struct point_hit *points_hit(const struct points *p, int k) { return &p->hits[k]; }

void points_judge(struct points *p, bool (*stops)(void *to, const struct point_hit *hit), void *to)
{
    p->stops = stops;
    p->stops_to = to;
}

/* ---- does it stop? ---- */

void points_came(struct points *p, const struct point_hit *hit)
{
    if (p->hit_count == p->hit_room) {
        p->hit_room = p->hit_room ? 2 * p->hit_room : 4;
        p->hits = xrealloc(p->hits, (size_t)p->hit_room * sizeof *p->hits);
    }
    p->hits[p->hit_count++] = *hit;
}

/* A change that was taken back within the instruction is none. */
static bool came_to_nothing(const struct point_hit *hit)
{
    return hit->point->changes && hit->old == hit->now && (hit->point->kind != POINT_WATCH || hit->write);
}

/* State is exact. True: the machine stops. */
static bool judge(struct entry *e)
{
    struct points *p = e->all;
    struct point_hit *hit = &e->hit;
    e->told = false;
    if (e->gone || e->p.disabled || came_to_nothing(hit))
        return false;
    enum point_verdict verdict = e->p.condition ? e->p.condition(e->p.condition_to, hit) : POINT_YES;
    if (verdict == POINT_NO)
        return false;
    hit->wrong = verdict == POINT_WRONG;
    if (p->stops) {
        if (!p->stops(p->stops_to, hit))
            return false;
        points_came(p, hit);
        return true;
    }
    e->p.hits++;
    if (e->p.ignore && !hit->wrong) {
        e->p.ignore--;
        return false;
    }
    points_came(p, hit);
    if (e->p.temporary)
        points_remove(p, &e->p);
    return true;
}

static void boundary(void *to, struct cpu *cpu)
{
    const struct points *p = to;
    for (struct entry *e = p->list; e; e = e->next)
        if (e->told && e->hit.cpu == cpu && judge(e))
            cpu_break(cpu);
}

static bool filters_pass(const struct entry *e, struct cpu *cpu)
{
    if (e->p.cpl >= 0 && cpu_cpl(cpu) != e->p.cpl)
        return false;
    return !e->p.has_cr3 || !((cpu_get(cpu, "cr3") ^ e->p.cr3) & CR3_BASE);
}

void entry_told(struct entry *e, const struct point_hit *what, bool later)
{
    struct cpu *cpu = what->cpu;
    if (e->gone || e->p.disabled || !filters_pass(e, cpu))
        return;
    if (e->told) {                              /* again in one instruction: from the first value to the last */
        e->hit.now = what->now;
        e->hit.write |= what->write;
        return;
    }
    e->hit = *what;
    e->hit.point = &e->p;
    e->hit.between = !cpu_under_way(cpu);
    e->hit.insns = machine_insns(e->all->m);
    e->hit.eip = cpu_eip(cpu);
    e->hit.cs = cpu_segment(cpu, CS)->selector;
    e->hit.linear = linear_here(cpu);
    if (!e->hit.by)
        e->hit.by = cpu_doing(cpu, &e->hit.vector);
    if (!later) {
        if (judge(e))
            cpu_break(cpu);
        return;
    }
    e->told = true;
    cpu_ask(cpu);
}

/* ---- around a run ---- */

void points_begin(struct points *p)
{
    p->hit_count = 0;
    for (struct entry **at = &p->list, *e; (e = *at); ) {
        e->told = false;                        /* what happened between runs, the debugger did */
        if (!e->gone) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        entry_free(e);
    }
}

bool points_settle(struct points *p)
{
    bool stops = false;
    for (struct entry *e = p->list; e; e = e->next) {
        if (!e->told)
            continue;
        cpu_sync(e->hit.cpu);
        stops |= judge(e);
    }
    return stops;
}

u64 points_count_next(const struct points *p, u64 insns)
{
    u64 next = UINT64_MAX;
    for (const struct entry *e = p->list; e; e = e->next)
        if (e->p.kind == POINT_COUNT && !e->gone && !e->p.disabled && e->p.first > insns && e->p.first < next)
            next = e->p.first;
    return next;
}

bool points_count_reached(struct points *p, u64 insns)
{
    bool stops = false;
    struct cpu *cpu = machine_cpu(p->m);
    for (struct entry *e = p->list; e; e = e->next) {
        if (e->p.kind != POINT_COUNT || e->gone || e->p.disabled || e->p.first != insns || !filters_pass(e, cpu))
            continue;
        e->hit = (struct point_hit) { .point = &e->p, .cpu = cpu, .at = insns, .insns = insns, .eip = cpu_eip(cpu), .by = "",
                                      .cs = cpu_segment(cpu, CS)->selector };
        e->hit.linear = linear_here(cpu);
        stops |= judge(e);
    }
    return stops;
}
