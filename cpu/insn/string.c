/* string.c - string instructions and port input and output: SDM Vol. 2.
 * One element, or under a REP prefix as many iterations as cpu->rep_limit allows; each counts one instruction. Forward runs over
 * plain memory go by host pointers, a page at a time; everything else element by element. */
#include "../decode/early.h"
#include "../engine/engine.h"
#include "integer.h"
#include "../mmu/paging.h"
#include "../system/debug_registers.h"
#include "../system/system.h"

static u64 index_of(const struct cpu *cpu, const struct op *o, int reg)
{
    return cpu->s.gpr[reg] & mask_bytes(op_address_bytes(o));
}
static void advance(struct cpu *cpu, const struct op *o, int reg, i64 by)
{
    if (cpu->s.eflags & FLAG_DF)
        by = -by;
    set_reg_size(cpu, reg, cpu->s.gpr[reg] + (u64)by, op_address_bytes(o));
}
static u64 count_of(const struct cpu *cpu, const struct op *o) { return cpu->s.gpr[ECX] & mask_bytes(op_address_bytes(o)); }

/* ---- bulk ---- */

struct run { u8 *host; u64 bytes; struct ram *ram; u64 ram_offset; };     /* ram: NULL where writes need no word to it */

/* The host's side of the page at `linear`; false if it is not plain. May fault as the first element would. */
static bool plain_page(struct cpu *cpu, u64 linear, bool write, struct run *run)
{
    bool user = cpu->s.cpl == 3;
    const struct tlb_entry *t = &cpu->cache.tlb[user][linear >> PAGE_SHIFT & (TLB_SIZE - 1)];
    run->ram = NULL;
    run->host = (u8 *)(t->host + (uintptr_t)linear);
    if (likely((write ? t->write : t->read) == (linear & ~(u64)PAGE_MASK)))
        return true;
    u64 physical = translate(cpu, linear, write ? ACCESS_WRITE : ACCESS_READ, user);
    const struct space_page *page = space_page(cpu->w.memory, physical);
    u8 *host = write ? page->write : page->read;
    if (!host || (cpu->cache.watch_active && watched(cpu, linear, physical)))
        return false;
    run->host = host + (physical & PAGE_MASK);
    if (write) {
        run->ram = page->write_ram;
        run->ram_offset = page->write_offset + (physical & PAGE_MASK);
        return !(run->ram->flags[run->ram_offset >> PAGE_SHIFT] & PAGE_HAS_CODE);
    }
    return true;
}

/* The plain bytes from offset on, to the end of the page and of the segment; false if there are none. */
static bool plain_run(struct cpu *cpu, int seg, u64 offset, int size, u64 address_mask, bool write, struct run *run)
{
    i64 top = write ? cpu->cache.write_top[seg] : cpu->cache.read_top[seg];
    if ((i64)(offset + (u64)size - 1) > top || (cpu->mode & MODE_AC))
        return false;
    u64 linear = (u32)(offset + cpu->s.seg[seg].base), left = PAGE_SIZE - (linear & PAGE_MASK);
    u64 in_segment = (u64)top - offset + 1, in_address = address_mask - offset + 1;
    if (left < (u64)size || !plain_page(cpu, linear, write, run))
        return false;
    run->bytes = left < in_segment ? left : in_segment;
    if (in_address && run->bytes > in_address)
        run->bytes = in_address;
    return true;
}

static u64 elements(u64 want, u64 bytes, int size)
{
    u64 n = bytes / (u64)size;
    return n < want ? n : want;
}

static void dirty(const struct run *run, u64 n)
{
    if (run->ram && run->ram->flags[run->ram_offset >> PAGE_SHIFT])
        ram_written(run->ram, run->ram_offset, n);
}

