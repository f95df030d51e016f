/* cpuid.h - the processors that can be chosen, as tables. */
#pragma once
#include "../host/base.h"

enum feature {              /* bits of cpu->features; a row's feature 0 is the 8086's own, or after 0F the 386's: decode.c */
    FEATURE_486 = 1, FEATURE_CPUID, FEATURE_586 /* CMPXCHG8B... */, FEATURE_TSC, FEATURE_MSR, FEATURE_CX8, FEATURE_VME, FEATURE_DE,
    FEATURE_PSE, FEATURE_PAE, FEATURE_PGE, FEATURE_MCE, FEATURE_MTRR, FEATURE_PAT, FEATURE_PSE36, FEATURE_SEP, FEATURE_CMOV,
    FEATURE_P6 /* UD2, RDPMC, Jcc hints, FCMOV with CMOV */, FEATURE_RDPMC, FEATURE_MMX, FEATURE_FXSR, FEATURE_NX, FEATURE_FPU,
    FEATURE_APIC, FEATURE_X2APIC, FEATURE_TSC_DEADLINE, FEATURE_FENCES /* LFENCE, MFENCE, SFENCE */,
    FEATURE_286, FEATURE_386, FEATURE_SMM, FEATURE_TEST /* test registers */
};

struct cpu_model {
    const char *name;           /* "pentium": what -cpu takes */
    const char *title;          /* "Intel Pentium (P54C)" */
    const char *vendor;         /* 12 characters */
    const char *brand;          /* at most 47 characters, NULL if leaves 80000002-4 are absent */
    u64 features;               /* bit n: enum feature n */
    u32 signature;              /* EDX at reset, leaf 1 EAX */
    u32 max_leaf, max_extended; /* max_extended 0: no extended leaves */
    u32 leaf2[4];               /* cache descriptors, EAX EBX ECX EDX */
    u8 physical_bits;
    u8 pad[7];
};

/* Ends with an entry whose name is NULL. The default is cpu_model_find("max"). */
extern const struct cpu_model cpu_model_list[];
/* NULL if there is none of that name. */
const struct cpu_model *cpu_model_find(const char *name);
/* What CPUID answers: out is EAX EBX ECX EDX. */
void cpuid_leaf(const struct cpu_model *model, u32 leaf, u32 out[4]);

struct cpu;
struct op;
/* The CPUID instruction: its row's function. */
void op_cpuid(struct cpu *cpu, const struct op *o);
