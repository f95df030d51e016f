/* board.c - see board.h. */
#include "board.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/image/image.h"
#include "../../iodev/machine/machine_parts.h"

enum { BIOS_BYTES = 64 << 10, SETTLES_MAX = 2000 };

static void swallow(void *to, const char *text)
{
    (void)to;
    (void)text;
}

struct pc *board_new(enum cpu_engine engine, u32 tick_cost)
{
    u8 *bios = xcalloc(BIOS_BYTES, 1), vgabios[0x800] = { 0x55, 0xaa };
    memset(bios, 0xf4, BIOS_BYTES);
    put32(bios + 0xfff0, 0xfcebf4fb);                   /* sti; hlt; jmp back to it */
    struct pc_config config = {
        .machine = { .ram_size = BOARD_RAM, .model = cpu_model_find("max"), .tick_cost = tick_cost, .engine = (int)engine, .no_reboot = true },
        .fast_drives = true, .vga_irq = true,
        .bios = bios, .bios_size = BIOS_BYTES, .vgabios = vgabios, .vgabios_size = sizeof vgabios,
        .floppy = { image_new_memory("floppy", IMAGE_FLOPPY, NULL, BOARD_FLOPPY) },
        .drive = { { false, image_new_memory("disk", IMAGE_DISK, NULL, BOARD_DISK) }, { true, NULL },
                   { true, image_new_memory("cd", IMAGE_CD, NULL, BOARD_CD) }, { 0 } },
    };
    struct pc *pc = pc_new(&config, (char[256]){ 0 }, 256);
    free(bios);
    log_redirect(machine_log(pc_machine(pc)), swallow, NULL);
    return pc;
}

static void input(struct target *t, const struct input_event *e) { machine_input(t->m, e); }
static void reset(struct target *t) { machine_reset(t->m); }

/* Timers fire until the device lets the processor go on; it runs nothing meanwhile. Who waits for gigabytes gets a reset. */
static void settle(struct target *t)
{
    struct machine *m = t->m;
    for (int k = 0; m->holds && k < SETTLES_MAX; k++) {
        case_check(timers_next(m) != TIMER_OFF, "the processor waits, and no timer is set");
        clock_skip(m, timers_next(m));
        machine_looked(m);
        timers_fire(m);
    }
    if (m->holds)
        machine_reset(m);
}

/* Every device's state is saved, forgotten and loaded, and nothing has changed. */
static void snapshot(struct target *t)
{
    struct machine *m = t->m;
    size_t total = 0, at = 0;
    struct cpu_state cpu;
    for (struct device *d = machine_devices(m); d; d = d->next)
        total += d->class->state_size;
    u8 *saved = xcalloc(total, 1), *again = xcalloc(total, 1);
    cpu_sync(machine_cpu(m));
    cpu = machine_cpu(m)->s;
    for (struct device *d = machine_devices(m); d; d = d->next) {
        u8 *state = (u8 *)d + d->class->state_offset;
        at += fields_save(d->class->fields, state, saved + at);
        memset(state, 0xa5, d->class->state_size);
    }
    at = 0;
    for (struct device *d = machine_devices(m); d; d = d->next)
        at += fields_load(d->class->fields, (u8 *)d + d->class->state_offset, saved + at);
    for (struct device *d = machine_devices(m); d; d = d->next)
        if (d->class->restored)
            d->class->restored(d);
    cpu_changed(machine_cpu(m));
    at = 0;
    for (struct device *d = machine_devices(m); d; d = d->next) {
        at += fields_save(d->class->fields, (u8 *)d + d->class->state_offset, again + at);
        case_check(!memcmp(saved, again, at), "%s changes when a snapshot is loaded", d->id);
    }
    case_check(!fields_diff(cpu_fields, &cpu, &machine_cpu(m)->s, stderr), "the processor changes when a snapshot is loaded");
    free(saved);
    free(again);
}

void board_target(struct target *t, struct pc *pc)
{
    static const struct { u32 at, value; } config[] = {
        { 0x80000920u, BOARD_BUS_MASTER }, { 0x80000940u, 0x80008000u }, { 0x80000904u, 5 }, { 0x80001010u, 0xf0000000u },
        { 0x80001018u, 0xfebf0000u }, { 0x80001004u, 3 }, { 0x80000b40u, 0x600 },
    };
    t->m = pc_machine(pc);
    t->screen = pc_screen(pc);
    t->input = input;
    t->snapshot = snapshot;
    t->reset = reset;
    t->settle = settle;
    for (size_t k = 0; k < ARRAY_LEN(config); k++) {
        act_out(t, 0xcf8, config[k].at, 4);
        act_out(t, 0xcfc, config[k].value, 4);
    }
}
