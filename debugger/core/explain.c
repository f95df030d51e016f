/* explain.c - control registers, flags, segments, descriptors and error codes in words.
 * Follows: Intel SDM Vol. 3A "System Architecture Overview", "Protected-Mode Memory Management", "Error Code".
 * Here: 16- and 32-bit forms. Not yet: 64-bit descriptors. */
#include "../../cpu/core.h"
#include "explain.h"

static const char *const titles[] = {
    "divide error", "debug", "non-maskable interrupt", "breakpoint", "overflow", "BOUND range exceeded", "invalid opcode",
    "no math coprocessor", "double fault", "coprocessor segment overrun", "invalid TSS", "segment not present",
    "stack-segment fault", "general protection", "page fault", "reserved", "x87 floating-point error", "alignment check",
    "machine check",
};

const char *vector_title(int vector)
{
    return vector >= 0 && vector < (int)ARRAY_LEN(titles) ? titles[vector] : "interrupt";
}

void bits_print(u64 value, const struct bit_name *names, FILE *out)
{
    for (; names->name; names++) {
        if (value & names->bit)
            fprintf(out, " %s", names->name);
    }
}

static const struct bit_name eflags_bits[] = {
    { FLAG_ID, "ID" }, { FLAG_VIP, "VIP" }, { FLAG_VIF, "VIF" }, { FLAG_AC, "AC" }, { FLAG_VM, "VM" }, { FLAG_RF, "RF" },
    { FLAG_NT, "NT" }, { FLAG_OF, "OF" }, { FLAG_DF, "DF" }, { FLAG_IF, "IF" }, { FLAG_TF, "TF" }, { FLAG_SF, "SF" },
    { FLAG_ZF, "ZF" }, { FLAG_AF, "AF" }, { FLAG_PF, "PF" }, { FLAG_CF, "CF" }, { 0, NULL }
};
static const struct bit_name cr0_bits[] = {
    { CR0_PG, "PG" }, { CR0_CD, "CD" }, { CR0_NW, "NW" }, { CR0_AM, "AM" }, { CR0_WP, "WP" }, { CR0_NE, "NE" }, { CR0_ET, "ET" },
    { CR0_TS, "TS" }, { CR0_EM, "EM" }, { CR0_MP, "MP" }, { CR0_PE, "PE" }, { 0, NULL }
};
static const struct bit_name cr4_bits[] = {
    { CR4_OSXMMEXCPT, "OSXMMEXCPT" }, { CR4_OSFXSR, "OSFXSR" }, { CR4_PCE, "PCE" }, { CR4_PGE, "PGE" }, { CR4_MCE, "MCE" },
    { CR4_PAE, "PAE" }, { CR4_PSE, "PSE" }, { CR4_DE, "DE" }, { CR4_TSD, "TSD" }, { CR4_PVI, "PVI" }, { CR4_VME, "VME" }, { 0, NULL }
};

void eflags_print(u64 eflags, FILE *out)
{
    fprintf(out, "%08x [IOPL %d", (u32)eflags, (int)(eflags >> 12 & 3));
    bits_print(eflags, eflags_bits, out);
    fputc(']', out);
}

void control_print(struct cpu *cpu, FILE *out)
{
    const struct cpu_state *s = &cpu->s;
    fprintf(out, "CR0  %08x [", (u32)s->cr0);
    bits_print(s->cr0, cr0_bits, out);
    fprintf(out, " ]\nCR2  %08x\nCR3  %08x [ page directory at %x%s%s ]\nCR4  %08x [", (u32)s->cr2, (u32)s->cr3,
            (u32)s->cr3 & (s->cr4 & CR4_PAE ? ~31u : ~4095u), s->cr3 & 8 ? " PWT" : "", s->cr3 & 16 ? " PCD" : "", (u32)s->cr4);
    bits_print(s->cr4, cr4_bits, out);
    fprintf(out, " ]\nEFER %08x%s\n", (u32)s->efer, s->efer & EFER_NXE ? " [ NXE ]" : "");
    if (s->cr4 & CR4_PAE && s->cr0 & CR0_PG) {
        for (int i = 0; i < 4; i++)
            fprintf(out, "PDPTE%d %016llx%s\n", i, (unsigned long long)s->pdpte[i], s->pdpte[i] & 1 ? "" : "  not present");
    }
    fprintf(out, "DR0 %08x  DR1 %08x  DR2 %08x  DR3 %08x  DR6 %08x  DR7 %08x\n", (u32)s->dr[0], (u32)s->dr[1], (u32)s->dr[2],
            (u32)s->dr[3], (u32)s->dr[6], (u32)s->dr[7]);
    fprintf(out, "GDTR base %08x limit %04x   IDTR base %08x limit %04x\n", (u32)s->gdtr.base, s->gdtr.limit, (u32)s->idtr.base,
            s->idtr.limit);
    fprintf(out, "mode: %s, CPL %d, A20 %s%s\n",
            !(s->cr0 & CR0_PE) ? "real" : s->eflags & FLAG_VM ? "virtual-8086" : s->cr0 & CR0_PG ? "protected, paging on"
            : "protected, paging off", s->cpl, s->a20 ? "on" : "masked", s->smm ? ", in SMM" : "");
}

