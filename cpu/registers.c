/* registers.c - the table of registers, and how each is read and set from outside.
 * Follows: Intel SDM Vol. 1 "Basic Execution Environment", Vol. 3A "System Architecture Overview", "Segment Registers"; Vol. 3B
 * "Debug Registers".
 * Here: 32-bit registers. Not yet: XMM, the MSRs beside EFER and SYSENTER's. */
#include "cpuid.h"
#include "mmu/access.h"
#include "system/debug_registers.h"
#include "system/segment.h"
#include "system/system.h"
#include <stdio.h>

/* ---- bits ---- */

/* clang-format off */
static const struct register_bit eflags_bits[] = {
    { FLAG_ID, "ID" }, { FLAG_VIP, "VIP" }, { FLAG_VIF, "VIF" }, { FLAG_AC, "AC" }, { FLAG_VM, "VM" }, { FLAG_RF, "RF" },
    { FLAG_NT, "NT" }, { FLAG_OF, "OF" }, { FLAG_DF, "DF" }, { FLAG_IF, "IF" }, { FLAG_TF, "TF" }, { FLAG_SF, "SF" },
    { FLAG_ZF, "ZF" }, { FLAG_AF, "AF" }, { FLAG_PF, "PF" }, { FLAG_CF, "CF" }, { 0, NULL }
};
static const struct register_bit cr0_bits[] = {
    { CR0_PG, "PG" }, { CR0_CD, "CD" }, { CR0_NW, "NW" }, { CR0_AM, "AM" }, { CR0_WP, "WP" }, { CR0_NE, "NE" }, { CR0_ET, "ET" },
    { CR0_TS, "TS" }, { CR0_EM, "EM" }, { CR0_MP, "MP" }, { CR0_PE, "PE" }, { 0, NULL }
};
static const struct register_bit cr4_bits[] = {     /* those of later processors, too: programs ask for them */
    { 1 << 25, "UINTR" }, { 1 << 24, "PKS" }, { 1 << 23, "CET" }, { 1 << 22, "PKE" }, { 1 << 21, "SMAP" }, { 1 << 20, "SMEP" },
    { 1 << 19, "KL" }, { 1 << 18, "OSXSAVE" }, { 1 << 17, "PCIDE" }, { 1 << 16, "FSGSBASE" }, { 1 << 14, "SMXE" }, { 1 << 13, "VMXE" },
    { 1 << 12, "LA57" }, { CR4_UMIP, "UMIP" }, { CR4_OSXMMEXCPT, "OSXMMEXCPT" }, { CR4_OSFXSR, "OSFXSR" }, { CR4_PCE, "PCE" },
    { CR4_PGE, "PGE" }, { CR4_MCE, "MCE" }, { CR4_PAE, "PAE" }, { CR4_PSE, "PSE" }, { CR4_DE, "DE" }, { CR4_TSD, "TSD" },
    { CR4_PVI, "PVI" }, { CR4_VME, "VME" }, { 0, NULL }
};
static const struct register_bit cr3_bits[] = { { 1 << 4, "PCD" }, { 1 << 3, "PWT" }, { 0, NULL } };
static const struct register_bit efer_bits[] = { { EFER_NXE, "NXE" }, { 0, NULL } };
static const struct register_bit dr6_bits[] = {
    { DR6_BT, "BT" }, { DR6_BS, "BS" }, { DR6_BD, "BD" }, { 8, "B3" }, { 4, "B2" }, { 2, "B1" }, { 1, "B0" }, { 0, NULL }
};
static const struct register_bit dr7_bits[] = {
    { DR7_GD, "GD" }, { 1 << 9, "GE" }, { 1 << 8, "LE" }, { 1 << 7, "G3" }, { 1 << 6, "L3" }, { 1 << 5, "G2" }, { 1 << 4, "L2" },
    { 1 << 3, "G1" }, { 1 << 2, "L1" }, { 1 << 1, "G0" }, { 1 << 0, "L0" }, { 0, NULL }
};
static const struct register_bit fsw_bits[] = {
    { 1 << 15, "B" }, { 1 << 14, "C3" }, { 1 << 10, "C2" }, { 1 << 9, "C1" }, { 1 << 8, "C0" }, { 1 << 7, "ES" }, { 1 << 6, "SF" },
    { 1 << 5, "PE" }, { 1 << 4, "UE" }, { 1 << 3, "OE" }, { 1 << 2, "ZE" }, { 1 << 1, "DE" }, { 1 << 0, "IE" }, { 0, NULL }
};
static const struct register_bit fcw_bits[] = {
    { 1 << 5, "PM" }, { 1 << 4, "UM" }, { 1 << 3, "OM" }, { 1 << 2, "ZM" }, { 1 << 1, "DM" }, { 1 << 0, "IM" }, { 0, NULL }
};
/* clang-format on */

