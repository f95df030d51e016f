/* examine.c - the debugger's commands that show memory: x and xp as gdb's and Bochs's, dumps, the stack. */
#include "format.h"
#include "../../core/disasm.h"
#include "../../core/memory.h"

enum { ROW = 16, DUMP_DEFAULT = 128, DUMP_MAX = 1 << 20, STACK_DEFAULT = 8, POINTERS_MOST = 100 };

/* ---- dumps ---- */

static void dump(struct debugger *d, const struct location *from, u64 n)
{
    for (u64 at = 0; at < n; at += ROW) {
        char text[ROW + 1] = "";
        fprintf(d->out, "%08llx ", (unsigned long long)(from->physical ? from->at + at : (u32)(from->at + at)));
        for (u64 i = 0; i < ROW && at + i < n; i++) {
            u8 byte;
            bool ok = memory_peek(d->cpu, from->at + at + i, from->physical, &byte, 1);
            fprintf(d->out, ok ? "%s%02x" : "%s--", i == 8 ? "  " : " ", ok ? byte : 0);
            text[i] = ok && byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
            text[i + 1] = 0;
        }
        fprintf(d->out, "%*s  %s\n", n - at < ROW ? (int)(ROW - (n - at)) * 3 + (n - at <= 8) : 0, "", text);
    }
}

/* [ADDRESS [N]], N bytes. */
static bool dump_arguments(struct debugger *d, int argc, char **argv, struct location *where, u64 *n)
{
    *n = DUMP_DEFAULT;
    if (argc > 3) {
        refuse(d, "%s ADDRESS N: not understood: %s (blanks within an address want brackets)", argv[0], argv[3]);
        return false;
    }
    if ((argc > 1 && !expression_location(d, argv[1], where)) || (argc > 2 && !expression_count(d, argv[2], n)))
        return false;
    if (*n > DUMP_MAX)
        refuse(d, "%llu bytes: at most %d at once", (unsigned long long)*n, DUMP_MAX);
    return *n <= DUMP_MAX;
}

void do_memory(struct debugger *d, int argc, char **argv)
{
    struct location where = { d->memory_next, d->memory_physical };
    u64 n;
    if (argc < 2 && where.at == UINT64_MAX)
        where = (struct location){ (u32)cpu_segment(d->cpu, DS)->base, false };
    if (!dump_arguments(d, argc, argv, &where, &n))
        return;
    dump(d, &where, n);
    d->memory_next = where.at + n;
    d->memory_physical = where.physical;
    snprintf(d->last, sizeof d->last, "memory");
}

void do_physical(struct debugger *d, int argc, char **argv)
{
    struct location where;
    u64 n;
    if (argc < 2) {
        refuse(d, "which address?");
        return;
    }
    if (!dump_arguments(d, argc, argv, &where, &n))
        return;
    where.physical = true;
    dump(d, &where, n);
}

/* ---- x ---- */

static u64 where_print_line(struct debugger *d, const struct location *at)
{
    u64 address = at->physical ? at->at : (u32)at->at;
    fprintf(d->out, "%08llx", (unsigned long long)address);
    if (!at->physical || names_physical(d->cpu))
        name_print(d->symbols, d->cpu, address, " <", ">", d->out);
    fputc(':', d->out);
    return address;
}

/* How many stand in a line. */
static u64 in_line(const struct format *f)
{
    u64 bytes = (u64)format_bytes(f->size);
    return f->letter == 't' ? 8 / bytes : bytes == 1 ? 8 : 16 / bytes;
}

static void values_print(struct debugger *d, const struct format *f, struct location *at)
{
    int bytes = format_bytes(f->size);
    for (u64 k = 0; k < f->count; k++, at->at += (u64)bytes) {
        u8 raw[8] = { 0 };
        if (!memory_peek(d->cpu, at->at, at->physical, raw, (size_t)bytes)) {
            refuse(d, "%s%s %08llx", k % in_line(f) ? "\n" : "", at->physical ? "no memory is at physical" : "nothing is mapped at",
                   (unsigned long long)(at->physical ? at->at : (u32)at->at));
            return;
        }
        if (k % in_line(f) == 0)
            where_print_line(d, at);
        fputs("  ", d->out);
        format_print(d, get64(raw), bytes, f->letter, true);
        if (k % in_line(f) == in_line(f) - 1 || k + 1 == f->count)
            fputc('\n', d->out);
    }
}

static void strings_print(struct debugger *d, const struct format *f, struct location *at)
{
    for (u64 k = 0; k < f->count; k++) {
        u64 address = where_print_line(d, at), n;
        fputs("  ", d->out);
        if (!(n = format_string(d, at))) {
            refuse(d, "nothing is mapped at %08llx", (unsigned long long)address);
            return;
        }
        fputc('\n', d->out);
        at->at += n;
    }
}

