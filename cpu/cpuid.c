/* cpuid.c - CPU models and the CPUID instruction.
 * Follows: Intel SDM Vol. 2 "CPUID"; Intel AP-485 "Processor Identification and the CPUID Instruction" (signatures, cache
 * descriptors).
 * Here: models up to the P6 family, and "max", which adds what Vitrine has of later ones. A feature bit is set only where the
 * feature is implemented. Not yet: SSE. */
#include "cpuid.h"
#include "system/system.h"

enum { ANY = SUBLEAF_ANY };
/* clang-format off */
const struct feature_info feature_list[FEATURE_COUNT] = {
#define TOLD(n, l, s, r, b) [FEATURE_##n] = { .name = #n, .leaf = l, .subleaf = s, .told = 1, .reg = CPUID_##r, .bit = b },
#define PLAIN(n) [FEATURE_##n] = { .name = #n },
    FEATURES(TOLD, PLAIN)
#undef TOLD
#undef PLAIN
};

#define HAS_386  FEATURE_286, FEATURE_386, FEATURE_FPU
#define HAS_486  HAS_386, FEATURE_486, FEATURE_CPUID, FEATURE_SMM
#define HAS_P5   HAS_486, FEATURE_586, FEATURE_TSC, FEATURE_MSR, FEATURE_CX8, FEATURE_VME, FEATURE_DE, FEATURE_PSE, FEATURE_MCE, FEATURE_APIC
#define HAS_P55C HAS_P5, FEATURE_MMX, FEATURE_RDPMC
#define HAS_P2   HAS_P55C, FEATURE_P6, FEATURE_PAE, FEATURE_PGE, FEATURE_MTRR, FEATURE_MCA, FEATURE_PAT, FEATURE_PSE36, FEATURE_SEP, \
                 FEATURE_CMOV, FEATURE_FXSR
/* Whoever uses the TSC deadline puts an MFENCE before it without asking for SSE2 (SDM Vol. 3A "TSC-Deadline Mode"). */
#define HAS_MAX  HAS_P2, FEATURE_NX, FEATURE_X2APIC, FEATURE_TSC_DEADLINE, FEATURE_FENCES
#define LIST(...) (const u16[]){ __VA_ARGS__, FEATURE_NONE }
/* clang-format on */

const struct cpu_model cpu_model_list[] = {
    { .name = "8086", .title = "Intel 8086", .vendor = "GenuineIntel", .features = LIST(FEATURE_NONE), .physical_bits = 20 },
    { .name = "286", .title = "Intel 80286", .vendor = "GenuineIntel", .features = LIST(FEATURE_286), .physical_bits = 24 },
    { .name = "386", .title = "Intel 386DX with 387", .vendor = "GenuineIntel", .signature = 0x0308,
      .features = LIST(HAS_386, FEATURE_TEST), .physical_bits = 32 },
    { .name = "486", .title = "Intel 486DX4 (with SMM)", .vendor = "GenuineIntel", .signature = 0x0480,
      .features = LIST(HAS_486, FEATURE_TEST), .max_leaf = 1, .physical_bits = 32 },
    { .name = "pentium", .title = "Intel Pentium (P54C)", .vendor = "GenuineIntel", .signature = 0x052c, .features = LIST(HAS_P5),
      .max_leaf = 1, .physical_bits = 32 },
    { .name = "pentium-mmx", .title = "Intel Pentium with MMX (P55C)", .vendor = "GenuineIntel", .signature = 0x0543,
      .features = LIST(HAS_P55C), .max_leaf = 1, .physical_bits = 32 },
    { .name = "p2", .title = "Intel Pentium II (Deschutes)", .vendor = "GenuineIntel", .signature = 0x0652,
      .features = LIST(HAS_P2), .max_leaf = 2, .leaf2 = { 0x03020101, 0, 0, 0x0c040843 }, .physical_bits = 36 },
    { .name = "max", .title = "everything that Vitrine implements (the default)", .vendor = "GenuineIntel",
      .brand = "Vitrine interpreting x86 processor", .signature = 0x06b1, .features = LIST(HAS_MAX), .max_leaf = 2,
      .max_extended = 0x80000008, .leaf2 = { 0x03020101, 0, 0, 0x0c040843 }, .physical_bits = 36 },
    { .name = "max-umip", .title = "the same with CR4.UMIP: SGDT, SIDT, SLDT, STR and SMSW trap in user mode, if the system wants it",
      .vendor = "GenuineIntel", .brand = "Vitrine interpreting x86 processor", .signature = 0x06b1,
      .features = LIST(HAS_MAX, FEATURE_UMIP), .max_leaf = 7, .max_extended = 0x80000008, .leaf2 = { 0x03020101, 0, 0, 0x0c040843 },
      .physical_bits = 36 },
    { .name = NULL }
};

