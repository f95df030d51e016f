/* observe.c - breakpoints, watchpoints and hooks of the debugger, tests and tools: any number of each, in order of subscription.
 * What nobody watches costs nothing: places are planted in blocks, watched accesses and hooked instructions are other handlers'. */
#include "engine/engine.h"
#include "pins.h"
#include "system/debug_registers.h"

void observers_init(struct cpu_observers *o)
{
    o->next_token = 1;
    o->pass = ~0ull;
}

void observers_free(struct cpu_observers *o) { free(o->list); }

static int add(struct cpu *cpu, const struct observer *one)
{
    struct cpu_observers *o = &cpu->observers;
    if (o->count == o->room) {
        o->room = o->room ? 2 * o->room : 8;
        o->list = xrealloc(o->list, (size_t)o->room * sizeof *o->list);
    }
    o->list[o->count] = *one;
    o->list[o->count].token = o->next_token;
    o->count++;
    o->of_kind[one->kind]++;
    return o->next_token++;
}

/* What depends on whether there are any. */
static void kind_changed(struct cpu *cpu, enum observer_kind kind)
{
    struct cpu_observers *o = &cpu->observers;
    if (kind == OBSERVE_PLACE) {
        blocks_places(cpu);
    } else if (kind == OBSERVE_ACCESS) {
        cpu_debug_changed(cpu);
    } else if (kind == OBSERVE_INSTRUCTION) {
        cpu_choose_kind(cpu);
    } else if (kind == OBSERVE_MAGIC) {
        blocks_flush(cpu);
    } else if (kind == OBSERVE_CHANGE) {
        o->changes = 0;
        for (int k = 0; k < o->count; k++)
            o->changes |= o->list[k].kind == OBSERVE_CHANGE ? o->list[k].first : 0;
        o->mode = (u8)cpu_mode_now(cpu);
    }
}

int cpu_on_instruction(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_INSTRUCTION, .told = told, .to = to });
    kind_changed(cpu, OBSERVE_INSTRUCTION);
    return token;
}

int cpu_on_magic(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_MAGIC, .told = told, .to = to });
    kind_changed(cpu, OBSERVE_MAGIC);
    return token;
}

int cpu_on_if(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to)
{
    return add(cpu, &(struct observer) { .kind = OBSERVE_IF, .told = told, .to = to });
}

int cpu_on_interrupt(struct cpu *cpu,
                     void (*told)(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind), void *to)
{
    return add(cpu, &(struct observer) { .kind = OBSERVE_INTERRUPT, .interrupt = told, .to = to });
}

int cpu_on_place(struct cpu *cpu, u64 address, bool physical, void (*told)(void *to, struct cpu *cpu), void *to)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_PLACE, .first = address, .last = address, .physical = physical, .told = told,
                                              .to = to });
    kind_changed(cpu, OBSERVE_PLACE);
    return token;
}

int cpu_on_access(struct cpu *cpu, const struct cpu_range *range, bool read, bool write,
                  void (*told)(void *to, struct cpu *cpu, const struct cpu_access *a), void *to)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_ACCESS, .first = range->first, .last = range->last,
                                              .physical = range->physical, .read = read, .write = write, .access = told, .to = to });
    kind_changed(cpu, OBSERVE_ACCESS);
    return token;
}

int cpu_on_boundary(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to)
{
    return add(cpu, &(struct observer) { .kind = OBSERVE_BOUNDARY, .told = told, .to = to });
}

int cpu_on_change(struct cpu *cpu, u32 kinds, void (*told)(void *to, struct cpu *cpu, const struct cpu_change *c), void *to)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_CHANGE, .first = kinds, .change = told, .to = to });
    kind_changed(cpu, OBSERVE_CHANGE);
    return token;
}

static void stop_told(void *to, struct cpu *cpu)
{
    (void)to;
    cpu_break(cpu);
}
static void stop_access(void *to, struct cpu *cpu, const struct cpu_access *a)
{
    (void)a;
    stop_told(to, cpu);
}

int cpu_break_at(struct cpu *cpu, u64 linear) { return cpu_on_place(cpu, linear, false, stop_told, NULL); }

int cpu_watch(struct cpu *cpu, u64 first, u64 last, bool read, bool write)
{
    return cpu_on_access(cpu, &(struct cpu_range) { .first = first, .last = last }, read, write, stop_access, NULL);
}

static void drop_ended(struct cpu_observers *o)
{
    int kept = 0;
    for (int k = 0; k < o->count; k++)
        if (o->list[k].kind != OBSERVE_NOTHING)
            o->list[kept++] = o->list[k];
    o->count = kept;
    o->ended = false;
}

static void tell_ends(struct cpu_observers *o)
{
    if (!--o->telling && unlikely(o->ended))
        drop_ended(o);
}

