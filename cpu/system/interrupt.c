/* interrupt.c - delivery of interrupts and exceptions, and the software interrupts.
 * Follows: Intel SDM Vol. 2 "INT n/INTO/INT3/INT1"; Vol. 3A "Interrupt and Exception Handling", "8086 Emulation" (real-mode
 * table, virtual-8086 mode, the redirection bitmap of VME), "Masking Instruction Breakpoint Exceptions" (RF).
 * Here: real mode, V86, interrupt, trap and task gates. Which exception to deliver is exception.c's question. */
#include "debug_registers.h"
#include "segment.h"
#include "system.h"
#include "../timing.h"
#include "interrupt.h"
#include "../engine/run.h"

const char *deliver_kind_name(enum deliver_kind kind)
{
    switch (kind) {
    case DELIVER_EXTERNAL: return "external";
    case DELIVER_NMI:      return "NMI";
    case DELIVER_FAULT:    return "fault";
    case DELIVER_TRAP:     return "trap";
    case DELIVER_INT_N:    return "INT n";
    case DELIVER_INT3:     return "INT3";
    case DELIVER_INTO:     return "INTO";
    case DELIVER_ICEBP:    return "INT1";
    default:               return "none";
    }
}

static bool by_software(enum deliver_kind kind)
{
    return kind == DELIVER_INT_N || kind == DELIVER_INT3 || kind == DELIVER_INTO;
}

/* EFLAGS as pushed. RF is set for faults, so that the instruction is tried again without hitting its breakpoint again. */
static u32 flags_image(const struct cpu *cpu, int vector, enum deliver_kind kind)
{
    u32 flags = cpu_eflags(cpu);
    if (kind == DELIVER_FAULT && vector != EXC_DF && vector != EXC_MC)
        flags |= FLAG_RF;
    if (by_software(kind) || kind == DELIVER_ICEBP)
        flags &= ~(u32)FLAG_RF;
    return flags;
}

/* Through a 4-byte vector: real mode at IDTR, V86 redirection at linear 0. */
static void deliver_vectored(struct cpu *cpu, u64 table, int vector, u32 flags_pushed, u32 flags_cleared)
{
    u32 entry = (u32)sys_ld(cpu, (u32)(table + (u32)vector * 4), 4);
    struct frame f;
    u64 mask = stack_mask(cpu), sp;
    frame_begin(&f, 2);
    frame_add(&f, flags_pushed);
    frame_add(&f, cpu->s.seg[CS].selector);
    frame_add(&f, cpu->s.rip);
    frame_probe(cpu, &f);
    code_check_real(cpu, entry & 0xffff);
    sp = frame_write(cpu, &f);
    stack_set(cpu, mask, sp);
    cpu_set_eflags(cpu, cpu_eflags(cpu) & ~flags_cleared);
    cpu->step_trap = 0;
    code_commit_real(cpu, (u16)(entry >> 16), entry & 0xffff);
}

static void deliver_real(struct cpu *cpu, int vector, enum deliver_kind kind)
{
    if ((u32)vector * 4 + 3 > cpu->s.idtr.limit)
        cpu_raise_gp(cpu, (u32)vector * 8 + 2, "vector is beyond the limit of the interrupt table");
    deliver_vectored(cpu, cpu->s.idtr.base, vector, flags_image(cpu, vector, kind),
                     FLAG_IF | FLAG_TF | FLAG_AC | FLAG_RF);
}

/* Errors of a gate name its place in the IDT: "Error Code", IDT flag. */
_Noreturn static void raise_idt(struct cpu *cpu, int exception, int vector, const char *why, u64 gate)
{
    cpu->about.what = FAULT_GATE;
    cpu_raise(cpu, exception, (u32)vector * 8 + 2, why, gate);
}

