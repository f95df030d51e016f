/* memory.c - the packets m, M and X, whose addresses are linear, and the memory map. */
#include "parts.h"
#include "../../host/text.h"

enum { MOST = (WIRE_MOST - 2) / 2, ROM_ABOVE = 0x100000 };
static const u64 LINEAR_END = 1ull << 32;

/* "ADDRESS,LENGTH", what stands behind it from *p on. */
static bool range(struct stub *s, const char **p, u64 *address, u64 *length, char behind)
{
    bool ok = hex_number(p, address) && *(*p)++ == ',' && hex_number(p, length) && **p == behind;
    if (!ok)
        answer_error(&s->answer, "expected ADDRESS,LENGTH in hexadecimal");
    else if (*address >= LINEAR_END)
        answer_error(&s->answer, "linear addresses have 32 bits");
    *p += ok && behind;
    return ok && *address < LINEAR_END;
}

/* Says in the answer why there are no bytes at an address. */
static void refuse(struct stub *s, u64 linear)
{
    u64 physical;
    if (!cpu_translate_peek(stub_cpu(s), linear, &physical))
        answer_error(&s->answer, "%08llx: no page is mapped there", (unsigned long long)linear);
    else
        answer_error(&s->answer, "%08llx: physical %09llx is neither RAM nor ROM", (unsigned long long)linear,
                     (unsigned long long)physical);
}

void packet_m(struct stub *s, const char *p)
{
    u64 address, length;
    u8 bytes[MOST];
    size_t n = 0;
    if (!range(s, &p, &address, &length, 0))
        return;
    while (n < length && n < MOST && address + n < LINEAR_END && cpu_peek(stub_cpu(s), address + n, bytes + n, 1))
        n++;
    if (!n && length)
        refuse(s, address);
    else
        answer_hex(&s->answer, bytes, n);       /* fewer than were asked for: gdb asks for the rest */
}

/* All of them or none. */
static void write_bytes(struct stub *s, u64 address, const u8 *bytes, u64 n)
{
    u64 physical;
    u8 old;
    struct cpu *cpu = stub_cpu(s);
    for (u64 k = 0; k < n; k++)
        if (address + k >= LINEAR_END || !cpu_peek(cpu, address + k, &old, 1)) {
            refuse(s, (u32)(address + k));
            return;
        }
    for (u64 k = 0; k < n; k++)
        if (cpu_translate_peek(cpu, address + k, &physical))
            space_poke(cpu_memory(cpu), physical, bytes + k, 1);
    stub_answer(s, "OK");
}

void packet_M(struct stub *s, const char *p)
{
    u64 address, length;
    u8 bytes[MOST];
    if (!range(s, &p, &address, &length, ':'))
        return;
    if (length > MOST || !hex_bytes(&p, bytes, length) || *p)
        answer_error(&s->answer, "expected two digits for each of 0x%llx bytes", (unsigned long long)length);
    else
        write_bytes(s, address, bytes, length);
}

void packet_X(struct stub *s, const char *p, size_t n)
{
    u64 address, length;
    u8 bytes[WIRE_MOST];
    const char *end = p + n;
    if (!range(s, &p, &address, &length, ':'))
        return;
    if (length > sizeof bytes || !binary_bytes(p, (size_t)(end - p), bytes, length))
        answer_error(&s->answer, "expected 0x%llx bytes", (unsigned long long)length);
    else
        write_bytes(s, address, bytes, length);
}

/* ---- the map ---- */

struct map { FILE *out; u64 at; };

static void piece(struct map *map, u64 end, const char *type)
{
    if (end > map->at)
        fprintf(map->out, " <memory type=\"%s\" start=\"0x%llx\" length=\"0x%llx\"/>\n", type, (unsigned long long)map->at,
                (unsigned long long)(end - map->at));
    map->at = end;
}

/* The highest of the ROMs between a megabyte and the end: those below it are overlaid with RAM by the firmware. */
static void find_rom(void *to, const struct space_region *r)
{
    u64 *rom = to;
    if (r->ram && !r->writable && r->enable & REGION_READ && r->base >= ROM_ABOVE && r->base + r->size <= LINEAR_END && r->base > rom[0]) {
        rom[0] = r->base;
        rom[1] = r->base + r->size;
    }
}

/* gdb reaches no address that the map leaves out, and its addresses are linear: with paging all of them may be RAM. Without, the
 * firmware's ROM is one. */
char *memory_map_xml(struct stub *s, size_t *n)
{
    u64 rom[2] = { 0, 0 };
    struct text *text = text_new();
    if (!text)
        return NULL;
    struct map map = { .out = text_file(text) };
    fprintf(map.out, "<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\""
                     " \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n<memory-map>\n");
    if (!(cpu_get(stub_cpu(s), "cr0") & CR0_PG))
        space_each(cpu_memory(stub_cpu(s)), find_rom, rom);
    if (rom[1]) {
        piece(&map, rom[0], "ram");
        piece(&map, rom[1], "rom");
    }
    piece(&map, LINEAR_END, "ram");
    fprintf(map.out, "</memory-map>\n");
    return text_take(text, n);
}
