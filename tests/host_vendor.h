/* host_vendor.h - whose processor the tests run on, at run time: where vendors differ, a judge has the vendor's rule.
 * Follows: Intel SDM Vol. 2 "CPUID", leaf 0; AMD64 APM Vol. 3 "Function 0h". */
#pragma once
#include "../host/base.h"
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

enum vendor { VENDOR_OTHER, VENDOR_INTEL, VENDOR_AMD };

/* Of CPUID's twelve letters. Hygon's processors are AMD's. */
static inline enum vendor vendor_named(const char *letters)
{
    return !memcmp(letters, "GenuineIntel", 12) ? VENDOR_INTEL
         : !memcmp(letters, "AuthenticAMD", 12) || !memcmp(letters, "HygonGenuine", 12) ? VENDOR_AMD : VENDOR_OTHER;
}

static inline enum vendor host_vendor(void)
{
    char letters[12] = { 0 };
#if defined(__x86_64__) || defined(__i386__)
    u32 r[4] = { 0 };
    __get_cpuid(0, &r[0], &r[1], &r[2], &r[3]);
    memcpy(letters, &r[1], 4);
    memcpy(letters + 4, &r[3], 4);
    memcpy(letters + 8, &r[2], 4);
#endif
    return vendor_named(letters);
}
