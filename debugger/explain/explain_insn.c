/* explain_insn.c - see explain_insn.h: the instruction runs on trial, and each part is told from what it did there. */
#include "parts.h"
#include "../core/disasm.h"
#include "../core/names.h"

/* Twice, with other answers of devices: where the ends differ, these decide. */
static void run(struct explain *e)
{
    u64 first[REGISTERS_MOST];
    int n = 0;
    e->wish.answer = 0;
    e->result = trial_run(e->trial, &e->wish);
    e->after = trial_cpu(e->trial);
    bool asked = e->result->asked;
    for (const struct cpu_register *r = cpu_registers; asked && r->name && n < REGISTERS_MOST; r++)
        first[n++] = register_value(e->after, r);
    if (asked) {
        e->wish.answer = UINT64_MAX;
        e->result = trial_run(e->trial, &e->wish);
        for (int k = 0; k < n; k++)
            e->unsure[k] = first[k] ^ register_value(e->after, &cpu_registers[k]);
    }
    e->own = e->result->events ? e->result->event[0].access : e->result->accesses;
}

bool faults(const struct explain *e)
{
    for (int k = 0; k < e->result->events; k++)
        if (strcmp(e->result->event[k].kind, "fault") == 0)
            return strcmp(e->result->event[0].kind, "trap") != 0;
    return false;
}

static void title(struct explain *e)
{
    const struct segment *cs = cpu_segment(e->cpu, CS);
    struct disasm_names names = { e->symbols, names_physical(e->cpu), cs->base };
    char text[200], place[100];
    disasm_named(e->a.bytes, e->a.cut ? (size_t)e->fetched : e->a.length, e->eip, cs->access & SEG_DB ? 32 : 16, &names, text, sizeof text);
    place_at(e->symbols, e->cpu, e->linear, place, sizeof place);
    tell_at(e, 0, 4, "%04x:%08llx%s%s%s  %s", cs->selector, (unsigned long long)e->eip, *place ? " <" : "", place, *place ? ">" : "",
            e->a.cut ? "(cannot be fetched)" : e->a.mnemonic ? text : "(undefined on this processor)");
}

void explain_insn(struct cpu *cpu, const struct symbols *symbols, const struct explain_wish *wish, FILE *out)
{
    struct explain *e = xcalloc(1, sizeof *e);
    const struct segment *cs = cpu_segment(cpu, CS);
    u8 bytes[ANATOMY_BYTES];
    e->cpu = cpu;
    e->symbols = symbols;
    e->out = out;
    e->trial = trial_new(cpu);
    e->eip = wish->elsewhere ? (u32)(wish->linear - cs->base) : cpu_eip(cpu);
    e->linear = (u32)(cs->base + e->eip);
    e->wish = (struct trial_wish) { .elsewhere = wish->elsewhere, .eip = e->eip, .bytes = wish->bytes, .n = wish->n };
    e->fetched = trial_fetch(e->trial, &e->wish, bytes, sizeof bytes);
    anatomy_of(cpu, bytes, e->fetched, &e->a);
    run(e);
    title(e);
    fetch_tell(e);
    fields_tell(e);
    load_tell(e);
    execute_tell(e);
    save_tell(e);
    trial_free(e->trial);
    free(e);
}
