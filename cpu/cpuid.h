/* cpuid.h - the processors that can be chosen, as tables. */
#pragma once
#include "features.h"

struct cpu_model {
    const char *name;           /* "pentium": what -cpu takes */
    const char *title;          /* "Intel Pentium (P54C)" */
    const char *vendor;         /* 12 characters */
    const char *brand;          /* at most 47 characters, NULL if leaves 80000002-4 are absent */
    const u16 *features;        /* enum feature, ended by FEATURE_NONE */
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
bool model_has(const struct cpu_model *model, enum feature f);
struct feature_set model_features(const struct cpu_model *model);
/* What CPUID answers with EAX = leaf and ECX = subleaf: out is EAX EBX ECX EDX, by enum cpuid_register. */
void cpuid_leaf(const struct cpu_model *model, u32 leaf, u32 subleaf, u32 out[4]);

struct cpu;
struct op;
/* The CPUID instruction: its row's function. */
void op_cpuid(struct cpu *cpu, const struct op *o);
