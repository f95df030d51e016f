/* registers.c - the debugger's commands that print registers. */
#include "../parts.h"
#include "../../core/explain.h"
#include <math.h>

/* All that matter, or those that are named. */
void do_registers(struct debugger *d, int argc, char **argv)
{
    if (argc < 2)
        registers_print(d->cpu, d->out);
    for (int k = 1; k < argc; k++) {
        const char *name = argv[k] + strspn(argv[k], "$%");
        const struct cpu_register *r = register_find(name);
        if (!r) {
            refuse(d, "no register %s; registers, segments, control and fpu show them", argv[k]);
            return;
        }
        u64 v = register_value(d->cpu, r);
        fprintf(d->out, "%-8s 0x%0*llx  %llu", r->name, 2 * (r->bytes < 8 ? r->bytes : 8), (unsigned long long)v, (unsigned long long)v);
        if (r->bits) {
            fputs("  [", d->out);
            bits_print(v, r->bits, d->out);
            fputs(" ]", d->out);
        }
        fputc('\n', d->out);
    }
}

void do_segments(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    segments_print(d->cpu, d->out);
}

void do_control(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    control_print(d->cpu, d->out);
}

static void register_lines(struct debugger *d, int group)
{
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        if ((int)r->group != group)
            continue;
        u64 v = register_value(d->cpu, r);
        fprintf(d->out, "%-4s %0*llx", r->name, 2 * r->bytes, (unsigned long long)v);
        if (r->bits) {
            fputs("  [", d->out);
            bits_print(v, r->bits, d->out);
            fputs(" ]", d->out);
        }
        fputc('\n', d->out);
    }
}

void do_debug_registers(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    register_lines(d, REGISTERS_DEBUG);
}

void do_mmx(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    register_lines(d, REGISTERS_MMX);
}

void do_eflags(struct debugger *d, int argc, char **argv)
{
    static char *const names[] = { "registers", "eflags" };
    (void)argc;
    (void)argv;
    do_registers(d, 2, (char **)names);
}

/* SDM Vol. 1 "x87 FPU Data Types": the value, as near as a double comes. */
static void f80_print(const struct f80 *f, FILE *out)
{
    int exponent = f->se & 0x7fff;
    bool negative = f->se & 0x8000;
    if (exponent == 0x7fff)
        fprintf(out, "%s", f->significand << 1 ? f->significand >> 62 & 1 ? "quiet NaN" : "signalling NaN"
                           : negative ? "-infinity" : "+infinity");
    else if (exponent && !(f->significand >> 63))
        fputs("unsupported", out);
    else
        fprintf(out, "%s%.17g%s", negative ? "-" : "", ldexp((double)f->significand, exponent - 16383 - 63),
                !exponent && f->significand ? " (denormal)" : "");
}

void do_fpu(struct debugger *d, int argc, char **argv)
{
    static const char *const precision[] = { "single", "reserved", "double", "extended" };
    static const char *const rounding[] = { "nearest", "down", "up", "to zero" };
    const struct x87 *x = cpu_x87(d->cpu);
    int top = x->fsw >> 11 & 7;
    (void)argc;
    (void)argv;
    fprintf(d->out, "control %04x [precision %s, rounding %s, masked:", x->fcw, precision[x->fcw >> 8 & 3],
            rounding[x->fcw >> 10 & 3]);
    bits_print(x->fcw, register_find("fcw")->bits, d->out);
    fprintf(d->out, " ]\nstatus  %04x [TOP %d", x->fsw, top);
    bits_print(x->fsw, register_find("fsw")->bits, d->out);
    fprintf(d->out, " ]\nlast instruction %04x:%08x opcode %03x, operand %04x:%08x\n", x->fcs, (u32)x->fip, 0xd800 | x->fop, x->fds,
            (u32)x->fdp);
    for (int i = 0; i < 8; i++) {
        int n = (top + i) & 7;
        fprintf(d->out, "ST(%d) R%d/MM%d %04x.%016llx  ", i, n, n, x->st[n].se, (unsigned long long)x->st[n].significand);
        if (x->empty >> n & 1)
            fputs("empty", d->out);
        else
            f80_print(&x->st[n], d->out);
        fputc('\n', d->out);
    }
}
