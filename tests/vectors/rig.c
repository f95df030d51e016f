/* rig.c - the machine that the captured tests run on.
 * Here: no device; delivered exceptions are noted, and where the test wants it a HLT is put in their handler's way. */
#include "rig.h"
#include "../../cpu/cpuid.h"

void plant(struct rig *r, u32 address)
{
    static const u8 hlt = HLT;
    if (r->planted != ~0u || address >= REACH)
        return;
    space_peek(r->bare.memory, address, &r->under_plant, 1);
    if (r->under_plant == HLT)
        return;
    r->planted = address;
    space_poke(r->bare.memory, address, &hlt, 1);
}

static void note_interrupt(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    struct rig *r = to;
    (void)cpu;
    (void)has_error;
    (void)error;
    (void)kind;
    r->vector = vector;
    if (r->plant_at_vector) {
        u8 ivt[4];
        space_peek(r->bare.memory, (u64)vector * 4, ivt, 4);
        plant(r, linear(r, get16(ivt + 2), get16(ivt)));
    }
}

void rig_open(struct rig *r)
{
    r->log = log_new();
    log_select(r->log, "none", NULL, 0);
    log_redirect(r->log, NULL, NULL);
    r->shadow = xcalloc(1, MEMORY_SIZE);
}

/* The model that a captured processor is. */
static const char *model_of(const char *cpu_name)
{
    return !strncmp(cpu_name, "808", 3) ? "8086" : strstr(cpu_name, "286") ? "286" : "max";
}

void rig_use(struct rig *r, const char *cpu_name)
{
    r->cpu_name = cpu_name;
    if (r->bare.cpu && !strcmp(model_of(cpu_name), r->bare.cpu->model->name))
        return;
    if (r->bare.cpu)
        bare_free(&r->bare);
    r->bare = bare_new(r->log, MEMORY_SIZE, model_of(cpu_name), NULL);
    ram_track(r->bare.ram);
    cpu_on_interrupt(r->bare.cpu, note_interrupt, r);
    cpu_reset(r->bare.cpu);
    r->at_reset = r->bare.cpu->s;
}

void rig_close(struct rig *r)
{
    if (r->bare.cpu)
        bare_free(&r->bare);
    log_free(r->log);
    free(r->shadow);
}