/* System descriptor types: SDM Vol. 3A "System Descriptor Types". */
static const char *const system_types[16] = {
    "reserved (type 0)", "16-bit TSS, available", "LDT", "16-bit TSS, busy", "16-bit call gate", "task gate",
    "16-bit interrupt gate", "16-bit trap gate", "reserved (type 8)", "32-bit TSS, available", "reserved (type 10)",
    "32-bit TSS, busy", "32-bit call gate", "reserved (type 13)", "32-bit interrupt gate", "32-bit trap gate"
};

static void type_print(u16 access, FILE *out)
{
    if (!(access & SEG_S))
        fprintf(out, "%s", system_types[access & 15]);
    else if (access & SEG_CODE)
        fprintf(out, "%d-bit code, %s%s", access & SEG_DB ? 32 : 16, access & SEG_RW ? "readable" : "execute only",
                access & SEG_DC ? ", conforming" : "");
    else
        fprintf(out, "%s data, %s%s", access & SEG_DB ? "32-bit" : "16-bit", access & SEG_RW ? "writable" : "read only",
                access & SEG_DC ? ", expand-down" : "");
    if (access & SEG_S && !(access & SEG_ACCESSED))
        fputs(", not accessed", out);
    fprintf(out, ", DPL %d%s", seg_dpl(access), access & SEG_P ? "" : ", not present");
}

u64 descriptor_base(u64 d)
{
    return (d >> 16 & 0xffffff) | (d >> 56) << 24;
}

u32 descriptor_limit(u64 d)
{
    u32 limit = (u32)(d & 0xffff) | (u32)(d >> 32 & 0xf0000);
    return d >> 55 & 1 ? limit << 12 | 0xfff : limit;
}

void descriptor_print(u64 d, FILE *out)
{
    u16 access = (u16)(d >> 40) & 0xf0ff;
    int type = access & 15;
    bool gate = !(access & SEG_S) && (type == 4 || type == 5 || type == 6 || type == 7 || type == 12 || type == 14 || type == 15);
    if (!d) {
        fputs("null", out);
        return;
    }
    if (gate) {
        u32 offset = (u32)(d & 0xffff) | (type & 8 ? (u32)(d >> 32) & 0xffff0000 : 0);
        fprintf(out, "%04x:%08x ", (u32)(d >> 16) & 0xffff, offset);
        type_print(access, out);
        if ((type & 7) == 4)
            fprintf(out, ", %d parameters", (int)(d >> 32) & 31);
        return;
    }
    fprintf(out, "base %08x limit %08x ", (u32)descriptor_base(d), descriptor_limit(d));
    type_print(access, out);
}

void selector_print(u16 selector, FILE *out)
{
    fprintf(out, "%04x (%s entry %d, RPL %d)", selector, selector & 4 ? "LDT" : "GDT", selector >> 3, selector & 3);
}

void segment_print(const char *name, const struct segment *s, FILE *out)
{
    fprintf(out, "%-4s %04x  base %08x limit %08x  ", name, s->selector, (u32)s->base, s->limit);
    if (!s->access)
        fputs("unusable (null selector)", out);
    else
        type_print(s->access, out);
    fputc('\n', out);
}

bool descriptor_peek(struct cpu *cpu, u16 selector, u64 *descriptor)
{
    u8 bytes[8];
    u64 base = selector & 4 ? cpu->s.ldtr.base : cpu->s.gdtr.base;
    u32 limit = selector & 4 ? (cpu->s.ldtr.access ? cpu->s.ldtr.limit : 0) : cpu->s.gdtr.limit;
    u32 offset = selector & ~7u;
    if (offset + 7 > limit || !cpu_peek(cpu, (u32)(base + offset), bytes, 8))
        return false;
    *descriptor = get64(bytes);
    return true;
}

void error_code_print(int vector, u32 error, FILE *out)
{
    fprintf(out, "%04x", error);
    if (vector == EXC_PF) {
        fprintf(out, " (%s, %s, %s%s%s)", error & 1 ? "protection violation" : "page not present",
                error & 2 ? "write" : error & 16 ? "instruction fetch" : "read", error & 4 ? "user mode" : "supervisor mode",
                error & 8 ? ", reserved bit set" : "", error & 16 && error & 2 ? ", fetch" : "");
        return;
    }
    if (vector == EXC_DF || vector == EXC_AC) {
        fputs(" (always zero)", out);
        return;
    }
    if (!(error & ~1u)) {
        fprintf(out, " (no selector%s)", error & 1 ? "; while an earlier event was delivered" : "");
        return;
    }
    if (error & 2)
        fprintf(out, " (IDT entry %02x", error >> 3 & 0xff);
    else
        fprintf(out, " (selector %04x: %s entry %d", error & 0xfffc, error & 4 ? "LDT" : "GDT", (int)(error >> 3 & 0x1fff));
    fprintf(out, "%s)", error & 1 ? "; while an earlier event was delivered" : "");
}
