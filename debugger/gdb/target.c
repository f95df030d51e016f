/* target.c - see target.h. gdb's own feature of the i386 names what it must find, and in which sizes; the rest of the processor's table
 * follows as a feature of ours, dots as underscores: cs_base, gdtr_limit, cr0. */
#include "target.h"
#include "../../host/text.h"
#include <stdio.h>

/* What gdb calls a register is in the table under the same name, but for these. */
enum special { PLAIN, LINEAR_EIP, FTAG, CODE_BITS };
enum { NAME = 16 };

struct seen {                           /* a register as gdb sees it */
    char name[NAME];
    const struct cpu_register *r;       /* NULL: FTAG, CODE_BITS */
    u8 special, bytes;
};

struct target {
    struct seen *seen;
    u32 count;
    char *xml;
    size_t xml_n;
};

/* Of "org.gnu.gdb.i386.core", in gdb's order: name, type, bytes, name in our table. */
static const struct { const char *name, *type; u8 bytes; const char *ours; } core[] = {
    { "eax", "int32", 4, "eax" }, { "ecx", "int32", 4, "ecx" }, { "edx", "int32", 4, "edx" }, { "ebx", "int32", 4, "ebx" },
    { "esp", "data_ptr", 4, "esp" }, { "ebp", "data_ptr", 4, "ebp" }, { "esi", "int32", 4, "esi" }, { "edi", "int32", 4, "edi" },
    { "eip", "code_ptr", 4, "eip" }, { "eflags", "i386_eflags", 4, "eflags" }, { "cs", "int32", 4, "cs" }, { "ss", "int32", 4, "ss" },
    { "ds", "int32", 4, "ds" }, { "es", "int32", 4, "es" }, { "fs", "int32", 4, "fs" }, { "gs", "int32", 4, "gs" },
    { "st0", "i387_ext", 10, "st0" }, { "st1", "i387_ext", 10, "st1" }, { "st2", "i387_ext", 10, "st2" },
    { "st3", "i387_ext", 10, "st3" }, { "st4", "i387_ext", 10, "st4" }, { "st5", "i387_ext", 10, "st5" },
    { "st6", "i387_ext", 10, "st6" }, { "st7", "i387_ext", 10, "st7" },
    { "fctrl", "int", 4, "fcw" }, { "fstat", "int", 4, "fsw" }, { "ftag", "int", 4, NULL }, { "fiseg", "int", 4, "fcs" },
    { "fioff", "int", 4, "fip" }, { "foseg", "int", 4, "fds" }, { "fooff", "int", 4, "fdp" }, { "fop", "int", 4, "fop" },
};

/* ---- making the description ---- */

static struct seen *add(struct target *t, const char *name, const struct cpu_register *r, int bytes)
{
    t->seen = xrealloc(t->seen, (t->count + 1) * sizeof *t->seen);
    struct seen *s = &t->seen[t->count++];
    *s = (struct seen){ .r = r, .bytes = (u8)bytes };
    snprintf(s->name, sizeof s->name, "%s", name);
    for (char *c = s->name; *c; c++)
        *c = *c == '.' ? '_' : *c;
    return s;
}

static void print_flags(FILE *out, const char *id, int bytes, const struct cpu_register *r)
{
    fprintf(out, "  <flags id=\"%s\" size=\"%d\">\n", id, bytes);
    for (const struct register_bit *b = r->bits; b->name; b++) {
        int n = 0;
        while (b->bit >> n > 1)
            n++;
        fprintf(out, "    <field name=\"%s\" start=\"%d\" end=\"%d\"/>\n", b->name, n, n);
    }
    fprintf(out, "  </flags>\n");
}

static void make_core(struct target *t, FILE *out)
{
    fprintf(out, " <feature name=\"org.gnu.gdb.i386.core\">\n");
    print_flags(out, "i386_eflags", 4, register_find("eflags"));
    for (size_t k = 0; k < ARRAY_LEN(core); k++) {
        const struct cpu_register *r = core[k].ours ? register_find(core[k].ours) : NULL;
        struct seen *s = add(t, core[k].name, r, core[k].bytes);
        s->special = !r ? FTAG : !strcmp(core[k].name, "eip") ? LINEAR_EIP : PLAIN;
        fprintf(out, "  <reg name=\"%s\" bitsize=\"%d\" type=\"%s\"%s/>\n", s->name, 8 * s->bytes, core[k].type,
                k >= 24 ? " group=\"float\"" : "");
    }
    fprintf(out, " </feature>\n");
}

/* Is it of the features of gdb's own, or part of one that is? MMX registers gdb finds in ST(i) by itself. */
static bool known(const struct cpu_register *r)
{
    return r->group == REGISTERS_GENERAL || r->group == REGISTERS_X87 || r->group == REGISTERS_MMX || r->flags & REGISTER_PART ||
           (r->group == REGISTERS_SEGMENT && r->n < SEGMENTS);
}

