/* fields.c - the second part: each field of the instruction, where it stands and what it says.
 * Follows: Intel SDM Vol. 2A "Instruction Prefixes", "ModR/M and SIB Bytes", the tables of addressing forms. */
#include "parts.h"

/* "Instruction Prefixes". A repeat prefix before an instruction that is no string's belongs to the opcode or does nothing. */
static void prefix_text(const struct explain *e, const struct anatomy_field *f, char *text, size_t size)
{
    const struct anatomy *a = &e->a;
    bool repeats = a->attr & (A_REP | A_REPCC);
    switch (f->value) {
    case 0x66: snprintf(text, size, "operand-size override: %d bits", 8 * a->operand_size); break;
    case 0x67: snprintf(text, size, "address-size override: %d bits", 8 * a->address_size); break;
    case 0xf0: case 0xf1: snprintf(text, size, "LOCK: the read and the write of memory are one"); break;
    case 0xf2:
        snprintf(text, size, "%s",
                 repeats ? a->attr & A_REPCC ? "REPNE: again while (E)CX /= 0 and ZF = 0" : "REPNE, here as REP: again while (E)CX /= 0"
                         : "F2: part of the opcode, or without effect");
        break;
    case 0xf3:
        snprintf(text, size, "%s",
                 repeats ? a->attr & A_REPCC ? "REPE: again while (E)CX /= 0 and ZF = 1" : "REP: again while (E)CX /= 0"
                         : "F3: part of the opcode, or without effect");
        break;
    default:
        if (a->override >= 0)
            snprintf(text, size, "segment override: %s", segment_name(f->value == 0x26 ? ES : f->value == 0x2e ? CS : f->value == 0x36 ? SS
                     : f->value == 0x3e ? DS : f->value == 0x64 ? FS : GS));
        if (!a->memory)
            add_to(text, size, ", without effect where no operand is in memory");
    }
}

/* The mnemonic with the appendix's operand codes: "add Ev, Gv". */
static void row_text(const struct explain *e, char *text, size_t size)
{
    const struct anatomy *a = &e->a;
    bool first = true;
    snprintf(text, size, "%s", a->mnemonic ? a->mnemonic : "undefined");
    for (int k = 0; k < 4; k++)
        if (a->operand[k].code != __) {
            add_to(text, size, "%s%s", first ? " " : ", ", a->operand[k].name);
            first = false;
        }
}

static void opcode_text(const struct explain *e, char *text, size_t size)
{
    const struct anatomy *a = &e->a;
    char row[80];
    row_text(e, row, sizeof row);
    snprintf(text, size, "opcode%s: %s", a->two_bytes ? ", of the two-byte map" : "", row);
    for (int k = 0; k < 4; k++) {
        const struct anatomy_operand *o = &a->operand[k];
        if (operand_kind(o->code) == K_Z)
            add_to(text, size, "; its low three bits, %d, name %s", o->reg, gpr_name(o->reg, o->bytes));
    }
}

/* The memory operand as the manual writes it: "[EBX + ESI*4 + 10]". */
static void form_text(const struct anatomy *a, char *text, size_t size)
{
    const char *plus = "";
    snprintf(text, size, "[");
    if (a->base >= 0) {
        add_to(text, size, "%s", gpr_name(a->base, a->address_size));
        plus = " + ";
    }
    if (a->index >= 0) {
        add_to(text, size, "%s%s", plus, gpr_name(a->index, a->address_size));
        if (a->scale)
            add_to(text, size, "*%d", 1 << a->scale);
        plus = " + ";
    }
    if (!*plus)
        add_to(text, size, "%x", (u32)a->displacement & (a->address_size == 2 ? 0xffff : 0xffffffff));
    else if (a->displacement)
        add_to(text, size, " %c %x", a->displacement < 0 ? '-' : '+', (u32)(a->displacement < 0 ? -(i64)a->displacement : a->displacement));
    add_to(text, size, "]");
}

static void reg_text(const struct explain *e, char *text, size_t size)
{
    static const char digits[] = "01234567";
    const struct anatomy *a = &e->a;
    int reg = a->modrm >> 3 & 7;
    for (int k = 0; k < 4; k++) {
        const struct anatomy_operand *o = &a->operand[k];
        char name[40];
        switch (operand_kind(o->code)) {
        case K_G: case K_S: case K_C: case K_D: case K_P:
            operand_name_of(e, k, name, sizeof name);
            add_to(text, size, "reg %d%d%d: %s (%s)", reg >> 2, reg >> 1 & 1, reg & 1, name, o->name);
            return;
        default: break;
        }
    }
    add_to(text, size, "reg %d%d%d: /%c, part of the opcode", reg >> 2, reg >> 1 & 1, reg & 1, digits[reg]);
}