void cpu_unobserve(struct cpu *cpu, int token)
{
    struct cpu_observers *o = &cpu->observers;
    for (int k = 0; k < o->count; k++) {
        enum observer_kind kind = o->list[k].kind;
        if (o->list[k].token != token || kind == OBSERVE_NOTHING)
            continue;
        o->of_kind[kind]--;
        o->list[k].kind = OBSERVE_NOTHING;
        o->ended = true;
        kind_changed(cpu, kind);
    }
    if (!o->telling && o->ended)
        drop_ended(o);
}

void cpu_break(struct cpu *cpu)
{
    cpu->observers.stop = true;
    cpu->leave = LEAVE_NOW;
}

void cpu_ask(struct cpu *cpu)
{
    cpu->observers.ask = true;
    cpu->leave = LEAVE_NOW;
}

void cpu_pass_breakpoint(struct cpu *cpu, bool on) { observers_pass(cpu, on); }

/* A round of telling: who subscribes meanwhile is told from the next one on, and who ends is not told any more. The observer at hand is a
 * copy, which stays when the list moves. Run to its end. */
struct telling { struct cpu_observers *o; int next, end; struct observer one; };
static struct telling telling(struct cpu *cpu)
{
    struct cpu_observers *o = &cpu->observers;
    o->telling++;
    return (struct telling) { .o = o, .end = o->count };
}
static bool tell_next(struct telling *t, enum observer_kind kind)
{
    while (t->next < t->end) {
        t->one = t->o->list[t->next++];
        if (t->one.kind == kind)
            return true;
    }
    tell_ends(t->o);
    return false;
}

void observers_told(struct cpu *cpu, enum observer_kind kind)
{
    for (struct telling t = telling(cpu); tell_next(&t, kind); )
        t.one.told(t.one.to, cpu);
}

void observers_interrupt(struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    for (struct telling t = telling(cpu); tell_next(&t, OBSERVE_INTERRUPT); )
        t.one.interrupt(t.one.to, cpu, vector, has_error, error, kind);
}

void observers_loaded(struct cpu *cpu)
{
    cpu->observers.pass = ~0ull;
    cpu->observers.ask = cpu->observers.stop = false;
    cpu->observers.mode = (u8)cpu_mode_now(cpu);
}

static u64 rip_linear(const struct cpu *cpu) { return (u32)(cpu->s.rip + cpu->s.seg[CS].base); }

void observers_pass(struct cpu *cpu, bool on)
{
    cpu->observers.pass = on ? rip_linear(cpu) : ~0ull;
    cpu->observers.pass_insns = cpu->insns;
}

void observers_place(struct cpu *cpu)
{
    const struct cpu_observers *o = &cpu->observers;
    u64 linear = rip_linear(cpu), physical = CPU_NO_ADDRESS;
    if (o->pass == linear && o->pass_insns == cpu->insns)
        return;
    cpu_translate_peek(cpu, linear, &physical);
    for (struct telling t = telling(cpu); tell_next(&t, OBSERVE_PLACE); ) {
        if (t.one.first != (t.one.physical ? physical : linear))
            continue;
        cpu_sync(cpu);
        observers_pass(cpu, true);
        t.one.told(t.one.to, cpu);
    }
}

bool observers_place_step(struct cpu *cpu)
{
    u64 physical;
    if (cpu->s.rip > cpu->s.seg[CS].limit || !cpu_translate_peek(cpu, rip_linear(cpu), &physical))
        return false;                           /* its fetch faults first */
    observers_place(cpu);
    return cpu->leave;
}

void observers_boundary(struct cpu *cpu)
{
    cpu->observers.ask = false;
    cpu_sync(cpu);
    observers_told(cpu, OBSERVE_BOUNDARY);
}

/* Do [at, at + n) and the observer's addresses meet? */
static bool meets(const struct observer *w, u64 at, u64 n) { return n && at != CPU_NO_ADDRESS && at <= w->last && w->first <= at + n - 1; }

static bool concerns(const struct observer *w, const struct cpu_access *a)
{
    u64 first = a->second == CPU_NO_ADDRESS ? a->size : PAGE_SIZE - (a->linear & PAGE_MASK);
    if (!(a->write ? w->write : w->read))
        return false;
    return w->physical ? meets(w, a->physical, first) || meets(w, a->second, a->size - first) : meets(w, a->linear, a->size);
}

void observers_access(struct cpu *cpu, const struct cpu_access *a)
{
    for (struct telling t = telling(cpu); tell_next(&t, OBSERVE_ACCESS); )
        if (concerns(&t.one, a))
            t.one.access(t.one.to, cpu, a);
}

void observers_change(struct cpu *cpu, const struct cpu_change *c)
{
    for (struct telling t = telling(cpu); tell_next(&t, OBSERVE_CHANGE); )
        if (t.one.first >> c->kind & 1)
            t.one.change(t.one.to, cpu, c);
}

bool observers_watch_page(const struct cpu_observers *o, u64 linear, u64 physical)
{
    for (int k = 0; k < o->count; k++)
        if (o->list[k].kind == OBSERVE_ACCESS && meets(&o->list[k], o->list[k].physical ? physical : linear, PAGE_SIZE))
            return true;
    return false;
}

