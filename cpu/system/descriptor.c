/* descriptor.c - instructions on descriptors and descriptor tables.
 * Follows: Intel SDM Vol. 2 "LAR", "LSL", "VERR/VERW", "ARPL", "LLDT", "SLDT", "LTR", "STR", "LGDT/LIDT", "SGDT", "SIDT".
 * Here: all of them. */
#include "segment.h"
#include "system.h"

static void set_zf(struct cpu *cpu, bool zf)
{
    cpu_set_arith(cpu, (cpu_eflags(cpu) & ~(u32)FLAG_ZF) | (zf ? FLAG_ZF : 0));
}

/* Is the descriptor visible at this CPL and the selector's RPL? */
static bool visible(const struct cpu *cpu, u16 selector, u64 raw)
{
    int dpl = raw_dpl(raw);
    return raw_conforming(raw) || (cpu->s.cpl <= dpl && (selector & SELECTOR_RPL) <= dpl);
}

static bool fetch_visible(struct cpu *cpu, u16 selector, struct descriptor *d)
{
    return !selector_null(selector) && descriptor_fetch(cpu, selector, d) && visible(cpu, selector, d->raw);
}

void op_lar(struct cpu *cpu, const struct op *o)
{
    enum { VALID = 1 << TYPE_TSS16 | 1 << TYPE_LDT | 1 << TYPE_TSS16_BUSY | 1 << TYPE_CALL_GATE16 | 1 << TYPE_TASK_GATE |
                   1 << TYPE_TSS32 | 1 << TYPE_TSS32_BUSY | 1 << TYPE_CALL_GATE32 };
    u16 selector = (u16)rm_read(cpu, o, 2);
    struct descriptor d;
    bool ok = fetch_visible(cpu, selector, &d) && (!raw_system(d.raw) || (VALID >> raw_type(d.raw) & 1));
    if (ok)
        set_reg_size(cpu, o->dst, d.raw >> 32 & (op_bytes(o) == 2 ? 0xff00 : 0x00f0ff00), op_bytes(o));
    set_zf(cpu, ok);
}

void op_lsl(struct cpu *cpu, const struct op *o)
{
    enum { VALID = 1 << TYPE_TSS16 | 1 << TYPE_LDT | 1 << TYPE_TSS16_BUSY | 1 << TYPE_TSS32 | 1 << TYPE_TSS32_BUSY };
    u16 selector = (u16)rm_read(cpu, o, 2);
    struct descriptor d;
    bool ok = fetch_visible(cpu, selector, &d) && (!raw_system(d.raw) || (VALID >> raw_type(d.raw) & 1));
    if (ok)
        set_reg_size(cpu, o->dst, raw_limit(d.raw), op_bytes(o));
    set_zf(cpu, ok);
}

void op_verr(struct cpu *cpu, const struct op *o)
{
    u16 selector = (u16)rm_read(cpu, o, 2);
    struct descriptor d;
    set_zf(cpu, fetch_visible(cpu, selector, &d) && raw_readable(d.raw));
}

void op_verw(struct cpu *cpu, const struct op *o)
{
    u16 selector = (u16)rm_read(cpu, o, 2);
    struct descriptor d;
    set_zf(cpu, fetch_visible(cpu, selector, &d) && raw_writable(d.raw));
}

/* Written, and write access asked for, only where the RPL changes: SDM Vol. 2 "ARPL", Operation; processors (lock-step). */
void op_arpl(struct cpu *cpu, const struct op *o)
{
    u16 to = (u16)rm_read(cpu, o, 2), from = reg16(cpu, o->dst);
    bool adjust = (to & SELECTOR_RPL) < (from & SELECTOR_RPL);
    if (adjust)
        rm_write(cpu, o, (to & ~SELECTOR_RPL) | (from & SELECTOR_RPL), 2);
    set_zf(cpu, adjust);
}