static u64 gate_need(struct cpu *cpu, int vector, enum deliver_kind kind)
{
    u64 gate;
    if ((u32)vector * 8 + 7 > cpu->s.idtr.limit)
        raise_idt(cpu, EXC_GP, vector, "vector is beyond the limit of the IDT", 0);
    gate = descriptor_seen(cpu, sys_ld(cpu, (u32)(cpu->s.idtr.base + (u32)vector * 8), 8));
    if (!raw_system(gate))
        raise_idt(cpu, EXC_GP, vector, "IDT entry is not a gate", gate);
    switch (raw_type(gate)) {
    case TYPE_TASK_GATE:
    case TYPE_INTERRUPT_GATE16: case TYPE_TRAP_GATE16:
    case TYPE_INTERRUPT_GATE32: case TYPE_TRAP_GATE32:
        break;
    default:
        raise_idt(cpu, EXC_GP, vector, "IDT entry is not an interrupt, trap or task gate", gate);
    }
    if (by_software(kind) && raw_dpl(gate) < cpu->s.cpl)
        raise_idt(cpu, EXC_GP, vector, "software interrupt through a gate whose DPL is below CPL", gate);
    if (!raw_present(gate))
        raise_idt(cpu, EXC_NP, vector, "gate in the IDT is not present", gate);
    return gate;
}

static void deliver_task(struct cpu *cpu, u64 gate, bool has_error, u32 error)
{
    task_switch_checked(cpu, gate_selector(gate), TASK_BY_INTERRUPT);
    if (has_error) {
        struct frame f;
        u64 mask = stack_mask(cpu);
        frame_begin(&f, cpu->s.tr.access & TYPE_32BIT ? 4 : 2);
        frame_add(&f, error);
        frame_probe(cpu, &f);
        stack_set(cpu, mask, frame_write(cpu, &f));
    }
}

static u16 handler_need(struct cpu *cpu, u64 gate, struct descriptor *d)
{
    u16 selector = gate_selector(gate);
    if (selector_null(selector))
        raise_null(cpu, EXC_GP, "null code selector in the gate");
    descriptor_need(cpu, selector, EXC_GP, d);
    if (!raw_code(d->raw))
        raise_selector(cpu, EXC_GP, selector, "gate leads to what is not a code segment", d->raw);
    if (raw_dpl(d->raw) > cpu->s.cpl)
        raise_selector(cpu, EXC_GP, selector, "gate leads to an outer ring", d->raw);
    if (!raw_present(d->raw))
        raise_selector(cpu, EXC_NP, selector, "code segment of the handler is not present", d->raw);
    if (v86_mode(cpu) && (raw_conforming(d->raw) || raw_dpl(d->raw) != 0))
        raise_selector(cpu, EXC_GP, selector, "handler for virtual-8086 mode is not in ring 0", d->raw);
    return selector;
}

static void frame_add_return(struct cpu *cpu, struct frame *f, u32 flags, bool has_error, u32 error)
{
    frame_add(f, flags);
    frame_add(f, cpu->s.seg[CS].selector);
    frame_add(f, cpu->s.rip);
    if (has_error)
        frame_add(f, error);
}

static void clear_handler_flags(struct cpu *cpu, u64 gate)
{
    u32 clear = FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM;
    if (!(raw_type(gate) & 1))                                  /* interrupt gates have even types */
        clear |= FLAG_IF;
    cpu_set_system_flags(cpu, (u32)cpu->s.eflags & ~clear);
}

/* To an inner ring, out of V86 mode too. */
static void deliver_inner(struct cpu *cpu, u64 gate, u16 selector, struct descriptor *d, struct frame *f, bool has_error,
                          u32 error, u32 flags)
{
    static const u8 v86_pushed[] = { GS, FS, DS, ES };
    int cpl = raw_dpl(d->raw);
    bool v86 = v86_mode(cpu);
    struct inner_stack st;
    inner_stack_load(cpu, &st, cpl);
    if (v86) {
        for (size_t k = 0; k < ARRAY_LEN(v86_pushed); k++)
            frame_add(f, cpu->s.seg[v86_pushed[k]].selector);
    }
    frame_add(f, cpu->s.seg[SS].selector);
    frame_add(f, cpu->s.gpr[ESP]);
    frame_add_return(cpu, f, flags, has_error, error);
    inner_stack_probe(cpu, &st, f);
    code_offset_need(cpu, d->raw, gate_offset(gate));
    descriptor_set_accessed(cpu, d);
    inner_stack_write(cpu, &st, f);

    cpu->s.cpl = (u8)cpl;
    clear_handler_flags(cpu, gate);
    inner_stack_commit(cpu, &st, cpl);
    if (v86) {
        for (size_t k = 0; k < ARRAY_LEN(v86_pushed); k++) {
            segment_fill_null(&cpu->s.seg[v86_pushed[k]], 0);
            cpu_segment_changed(cpu, v86_pushed[k]);
        }
    }
    code_commit(cpu, selector, d, cpl, gate_offset(gate));
}

