/* access.c - memory accesses off the fast path: segment checks, alignment, page splits, devices, watchpoints.
 * Follows: SDM Vol. 3A "Limit Checking", "Type Checking", "Interrupt 17 - Alignment Check Exception", "Debug Registers". */
#include "../engine/engine.h"
#include "paging.h"
#include "../system/debug_registers.h"
#include "../system/system.h"

/* ---- segments ---- */

/* Why the segment does not allow it, and with which exception; NULL: it does. SDM Vol. 3A "Segment-Level Protection". */
static const char *why_refused(const struct cpu *cpu, const struct segment *s, u64 offset, u32 n, bool write, int *vector)
{
    u64 last = offset + n - 1;
    bool data_down = (s->access & (SEG_CODE | SEG_DC)) == SEG_DC;
    int by_limit = *vector;
    if (protected_mode(cpu)) {
        if (!(s->access & SEG_P))
            return "access through a null segment selector";
        *vector = EXC_GP;
        if (write && (s->access & (SEG_CODE | SEG_RW)) != SEG_RW)
            return s->access & SEG_CODE ? "write through a code segment" : "write to a read-only data segment";
        if (!write && (s->access & (SEG_CODE | SEG_RW)) == SEG_CODE)
            return "read from an execute-only code segment";
    }
    *vector = by_limit;
    if (data_down) {
        u64 top = s->access & SEG_DB ? 0xffffffff : 0xffff;
        return offset <= s->limit || last > top || last < offset ? "offset outside an expand-down segment" : NULL;
    }
    return last > s->limit ? "offset past the limit of the segment" : NULL;
}

/* Does the segment allow it? On the slow side of read_top and write_top. */
static void segment_refuse(struct cpu *cpu, int seg, u64 offset, u32 n, bool write)
{
    int vector = seg == SS && (cpu_has(cpu, FEATURE_386) || protected_mode(cpu)) ? EXC_SS : EXC_GP;  /* a 286's real mode has 13 alone */
    const char *why = why_refused(cpu, &cpu->s.seg[seg], offset, n, write, &vector);
    if (!why)
        return;
    segment_about(cpu, seg, offset, n, write ? FAULT_WRITE : FAULT_READ);
    cpu_raise(cpu, vector, 0, why, 0);
}

static u64 seg_linear(struct cpu *cpu, int seg, u64 offset, u32 n, bool write)
{
    i64 top = write ? cpu->cache.write_top[seg] : cpu->cache.read_top[seg];
    if (unlikely((i64)(offset + n - 1) > top))
        segment_refuse(cpu, seg, offset, n, write);
    return (u32)(offset + cpu->s.seg[seg].base);
}

static void tops_of(struct cpu *cpu, int seg)
{
    const struct segment *s = &cpu->s.seg[seg];
    bool plain = true, writable = true;
    if (protected_mode(cpu)) {
        plain = (s->access & SEG_P) && !((s->access & (SEG_CODE | SEG_RW)) == SEG_CODE);
        writable = (s->access & (SEG_CODE | SEG_RW)) == SEG_RW;
    }
    if ((s->access & (SEG_CODE | SEG_DC)) == SEG_DC)
        plain = false;
    cpu->cache.read_top[seg] = plain ? (i64)s->limit : -1;
    cpu->cache.write_top[seg] = plain && writable ? (i64)s->limit : -1;
}

static u32 class_of(const struct cpu *cpu, int seg)
{
    const struct segment *s = &cpu->s.seg[seg];
    if (seg == CS)
        return s->base == 0 && s->limit == 0xffffffff ? SEG_FLAT : SEG_FULL;
    if (cpu->cache.read_top[seg] != 0xffffffff || cpu->cache.write_top[seg] != 0xffffffff)
        return SEG_FULL;
    return s->base ? SEG_BASE : SEG_FLAT;
}