const struct cpu_model *cpu_model_find(const char *name)
{
    for (const struct cpu_model *m = cpu_model_list; m->name; m++)
        if (!strcmp(m->name, name))
            return m;
    return NULL;
}

bool model_has(const struct cpu_model *model, enum feature f)
{
    for (const u16 *at = model->features; *at; at++)
        if (*at == f)
            return true;
    return false;
}

struct feature_set model_features(const struct cpu_model *model)
{
    struct feature_set set = { { 0 } };
    for (const u16 *at = model->features; *at; at++)
        feature_put(&set, (enum feature)*at, true);
    return set;
}

/* The model's features that a leaf tells of. */
static void feature_bits(const struct cpu_model *model, u32 leaf, u32 subleaf, u32 out[4])
{
    for (const u16 *at = model->features; *at; at++) {
        const struct feature_info *f = &feature_list[*at];
        if (f->told && f->leaf == leaf && (f->subleaf == SUBLEAF_ANY || (u32)f->subleaf == subleaf))
            out[f->reg] |= 1u << f->bit;
    }
}

static void brand_part(const char *brand, u32 part, u32 out[4])
{
    char text[48] = { 0 };
    size_t n = strlen(brand);
    memcpy(text, brand, n < sizeof text - 1 ? n : sizeof text - 1);
    for (u32 k = 0; k < 4; k++)
        out[k] = get32(text + part * 16 + k * 4);
}

void cpuid_leaf(const struct cpu_model *model, u32 leaf, u32 subleaf, u32 out[4])
{
    memset(out, 0, 16);
    if (leaf > model->max_leaf && !(model->max_extended && leaf >= 0x80000000 && leaf <= model->max_extended))
        leaf = model->max_leaf;                                 /* Intel: as the highest basic leaf */
    switch (leaf) {
    case 0:
        out[0] = model->max_leaf;
        out[1] = get32(model->vendor);
        out[3] = get32(model->vendor + 4);
        out[2] = get32(model->vendor + 8);
        break;
    case 1:
        out[0] = model->signature;
        break;
    case 2:
        memcpy(out, model->leaf2, 16);
        break;
    case 0x80000000:
        out[0] = model->max_extended;
        break;
    case 0x80000002: case 0x80000003: case 0x80000004:
        if (model->brand)
            brand_part(model->brand, leaf - 0x80000002, out);
        break;
    case 0x80000008:
        out[0] = 32u << 8 | model->physical_bits;
        break;
    default:
        break;
    }
    feature_bits(model, leaf, subleaf, out);
}

/* A leaf that is not there; asking for 80000000h is how one finds out, and a hypervisor's leaves are one place. */
static void log_leaf(const struct cpu *cpu, u32 leaf)
{
    const struct cpu_model *m = cpu->model;
    if (leaf <= m->max_leaf || leaf == 0x80000000 || (leaf > 0x80000000 && leaf <= m->max_extended) || !log_on(cpu->w.log, "unimp"))
        return;
    if (leaf >> 28 == 4)
        log_event_key(cpu->w.log, "unimp", 0x40000000, "CPUID leaf %08x: no hypervisor is here", leaf);
    else
        log_event_key(cpu->w.log, "unimp", leaf,
                      "CPUID leaf %08x, which this processor does not have (up to %x and %x): as leaf %x", leaf,
                      m->max_leaf, m->max_extended ? m->max_extended : 0, m->max_leaf);
}

void op_cpuid(struct cpu *cpu, const struct op *o)
{
    const struct feature_info *apic = &feature_list[FEATURE_APIC];
    u32 out[4];
    (void)o;
    u32 leaf = reg32(cpu, EAX);
    log_leaf(cpu, leaf);
    cpuid_leaf(cpu->model, leaf, reg32(cpu, ECX), out);
    if (leaf == apic->leaf && !apic_enabled(cpu))
        out[apic->reg] &= ~(1u << apic->bit);                   /* SDM Vol. 3A "Presence of the Local APIC" */
    set_reg32(cpu, EAX, out[CPUID_EAX]);
    set_reg32(cpu, EBX, out[CPUID_EBX]);
    set_reg32(cpu, ECX, out[CPUID_ECX]);
    set_reg32(cpu, EDX, out[CPUID_EDX]);
}
