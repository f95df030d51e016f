/* processor.h - whose processor said what is compared with: this host's, or a recording's. */
#pragma once
#include "../host_vendor.h"

enum { PROCESSOR_LEAVES = 8, BRAND_SIZE = 49 };
struct processor {
    char letters[13], brand[BRAND_SIZE];        /* CPUID's */
    enum vendor vendor;
    u32 family, model, stepping;
    u32 leaf[PROCESSOR_LEAVES][6];              /* leaf, subleaf, EAX, EBX, ECX, EDX */
    u32 leaves;
    bool long_mode;                             /* 64-bit code stands for 32-bit code: victim_long.c */
};

/* The host's; nothing but VENDOR_OTHER where it is no x86. */
struct processor processor_host(void);
/* After its letters and leaves were set. */
void processor_derive(struct processor *p);
/* Vendor, family, model, stepping, brand; one line. */
void processor_print(const struct processor *p, char *line, size_t size);
/* Intel's later than P6: C6 F8 and C7 F8 are XABORT and XBEGIN (CPUID.(EAX=7,ECX=0):EBX.RTM[bit 11], EDX.RTM_ALWAYS_ABORT[bit 11];
 * a hypervisor, CPUID.1:ECX[bit 31], may hide them). */
bool processor_has_rtm(const struct processor *p);