static u64 eflags_wrong(const struct cpu *cpu, u64 v) { return v ^ ((v & eflags_allowed(cpu)) | eflags_fixed(cpu)); }
static u64 cr0_wrong(const struct cpu *cpu, u64 v)    { return v ^ cr0_fix(cpu, v); }
static u64 cr4_wrong(const struct cpu *cpu, u64 v)    { return v & ~cr4_allowed(cpu); }
static u64 efer_wrong(const struct cpu *cpu, u64 v)   { return v & ~(u64)(cpu_has(cpu, FEATURE_NX) ? EFER_NXE : 0); }
static u64 dr6_wrong(const struct cpu *cpu, u64 v)    { (void)cpu; return v ^ dr6_fix(v); }
static u64 dr7_wrong(const struct cpu *cpu, u64 v)    { (void)cpu; return v ^ dr7_fix(v); }
static u64 pdpte_wrong(const struct cpu *cpu, u64 v)  { (void)cpu; return paging_pdpte_reserved(v); }
static u64 access_wrong(const struct cpu *cpu, u64 v) { (void)cpu; return v & 0x0f00; }

/* ---- setting ---- */

static const char *set_eip(struct cpu *cpu, int n, u64 v)
{
    (void)n;
    if (v > cpu->s.seg[CS].limit)
        return "it lies beyond the limit of CS";
    cpu->s.rip = v;
    return NULL;
}

/* Bits 16 and up stay where the name is FLAGS. */
static const char *set_eflags(struct cpu *cpu, int n, u64 v)
{
    (void)n;
    if ((v & FLAG_VM) && !(cpu->s.cr0 & CR0_PE))
        return "VM needs CR0.PE";
    if (v & FLAG_VM)
        cpu->s.cpl = 3;
    cpu_set_eflags(cpu, (u32)v);
    cpu_mode_changed(cpu);
    return NULL;
}
static const char *set_flags(struct cpu *cpu, int n, u64 v)
{
    return set_eflags(cpu, n, (cpu_eflags(cpu) & 0xffff0000) | v);
}

/* As MOV, and RSM where it leaves protected mode at a CPL other than 0. */
static const char *set_cr0_outside(struct cpu *cpu, int n, u64 v)
{
    (void)n;
    if (!(v & CR0_PE) && v86_mode(cpu))
        return "PE is needed while EFLAGS.VM is set";
    const char *why = cr0_set(cpu, v);
    if (!why && !(v & CR0_PE)) {
        cpu->s.cpl = 0;
        cpu_mode_changed(cpu);
    }
    return why;
}
static const char *set_cr3_outside(struct cpu *cpu, int n, u64 v) { (void)n; return cr3_set(cpu, v); }
static const char *set_cr4_outside(struct cpu *cpu, int n, u64 v) { (void)n; return cr4_set(cpu, v); }

static const char *set_pdpte(struct cpu *cpu, int n, u64 v)
{
    cpu->s.pdpte[n] = v;
    tlb_flush(cpu, false);
    return NULL;
}

static const char *set_efer(struct cpu *cpu, int n, u64 v)
{
    (void)n;
    cpu->s.efer = v;
    tlb_flush(cpu, false);
    return NULL;
}

static const char *set_dr(struct cpu *cpu, int n, u64 v)
{
    cpu->s.dr[n] = v;
    cpu_debug_changed(cpu);
    return NULL;
}

static struct segment *segment_at(struct cpu *cpu, int n)
{
    return n == SEGMENT_TR ? &cpu->s.tr : n == SEGMENT_LDTR ? &cpu->s.ldtr : &cpu->s.seg[n];
}

static void segment_changed(struct cpu *cpu, int n)
{
    if (n < SEGMENTS)
        cpu_segment_changed(cpu, n);
}

static const char *set_selector(struct cpu *cpu, int n, u64 v)
{
    struct segment *s = segment_at(cpu, n);
    u16 selector = (u16)v;
    u64 raw = 0;
    if (n < SEGMENTS && !protected_mode(cpu)) {
        if (v86_mode(cpu))
            segment_fill_v86(s, selector);
        else
            segment_fill_real(s, selector);
    } else if (selector_null(selector)) {
        if (n == CS || n == SS || n == SEGMENT_TR)
            return "a null selector may not be loaded there";
        segment_fill_null(s, selector);
    } else {
        const char *why = cpu_descriptor(cpu, selector, &raw) ? segment_refused(cpu, n, selector, raw)
                                                               : "the selector leads to no descriptor that can be read";
        if (why)
            return why;
        segment_fill(s, selector, raw | (u64)(raw_system(raw) ? n == SEGMENT_TR ? TYPE_BUSY : 0 : SEG_ACCESSED) << 40);
    }
    segment_changed(cpu, n);
    return NULL;
}

