/* say.c - paragraphs that fit a terminal, and names of registers. */
#include "parts.h"
#include <stdarg.h>

enum { PARAGRAPH = 2048 };

/* Words of one line of text; `at` is the column that the last one left. */
static void wrap(FILE *out, const char *text, int indent, int hang)
{
    int at = indent;
    bool first = true;
    fprintf(out, "%*s", indent, "");
    while (*text) {
        int blanks = (int)strspn(text, " "), n = (int)strcspn(text + blanks, " ");
        if (!first && at + blanks + n > TELL_COLUMNS) {
            fprintf(out, "\n%*s", hang, "");
            at = hang;
            blanks = 0;
        }
        text += strspn(text, " ");
        fprintf(out, "%*s%.*s", blanks, "", n, text);
        at += blanks + n;
        text += n;
        first = false;
    }
    fputc('\n', out);
}

static void lines(struct explain *e, char *text, int indent, int hang)
{
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        wrap(e->out, line, line == text ? indent : hang, hang);
    }
}

void tell_at(struct explain *e, int indent, int hang, const char *format, ...)
{
    char text[PARAGRAPH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    lines(e, text, indent, hang);
}

void tell_of(struct explain *e, const char *label, const char *format, ...)
{
    char text[PARAGRAPH];
    va_list args;
    int n = snprintf(text, sizeof text, "%-*s", HANG - INDENT, label);
    if (n > HANG - INDENT)
        n += snprintf(text + n, sizeof text - (size_t)n, " ");
    va_start(args, format);
    vsnprintf(text + n, sizeof text - (size_t)n, format, args);
    va_end(args);
    lines(e, text, INDENT, HANG);
}

void add_to(char *text, size_t size, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, size - n, format, args);
    va_end(args);
}

const char *gpr_name(int n, int bytes)
{
    static const char *const names[3][8] = {
        { "AL", "CL", "DL", "BL", "AH", "CH", "DH", "BH" }, { "AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI" },
        { "EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI" },
    };
    return names[bytes == 1 ? 0 : bytes == 2 ? 1 : 2][n & 7];
}

const char *segment_name(int n)
{
    static const char *const names[] = { "ES", "CS", "SS", "DS", "FS", "GS", "(none)", "(none)", "TR" };
    return names[n];
}

const char *hex_of(u64 value, int bytes, char text[24])
{
    int digits = bytes > 8 ? 16 : bytes < 1 ? 1 : 2 * bytes;
    snprintf(text, 24, "%0*llx", digits, (unsigned long long)(bytes >= 1 && bytes < 8 ? value & ((1ull << 8 * bytes) - 1) : value));
    return text;
}

u64 gpr_value(const struct cpu *cpu, int n, int bytes)
{
    char name[4];
    snprintf(name, sizeof name, "%s", gpr_name(n, bytes));
    for (char *c = name; *c; c++)
        *c = to_lower(*c);
    return cpu_get(cpu, name);
}