static void mode_told(struct cpu *cpu)
{
    u8 before = cpu->observers.mode, now = (u8)cpu_mode_now(cpu);
    cpu->observers.mode = now;
    if (before != now)
        tell_change(cpu, CHANGE_MODE, 0, before, now);
}

/* Its tops, and its class where the mode has it. */
static u32 segment_bits(struct cpu *cpu, int seg)
{
    tops_of(cpu, seg);
    return class_of(cpu, seg) << (MODE_SEG_SHIFT + 2 * seg);
}

/* What of the mode comes of CS, SS, CPL and EFLAGS.AC. */
enum { MODE_OF_RING = MODE_D | MODE_B | 3 << MODE_CPL_SHIFT | MODE_AC | 3 << (MODE_SEG_SHIFT + 2 * CS) | 3 << (MODE_SEG_SHIFT + 2 * SS) };
static u32 ring_bits(struct cpu *cpu)
{
    return segment_bits(cpu, CS) | segment_bits(cpu, SS) | (u32)cpu->s.cpl << MODE_CPL_SHIFT
         | (cpu->s.seg[CS].access & SEG_DB ? MODE_D : 0) | (cpu->s.seg[SS].access & SEG_DB ? MODE_B : 0)
         | ((cpu->s.cr0 & CR0_AM) && (cpu->s.eflags & FLAG_AC) && cpu->s.cpl == 3 ? MODE_AC : 0);
}

static void mode_set(struct cpu *cpu, u32 mode)
{
    cpu->cache.stack_mask = mode & MODE_B ? 0xffffffff : 0xffff;
    if (unlikely((cpu->s.eflags & (FLAG_VIF | FLAG_VIP)) == (FLAG_VIF | FLAG_VIP)))
        cpu->leave = LEAVE_NOW;                         /* run_loop looks whether that faults here */
    cpu->mode = mode_of_kind(mode, (enum block_kind)mode_kind(cpu->mode));
    code_key_update(cpu);
}

void cpu_mode_changed(struct cpu *cpu)
{
    u64 cr0 = cpu->s.cr0;
    u32 mode = ring_bits(cpu) | (cr0 & CR0_PE ? MODE_PE : 0) | (cpu->s.eflags & FLAG_VM ? MODE_VM : 0)
             | (cr0 & CR0_EM ? MODE_EM : 0) | (cr0 & CR0_TS ? MODE_TS : 0) | (cr0 & CR0_MP ? MODE_MP : 0)
             | segment_bits(cpu, ES) | segment_bits(cpu, DS) | segment_bits(cpu, FS) | segment_bits(cpu, GS);
    if (cpu->cache.wp != !!(cr0 & CR0_WP)) {
        cpu->cache.wp = !!(cr0 & CR0_WP);
        tlb_drop_first(cpu);
    }
    if (unlikely(cpu->observers.changes >> CHANGE_MODE & 1))
        mode_told(cpu);
    mode_set(cpu, mode);
}

void cpu_ring_changed(struct cpu *cpu) { mode_set(cpu, (cpu->mode & ~(u32)MODE_OF_RING) | ring_bits(cpu)); }

void cpu_segment_changed(struct cpu *cpu, int seg)
{
    int shift = MODE_SEG_SHIFT + 2 * seg;
    if (seg == CS || seg == SS) {
        cpu_ring_changed(cpu);
        return;
    }
    u32 mode = (cpu->mode & ~(3u << shift)) | segment_bits(cpu, seg);
    if (mode != cpu->mode) {
        cpu->mode = mode;
        code_key_update(cpu);
    }
}

/* ---- watching ---- */

/* What lies there, without side effects; ones where registers of a device do. */
static u64 peek_size(struct cpu *cpu, const struct cpu_access *a)
{
    u8 bytes[8] = { 0 };
    u32 first = a->second == CPU_NO_ADDRESS ? a->size : PAGE_SIZE - (u32)(a->linear & PAGE_MASK);
    space_peek(cpu->w.memory, a->physical, bytes, first);
    space_peek(cpu->w.memory, a->second, bytes + first, a->size - first);
    return get64(bytes);
}

