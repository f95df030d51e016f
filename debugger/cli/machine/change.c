/* change.c - the debugger's commands that show a value or change one: print, set, memory from and to files.
 * Follows: the GDB manual, "Output Formats", "Assignment to Variables"; Bochs user manual, "Using Bochs internal debugger" (setpmem,
 * writemem, loadmem, crc). */
#include "format.h"
#include "../../core/memory.h"
#include "../../../host/file.h"
#include "../../../host/output.h"

enum { FILE_MOST = 1 << 28 };

/* ---- values ---- */

/* print/x and the like: of a number; of what /s is for, its address. */
static void print_as(struct debugger *d, const struct value *v, const struct format *f)
{
    struct language l = debugger_language(d);
    u64 number = 0, size = v->in_memory || v->type.known || v->type.pointers ? type_size(&v->type) : v->bytes;
    bool array = f->letter == 's' && v->in_memory && type_is_array(&v->type);
    if (!array && !language_load(&l, v, &number)) {
        d->failed = true;
        return;
    }
    struct location at = array ? (struct location){ v->v, v->physical } : (struct location){ number, false };
    if (f->letter != 's') {
        format_print(d, number, size == 1 || size == 2 || size == 4 ? (int)size : 8, f->letter, false);
    } else if (!format_string(d, &at)) {
        refuse(d, "nothing is mapped at %08llx", (unsigned long long)at.at);
        return;
    }
    fputc('\n', d->out);
}

void do_print(struct debugger *d, int argc, char **argv)
{
    char text[sizeof d->last];
    struct format f = { .count = 1, .letter = 0 };
    struct language l = debugger_language(d);
    struct value v;
    int first = argc > 1 && argv[1][0] == '/' ? 2 : 1;
    words_join(argc, argv, first, text, sizeof text);
    if (argc <= first) {
        refuse(d, "which? EXPRESSION, such as: print eax + 4");
        return;
    }
    if (first == 2 && !format_read(d, argv[1], &f))
        return;
    if (f.counted || f.sized || (f.letter && strchr("im", f.letter))) {
        refuse(d, "print%s: only x z d u o t c a f s may stand there; x%s ADDRESS looks at memory", argv[1], argv[1]);
        return;
    }
    if (!expression_typed(d, text, &v))
        return;
    if (f.letter)
        print_as(d, &v, &f);
    else
        d->failed |= !language_print(&l, &v);
}

/* ---- set ---- */

static void set_register(struct debugger *d, int argc, char **argv, const struct cpu_register *r)
{
    char text[sizeof d->last], why[160];
    u64 v;
    words_join(argc, argv, 2, text, sizeof text);
    if (expression_value(d, text, 16, &v) && may_change(d) && !register_set(d->cpu, r, v, why, sizeof why))
        refuse(d, "%s", why);
}

/* "REGISTER VALUE", or "LEFT = RIGHT" with a register, flag or memory; "disassembly HOW". */
void do_set(struct debugger *d, int argc, char **argv)
{
    static const char *const styles[] = { "disassembly", "disassembly-flavor", "disasm", "u" };
    char text[sizeof d->last];
    struct value v;
    if (argc < 2) {
        refuse(d, "which? REGISTER VALUE, such as: set eax 12; or set byte [7c00] = 90");
        return;
    }
    for (size_t k = 0; k < ARRAY_LEN(styles); k++) {
        if (!strcmp(argv[1], styles[k])) {
            code_style_set(d, argc, argv, 2);
            return;
        }
    }
    int first = argc > 2 && (!strcmp(argv[1], "var") || !strcmp(argv[1], "variable")) ? 2 : 1;
    words_join(argc, argv, first, text, sizeof text);
    const struct cpu_register *r = register_find(argv[first] + strspn(argv[first], "$%"));
    if (language_is_assignment(text))
        expression_typed(d, text, &v);
    else if (r && argc > first + 1)
        set_register(d, argc - first + 1, argv + first - 1, r);
    else if (r)
        refuse(d, "%s: to which value?", argv[first]);
    else
        refuse(d, "no register %s; r, sr, cr and f show them. Memory is set by: set byte [ADDRESS] = VALUE", argv[first]);
}

/* ---- memory ---- */

/* Where nothing else is said, as Bochs's words have it: physical. */
static bool physical_location(struct debugger *d, const char *text, struct location *at)
{
    if (!expression_location(d, text, at))
        return false;
    at->physical |= !strchr(text, ':');
    return true;
}

