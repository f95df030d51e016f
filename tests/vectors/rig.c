/* rig.c - the machine that the captured tests run on.
 * Here: no device; delivered exceptions are noted, and where the test wants it a HLT is put in their handler's way. */
#include "rig.h"
#include "../../cpu/cpuid.h"

static u64 port_read(void *dev, u64 offset, int size)
{
    (void)dev;
    (void)offset;
    return mask_bytes(size);
}

static void port_write(void *dev, u64 offset, u64 value, int size)
{
    (void)dev;
    (void)offset;
    (void)value;
    (void)size;
}

static int no_interrupt(void *board)
{
    (void)board;
    return 0xff;
}

static void ignore_level(void *board, bool level)
{
    (void)board;
    (void)level;
}

static u64 no_time(void *board)
{
    (void)board;
    return 0;
}

void plant(struct rig *r, u32 address)
{
    static const u8 hlt = HLT;
    if (r->planted != ~0u || address >= REACH)
        return;
    space_peek(r->memory, address, &r->under_plant, 1);
    if (r->under_plant == HLT)
        return;
    r->planted = address;
    space_poke(r->memory, address, &hlt, 1);
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
        space_peek(r->memory, (u64)vector * 4, ivt, 4);
        plant(r, linear(r, get16(ivt + 2), get16(ivt)));
    }
}

void rig_open(struct rig *r)
{
    struct cpu_wiring w = { 0 };
    r->log = log_new();
    log_select(r->log, "none", NULL, 0);
    log_redirect(r->log, NULL, NULL);
    r->memory = space_new("memory", 32, PAGE_SHIFT, r->log);
    r->ports = space_new("ports", 16, 0, r->log);
    r->ram = ram_new("ram", MEMORY_SIZE);
    ram_track(r->ram);
    space_add_ram(r->memory, "ram", 0, MEMORY_SIZE, 0, r->ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_device(r->ports, "ports", 0, 0x10000, 0, 8, port_read, port_write, NULL);
    w.memory = r->memory;
    w.ports = r->ports;
    w.log = r->log;
    w.board = r;
    w.intack = no_interrupt;
    w.ferr = ignore_level;
    w.smiact = ignore_level;
    w.time = no_time;
    r->cpu = cpu_new(&w, cpu_model_find("max"));
    r->cpu->on_interrupt = note_interrupt;
    r->cpu->on_interrupt_to = r;
    cpu_reset(r->cpu);
    r->at_reset = r->cpu->s;
    r->shadow = xcalloc(1, MEMORY_SIZE);
}

void rig_close(struct rig *r)
{
    cpu_free(r->cpu);
    space_free(r->memory);
    space_free(r->ports);
    ram_free(r->ram);
    log_free(r->log);
    free(r->shadow);
}
