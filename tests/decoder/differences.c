/* differences.c - the table of intended differences from Zydis.
 * Follows: Intel SDM Vol. 2 (instruction reference; Appendix A "Opcode Map"), Vol. 3 "Architecture Compatibility". */
#include "differences.h"

#define BOTH        IN_ANY, MODES_ALL, ANY_PREFIX
#define SSE_MMX(first, last) \
    { DIFFERS_UD, 1, first, last, 0xff, BOTH, "SDM Vol. 1 \"SSE 64-Bit SIMD Integer Instructions\" and \"Cacheability Control\"", \
      "SSE's additions to MMX, which Zydis counts to MMX" }

/* clang-format off */
const struct difference differences[] = {
    /* Legality. */
    { DIFFERS_RUNS, 0, 0x8c, 0x8c, 0xc0, BOTH, "SDM Vol. 2 \"MOV\", Protected Mode Exceptions", "no such segment register: the body raises #UD" },
    { DIFFERS_RUNS, 0, 0x8e, 0x8e, 0xc2, BOTH, "SDM Vol. 2 \"MOV\", Protected Mode Exceptions", "CS or no segment register: the body raises #UD" },
    { DIFFERS_RUNS, 1, 0x34, 0x34, 0xff, IN_ANY, MODES_REAL, ANY_PREFIX, "SDM Vol. 2 \"SYSENTER\", Real-Address Mode Exceptions", "the body raises #GP, not #UD" },
    { DIFFERS_RUNS, 1, 0x35, 0x35, 0xff, IN_ANY, MODES_REAL, ANY_PREFIX, "SDM Vol. 2 \"SYSEXIT\", Real-Address Mode Exceptions", "the body raises #GP, not #UD" },
    { DIFFERS_RUNS, 1, 0xae, 0xae, 0xe0, IN_REG, MODES_ALL, ANY_PREFIX, "SDM Vol. 3A \"TSC-Deadline Mode\"", "LFENCE, MFENCE, SFENCE without SSE: they come with the TSC deadline" },
    { DIFFERS_UD, 1, 0x0d, 0x0d, 0xff, BOTH, "SDM Vol. 2 \"PREFETCHW\"; AMD 3DNow! Technology Manual", "not among a P6's hints (0F 18 to 0F 1F)" },
    SSE_MMX(0x70, 0x70), SSE_MMX(0xc4, 0xc5), SSE_MMX(0xda, 0xda), SSE_MMX(0xde, 0xde), SSE_MMX(0xe0, 0xe0), SSE_MMX(0xe3, 0xe4),
    SSE_MMX(0xe7, 0xe7), SSE_MMX(0xea, 0xea), SSE_MMX(0xee, 0xee), SSE_MMX(0xf6, 0xf7),
    /* Zydis' operand_width where the operand's size is fixed: it gives the effective size, or the other way round. */
    { DIFFERS_SIZE, 0, 0x63, 0x63, 0xff, BOTH, "SDM Vol. 2 \"ARPL\"", "both operands are words" },
    { DIFFERS_SIZE, 0, 0x8e, 0x8e, 0xff, BOTH, "SDM Vol. 2 \"MOV\"", "the source is a word" },
    { DIFFERS_SIZE, 0, 0xdf, 0xdf, 1 << 4, IN_REG, MODES_ALL, ANY_PREFIX, "SDM Vol. 2 \"FSTSW/FNSTSW\"", "the operand is AX, a word" },
    { DIFFERS_SIZE, 1, 0x00, 0x00, 0x3c, BOTH, "SDM Vol. 2 \"LLDT\", \"LTR\", \"VERR/VERW\"", "the operand is a word" },
    { DIFFERS_SIZE, 1, 0x01, 0x01, 0x40, BOTH, "SDM Vol. 2 \"LMSW\"", "the operand is a word" },
    { DIFFERS_SIZE, 1, 0x01, 0x01, 0x80, IN_MEM, MODES_ALL, ANY_PREFIX, "SDM Vol. 2 \"INVLPG\"", "an address has no operand size; the row gives none" },
    { DIFFERS_SIZE, 1, 0x1e, 0x1e, 0xff, IN_REG, MODES_ALL, ANY_PREFIX, "SDM Vol. 2 \"NOP\"", "RDSSP's encoding to Zydis, with its size" },
    { DIFFERS_SIZE, 1, 0x6e, 0x6e, 0xff, BOTH, "SDM Vol. 2 \"MOVD/MOVQ\"", "a doubleword in every mode" },
    { DIFFERS_SIZE, 1, 0x7e, 0x7e, 0xff, BOTH, "SDM Vol. 2 \"MOVD/MOVQ\"", "a doubleword in every mode" },
    { DIFFERS_SIZE, 1, 0xc7, 0xc7, 0x02, IN_MEM, MODES_ALL, ANY_PREFIX, "SDM Vol. 2 \"CMPXCHG8B\"", "always 64 bits; the row gives no size" },
    { DIFFERS_MEMSIZE, 1, 0x18, 0x18, 0x0f, IN_MEM, MODES_ALL, ANY_PREFIX, "SDM Vol. 2 \"PREFETCHh\"", "a hint here: it reads nothing" },
    /* Flags. */
#define SBB_FLAGS(first, last, regs) { DIFFERS_UNDEFINED, 0, first, last, regs, BOTH, "SDM Vol. 2 \"SBB\", Flags Affected", "AF is set by the result" }
    SBB_FLAGS(0x18, 0x1d, 0xff), SBB_FLAGS(0x80, 0x83, 1 << 3),
    { DIFFERS_UNDEFINED, 0, 0xd0, 0xd1, 0xff, BOTH, "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", \"RCL/RCR/ROL/ROR\", Flags Affected", "OF is defined for a count of 1" },
    { DIFFERS_READS, 0, 0xa6, 0xa7, 0xff, IN_ANY, MODES_ALL, WITH_REP, "SDM Vol. 2 \"REP\", Operation", "ZF is read after it was written, not before" },
    { DIFFERS_READS, 0, 0xae, 0xaf, 0xff, IN_ANY, MODES_ALL, WITH_REP, "SDM Vol. 2 \"REP\", Operation", "ZF is read after it was written, not before" },
};
/* clang-format on */
const int difference_count = ARRAY_LEN(differences);

static bool covers(const struct difference *d, enum code_mode m, const struct head *h)
{
    return d->map == h->map && h->opcode >= d->first && h->opcode <= d->last && (d->regs >> (h->modrm >> 3 & 7) & 1)
        && (d->form & (h->modrm >= 0xc0 ? IN_REG : IN_MEM)) && (d->modes >> m & 1)
        && (d->prefix != WITH_66 || h->operand_size) && (d->prefix != WITH_REP || h->rep || h->repne);
}

int difference_find(u32 aspects, enum code_mode m, const struct head *h)
{
    for (int k = 0; k < difference_count; k++)
        if (!(aspects & ~differences[k].aspects) && covers(&differences[k], m, h))
            return k;
    return -1;
}