static const char *set_base(struct cpu *cpu, int n, u64 v)
{
    segment_at(cpu, n)->base = v;
    segment_changed(cpu, n);
    return NULL;
}
static const char *set_limit(struct cpu *cpu, int n, u64 v)
{
    segment_at(cpu, n)->limit = (u32)v;
    segment_changed(cpu, n);
    return NULL;
}
static const char *set_access(struct cpu *cpu, int n, u64 v)
{
    segment_at(cpu, n)->access = (u16)v;
    segment_changed(cpu, n);
    return NULL;
}

/* ---- the table ---- */

/* Macros because a row names a member. */
#define AT(member) .offset = offsetof(struct cpu_state, member), .stored = sizeof(((struct cpu_state *)0)->member)
#define GENERAL(r, low16, i) \
    { .name = r, .group = REGISTERS_GENERAL, .bytes = 4, AT(gpr[i]) }, \
    { .name = low16, .group = REGISTERS_GENERAL, .flags = REGISTER_PART, .bytes = 2, AT(gpr[i]) }
#define BYTES(low, high, i) \
    { .name = low, .group = REGISTERS_GENERAL, .flags = REGISTER_PART, .bytes = 1, AT(gpr[i]) }, \
    { .name = high, .group = REGISTERS_GENERAL, .flags = REGISTER_PART, .bytes = 1, .shift = 8, AT(gpr[i]) }
#define HIDDEN(text, member, i) \
    { .name = text ".base", .group = REGISTERS_HIDDEN, .bytes = 4, AT(member.base), .n = i, .set = set_base }, \
    { .name = text ".limit", .group = REGISTERS_HIDDEN, .bytes = 4, AT(member.limit), .n = i, .set = set_limit }, \
    { .name = text ".access", .group = REGISTERS_HIDDEN, .bytes = 2, AT(member.access), .n = i, .wrong = access_wrong, \
      .set = set_access }
#define SEGMENT(text, member, i) \
    { .name = text, .group = REGISTERS_SEGMENT, .bytes = 2, AT(member.selector), .n = i, .set = set_selector }, HIDDEN(text, member, i)
#define TABLE(text, member) \
    { .name = text ".base", .group = REGISTERS_TABLE, .bytes = 4, AT(member.base) }, \
    { .name = text ".limit", .group = REGISTERS_TABLE, .bytes = 2, AT(member.limit) }
