/* processor.c - the processor that is compared with.
 * Follows: Intel SDM Vol. 2 "CPUID"; AMD64 APM Vol. 3, Appendix E. */
#include "processor.h"
#include <stdio.h>

static const u32 *leaf_of(const struct processor *p, u32 leaf)
{
    for (u32 i = 0; i < p->leaves; i++) {
        if (p->leaf[i][0] == leaf)
            return p->leaf[i] + 2;
    }
    return NULL;
}

void processor_derive(struct processor *p)
{
    const u32 *one = leaf_of(p, 1);
    p->vendor = vendor_named(p->letters);
    p->family = p->model = p->stepping = 0;
    if (!one)
        return;
    p->family = one[0] >> 8 & 15;
    p->model = one[0] >> 4 & 15;
    p->stepping = one[0] & 15;
    if (p->family == 6 || p->family == 15)
        p->model |= one[0] >> 12 & 0xf0;
    if (p->family == 15)
        p->family += one[0] >> 20 & 0xff;
}

struct processor processor_host(void)
{
    struct processor p = { .leaves = 0 };
#if defined(__x86_64__) || defined(__i386__)
    static const u32 wanted[] = { 0, 1, 7, 0x80000001, 0x80000002, 0x80000003, 0x80000004 };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        u32 *l = p.leaf[p.leaves];
        l[0] = wanted[i];
        if (!__get_cpuid_count(wanted[i], 0, &l[2], &l[3], &l[4], &l[5]))
            continue;
        p.leaves++;
        if (wanted[i] >= 0x80000002)
            memcpy(p.brand + 16 * (wanted[i] - 0x80000002), l + 2, 16);
    }
    const u32 *zero = leaf_of(&p, 0);
    if (zero) {
        memcpy(p.letters, &zero[1], 4);
        memcpy(p.letters + 4, &zero[3], 4);
        memcpy(p.letters + 8, &zero[2], 4);
    }
    for (size_t n = strlen(p.brand); n && p.brand[n - 1] == ' '; )
        p.brand[--n] = 0;
#endif
    processor_derive(&p);
    return p;
}

void processor_print(const struct processor *p, char *line, size_t size)
{
    snprintf(line, size, "%s, family %u, model %u, stepping %u, %s%s", p->letters[0] ? p->letters : "unknown", p->family, p->model,
             p->stepping, p->brand[0] ? p->brand : "no brand", p->long_mode ? ", in 64-bit mode" : "");
}

bool processor_has_rtm(const struct processor *p)
{
    const u32 *one = leaf_of(p, 1), *seven = leaf_of(p, 7);
    bool said = seven && ((seven[1] | seven[3]) >> 11 & 1);
    return p->vendor == VENDOR_INTEL && (said || !one || one[2] >> 31);
}
