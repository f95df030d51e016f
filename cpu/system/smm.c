/* smm.c - system management mode: SMI#, the state save map, RSM.
 * Follows: Intel SDM Vol. 3C "System Management Mode" ("SMRAM State Save Map", "SMI Handler Execution Environment",
 * "SMBASE Relocation", "Auto HALT Restart", "I/O Instruction Restart", "NMI Handling While in SMM").
 * Here: the 32-bit map with SMBASE relocation, auto-HALT and I/O instruction restart. The map's reserved part holds the hidden
 * state, so that a handler may copy a whole map away and resume from it later. */
#include "debug_registers.h"
#include "segment.h"
#include "system.h"
#include "../timing.h"
#include "../engine/run.h"

/* Offsets from SMBASE + 8000H. */
enum {
    MAP_CR0 = 0x7ffc, MAP_CR3 = 0x7ff8, MAP_EFLAGS = 0x7ff4, MAP_EIP = 0x7ff0, MAP_EDI = 0x7fec, MAP_EAX = 0x7fd0,
    MAP_DR6 = 0x7fcc, MAP_DR7 = 0x7fc8, MAP_TR = 0x7fc4, MAP_LDTR = 0x7fc0, MAP_GS = 0x7fbc, MAP_FS = 0x7fb8, MAP_DS = 0x7fb4,
    MAP_SS = 0x7fb0, MAP_CS = 0x7fac, MAP_ES = 0x7fa8, MAP_HALT = 0x7f02, MAP_IO_RESTART = 0x7f00, MAP_REVISION = 0x7efc,
    MAP_SMBASE = 0x7ef8,
    /* Ours, in the reserved part. */
    OWN_SEGMENTS = 0x7e00 /* 8 x base, limit, access */, OWN_GDTR = 0x7e60, OWN_IDTR = 0x7e68, OWN_CR4 = 0x7e70,
    OWN_EFER = 0x7e74, OWN_PDPTE = 0x7e78 /* 4 x 8 */, OWN_FLAGS = 0x7e98 /* CPL, shadow, T bit */,
    OWN_TRAPS = 0x7e9c /* for DR6, of traps that wait */,
    OWN_RESTART_EDI = 0x7f04, OWN_RESTART_ECX = 0x7f08, OWN_RESTART_ESI = 0x7f0c, OWN_RESTART_EIP = 0x7f10
};
enum { REVISION = 0x00030000 };                                 /* bit 17: SMBASE relocation; 16: I/O instruction restart */
enum { HALT_RESTART = 1, IO_RESTART = 0xff };
enum { WORK_MAP = 64 };                                         /* units, to write the map or read it: cpu_work */

static u64 map_address(const struct cpu *cpu, u32 at) { return (u32)(cpu->s.smbase + 0x8000u + at); }
static void put(struct cpu *cpu, u32 at, u64 v) { space_write(cpu->w.memory, map_address(cpu, at), (u32)v, 4); }
static u32 get(struct cpu *cpu, u32 at) { return (u32)space_read(cpu->w.memory, map_address(cpu, at), 4); }

static const u16 map_selector[] = { MAP_ES, MAP_CS, MAP_SS, MAP_DS, MAP_FS, MAP_GS, MAP_LDTR, MAP_TR };

static struct segment *segment_at(struct cpu *cpu, u32 k)
{
    return k < SEGMENTS ? &cpu->s.seg[k] : k == SEGMENTS ? &cpu->s.ldtr : &cpu->s.tr;
}

/* EIP, ECX, ESI and EDI as they were before the I/O instruction (or the iteration of it) that SMI# came with; otherwise as they
 * are. */
static void save_restart(struct cpu *cpu)
{
    const struct cpu_state *s = &cpu->s;
    u32 undo = s->io_undo & IO_VALID ? s->io_undo : 0, mask = undo & IO_ADDRESS32 ? 0xffffffff : 0xffff;
    u32 ecx = reg32(cpu, ECX), esi = reg32(cpu, ESI), edi = reg32(cpu, EDI), eip = (u32)s->rip;
    u32 step = s->eflags & FLAG_DF ? 0 - (undo & IO_SIZE) : undo & IO_SIZE;
    if (undo && !((undo & IO_REP) && (ecx & mask)))             /* else EIP is still at the repeated instruction */
        eip -= s->io_length;
    if (undo & IO_INS)
        edi = (edi & ~mask) | ((edi - step) & mask);
    if (undo & IO_OUTS)
        esi = (esi & ~mask) | ((esi - step) & mask);
    if (undo & IO_REP)
        ecx = (ecx & ~mask) | ((ecx + 1) & mask);
    put(cpu, OWN_RESTART_EIP, eip);
    put(cpu, OWN_RESTART_ECX, ecx);
    put(cpu, OWN_RESTART_ESI, esi);
    put(cpu, OWN_RESTART_EDI, edi);
}

