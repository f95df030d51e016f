/* load.c - the third part: the operands, how each address is formed, what is read. */
#include "parts.h"
#include <math.h>

static bool contains(const char *text, const char *word) { return strstr(text, word); }

/* Was operand k read, written, both? From the trial; where it failed before, by what the operation says. */
static enum access_how how_used(const struct explain *e, int k, u64 linear, u32 n, bool *used)
{
    bool reads = false, writes = false;
    char text[1024];
    for (int j = 0; j < e->own; j++) {
        const struct trial_access *a = &e->result->access[j];
        bool here = a->linear < linear + n && linear < a->linear + a->bytes;
        reads |= here && a->kind == TRIAL_READ;
        writes |= here && a->kind == TRIAL_WRITE;
    }
    *used = reads || writes || e->result->events;
    if (reads || writes)
        return reads && writes ? HOW_BOTH : writes ? HOW_WRITE : HOW_READ;
    if (e->result->events && e->result->event[0].vector == EXC_PF && e->result->event[0].cr2 - linear < n)
        return e->result->event[0].error & 2 ? HOW_WRITE : HOW_READ;
    operation_text(&e->a, text, sizeof text);
    return !strcmp(operand_role(e, k), "DEST") && contains(text, "DEST :=") ? HOW_WRITE : HOW_READ;
}

/* "EBX 00001000 + ESI 00000002*4 + 10 = 00001018" */
static void sum_tell(struct explain *e, u64 offset)
{
    const struct anatomy *a = &e->a;
    char text[160] = "";
    if (a->base < 0 && a->index < 0)
        return;
    if (a->base >= 0)
        add_to(text, sizeof text, "%s %0*llx", gpr_name(a->base, a->address_size), 2 * a->address_size,
               (unsigned long long)gpr_value(e->cpu, a->base, a->address_size));
    if (a->index >= 0)
        add_to(text, sizeof text, "%s%s %0*llx", *text ? " + " : "", gpr_name(a->index, a->address_size), 2 * a->address_size,
               (unsigned long long)gpr_value(e->cpu, a->index, a->address_size));
    if (a->index >= 0 && a->scale)
        add_to(text, sizeof text, "*%d", 1 << a->scale);
    if (a->displacement)
        add_to(text, sizeof text, " %c %x", a->displacement < 0 ? '-' : '+',
               (u32)(a->displacement < 0 ? -(i64)a->displacement : a->displacement));
    tell_at(e, HANG, HANG + 2, "offset: %s = %0*llx, %d bits", text, 2 * a->address_size, (unsigned long long)offset, 8 * a->address_size);
}

static const struct trial_access *read_at(const struct explain *e, u64 linear)
{
    for (int k = 0; k < e->own; k++)
        if (e->result->access[k].kind == TRIAL_READ && e->result->access[k].linear == linear)
            return &e->result->access[k];
    return NULL;
}

static void value_tell(struct explain *e, int k, u64 linear, enum access_how how)
{
    const struct trial_access *r = read_at(e, linear);
    char hex[24];
    u64 v;
    if (r && r->what == TRIAL_DEVICE)
        tell_at(e, HANG, HANG + 2, "there is a device, %s: it would be read, and is not asked here", r->name);
    else if (r && r->what == TRIAL_NOTHING)
        tell_at(e, HANG, HANG + 2, "nothing answers there: it reads as all ones");
    else if (operand_value(e, k, &v))
        tell_at(e, HANG, HANG + 2, how == HOW_WRITE ? "it is not read; it holds %s" : "= %s", hex_of(v, e->a.operand[k].bytes, hex));
}

static void memory_tell(struct explain *e, int k, int segment, u64 offset)
{
    const struct anatomy_operand *o = &e->a.operand[k];
    u64 linear = (u32)(cpu_segment(e->cpu, segment)->base + offset);
    bool used, string = operand_kind(o->code) == K_X || operand_kind(o->code) == K_Y;
    enum access_how how = how_used(e, k, linear, o->bytes ? o->bytes : 1, &used);
    char name[40];
    operand_name_of(e, k, name, sizeof name);
    if (o->bytes)
        tell_of(e, operand_role(e, k), "%s: memory, %d byte%s at %s%s", o->name, o->bytes, o->bytes == 1 ? "" : "s", name,
                string ? operand_kind(o->code) == K_Y ? ", by (E)DI" : ", by (E)SI" : "");
    else
        tell_of(e, operand_role(e, k), "%s: memory at %s", o->name, name);
    if (!string && operand_kind(o->code) != K_O)
        sum_tell(e, offset);
    if (!used) {
        tell_at(e, HANG, HANG + 2, "no access is made there");
        return;
    }
    if (address_tell(e, segment, offset, o->bytes, how))
        value_tell(e, k, linear, how);
}

/* SDM Vol. 1 "x87 FPU Data Types": the value, as near as a double comes. */
static void real_text(const struct explain *e, int i, char *text, size_t size)
{
    const struct x87 *x = cpu_x87(e->cpu);
    int n = ((x->fsw >> 11 & 7) + i) & 7, exponent = x->st[n].se & 0x7fff;
    u64 s = x->st[n].significand;
    if (x->empty >> n & 1)
        snprintf(text, size, "empty");
    else if (exponent == 0x7fff)
        snprintf(text, size, "%s%s", x->st[n].se & 0x8000 ? "-" : "", s << 1 ? "NaN" : "infinity");
    else
        snprintf(text, size, "%s%.12g", x->st[n].se & 0x8000 ? "-" : "", ldexp((double)s, exponent - 16383 - 63));
    add_to(text, size, " (R%d: %04x.%016llx)", n, x->st[n].se, (unsigned long long)s);
}

