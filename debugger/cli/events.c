/* events.c - the log of delivered interrupts and exceptions: a ring of the last ones, and counts. */
#include "parts.h"
#include "../core/explain.h"

enum { SHOW_DEFAULT = 20 };

/* The processor's own exceptions; instructions (INT n and its like); interrupts from outside. By the kind: vectors overlap. */
static int group(const char *kind)
{
    if (!strcmp(kind, "fault") || !strcmp(kind, "trap"))
        return GROUP_EXCEPTION;
    return !strncmp(kind, "INT", 3) ? GROUP_SOFTWARE : GROUP_EXTERNAL;
}

static void note(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct debugger *d = to;
    struct event *e = &d->events[d->event_count++ % EVENTS];
    *e = (struct event){
        .insns = cpu_insns(cpu), .rip = cpu_eip(cpu), .linear = (u32)(cpu_segment(cpu, CS)->base + cpu_eip(cpu)),
        .cr2 = cpu_get(cpu, "cr2"), .eax = cpu_get(cpu, "eax"), .kind = kind, .error = error,
        .cs = cpu_segment(cpu, CS)->selector, .vector = (u8)vector, .has_error = has_error,
    };
    d->vector_count[group(kind)][vector & 0xff]++;
}

void events_attach(struct debugger *d) { d->events_token = cpu_on_interrupt(d->cpu, note, d); }
void events_detach(struct debugger *d) { cpu_unobserve(d->cpu, d->events_token); }

static void event_print(const struct debugger *d, const struct event *e, FILE *out)
{
    fprintf(out, "%12llu  %04x:%08x  %02x %-10s", (unsigned long long)e->insns, e->cs, (u32)e->rip, e->vector, e->kind);
    if (group(e->kind) == GROUP_EXCEPTION && *exception_mnemonic(e->vector))
        fprintf(out, " %s", exception_mnemonic(e->vector));
    if (e->has_error) {
        fputs(" error ", out);
        error_code_print(e->vector, e->error, out);
    }
    if (e->has_error && e->vector == EXC_PF)
        fprintf(out, " CR2 %08x", (u32)e->cr2);
    fprintf(out, "  EAX %08x", (u32)e->eax);
    name_print(d->symbols, d->cpu, e->linear, "  ", "", out);
    fputc('\n', out);
}

void do_log(struct debugger *d, int argc, char **argv)
{
    static const char *const names[GROUPS] = { "", "INT", "external" };
    u64 n = SHOW_DEFAULT, kept = d->event_count < EVENTS ? d->event_count : EVENTS;
    int column = 0;
    if (argc > 1 && !expression_value(d, argv[1], 10, &n))
        return;
    if (n > kept)
        n = kept;
    for (u64 i = d->event_count - n; i < d->event_count; i++)
        event_print(d, &d->events[i % EVENTS], d->out);
    for (int g = 0; g < GROUPS; g++)
        for (int v = 0; v < 256; v++) {
            const char *name = g == GROUP_EXCEPTION ? exception_mnemonic(v) : names[g];
            if (d->vector_count[g][v])
                fprintf(d->out, "%02x %s: %-10llu%s", v, *name ? name : "exception", (unsigned long long)d->vector_count[g][v],
                        ++column % 5 ? "" : "\n");
        }
    fprintf(d->out, "%s%llu in all\n", column % 5 ? "\n" : "", (unsigned long long)d->event_count);
}
