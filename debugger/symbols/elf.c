/* elf.c - symbols and segments of ELF programs of 32 and 64 bits.
 * Follows: System V ABI, "Object Files": "ELF Header", "Sections", "Symbol Table", "Program Header"; the i386 and AMD64 supplements.
 * Here: .symtab, else .dynsym. Every number of the file is doubted. */
#include "parts.h"
#include <stdio.h>

enum {
    EI_CLASS = 4, EI_DATA = 5, CLASS_32 = 1, CLASS_64 = 2, DATA_LSB = 1,
    ET_REL = 1, ET_CORE = 4, EM_386 = 3, EM_486 = 6, EM_X86_64 = 62,
    SHT_SYMTAB = 2, SHT_DYNSYM = 11, PT_LOAD = 1,
    SHN_UNDEF = 0, SHN_ABS = 0xfff1, SHN_COMMON = 0xfff2,
    STT_NOTYPE = 0, STT_OBJECT = 1, STT_FUNC = 2, STT_IFUNC = 10, STB_LOCAL = 0,
    HEADER_MOST = 64, SECTION_MOST = 64, PROGRAM_MOST = 56, LOADS_MOST = 64,
};
#define STRINGS_MOST (512ull << 20)

struct reader {
    struct symbol_file *f;
    u64 bytes;
    bool wide;
    char *message;
    size_t room;
};

struct section { u32 type, link; u64 address, at, size, entry; };

static bool refuse(struct reader *r, const char *what)
{
    snprintf(r->message, r->room, "%s", what);
    return false;
}

/* A word of the class's size. */
static u64 word(const struct reader *r, const u8 *p) { return r->wide ? get64(p) : get32(p); }

static bool read_at(struct reader *r, u64 at, void *to, u64 n)
{
    if (at > r->bytes || n > r->bytes - at)
        return refuse(r, "the ELF file is cut short or broken: a part lies behind its end");
    return symbol_file_read(r->f, at, to, n, r->message, r->room);
}

static bool section_read(struct reader *r, u64 table, u32 entry, u64 k, struct section *s)
{
    u8 b[SECTION_MOST];
    if (k > r->bytes || !read_at(r, table + k * entry, b, r->wide ? 64 : 40))
        return refuse(r, "the ELF file is cut short or broken: a section's header lies behind its end");
    *s = r->wide ? (struct section){ get32(b + 4), get32(b + 40), get64(b + 16), get64(b + 24), get64(b + 32), get64(b + 56) }
                 : (struct section){ get32(b + 4), get32(b + 24), get32(b + 12), get32(b + 16), get32(b + 20), get32(b + 36) };
    return true;
}

static bool loads_read(struct reader *r, u64 table, u32 entry, u32 count)
{
    u8 b[PROGRAM_MOST];
    struct symbol_file *f = r->f;
    if (count > LOADS_MOST)
        count = LOADS_MOST;
    f->loads = xcalloc(count + 1, sizeof *f->loads);
    for (u32 k = 0; k < count; k++) {
        if (!read_at(r, table + (u64)k * entry, b, r->wide ? 56 : 32))
            return false;
        if (get32(b) == PT_LOAD)
            f->loads[f->load_count++] = r->wide ? (struct segment_load){ get64(b + 16), get64(b + 24), get64(b + 40) }
                                                : (struct segment_load){ get32(b + 8), get32(b + 12), get32(b + 20) };
    }
    return true;
}

/* One entry of a symbol table; `sections` are all of the file's. */
static void symbol_take(struct reader *r, const u8 *b, u64 strings, const struct section *sections, u64 section_count)
{
    u32 name = get32(b), info = b[r->wide ? 4 : 12], home = get16(b + (r->wide ? 6 : 14)), type = info & 15;
    u64 value = r->wide ? get64(b + 8) : get32(b + 4), size = r->wide ? get64(b + 16) : get32(b + 8);
    if (home == SHN_UNDEF || home == SHN_COMMON || name >= strings || !r->f->strings[name])
        return;
    if (type != STT_NOTYPE && type != STT_OBJECT && type != STT_FUNC && type != STT_IFUNC)
        return;
    struct symbol s = { .address = value, .name = r->f->strings + name, .function = type == STT_FUNC || type == STT_IFUNC,
                        .global = info >> 4 != STB_LOCAL, .absolute = home == SHN_ABS };
    if (size && size <= UINT64_MAX - value) {
        s.end = value + size;
        s.sized = true;
    } else if (home < section_count && value - sections[home].address <= sections[home].size) {
        s.end = sections[home].address + sections[home].size;
    } else {
        s.end = UINT64_MAX;
    }
    symbol_add(r->f, s);
}