static void make_system(struct target *t, FILE *out)
{
    fprintf(out, " <feature name=\"org.vitrine.i386.system\">\n");
    for (const struct cpu_register *r = cpu_registers; r->name; r++) {
        if (known(r))
            continue;
        struct seen *s = add(t, r->name, r, r->bytes);
        char type[NAME + 8];
        snprintf(type, sizeof type, "uint%d", 8 * r->bytes);
        if (r->bits) {
            snprintf(type, sizeof type, "%s_bits", s->name);
            print_flags(out, type, r->bytes, r);
        }
        fprintf(out, "  <reg name=\"%s\" bitsize=\"%d\" type=\"%s\" group=\"system\"/>\n", s->name, 8 * r->bytes, type);
    }
    add(t, "code_bits", NULL, 4)->special = CODE_BITS;
    fprintf(out, "  <reg name=\"code_bits\" bitsize=\"32\" type=\"uint32\" group=\"system\"/>\n </feature>\n");
}

struct target *target_new(void)
{
    struct target *t = xcalloc(1, sizeof *t);
    struct text *text = text_new();
    if (!text)
        vitrine_out_of_memory(1);
    FILE *out = text_file(text);
    /* gdb takes the more capable of the user's architecture and this: i8086 leaves both to be chosen. */
    fprintf(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
                 " <architecture>i8086</architecture>\n <osabi>none</osabi>\n");
    make_core(t, out);
    make_system(t, out);
    fprintf(out, "</target>\n");
    t->xml = text_take(text, &t->xml_n);
    if (!t->xml)
        vitrine_out_of_memory(1);
    return t;
}

void target_free(struct target *t)
{
    if (!t)
        return;
    free(t->seen);
    free(t->xml);
    free(t);
}

const char *target_xml(const struct target *t, size_t *n)
{
    *n = t->xml_n;
    return t->xml;
}

u32 target_count(const struct target *t) { return t->count; }
const char *target_name(const struct target *t, u32 k) { return t->seen[k].name; }
u32 target_size(const struct target *t, u32 k) { return t->seen[k].bytes; }

/* ---- bytes ---- */

static u32 code_base(const struct cpu *cpu) { return (u32)cpu_segment(cpu, CS)->base; }

enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };
/* SDM Vol. 1 "x87 FPU Tag Word". */
static u16 tag_word(const struct x87 *x)
{
    u32 tags = 0;
    for (int k = 7; k >= 0; k--) {
        const struct f80 *f = &x->st[k];
        u32 exponent = f->se & 0x7fff, tag = TAG_VALID;
        if (x->empty >> k & 1)
            tag = TAG_EMPTY;
        else if (!exponent && !f->significand)
            tag = TAG_ZERO;
        else if (!exponent || exponent == 0x7fff || !(f->significand >> 63))
            tag = TAG_SPECIAL;
        tags = tags << 2 | tag;
    }
    return (u16)tags;
}

void target_read(const struct target *t, struct cpu *cpu, u32 k, u8 *bytes)
{
    const struct seen *s = &t->seen[k];
    u8 own[TARGET_BYTES] = { 0 };
    if (s->r)
        register_bytes(cpu, s->r, own);
    if (s->special == LINEAR_EIP)
        put32(own, code_base(cpu) + get32(own));
    else if (s->special == FTAG)
        put32(own, tag_word(cpu_x87(cpu)));
    else if (s->special == CODE_BITS)
        put32(own, cpu_segment(cpu, CS)->access & SEG_DB ? 32 : 16);
    memcpy(bytes, own, s->bytes);
}

static bool write_tags(struct cpu *cpu, u32 tags, char *why, size_t n)
{
    u8 empty = 0;
    if (tags > 0xffff) {
        snprintf(why, n, "ftag has 16 bits: 0x%x does not fit", tags);
        return false;
    }
    for (int k = 0; k < 8; k++)
        empty |= (u8)(((tags >> 2 * k & 3) == TAG_EMPTY) << k);
    x87_set_empty(cpu, empty);
    return true;
}

bool target_write(const struct target *t, struct cpu *cpu, u32 k, const u8 *bytes, char *why, size_t n)
{
    const struct seen *s = &t->seen[k];
    u8 now[TARGET_BYTES], own[TARGET_BYTES] = { 0 };
    target_read(t, cpu, k, now);
    if (!memcmp(now, bytes, s->bytes))
        return true;
    if (s->special == FTAG)
        return write_tags(cpu, get32(bytes), why, n);
    if (s->special == CODE_BITS) {
        snprintf(why, n, "code_bits follows from cs_access, and cannot be set");
        return false;
    }
    memcpy(own, bytes, s->bytes);
    if (s->special == LINEAR_EIP)
        put32(own, get32(own) - code_base(cpu));
    if (s->bytes > s->r->bytes)                 /* gdb has a selector in 32 bits */
        return register_set(cpu, s->r, get32(own), why, n);
    return register_set_bytes(cpu, s->r, own, why, n);
}
