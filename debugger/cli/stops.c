/* stops.c - the debugger's commands about points: what stops the machine. */
#include "parts.h"

static struct points *points_of(struct debugger *d) { return control_points(d->control); }

bool stops_print(struct debugger *d)
{
    int n = points_hits(points_of(d));
    for (int k = 0; k < n; k++)
        point_hit_print(points_hit(points_of(d), k), d->symbols, d->out);
    return n;
}

void do_break(struct debugger *d, int argc, char **argv)
{
    u64 linear;
    if (argc < 2) {
        do_breakpoints(d, argc, argv);
        return;
    }
    if (!code_address(d, argv[1], &linear))
        return;
    for (struct point *p = NULL; (p = points_next(points_of(d), POINT_USER, p)); )
        if (p->kind == POINT_EXECUTE && p->first == linear && !p->physical) {
            refuse(d, "breakpoint %u is there", p->number);
            return;
        }
    const struct point *p = points_add(points_of(d), &(struct point) { .kind = POINT_EXECUTE, .first = linear, .last = linear,
                                                                       .cpl = -1, .name = argv[1] });
    fprintf(d->out, "breakpoint %u at %08x", p->number, (u32)linear);
    place_print(d->symbols, d->cpu, linear, " ", d->out);
    fputc('\n', d->out);
}

void do_delete(struct debugger *d, int argc, char **argv)
{
    u64 number = 0;
    bool all = argc > 1 && !strcmp(argv[1], "all"), any = false;
    if (argc < 2) {
        refuse(d, "which? NUMBER or all");
        return;
    }
    if (!all && !expression_value(d, argv[1], 10, &number))
        return;
    for (struct point *p = points_next(points_of(d), POINT_USER, NULL), *next; p; p = next) {
        next = points_next(points_of(d), POINT_USER, p);
        if (all || p->number == number) {
            points_remove(points_of(d), p);
            any = true;
        }
    }
    if (!any)
        refuse(d, "no such breakpoint");
}

void do_breakpoints(struct debugger *d, int argc, char **argv)
{
    const struct point *p = NULL;
    (void)argc;
    (void)argv;
    if (!points_next(points_of(d), POINT_USER, NULL))
        fputs("no breakpoints\n", d->out);
    while ((p = points_next(points_of(d), POINT_USER, p)))
        fprintf(d->out, "%3u  %08x  %-20s hit %llu times\n", p->number, (u32)p->first, p->name, (unsigned long long)p->hits);
}