void do_setpmem(struct debugger *d, int argc, char **argv)
{
    struct location at;
    u64 size, v;
    u8 bytes[8];
    if (argc != 4) {
        refuse(d, "setpmem ADDRESS SIZE VALUE, such as: setpmem 7c00 1 90");
        return;
    }
    if (!physical_location(d, argv[1], &at) || !expression_count(d, argv[2], &size) || !expression_value(d, argv[3], 16, &v))
        return;
    if (size != 1 && size != 2 && size != 4 && size != 8)
        refuse(d, "%s bytes: 1, 2, 4 or 8 were expected", argv[2]);
    else if ((v & ~mask_bytes((int)size)) && (v | mask_bytes((int)size) >> 1) != ~0ull)
        refuse(d, "0x%llx does not fit into %llu byte%s", (unsigned long long)v, (unsigned long long)size, size > 1 ? "s" : "");
    else if (may_change(d)) {
        put64(bytes, v);
        if (!memory_poke(d->cpu, at.at, at.physical, bytes, (size_t)size))
            refuse(d, "no memory is at %08llx", (unsigned long long)at.at);
    }
}

/* N bytes from there into a file. */
static bool write_out(struct debugger *d, const struct location *at, u64 n, FILE *file)
{
    for (u64 k = 0; k < n; k++) {
        u8 byte;
        if (!memory_peek(d->cpu, at->at + k, at->physical, &byte, 1)) {
            refuse(d, "nothing can be read at %08llx: nothing was written", (unsigned long long)(at->at + k));
            return false;
        }
        fputc(byte, file);
    }
    return true;
}

void do_writemem(struct debugger *d, int argc, char **argv)
{
    struct location at;
    u64 n;
    char error[300];
    if (argc != 4) {
        refuse(d, "writemem FILE ADDRESS N, such as: writemem boot.bin 7c00 512");
        return;
    }
    if (!expression_location(d, argv[2], &at) || !expression_count(d, argv[3], &n))
        return;
    if (n > FILE_MOST) {
        refuse(d, "%llu bytes: at most %d", (unsigned long long)n, FILE_MOST);
        return;
    }
    struct output *file = output_begin(d->outputs, "writemem", argv[1], error, sizeof error);
    if (!file)
        refuse(d, "%s", error);
    else if (!write_out(d, &at, n, output_file(file)))
        output_drop(file);
    else if (!output_commit(file, error, sizeof error))
        refuse(d, "%s", error);
    else
        fprintf(d->out, "%llu bytes from %08llx: %s\n", (unsigned long long)n, (unsigned long long)at.at, argv[1]);
}

void do_loadmem(struct debugger *d, int argc, char **argv)
{
    struct location at;
    struct failure why;
    size_t n;
    if (argc != 3) {
        refuse(d, "loadmem FILE ADDRESS, such as: loadmem boot.bin 7c00");
        return;
    }
    if (!expression_location(d, argv[2], &at) || !may_change(d))
        return;
    char *bytes = file_text(argv[1], FILE_MOST, &n, &why);
    if (!bytes)
        refuse(d, "%s: %s", argv[1], why.text);
    else if ((at.physical || at.at + n <= 1ull << 32) && memory_poke(d->cpu, at.at, at.physical, bytes, n))
        fprintf(d->out, "%llu bytes to %08llx\n", (unsigned long long)n, (unsigned long long)at.at);
    else
        refuse(d, "%08llx and %llu bytes behind: not all of that is memory; nothing was changed", (unsigned long long)at.at,
               (unsigned long long)n);
    free(bytes);
}

/* CRC-32 as Ethernet has it: IEEE 802.3, "Frame check sequence". */
static u32 crc_byte(u32 crc, u8 byte)
{
    crc ^= byte;
    for (int k = 0; k < 8; k++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    return crc;
}

void do_crc(struct debugger *d, int argc, char **argv)
{
    struct location first, last;
    u32 crc = ~0u;
    if (argc != 3) {
        refuse(d, "crc FIRST LAST, both counted in, such as: crc 7c00 7dff");
        return;
    }
    if (!physical_location(d, argv[1], &first) || !physical_location(d, argv[2], &last))
        return;
    if (last.at < first.at || last.at - first.at >= FILE_MOST || last.physical != first.physical) {
        refuse(d, "from %08llx to %08llx: the last address must lie behind the first, at most %d bytes", (unsigned long long)first.at,
               (unsigned long long)last.at, FILE_MOST);
        return;
    }
    for (u64 at = first.at; at <= last.at; at++) {
        u8 byte;
        if (!memory_peek(d->cpu, at, first.physical, &byte, 1)) {
            refuse(d, "no memory is at %08llx", (unsigned long long)at);
            return;
        }
        crc = crc_byte(crc, byte);
    }
    fprintf(d->out, "0x%08x\n", ~crc);
}
