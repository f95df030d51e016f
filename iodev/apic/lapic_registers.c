/* lapic_registers.c - the local APIC's registers, in its page and as MSRs.
 * Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)": "Local APIC Register Address Map", "Local Vector Table",
 * "Error Handling", "x2APIC Register Address Space", "Reserved Bit Checking in x2APIC Mode".
 * Here: all of them. Accesses of less than 32 bits, which the manual leaves undefined, read a part and write nothing. Up to the
 * Pentium nobody tells of reserved registers. A processor's own accesses and DMA are not told apart. */
#include "lapic_parts.h"
#include "../../cpu/cpu.h"

enum { MSR_X2APIC = 0x800, MSR_TSC_DEADLINE = 0x6e0 };

static bool is_lvt(int reg) { return reg >= REG_LVT && reg <= REG_LVT_LAST; }

/* Is there such a register in the page? */
static bool exists(const struct lapic *l, int reg)
{
    if (is_lvt(reg))
        return lapic_has_lvt(l, reg - REG_LVT);
    if (reg == REG_RRD)
        return l->kind < LAPIC_X2;
    return reg == REG_ID || reg == REG_VERSION || (reg >= REG_TPR && reg <= REG_ESR) || reg == REG_ICR_LOW || reg == REG_ICR_HIGH
        || reg == REG_INITIAL || reg == REG_CURRENT || reg == REG_DIVIDE;
}

static u32 svr_bits(const struct lapic *l)
{
    return APIC_VECTOR | SVR_ENABLE | SVR_FOCUS | (l->kind == LAPIC_X2 ? SVR_NO_EOI_BROADCAST : 0);
}

/* The bits of an LVT entry that software writes. */
static u32 lvt_bits(const struct lapic *l, int n)
{
    switch (n) {
    case LVT_TIMER: return APIC_VECTOR | APIC_MASKED | TIMER_PERIODIC | (l->kind == LAPIC_X2 ? TIMER_DEADLINE : 0);
    case LVT_ERROR: return APIC_VECTOR | APIC_MASKED;
    case LVT_LINT0: case LVT_LINT1:
        return APIC_VECTOR | APIC_MODE | APIC_ACTIVE_LOW | APIC_LEVEL | APIC_MASKED;
    default:        return APIC_VECTOR | APIC_MODE | APIC_MASKED;
    }
}

static u32 id_shown(const struct lapic *l) { return lapic_is_x2(l) ? l->s.id : l->s.id << 24; }

static u32 reg_read(struct lapic *l, int reg)
{
    if (is_lvt(reg))
        return l->s.lvt[reg - REG_LVT];
    if (reg >= REG_ISR && reg < REG_ESR) {
        const u32 *set = reg < REG_TMR ? l->s.isr : reg < REG_IRR ? l->s.tmr : l->s.irr;
        return set[reg & 7];
    }
    switch (reg) {
    case REG_ID:       return id_shown(l);
    case REG_VERSION:  return lapic_version(l->kind);
    case REG_TPR:      return l->s.tpr;
    case REG_APR:      return lapic_apr(l);
    case REG_PPR:      return lapic_ppr(l);
    case REG_LDR:      return l->s.ldr;
    case REG_DFR:      return l->s.dfr;
    case REG_SVR:      return l->s.svr;
    case REG_ESR:      return l->s.esr;
    case REG_ICR_LOW:  return l->s.icr_low;
    case REG_ICR_HIGH: return l->s.icr_high;
    case REG_INITIAL:  return l->s.initial;
    case REG_CURRENT:  return lapic_timer_count(l);
    case REG_DIVIDE:   return l->s.divide;
    default:           return 0;                /* EOI is write-only; RRD: no remote read was asked for */
    }
}

/* Changing between counting and TSC-deadline disarms the timer. */
static void lvt_write(struct lapic *l, int n, u32 v)
{
    u32 *lvt = &l->s.lvt[n], keep = APIC_PENDING | APIC_REMOTE_IRR;
    v = (v & lvt_bits(l, n)) | (*lvt & keep);
    if (!(l->s.svr & SVR_ENABLE))
        v |= APIC_MASKED;
    if (n == LVT_TIMER) {
        lapic_timer_sync(l);
        if ((*lvt ^ v) & TIMER_DEADLINE)
            lapic_timer_stop(l);
        *lvt = v;
        lapic_timer_schedule(l);
        return;
    }
    if (n == LVT_LINT0 && !(v & APIC_LEVEL))
        v &= ~(u32)APIC_REMOTE_IRR;
    *lvt = v;
    if (n == LVT_LINT0 || n == LVT_LINT1)
        lapic_lint_look(l);
}

/* "Local APIC State After It Has Been Software Disabled": every entry is masked. */
static void svr_write(struct lapic *l, u32 v)
{
    l->s.svr = (v & svr_bits(l)) | (l->kind < LAPIC_X2 ? 0x0f : 0);     /* up to the P6 bits 0-3 are wired to 1 */
    if (v & SVR_ENABLE)
        return;
    lapic_timer_sync(l);
    for (int n = 0; n < LVTS; n++)
        l->s.lvt[n] |= APIC_MASKED;
    lapic_timer_schedule(l);
}