static bool symbols_read(struct reader *r, const struct section *sections, u64 count)
{
    const struct section *table = NULL;
    u32 entry = r->wide ? 24 : 16;
    u8 block[24 * 512];
    for (u64 k = 0; k < count; k++)
        if (sections[k].type == SHT_SYMTAB || (sections[k].type == SHT_DYNSYM && !table))
            table = &sections[k];
    if (!table || table->size < entry)
        return refuse(r, "the ELF file has no symbol table: it was stripped");
    if (table->entry != entry || table->link >= count)
        return refuse(r, "the ELF file is broken: its symbol table's header contradicts itself");
    const struct section *names = &sections[table->link];
    if (names->size > STRINGS_MOST || !(r->f->strings = calloc(1, names->size + 1)))
        return refuse(r, "the ELF file's names are too long for this host's memory");
    if (!read_at(r, names->at, r->f->strings, names->size))
        return false;
    strings_clean(r->f->strings, names->size);
    for (u64 at = 0; at + entry <= table->size; ) {
        u64 n = (table->size - at) / entry * entry;
        if (n > 512 * entry)
            n = 512 * entry;
        if (!read_at(r, table->at + at, block, n))
            return false;
        for (u64 k = 0; k < n; k += entry)
            symbol_take(r, block + k, names->size, sections, count);
        at += n;
    }
    return true;
}

static bool header_fits(struct reader *r, const u8 *b)
{
    u32 machine = get16(b + 18);
    if (b[EI_DATA] != DATA_LSB || (machine != EM_386 && machine != EM_486 && machine != EM_X86_64)) {
        snprintf(r->message, r->room, "an ELF file for another processor (machine %u); expected one for x86", machine);
        return false;
    }
    if (get16(b + 16) == ET_REL)
        return refuse(r, "an ELF object file, which has no addresses yet; expected the program that it is linked into");
    if (get16(b + 16) == ET_CORE)
        return refuse(r, "an ELF core dump; expected a program");
    return true;
}

bool elf_read(struct symbol_file *f, u64 bytes, char *message, size_t n)
{
    struct reader r = { f, bytes, false, message, n };
    u8 b[HEADER_MOST] = { 0 };
    if (!read_at(&r, 0, b, bytes < HEADER_MOST ? bytes : HEADER_MOST))
        return false;
    r.wide = b[EI_CLASS] == CLASS_64;
    if ((b[EI_CLASS] != CLASS_32 && !r.wide) || bytes < (r.wide ? 64 : 52))
        return refuse(&r, "the ELF file is cut short or broken: its header says neither 32 nor 64 bits");
    if (!header_fits(&r, b))
        return false;
    f->kind = r.wide ? "ELF, 64 bits" : "ELF, 32 bits";
    const u8 *tail = b + (r.wide ? 54 : 42);                    /* e_phentsize, e_phnum, e_shentsize, e_shnum */
    u64 table = word(&r, b + (r.wide ? 40 : 32)), count = get16(tail + 6);
    u32 entry = get16(tail + 4);
    if (get16(tail + 2) && get16(tail) < (r.wide ? 56 : 32))
        return refuse(&r, "the ELF file is broken: its program headers are too small");
    if (!loads_read(&r, word(&r, b + (r.wide ? 32 : 28)), get16(tail), get16(tail + 2)))
        return false;
    if (!table)
        return refuse(&r, "the ELF file has no sections, and so no symbols: it was stripped");
    if (entry < (r.wide ? 64 : 40))
        return refuse(&r, "the ELF file is broken: its section headers are too small");
    struct section first, *sections;
    if (!section_read(&r, table, entry, 0, &first))
        return false;
    if (!count)                                                 /* "sh_size": more than 65279 of them */
        count = first.size;
    if (count > bytes / entry || !(sections = calloc(count + 1, sizeof *sections)))
        return refuse(&r, "the ELF file is broken: it says that it has more sections than fit");
    bool ok = true;
    for (u64 k = 0; k < count && ok; k++)
        ok = section_read(&r, table, entry, k, &sections[k]);
    ok = ok && symbols_read(&r, sections, count);
    free(sections);
    return ok;
}