static void operand_tell(struct explain *e, int k)
{
    const struct anatomy_operand *o = &e->a.operand[k];
    char name[40], hex[24], real[80];
    int segment;
    u64 offset, v;
    if (operand_place(e, k, &segment, &offset)) {
        memory_tell(e, k, segment, offset);
        return;
    }
    operand_name_of(e, k, name, sizeof name);
    switch (operand_kind(o->code)) {
    case K_ST0: case K_STI:
        real_text(e, operand_kind(o->code) == K_ST0 ? 0 : o->reg, real, sizeof real);
        tell_of(e, operand_role(e, k), "%s: %s = %s", o->name, name, real);
        break;
    case K_J:
        v = (e->eip + e->a.length + (u64)(i64)e->a.displacement) & (e->a.operand_size == 2 ? 0xffff : 0xffffffff);
        tell_of(e, "TARGET", "%s: EIP of the next instruction + the displacement = %llx", o->name, (unsigned long long)v);
        break;
    case K_A:
        v = o->immediate;
        tell_of(e, operand_role(e, k), "%s: far pointer %04x:%0*llx", o->name, (u16)(v >> 8 * e->a.operand_size), 2 * e->a.operand_size,
                (unsigned long long)(v & ((1ull << 8 * e->a.operand_size) - 1)));
        break;
    default:
        if (operand_value(e, k, &v))
            tell_of(e, operand_role(e, k), "%s: %s = %s", o->name, name, hex_of(v, o->bytes, hex));
        else
            tell_of(e, operand_role(e, k), "%s: %s", o->name, name);
    }
}

/* Is a read one of an operand that the row names? */
static bool explicit_read(const struct explain *e, const struct trial_access *a)
{
    for (int k = 0; k < 4; k++) {
        int segment;
        u64 offset;
        if (e->a.operand[k].code == __ || !operand_place(e, k, &segment, &offset))
            continue;
        u64 at = (u32)(cpu_segment(e->cpu, segment)->base + offset);
        if (a->linear >= at && a->linear < at + (e->a.operand[k].bytes ? e->a.operand[k].bytes : 512))
            return true;
    }
    return false;
}

/* Stack and tables that the row does not name. */
static void implicit_tell(struct explain *e)
{
    u64 sp = cpu_get(e->cpu, cpu_segment(e->cpu, SS)->access & SEG_DB ? "esp" : "sp");
    bool shown = false;
    for (int k = 0; k < e->own; k++) {
        const struct trial_access *a = &e->result->access[k];
        char place[160], hex[24];
        if (a->kind != TRIAL_READ || explicit_read(e, a))
            continue;
        if (trail_is_long(e)) {
            tell_of(e, "also read", "tables and stack: the steps of EXECUTE");
            break;
        }
        access_place(e, a, place, sizeof place);
        tell_of(e, shown ? "" : "also read", "%s, linear %08llx: %s", place, (unsigned long long)a->linear,
                a->what == TRIAL_DEVICE ? "a device, which is not asked" : hex_of(a->value, a->bytes, hex));
        shown = true;
    }
    if (e->a.attr & A_STACK)
        tell_of(e, "stack", "SS:%s = %04x:%0*llx, base %08llx, limit %x%s", cpu_segment(e->cpu, SS)->access & SEG_DB ? "ESP" : "SP",
                cpu_segment(e->cpu, SS)->selector, cpu_segment(e->cpu, SS)->access & SEG_DB ? 8 : 4, (unsigned long long)sp,
                (unsigned long long)cpu_segment(e->cpu, SS)->base, cpu_segment(e->cpu, SS)->limit,
                (cpu_segment(e->cpu, SS)->access & (SEG_CODE | SEG_DC)) == SEG_DC ? ", expand-down" : "");
}

static const struct register_bit arithmetic[] = {
    { FLAG_OF, "OF" }, { FLAG_DF, "DF" }, { FLAG_SF, "SF" }, { FLAG_ZF, "ZF" }, { FLAG_AF, "AF" }, { FLAG_PF, "PF" },
    { FLAG_CF, "CF" }, { 0, NULL }
};

static void flags_read_tell(struct explain *e)
{
    u64 flags = cpu_get(e->cpu, "eflags");
    char text[80] = "";
    for (const struct register_bit *b = arithmetic; b->name; b++)
        if (e->a.reads & b->bit)
            add_to(text, sizeof text, "%s%s=%d", *text ? " " : "", b->name, !!(flags & b->bit));
    if (*text)
        tell_of(e, "flags read", "%s", text);
}

void load_tell(struct explain *e)
{
    char real[80];
    bool any = false;
    fputs("LOAD\n", e->out);
    if (e->a.cut || !e->a.mnemonic) {
        tell_at(e, INDENT, INDENT + 2, "nothing: there is no instruction");
        return;
    }
    for (int k = 0; k < 4; k++)
        if (e->a.operand[k].code != __) {
            operand_tell(e, k);
            any = true;
        }
    if (e->a.rep || e->a.repne) {
        if (e->a.attr & (A_REP | A_REPCC)) {
            tell_of(e, "repeat", "%s = %llx: of so many iterations this is one", gpr_name(ECX, e->a.address_size),
                    (unsigned long long)gpr_value(e->cpu, ECX, e->a.address_size));
            any = true;
        }
    }
    if (e->a.exceptions == EXCEPT_FPU) {
        real_text(e, 0, real, sizeof real);
        tell_of(e, "x87", "TOP %d, ST(0) = %s", cpu_x87(e->cpu)->fsw >> 11 & 7, real);
        any = true;
    }
    implicit_tell(e);
    flags_read_tell(e);
    if (!any && !(e->a.attr & A_STACK) && !e->a.reads)
        tell_at(e, INDENT, INDENT + 2, "no operands");
}