static void save(struct cpu *cpu)
{
    const struct cpu_state *s = &cpu->s;
    put(cpu, MAP_CR0, s->cr0);
    put(cpu, MAP_CR3, s->cr3);
    put(cpu, MAP_EFLAGS, cpu_eflags(cpu));
    put(cpu, MAP_EIP, s->rip);
    for (u32 k = 0; k < 8; k++)
        put(cpu, MAP_EAX + k * 4, s->gpr[k]);
    put(cpu, MAP_DR6, s->dr[6]);
    put(cpu, MAP_DR7, s->dr[7]);
    for (u32 k = 0; k < ARRAY_LEN(map_selector); k++) {
        const struct segment *seg = segment_at(cpu, k);
        put(cpu, map_selector[k], seg->selector);
        put(cpu, OWN_SEGMENTS + k * 12, seg->base);
        put(cpu, OWN_SEGMENTS + k * 12 + 4, seg->limit);
        put(cpu, OWN_SEGMENTS + k * 12 + 8, seg->access);
    }
    put(cpu, OWN_GDTR, s->gdtr.base);
    put(cpu, OWN_GDTR + 4, s->gdtr.limit);
    put(cpu, OWN_IDTR, s->idtr.base);
    put(cpu, OWN_IDTR + 4, s->idtr.limit);
    put(cpu, OWN_CR4, s->cr4);
    put(cpu, OWN_EFER, s->efer);
    for (u32 k = 0; k < 4; k++) {
        put(cpu, OWN_PDPTE + k * 8, s->pdpte[k]);
        put(cpu, OWN_PDPTE + k * 8 + 4, s->pdpte[k] >> 32);
    }
    put(cpu, OWN_FLAGS, s->cpl | (u32)s->shadow << 16 | (u32)s->debug_trap << 24);
    put(cpu, OWN_TRAPS, cpu->dr6_pending | (cpu->step_trap ? DR6_BS : 0));
    save_restart(cpu);
    put(cpu, MAP_IO_RESTART, s->activity == ACTIVITY_HALTED ? HALT_RESTART << 16 : 0);
    put(cpu, MAP_REVISION, REVISION);
    put(cpu, MAP_SMBASE, s->smbase);
}

static void environment_segment(struct segment *seg, u16 selector, u64 base)
{
    seg->base = base;
    seg->limit = 0xffffffff;
    seg->selector = selector;
    seg->access = SEG_P | SEG_S | SEG_RW | SEG_ACCESSED | SEG_G;
}

void smm_enter(struct cpu *cpu)
{
    struct cpu_state *s = &cpu->s;
    if (log_on(cpu->w.log, "smm"))
        log_event(cpu->w.log, "smm", "SMI at %04x:%08x, SMBASE %08x", s->seg[CS].selector, (u32)s->rip, s->smbase);
    tell_change(cpu, CHANGE_SMI, 0, 0, 0);
    cpu_spend(cpu, cpu->timing ? timing_of_event(cpu->timing) : 1);
    cpu_work(cpu, WORK_MAP);
    s->smi_pending = 0;
    s->smm = 1;
    line_set(&cpu->out.smiact, true);                           /* from here on SMRAM is there */
    save(cpu);
    s->cpl = 0;
    cpu_set_eflags(cpu, FLAG_1);
    for (int k = 0; k < SEGMENTS; k++)
        environment_segment(&s->seg[k], 0, 0);
    environment_segment(&s->seg[CS], (u16)(s->smbase >> 4), s->smbase);
    s->rip = 0x8000;
    s->cr0 &= ~(u64)(CR0_PE | CR0_EM | CR0_TS | CR0_PG);
    s->cr4 = s->efer = 0;
    debug_disarm(cpu);
    s->nmi_masked = 1;
    s->shadow = s->debug_trap = s->io_undo = s->io_length = 0;
    cpu->dr6_pending = cpu->step_trap = 0;
    s->activity = ACTIVITY_RUN;
    tlb_flush(cpu, false);
    for (int k = 0; k < SEGMENTS; k++)
        cpu_segment_changed(cpu, k);
    cpu_debug_changed(cpu);
    cpu_mode_changed(cpu);
}

/* "Exiting From SMM": a map that cannot be resumed leads to shutdown. Why it cannot; NULL if it can. */
static const char *not_resumable(const struct cpu *cpu, u32 cr0, u32 cr4)
{
    if (cr4 & ~cr4_allowed(cpu))
        return "RSM: the state save map has a reserved bit of CR4 set";
    if (!cr0_refused(cr0))
        return NULL;
    return cr0 & CR0_PG && !(cr0 & CR0_PE) ? "RSM: CR0 in the state save map has PG set with PE clear"
                                           : "RSM: CR0 in the state save map has NW set with CD clear";
}

