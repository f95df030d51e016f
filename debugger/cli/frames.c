/* frames.c - the debugger's command that shows who called: core/backtrace.h. */
#include "parts.h"
#include "../core/backtrace.h"
#include "../core/explain.h"

enum { FRAMES_DEFAULT = 32, FRAMES_MOST = 10000 };

/* The interrupt or exception that was delivered last from there, as the log of events has it; NULL: none. */
static const struct event *event_from(const struct debugger *d, u16 cs, u32 eip)
{
    for (u64 k = d->event_count; k-- > 0 && d->event_count - k <= EVENTS; ) {
        const struct event *e = &d->events[k % EVENTS];
        if (e->cs == cs && (u32)e->rip == eip)
            return e;
    }
    return NULL;
}

/* Where control returns to, named by the instruction that called. */
static void code_print(struct debugger *d, const struct frame *f)
{
    u64 code = frame_code(f), there = code, ip = (u32)(f->cs_base + f->state.r[FRAME_EIP]);
    bool physical = names_physical(d->cpu);
    const struct symbol *symbol = symbols_at(d->symbols, &there, physical, NULL);
    struct source_line line;
    if (!symbol)
        return;
    there += ip - code - symbol->address;
    fprintf(d->out, there ? " %s+0x%llx" : " %s", symbol->name, (unsigned long long)there);
    if (symbols_line(d->symbols, code, physical, &line))
        fprintf(d->out, " (%s:%d)", line.file, line.line);
}

static void how_print(struct debugger *d, struct backtrace *b, const struct frame *f)
{
    static const char *const how[] = {
        [FRAME_BY_CFI] = "CFI", [FRAME_BY_POINTER] = "EBP", [FRAME_BY_ENTRY] = "ESP, at a function's edge",
    };
    if (f->how == FRAME_TOP)
        return;
    if (f->how != FRAME_BY_INTERRUPT) {
        fprintf(d->out, "  [%s]", how[f->how]);
        return;
    }
    const struct event *e = event_from(d, f->cs, f->state.r[FRAME_EIP]);
    int n = frame_int(b, f);
    fprintf(d->out, "  [interrupted; frame at %08x: ", f->found_at);
    bool fault = e && !strcmp(e->kind, "fault");
    if (e && strncmp(e->kind, "INT", 3))
        fprintf(d->out, "%s, vector %02x%s%s", e->kind, e->vector, fault ? " " : "", fault ? exception_mnemonic(e->vector) : "");
    else if (n >= 0)
        fprintf(d->out, "INT %02xh", n);
    else
        fputs("EIP, CS, EFLAGS", d->out);
    fputc(']', d->out);
}

void do_backtrace(struct debugger *d, int argc, char **argv)
{
    struct backtrace b = { .cpu = d->cpu, .symbols = d->symbols };
    struct frame f, caller;
    char why[120];
    u64 most = FRAMES_DEFAULT;
    if (argc > 1 && !expression_value(d, argv[1], 10, &most))
        return;
    frame_top(&b, &f);
    for (u64 k = 0; k < most && k < FRAMES_MOST; k++, f = caller) {
        fprintf(d->out, "#%-2llu %04x:%08x", (unsigned long long)k, f.cs, f.state.r[FRAME_EIP]);
        code_print(d, &f);
        how_print(d, &b, &f);
        fputc('\n', d->out);
        if (!frame_caller(&b, &f, &caller, why, sizeof why)) {
            fprintf(d->out, "the end: %s\n", why);
            return;
        }
    }
}