#define PLAIN(text, of, size, member) { .name = text, .group = of, .bytes = size, AT(member) }
#define FIXED(text, member) { .name = text, .group = REGISTERS_SYSTEM, .flags = REGISTER_READ_ONLY, .bytes = 1, AT(member) }
#define PDPTE(i) \
    { .name = "pdpte" #i, .group = REGISTERS_CONTROL, .bytes = 8, AT(pdpte[i]), .n = i, .wrong = pdpte_wrong, .set = set_pdpte }
#define DEBUG(text, i) { .name = text, .group = REGISTERS_DEBUG, .bytes = 4, AT(dr[i]), .n = i, .set = set_dr }
#define STACK(i) { .name = "st" #i, .group = REGISTERS_X87, .bytes = 10, .stored = sizeof(struct f80), .n = i }
#define MMX(i) { .name = "mm" #i, .group = REGISTERS_MMX, .bytes = 8, AT(x87.st[i].significand) }

/* clang-format off */
const struct cpu_register cpu_registers[] = {
    GENERAL("eax", "ax", EAX), GENERAL("ebx", "bx", EBX), GENERAL("ecx", "cx", ECX), GENERAL("edx", "dx", EDX),
    GENERAL("esi", "si", ESI), GENERAL("edi", "di", EDI), GENERAL("ebp", "bp", EBP), GENERAL("esp", "sp", ESP),
    BYTES("al", "ah", EAX), BYTES("bl", "bh", EBX), BYTES("cl", "ch", ECX), BYTES("dl", "dh", EDX),
    { .name = "eip", .group = REGISTERS_GENERAL, .bytes = 4, AT(rip), .set = set_eip },
    { .name = "ip", .group = REGISTERS_GENERAL, .flags = REGISTER_PART, .bytes = 2, AT(rip), .set = set_eip },
    { .name = "eflags", .group = REGISTERS_GENERAL, .bytes = 4, AT(eflags), .bits = eflags_bits, .wrong = eflags_wrong, .set = set_eflags },
    { .name = "flags", .group = REGISTERS_GENERAL, .flags = REGISTER_PART, .bytes = 2, AT(eflags), .bits = eflags_bits,
      .wrong = eflags_wrong, .set = set_flags },
    SEGMENT("cs", seg[CS], CS), SEGMENT("ss", seg[SS], SS), SEGMENT("ds", seg[DS], DS), SEGMENT("es", seg[ES], ES),
    SEGMENT("fs", seg[FS], FS), SEGMENT("gs", seg[GS], GS), SEGMENT("ldtr", ldtr, SEGMENT_LDTR), SEGMENT("tr", tr, SEGMENT_TR),
    TABLE("gdtr", gdtr), TABLE("idtr", idtr),
    { .name = "cr0", .group = REGISTERS_CONTROL, .bytes = 4, AT(cr0), .bits = cr0_bits, .wrong = cr0_wrong, .set = set_cr0_outside },
    PLAIN("cr2", REGISTERS_CONTROL, 4, cr2),
    { .name = "cr3", .group = REGISTERS_CONTROL, .bytes = 4, AT(cr3), .bits = cr3_bits, .set = set_cr3_outside },
    { .name = "cr4", .group = REGISTERS_CONTROL, .bytes = 4, AT(cr4), .bits = cr4_bits, .wrong = cr4_wrong, .set = set_cr4_outside },
    { .name = "efer", .group = REGISTERS_CONTROL, .bytes = 8, AT(efer), .bits = efer_bits, .wrong = efer_wrong, .set = set_efer },
    PDPTE(0), PDPTE(1), PDPTE(2), PDPTE(3),
    DEBUG("dr0", 0), DEBUG("dr1", 1), DEBUG("dr2", 2), DEBUG("dr3", 3),
    { .name = "dr6", .group = REGISTERS_DEBUG, .bytes = 4, AT(dr[6]), .n = 6, .bits = dr6_bits, .wrong = dr6_wrong, .set = set_dr },
    { .name = "dr7", .group = REGISTERS_DEBUG, .bytes = 4, AT(dr[7]), .n = 7, .bits = dr7_bits, .wrong = dr7_wrong, .set = set_dr },
    PLAIN("sysenter_cs", REGISTERS_SYSTEM, 4, sysenter_cs), PLAIN("sysenter_esp", REGISTERS_SYSTEM, 4, sysenter_esp),
    PLAIN("sysenter_eip", REGISTERS_SYSTEM, 4, sysenter_eip), PLAIN("smbase", REGISTERS_SYSTEM, 4, smbase),
    FIXED("cpl", cpl), FIXED("smm", smm), FIXED("activity", activity), FIXED("a20", a20),
    FIXED("intr", intr), FIXED("nmi_pending", nmi_pending), FIXED("smi_pending", smi_pending),
    { .name = "fcw", .group = REGISTERS_X87, .bytes = 2, AT(x87.fcw), .bits = fcw_bits },
    { .name = "fsw", .group = REGISTERS_X87, .bytes = 2, AT(x87.fsw), .bits = fsw_bits },
    PLAIN("fop", REGISTERS_X87, 2, x87.fop), PLAIN("fcs", REGISTERS_X87, 2, x87.fcs), PLAIN("fip", REGISTERS_X87, 4, x87.fip),
    PLAIN("fds", REGISTERS_X87, 2, x87.fds), PLAIN("fdp", REGISTERS_X87, 4, x87.fdp),
    STACK(0), STACK(1), STACK(2), STACK(3), STACK(4), STACK(5), STACK(6), STACK(7),
    MMX(0), MMX(1), MMX(2), MMX(3), MMX(4), MMX(5), MMX(6), MMX(7),
    { .name = NULL }
};
/* clang-format on */

/* ---- by name ---- */

const struct cpu_register *register_find(const char *name)
{
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        size_t k = 0;
        while (r->name[k] && to_lower(name[k]) == r->name[k])
            k++;
        if (!r->name[k] && !name[k])
            return r;
    }
    return NULL;
}

/* ST(i) lies where TOP says. */
static u32 offset_of(const struct cpu *cpu, const struct cpu_register *r)
{
    if (r->stored != sizeof(struct f80))
        return r->offset;
    return (u32)offsetof(struct cpu_state, x87.st) + (u32)(((cpu->s.x87.fsw >> 11) + r->n) & 7) * (u32)sizeof(struct f80);
}

