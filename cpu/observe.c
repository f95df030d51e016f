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
    if (kind == OBSERVE_PLACE) {
        blocks_flush(cpu);
        cpu->leave = LEAVE_NOW;             /* the block that runs is one of them, where somebody was told from within */
    } else if (kind == OBSERVE_ACCESS) {
        cpu_debug_changed(cpu);
    } else if (kind == OBSERVE_INSTRUCTION) {
        cpu_choose_kind(cpu);
    }
}

int cpu_on_instruction(struct cpu *cpu, void (*told)(void *to, struct cpu *cpu), void *to)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_INSTRUCTION, .told = told, .to = to });
    kind_changed(cpu, OBSERVE_INSTRUCTION);
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

int cpu_break_at(struct cpu *cpu, u64 linear)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_PLACE, .first = linear, .last = linear });
    kind_changed(cpu, OBSERVE_PLACE);
    return token;
}

int cpu_watch(struct cpu *cpu, u64 first, u64 last, bool read, bool write)
{
    int token = add(cpu, &(struct observer) { .kind = OBSERVE_ACCESS, .first = first, .last = last, .read = read, .write = write });
    kind_changed(cpu, OBSERVE_ACCESS);
    return token;
}

static void drop_ended(struct cpu_observers *o)
{
    int kept = 0;
    for (int k = 0; k < o->count; k++)
        if (o->list[k].kind != OBSERVE_NOTHING)
            o->list[kept++] = o->list[k];
    o->count = kept;
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
        kind_changed(cpu, kind);
    }
    if (!o->telling)
        drop_ended(o);
}

void cpu_break(struct cpu *cpu)
{
    cpu->observers.stop = true;
    cpu->leave = LEAVE_NOW;
}

void cpu_pass_breakpoint(struct cpu *cpu, bool on)
{
    cpu->observers.pass = on ? (u32)(cpu->s.seg[CS].base + cpu->s.rip) : ~0ull;
}

bool observers_place(const struct cpu_observers *o, u64 linear)
{
    for (int k = 0; k < o->count; k++)
        if (o->list[k].kind == OBSERVE_PLACE && o->list[k].first == linear)
            return true;
    return false;
}

/* Who subscribes while it is told is told from the next time on: the copy stays when the list moves. */
void observers_told(struct cpu *cpu, enum observer_kind kind)
{
    struct cpu_observers *o = &cpu->observers;
    o->telling++;
    for (int k = 0, n = o->count; k < n; k++) {
        struct observer one = o->list[k];
        if (one.kind == kind)
            one.told(one.to, cpu);
    }
    if (!--o->telling)
        drop_ended(o);
}

void observers_interrupt(struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct cpu_observers *o = &cpu->observers;
    o->telling++;
    for (int k = 0, n = o->count; k < n; k++) {
        struct observer one = o->list[k];
        if (one.kind == OBSERVE_INTERRUPT)
            one.interrupt(one.to, cpu, vector, has_error, error, kind);
    }
    if (!--o->telling)
        drop_ended(o);
}

void observers_access(struct cpu *cpu, u64 linear, u32 n, bool write)
{
    const struct cpu_observers *o = &cpu->observers;
    u64 end = linear + n - 1;
    for (int k = 0; k < o->count; k++) {
        const struct observer *w = &o->list[k];
        if (w->kind == OBSERVE_ACCESS && (write ? w->write : w->read) && linear <= w->last && w->first <= end)
            cpu_break(cpu);
    }
}
