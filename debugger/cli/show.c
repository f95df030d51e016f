/* show.c - the debugger's commands that print registers, memory, code and devices. */
#include "parts.h"
#include "../core/disasm.h"
#include "../core/explain.h"
#include <math.h>

enum { ROW = 16, DUMP_DEFAULT = 128, DUMP_MAX = 1 << 20, CODE_DEFAULT = 10 };

void do_registers(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    registers_print(d->cpu, d->out);
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

void do_print(struct debugger *d, int argc, char **argv)
{
    char text[256];
    struct language l = debugger_language(d);
    struct value v;
    words_join(argc, argv, 1, text, sizeof text);
    if (argc < 2)
        refuse(d, "which? EXPRESSION, such as: print eax + 4");
    else if (expression_typed(d, text, &v))
        language_print(&l, &v);
}

void do_set(struct debugger *d, int argc, char **argv)
{
    const struct cpu_register *r = argc > 1 ? register_find(argv[1]) : NULL;
    char text[256] = "", why[160];
    u64 v;
    if (argc < 3 || !r) {
        if (argc < 2)
            refuse(d, "which? REGISTER VALUE, such as: set eax 12");
        else
            refuse(d, r ? "%s: to which value?" : "no register %s; r, sr, cr and f show them", argv[1]);
        return;
    }
    words_join(argc, argv, 2, text, sizeof text);
    if (expression_value(d, text, 16, &v) && !register_set(d->cpu, r, v, why, sizeof why))
        refuse(d, "%s", why);
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

/* ---- memory ---- */

/* A byte that may not be there. */
typedef bool peek_fn(struct debugger *d, u64 address, u8 *byte);

static bool peek_linear(struct debugger *d, u64 address, u8 *byte)
{
    return cpu_peek(d->cpu, (u32)address, byte, 1);
}

static bool peek_physical(struct debugger *d, u64 address, u8 *byte)
{
    return space_peek(cpu_memory(d->cpu), address, byte, 1);
}

static void dump(struct debugger *d, u64 address, u64 n, peek_fn *peek)
{
    for (u64 at = 0; at < n; at += ROW) {
        char text[ROW + 1] = "";
        fprintf(d->out, "%08llx ", (unsigned long long)(address + at));
        for (u64 i = 0; i < ROW && at + i < n; i++) {
            u8 byte;
            bool ok = peek(d, address + at + i, &byte);
            fprintf(d->out, ok ? "%s%02x" : "%s--", i == 8 ? "  " : " ", ok ? byte : 0);
            text[i] = ok && byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
            text[i + 1] = 0;
        }
        fprintf(d->out, "%*s  %s\n", n - at < ROW ? (int)(ROW - (n - at)) * 3 + (n - at <= 8) : 0, "", text);
    }
}

static bool dump_size(struct debugger *d, int argc, char **argv, u64 *n)
{
    *n = DUMP_DEFAULT;
    if (argc > 2 && !expression_value(d, argv[2], 10, n))
        return false;
    if (*n > DUMP_MAX)
        *n = DUMP_MAX;
    return true;
}

void do_memory(struct debugger *d, int argc, char **argv)
{
    u64 address = d->memory_next, n;
    if (argc > 1 && !expression_address(d, argv[1], &address))
        return;
    if (!dump_size(d, argc, argv, &n))
        return;
    if (argc < 2 && address == UINT64_MAX)
        address = (u32)cpu_segment(d->cpu, DS)->base;
    dump(d, address, n, peek_linear);
    d->memory_next = address + n;
    snprintf(d->last, sizeof d->last, "memory");
}

void do_physical(struct debugger *d, int argc, char **argv)
{
    u64 address, n;
    if (argc < 2) {
        refuse(d, "which address?");
        return;
    }
    if (expression_value(d, argv[1], 16, &address) && dump_size(d, argc, argv, &n))
        dump(d, address, n, peek_physical);
}

void do_stack(struct debugger *d, int argc, char **argv)
{
    const struct segment *ss = cpu_segment(d->cpu, SS);
    bool wide = ss->access & SEG_DB;
    u64 n = 8, sp = cpu_get(d->cpu, wide ? "esp" : "sp");
    int size = wide ? 4 : 2;
    if (argc > 1 && !expression_value(d, argv[1], 10, &n))
        return;
    for (u64 i = 0; i < n && i < DUMP_MAX; i++) {
        u8 bytes[4] = { 0 };
        u64 at = (sp + i * (u64)size) & (wide ? 0xffffffff : 0xffff);
        if (cpu_peek(d->cpu, (u32)(ss->base + at), bytes, (size_t)size))
            fprintf(d->out, "%04x:%08x  %0*x", ss->selector, (u32)at, size * 2, get32(bytes));
        else
            fprintf(d->out, "%04x:%08x  not mapped", ss->selector, (u32)at);
        if (wide)
            name_print(d->symbols, d->cpu, get32(bytes), "  ", "", d->out);
        fputc('\n', d->out);
    }
}

/* Code at CS:offset shows offsets of CS; an address of its own is shown as linear. */
void do_disassemble(struct debugger *d, int argc, char **argv)
{
    const struct segment *cs = cpu_segment(d->cpu, CS);
    u64 linear, n = CODE_DEFAULT, base = cs->base, offset = d->code_next == UINT64_MAX ? cpu_eip(d->cpu) : d->code_next;
    int bits = cs->access & SEG_DB ? 32 : 16;
    if (argc > 1) {
        if (!expression_address(d, argv[1], &linear))
            return;
        offset = (u32)(linear - base);
        if (bits == 16 && offset > 0xffff) {
            base = linear & ~0xfull;
            offset = linear & 0xf;
        }
    }
    if (argc > 2 && !expression_value(d, argv[2], 10, &n))
        return;
    d->code_next = disasm_print(d->cpu, d->symbols, true, base, offset, bits, n > DUMP_MAX ? DUMP_MAX : (u32)n,
                                base == cs->base ? cpu_eip(d->cpu) : UINT64_MAX, d->out);
    snprintf(d->last, sizeof d->last, "disassemble");
}

void do_walk(struct debugger *d, int argc, char **argv)
{
    u64 linear;
    if (argc < 2)
        refuse(d, "which address?");
    else if (expression_address(d, argv[1], &linear))
        walk_print(d->cpu, linear, d->out);
}
