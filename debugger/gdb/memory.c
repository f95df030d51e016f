/* memory.c - the packets m, M and X, whose addresses are linear, and the memory map. */
#include "parts.h"
#include "../../host/text.h"
#include "../core/memory.h"

enum { MOST = (WIRE_MOST - 2) / 2, ROM_ABOVE = 0x100000 };
static const u64 LINEAR_END = 1ull << 32;

/* "ADDRESS,LENGTH", what stands behind it from *p on. */
static bool range(const char **p, u64 *address, u64 *length, char behind)
{
    bool ok = hex_number(p, address) && *(*p)++ == ',' && hex_number(p, length) && **p == behind && *address < LINEAR_END;
    *p += ok && behind;
    return ok;
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
    if (!range(&p, &address, &length, 0)) {
        stub_answer(s, "E%02x", ERROR_PACKET);
        return;
    }
    while (n < length && n < MOST && address + n < LINEAR_END && memory_peek(stub_cpu(s), address + n, false, bytes + n, 1))
        n++;
    if (!n && length)
        stub_answer(s, "E%02x", ERROR_ADDRESS); /* gdb takes no words here */
    else
        answer_hex(&s->answer, bytes, n);       /* fewer than were asked for: gdb asks for the rest */
}

/* All of them or none. */
static void write_bytes(struct stub *s, u64 address, const u8 *bytes, u64 n)
{
    u64 wrong = 0;
    u8 old;
    if (!stub_may_change(s))
        return;
    if (memory_poke(stub_cpu(s), address, false, bytes, n)) {
        stub_answer(s, "OK");
        return;
    }
    while (wrong < n && memory_peek(stub_cpu(s), (u32)(address + wrong), false, &old, 1))
        wrong++;
    refuse(s, (u32)(address + wrong));
}

void packet_M(struct stub *s, const char *p)
{
    u64 address, length;
    u8 bytes[MOST];
    if (!range(&p, &address, &length, ':'))
        answer_error(&s->answer, "expected ADDRESS,LENGTH:BYTES, the address in 32 bits");
    else if (length > MOST || !hex_bytes(&p, bytes, length) || *p)
        answer_error(&s->answer, "expected two digits for each of 0x%llx bytes", (unsigned long long)length);
    else
        write_bytes(s, address, bytes, length);
}

void packet_X(struct stub *s, const char *p, size_t n)
{
    u64 address, length;
    u8 bytes[WIRE_MOST];
    const char *end = p + n;
    if (!range(&p, &address, &length, ':'))
        answer_error(&s->answer, "expected ADDRESS,LENGTH:BYTES, the address in 32 bits");
    else if (length > sizeof bytes || !binary_bytes(p, (size_t)(end - p), bytes, length))
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
