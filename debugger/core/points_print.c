/* points_print.c - points and what hit them, in words. See points.h. */
#include "points_parts.h"
#include "names.h"

static const char *const mode_names[] = {
    [CPU_MODE_REAL] = "real mode", [CPU_MODE_PROTECTED] = "protected mode", [CPU_MODE_V86] = "virtual-8086 mode",
    [CPU_MODE_SMM] = "system management mode",
};

const char *point_kind_name(const struct point *point)
{
    static const char *const names[POINT_KINDS] = {
        [POINT_EXECUTE] = "breakpoint", [POINT_PORT] = "port", [POINT_MSR] = "msr", [POINT_CR] = "cr", [POINT_IF] = "if",
        [POINT_EXCEPTION] = "exception", [POINT_INTERRUPT] = "interrupt", [POINT_IRQ] = "irq", [POINT_MODE] = "mode",
        [POINT_TASK] = "task", [POINT_SMI] = "smi", [POINT_NMI] = "nmi", [POINT_TEXT] = "text", [POINT_COUNT] = "count",
    };
    if (point->kind == POINT_WATCH)
        return point->read && point->write ? "awatch" : point->read ? "rwatch" : "watch";
    return names[point->kind];
}

/* "call at sum+0xe" */
static void print_by(const struct point_hit *hit, const struct symbols *symbols, FILE *out)
{
    char name[120];
    if (*hit->by)
        fprintf(out, " by %s", hit->by);
    if (!strcmp(hit->by, "delivery"))
        fprintf(out, " of %02x", (unsigned)hit->vector);
    name_at(symbols, hit->cpu, hit->linear, name, sizeof name);
    fprintf(out, *name ? " at %s" : " at %s%04x:%08x", name, hit->cs, (u32)hit->eip);
}

static void print_value(u64 v, u32 size, FILE *out) { fprintf(out, "%0*llx", (int)(size * 2), (unsigned long long)v); }

static void print_watch(const struct point_hit *hit, FILE *out)
{
    const struct point *p = hit->point;
    u64 length = p->last - p->first + 1;
    fprintf(out, "%s", p->name ? p->name : "");
    if (length > 8)
        fprintf(out, "%s%08llx", p->name ? ", at " : "", (unsigned long long)hit->at);
    if (!hit->write) {
        fputs(" read ", out);
        print_value(hit->now, hit->size, out);
        return;
    }
    fputc(' ', out);
    print_value(hit->old, hit->size, out);
    fputs(" -> ", out);
    print_value(hit->now, hit->size, out);
}

static void print_vector(const struct point_hit *hit, FILE *out)
{
    const char *mnemonic = hit->point->kind == POINT_EXCEPTION ? exception_mnemonic((int)hit->at) : "";
    fprintf(out, "%02x%s%s", (unsigned)hit->at, *mnemonic ? " " : "", mnemonic);
    if (hit->has_error)
        fprintf(out, " error %x", hit->error);
    fprintf(out, " (%s)", hit->how);
    if (hit->at == 14 && hit->point->kind == POINT_EXCEPTION)
        fprintf(out, ", CR2 %08x", (u32)cpu_get(hit->cpu, "cr2"));
}

static void print_what(const struct point_hit *hit, FILE *out)
{
    const struct point *p = hit->point;
    switch (p->kind) {
    case POINT_EXECUTE: fprintf(out, "%s", p->name ? p->name : ""); break;
    case POINT_WATCH:   print_watch(hit, out); break;
    case POINT_PORT:
        fprintf(out, "%04x %s ", (unsigned)hit->at, hit->write ? "written" : "read");
        print_value(hit->now, hit->size, out);
        break;
    case POINT_MSR:
        fprintf(out, "%x ", (unsigned)hit->at);
        if (hit->write)
            fprintf(out, "%llx -> %llx", (unsigned long long)hit->old, (unsigned long long)hit->now);
        else
            fprintf(out, "read %llx", (unsigned long long)hit->now);
        break;
    case POINT_CR:
        fprintf(out, "CR%u %08x -> %08x", (unsigned)hit->at, (u32)hit->old, (u32)hit->now);
        break;
    case POINT_IF:      fprintf(out, "%u -> %u", (unsigned)hit->old, (unsigned)hit->now); break;
    case POINT_EXCEPTION: case POINT_INTERRUPT: print_vector(hit, out); break;
    case POINT_IRQ:     fprintf(out, "%u %s", (unsigned)hit->at, hit->now ? "rises" : "falls"); break;
    case POINT_MODE:    fprintf(out, "%s -> %s", mode_names[hit->old], mode_names[hit->now]); break;
    case POINT_TASK:    fprintf(out, "%04x -> %04x", (unsigned)hit->old, (unsigned)hit->now); break;
    case POINT_TEXT:    fprintf(out, "\"%s\"", p->text); break;
    case POINT_COUNT:   fprintf(out, "%llu", (unsigned long long)hit->at); break;
    default:            break;
    }
}

