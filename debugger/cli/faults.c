/* faults.c - the debugger's commands that tell of exceptions. */
#include "parts.h"
#include "../core/explain.h"
#include "../faults/fault.h"
#include "../history/history.h"

enum { SHOWN = 8, BRANCHES = 16, MOST_NS = 100000000 /* for what nobody asked for */ };
static const u64 ASKED_NS = 2000000000;         /* and for what somebody did */

static struct fault_view view(struct debugger *d)
{
    return (struct fault_view) { .cpu = d->cpu, .m = d->m, .symbols = d->symbols, .out = d->out };
}

/* With a line in front, where there are some. */
static bool trail_print(struct debugger *d, const char *title, u32 most, const struct trail_place *place, u32 n)
{
    struct fault_view v = view(d);
    if (n < 2)
        return false;
    fputs(title, d->out);
    branches_print(&v, place, n, most);
    return true;
}

/* Those that were noted, or out of the past. False: there are none, and nothing was said. */
static bool branches_find(struct debugger *d, const char *title, u32 most, u64 most_ns)
{
    struct trail_place place[TRAIL_PLACES];
    u64 ns = 0;
    u32 n = 0;
    bool kept = cpu_keep_trail(d->cpu, true);
    if (kept)
        n = cpu_trail(d->cpu, place);
    else
        cpu_keep_trail(d->cpu, false);
    enum back end = kept || !d->history ? BACK_THERE : history_trail(d->history, most_ns, place, &n, &ns);
    if (ns)
        fprintf(d->out, "The last branches: %llu ms of the run would have to be repeated for them%s\n",
                (unsigned long long)(ns / 1000000), most_ns < ASKED_NS ? "; `branches` does so" : "");
    if (end == BACK_LOST || end == BACK_ASKED)
        refuse(d, "%s", back_text(end));
    return trail_print(d, title, most, place, n) || ns || d->failed;
}

/* What came before. */
void before_print(struct debugger *d)
{
    branches_find(d, "The last branches:\n", BRANCHES, MOST_NS);
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
    u64 n = BRANCHES;
    if (argc > 1 && (!strcmp(argv[1], "on") || !strcmp(argv[1], "off"))) {
        cpu_keep_trail(d->cpu, !strcmp(argv[1], "on"));
        return;
    }
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    if (!branches_find(d, "", n < TRAIL_PLACES ? (u32)n : TRAIL_PLACES, ASKED_NS))
        fputs("no branches are known: no run that is kept leads here; `branches on` notes them from now on\n", d->out);
}
