/* names.c - symbols for the addresses that a processor uses: by what it does with paging now. */
#include "names.h"

enum { NAME = 200 };

u64 linear_here(const struct cpu *cpu) { return (u32)(cpu_segment(cpu, CS)->base + cpu_eip(cpu)); }

bool names_physical(const struct cpu *cpu) { return !(cpu_get(cpu, "cr0") & CR0_PG); }

const char *name_at(const struct symbols *symbols, const struct cpu *cpu, u64 linear, char *text, size_t n)
{
    return symbols_name(symbols, linear, names_physical(cpu), text, n);
}

const char *place_at(const struct symbols *symbols, const struct cpu *cpu, u64 linear, char *text, size_t n)
{
    return symbols_place(symbols, linear, names_physical(cpu), text, n);
}

void name_print(const struct symbols *symbols, const struct cpu *cpu, u64 linear, const char *before, const char *behind, FILE *out)
{
    char text[NAME];
    if (*name_at(symbols, cpu, linear, text, sizeof text))
        fprintf(out, "%s%s%s", before, text, behind);
}

void place_print(const struct symbols *symbols, const struct cpu *cpu, u64 linear, const char *before, FILE *out)
{
    char text[NAME];
    if (*place_at(symbols, cpu, linear, text, sizeof text))
        fprintf(out, "%s%s", before, text);
}
