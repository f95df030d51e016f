/* save.c - the fifth part: what is written where. The registers are compared by their one table. */
#include "parts.h"

/* Bytes that lie side by side and are written one by one are one line. */
static int run_of(const struct explain *e, int k, int end)
{
    const struct trial_access *a = e->result->access;
    int n = k + 1;
    while (a[k].bytes == 1 && n < end && a[n].kind == a[k].kind && a[n].bytes == 1 && a[n].linear == a[n - 1].linear + 1)
        n++;
    return n;
}

static void memory_tell(struct explain *e, int k, int end)
{
    const struct trial_access *a = &e->result->access[k];
    int n = end - k;
    char before[24], v[24], place[160];
    access_place(e, a, place, sizeof place);
    if (!strcmp(place, "memory"))
        *place = 0;
    if (n > 1)
        tell_of(e, "memory", "linear %08llx, physical %llx: %d bytes%s%s", (unsigned long long)a->linear, (unsigned long long)a->physical,
                n, *place ? ", " : "", place);
    else if (a->what == TRIAL_DEVICE)
        tell_of(e, "device", "physical %llx := %s, were %s told", (unsigned long long)a->physical, hex_of(a->value, a->bytes, v), a->name);
    else if (a->what != TRIAL_RAM)
        tell_of(e, "memory", "linear %08llx, physical %llx: %s: the write of %s is lost", (unsigned long long)a->linear,
                (unsigned long long)a->physical, a->what == TRIAL_ROM ? "ROM" : "nothing is there", hex_of(a->value, a->bytes, v));
    else
        tell_of(e, "memory", "linear %08llx, physical %llx: %s -> %s%s%s", (unsigned long long)a->linear, (unsigned long long)a->physical,
                hex_of(a->before, a->bytes, before), hex_of(a->value, a->bytes, v), *place ? ", " : "",
                place);
}

/* Accessed and dirty bits that the walks have set. */
static void table_tell(struct explain *e, const struct trial_access *a)
{
    u64 set = a->value & ~a->before;
    tell_of(e, "page entry", "physical %llx: %08llx -> %08llx, %s%s", (unsigned long long)a->physical, (unsigned long long)a->before,
            (unsigned long long)a->value, set & 0x20 ? "accessed" : "", set & 0x40 ? set & 0x20 ? " and dirty" : "dirty" : "");
}

static bool writes_tell(struct explain *e, int first, int last)
{
    bool any = false;
    for (int k = first, next; k < last; k = next) {
        const struct trial_access *a = &e->result->access[k];
        next = k + 1;
        if (a->kind == TRIAL_TABLE_WRITE) {
            table_tell(e, a);
        } else if (a->kind == TRIAL_WRITE) {
            next = run_of(e, k, last);
            memory_tell(e, k, next);
        } else if (a->kind == TRIAL_OUT || a->kind == TRIAL_APIC_WRITE) {
            char v[24];
            tell_of(e, "device", "%s %llx := %s, were it told", a->kind == TRIAL_OUT ? "port" : "MSR", (unsigned long long)a->physical,
                    hex_of(a->value, a->bytes, v));
        } else {
            continue;
        }
        any = true;
    }
    return any;
}

static void upper(const char *name, char *text, size_t size)
{
    size_t n = 0;
    for (; name[n] && n + 1 < size; n++)
        text[n] = is_letter(name[n]) ? (char)(name[n] & ~0x20) : name[n];
    text[n] = 0;
}

static void real_tell(struct explain *e, const char *name, const struct cpu_register *r)
{
    u8 before[16] = { 0 }, after[16] = { 0 };
    register_bytes(e->cpu, r, before);
    register_bytes(e->after, r, after);
    tell_of(e, name, "%04x.%016llx -> %04x.%016llx", get16(before + 8), (unsigned long long)get64(before), get16(after + 8),
            (unsigned long long)get64(after));
}

/* EFLAGS by its bits. */
static void flags_text(u64 before, u64 after, const struct cpu_register *r, char *text, size_t size)
{
    snprintf(text, size, "%08llx -> %08llx:", (unsigned long long)before, (unsigned long long)after);
    for (const struct register_bit *b = r->bits; b && b->name; b++)
        if ((before ^ after) & b->bit)
            add_to(text, size, " %s=%d", b->name, !!(after & b->bit));
    if ((before ^ after) & FLAG_IOPL)
        add_to(text, size, " IOPL=%d", (int)(after >> 12 & 3));
}

static bool differs(const struct explain *e, const struct cpu_register *r)
{
    u8 before[16] = { 0 }, after[16] = { 0 };
    register_bytes(e->cpu, r, before);
    register_bytes(e->after, r, after);
    if (!strcmp(r->name, "eip"))
        put64(before, e->eip);
    return memcmp(before, after, sizeof before);
}

/* Digits that a device decides are not known. */
static void unsure_tell(struct explain *e, const char *name, const struct cpu_register *r, u64 before, u64 after, u64 unsure)
{
    char b[24], a[24];
    hex_of(after, r->bytes, a);
    for (size_t n = strlen(a), k = 0; k < n; k++)
        if (unsure >> 4 * (n - 1 - k) & 15)
            a[k] = '?';
    tell_of(e, name, "%s -> %s, by what the device answers", hex_of(before, r->bytes, b), a);
}

static void register_tell(struct explain *e, const struct cpu_register *r, u64 unsure)
{
    char name[24], text[300], b[24], a[24];
    u64 before = register_value(e->cpu, r), after = register_value(e->after, r);
    upper(r->name, name, sizeof name);
    if (!strcmp(r->name, "eip"))
        before = e->eip;
    if (unsure)
        unsure_tell(e, name, r, before, after, unsure);
    else if (r->bytes == 10)
        real_tell(e, name, r);
    else if (!strcmp(r->name, "eflags")) {
        flags_text(before, after, r, text, sizeof text);
        tell_of(e, name, "%s", text);
    } else
        tell_of(e, name, "%s -> %s", hex_of(before, r->bytes, b), hex_of(after, r->bytes, a));
}

/* MMX registers are the x87's significands, and the status word shows TOP: what an instruction does is shown once. */
static bool shown_elsewhere(const struct explain *e, const struct cpu_register *r)
{
    if (r->flags & REGISTER_PART)
        return true;
    return e->a.exceptions == EXCEPT_MMX ? r->group == REGISTERS_X87 && r->bytes == 10 : r->group == REGISTERS_MMX;
}

void save_tell(struct explain *e)
{
    const struct trial_result *r = e->result;
    bool any, fault = faults(e);
    int place = 0;
    fputs("SAVE\n", e->out);
    any = writes_tell(e, 0, e->own);
    if (fault)
        tell_at(e, INDENT, INDENT + 2,
                "%s of the instruction is saved; the delivery of the exception writes:", any ? "nothing else" : "nothing");
    any |= writes_tell(e, e->own, r->accesses);
    if (r->more)
        tell_at(e, INDENT, INDENT + 2, "and more than are kept here");
    for (const struct cpu_register *one = cpu_registers; one->name; one++, place++) {
        bool always = !strcmp(one->name, "eip") && !fault;
        if (shown_elsewhere(e, one) || (!always && !differs(e, one) && !e->unsure[place]))
            continue;
        register_tell(e, one, e->unsure[place]);
        any = true;
    }
    if (!any)
        tell_at(e, INDENT, INDENT + 2, "nothing");
}
