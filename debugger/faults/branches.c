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

struct left { u64 linear; int length; char text[120]; };

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
        repeats |= b[0] == 0xf2 || b[0] == 0xf3 || (len > 1 && (b[1] == 0xf2 || b[1] == 0xf3));
        at = (u32)(at + (u64)len);
        if (leaves(b, len) || (repeats && at == to))
            return true;
    }
    return count > 0 && count <= STEPS_MOST;
}

struct branch { u64 insns, to; struct left from; bool known; };

static void branch_print(const struct fault_view *v, const struct branch *b)
{
    fprintf(v->out, "%12llu  ", (unsigned long long)b->insns);
    if (b->known) {
        fprintf(v->out, "%08x", (u32)b->from.linear);
        name_print(v->symbols, v->cpu, b->from.linear, " ", "", v->out);
        fprintf(v->out, "  %s", b->from.text);
    } else {
        fputs("an event", v->out);
    }
    fprintf(v->out, " -> %08x", (u32)b->to);
    name_print(v->symbols, v->cpu, b->to, " ", "", v->out);
    fputc('\n', v->out);
}

u32 branches_print(const struct fault_view *v, u32 most)
{
    struct trail_place p[TRAIL_PLACES];
    struct branch list[TRAIL_PLACES];
    u32 n = cpu_trail(v->cpu, p), found = 0;
    for (u32 k = 1; k < n; k++) {
        struct branch *b = &list[found];
        *b = (struct branch) { .insns = p[k].insns, .to = p[k].linear };
        b->known = last_of(v->cpu, &p[k - 1], p[k].insns - p[k - 1].insns, p[k].linear, &b->from);
        if (!b->known || (u32)(b->from.linear + (u64)b->from.length) != (u32)b->to)
            found++;
    }
    for (u32 k = found > most ? found - most : 0; k < found; k++)
        branch_print(v, &list[k]);
    return found;
}