static u64 bulk_movs(struct cpu *cpu, const struct op *o, u64 want)
{
    int size = op_bytes(o);
    u64 mask = mask_bytes(op_address_bytes(o));
    struct run from, to;
    if (!plain_run(cpu, op_seg(o), index_of(cpu, o, ESI), size, mask, false, &from)
        || !plain_run(cpu, ES, index_of(cpu, o, EDI), size, mask, true, &to))
        return 0;
    u64 n = elements(elements(want, from.bytes, size), to.bytes, size), bytes = n * (u64)size;
    if (to.host > from.host && to.host < from.host + bytes) {   /* overlapping upward: what was written is read again */
        u64 step = (u64)(to.host - from.host);
        if (step < (u64)size)
            return 0;
        dirty(&to, bytes);
        for (u64 at = 0; at < bytes; at += (u64)size)
            memmove(to.host + at, from.host + at, (size_t)size);
        return n;
    }
    dirty(&to, bytes);
    memmove(to.host, from.host, bytes);
    return n;
}

static u64 bulk_stos(struct cpu *cpu, const struct op *o, u64 want)
{
    int size = op_bytes(o);
    struct run to;
    if (!plain_run(cpu, ES, index_of(cpu, o, EDI), size, mask_bytes(op_address_bytes(o)), true, &to))
        return 0;
    u64 n = elements(want, to.bytes, size), v = cpu->s.gpr[EAX];
    dirty(&to, n * (u64)size);
    if (size == 1 || (v & mask_bytes(size)) == (v & 0xff) * (mask_bytes(size) / 0xff)) {
        memset(to.host, (int)(v & 0xff), n * (u64)size);
        return n;
    }
    for (u64 k = 0; k < n; k++) {
        if (size == 2)
            put16(to.host + k * 2, (u16)v);
        else
            put32(to.host + k * 4, (u32)v);
    }
    return n;
}

static u64 element(const u8 *at, int size) { return size == 1 ? *at : size == 2 ? get16(at) : get32(at); }

/* SCAS and CMPS end with the first element that compares as the prefix does not want; the last one made the flags. */
static void set_compare(struct cpu *cpu, u64 a, u64 b, int size) { flags_of_difference(cpu, size, a, b); }

static u64 bulk_scas(struct cpu *cpu, const struct op *o, u64 want)
{
    int size = op_bytes(o);
    struct run at;
    if (!plain_run(cpu, ES, index_of(cpu, o, EDI), size, mask_bytes(op_address_bytes(o)), false, &at))
        return 0;
    u64 n = elements(want, at.bytes, size), k = 0, v = reg_size(cpu, EAX, size);
    if (size == 1 && op_repne(o)) {
        const u8 *found = memchr(at.host, (int)v, n);
        k = found ? (u64)(found - at.host) : n;
    } else {
        while (k < n && (element(at.host + k * (u64)size, size) == v) == op_rep(o))
            k++;
    }
    n = k < n ? k + 1 : n;
    set_compare(cpu, v, element(at.host + (n - 1) * (u64)size, size), size);
    return n;
}

static u64 bulk_cmps(struct cpu *cpu, const struct op *o, u64 want)
{
    int size = op_bytes(o);
    u64 mask = mask_bytes(op_address_bytes(o)), k = 0;
    struct run a, b;
    if (!plain_run(cpu, op_seg(o), index_of(cpu, o, ESI), size, mask, false, &a)
        || !plain_run(cpu, ES, index_of(cpu, o, EDI), size, mask, false, &b))
        return 0;
    u64 n = elements(elements(want, a.bytes, size), b.bytes, size), step = 8 / (u64)size;
    while (op_rep(o) && k + step <= n && get64(a.host + k * (u64)size) == get64(b.host + k * (u64)size))
        k += step;
    while (k < n && (element(a.host + k * (u64)size, size) == element(b.host + k * (u64)size, size)) == op_rep(o))
        k++;
    n = k < n ? k + 1 : n;
    set_compare(cpu, element(a.host + (n - 1) * (u64)size, size), element(b.host + (n - 1) * (u64)size, size), size);
    return n;
}

/* ---- elements ---- */

