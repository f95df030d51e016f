/* features.h - what processors may have, by name, and where CPUID tells of it. SDM Vol. 2 "CPUID". cpuid.c says which model has what. */
#pragma once
#include "../host/base.h"

enum { SUBLEAF_ANY = -1 };          /* the leaf has none: ECX does not matter */
enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

/* TOLD(name, leaf, sub-leaf, register, bit): CPUID sets this bit where the feature is there; ANY: the leaf has no sub-leaves.
 * PLAIN(name): no bit tells of it. Only what Vitrine implements is here; a model's list (cpuid.c) may still be without it. A new one is
 * a line here and its name in the models that have it. */
/* clang-format off */
#define FEATURES(TOLD, PLAIN) \
    PLAIN(286) PLAIN(386) PLAIN(486) PLAIN(586)     /* with the processor of that name; a row's without one: the 8086's, after 0F the 386's */ \
    PLAIN(P6)                                       /* UD2, hints, its MSRs */ \
    PLAIN(CPUID) PLAIN(SMM) PLAIN(RDPMC) \
    PLAIN(TEST)                                     /* test registers */ \
    PLAIN(FENCES)                                   /* LFENCE, MFENCE, SFENCE without SSE */ \
    TOLD(FPU,   1, ANY, EDX, 0)  TOLD(VME,   1, ANY, EDX, 1)  TOLD(DE,   1, ANY, EDX, 2)  TOLD(PSE,  1, ANY, EDX, 3) \
    TOLD(TSC,   1, ANY, EDX, 4)  TOLD(MSR,   1, ANY, EDX, 5)  TOLD(PAE,  1, ANY, EDX, 6)  TOLD(MCE,  1, ANY, EDX, 7) \
    TOLD(CX8,   1, ANY, EDX, 8)  TOLD(APIC,  1, ANY, EDX, 9)  TOLD(SEP,  1, ANY, EDX, 11) TOLD(MTRR, 1, ANY, EDX, 12) \
    TOLD(PGE,   1, ANY, EDX, 13) TOLD(MCA,   1, ANY, EDX, 14) TOLD(CMOV, 1, ANY, EDX, 15) TOLD(PAT,  1, ANY, EDX, 16) \
    TOLD(PSE36, 1, ANY, EDX, 17) TOLD(MMX,   1, ANY, EDX, 23) TOLD(FXSR, 1, ANY, EDX, 24) \
    TOLD(X2APIC, 1, ANY, ECX, 21) TOLD(TSC_DEADLINE, 1, ANY, ECX, 24) \
    TOLD(UMIP,  7, 0, ECX, 2) \
    TOLD(NX,    0x80000001, ANY, EDX, 20)
/* clang-format on */

enum feature {
    FEATURE_NONE,
#define TOLD(name, leaf, subleaf, reg, bit) FEATURE_##name,
#define PLAIN(name) FEATURE_##name,
    FEATURES(TOLD, PLAIN)
#undef TOLD
#undef PLAIN
    FEATURE_COUNT
};

struct feature_info {
    const char *name;           /* "TSC_DEADLINE" */
    u32 leaf;
    i32 subleaf;                /* SUBLEAF_ANY where the leaf has none */
    u8 told, reg, bit;          /* told 0: CPUID does not say; reg: enum cpuid_register */
};
/* By enum feature; [FEATURE_NONE] has no name. cpuid.c */
extern const struct feature_info feature_list[FEATURE_COUNT];

/* Any number of features. */
struct feature_set { u64 word[(FEATURE_COUNT + 63) / 64]; };
static inline bool feature_in(const struct feature_set *set, enum feature f) { return set->word[f >> 6] >> (f & 63) & 1; }
static inline void feature_put(struct feature_set *set, enum feature f, bool there)
{
    u64 bit = 1ull << (f & 63), *word = &set->word[f >> 6];
    *word = there ? *word | bit : *word & ~bit;
}