/* Data breakpoints and observers, against an access that succeeded. to_write: it is one, or the read before one. */
static noinline void watch_access(struct cpu *cpu, const struct cpu_access *a, bool to_write)
{
    debug_data_access(cpu, a->linear, a->size, to_write);
    if (cpu->observers.of_kind[OBSERVE_ACCESS])
        observers_access(cpu, a);
}

/* ---- memory ---- */

static inline u64 get_size(const u8 *at, int size)
{
    switch (size) {
    case 1: return *at;
    case 2: return get16(at);
    case 4: return get32(at);
    default: return get64(at);
    }
}
static inline void put_size(u8 *at, u64 v, int size)
{
    switch (size) {
    case 1: *at = (u8)v; break;
    case 2: put16(at, (u16)v); break;
    case 4: put32(at, (u32)v); break;
    default: put64(at, v); break;
    }
}

static u64 physical_ld(struct cpu *cpu, u64 physical, int size)
{
    const struct space_page *page = space_page(cpu->w.memory, physical);
    if (!page->read || (physical & PAGE_MASK) + (u64)size > PAGE_SIZE)
        return space_read(cpu->w.memory, physical, size);
    return get_size(page->read + (physical & PAGE_MASK), size);
}

static void physical_st(struct cpu *cpu, u64 physical, u64 v, int size)
{
    const struct space_page *page = space_page(cpu->w.memory, physical);
    if (!page->write || (physical & PAGE_MASK) + (u64)size > PAGE_SIZE) {
        space_write(cpu->w.memory, physical, v, size);
        return;
    }
    if (page->write_ram->flags[page->write_offset >> PAGE_SHIFT])
        ram_written(page->write_ram, page->write_offset + (physical & PAGE_MASK), (u64)size);
    put_size(page->write + (physical & PAGE_MASK), v, size);
}

static bool splits(u64 linear, u32 n) { return ((linear + n - 1) ^ linear) >> PAGE_SHIFT; }

static void check_alignment(struct cpu *cpu, u64 linear, u32 n)
{
    if (unlikely(cpu->mode & MODE_AC) && (linear & (n - 1)))
        cpu_raise(cpu, EXC_AC, 0, "unaligned access by user code (CR0.AM, EFLAGS.AC)", 0);
}

/* The first-level TLB's entry for an access within one page, if it says all that is to be known. Writable only but for decoded
 * bytes counts for a write when these bytes are none. */
