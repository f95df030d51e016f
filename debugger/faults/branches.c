/* branches.c - the last branches, from where and by which instruction, out of where blocks began (cpu_trail). See fault.h.
 * Follows: Intel SDM Vol. 2, Appendix A "Opcode Map": what transfers control. */
#include "fault.h"
#include "../core/disasm.h"
#include "../core/names.h"

enum { STEPS_MOST = 64, CODE_BYTES = 15 };

/* Does it always leave: JMP, CALL, RET, IRET, INT? */
static bool leaves(const u8 *b, int len)
{
    int k = 0;
    while (k < len - 1 && (b[k] == 0x66 || b[k] == 0x67 || b[k] == 0xf2 || b[k] == 0xf3 || (b[k] & 0xe7) == 0x26 || (b[k] & 0xfe) == 0x64))
        k++;
    if (b[k] == 0xff && k + 1 < len)
        return (b[k + 1] >> 3 & 7) >= 2 && (b[k + 1] >> 3 & 7) <= 5;
    return (b[k] >= 0xe8 && b[k] <= 0xeb) || b[k] == 0x9a || b[k] == 0xc2 || b[k] == 0xc3 || (b[k] >= 0xca && b[k] <= 0xcf);
}

/* May it go elsewhere: those, Jcc, LOOP, JCXZ? */
static bool jumps(const u8 *b, int len)
{
    int k = 0;
    while (k < len - 1 && (b[k] == 0x66 || b[k] == 0x67 || (b[k] & 0xe7) == 0x26))
        k++;
    return leaves(b, len) || (b[k] & 0xf0) == 0x70 || (b[k] & 0xfc) == 0xe0 || (b[k] == 0x0f && k + 1 < len && (b[k + 1] & 0xf0) == 0x80);
}

struct left { u64 linear; int length; bool jumps, leaves; char text[120]; };

/* The last of `count` instructions from a place on. Iterations of REP are counted, too: behind one, what always leaves or comes to `to`
 * is the last. */
static bool last_of(struct cpu *cpu, const struct trail_place *p, u64 count, u64 to, struct left *l)
{
    u64 at = p->linear;
    bool repeats = false;
    for (u64 k = 1; k <= count && k <= STEPS_MOST; k++) {
        u8 b[CODE_BYTES];
        size_t n = 0;
        while (n < sizeof b && cpu_peek(cpu, (u32)(at + n), &b[n], 1))
            n++;
        int len = disasm_text(b, n, at, p->bits, l->text, sizeof l->text);
        if (len <= 0)
            return false;
        l->linear = at;
        l->length = len;
        l->jumps = jumps(b, len);
        l->leaves = leaves(b, len);
        repeats |= b[0] == 0xf2 || b[0] == 0xf3 || (len > 1 && (b[1] == 0xf2 || b[1] == 0xf3));
        at = (u32)(at + (u64)len);
        if (l->leaves || (repeats && at == to))
            return true;
    }
    return count > 0 && count <= STEPS_MOST;
}

/* From an instruction; or an event came before one, or out of it: then `at`. */
struct branch { u64 insns, at, to; struct left from; bool event, known; u32 times; };

static void branch_print(const struct fault_view *v, const struct branch *b)
{
    fprintf(v->out, "%12llu  ", (unsigned long long)b->insns);
    fprintf(v->out, "%08x", (u32)b->at);
    name_print(v->symbols, v->cpu, b->at, " ", "", v->out);
    fprintf(v->out, "  %s", b->event ? "an event" : b->known ? b->from.text : "and on, not to be read now");
    fprintf(v->out, " -> %08x", (u32)b->to);
    name_print(v->symbols, v->cpu, b->to, " ", "", v->out);
    if (b->times > 1)
        fprintf(v->out, ", %u times", b->times);
    fputc('\n', v->out);
}

static bool same(const struct branch *a, const struct branch *b) { return a->to == b->to && a->at == b->at && a->event == b->event; }

/* From place to place; false: they only follow upon each other. */
static bool branch_between(struct cpu *cpu, const struct trail_place *p, const struct trail_place *next, struct branch *b)
{
    u64 count = next->insns - p->insns;
    *b = (struct branch) { .insns = next->insns, .at = p->linear, .to = next->linear, .times = 1, .event = !count };
    b->known = count && last_of(cpu, p, count, next->linear, &b->from);
    u64 behind = b->from.linear + (u64)b->from.length;
    if (b->event)
        return true;
    if (!b->known)
        return (u32)(b->to - p->linear) > count * CODE_BYTES;
    if ((u32)behind == (u32)b->to && !b->from.leaves)       /* a far jump into another mode leads to what follows it, too */
        return false;
    b->event = !b->from.jumps;
    b->at = b->event ? behind : b->from.linear;
    return true;
}

u32 branches_print(const struct fault_view *v, const struct trail_place *p, u32 n, u32 most)
{
    struct branch list[TRAIL_PLACES];
    u32 found = 0;
    for (u32 k = 1; k < n; k++) {
        if (!branch_between(v->cpu, &p[k - 1], &p[k], &list[found]))
            continue;
        if (found && same(&list[found], &list[found - 1]))      /* a loop, or one fault for ever: told once, with the place of its first */
            list[found - 1].times++;
        else
            found++;
    }
    for (u32 k = found > most ? found - most : 0; k < found; k++)
        branch_print(v, &list[k]);
    return found;
}
