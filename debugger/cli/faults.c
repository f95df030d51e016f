/* faults.c - the debugger's commands that tell of exceptions. */
#include "parts.h"
#include "../core/explain.h"
#include "../faults/fault.h"

enum { SHOWN = 8, BRANCHES = 16 };

static struct fault_view view(struct debugger *d)
{
    return (struct fault_view) { .cpu = d->cpu, .m = d->m, .symbols = d->symbols, .out = d->out };
}

/* What came before. */
void before_print(struct debugger *d)
{
    struct fault_view v = view(d);
    struct trail_place trail[TRAIL_PLACES];
    if (cpu_trail(d->cpu, trail) > 1) {
        fputs("The last branches:\n", d->out);
        branches_print(&v, BRANCHES);
    }
    if (!d->event_count)
        return;
    fputs("The last interrupts and exceptions that were begun (`log`, `timeline` tell more):\n", d->out);
    events_print(d, SHOWN);
}

/* The last chain, or the first of a vector. */
void do_fault(struct debugger *d, int argc, char **argv)
{
    struct fault_view v = view(d);
    u64 vector, count;
    if (argc < 2) {
        fault_explain(&v);
        before_print(d);
        return;
    }
    if (!expression_value(d, argv[1], 16, &vector))
        return;
    v.f = vector < FAULT_VECTORS ? cpu_fault_first(d->cpu, (int)vector, &count) : NULL;
    if (!v.f) {
        refuse(d, "no exception %02llx was raised; `faults` lists those that were", (unsigned long long)vector);
        return;
    }
    fprintf(d->out, "The first of %llu: ", (unsigned long long)count);
    fault_print(&v);
}

void halted_print(struct debugger *d)
{
    struct fault_view v = view(d);
    halted_explain(&v, d->irqs);
    before_print(d);
}

void do_faults(struct debugger *d, int argc, char **argv)
{
    struct fault_view v = view(d);
    (void)argc, (void)argv;
    faults_list(&v);
}

void do_branches(struct debugger *d, int argc, char **argv)
{
    struct fault_view v = view(d);
    u64 n = BRANCHES;
    if (argc > 1 && (!strcmp(argv[1], "on") || !strcmp(argv[1], "off"))) {
        cpu_keep_trail(d->cpu, !strcmp(argv[1], "on"));
        return;
    }
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    if (!branches_print(&v, n < TRAIL_PLACES ? (u32)n : TRAIL_PLACES))
        fputs("no branches are known: `branches on` keeps them from now on\n", d->out);
}
