/* code.c - the debugger's commands that show instructions: in whose notation, of how many bits. */
#include "format.h"
#include "../../core/disasm.h"

enum { CODE_DEFAULT = 10, CODE_MAX = 1 << 16 };

/* A word that says how code is shown; false: it is none. */
static bool style_word(struct code_style *style, const char *word)
{
    char *end;
    long bits = strtol(word, &end, 10);
    if (!strcmp(word, "att") || !strcmp(word, "intel"))
        style->att = *word == 'a';
    else if (!strcmp(word, "auto"))
        style->bits = 0;
    else if (!strcmp(word, "on") || !strcmp(word, "off"))
        style->quiet = word[1] == 'f';
    else if ((bits == 16 || bits == 32 || bits == 64) && (!*end || !strcmp(end, "bit")))
        style->bits = (int)bits;
    else
        return false;
    return true;
}

void code_style_set(struct debugger *d, int argc, char **argv, int first)
{
    struct code_style style = d->style;
    for (int k = first; k < argc; k++) {
        if (!style_word(&style, argv[k])) {
            refuse(d, "set disassembly: att or intel; 16, 32, 64 or auto; on or off, at each stop: not %s", argv[k]);
            return;
        }
    }
    d->style = style;
    if (argc > first)
        return;
    fprintf(d->out, "disassembly: %s, ", style.att ? "att" : "intel");
    if (style.bits)
        fprintf(d->out, "%d bits", style.bits);
    else
        fputs("bits as the code segment says", d->out);
    fputs(style.quiet ? ", not at each stop\n" : "\n", d->out);
}

/* Code at CS:offset shows offsets of CS; an address of its own is shown as linear. */
struct disasm_view code_view(struct debugger *d, const struct location *at)
{
    const struct segment *cs = cpu_segment(d->cpu, CS);
    struct disasm_view v = { .cpu = d->cpu, .symbols = d->symbols, .labels = true, .att = d->style.att, .base = cs->base,
                             .mark = cpu_eip(d->cpu) };
    v.bits = d->style.bits ? d->style.bits : cs->access & SEG_DB ? 32 : 16;
    if (at->physical) {
        v.physical = true;
        v.base = 0;
        v.mark = UINT64_MAX;
    } else if (v.bits == 16 && (u32)(at->at - v.base) > 0xffff) {
        v.base = at->at & ~0xfull;
        v.mark = UINT64_MAX;
    }
    return v;
}

void code_print_here(struct debugger *d)
{
    struct location at = { control_linear(d->control), false };
    struct disasm_view v = code_view(d, &at);
    v.labels = false;
    if (!d->style.quiet)
        disasm_list(&v, cpu_eip(d->cpu), 1, d->out);
}

/* gdb's START,END and START,+LENGTH: so many bytes instead of so many instructions; 0: neither. */
static bool range_read(struct debugger *d, char *text, u64 *from, u64 *to)
{
    char *comma = strchr(text, ',');
    *to = 0;
    if (!comma)
        return true;
    *comma++ = 0;
    comma += strspn(comma, " ");
    if (*comma == '+' ? !expression_value(d, comma + 1, 16, to) : !expression_address(d, comma, to))
        return false;
    if (*comma == '+') {
        if (!expression_address(d, text, from))
            return false;
        *to += *from;
    }
    return true;
}

static u64 range_print(struct debugger *d, struct disasm_view *v, u64 offset, u64 end)
{
    for (u32 n = 0; n < CODE_MAX && v->base + offset < end; n++) {
        u64 before = offset;
        offset = disasm_list(v, offset, 1, d->out);
        v->labels = false;
        if (offset <= before)
            break;
    }
    return offset;
}

/* One of "/10/att": a count, or how. */
static bool slash(struct debugger *d, const char *word, struct code_style *style, u64 *n)
{
    bool count = is_digit(*word) && strspn(word, "0123456789") == strlen(word);
    if (count)
        return expression_count(d, word, n);
    if (!strcmp(word, "r") || !strcmp(word, "s") || !strcmp(word, "m") || style_word(style, word))
        return true;                            /* gdb's r, s, m ask for what is shown anyway */
    refuse(d, "/%s: a count, att, intel, 16bit, 32bit or 64bit was expected", word);
    return false;
}

/* *first is the argument behind those with slashes. */
static bool slashes(struct debugger *d, int argc, char **argv, int *first, struct code_style *style, u64 *n)
{
    for (*first = 1; *first < argc && argv[*first][0] == '/'; ++*first) {
        char word[TEXT];
        for (const char *at = argv[*first]; *at == '/'; ) {
            size_t length = strcspn(++at, "/");
            snprintf(word, sizeof word, "%.*s", (int)length, at);
            at += length;
            if (!slash(d, word, style, n))
                return false;
        }
    }
    return true;
}

/* A symbol's name before all else, FILE:LINE, or a place in memory. */
static bool code_location(struct debugger *d, const char *text, struct location *at)
{
    at->physical = false;
    return strncmp(text, "phys", 4) ? code_address(d, text, &at->at) : expression_location(d, text, at);
}

/* What stands behind an address: how many instructions, or (Bochs's) the address where they end, which is no plain number. */
static bool end_read(struct debugger *d, const char *text, u64 from, u64 *n, u64 *to)
{
    if (strspn(text, "0123456789") == strlen(text))
        return expression_count(d, text, n);
    if (!expression_address(d, text, to))
        return false;
    if (*to <= from) {
        *n = *to;
        *to = 0;
    }
    return true;
}

/* Bochs's disasm switch-mode, disasm size = N. */
static bool style_command(struct debugger *d, int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "switch-mode"))
        d->style.att = !d->style.att;
    else if (argc > 2 && !strcmp(argv[1], "size"))
        code_style_set(d, argc, argv, argc - 1);
    else
        return false;
    return true;
}

static void disassemble(struct debugger *d, int argc, char **argv)
{
    struct location at = { d->code_next, d->code_physical };
    u64 n = CODE_DEFAULT, from = 0, to = 0;
    int first;
    if (at.at == UINT64_MAX)
        at = (struct location){ control_linear(d->control), false };
    if (!slashes(d, argc, argv, &first, &d->style, &n))
        return;
    if (argc > first + 2) {
        refuse(d, "disassemble ADDRESS N: not understood: %s (blanks within an address want brackets)", argv[first + 2]);
        return;
    }
    if ((argc > first && (!range_read(d, argv[first], &from, &to) || !code_location(d, argv[first], &at))) ||
        (argc > first + 1 && !end_read(d, argv[first + 1], at.at, &n, &to)))
        return;
    struct disasm_view v = code_view(d, &at);
    u64 offset = v.physical ? at.at : (u32)(at.at - v.base);
    offset = to ? range_print(d, &v, offset, to) : disasm_list(&v, offset, n > CODE_MAX ? CODE_MAX : (u32)n, d->out);
    d->code_next = v.physical ? offset : (u32)(v.base + offset);
    d->code_physical = v.physical;
    snprintf(d->last, sizeof d->last, "disassemble");
}

/* What is said behind a slash holds for this once. */
void do_disassemble(struct debugger *d, int argc, char **argv)
{
    struct code_style before = d->style;
    if (style_command(d, argc, argv))
        return;
    disassemble(d, argc, argv);
    d->style = before;
}