static void one_movs(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 v = ld_size(cpu, op_seg(o), index_of(cpu, o, ESI), size);
    st_size(cpu, ES, index_of(cpu, o, EDI), v, size);
    advance(cpu, o, ESI, size);
    advance(cpu, o, EDI, size);
}
static void one_stos(struct cpu *cpu, const struct op *o)
{
    st_size(cpu, ES, index_of(cpu, o, EDI), cpu->s.gpr[EAX] & mask_bytes(op_bytes(o)), op_bytes(o));
    advance(cpu, o, EDI, op_bytes(o));
}
static void one_lods(struct cpu *cpu, const struct op *o)
{
    set_reg_size(cpu, EAX, ld_size(cpu, op_seg(o), index_of(cpu, o, ESI), op_bytes(o)), op_bytes(o));
    advance(cpu, o, ESI, op_bytes(o));
}
static void one_cmps(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 a = ld_size(cpu, op_seg(o), index_of(cpu, o, ESI), size), b = ld_size(cpu, ES, index_of(cpu, o, EDI), size);
    set_compare(cpu, a, b, size);
    advance(cpu, o, ESI, size);
    advance(cpu, o, EDI, size);
}
static void one_scas(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 b = ld_size(cpu, ES, index_of(cpu, o, EDI), size);
    set_compare(cpu, reg_size(cpu, EAX, size), b, size);
    advance(cpu, o, EDI, size);
}

/* Ports: the permission, then memory, then the port, so that a fault touches no device. */
/* SMI# that an access brings is taken right after it: what RSM needs to run the instruction again. "I/O Instruction Restart". */
static void note_smi(struct cpu *cpu, int size, u8 string)
{
    const struct op *o = cpu->op;
    if (!cpu->s.smi_pending || cpu->s.smm)
        return;
    cpu->s.io_undo = (u8)(IO_VALID | size | string | (string && (op_rep(o) || op_repne(o)) ? IO_REP : 0)
                          | (op_address_bytes(o) == 4 ? IO_ADDRESS32 : 0));
    cpu->s.io_length = o->len;
}
static inline void port_accessed(struct cpu *cpu, enum cpu_change_kind kind, u32 port, u64 v, int size, u8 string)
{
    if (unlikely(cpu->observers.changes >> kind & 1))
        observers_change(cpu, &(struct cpu_change) { .kind = kind, .n = port, .size = (u32)size, .old = v, .now = v });
    if (unlikely(cpu->s.dr[7] & DR7_ENABLE))
        debug_io_access(cpu, port, (u32)size);
    if (unlikely(cpu->s.smi_pending))
        note_smi(cpu, size, string);
}
static inline u64 port_in(struct cpu *cpu, u32 port, int size, u8 string)
{
    u64 v = space_read(cpu->w.ports, port, size);
    port_accessed(cpu, CHANGE_PORT_READ, port, v, size, string);
    return v;
}
static inline void port_out(struct cpu *cpu, u32 port, u64 v, int size, u8 string)
{
    space_write(cpu->w.ports, port, v, size);
    port_accessed(cpu, CHANGE_PORT_WRITE, port, v, size, string);
}
static void one_ins(struct cpu *cpu, const struct op *o)
{
    u32 port = reg16(cpu, EDX);
    int size = op_bytes(o);
    io_check(cpu, port, size);
    probe_write(cpu, ES, index_of(cpu, o, EDI), (u32)size);
    st_size(cpu, ES, index_of(cpu, o, EDI), port_in(cpu, port, size, IO_INS), size);
    advance(cpu, o, EDI, size);
}
static void one_outs(struct cpu *cpu, const struct op *o)
{
    u32 port = reg16(cpu, EDX);
    int size = op_bytes(o);
    io_check(cpu, port, size);
    port_out(cpu, port, ld_size(cpu, op_seg(o), index_of(cpu, o, ESI), size), size, IO_OUTS);
    advance(cpu, o, ESI, size);
}

static u32 io_port(const struct cpu *cpu, const struct op *o)
{
    return o->row->operand[0] == Ib || o->row->operand[1] == Ib ? (u32)(o->imm & 0xff) : reg16(cpu, EDX);
}
void op_in(struct cpu *cpu, const struct op *o)
{
    u32 port = io_port(cpu, o);
    int size = op_bytes(o);
    io_check(cpu, port, size);
    u64 v = port_in(cpu, port, size, 0);
    cpu->s.gpr[EAX] = size == 4 ? v : (cpu->s.gpr[EAX] & ~mask_bytes(size)) | v;
}
void op_out(struct cpu *cpu, const struct op *o)
{
    u32 port = io_port(cpu, o);
    int size = op_bytes(o);
    io_check(cpu, port, size);
    port_out(cpu, port, cpu->s.gpr[EAX] & mask_bytes(size), size, 0);
}