static void reg_write(struct lapic *l, int reg, u32 v)
{
    if (is_lvt(reg)) {
        lvt_write(l, reg - REG_LVT, v);
        return;
    }
    switch (reg) {
    case REG_ID:       l->s.id = l->kind < LAPIC_X2 ? v >> 24 & 15 : v >> 24; break;
    case REG_TPR:      l->s.tpr = v & 0xff; break;
    case REG_EOI:      lapic_eoi(l); return;
    case REG_LDR:      l->s.ldr = v & 0xff000000; break;
    case REG_DFR:      l->s.dfr = v | 0x0fffffff; break;
    case REG_SVR:      svr_write(l, v); break;
    case REG_ESR:      l->s.esr = l->s.errors, l->s.errors = 0; return;
    case REG_ICR_LOW:  l->s.icr_low = v & 0x000ccfff; lapic_send(l); return;
    case REG_ICR_HIGH: l->s.icr_high = lapic_is_x2(l) ? v : v & 0xff000000; return;
    case REG_INITIAL:  lapic_timer_start(l, v); return;
    case REG_DIVIDE:   lapic_timer_divide(l, v); return;
    default:           return;                  /* read-only */
    }
    lapic_update(l);
    if (reg != REG_TPR && l->w.ready)           /* it may be addressed now, or take what it refused */
        l->w.ready(l->w.to);
}

/* ---- the page ---- */

static bool find(struct lapic *l, u64 offset, int *reg)
{
    *reg = (int)(offset >> 4);
    if (*reg < REGS && (offset & 15) < 4 && exists(l, *reg))
        return true;
    if (l->kind >= LAPIC_P6)
        lapic_error(l, ESR_ADDRESS);
    return false;
}

u64 lapic_page_read(void *dev, u64 offset, int size)
{
    struct lapic *l = dev;
    int reg;
    (void)size;
    return find(l, offset, &reg) ? reg_read(l, reg) >> (8 * (offset & 3)) : 0;
}

void lapic_page_write(void *dev, u64 offset, u64 value, int size)
{
    struct lapic *l = dev;
    int reg;
    if (!find(l, offset, &reg))
        return;
    if (size == 4)
        reg_write(l, reg, (u32)value), dev_irq(dev, IRQ_REGISTERS, reg, (u32)value);
    else
        dev_log(&l->dev, "guest", "local APIC: a write of %d bits at %#x", 8 * size, (int)offset);
}

/* ---- the MSRs ---- */

bool lapic_msr_read(void *dev, u32 msr, u64 *v)
{
    struct lapic *l = dev;
    int reg = (int)(msr - MSR_X2APIC);
    if (msr == MSR_TSC_DEADLINE) {
        lapic_timer_sync(l);
        *v = l->s.deadline;
        return true;
    }
    if (reg >= REGS || !exists(l, reg) || reg == REG_APR || reg == REG_EOI || reg == REG_DFR || reg == REG_ICR_HIGH)
        return false;
    *v = reg_read(l, reg);
    if (reg == REG_ICR_LOW)
        *v |= (u64)l->s.icr_high << 32;
    return true;
}

/* Which bits a register takes, 0 for EOI and ESR; false: it takes nothing. */
static bool msr_bits(const struct lapic *l, int reg, u64 *bits)
{
    if (is_lvt(reg) && lapic_has_lvt(l, reg - REG_LVT)) {
        *bits = lvt_bits(l, reg - REG_LVT) | APIC_PENDING | (reg - REG_LVT == LVT_LINT0 ? APIC_REMOTE_IRR : 0);
        return true;
    }
    *bits = 0;
    switch (reg) {
    case REG_EOI: case REG_ESR: return true;
    case REG_TPR: case REG_SELF_IPI: *bits = 0xff; return true;
    case REG_SVR:      *bits = svr_bits(l); return true;
    case REG_ICR_LOW:  *bits = 0xffffffff000ccfff; return true;
    case REG_INITIAL:  *bits = 0xffffffff; return true;
    case REG_DIVIDE:   *bits = 0xb; return true;
    default:           return false;
    }
}

bool lapic_msr_write(void *dev, u32 msr, u64 v)
{
    struct lapic *l = dev;
    int reg = (int)(msr - MSR_X2APIC);
    u64 bits;
    if (msr == MSR_TSC_DEADLINE) {
        lapic_timer_set_deadline(l, v);
        return true;
    }
    if (!msr_bits(l, reg, &bits) || (v & ~bits))
        return false;
    if (reg == REG_SELF_IPI) {
        if (v < 16)
            lapic_error(l, ESR_SEND_VECTOR);
        else
            lapic_self(l, (u8)v);
        return true;
    }
    if (reg == REG_ICR_LOW)
        l->s.icr_high = (u32)(v >> 32);
    reg_write(l, reg, (u32)v);
    dev_irq(dev, IRQ_REGISTERS, reg, (u32)v);
    return true;
}
