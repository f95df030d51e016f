/* frames.c - the debugger's commands for functions that have not returned yet: who called (core/backtrace.h), their variables. */
#include "parts.h"
#include "../core/backtrace.h"
#include "../core/explain.h"

enum { FRAMES_DEFAULT = 32, FRAMES_MOST = 10000, INT_BYTES = 2 };

/* The interrupt or exception that was delivered last from there, as the log of events has it; NULL: none. INT n is logged where it stood
 * itself, and its frame has what follows. */
static const struct event *event_from(const struct debugger *d, u16 cs, u32 eip)
{
    for (u64 k = d->event_count; k-- > 0 && d->event_count - k <= EVENTS; ) {
        const struct event *e = &d->events[k % EVENTS];
        bool software = !strncmp(e->kind, "INT", 3);
        if (e->cs == cs && ((u32)e->rip == eip || (software && (u32)e->rip + INT_BYTES == eip)))
            return e;
    }
    return NULL;
}

/* The source line of the frame: where it stands, or calls. False: not known. */
static bool line_of(struct debugger *d, struct backtrace *b, const struct frame *f, struct source_line *line)
{
    const char *name;
    if (!f->inlined)
        return symbols_line(d->symbols, frame_code(f), names_physical(d->cpu), line);
    return frame_inlined(b, f, f->inlined - 1, &name, line) && line->line;
}

/* Where control returns to, named by the instruction that called. */
static void code_print(struct debugger *d, struct backtrace *b, const struct frame *f)
{
    u64 code = frame_code(f), there = code, ip = (u32)(f->cs_base + f->state.r[FRAME_EIP]);
    const struct symbol *symbol = symbols_at(d->symbols, &there, names_physical(d->cpu), NULL);
    struct source_line line;
    const char *name;
    if (!symbol)
        return;
    there += ip - code - symbol->address;
    if (frame_inlined(b, f, f->inlined, &name, &line))
        fprintf(d->out, " %s", name);
    else
        fprintf(d->out, there ? " %s+0x%llx" : " %s", symbol->name, (unsigned long long)there);
    if (line_of(d, b, f, &line))
        fprintf(d->out, " (%s:%d)", line.file, line.line);
}

static void how_print(struct debugger *d, struct backtrace *b, const struct frame *f, u64 number)
{
    static const char *const how[] = {
        [FRAME_BY_CFI] = "CFI", [FRAME_BY_POINTER] = "EBP", [FRAME_BY_ENTRY] = "ESP, at a function's edge",
    };
    if (f->how == FRAME_TOP)
        return;
    if (f->how == FRAME_INLINED) {
        fprintf(d->out, "  [#%llu is inlined in it]", (unsigned long long)number - 1);
        return;
    }
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

/* ---- what names of C mean in a frame ---- */

/* Without debugging information for its code: that of the file that came last, for its variables and types. */
static bool scope_of(struct debugger *d, const struct backtrace *b, const struct frame *f, struct debug_scope *scope)
{
    u64 address;
    const struct symbol_file *file = frame_file(b, f, &address);
    *scope = (struct debug_scope){ .state = &f->state, .memory = b->memory, .to = d, .name = debugger_name,
                                   .inlined = f->inlined };
    scope->d = file ? symbols_debug(file, &scope->offset) : NULL;
    file = symbols_last(d->symbols);
    if (!scope->d && file)
        scope->d = symbols_debug(file, &scope->offset);
    scope->address = address - scope->offset;
    return scope->d;
}

/* The frame of a number, 0 for the innermost. False with a message: there is none. */
static bool frame_numbered(struct debugger *d, u64 number, struct backtrace *b, struct frame *f)
{
    struct frame caller;
    char why[120];
    *b = (struct backtrace){ .cpu = d->cpu, .symbols = d->symbols };
    frame_top(b, f);
    for (u64 k = 0; k < number; k++, *f = caller) {
        if (k < FRAMES_MOST && frame_caller(b, f, &caller, why, sizeof why))
            continue;
        refuse(d, "frame %llu is the outermost: %s", (unsigned long long)k, k < FRAMES_MOST ? why : "these are many");
        return false;
    }
    return true;
}

bool frame_scope(struct debugger *d, struct debug_scope *scope)
{
    u64 number = d->checked_at ? 0 : d->frame;
    if (!symbols_any(d->symbols) || !frame_numbered(d, number, &d->scope_walk, &d->scope_frame))
        return false;
    if (d->checked_at) {
        d->scope_frame.cs_base = 0;
        d->scope_frame.state.r[FRAME_EIP] = (u32)d->checked_at;
    }
    return scope_of(d, &d->scope_walk, &d->scope_frame, scope);
}

bool frame_variable(struct debugger *d, const char *name, struct value *v)
{
    struct debug_scope scope;
    bool found;
    return frame_scope(d, &scope) && variable_find(&scope, name, v, &found);
}

static void frame_print(struct debugger *d, struct backtrace *b, const struct frame *f, u64 number)
{
    struct debug_scope scope;
    fprintf(d->out, "#%-2llu %04x:%08x", (unsigned long long)number, f->cs, f->state.r[FRAME_EIP]);
    code_print(d, b, f);
    if (scope_of(d, b, f, &scope))
        debug_arguments(&scope, d->out);
    how_print(d, b, f, number);
    fputc('\n', d->out);
}

static void frame_choose(struct debugger *d, u64 number)
{
    struct backtrace b;
    struct frame f;
    if (!frame_numbered(d, number, &b, &f))
        return;
    d->frame = number;
    frame_print(d, &b, &f, number);
    struct source_line line;
    if (line_of(d, &b, &f, &line))
        source_line_print(d, &line);
}

void do_frame(struct debugger *d, int argc, char **argv)
{
    u64 number = d->frame;
    if (argc < 2 || expression_count(d, argv[1], &number))
        frame_choose(d, number);
}

void do_up(struct debugger *d, int argc, char **argv)
{
    u64 n = 1;
    if (argc < 2 || expression_count(d, argv[1], &n))
        frame_choose(d, d->frame + n);
}

void do_down(struct debugger *d, int argc, char **argv)
{
    u64 n = 1;
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    if (n > d->frame)
        refuse(d, "frame 0 is the innermost");
    else
        frame_choose(d, d->frame - n);
}

void do_locals(struct debugger *d, int argc, char **argv)
{
    struct backtrace b;
    struct frame f;
    struct debug_scope scope;
    (void)argc;
    (void)argv;
    if (frame_numbered(d, d->frame, &b, &f) && !(scope_of(d, &b, &f, &scope) && debug_locals(&scope, d->out)))
        refuse(d, "no variables are known here");
}

void do_backtrace(struct debugger *d, int argc, char **argv)
{
    struct backtrace b = { .cpu = d->cpu, .symbols = d->symbols };
    struct frame f, caller;
    char why[120];
    u64 most = FRAMES_DEFAULT;
    if (argc > 1 && !expression_count(d, argv[1], &most))
        return;
    frame_top(&b, &f);
    for (u64 k = 0; k < most && k < FRAMES_MOST; k++, f = caller) {
        frame_print(d, &b, &f, k);
        if (!frame_caller(&b, &f, &caller, why, sizeof why)) {
            fprintf(d->out, "the end: %s\n", why);
            return;
        }
    }
}