void point_hit_print(const struct point_hit *hit, const struct symbols *symbols, FILE *out)
{
    const struct point *p = hit->point;
    bool bare = p->kind == POINT_SMI || p->kind == POINT_NMI;
    fprintf(out, "%s %u%s", point_kind_name(p), p->number, p->kind == POINT_EXECUTE ? ", " : bare ? "" : ": ");
    print_what(hit, out);
    if (p->kind != POINT_EXECUTE && p->kind != POINT_COUNT)
        print_by(hit, symbols, out);
    if (hit->wrong)
        fprintf(out, " (its condition %s cannot be computed)", p->condition_text);
    fputc('\n', out);
}

/* ---- what it stops on ---- */

static void print_range(const struct point *p, int digits, FILE *out)
{
    fprintf(out, "%0*llx", digits, (unsigned long long)p->first);
    if (p->last != p->first)
        fprintf(out, " to %0*llx", digits, (unsigned long long)p->last);
}

static const char *accesses(const struct point *p)
{
    return p->read && p->write ? "reads and writes" : p->read ? "reads" : "writes";
}

static void print_vectors(const struct point *p, FILE *out)
{
    if (p->first || p->last < 0xff) {
        fputc(' ', out);
        print_range(p, 2, out);
    }
}

void point_what_print(const struct point *p, FILE *out)
{
    bool any = !p->first && p->last >= 0xffff;
    switch (p->kind) {
    case POINT_EXECUTE:
        fprintf(out, "%s%08llx", p->physical ? "physical " : "", (unsigned long long)p->first);
        break;
    case POINT_WATCH:
        fprintf(out, "%s of %s", accesses(p), p->physical ? "physical " : "");
        print_range(p, 8, out);
        break;
    case POINT_PORT:
        fprintf(out, "%s of port ", accesses(p));
        print_range(p, 4, out);
        break;
    case POINT_MSR:
        fprintf(out, "%s of MSR ", accesses(p));
        print_range(p, 1, out);
        break;
    case POINT_CR:
        fprintf(out, p->changes ? "changes of CR%u" : "writes of CR%u", (unsigned)p->first);
        break;
    case POINT_IF:        fputs("changes of IF", out); break;
    case POINT_EXCEPTION: fputs("exception", out); print_vectors(p, out); break;
    case POINT_INTERRUPT:
        fputs(p->read && p->write ? "interrupt" : p->read ? "external interrupt" : "INT n", out);
        print_vectors(p, out);
        break;
    case POINT_IRQ:       fprintf(out, "IRQ %u", (unsigned)p->first); break;
    case POINT_MODE:      fputs("changes of the mode", out); break;
    case POINT_TASK:
        fputs("task switches", out);
        if (!any) {
            fputs(" to ", out);
            print_range(p, 4, out);
        }
        break;
    case POINT_SMI:       fputs("SMI", out); break;
    case POINT_NMI:       fputs("NMI", out); break;
    case POINT_TEXT:      fprintf(out, "text \"%s\" on port E9h", p->text); break;
    case POINT_COUNT:     fprintf(out, "after %llu instructions", (unsigned long long)p->first); break;
    default:              break;
    }
}

void point_filters_print(const struct point *p, FILE *out)
{
    if (p->has_value && p->kind == POINT_MODE)
        fprintf(out, " to %s", mode_names[p->value]);
    else if (p->has_value && p->kind == POINT_IRQ)
        fputs(p->value ? ", rising" : ", falling", out);
    else if (p->has_value)
        fprintf(out, "%s %llx", p->kind == POINT_EXCEPTION ? ", error" : p->kind == POINT_IF ? " to" : ", value",
                (unsigned long long)p->value);
    if (p->has_value && p->mask)
        fprintf(out, " in the bits %llx", (unsigned long long)p->mask);
    if (p->condition_text)
        fprintf(out, ", if %s", p->condition_text);
    if (p->cpl >= 0)
        fprintf(out, ", CPL %d", p->cpl);
    if (p->has_cr3)
        fprintf(out, ", CR3 %08llx", (unsigned long long)p->cr3);
    if (p->ignore)
        fprintf(out, ", ignored %llu times more", (unsigned long long)p->ignore);
    if (p->temporary)
        fputs(", once", out);
    if (p->disabled)
        fputs(", disabled", out);
}