static void deliver_gate(struct cpu *cpu, int vector, enum deliver_kind kind, u64 gate, bool has_error, u32 error)
{
    struct frame f;
    u32 flags = flags_image(cpu, vector, kind);
    struct descriptor d;
    u16 selector = handler_need(cpu, gate, &d);
    u64 mask, sp;

    frame_begin(&f, raw_type(gate) & TYPE_32BIT ? 4 : 2);
    if (!raw_conforming(d.raw) && raw_dpl(d.raw) < cpu->s.cpl) {
        deliver_inner(cpu, gate, selector, &d, &f, has_error, error, flags);
        return;
    }
    frame_add_return(cpu, &f, flags, has_error, error);
    frame_probe(cpu, &f);
    code_offset_need(cpu, d.raw, gate_offset(gate));
    descriptor_set_accessed(cpu, &d);
    mask = stack_mask(cpu);
    sp = frame_write(cpu, &f);
    stack_set(cpu, mask, sp);
    clear_handler_flags(cpu, gate);
    code_commit(cpu, selector, &d, cpu->s.cpl, gate_offset(gate));
}

/* Only what the processor raised itself is named an exception: an IRQ or INT n may have the same vector. */
static noinline void log_delivery(const struct cpu *cpu, int vector, enum deliver_kind kind, bool has_error, u32 error)
{
    bool exception = kind == DELIVER_FAULT || kind == DELIVER_TRAP;
    char code[24] = "", cr2[24] = "";
    if (has_error)
        snprintf(code, sizeof code, " error %x", error);
    if (exception && vector == EXC_PF)
        snprintf(cr2, sizeof cr2, " cr2 %08x", (u32)cpu->s.cr2);
    log_event(cpu->w.log, "int", "%s %02x%s%s%s at %04x:%08x cpl %d esp %08x eax %08x%s", deliver_kind_name(kind), (unsigned)vector,
              exception ? " " : "", exception ? exception_mnemonic(vector) : "", code, cpu->s.seg[CS].selector, (u32)cpu->s.rip,
              cpu->s.cpl, (u32)cpu->s.gpr[ESP], (u32)cpu->s.gpr[EAX], cr2);
}

void cpu_deliver(struct cpu *cpu, int vector, enum deliver_kind kind, bool has_error, u32 error)
{
    if (cpu->observers.of_kind[OBSERVE_INTERRUPT])
        observers_interrupt(cpu, vector, has_error, error, deliver_kind_name(kind));
    if (log_on(cpu->w.log, "int"))
        log_delivery(cpu, vector, kind, has_error, error);
    if (!by_software(kind) && kind != DELIVER_ICEBP)            /* a handler that faults at once must not run for ever in no time */
        cpu_spend(cpu, cpu->timing ? timing_of_event(cpu->timing) : 1);
    cpu->s.delivering = (u8)kind;
    cpu->s.delivering_vector = (u8)vector;
    if (real_mode(cpu)) {
        deliver_real(cpu, vector, kind);
    } else {
        u64 gate = gate_need(cpu, vector, kind);
        if (raw_type(gate) == TYPE_TASK_GATE)
            deliver_task(cpu, gate, has_error, error);
        else
            deliver_gate(cpu, vector, kind, gate, has_error, error);
    }
    if (vector == EXC_DB && (kind == DELIVER_FAULT || kind == DELIVER_TRAP))
        debug_delivered(cpu);
    if (kind == DELIVER_NMI)
        cpu->s.nmi_masked = 1;
    if (by_software(kind) || kind == DELIVER_ICEBP)
        cpu->step_trap = 0;                                     /* TF was cleared: the handler is not single-stepped */
    cpu->s.activity = ACTIVITY_RUN;
    cpu->s.shadow = 0;
    cpu->s.delivering = DELIVER_NONE;
    cpu->s.delivering_vector = 0;
    cpu->faults.count = 0;
}

