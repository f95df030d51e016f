/* debug_registers.c - debug registers: MOV to and from them, and breakpoints on code, data and ports.
 * Follows: Intel SDM Vol. 2 "MOV - Move to/from Debug Registers"; Vol. 3B "Debug Registers", "Debug Exceptions"; 80386 Programmer's
 * Reference Manual, "Debugging".
 * Here: DR0-7, four breakpoints, single steps, the T bit, general detect. Not yet: branch traps, RTM. */
#include "debug_registers.h"
#include "system.h"
#include "../mmu/paging.h"

enum { DR6_FIXED = 0xffff0ff0, DR7_FIXED = 0x400, DR7_WRITABLE = 0xffff23ff };
enum { DR6_WRITABLE = DR6_HITS | DR6_BD | DR6_BS | DR6_BT };
enum { DR7_LOCAL = 0x155 /* L0 to L3, LE */, BREAKPOINTS = 4 };
enum { RW_CODE, RW_WRITE, RW_PORT /* with CR4.DE */, RW_ANY };          /* DR7's R/W field */

u64 dr6_fix(u64 v) { return (v & DR6_WRITABLE) | DR6_FIXED; }
u64 dr7_fix(u64 v) { return (v & DR7_WRITABLE) | DR7_FIXED; }

static bool armed(u64 dr7, int k) { return dr7 >> 2 * k & 3; }
static int rw_of(u64 dr7, int k) { return (int)(dr7 >> (16 + 4 * k)) & 3; }

/* In code LEN must be 0: "the effect of using other lengths is undefined". Here such a breakpoint matches nothing. */
static bool watches_code(u64 dr7, int k) { return armed(dr7, k) && !(dr7 >> (16 + 4 * k) & 15); }
static bool watches_data(u64 dr7, int k) { return armed(dr7, k) && (rw_of(dr7, k) == RW_WRITE || rw_of(dr7, k) == RW_ANY); }

/* Do n bytes from `at` on touch the breakpoint's, which lie at a multiple of their length? */
static bool touches(const struct cpu *cpu, int k, u64 at, u32 n)
{
    static const u8 length[4] = { 1, 2, 8, 4 };
    u32 len = length[cpu->s.dr[7] >> (18 + 4 * k) & 3];
    u64 first = cpu->s.dr[k] & ~(u64)(len - 1);
    return at <= first + len - 1 && first <= at + n - 1;
}

static void trap(struct cpu *cpu, int k)
{
    cpu->dr6_pending |= 1u << k;
    cpu->leave = LEAVE_NOW;
}

u32 debug_code_hits(const struct cpu *cpu, u64 linear)
{
    u32 hits = 0;
    for (int k = 0; k < BREAKPOINTS; k++)
        if (watches_code(cpu->s.dr[7], k) && cpu->s.dr[k] == linear)
            hits |= 1u << k;
    return hits;
}

void debug_data_access(struct cpu *cpu, u64 linear, u32 n, bool write)
{
    for (int k = 0; k < BREAKPOINTS; k++)
        if (watches_data(cpu->s.dr[7], k) && (write || rw_of(cpu->s.dr[7], k) == RW_ANY) && touches(cpu, k, linear, n))
            trap(cpu, k);
}

bool debug_watches_page(const struct cpu *cpu, u64 page)
{
    for (int k = 0; k < BREAKPOINTS; k++)
        if (watches_data(cpu->s.dr[7], k) && touches(cpu, k, page, PAGE_SIZE))
            return true;
    return false;
}

void debug_io_access(struct cpu *cpu, u32 port, u32 n)
{
    if (!(cpu->s.cr4 & CR4_DE) || !(cpu->s.dr[7] & DR7_ENABLE))
        return;
    for (int k = 0; k < BREAKPOINTS; k++)
        if (armed(cpu->s.dr[7], k) && rw_of(cpu->s.dr[7], k) == RW_PORT && touches(cpu, k, port, n))
            trap(cpu, k);
}

bool debug_trap_due(struct cpu *cpu)
{
    u32 dr6 = cpu->dr6_pending | (cpu->step_trap ? DR6_BS : 0u) | (cpu->s.debug_trap ? DR6_BT : 0u);
    cpu->step_trap = 0;
    if (cpu->s.shadow & SHADOW_MOV_SS) {        /* data breakpoints wait for the next boundary, single-step is lost */
        cpu->dr6_pending = dr6 & DR6_HITS;
        return false;
    }
    cpu->dr6_pending = 0;
    cpu->s.debug_trap = 0;
    cpu->s.dr[6] |= dr6;
    return dr6;
}

void cpu_debug_changed(struct cpu *cpu)
{
    bool watch = cpu->observers.of_kind[OBSERVE_ACCESS] != 0;
    cpu->cache.code_breakpoints = 0;
    for (int k = 0; k < BREAKPOINTS; k++) {
        watch |= watches_data(cpu->s.dr[7], k);
        cpu->cache.code_breakpoints |= watches_code(cpu->s.dr[7], k);
    }
    if (watch || cpu->cache.watch_active)               /* other pages may be watched now */
        tlb_drop_first(cpu);
    cpu->cache.watch_active = watch;
    cpu->leave = LEAVE_NOW;                             /* instruction breakpoints are looked at between chains */
}

void debug_disarm(struct cpu *cpu) { cpu->s.dr[7] = DR7_FIXED; }

void debug_reset(struct cpu *cpu)
{
    memset(cpu->s.dr, 0, sizeof cpu->s.dr);
    cpu->s.dr[6] = DR6_FIXED;
    debug_disarm(cpu);
}

void debug_leave_task(struct cpu *cpu)
{
    cpu->s.dr[7] &= ~(u64)DR7_LOCAL;
    cpu_debug_changed(cpu);
}

void debug_delivered(struct cpu *cpu)
{
    if (!(cpu->s.dr[7] & DR7_GD))
        return;
    cpu->s.dr[7] &= ~(u64)DR7_GD;
    cpu_debug_changed(cpu);
}

/* DR4 and DR5 name DR6 and DR7, unless CR4.DE says #UD; with GD set every access is a #DB. */
static int register_need(struct cpu *cpu, int n)
{
    if (n == 4 || n == 5) {
        if (cpu->s.cr4 & CR4_DE)
            cpu_raise_ud(cpu, "DR4 and DR5 do not exist with CR4.DE");
        n += 2;
    }
    if (cpu->s.dr[7] & DR7_GD) {
        cpu->s.dr[6] |= DR6_BD;
        cpu_raise(cpu, EXC_DB, 1, "debug register touched with DR7.GD set", 0);
    }
    return n;
}

void op_mov_r_dr(struct cpu *cpu, const struct op *o)
{
    int n = register_need(cpu, o->dst);
    set_reg32(cpu, o->src, (u32)cpu->s.dr[n]);
}

void op_mov_dr_r(struct cpu *cpu, const struct op *o)
{
    int n = register_need(cpu, o->dst);
    u32 v = reg32(cpu, o->src);
    cpu->s.dr[n] = n == 6 ? dr6_fix(v) : n == 7 ? dr7_fix(v) : v;
    cpu_debug_changed(cpu);
}
