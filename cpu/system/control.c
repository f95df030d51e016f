/* control.c - control registers.
 * Follows: Intel SDM Vol. 2 "MOV - Move to/from Control Registers", "LMSW", "SMSW",
 * "CLTS"; Vol. 3A "Control Registers", "Invalidation of TLBs".
 * Here: CR0, CR2-4 with the checks of each model. */
#include "segment.h"
#include "system.h"

u64 cr0_fix(const struct cpu *cpu, u64 v)
{
    u32 bits = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_PG;
    if (cpu_has(cpu, FEATURE_486))
        bits |= CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD;
    if (!cpu_has(cpu, FEATURE_386))
        return v & (CR0_PE | CR0_MP | CR0_EM | CR0_TS);         /* the 286's machine status word */
    return (v & bits) | CR0_ET;                                 /* ET is fixed: there is always a 387 or later */
}

u64 cr4_allowed(const struct cpu *cpu)
{
    static const struct { u8 feature; u16 bits; } list[] = {
        { FEATURE_VME, CR4_VME | CR4_PVI }, { FEATURE_TSC, CR4_TSD }, { FEATURE_DE, CR4_DE }, { FEATURE_PSE, CR4_PSE },
        { FEATURE_PAE, CR4_PAE }, { FEATURE_MCE, CR4_MCE }, { FEATURE_PGE, CR4_PGE }, { FEATURE_RDPMC, CR4_PCE },
        { FEATURE_FXSR, CR4_OSFXSR }, { FEATURE_UMIP, CR4_UMIP },
    };
    u64 bits = 0;
    for (size_t k = 0; k < ARRAY_LEN(list); k++)
        if (cpu_has(cpu, (enum feature)list[k].feature))
            bits |= list[k].bits;
    return bits;
}

static bool has_cr4(const struct cpu *cpu) { return cr4_allowed(cpu) != 0; }

const char *cr0_refused(u64 v)
{
    if ((v & CR0_PG) && !(v & CR0_PE))
        return "CR0.PG without CR0.PE";
    if ((v & CR0_NW) && !(v & CR0_CD))
        return "CR0.NW without CR0.CD";
    return NULL;
}

static const char *load_pdptes(struct cpu *cpu, u64 cr3)
{
    return paging_load_pdptes(cpu, cr3) ? NULL : "reserved bits set in a page-directory-pointer table entry";
}

const char *cr0_set(struct cpu *cpu, u64 v)
{
    u64 changed;
    const char *why;
    v = cr0_fix(cpu, v);
    changed = v ^ cpu->s.cr0;
    why = cr0_refused(v);
    if (!why && (v & CR0_PG) && (cpu->s.cr4 & CR4_PAE) && (changed & (CR0_PG | CR0_CD | CR0_NW)))
        why = load_pdptes(cpu, cpu->s.cr3);
    if (why)
        return why;
    cpu->s.cr0 = v;
    if (changed & (CR0_PE | CR0_PG | CR0_WP))
        tlb_flush(cpu, false);
    cpu_mode_changed(cpu);
    return NULL;
}

const char *cr3_set(struct cpu *cpu, u64 v)
{
    const char *why = (cpu->s.cr0 & CR0_PG) && (cpu->s.cr4 & CR4_PAE) ? load_pdptes(cpu, v) : NULL;
    if (why)
        return why;
    cpu->s.cr3 = v;
    tlb_flush(cpu, cpu->s.cr4 & CR4_PGE);
    return NULL;
}

const char *cr4_set(struct cpu *cpu, u64 v)
{
    u64 changed = v ^ cpu->s.cr4;
    const char *why = NULL;
    if (v & ~cr4_allowed(cpu))
        return "reserved bits of CR4 set";
    if ((cpu->s.cr0 & CR0_PG) && (v & CR4_PAE) && (changed & (CR4_PAE | CR4_PGE | CR4_PSE)))
        why = load_pdptes(cpu, cpu->s.cr3);
    if (why)
        return why;
    cpu->s.cr4 = v;
    if (changed & (CR4_PAE | CR4_PGE | CR4_PSE))
        tlb_flush(cpu, false);
    cpu_mode_changed(cpu);
    return NULL;
}

