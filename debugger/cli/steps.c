/* steps.c - `next` and `finish`: on to a place in this frame, whatever runs the same code in another; `advance`: in any. */
#include "parts.h"
#include "../../cpu/instruction.h"

/* The stack as it was: a frame on it is told from others by where it lies. */
struct here {
    struct debugger *d;
    const struct cpu_register *esp, *page_tables;
    u64 sp, ss_base, cr3;
    int cpl;
    bool reached;
};

enum { RELEASED = 1024 };               /* bytes of arguments that a return may take off; farther up is another stack */

static u64 stack_pointer(const struct here *h, const struct cpu *cpu)
{
    bool wide = cpu_segment(cpu, SS)->access & SEG_DB;
    return register_value(cpu, h->esp) & (wide ? UINT32_MAX : 0xffff);
}

static struct here here_now(struct debugger *d)
{
    struct here h = { .d = d, .esp = register_find("esp"), .page_tables = register_find("cr3"), .cpl = cpu_cpl(d->cpu) };
    h.sp = stack_pointer(&h, d->cpu);
    h.ss_base = cpu_segment(d->cpu, SS)->base;
    h.cr3 = register_value(d->cpu, h.page_tables);
    return h;
}

static bool same_stack(const struct here *h, const struct cpu *cpu)
{
    return cpu_cpl(cpu) == h->cpl && cpu_segment(cpu, SS)->base == h->ss_base && register_value(cpu, h->page_tables) == h->cr3;
}

/* ---- next ---- */

/* The stack ends where it did, or as far up as a return may have left it. */
static enum point_verdict back_here(void *to, const struct point_hit *hit)
{
    struct here *h = to;
    if (stack_pointer(h, hit->cpu) - h->sp > RELEASED || !same_stack(h, hit->cpu))
        return POINT_NO;
    h->reached = true;
    return POINT_YES;
}

static void run_to(struct debugger *d, u64 linear, struct here *h, enum point_verdict (*is_there)(void *to, const struct point_hit *hit))
{
    struct points *points = control_points(d->control);
    struct point *p = points_add(points, &(struct point) { .kind = POINT_EXECUTE, .owner = POINT_INTERNAL, .first = linear, .last = linear,
                                                           .cpl = -1, .condition = is_there, .condition_to = h });
    control_go(d->control);
    points_remove(points, p);
}

/* Nothing that the user asked for stopped it, too. */
static bool as_asked(struct debugger *d, const struct here *h)
{
    const struct points *points = control_points(d->control);
    for (int k = 0; k < points_hits(points); k++)
        if (points_hit(points, k)->point->owner != POINT_INTERNAL)
            return false;
    return h->reached;
}

/* Does control come back behind this instruction? */
static bool comes_back(const struct instruction *i)
{
    return i->flow == INSN_CALL || i->flow == INSN_CALL_FAR || i->flow == INSN_INTERRUPT || i->repeats
        || (i->flow == INSN_IF && !strncmp(i->mnemonic, "loop", 4));
}

/* False: something else stopped it. */
static bool next(struct debugger *d)
{
    struct instruction i;
    struct here h = here_now(d);
    if (!cpu_instruction(d->cpu, &i) || !comes_back(&i))
        return control_step(d->control, 1) == STOP_MAX_INSNS;
    run_to(d, (u32)(control_linear(d->control) + i.length), &h, back_here);
    return as_asked(d, &h);
}

void do_next(struct debugger *d, int argc, char **argv)
{
    u64 n = 1;
    bool asked = true;
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    for (; n && asked && !limit_reached(d); n--)
        asked = next(d);
    steps_show(d, asked);
}

/* ---- advance ---- */

static enum point_verdict there(void *to, const struct point_hit *hit)
{
    struct here *h = to;
    (void)hit;
    h->reached = true;
    return POINT_YES;
}

void do_advance(struct debugger *d, int argc, char **argv)
{
    struct here h = { .d = d };
    u64 linear;
    if (argc < 2) {
        refuse(d, "where to? ADDRESS, such as: advance main");
        return;
    }
    if (!code_address(d, argv[1] + (*argv[1] == '*'), &linear))
        return;
    run_to(d, linear, &h, there);
    stop_show(d, as_asked(d, &h));
}

/* ---- finish ---- */

/* Before each instruction: is it the return of this frame? Those of inner ones, and of handlers on this stack, lie lower. */
static void returning(void *to, struct cpu *cpu)
{
    struct here *h = to;
    struct instruction i;
    if (stack_pointer(h, cpu) < h->sp || !same_stack(h, cpu))
        return;
    if (!cpu_instruction(cpu, &i) || !(i.flow == INSN_RETURN || i.flow == INSN_RETURN_FAR || i.flow == INSN_IRET || i.flow == INSN_SYSEXIT))
        return;
    h->reached = true;
    cpu_break(cpu);
}

/* By debugging information the place is known to which the frame returns, and where its stack ends. */
static bool by_information(struct debugger *d, struct here *h, u64 *linear)
{
    struct backtrace b = { .cpu = d->cpu, .symbols = d->symbols };
    struct frame top, caller;
    char why[160];
    frame_top(&b, &top);
    if (!frame_return(&b, &top, &caller, why, sizeof why) || caller.how != FRAME_BY_CFI)
        return false;
    *linear = (u32)(caller.cs_base + caller.state.r[FRAME_EIP]);
    h->sp = caller.state.r[FRAME_ESP];
    return true;
}

void do_finish(struct debugger *d, int argc, char **argv)
{
    struct here h = here_now(d);
    u64 linear;
    (void)argc;
    (void)argv;
    if (by_information(d, &h, &linear)) {
        run_to(d, linear, &h, back_here);
    } else {
        int token = cpu_on_instruction(d->cpu, returning, &h);
        control_go(d->control);
        cpu_unobserve(d->cpu, token);
        if (h.reached && control_stop(d->control) == STOP_BREAK && !points_hits(control_points(d->control)))
            h.reached = control_step(d->control, 1) == STOP_MAX_INSNS;
    }
    stop_show(d, as_asked(d, &h));
}
