/* segment.c - segment registers: descriptors, loads in every mode, and the instructions that load and store them.
 * Follows: Intel SDM Vol. 2 "MOV", "POP", "LDS/LES/LFS/LGS/LSS"; Vol. 3A "Segment Descriptors", "Privilege Level Checking
 * When Accessing Data Segments", "Privilege Level Checking When Loading the SS Register", "Real-Address Mode Operation".
 * Here: ES, SS, DS, FS, GS. CS is far.c's, LDTR and TR are descriptor.c's. */
#include "segment.h"
#include "system.h"

enum { ACCESS_DATA = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED };   /* what real and V86 mode give every segment */

_Noreturn void raise_selector(struct cpu *cpu, int vector, u16 selector, const char *why, u64 raw)
{
    cpu->about.what = FAULT_DESCRIPTOR;
    cpu->about.selector = selector;
    cpu_raise(cpu, vector, selector & ~SELECTOR_RPL, why, raw);
}

_Noreturn void raise_null(struct cpu *cpu, int vector, const char *why)
{
    raise_selector(cpu, vector, 0, why, 0);
}

/* The 286 does not look at a descriptor's last word, and has no system types above 7: iAPX 286 Programmer's Reference Manual,
 * "Segment Descriptors", "System Segment Descriptors". */
u64 descriptor_seen(const struct cpu *cpu, u64 raw)
{
    if (cpu_has(cpu, FEATURE_386))
        return raw;
    raw &= 0xffffffffffff;
    return raw_system(raw) && raw_type(raw) > 7 ? raw & ~(15ull << 40) : raw;
}

/* Its linear address; false when it lies outside its table, or the LDT is absent. */
static bool descriptor_place(const struct cpu *cpu, u16 selector, u64 *at)
{
    bool local = selector & SELECTOR_TI;
    u64 base = local ? cpu->s.ldtr.base : cpu->s.gdtr.base;
    u32 limit = local ? cpu->s.ldtr.limit : cpu->s.gdtr.limit;
    *at = 0;
    if (local && !(cpu->s.ldtr.access & SEG_P))
        return false;
    if ((selector | 7u) > limit)
        return false;
    *at = (u32)(base + (selector & ~7u));
    return true;
}

bool descriptor_fetch(struct cpu *cpu, u16 selector, struct descriptor *d)
{
    d->raw = 0;
    if (!descriptor_place(cpu, selector, &d->at))
        return false;
    d->raw = descriptor_seen(cpu, sys_ld(cpu, d->at, 8));
    tell_change(cpu, CHANGE_DESCRIPTOR, selector, d->at, d->raw);
    return true;
}

bool cpu_descriptor(struct cpu *cpu, u16 selector, u64 *raw)
{
    u8 bytes[8];
    u64 at;
    if (!descriptor_place(cpu, selector, &at) || !cpu_peek(cpu, at, bytes, sizeof bytes))
        return false;
    *raw = descriptor_seen(cpu, get64(bytes));
    return true;
}

bool cpu_gate(struct cpu *cpu, int vector, u64 *raw)
{
    u8 bytes[8] = { 0 };
    u32 size = cpu->s.cr0 & CR0_PE ? 8 : 4, at = (u32)vector * size;
    bool there = at + size - 1 <= cpu->s.idtr.limit && cpu_peek(cpu, (u32)(cpu->s.idtr.base + at), bytes, size);
    *raw = get64(bytes);
    return there;
}

void descriptor_need(struct cpu *cpu, u16 selector, int vector, struct descriptor *d)
{
    if (!descriptor_fetch(cpu, selector, d))
        raise_selector(cpu, vector, selector, selector & SELECTOR_TI ? "selector is beyond the limit of the LDT"
                                                                     : "selector is beyond the limit of the GDT", 0);
}

void descriptor_set_accessed(struct cpu *cpu, struct descriptor *d)
{
    if (d->raw >> 40 & SEG_ACCESSED)
        return;
    d->raw |= (u64)SEG_ACCESSED << 40;
    sys_st(cpu, (u32)(d->at + 5), d->raw >> 40 & 0xff, 1);
}

void segment_fill(struct segment *seg, u16 selector, u64 raw)
{
    seg->base = raw_base(raw);
    seg->limit = raw_limit(raw);
    seg->selector = selector;
    seg->access = raw_access(raw);
}

