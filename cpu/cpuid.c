/* cpuid.c - CPU models and the CPUID instruction.
 * Follows: Intel SDM Vol. 2 "CPUID"; Intel AP-485 "Processor Identification and the CPUID Instruction" (signatures, cache
 * descriptors).
 * Here: models up to the P6 family, and "max", which adds what Vitrine has of later ones. A feature bit is set only where the
 * feature is implemented. Not yet: SSE. */
#include "cpuid.h"
#include "system/system.h"

#define HAS(feature) (1ull << FEATURE_##feature)
#define HAS_386  (HAS(286) | HAS(386) | HAS(FPU))
#define HAS_486  (HAS_386 | HAS(486) | HAS(CPUID) | HAS(SMM))
#define HAS_P5   (HAS_486 | HAS(586) | HAS(TSC) | HAS(MSR) | HAS(CX8) | HAS(VME) | HAS(DE) | HAS(PSE) | HAS(MCE) | HAS(APIC))
#define HAS_P55C (HAS_P5 | HAS(MMX) | HAS(RDPMC))
#define HAS_P2   (HAS_P55C | HAS(P6) | HAS(PAE) | HAS(PGE) | HAS(MTRR) | HAS(PAT) | HAS(PSE36) | HAS(SEP) | HAS(CMOV) | HAS(FXSR))
/* Whoever uses the TSC deadline puts an MFENCE before it without asking for SSE2 (SDM Vol. 3A "TSC-Deadline Mode"). */
#define HAS_MAX  (HAS_P2 | HAS(NX) | HAS(X2APIC) | HAS(TSC_DEADLINE) | HAS(FENCES))

const struct cpu_model cpu_model_list[] = {
    { .name = "8086", .title = "Intel 8086", .vendor = "GenuineIntel", .physical_bits = 20 },
    { .name = "286", .title = "Intel 80286", .vendor = "GenuineIntel", .features = HAS(286), .physical_bits = 24 },
    { .name = "386", .title = "Intel 386DX with 387", .vendor = "GenuineIntel", .signature = 0x0308,
      .features = HAS_386 | HAS(TEST), .physical_bits = 32 },
    { .name = "486", .title = "Intel 486DX4 (with SMM)", .vendor = "GenuineIntel", .signature = 0x0480, .features = HAS_486 | HAS(TEST),
      .max_leaf = 1, .physical_bits = 32 },
    { .name = "pentium", .title = "Intel Pentium (P54C)", .vendor = "GenuineIntel", .signature = 0x052c, .features = HAS_P5,
      .max_leaf = 1, .physical_bits = 32 },
    { .name = "pentium-mmx", .title = "Intel Pentium with MMX (P55C)", .vendor = "GenuineIntel", .signature = 0x0543,
      .features = HAS_P55C, .max_leaf = 1, .physical_bits = 32 },
    { .name = "p2", .title = "Intel Pentium II (Deschutes)", .vendor = "GenuineIntel", .signature = 0x0652,
      .features = HAS_P2, .max_leaf = 2, .leaf2 = { 0x03020101, 0, 0, 0x0c040843 }, .physical_bits = 36 },
    { .name = "max", .title = "everything that Vitrine implements (the default)", .vendor = "GenuineIntel",
      .brand = "Vitrine interpreting x86 processor", .signature = 0x06b1, .features = HAS_MAX, .max_leaf = 2,
      .max_extended = 0x80000008, .leaf2 = { 0x03020101, 0, 0, 0x0c040843 }, .physical_bits = 36 },
    { .name = NULL }
};

const struct cpu_model *cpu_model_find(const char *name)
{
    for (const struct cpu_model *m = cpu_model_list; m->name; m++)
        if (!strcmp(m->name, name))
            return m;
    return NULL;
}

/* Leaf 1 EDX: "Feature Information". */
static u32 feature_bits(u64 features)
{
    static const struct { u8 feature, bit; } list[] = {
        { FEATURE_FPU, 0 }, { FEATURE_VME, 1 }, { FEATURE_DE, 2 }, { FEATURE_PSE, 3 }, { FEATURE_TSC, 4 }, { FEATURE_MSR, 5 },
        { FEATURE_PAE, 6 }, { FEATURE_MCE, 7 }, { FEATURE_CX8, 8 }, { FEATURE_APIC, 9 }, { FEATURE_SEP, 11 }, { FEATURE_MTRR, 12 },
        { FEATURE_PGE, 13 }, { FEATURE_CMOV, 15 }, { FEATURE_PAT, 16 }, { FEATURE_PSE36, 17 }, { FEATURE_MMX, 23 },
        { FEATURE_FXSR, 24 },
    };
    u64 p6_mca = 1ull << FEATURE_P6 | 1ull << FEATURE_MCE;
    u32 bits = 0;
    for (size_t k = 0; k < ARRAY_LEN(list); k++)
        bits |= (u32)(features >> list[k].feature & 1) << list[k].bit;
    if ((features & p6_mca) == p6_mca)
        bits |= 1 << 14;                                        /* MCA came with the P6 */
    return bits;
}

static void brand_part(const char *brand, u32 part, u32 out[4])
{
    char text[48] = { 0 };
    size_t n = strlen(brand);
    memcpy(text, brand, n < sizeof text - 1 ? n : sizeof text - 1);
    for (u32 k = 0; k < 4; k++)
        out[k] = get32(text + part * 16 + k * 4);
}

void cpuid_leaf(const struct cpu_model *model, u32 leaf, u32 out[4])
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
        out[3] = feature_bits(model->features);
        out[2] = (u32)(model->features >> FEATURE_X2APIC & 1) << 21 | (u32)(model->features >> FEATURE_TSC_DEADLINE & 1) << 24;
        break;
    case 2:
        memcpy(out, model->leaf2, 16);
        break;
    case 0x80000000:
        out[0] = model->max_extended;
        break;
    case 0x80000001:
        out[3] = (u32)(model->features >> FEATURE_NX & 1) << 20;
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
    u32 out[4];
    (void)o;
    u32 leaf = reg32(cpu, EAX);
    log_leaf(cpu, leaf);
    cpuid_leaf(cpu->model, leaf, out);
    if (leaf == 1 && !apic_enabled(cpu))
        out[3] &= ~(1u << 9);                                   /* "Presence of the Local APIC" */
    set_reg32(cpu, EAX, out[0]);
    set_reg32(cpu, EBX, out[1]);
    set_reg32(cpu, ECX, out[2]);
    set_reg32(cpu, EDX, out[3]);
}