/* What a MOV that was refused raises. */
static void need(struct cpu *cpu, const char *why)
{
    if (why)
        cpu_raise_gp(cpu, 0, why);
}

static void log_cr4(struct cpu *cpu, u64 v)
{
    char names[64];
    u64 bad = v & ~cr4_allowed(cpu);
    if (!bad)
        return;
    register_bit_names(register_find("cr4"), bad, names, sizeof names);
    log_event_key(cpu->w.log, "unimp", bad, "MOV of %08x to CR4: this processor does not have the bits %08x (%s): #GP", (u32)v,
                  (u32)bad, names);
}

_Noreturn static void no_register(struct cpu *cpu, const char *what, int n)
{
    log_event_key(cpu->w.log, "unimp", n, "%s%d, which this processor does not have: #UD", what, n);
    cpu_raise_ud(cpu, "no such control register");
}

void op_mov_r_cr(struct cpu *cpu, const struct op *o)
{
    u64 v;
    switch (o->dst) {
    case 0: v = cpu->s.cr0; break;
    case 2: v = cpu->s.cr2; break;
    case 3: v = cpu->s.cr3; break;
    case 4:
        if (has_cr4(cpu)) {
            v = cpu->s.cr4;
            break;
        }
        /* fall through */
    default:
        no_register(cpu, "MOV from CR", o->dst);
    }
    set_reg32(cpu, o->src, (u32)v);
}

static u64 *control_register(struct cpu *cpu, int n)
{
    return n == 0 ? &cpu->s.cr0 : n == 2 ? &cpu->s.cr2 : n == 3 ? &cpu->s.cr3 : &cpu->s.cr4;
}

void op_mov_cr_r(struct cpu *cpu, const struct op *o)
{
    u32 v = reg32(cpu, o->src);
    u64 old = *control_register(cpu, o->dst);
    switch (o->dst) {
    case 0: need(cpu, cr0_set(cpu, v)); break;
    case 2: cpu->s.cr2 = v; break;
    case 3: need(cpu, cr3_set(cpu, v)); break;
    case 4:
        if (has_cr4(cpu)) {
            log_cr4(cpu, v);
            need(cpu, cr4_set(cpu, v));
            break;
        }
        /* fall through */
    default:
        no_register(cpu, "MOV to CR", o->dst);
    }
    tell_change(cpu, CHANGE_CR, o->dst, old, *control_register(cpu, o->dst));
}

/* LMSW can set PE and never clears it. */
void op_lmsw(struct cpu *cpu, const struct op *o)
{
    u64 v = rm_read(cpu, o, 2) & 0xf, old = cpu->s.cr0;
    need(cpu, cr0_set(cpu, (cpu->s.cr0 & ~(u64)(CR0_MP | CR0_EM | CR0_TS)) | v));
    tell_change(cpu, CHANGE_CR, 0, old, cpu->s.cr0);
}

void op_smsw(struct cpu *cpu, const struct op *o)
{
    int size = op_is_reg(o) ? op_bytes(o) : 2;
    umip_check(cpu);
    u64 undefined = cpu_has(cpu, FEATURE_386) ? 0 : 0xfff0;     /* a 286's other bits read as ones */
    rm_write(cpu, o, (cpu->s.cr0 | undefined) & mask_bytes(size), size);
}

void op_clts(struct cpu *cpu, const struct op *o)
{
    (void)o;
    u64 old = cpu->s.cr0;
    cpu->s.cr0 &= ~(u64)CR0_TS;
    cpu_mode_changed(cpu);
    tell_change(cpu, CHANGE_CR, 0, old, cpu->s.cr0);
}
