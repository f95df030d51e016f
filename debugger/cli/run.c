/* run.c - the debugger's commands that let the machine run. */
#include "parts.h"
#include "../core/disasm.h"
#include "../prompt/prompt.h"

void where_print(struct debugger *d)
{
    struct cpu *cpu = d->cpu;
    fprintf(d->out, "%04x:%08x", cpu_segment(cpu, CS)->selector, (u32)cpu_eip(cpu));
    place_print(d->symbols, cpu, control_linear(d->control), " ", d->out);
    fprintf(d->out, " after %llu instructions, %llu.%06llu ms\n", (unsigned long long)cpu_insns(cpu),
            (unsigned long long)(machine_now(d->m) / 1000000),
            (unsigned long long)(machine_now(d->m) % 1000000));
    source_print(d, control_linear(d->control));
    code_print_here(d);
    d->code_next = UINT64_MAX;
    d->listed_line = 0;
    d->frame = 0;
}

static void stop_print(struct debugger *d)
{
    static const char *const reasons[] = {
        [STOP_DEADLINE] = "the time given is over", [STOP_POWER_OFF] = "the guest switched the power off",
        [STOP_DEBUG_EXIT] = "the guest ended the run through the debug-exit port", [STOP_TRIPLE_FAULT] = "triple fault",
        [STOP_RESET] = "the guest asked for a reset", [STOP_HALTED_FOREVER] = "halted, and nothing could wake it",
        [STOP_MAX_INSNS] = "the instruction limit is reached", [STOP_BREAK] = "stopped",
        [STOP_ASKED] = "stopped", [STOP_TIMEOUT] = "the host's time that -timeout gives is over",
    };
    enum machine_stop stop = control_stop(d->control);
    const char *asked = d->asked_by_guest;
    d->asked_by_guest = NULL;
    if (stops_print(d) && !asked)
        return;
    if (asked) {
        fprintf(d->out, "the guest asked for it: %s\n", asked);
        return;
    }
    fprintf(d->out, "%s\n", reasons[stop]);
    if (stop == STOP_HALTED_FOREVER)
        halted_print(d);
    if (stop == STOP_TIMEOUT || stop == STOP_MAX_INSNS)
        irq_print_lines(d->irqs, d->out);
    if (stop == STOP_TRIPLE_FAULT)
        before_print(d);
}

void stop_show(struct debugger *d, bool as_asked)
{
    if (control_refused(d->control)) {
        refuse(d, "%s has the machine, and it alone lets it run, until it detaches", control_claimed(d->control));
        return;
    }
    if (!as_asked)
        stop_print(d);
    if (control_over(control_stop(d->control)))
        d->leave = true;
    else
        where_print(d);
    d->stops += !as_asked;
    stops_came(d);
}

/* Bochs's: continue if EXPRESSION, which is looked at once. */
static bool goes_on(struct debugger *d, int argc, char **argv)
{
    char text[sizeof d->last];
    u64 truth = 1;
    if (argc < 2)
        return true;
    if (strcmp(argv[1], "if") || argc < 3) {
        refuse(d, "continue, or continue if EXPRESSION: not %s (ignore NUMBER COUNT lets a point pass so often)", argv[1]);
        return false;
    }
    words_join(argc, argv, 2, text, sizeof text);
    if (expression_value(d, text, 16, &truth) && !truth)
        fprintf(d->out, "%s is 0: it stands still\n", text);
    return !d->failed && truth;
}

void do_continue(struct debugger *d, int argc, char **argv)
{
    if (!goes_on(d, argc, argv))
        return;
    d->going = d->in_parts;
    if (d->in_parts)
        return;
    control_go(d->control);
    stop_show(d, false);
}

void debugger_go_in_parts(struct debugger *d) { d->in_parts = true; }
bool debugger_goes(const struct debugger *d) { return d->going; }

static void rest_obey(struct debugger *d)
{
    char *rest = d->rest;
    if (!rest || d->going)
        return;
    d->rest = NULL;
    debugger_commands(d, rest);
    free(rest);
}

bool debugger_go_on(struct debugger *d, FILE *out)
{
    if (control_go_on(d->control))
        return true;
    FILE *own = d->out;
    d->out = out;
    d->going = false;
    stop_show(d, false);
    stops_obey(d);
    rest_obey(d);
    d->out = own;
    d->leave = d->quit = false;
    return false;
}

bool limit_reached(const struct debugger *d)
{
    return control_stop(d->control) == STOP_MAX_INSNS && machine_insns(d->m) >= control_limit(d->control);
}

void steps_show(struct debugger *d, bool as_asked)
{
    if (limit_reached(d) && !debugger_attended(d)) {
        fputs("the instruction limit is reached\n", d->out);
        as_asked = true;
    }
    stop_show(d, as_asked && (!limit_reached(d) || !debugger_attended(d)));
}

void do_step(struct debugger *d, int argc, char **argv)
{
    u64 n = 1;
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    steps_show(d, control_step(d->control, n) == STOP_MAX_INSNS);
}

static void change(struct debugger *d, const char *drive, const char *file)
{
    char message[512] = "this machine has no drives to change";
    if (d->change && d->change(d->change_to, drive, file, message, sizeof message))
        fprintf(d->out, "%s\n", message);
    else
        refuse(d, "%s", message);
}

/* A file's name may have spaces. */
void do_change(struct debugger *d, int argc, char **argv)
{
    char file[sizeof d->last];
    if (argc < 3) {
        refuse(d, "which? DRIVE FILE, such as: change fda disk2.img");
        return;
    }
    words_join(argc, argv, 2, file, sizeof file);
    change(d, argv[1], file);
}

void do_eject(struct debugger *d, int argc, char **argv)
{
    if (argc < 2)
        refuse(d, "which? DRIVE, such as: eject cd");
    else
        change(d, argv[1], NULL);
}

void do_reset(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!may_change(d))
        return;
    machine_reset(d->m);
    where_print(d);
}