/* ---- REP ---- */

/* Must something be seen before the next iteration? */
static bool must_stop(struct cpu *cpu)
{
    u8 leave = cpu->leave;
    bool stop;
    if (leave & LEAVE_NOW)
        return true;
    cpu->leave = 0;                             /* a shorter budget is rep_limit's to respect */
    stop = cpu_attention(cpu);
    cpu->leave = leave;
    return stop;
}

/* Before an element, on processors before the 386: on a 286 it may fault half done. */
static void early_element(struct cpu *cpu, const struct op *o)
{
    if (op_bytes(o) == 2 && cpu_has(cpu, FEATURE_286) && string_overrun_286(cpu, o))
        cpu_raise_gp(cpu, 0, "a word of the string lies across the end of the segment");
}

/* Iterate until the count is gone, the condition fails, the budget is used or something waits. `conditional`: ZF decides, and
 * the flags are those of before until the instruction has ended: SDM Vol. 2 "REP" says so of faults, processors (lock-step,
 * Intel's) do so when a trap stops them, too. */
static void repeat(struct cpu *cpu, const struct op *o, insn_fn *one, u64 (*bulk)(struct cpu *, const struct op *, u64),
                   int moves, bool conditional)
{
    u64 count = count_of(cpu, o);
    bool early = !cpu_has(cpu, FEATURE_386), forward = !(cpu->s.eflags & FLAG_DF), done = !count;
    if (!op_rep(o) && !op_repne(o)) {
        if (unlikely(early))
            early_element(cpu, o);
        one(cpu, o);
        return;
    }
    u64 result = cpu->lf_result, aux = cpu->lf_aux;
    u8 odd = cpu->lf_odd;
    while (!done && cpu->rep_ticks < cpu->rep_limit) {
        u64 left = cpu->rep_limit - cpu->rep_ticks, want = count < left ? count : left, n = 0;
        if (bulk && forward && want > 1)
            n = bulk(cpu, o, want);
        if (n) {
            advance(cpu, o, EDI, (i64)n * op_bytes(o));
            if (moves == 2)
                advance(cpu, o, ESI, (i64)n * op_bytes(o));
        } else {
            if (unlikely(early))
                early_element(cpu, o);
            one(cpu, o);
            n = 1;
        }
        count -= n;
        cpu->rep_ticks += n;
        if (unlikely(cpu->rep_cost > 1)) {
            cpu->spent += n * (cpu->rep_cost - 1);
            cpu->run_end -= n * (cpu->rep_cost - 1);
        }
        set_reg_size(cpu, ECX, count, op_address_bytes(o));
        done = !count || (conditional && flag_z(cpu) != op_rep(o));
        if (conditional && !done && !early) {           /* captured: a 286 commits each iteration's */
            flags_set(cpu, result, aux);
            cpu->lf_odd = odd;
        }
        if (!done && unlikely(must_stop(cpu)))
            break;
    }
    cpu->rep_more = !done;
}

void op_movs(struct cpu *cpu, const struct op *o) { repeat(cpu, o, one_movs, bulk_movs, 2, false); }
void op_stos(struct cpu *cpu, const struct op *o) { repeat(cpu, o, one_stos, bulk_stos, 1, false); }
void op_lods(struct cpu *cpu, const struct op *o) { repeat(cpu, o, one_lods, NULL, 1, false); }
void op_cmps(struct cpu *cpu, const struct op *o) { repeat(cpu, o, one_cmps, bulk_cmps, 2, true); }
void op_scas(struct cpu *cpu, const struct op *o) { repeat(cpu, o, one_scas, bulk_scas, 1, true); }

/* The permission is asked for even where the count is 0: so do processors (lock-step), and SDM Vol. 2 "INS" leaves it open. */
static void repeat_io(struct cpu *cpu, const struct op *o, insn_fn *one)
{
    if (!count_of(cpu, o))
        io_check(cpu, reg16(cpu, EDX), op_bytes(o));
    repeat(cpu, o, one, NULL, 1, false);
}
void op_ins(struct cpu *cpu, const struct op *o)  { repeat_io(cpu, o, one_ins); }
void op_outs(struct cpu *cpu, const struct op *o) { repeat_io(cpu, o, one_outs); }