static void restart_io(struct cpu *cpu)
{
    cpu->s.rip = get(cpu, OWN_RESTART_EIP);
    set_reg32(cpu, ECX, get(cpu, OWN_RESTART_ECX));
    set_reg32(cpu, ESI, get(cpu, OWN_RESTART_ESI));
    set_reg32(cpu, EDI, get(cpu, OWN_RESTART_EDI));
}

static void restore(struct cpu *cpu, u32 cr0, u32 cr4)
{
    struct cpu_state *s = &cpu->s;
    u32 flags = get(cpu, OWN_FLAGS), eflags = get(cpu, MAP_EFLAGS);
    for (u32 k = 0; k < 8; k++)
        set_reg32(cpu, (int)k, get(cpu, MAP_EAX + k * 4));
    s->rip = get(cpu, MAP_EIP);
    if ((get(cpu, MAP_IO_RESTART) & 0xffff) == IO_RESTART)
        restart_io(cpu);
    s->cr3 = get(cpu, MAP_CR3);
    s->dr[6] = dr6_fix(get(cpu, MAP_DR6));
    s->dr[7] = dr7_fix(get(cpu, MAP_DR7));
    for (u32 k = 0; k < ARRAY_LEN(map_selector); k++) {
        struct segment *seg = segment_at(cpu, k);
        seg->selector = (u16)get(cpu, map_selector[k]);
        seg->base = get(cpu, OWN_SEGMENTS + k * 12);
        seg->limit = get(cpu, OWN_SEGMENTS + k * 12 + 4);
        seg->access = get(cpu, OWN_SEGMENTS + k * 12 + 8) & 0xf0ff;
    }
    s->gdtr.base = get(cpu, OWN_GDTR);
    s->gdtr.limit = get(cpu, OWN_GDTR + 4) & 0xffff;
    s->idtr.base = get(cpu, OWN_IDTR);
    s->idtr.limit = get(cpu, OWN_IDTR + 4) & 0xffff;
    s->efer = get(cpu, OWN_EFER) & (cpu_has(cpu, FEATURE_NX) ? EFER_NXE : 0);
    for (u32 k = 0; k < 4; k++)
        s->pdpte[k] = get(cpu, OWN_PDPTE + k * 8) | (u64)get(cpu, OWN_PDPTE + k * 8 + 4) << 32;
    s->cr0 = cr0_fix(cpu, cr0);
    s->cr4 = cr4;
    s->cpl = flags & 3;
    s->nmi_masked = 0;          /* "NMI Handling While in SMM": that NMI was blocked before is not saved */
    cpu->dr6_pending = get(cpu, OWN_TRAPS) & (DR6_BS | DR6_HITS);
    s->shadow = flags >> 16 & 3;
    s->debug_trap = flags >> 24 & 1;
    if (!(cr0 & CR0_PE))
        eflags &= ~(u32)FLAG_VM;
    cpu_set_eflags(cpu, eflags);
}

void op_rsm(struct cpu *cpu, const struct op *o)
{
    struct cpu_state *s = &cpu->s;
    u32 cr0, cr4, smbase;
    bool halt;
    (void)o;
    if (!s->smm)
        cpu_raise_ud(cpu, "RSM outside system management mode");
    cr0 = get(cpu, MAP_CR0);
    cr4 = get(cpu, OWN_CR4);
    const char *why = not_resumable(cpu, cr0, cr4);
    if (why) {
        log_event(cpu->w.log, "guest", "shutdown: %s", why);
        cpu->faults.shutdown_why = why;
        s->activity = ACTIVITY_SHUTDOWN;
        return;
    }
    cpu_work(cpu, WORK_MAP);
    smbase = get(cpu, MAP_SMBASE);
    halt = get(cpu, MAP_IO_RESTART) >> 16 & HALT_RESTART;
    restore(cpu, cr0, cr4);
    s->activity = halt ? ACTIVITY_HALTED : ACTIVITY_RUN;
    s->smbase = smbase;
    s->smm = 0;
    line_set(&cpu->out.smiact, false);
    tlb_flush(cpu, false);
    for (int k = 0; k < SEGMENTS; k++)
        cpu_segment_changed(cpu, k);
    cpu_debug_changed(cpu);
    cpu_mode_changed(cpu);
    tell_change(cpu, CHANGE_RSM, 0, 0, 0);
    if (log_on(cpu->w.log, "smm"))
        log_event(cpu->w.log, "smm", "RSM to %04x:%08x, SMBASE %08x", s->seg[CS].selector, (u32)s->rip, s->smbase);
}
