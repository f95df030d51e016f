/* frame.c - PUSHA, POPA, ENTER, BOUND, POP to memory: SDM Vol. 2, each one's Operation section. */
#include "../mmu/access.h"
#include "integer.h"

/* All eight are probed before the first is written. "Real-Address Mode Exceptions": where a word would lie across the end of the
 * segment and there is still room for a frame, #GP and not #SS. */
void op_pusha(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP], at = sp, top = sp & mask;
    if (!protected_mode(cpu) && (top & 1) && top >= 7 && top <= 15)
        cpu_raise_gp(cpu, 0, "PUSHA across the end of the stack segment");
    for (int n = EAX; n <= EDI; n++)
        probe_write(cpu, SS, (sp - (u64)((n + 1) * size)) & mask, (u32)size);
    for (int n = EAX; n <= EDI; n++) {
        at = (at - (u64)size) & mask;
        st_size(cpu, SS, at, n == ESP ? sp : cpu->s.gpr[n], size);
    }
    set_sp(cpu, at);
}

void op_popa(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 mask = stack_mask(cpu), sp = cpu->s.gpr[ESP], v[8];
    for (int n = EDI; n >= EAX; n--, sp += (u64)size)
        v[n] = n == ESP ? 0 : ld_size(cpu, SS, sp & mask, size);
    for (int n = EAX; n <= EDI; n++)
        if (n != ESP)
            set_reg_size(cpu, n, v[n], size);
    set_sp(cpu, sp);
}

void op_enter(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o), level = (int)(o->imm >> 16) & 31;
    u64 mask = stack_mask(cpu), sp = (cpu->s.gpr[ESP] - (u64)size) & mask, bp = cpu->s.gpr[EBP], frame = sp;
    for (int k = 1; k < level; k++)                         /* all that can fault */
        ld_size(cpu, SS, (bp - (u64)(k * size)) & mask, size);
    for (int k = 0; k <= level; k++)
        probe_write(cpu, SS, (frame - (u64)(k * size)) & mask, (u32)size);
    u64 end = (frame - (u64)(level * size) - (o->imm & 0xffff)) & mask;
    probe_write(cpu, SS, end, 1);           /* "the new stack pointer must be writable": SDM, #PF and #SS conditions */
    st_size(cpu, SS, sp, bp, size);
    for (int k = 1; k < level; k++) {                       /* one by one: the old frame may lie in what is pushed */
        sp = (sp - (u64)size) & mask;
        st_size(cpu, SS, sp, ld_size(cpu, SS, (bp - (u64)(k * size)) & mask, size), size);
    }
    frame |= cpu->s.gpr[ESP] & 0xffffffff & ~mask;          /* all of ESP on a 16-bit stack: processors (lock-step) */
    if (level)
        st_size(cpu, SS, (sp - (u64)size) & mask, frame & mask_bytes(size), size);
    set_reg_size(cpu, EBP, frame, size);
    set_sp(cpu, end);
}

void op_bound(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 at = op_ea(cpu, o);
    u64 next = (at + (u64)size) & mask_bytes(op_address_bytes(o));
    u64 low = ld_size(cpu, op_seg(o), at, size), high = ld_size(cpu, op_seg(o), next, size), v = reg_size(cpu, o->dst, size);
    i64 l = size == 2 ? (i16)low : (i32)low, h = size == 2 ? (i16)high : (i32)high, n = size == 2 ? (i16)v : (i32)v;
    if (n < l || n > h)
        cpu_raise(cpu, EXC_BR, 0, "index outside the bounds", 0);
}

/* POP r/m: (E)SP moves before the address is computed, and comes back if the store faults. */
void op_pop_mem(struct cpu *cpu, const struct op *o)
{
    int size = op_bytes(o);
    u64 sp = cpu->s.gpr[ESP], v = ld_size(cpu, SS, sp & stack_mask(cpu), size);
    set_sp(cpu, sp + (u64)size);
    if (op_is_reg(o)) {
        set_reg_size(cpu, o->src, v, size);
        return;
    }
    u64 at = op_ea(cpu, o), after = cpu->s.gpr[ESP];
    cpu->s.gpr[ESP] = sp;
    st_size(cpu, op_seg(o), at, v, size);
    cpu->s.gpr[ESP] = after;
}
