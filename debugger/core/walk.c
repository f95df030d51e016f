/* walk.c - the way of a linear address through the page tables, in words.
 * Follows: Intel SDM Vol. 3A "Paging": 32-bit paging with 4 MB pages and PSE-36, PAE paging with NX.
 * Here: what is in memory now. The TLB may still hold something older. Not yet: 4-level paging. */
#include "../../cpu/core.h"
#include "explain.h"

enum {
    PTE_P = 1 << 0, PTE_W = 1 << 1, PTE_U = 1 << 2, PTE_PWT = 1 << 3, PTE_PCD = 1 << 4, PTE_A = 1 << 5, PTE_D = 1 << 6,
    PTE_PS = 1 << 7, PTE_G = 1 << 8
};
#define PTE_NX (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

static const struct register_bit low_bits[] = {
    { PTE_A, "accessed" }, { PTE_D, "dirty" }, { PTE_G, "global" }, { PTE_PWT, "PWT" }, { PTE_PCD, "PCD" }, { PTE_NX, "NX" }, { 0, NULL }
};

static bool is_pae(const struct cpu *cpu) { return cpu->s.cr4 & CR4_PAE; }

void page_entry_print(struct cpu *cpu, u64 e, int level, FILE *out)
{
    bool large = level == 2 && e & PTE_PS && (is_pae(cpu) || cpu->s.cr4 & CR4_PSE);
    fprintf(out, is_pae(cpu) ? "%016llx" : "%08llx", (unsigned long long)e);
    if (!(e & PTE_P)) {
        fputs("  not present", out);
        return;
    }
    fprintf(out, "  -> %llx %s, %s, %s", (unsigned long long)(e & PTE_ADDRESS),
            large ? is_pae(cpu) ? "2 MB page" : "4 MB page" : level == 1 ? "page" : "page table",
            e & PTE_W ? "writable" : "read only", e & PTE_U ? "user" : "supervisor");
    fputs(e & (PTE_A | PTE_D | PTE_G | PTE_NX | PTE_PWT | PTE_PCD) ? " [" : "", out);
    bits_print(level == 2 && !large ? e & ~(u64)(PTE_D | PTE_G) : e, low_bits, out);
    fputs(e & (PTE_A | PTE_D | PTE_G | PTE_NX | PTE_PWT | PTE_PCD) ? " ]" : "", out);
}

/* Page tables are read from physical memory, with A20's mask as the processor puts it on the bus. */
static bool entry_read(struct cpu *cpu, u64 address, int size, u64 *e)
{
    u8 bytes[8] = { 0 };
    bool ok = space_peek(cpu->w.memory, address & cpu->phys_mask, bytes, (u64)size);
    *e = get64(bytes);
    return ok;
}

static void reserved_print(u64 e, int level, const struct cpu *cpu, FILE *out)
{
    if (is_pae(cpu) && level == 2 && e & PTE_PS && e & 0x1fe000)
        fputs("    reserved bits 13-20 are set: any use faults\n", out);
    if (is_pae(cpu) && e & PTE_NX && !(cpu->s.efer & EFER_NXE))
        fputs("    bit 63 is reserved while EFER.NXE is clear: any use faults\n", out);
    if (is_pae(cpu) && e & 0x7ff0000000000000ull)
        fputs("    reserved bits 52-62 are set: any use faults\n", out);
}

struct walk { u64 rights, nx, physical; bool ok; };

static void level_print(struct cpu *cpu, struct walk *w, u64 table, int level, u64 linear, FILE *out)
{
    int size = is_pae(cpu) ? 8 : 4, bits = is_pae(cpu) ? 9 : 10, shift = 12 + bits * (level - 1);
    u32 index = (u32)(linear >> shift) & ((1u << bits) - 1);
    u64 e, at = table + (u64)index * (u64)size;
    bool readable = entry_read(cpu, at, size, &e);
    bool large = level == 2 && e & PTE_PS && (is_pae(cpu) || cpu->s.cr4 & CR4_PSE);
    fprintf(out, "  %s entry %3u at %llx: ", level == 2 ? "directory" : "table    ", index, (unsigned long long)at);
    if (!readable) {
        fputs("no memory there\n", out);
        return;
    }
    page_entry_print(cpu, e, level, out);
    fputc('\n', out);
    if (!(e & PTE_P)) {
        fprintf(out, "    the walk ends here: every access raises #PF with P = 0\n");
        return;
    }
    reserved_print(e, level, cpu, out);
    w->rights &= e;
    w->nx |= e & PTE_NX;
    if (large) {
        u64 mask = (1ull << shift) - 1;
        u64 high = is_pae(cpu) ? 0 : (e >> 13 & 15) << 32;      /* PSE-36 */
        w->physical = ((e & PTE_ADDRESS & ~mask) | high) + (linear & mask);
        w->ok = true;
    } else if (level == 1) {
        w->physical = (e & PTE_ADDRESS) + (linear & 0xfff);
        w->ok = true;
    } else {
        level_print(cpu, w, e & PTE_ADDRESS, level - 1, linear, out);
    }
}

void walk_print(struct cpu *cpu, u64 linear, FILE *out)
{
    struct walk w = { PTE_W | PTE_U, 0, 0, false };
    linear = (u32)linear;
    if (!(cpu->s.cr0 & CR0_PG)) {
        fprintf(out, "linear %08llx: paging is off, physical %llx\n", (unsigned long long)linear,
                (unsigned long long)(linear & cpu->phys_mask));
        return;
    }
    fprintf(out, "linear %08llx, CR3 %08x, %s\n", (unsigned long long)linear, (u32)cpu->s.cr3,
            is_pae(cpu) ? "PAE paging" : cpu->s.cr4 & CR4_PSE ? "32-bit paging with PSE" : "32-bit paging");
    if (is_pae(cpu)) {
        int i = (int)(linear >> 30);
        u64 e = cpu->s.pdpte[i];
        fprintf(out, "  PDPTE register %d: %016llx%s\n", i, (unsigned long long)e,
                e & PTE_P ? "" : "  not present\n    the walk ends here: every access raises #PF with P = 0");
        if (e & PTE_P)
            level_print(cpu, &w, e & PTE_ADDRESS, 2, linear, out);
    } else {
        level_print(cpu, &w, cpu->s.cr3 & 0xfffff000, 2, linear, out);
    }
    if (!w.ok)
        return;
    fprintf(out, "  physical %llx, together: %s, %s%s\n", (unsigned long long)(w.physical & cpu->phys_mask),
            w.rights & PTE_W ? "writable" : cpu->s.cr0 & CR0_WP ? "read only (for the supervisor too: CR0.WP)"
            : "read only for user mode (CR0.WP is clear)",
            w.rights & PTE_U ? "user and supervisor" : "supervisor only", w.nx ? ", not executable" : "");
}