static u64 stored(const struct cpu *cpu, const struct cpu_register *r)
{
    u32 offset = offset_of(cpu, r);
    const u8 *at = (const u8 *)&cpu->s + offset;
    if (offset == offsetof(struct cpu_state, eflags))       /* these two may stand elsewhere while an instruction is under way */
        return cpu_eflags(cpu);
    if (offset == offsetof(struct cpu_state, rip))
        return cpu_eip(cpu);
    switch (r->stored) {
    case 1: return *at;
    case 2: return *(const u16 *)(const void *)at;
    case 4: return *(const u32 *)(const void *)at;
    default: return *(const u64 *)(const void *)at;
    }
}

static void store(struct cpu *cpu, const struct cpu_register *r, u64 v)
{
    u8 *at = (u8 *)&cpu->s + offset_of(cpu, r);
    switch (r->stored) {
    case 1: *at = (u8)v; break;
    case 2: *(u16 *)(void *)at = (u16)v; break;
    case 4: *(u32 *)(void *)at = (u32)v; break;
    default: *(u64 *)(void *)at = v; break;
    }
}

u64 register_value(const struct cpu *cpu, const struct cpu_register *r)
{
    return stored(cpu, r) >> r->shift & mask_bytes(r->bytes < 8 ? r->bytes : 8);
}

void register_bytes(const struct cpu *cpu, const struct cpu_register *r, u8 *out)
{
    u8 bytes[8];
    put64(bytes, register_value(cpu, r));
    memcpy(out, bytes, r->bytes < 8 ? r->bytes : 8);
    if (r->bytes == 10)
        put16(out + 8, ((const struct f80 *)(const void *)((const u8 *)&cpu->s + offset_of(cpu, r)))->se);
}

u64 cpu_get(const struct cpu *cpu, const char *name)
{
    const struct cpu_register *r = register_find(name);
    assert(r);
    return register_value(cpu, r);
}

void register_bit_names(const struct cpu_register *r, u64 v, char *text, size_t n)
{
    size_t length = 0;
    text[0] = 0;
    for (const struct register_bit *b = r->bits; b && b->name && length < n; b++) {
        if (v & b->bit)
            length += (size_t)snprintf(text + length, n - length, "%s%s", length ? " " : "", b->name);
        v &= ~b->bit;
    }
    if (v && length < n)
        snprintf(text + length, n - length, "%sreserved", length ? " " : "");
}

/* Unsigned, or negative and sign-extended from that size. */
static bool fits(u64 v, int bytes)
{
    u64 mask = mask_bytes(bytes);
    return !(v & ~mask) || (v | mask >> 1) == ~0ull;
}

bool register_set(struct cpu *cpu, const struct cpu_register *r, u64 v, char *why, size_t n)
{
    char names[80];
    const char *refused;
    if (r->flags & REGISTER_READ_ONLY || r->bytes > 8) {
        snprintf(why, n, "%s cannot be set", r->name);
        return false;
    }
    if (!fits(v, r->bytes)) {
        snprintf(why, n, "%s has %d bits: 0x%llx does not fit", r->name, 8 * r->bytes, (unsigned long long)v);
        return false;
    }
    v &= mask_bytes(r->bytes);
    u64 wrong = r->wrong ? r->wrong(cpu, v) : 0;
    if (wrong) {
        register_bit_names(r, wrong, names, sizeof names);
        snprintf(why, n, "%s of 0x%llx: the bits 0x%llx (%s) cannot be so on this processor", r->name, (unsigned long long)v,
                 (unsigned long long)wrong, names);
        return false;
    }
    if (!r->set) {
        u64 mask = mask_bytes(r->bytes) << r->shift;
        store(cpu, r, (stored(cpu, r) & ~mask) | v << r->shift);
        return true;
    }
    refused = r->set(cpu, r->n, v);
    if (refused)
        snprintf(why, n, "%s of 0x%llx: %s", r->name, (unsigned long long)v, refused);
    return !refused;
}

bool register_set_bytes(struct cpu *cpu, const struct cpu_register *r, const u8 *bytes, char *why, size_t n)
{
    u8 all[8] = { 0 };
    if (r->bytes == 10) {
        struct f80 *st = (struct f80 *)(void *)((u8 *)&cpu->s + offset_of(cpu, r));
        st->significand = get64(bytes);
        st->se = get16(bytes + 8);
        return true;
    }
    memcpy(all, bytes, r->bytes);
    return register_set(cpu, r, get64(all), why, n);
}

void x87_set_empty(struct cpu *cpu, u8 empty) { cpu->s.x87.empty = empty; }
