/* pins.c - the processor as a part: made, wired, driven by its pins, set to an engine. */
#include "cpuid.h"
#include "engine/engine.h"
#include "engine/run.h"
#include "mmu/paging.h"
#include "pins.h"
#include "system/debug_registers.h"
#include "system/system.h"
#include "test_registers.h"
#include "timing.h"

static void memory_changed(void *to)
{
    struct cpu *cpu = to;
    u64 rebuilt = space_rebuilt(cpu->w.memory);
    cpu_work(cpu, 1 + (rebuilt - cpu->rebuilt) / TICKS_A_UNIT);
    cpu->rebuilt = rebuilt;
    tlb_drop_first(cpu);
    code_key_renew(cpu, 0);
    code_key_renew(cpu, 1);
    cpu->leave = LEAVE_NOW;
}

struct cpu *cpu_new(const struct cpu_wiring *wiring, const struct cpu_model *model)
{
    struct cpu *cpu = xcalloc(1, sizeof *cpu);
    cpu->w = *wiring;
    log_class_add(cpu->w.log, "int", "interrupts and exceptions as they are delivered");
    log_class_add(cpu->w.log, "smm", "system management mode");
    cpu->model = model;
    cpu->features = model_features(model);
    cpu->cache.jump_cache = xcalloc(JUMP_CACHE, sizeof *cpu->cache.jump_cache);
    cpu->cache.blocks = blocks_join(wiring->beside ? wiring->beside->cache.blocks : NULL, cpu);
    cpu->cache.tlb = tlb_new();
    cpu->backing = backing_new();
    if (cpu_has(cpu, FEATURE_TEST))
        cpu->test = xcalloc(1, sizeof *cpu->test);
    observers_init(&cpu->observers);
    cpu->step_below = BLOCK_MAX;
    cpu->rep_cost = 1;
    cpu->s.a20 = 1;
    space_listen(cpu->w.memory, memory_changed, cpu);
    cpu_reset(cpu);
    return cpu;
}

/* The physical address lines that there are: 20, 24 or all, and A20 while A20M# is inactive. */
static void address_lines(struct cpu *cpu)
{
    int lines = cpu->model->physical_bits;
    cpu->phys_mask = lines < 32 ? (1ull << lines) - 1 : ~0ull;
    if (!cpu->s.a20)
        cpu->phys_mask &= ~(1ull << 20);
}

void cpu_free(struct cpu *cpu)
{
    if (!cpu)
        return;
    blocks_leave(cpu->cache.blocks, cpu);
    free(cpu->cache.jump_cache);
    tlb_free(cpu->cache.tlb);
    backing_free(cpu->backing);
    free(cpu->test);
    free(cpu->trail);
    observers_free(&cpu->observers);
    free(cpu);
}

struct space *cpu_memory(const struct cpu *cpu) { return cpu->w.memory; }

void cpu_drop_tags(struct cpu *cpu) { tlb_drop_first(cpu); }

void cpu_recompute(struct cpu *cpu)
{
    address_lines(cpu);
    flags_load(cpu, (u32)cpu->s.eflags);
    cpu->op = NULL;
    tlb_drop_first(cpu);
    code_key_renew(cpu, 0);
    code_key_renew(cpu, 1);
    cpu_debug_changed(cpu);
    cpu_mode_changed(cpu);
    blocks_flush(cpu);
}

void cpu_changed(struct cpu *cpu)
{
    tlb_flush(cpu, false);
    cpu_recompute(cpu);
}

void cpu_reset(struct cpu *cpu)
{
    cpu->pin_waits = 0;
    cpu_reset_state(cpu);
    cpu_changed(cpu);
}

void cpu_init(struct cpu *cpu)
{
    cpu->pin_waits = 0;
    cpu_init_state(cpu);
    cpu_changed(cpu);
    if (cpu->apic)
        cpu->apic->init(cpu->apic_to);
}

/* ---- pins ---- */

static void set_a20(struct cpu *cpu, bool passes)
{
    if (cpu->s.a20 == passes)
        return;
    cpu->s.a20 = passes;
    address_lines(cpu);
    tlb_drop_first(cpu);
    code_key_renew(cpu, 0);
    code_key_renew(cpu, 1);
    cpu->leave = LEAVE_NOW;
}

static bool rises(struct cpu *cpu, int pin, bool level)
{
    u8 bit = (u8)(1 << pin), old = cpu->pin_levels & bit;
    cpu->pin_levels = (u8)(level ? cpu->pin_levels | bit : cpu->pin_levels & ~bit);
    return level && !old;
}

static void pin_set(void *to, int pin, bool level)
{
    struct cpu *cpu = to;
    switch ((enum cpu_pin)pin) {
    case PIN_INTR:
        cpu->s.intr = level;
        if (level)
            cpu->leave = LEAVE_NOW;
        return;
    case PIN_A20M:
        set_a20(cpu, level);
        return;
    case PIN_IGNNE:
        cpu->s.ignne = level;
        return;
    case PIN_NMI:
        if (rises(cpu, pin, level)) {
            cpu->s.nmi_pending = 1;
            cpu->leave = LEAVE_NOW;
        }
        return;
    case PIN_SMI:
        if (rises(cpu, pin, level)) {
            cpu->s.smi_pending = 1;
            cpu->leave = LEAVE_NOW;
        }
        return;
    case PIN_INIT: case PIN_RESET:
        if (rises(cpu, pin, level)) {
            cpu->pin_waits |= (u8)(1 << pin);
            cpu_touch(cpu);
        }
        return;
    }
}

struct line cpu_pin(struct cpu *cpu, enum cpu_pin pin) { return (struct line) { pin_set, cpu, pin }; }
void cpu_wire(struct cpu *cpu, const struct cpu_outputs *out) { cpu->out = *out; }

void pins_serve(struct cpu *cpu)
{
    if (cpu->pin_waits & 1 << PIN_RESET)
        cpu_reset(cpu);
    else if (cpu->pin_waits)
        cpu_init(cpu);
}

void cpu_set_timing(struct cpu *cpu, const struct cpu_timing *timing)
{
    cpu->timing = timing;
    cpu_set_engine(cpu, (enum cpu_engine)cpu->engine);
}

const struct cpu_timing *cpu_timing(const struct cpu *cpu) { return cpu->timing; }

void cpu_choose_kind(struct cpu *cpu)
{
    static const u8 kind[] = { [ENGINE_FAST] = KIND_FAST, [ENGINE_SLOW] = KIND_SLOW, [ENGINE_DEBUG] = KIND_DEBUG,
                               [ENGINE_STEP] = KIND_STEP };
    bool hooks = cpu->engine == ENGINE_DEBUG || (cpu->observers.of_kind[OBSERVE_INSTRUCTION] && cpu->engine != ENGINE_STEP);
    cpu->step_below = !cpu->timing ? BLOCK_MAX
                    : hooks ? INT64_MAX : BLOCK_MAX + TIMING_MAX; /* the hook sees each instruction once, whatever it costs */
    u32 mode = mode_of_kind(cpu->mode, hooks ? KIND_DEBUG : (enum block_kind)kind[cpu->engine]);
    if (mode != cpu->mode)
        cpu->leave = LEAVE_NOW;
    cpu->mode = mode;
    code_key_update(cpu);
}

void cpu_set_engine(struct cpu *cpu, enum cpu_engine engine)
{
    cpu->engine = (u8)engine;
    cpu_choose_kind(cpu);
    blocks_flush(cpu);
}
