/* summary.c - how often each class of instruction, and each instruction, ran at each privilege level, and which of them a monitor that
 * traps and emulates would have missed. */
#include "parts.h"
#include <stdio.h>

enum { ROWS = 600, NAME = 24, LEVELS = 4 };
enum group { GROUP_ALL, GROUP_JUMPS, GROUP_CALLS, GROUP_FAR, GROUP_INTERRUPTS, GROUP_IO, GROUP_PRIVILEGED, GROUP_SENSITIVE, GROUPS };

struct row {
    char name[NAME];
    u64 ran[LEVELS];
    u64 missed, would;          /* at CPL 3 without a trap; below it, where CPL 3 would not have trapped */
    u32 groups;
};
struct counts {
    int rows;
    u64 group[GROUPS][LEVELS], exceptions[LEVELS], interrupts[LEVELS], software[LEVELS];
    struct row row[ROWS];
};

struct counts *counts_new(void)
{
    struct counts *n = xcalloc(1, sizeof *n);
    n->rows = 1;                /* 0 is none's */
    return n;
}

void counts_free(struct counts *n) { free(n); }

static u32 groups_of(const struct instruction *i)
{
    u32 groups = 1u << GROUP_ALL;
    switch (i->flow) {
    case INSN_IF: case INSN_JUMP: groups |= 1u << GROUP_JUMPS; break;
    case INSN_CALL: case INSN_RETURN: groups |= 1u << GROUP_CALLS; break;
    case INSN_JUMP_FAR: case INSN_CALL_FAR: case INSN_RETURN_FAR: case INSN_SYSENTER: case INSN_SYSEXIT: groups |= 1u << GROUP_FAR; break;
    case INSN_INTERRUPT: case INSN_IRET: groups |= 1u << GROUP_INTERRUPTS; break;
    default: break;
    }
    return groups | (i->io ? 1u << GROUP_IO : 0) | (i->privileged ? 1u << GROUP_PRIVILEGED : 0)
         | (i->sensitive ? 1u << GROUP_SENSITIVE : 0);
}

/* MOV, PUSH and POP are told apart by what they move. */
static void name_of(const struct instruction *i, char name[NAME])
{
    bool segment = i->sreg >= 0 && (!strcmp(i->mnemonic, "mov") || !strcmp(i->mnemonic, "push") || !strcmp(i->mnemonic, "pop"));
    const char *what = segment ? " segment" : i->control >= 0 ? " control" : "";
    snprintf(name, NAME, "%s%s", *i->mnemonic ? i->mnemonic : "(undefined)", what);
}

static u16 row_of(struct trace_cpu *c)
{
    struct counts *n = c->t->counts;
    struct instruction i;
    char name[NAME] = "(not in memory)";
    u32 groups = 1u << GROUP_ALL;
    if (cpu_instruction(c->cpu, &i)) {
        name_of(&i, name);
        groups = groups_of(&i);
    }
    for (int k = 1; k < n->rows; k++)
        if (!strcmp(n->row[k].name, name))
            return (u16)k;
    if (n->rows == ROWS)
        return ROWS - 1;
    snprintf(n->row[n->rows].name, NAME, "%s", name);
    n->row[n->rows].groups = groups;
    return (u16)n->rows++;
}

void count_ran(struct trace_cpu *c, const struct cpu_place *at, struct seen *s)
{
    struct counts *n = c->t->counts;
    if (!s->count)
        s->count = row_of(c);
    struct row *row = &n->row[s->count];
    row->ran[at->cpl]++;
    for (u32 left = row->groups; left; left &= left - 1)
        n->group[__builtin_ctz(left)][at->cpl]++;
}

void count_missed(struct trace_cpu *c, const struct seen *s, bool user, bool barred)
{
    struct row *row = &c->t->counts->row[s->count];
    if (user)
        row->missed++;
    else if (!barred)
        row->would++;
}

void count_event(struct trace_cpu *c, int cpl, bool exception, bool software)
{
    struct counts *n = c->t->counts;
    (exception ? n->exceptions : software ? n->software : n->interrupts)[cpl]++;
}

/* ---- said ---- */

static u64 sum(const u64 *of)
{
    u64 all = 0;
    for (int k = 0; k < LEVELS; k++)
        all += of[k];
    return all;
}

static void line(FILE *out, const char *name, const u64 *of)
{
    if (!sum(of))
        return;
    fprintf(out, "%-24s", name);
    for (int k = 0; k < LEVELS; k++)
        fprintf(out, " %12llu", (unsigned long long)of[k]);
    fputc('\n', out);
}

static int by_count(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    u64 n = sum(x->ran), m = sum(y->ran);
    return n != m ? (n < m ? 1 : -1) : strcmp(x->name, y->name);
}

static void missed(FILE *out, const struct row *rows, int n, bool user)
{
    bool any = false;
    for (int k = 0; k < n; k++) {
        u64 of = user ? rows[k].missed : rows[k].would;
        if (of && !any)
            fputs(user ? "\nran at CPL 3 and did not trap, though sensitive: a monitor that traps and emulates would have missed\n"
                       : "\nran below CPL 3, sensitive: with this kernel at CPL 3 such a monitor would miss\n", out);
        any |= of;
        if (of)
            fprintf(out, "%-24s %12llu\n", rows[k].name, (unsigned long long)of);
    }
    if (!any)
        fputs(user ? "\nno sensitive instruction ran at CPL 3 without a trap\n" : "\nnone below CPL 3 would be missed at CPL 3\n", out);
}

void trace_summary(struct trace *t, FILE *out)
{
    static const char *const names[GROUPS] = {
        [GROUP_ALL] = "instructions", [GROUP_JUMPS] = "jumps", [GROUP_CALLS] = "calls and returns", [GROUP_FAR] = "far transfers",
        [GROUP_INTERRUPTS] = "INT and IRET", [GROUP_IO] = "port input and output", [GROUP_PRIVILEGED] = "privileged",
        [GROUP_SENSITIVE] = "sensitive",
    };
    const struct counts *n = t->counts;
    if (!n) {
        fputs("nothing was counted: `trace summary on`, or -trace-summary from the start\n", out);
        return;
    }
    fprintf(out, "%-24s %12s %12s %12s %12s\n", "", "CPL 0", "CPL 1", "CPL 2", "CPL 3");
    for (int k = 0; k < GROUPS; k++)
        line(out, names[k], n->group[k]);
    line(out, "exceptions", n->exceptions);
    line(out, "interrupts", n->interrupts);
    line(out, "software interrupts", n->software);
    struct row *sorted = xcalloc(ROWS, sizeof *sorted);
    memcpy(sorted, n->row + 1, (size_t)(n->rows - 1) * sizeof *sorted);
    qsort(sorted, (size_t)n->rows - 1, sizeof *sorted, by_count);
    fputc('\n', out);
    for (int k = 0; k < n->rows - 1; k++)
        line(out, sorted[k].name, sorted[k].ran);
    missed(out, sorted, n->rows - 1, true);
    missed(out, sorted, n->rows - 1, false);
    free(sorted);
}