static void modrm_text(const struct explain *e, char *text, size_t size)
{
    const struct anatomy *a = &e->a;
    int mod = a->modrm >> 6, rm = a->modrm & 7;
    bool sib = a->memory && a->address_size == 4 && rm == 4;
    snprintf(text, size, "ModRM: mod %d%d, ", mod >> 1, mod & 1);
    reg_text(e, text, size);
    add_to(text, size, "; r/m %d%d%d: ", rm >> 2, rm >> 1 & 1, rm & 1);
    if (a->memory) {
        char form[60];
        form_text(a, form, sizeof form);
        add_to(text, size, "memory, %s", sib ? "by the SIB byte that follows" : form);
        return;
    }
    for (int k = 0; k < 4; k++) {
        const struct anatomy_operand *o = &a->operand[k];
        char name[40];
        if (is_rm(o->code) || operand_kind(o->code) == K_STI) {
            operand_name_of(e, k, name, sizeof name);
            add_to(text, size, "%s (%s)", name, o->name);
            return;
        }
    }
    add_to(text, size, "part of the opcode");
}

static void sib_text(const struct explain *e, u64 sib, char *text, size_t size)
{
    const struct anatomy *a = &e->a;
    int scale = (int)sib >> 6, index = sib >> 3 & 7, base = sib & 7;
    char form[60];
    form_text(a, form, sizeof form);
    snprintf(text, size, "SIB: scale %d%d: *%d, index %d%d%d: %s, base %d%d%d: %s; %s", scale >> 1, scale & 1, 1 << scale, index >> 2,
             index >> 1 & 1, index & 1, a->index >= 0 ? gpr_name(a->index, 4) : "none", base >> 2, base >> 1 & 1, base & 1,
             a->base >= 0 ? gpr_name(a->base, 4) : "none", form);
}

static void immediate_text(const struct explain *e, const struct anatomy_field *f, char *text, size_t size)
{
    for (int k = 0; k < 4; k++) {
        const struct anatomy_operand *o = &e->a.operand[k];
        if (operand_kind(o->code) != K_I || (o->immediate ^ f->value) & ((1ull << 8 * f->bytes) - 1))
            continue;
        snprintf(text, size, "immediate (%s): %llx", o->name, (unsigned long long)f->value);
        if (operand_size(o->code) == S_bs)
            add_to(text, size, ", sign-extended to %0*llx", 2 * o->bytes,
                   (unsigned long long)(o->immediate & ((1ull << 8 * o->bytes) - 1)));
        return;
    }
    snprintf(text, size, "immediate: %llx", (unsigned long long)f->value);
}

static void field_text(const struct explain *e, const struct anatomy_field *f, char *text, size_t size)
{
    const struct anatomy *a = &e->a;
    u64 next = e->eip + a->length, mask = a->operand_size == 2 ? 0xffff : 0xffffffff;
    *text = 0;
    switch ((enum anatomy_kind)f->kind) {
    case FIELD_PREFIX: prefix_text(e, f, text, size); break;
    case FIELD_OPCODE: opcode_text(e, text, size); break;
    case FIELD_MODRM:  modrm_text(e, text, size); break;
    case FIELD_SIB:    sib_text(e, f->value, text, size); break;
    case FIELD_DISPLACEMENT:
        snprintf(text, size, "displacement: %s%llx%s", a->displacement < 0 && (a->base >= 0 || a->index >= 0) ? "-" : "",
                 (unsigned long long)(a->displacement < 0 && (a->base >= 0 || a->index >= 0) ? (u64)-(i64)a->displacement : f->value),
                 f->bytes == 1 ? ", one byte, sign-extended" : "");
        break;
    case FIELD_RELATIVE:
        snprintf(text, size, "relative to the next instruction: %llx %c %llx = TARGET %llx", (unsigned long long)next,
                 a->displacement < 0 ? '-' : '+', (unsigned long long)(a->displacement < 0 ? -(i64)a->displacement : a->displacement),
                 (unsigned long long)((next + (u64)(i64)a->displacement) & mask));
        break;
    case FIELD_POINTER:
        snprintf(text, size, "far pointer: offset %llx, then selector %04x", (unsigned long long)(f->value & mask),
                 (u16)(f->value >> 8 * a->operand_size));
        break;
    case FIELD_OFFSET: snprintf(text, size, "offset in %s: %llx", segment_name(a->segment), (unsigned long long)f->value); break;
    case FIELD_IMMEDIATE: immediate_text(e, f, text, size); break;
    }
}

static void sizes_tell(struct explain *e)
{
    const struct anatomy *a = &e->a;
    int bits = cpu_segment(e->cpu, CS)->access & SEG_DB ? 32 : 16;
    tell_of(e, "sizes", "operand size %d, address size %d (CS.D=%d: code of %d bits)", 8 * a->operand_size, 8 * a->address_size, bits == 32,
            bits);
}

void fields_tell(struct explain *e)
{
    const struct anatomy *a = &e->a;
    fputs("DECODE\n", e->out);
    if (a->cut) {
        tell_at(e, INDENT, INDENT + 2, "%s: the processor never comes to it",
                e->fetched ? "the bytes that are there are no whole instruction" : "nothing was fetched");
        return;
    }
    for (int k = 0; k < a->fields; k++) {
        const struct anatomy_field *f = &a->field[k];
        char bytes[3 * 8] = "", text[400];
        for (int b = 0; b < f->bytes && b < 7; b++)
            add_to(bytes, sizeof bytes, "%s%02x", b ? " " : "", a->bytes[f->at + b]);
        field_text(e, f, text, sizeof text);
        tell_of(e, bytes, "%s", text);
    }
    sizes_tell(e);
}