void segment_fill_real(struct segment *seg, u16 selector)
{
    seg->base = (u64)selector << 4;
    seg->selector = selector;
    seg->access = (u16)((seg->access & (SEG_DB | SEG_G)) | ACCESS_DATA);
}

void segment_fill_v86(struct segment *seg, u16 selector)
{
    seg->base = (u64)selector << 4;
    seg->limit = 0xffff;
    seg->selector = selector;
    seg->access = ACCESS_DATA | SEG_DPL;
}

void segment_fill_null(struct segment *seg, u16 selector)
{
    seg->selector = selector;
    seg->access = 0;
}

bool segment_holds(u16 access, u32 limit, u64 offset, u32 n)
{
    u64 last = offset + n - 1;
    if (!(access & SEG_CODE) && (access & SEG_DC))              /* expand-down */
        return offset > limit && last <= (access & SEG_DB ? 0xffffffffu : 0xffffu);
    return last <= limit;
}

/* What a load of SS raises is the caller's to say, but for *vector where that is not 0. */
static const char *stack_refused(u16 selector, int cpl, u64 raw, int *vector)
{
    *vector = 0;
    if ((selector & SELECTOR_RPL) != cpl)
        return "RPL of the stack segment's selector is not the privilege level";
    if (!raw_writable(raw))
        return "stack segment is not a writable data segment";
    if (raw_dpl(raw) != cpl)
        return "DPL of the stack segment is not the privilege level";
    *vector = EXC_SS;
    return raw_present(raw) ? NULL : "stack segment is not present";
}

static const char *data_refused(int cpl, u16 selector, u64 raw, int *vector)
{
    *vector = EXC_GP;
    if (!raw_readable(raw))
        return "data segment is not data or readable code";
    if (!raw_conforming(raw) && (cpl > raw_dpl(raw) || (selector & SELECTOR_RPL) > raw_dpl(raw)))
        return "CPL or RPL above the data segment's DPL";
    *vector = EXC_NP;
    return raw_present(raw) ? NULL : "data segment is not present";
}

static const char *code_refused(int cpl, u64 raw)
{
    if (!raw_code(raw))
        return "code segment is not a code segment";
    if (raw_conforming(raw) ? raw_dpl(raw) > cpl : raw_dpl(raw) != cpl)
        return "DPL of the code segment is not the privilege level";
    return raw_present(raw) ? NULL : "code segment is not present";
}

const char *segment_refused(const struct cpu *cpu, int seg, u16 selector, u64 raw)
{
    enum descriptor_kind kind = descriptor_decode(raw).kind;
    int vector;
    switch (seg) {
    case SEGMENT_LDTR: case SEGMENT_TR:
        if (selector & SELECTOR_TI)
            return "the selector is not one of the GDT's";
        if (kind != (seg == SEGMENT_TR ? DESCRIPTOR_TSS : DESCRIPTOR_LDT))
            return seg == SEGMENT_TR ? "descriptor is not a TSS's" : "descriptor is not an LDT's";
        return raw_present(raw) ? NULL : "the segment is not present";
    case CS:                            /* Vol. 3A "Privilege Levels": its lowest bits are the CPL */
        return (selector & 3) != cpu->s.cpl ? "the RPL is not the CPL, which CS always shows" : code_refused(cpu->s.cpl, raw);
    case SS:
        return stack_refused(selector, cpu->s.cpl, raw, &vector);
    default:
        return data_refused(cpu->s.cpl, selector, raw, &vector);
    }
}

void stack_segment_need(struct cpu *cpu, u16 selector, int cpl, int vector, struct descriptor *d)
{
    if (selector_null(selector))
        raise_null(cpu, vector, "null selector for the stack segment");
    descriptor_need(cpu, selector, vector, d);
    int absent;
    const char *why = stack_refused(selector, cpl, d->raw, &absent);
    if (why)
        raise_selector(cpu, absent ? absent : vector, selector, why, d->raw);
    descriptor_set_accessed(cpu, d);
}

static void data_segment_need(struct cpu *cpu, u16 selector, struct descriptor *d)
{
    descriptor_need(cpu, selector, EXC_GP, d);
    int vector;
    const char *why = data_refused(cpu->s.cpl, selector, d->raw, &vector);
    if (why)
        raise_selector(cpu, vector, selector, why, d->raw);
    descriptor_set_accessed(cpu, d);
}