void op_lldt(struct cpu *cpu, const struct op *o)
{
    u16 selector = (u16)rm_read(cpu, o, 2);
    struct descriptor d;
    if (selector_null(selector)) {
        segment_fill_null(&cpu->s.ldtr, selector);
        return;
    }
    if (selector & SELECTOR_TI)
        raise_selector(cpu, EXC_GP, selector, "LLDT of a selector into the LDT", 0);
    descriptor_need(cpu, selector, EXC_GP, &d);
    if (!raw_system(d.raw) || raw_type(d.raw) != TYPE_LDT)
        raise_selector(cpu, EXC_GP, selector, "LLDT of what is not an LDT descriptor", d.raw);
    if (!raw_present(d.raw))
        raise_selector(cpu, EXC_NP, selector, "LDT is not present", d.raw);
    segment_fill(&cpu->s.ldtr, selector, d.raw);
}

void op_ltr(struct cpu *cpu, const struct op *o)
{
    u16 selector = (u16)rm_read(cpu, o, 2);
    struct descriptor d;
    if (selector_null(selector))
        cpu_raise_gp(cpu, 0, "LTR of a null selector");
    if (selector & SELECTOR_TI)
        raise_selector(cpu, EXC_GP, selector, "LTR of a selector into the LDT", 0);
    descriptor_need(cpu, selector, EXC_GP, &d);
    if (!raw_system(d.raw) || (raw_type(d.raw) != TYPE_TSS16 && raw_type(d.raw) != TYPE_TSS32))
        raise_selector(cpu, EXC_GP, selector, "LTR of what is not an available TSS", d.raw);
    if (!raw_present(d.raw))
        raise_selector(cpu, EXC_NP, selector, "TSS is not present", d.raw);
    d.raw |= (u64)TYPE_BUSY << 40;
    sys_st(cpu, (u32)(d.at + 5), d.raw >> 40 & 0xff, 1);
    segment_fill(&cpu->s.tr, selector, d.raw);
}

void umip_check(struct cpu *cpu)
{
    if ((cpu->s.cr4 & CR4_UMIP) && cpu->s.cpl)
        cpu_raise_gp(cpu, 0, "CR4.UMIP keeps this instruction from user code");
}

void op_sldt(struct cpu *cpu, const struct op *o)
{
    umip_check(cpu);
    rm_write(cpu, o, cpu->s.ldtr.selector, op_is_reg(o) ? op_bytes(o) : 2);
}

void op_str(struct cpu *cpu, const struct op *o)
{
    umip_check(cpu);
    rm_write(cpu, o, cpu->s.tr.selector, op_is_reg(o) ? op_bytes(o) : 2);
}

/* A 16-bit operand loads 24 bits of base. */
static void load_table(struct cpu *cpu, const struct op *o, struct table_register *to)
{
    u64 ea = op_ea(cpu, o), mask = mask_bytes(op_address_bytes(o));
    u32 limit = ld16(cpu, op_seg(o), ea);
    u32 base = ld32(cpu, op_seg(o), (ea + 2) & mask);
    to->limit = limit;
    to->base = op_bytes(o) == 2 ? base & 0xffffff : base;
}

/* All 32 bits of base are stored whatever the operand size, as every 32-bit processor since the 386 does; a 286 stores ones above
 * its 24. */
static void store_table(struct cpu *cpu, const struct op *o, const struct table_register *from)
{
    u64 ea = op_ea(cpu, o), mask = mask_bytes(op_address_bytes(o));
    umip_check(cpu);
    probe_write(cpu, op_seg(o), ea, 2);
    probe_write(cpu, op_seg(o), (ea + 2) & mask, 4);
    st16(cpu, op_seg(o), ea, (u16)from->limit);
    st32(cpu, op_seg(o), (ea + 2) & mask, (u32)from->base | (cpu_has(cpu, FEATURE_386) ? 0 : 0xff000000));
}

void op_lgdt(struct cpu *cpu, const struct op *o) { load_table(cpu, o, &cpu->s.gdtr); }
void op_lidt(struct cpu *cpu, const struct op *o) { load_table(cpu, o, &cpu->s.idtr); }
void op_sgdt(struct cpu *cpu, const struct op *o) { store_table(cpu, o, &cpu->s.gdtr); }
void op_sidt(struct cpu *cpu, const struct op *o) { store_table(cpu, o, &cpu->s.idtr); }
