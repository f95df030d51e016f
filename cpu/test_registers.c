/* test_registers.c - MOV to and from test registers.
 * Follows: 80386 Programmer's Reference Manual, "TLB Testing"; i486 Processor Programmer's Reference Manual, "Testing": "On-chip
 * Cache Testing", "TLB Testing".
 * Here: TLB writes and lookups by TR6 and TR7; on the 486 the cache's fill buffer, lines and flush by TR3 to TR5. Not yet: LRU
 * bits that follow the accesses of a program. */
#include "test_registers.h"
#include "system/system.h"

enum { TR3_DATA = 3, TR4_STATUS, TR5_CONTROL, TR6_COMMAND, TR7_DATA };
enum { TR4_VALID = 1 << 10, TR4_TAG = ~0xfff };
enum { TR5_OP = 3, TR5_FILL = 0, TR5_WRITE, TR5_READ, TR5_FLUSH };
enum { TR6_LOOKUP = 1, TR6_ATTRIBUTES = 0x7e0, TR6_V = 1 << 11, TR6_TAG = ~0x7fff, TR7_HIT = 1 << 4, TR7_BLOCK = 3 << 2 };

#define PLAIN(member) FIELD(struct test_registers, member)
#define ROW(member) FIELD_ARRAY(struct test_registers, member)
const struct field test_fields[] = {
    ROW(tr), ROW(fill), ROW(read), ROW(tlb_tag), ROW(tlb_data), ROW(tag),
    { "line", offsetof(struct test_registers, line), 4, TEST_LINES * TEST_LINE_WORDS }, PLAIN(next_block), FIELD_END
};

/* An attribute of an entry, and the pair of bits (itself, its complement) that asks for it: 10 set, 01 clear, 11 either. */
static bool attribute_matches(u32 entry, u32 asked, int bit)
{
    return asked & (entry >> bit & 1 ? 1u << bit : 1u << (bit - 1));
}

static bool tlb_matches(u32 entry, u32 asked)
{
    bool same = (entry & TR6_V) && !((entry ^ asked) & (u32)TR6_TAG);
    for (int bit = 6; bit <= 10; bit += 2)                      /* W, U, D */
        same = same && attribute_matches(entry, asked, bit);
    return same;
}

static void tlb_command(struct test_registers *t, u32 command)
{
    u32 set = (command >> 12 & 7) * 4, *data = &t->tr[TR7_DATA];
    if (!(command & TR6_LOOKUP)) {
        u32 block = *data & TR7_HIT ? (*data & TR7_BLOCK) >> 2 : t->next_block++ & 3;
        t->tlb_tag[set + block] = command;
        t->tlb_data[set + block] = *data & ~(u32)(TR7_HIT | TR7_BLOCK);
        return;
    }
    *data &= ~(u32)TR7_HIT;
    for (u32 block = 0; block < 4; block++)
        if (tlb_matches(t->tlb_tag[set + block], command))
            *data = t->tlb_data[set + block] | TR7_HIT | block << 2;
}

static void cache_control(struct test_registers *t, u32 control)
{
    u32 entry = control >> 2 & 3, line = (control >> 4 & 0xff) * 4 + entry;
    switch (control & TR5_OP) {
    case TR5_WRITE:
        t->tag[line] = t->tr[TR4_STATUS] & (u32)(TR4_TAG | TR4_VALID);
        memcpy(t->line[line], t->fill, sizeof t->fill);
        break;
    case TR5_READ: {
        u32 valid = 0;
        for (u32 k = 0; k < 4; k++)
            valid |= (t->tag[line - entry + k] & TR4_VALID ? 1u : 0) << (3 + k);
        t->tr[TR4_STATUS] = t->tag[line] | valid;
        memcpy(t->read, t->line[line], sizeof t->read);
        break;
    }
    case TR5_FLUSH:
        memset(t->tag, 0, sizeof t->tag);
        break;
    default:                                                    /* chooses a word of the buffers */
        break;
    }
}

static void register_need(struct cpu *cpu, int n)
{
    int first = cpu_has(cpu, FEATURE_486) ? TR3_DATA : TR6_COMMAND;
    if (n >= first)
        return;
    log_event_key(cpu->w.log, "unimp", (u64)n, "TR%d, which this processor does not have: #UD", n);
    cpu_raise_ud(cpu, "no such test register");
}

void op_mov_r_tr(struct cpu *cpu, const struct op *o)
{
    const struct test_registers *t = cpu->test;
    register_need(cpu, o->dst);
    set_reg32(cpu, o->src, o->dst == TR3_DATA ? t->read[t->tr[TR5_CONTROL] >> 2 & 3] : t->tr[o->dst]);
}

void op_mov_tr_r(struct cpu *cpu, const struct op *o)
{
    struct test_registers *t = cpu->test;
    u32 v = reg32(cpu, o->src);
    register_need(cpu, o->dst);
    t->tr[o->dst] = v;
    if (o->dst == TR3_DATA)
        t->fill[t->tr[TR5_CONTROL] >> 2 & 3] = v;
    else if (o->dst == TR5_CONTROL)
        cache_control(t, v);
    else if (o->dst == TR6_COMMAND)
        tlb_command(t, v);
}