/* ES, SS, DS, FS or GS as MOV loads them, in any mode, with all checks. */
static void segment_load(struct cpu *cpu, int seg, u16 selector)
{
    struct segment *to = &cpu->s.seg[seg];
    if (real_mode(cpu)) {
        segment_fill_real(to, selector);
    } else if (v86_mode(cpu)) {
        segment_fill_v86(to, selector);
    } else {
        struct descriptor d;
        if (seg == SS) {
            stack_segment_need(cpu, selector, cpu->s.cpl, EXC_GP, &d);
            segment_fill(to, selector, d.raw);
        } else if (selector_null(selector)) {
            segment_fill_null(to, selector);
        } else {
            data_segment_need(cpu, selector, &d);
            segment_fill(to, selector, d.raw);
        }
    }
    cpu_segment_changed(cpu, seg);
}

void segments_null_privileged(struct cpu *cpu)
{
    static const u8 list[] = { ES, DS, FS, GS };
    for (size_t k = 0; k < ARRAY_LEN(list); k++) {
        struct segment *seg = &cpu->s.seg[list[k]];
        bool conforming = (seg->access & (SEG_CODE | SEG_DC)) == (SEG_CODE | SEG_DC);
        bool null = !seg->access && !seg->selector;     /* it was before */
        if (!null && !conforming && seg_dpl(seg->access) < cpu->s.cpl) {
            segment_fill_null(seg, 0);
            cpu_segment_changed(cpu, list[k]);
        }
    }
}

static int sreg_need(struct cpu *cpu, int n)
{
    if (n >= SEGMENTS)
        cpu_raise_ud(cpu, "no such segment register");
    return n;
}

void op_mov_sreg_rm(struct cpu *cpu, const struct op *o)
{
    int seg = sreg_need(cpu, o->dst);
    if (seg == CS)
        cpu_raise_ud(cpu, "MOV cannot load CS");
    segment_load(cpu, seg, (u16)rm_read(cpu, o, 2));
    if (seg == SS)
        cpu->s.shadow = SHADOW_MOV_SS;
}

/* To a register a P6 writes the whole operand size, zero-extended; memory gets 16 bits whatever the operand size. */
void op_mov_rm_sreg(struct cpu *cpu, const struct op *o)
{
    int seg = sreg_need(cpu, o->dst);
    rm_write(cpu, o, cpu->s.seg[seg].selector, op_is_reg(o) ? op_bytes(o) : 2);
}

/* With a 32-bit operand the stack pointer moves by 4 and the lower 16 bits are written: "PUSH". */
void op_push_sreg(struct cpu *cpu, const struct op *o)
{
    u64 mask = stack_mask(cpu), sp = (cpu->s.gpr[ESP] - (u64)op_bytes(o)) & mask;
    st16(cpu, SS, sp, cpu->s.seg[o->dst].selector);
    stack_set(cpu, mask, sp);
}

void op_pop_sreg(struct cpu *cpu, const struct op *o)
{
    int seg = o->dst;
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP] & mask;
    segment_load(cpu, seg, ld16(cpu, SS, sp));
    stack_set(cpu, mask, sp + (u64)op_bytes(o));
    if (seg == SS)
        cpu->s.shadow = SHADOW_MOV_SS;
}

static void load_far_pointer(struct cpu *cpu, const struct op *o, int seg)
{
    int size = op_bytes(o), from = op_seg(o);
    u64 ea = op_ea(cpu, o), mask = mask_bytes(op_address_bytes(o));
    u64 offset = ld_size(cpu, from, ea, size);
    segment_load(cpu, seg, ld16(cpu, from, (ea + (u64)size) & mask));
    set_reg_size(cpu, o->dst, offset, size);
}

void op_les(struct cpu *cpu, const struct op *o) { load_far_pointer(cpu, o, ES); }
void op_lds(struct cpu *cpu, const struct op *o) { load_far_pointer(cpu, o, DS); }
void op_lss(struct cpu *cpu, const struct op *o) { load_far_pointer(cpu, o, SS); }
void op_lfs(struct cpu *cpu, const struct op *o) { load_far_pointer(cpu, o, FS); }
void op_lgs(struct cpu *cpu, const struct op *o) { load_far_pointer(cpu, o, GS); }