/* The bit of the software interrupt redirection bitmap, the 32 bytes below the I/O permission bitmap. */
static bool redirection_bit(struct cpu *cpu, int vector)
{
    const struct segment *tr = &cpu->s.tr;
    u32 map;
    if (!(tr->access & TYPE_32BIT) || tr->limit < 0x67)
        cpu_raise_gp(cpu, 0, "no 32-bit TSS with an interrupt redirection bitmap");
    map = (u32)sys_ld(cpu, (u32)(tr->base + 0x66), 2);
    if (map < 32 || map - 32 + (u32)vector / 8 > tr->limit)
        cpu_raise_gp(cpu, 0, "interrupt redirection bitmap is beyond the limit of the TSS");
    return sys_ld(cpu, (u32)(tr->base + map - 32 + (u32)vector / 8), 1) >> (vector & 7) & 1;
}

/* "Software Interrupt Handling Methods While in Virtual-8086 Mode". */
static void int_n_v86(struct cpu *cpu, int vector)
{
    u32 flags = cpu_eflags(cpu);
    bool iopl3 = (flags & FLAG_IOPL) == FLAG_IOPL;
    if ((cpu->s.cr4 & CR4_VME) && !redirection_bit(cpu, vector)) {
        if (iopl3) {
            deliver_vectored(cpu, 0, vector, flags & ~(u32)FLAG_RF, FLAG_IF | FLAG_TF);
            return;
        }
        flags = (flags & ~(u32)(FLAG_IF | FLAG_RF)) | FLAG_IOPL | (flags & FLAG_VIF ? FLAG_IF : 0);
        deliver_vectored(cpu, 0, vector, flags, FLAG_VIF | FLAG_TF);
        return;
    }
    if (!iopl3)
        cpu_raise_gp(cpu, 0, "INT n in virtual-8086 mode with IOPL below 3");
    cpu_deliver(cpu, vector, DELIVER_INT_N, false, 0);
}

/* Outside protected mode INT 16h is the keyboard BIOS. */
static void note_poll(struct cpu *cpu, int vector)
{
    u8 function = reg8(cpu, EAX + 4 /* AH */) & 0xef;
    if (vector == 0x16 && function == 1 && !protected_mode(cpu) && cpu->w.poll)
        cpu->w.poll(cpu->w.clock, CPU_POLL_KEYBOARD, cpu->s.seg[CS].base + cpu->s.rip + (cpu->s.gpr[ESP] & 0xffff) * PAGE_SIZE);
}

void op_int_n(struct cpu *cpu, const struct op *o)
{
    note_poll(cpu, (int)(o->imm & 0xff));
    if (v86_mode(cpu))
        int_n_v86(cpu, (int)(o->imm & 0xff));
    else
        cpu_deliver(cpu, (int)(o->imm & 0xff), DELIVER_INT_N, false, 0);
}

void op_int3(struct cpu *cpu, const struct op *o)
{
    (void)o;
    cpu_deliver(cpu, EXC_BP, DELIVER_INT3, false, 0);
}

void op_into(struct cpu *cpu, const struct op *o)
{
    (void)o;
    if (cpu_eflags(cpu) & FLAG_OF)
        cpu_deliver(cpu, EXC_OF, DELIVER_INTO, false, 0);
}

void op_icebp(struct cpu *cpu, const struct op *o)
{
    (void)o;
    cpu_deliver(cpu, EXC_DB, DELIVER_ICEBP, false, 0);
}