static void code_print(struct debugger *d, const struct format *f, struct location *at)
{
    struct disasm_view v = code_view(d, at);
    u64 offset = v.physical ? at->at : (u32)(at->at - v.base);
    offset = disasm_list(&v, offset, (u32)f->count, d->out);
    at->at = v.physical ? offset : (u32)(v.base + offset);
}

static void examine(struct debugger *d, int argc, char **argv, bool physical)
{
    struct format f = { .count = 1, .letter = d->x_letter ? d->x_letter : 'x', .size = d->x_size ? d->x_size : 'w' };
    int first = argc > 1 && argv[1][0] == '/' ? 2 : 1;
    char text[sizeof d->last];
    struct location at = { d->x_next, d->x_physical };
    words_join(argc, argv, first, text, sizeof text);
    if (first == 2 && !format_read(d, argv[1], &f))
        return;
    if (f.lettered && f.letter == 'c' && !f.sized)
        f.size = 'b';
    if (f.lettered && f.letter == 'a' && !f.sized)
        f.size = 'w';
    if (first < argc && !expression_location(d, text, &at))
        return;
    if (first == argc && (!d->x_size || (physical && !d->x_physical))) {
        refuse(d, "which address? Such as: %s/4wx %s", argv[0], physical ? "7c00" : "ss:esp");
        return;
    }
    at.physical |= physical;
    u64 bytes = f.count * (u64)(f.letter == 'm' ? 1 : format_bytes(f.size));
    if (bytes > DUMP_MAX) {
        refuse(d, "%llu bytes: at most %d at once", (unsigned long long)bytes, DUMP_MAX);
        return;
    }
    d->x_letter = f.letter;
    d->x_size = f.size;
    if (f.letter == 'i')
        code_print(d, &f, &at);
    else if (f.letter == 's')
        strings_print(d, &f, &at);
    else if (f.letter == 'm')
        dump(d, &at, f.counted ? f.count : DUMP_DEFAULT);
    else
        values_print(d, &f, &at);
    if (f.letter == 'm')
        at.at += f.counted ? f.count : DUMP_DEFAULT;
    d->x_next = at.at;
    d->x_physical = at.physical;
    snprintf(d->last, sizeof d->last, "%s /%llu%c%c", argv[0], (unsigned long long)f.count, f.size, f.letter);
}

void do_x(struct debugger *d, int argc, char **argv)  { examine(d, argc, argv, false); }
void do_xp(struct debugger *d, int argc, char **argv) { examine(d, argc, argv, true); }

void do_print_string(struct debugger *d, int argc, char **argv)
{
    struct location at;
    char text[sizeof d->last];
    words_join(argc, argv, 1, text, sizeof text);
    if (expression_location(d, text, &at))
        strings_print(d, &(struct format){ .count = 1 }, &at);
}

/* From pointer to pointer, so many times: Bochs user manual, "Using Bochs internal debugger". */
void do_deref(struct debugger *d, int argc, char **argv)
{
    struct location at;
    u64 n;
    if (argc != 3) {
        refuse(d, "deref ADDRESS N, such as: deref ss:esp 2");
        return;
    }
    if (!expression_location(d, argv[1], &at) || !expression_count(d, argv[2], &n))
        return;
    for (u64 k = 0; k < n && k < POINTERS_MOST && !d->failed; k++) {
        struct location next = at;
        u8 raw[4] = { 0 };
        values_print(d, &(struct format){ .count = 1, .size = 'w', .letter = 'a' }, &next);
        memory_peek(d->cpu, at.at, at.physical, raw, sizeof raw);
        at.at = get32(raw);
    }
}

/* ---- the stack ---- */

void do_stack(struct debugger *d, int argc, char **argv)
{
    const struct segment *ss = cpu_segment(d->cpu, SS);
    bool wide = ss->access & SEG_DB;
    u64 n = STACK_DEFAULT, sp = cpu_get(d->cpu, wide ? "esp" : "sp");
    int size = wide ? 4 : 2;
    if (argc > 1 && !expression_count(d, argv[1], &n))
        return;
    for (u64 i = 0; i < n && i < DUMP_MAX; i++) {
        u8 bytes[4] = { 0 };
        u64 at = (sp + i * (u64)size) & (wide ? 0xffffffff : 0xffff);
        if (cpu_peek(d->cpu, (u32)(ss->base + at), bytes, (size_t)size))
            fprintf(d->out, "%04x:%08x  %0*x", ss->selector, (u32)at, size * 2, get32(bytes));
        else
            fprintf(d->out, "%04x:%08x  not mapped", ss->selector, (u32)at);
        if (wide)
            name_print(d->symbols, d->cpu, get32(bytes), "  ", "", d->out);
        fputc('\n', d->out);
    }
}