static inline u8 *quick(const struct cpu *cpu, u64 linear, u32 size, bool write, bool user)
{
    const struct tlb_entry *t = &cpu->cache.tlb[user][linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
    u64 tag = (linear + size - 1) & ~(u64)PAGE_MASK;
    if (unlikely((cpu->mode & MODE_AC) && user))
        return NULL;
    if (write ? t->write != tag && !beside_code(t, linear, size) : t->read != tag)
        return NULL;
    return (u8 *)(uintptr_t)(t->host + linear);
}

static noinline u64 load_slowly(struct cpu *cpu, u64 linear, int size, enum access access, bool user)
{
    u64 physical = translate(cpu, linear, access, user), second = CPU_NO_ADDRESS, v;
    if (unlikely(splits(linear, (u32)size))) {
        int first = (int)(PAGE_SIZE - (linear & PAGE_MASK));
        second = translate(cpu, (u32)(linear + (u64)first), access, user);
        if (user)
            check_alignment(cpu, linear, (u32)size);
        v = 0;
        for (int k = 0; k < size; k++)
            v |= physical_ld(cpu, k < first ? physical + (u64)k : second + (u64)(k - first), 1) << 8 * k;
    } else {
        if (user)
            check_alignment(cpu, linear, (u32)size);
        v = physical_ld(cpu, physical, size);
    }
    if (unlikely(cpu->cache.watch_active))
        watch_access(cpu, &(struct cpu_access) { .linear = linear, .physical = physical, .second = second, .size = (u32)size,
                                                 .old = v, .value = v }, access == ACCESS_WRITE);
    return v;
}

static inline u64 load(struct cpu *cpu, u64 linear, int size, enum access access, bool user)
{
    const u8 *at = quick(cpu, linear, (u32)size, access == ACCESS_WRITE, user);
    return likely(at) ? get_size(at, size) : load_slowly(cpu, linear, size, access, user);
}

static noinline void store_slowly(struct cpu *cpu, u64 linear, u64 v, int size, bool user)
{
    u64 physical = translate(cpu, linear, ACCESS_WRITE, user);
    struct cpu_access a = { .linear = linear, .physical = physical, .second = CPU_NO_ADDRESS, .size = (u32)size, .write = true,
                            .value = v & mask_bytes(size) };
    if (unlikely(splits(linear, (u32)size)))
        a.second = translate(cpu, (u32)(linear + PAGE_SIZE - (linear & PAGE_MASK)), ACCESS_WRITE, user);
    if (unlikely(cpu->cache.watch_active))
        a.old = peek_size(cpu, &a);
    if (unlikely(a.second != CPU_NO_ADDRESS)) {
        int first = (int)(PAGE_SIZE - (linear & PAGE_MASK));
        if (user)
            check_alignment(cpu, linear, (u32)size);
        for (int k = 0; k < size; k++)
            physical_st(cpu, k < first ? physical + (u64)k : a.second + (u64)(k - first), v >> 8 * k & 0xff, 1);
    } else {
        if (user)
            check_alignment(cpu, linear, (u32)size);
        physical_st(cpu, physical, v, size);
    }
    if (unlikely(cpu->cache.watch_active))
        watch_access(cpu, &a, true);
}

static inline void store(struct cpu *cpu, u64 linear, u64 v, int size, bool user)
{
    u8 *at = quick(cpu, linear, (u32)size, true, user);
    if (likely(at))
        put_size(at, v, size);
    else
        store_slowly(cpu, linear, v, size, user);
}

static bool is_user(const struct cpu *cpu) { return cpu->s.cpl == 3; }

u8  ld8(struct cpu *cpu, int seg, u64 offset)  { return (u8)ld_size(cpu, seg, offset, 1); }
u16 ld16(struct cpu *cpu, int seg, u64 offset) { return (u16)ld_size(cpu, seg, offset, 2); }
u32 ld32(struct cpu *cpu, int seg, u64 offset) { return (u32)ld_size(cpu, seg, offset, 4); }
u64 ld64(struct cpu *cpu, int seg, u64 offset) { return ld_size(cpu, seg, offset, 8); }
void st8(struct cpu *cpu, int seg, u64 offset, u8 v)   { st_size(cpu, seg, offset, v, 1); }
void st16(struct cpu *cpu, int seg, u64 offset, u16 v) { st_size(cpu, seg, offset, v, 2); }
void st32(struct cpu *cpu, int seg, u64 offset, u32 v) { st_size(cpu, seg, offset, v, 4); }
void st64(struct cpu *cpu, int seg, u64 offset, u64 v) { st_size(cpu, seg, offset, v, 8); }

/* Beyond the highest plain offset: an access that the segment refuses, an expand-down segment's, or on an 8086 a word at offset
 * FFFFh, whose second byte is at offset 0 ("Differences From 8086", segment wraparound). */
static noinline u64 ld_beyond(struct cpu *cpu, int seg, u64 offset, int size, enum access access)
{
    u64 v = 0;
    if (cpu_has(cpu, FEATURE_286)) {
        segment_refuse(cpu, seg, offset, (u32)size, access == ACCESS_WRITE);
        return load(cpu, (u32)(offset + cpu->s.seg[seg].base), size, access, is_user(cpu));
    }
    for (int k = 0; k < size; k++)
        v |= ld_size(cpu, seg, (offset + (u64)k) & 0xffff, 1) << 8 * k;
    return v;
}
static noinline void st_beyond(struct cpu *cpu, int seg, u64 offset, u64 v, int size)
{
    if (cpu_has(cpu, FEATURE_286)) {
        segment_refuse(cpu, seg, offset, (u32)size, true);
        store(cpu, (u32)(offset + cpu->s.seg[seg].base), v, size, is_user(cpu));
        return;
    }
    for (int k = 0; k < size; k++)
        st_size(cpu, seg, (offset + (u64)k) & 0xffff, v >> 8 * k & 0xff, 1);
}
static bool beyond(i64 top, u64 offset, int size) { return unlikely((i64)(offset + (u64)size - 1) > top); }

u64 ld_size(struct cpu *cpu, int seg, u64 offset, int size)
{
    if (beyond(cpu->cache.read_top[seg], offset, size))
        return ld_beyond(cpu, seg, offset, size, ACCESS_READ);
    return load(cpu, (u32)(offset + cpu->s.seg[seg].base), size, ACCESS_READ, is_user(cpu));
}
void st_size(struct cpu *cpu, int seg, u64 offset, u64 v, int size)
{
    if (beyond(cpu->cache.write_top[seg], offset, size))
        st_beyond(cpu, seg, offset, v, size);
    else
        store(cpu, (u32)(offset + cpu->s.seg[seg].base), v, size, is_user(cpu));
}
u64 ld_rmw(struct cpu *cpu, int seg, u64 offset, int size)
{
    if (beyond(cpu->cache.write_top[seg], offset, size))
        return ld_beyond(cpu, seg, offset, size, ACCESS_WRITE);
    return load(cpu, (u32)(offset + cpu->s.seg[seg].base), size, ACCESS_WRITE, is_user(cpu));
}

static void probe(struct cpu *cpu, u64 linear, u32 n, enum access access, bool user)
{
    for (u64 left = n; left; ) {
        const struct tlb_entry *t = &cpu->cache.tlb[user][linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
        u64 step = PAGE_SIZE - (linear & PAGE_MASK);
        if (unlikely((access == ACCESS_WRITE ? t->write : t->read) != (linear & ~(u64)PAGE_MASK)))
            translate(cpu, linear, access, user);
        step = step < left ? step : left;
        linear = (u32)(linear + step);
        left -= step;
    }
}

void probe_read(struct cpu *cpu, int seg, u64 offset, u32 n)
{
    probe(cpu, seg_linear(cpu, seg, offset, n, false), n, ACCESS_READ, is_user(cpu));
}
void probe_write(struct cpu *cpu, int seg, u64 offset, u32 n)
{
    if (!cpu_has(cpu, FEATURE_286))
        return;                                 /* no access faults */
    probe(cpu, seg_linear(cpu, seg, offset, n, true), n, ACCESS_WRITE, is_user(cpu));
}

void need_aligned(struct cpu *cpu, int seg, u64 offset, u32 n)
{
    check_alignment(cpu, (u32)(cpu->s.seg[seg].base + offset), n);
}

void ld_bytes(struct cpu *cpu, int seg, u64 offset, void *to, u32 n)
{
    u64 linear = seg_linear(cpu, seg, offset, n, false);
    for (u8 *p = to; n; n--, linear = (u32)(linear + 1))
        *p++ = (u8)load(cpu, linear, 1, ACCESS_READ, is_user(cpu));
}
void st_bytes(struct cpu *cpu, int seg, u64 offset, const void *from, u32 n)
{
    u64 linear = seg_linear(cpu, seg, offset, n, true);
    for (const u8 *p = from; n; n--, linear = (u32)(linear + 1))
        store(cpu, linear, *p++, 1, is_user(cpu));
}

u64  sys_ld(struct cpu *cpu, u64 linear, int size)          { return load(cpu, (u32)linear, size, ACCESS_READ, false); }
void sys_st(struct cpu *cpu, u64 linear, u64 v, int size)   { store(cpu, (u32)linear, v, size, false); }
void sys_probe(struct cpu *cpu, u64 linear, u32 n, bool write) { probe(cpu, (u32)linear, n, write ? ACCESS_WRITE : ACCESS_READ, false); }

/* ---- stack, registers, flags ---- */

u64 stack_mask(const struct cpu *cpu) { return cpu->cache.stack_mask; }
void set_sp(struct cpu *cpu, u64 v) { cpu->s.gpr[ESP] = (cpu->s.gpr[ESP] & ~cpu->cache.stack_mask) | (v & cpu->cache.stack_mask); }

void push_size(struct cpu *cpu, u64 v, int size)
{
    u64 sp = (cpu->s.gpr[ESP] - (u64)size) & cpu->cache.stack_mask;
    st_size(cpu, SS, sp, v, size);
    set_sp(cpu, sp);
}

u64 reg_size(const struct cpu *cpu, int n, int size)
{
    return size == 1 ? reg8(cpu, n) : cpu->s.gpr[n] & mask_bytes(size);
}
void set_reg_size(struct cpu *cpu, int n, u64 v, int size)
{
    switch (size) {
    case 1: set_reg8(cpu, n, (u8)v); break;
    case 2: set_reg16(cpu, n, (u16)v); break;
    case 4: set_reg32(cpu, n, (u32)v); break;
    default: cpu->s.gpr[n] = v;
    }
}

u64 rm_read(struct cpu *cpu, const struct op *o, int size)
{
    return op_is_reg(o) ? reg_size(cpu, o->src, size) : ld_size(cpu, op_seg(o), op_ea(cpu, o), size);
}
u64 rm_read_rmw(struct cpu *cpu, const struct op *o, int size)
{
    return op_is_reg(o) ? reg_size(cpu, o->src, size) : ld_rmw(cpu, op_seg(o), op_ea(cpu, o), size);
}
void rm_write(struct cpu *cpu, const struct op *o, u64 v, int size)
{
    if (op_is_reg(o))
        set_reg_size(cpu, o->src, v, size);
    else
        st_size(cpu, op_seg(o), op_ea(cpu, o), v, size);
}

u32 cpu_eflags(const struct cpu *cpu)
{
    return ((u32)cpu->s.eflags & ~(u32)FLAGS_ARITH) | flags_arith(cpu) | FLAG_1;
}

void cpu_set_arith(struct cpu *cpu, u32 v) { flags_load(cpu, v); }

static noinline void flags_changed(struct cpu *cpu, u32 changed)
{
    if (changed & FLAG_VM)
        cpu_mode_changed(cpu);
    else if (changed & FLAG_AC)
        cpu_ring_changed(cpu);
    if ((changed & FLAG_IF) && cpu->observers.of_kind[OBSERVE_IF])
        observers_told(cpu, OBSERVE_IF);
}

void cpu_set_system_flags(struct cpu *cpu, u32 v)
{
    u32 now = (v & eflags_allowed(cpu)) | eflags_fixed(cpu), changed = ((u32)cpu->s.eflags ^ now) & (FLAG_VM | FLAG_AC | FLAG_IF);
    cpu->s.eflags = now;
    if (unlikely((cpu->s.eflags & (FLAG_VIF | FLAG_VIP)) == (FLAG_VIF | FLAG_VIP)))
        cpu->leave = LEAVE_NOW;
    if (changed)
        flags_changed(cpu, changed);
}

void cpu_set_eflags(struct cpu *cpu, u32 v)
{
    flags_load(cpu, v);
    cpu_set_system_flags(cpu, v);
}
