/* f_code.c - a guest's code in every mode: FAST (or SLOW, DEBUG) in stretches of any length against STEP, compared in all that can be
 * seen, on a processor with RAM and one strange chip. The chip does what boards do to a processor: it moves memory, switches
 * banks, writes by DMA, pulls every pin, and lies under code, stacks and page tables.
 * The input: a byte for the other engine (three bits) and the model, a byte for its stretches; the guest (guest.c); then a byte an
 * event. */
#include "../support/pins.h"
#include "case.h"
#include "guest.h"
#include "../bare.h"
#include "../../cpu/engine/engine.h"
#include "../../cpu/engine/run.h"
#include <stdio.h>

enum { WINDOW = 0xb0000, SUBPAGE = 0x3f800, SUBPAGE_BYTES = 0x10, BANKS = 4, CHIP_BYTES = 0x1000, STATE_PAGE = GUEST_CHIP + 0x1000,
       STALLS_MAX = 20000, OVERRUN = 4 /* a trap's delivery, and that of what goes wrong in it */ };
static const u64 checkpoint[] = { 9, 70, 300, 1000 };

struct chip_state {
    u32 latch, random, reads, writes;
    u8 vector, acks, pad[2];
    u8 memory[CHIP_BYTES];
};

struct side {
    struct cpu *cpu;
    u64 start, insns;                   /* ticks and instructions when the case began: a processor takes longer to make than a case */
    struct space *memory, *ports;
    struct ram *ram, *bank, *rom, *overlay;
    struct region *window, *subpage, *over;
    struct chip_state chip;
    struct log *log;
};

/* ---- the chip ---- */

static u64 chip_random(struct side *s)
{
    s->chip.random = s->chip.random * 1664525 + 1013904223;
    return s->chip.random >> 8;
}

static void chip_acts(struct side *s, int what, u32 v)
{
    u8 bytes[4];
    switch (what & 15) {
    case 0: s->chip.vector = (u8)(v >> 8); pin_drive(s->cpu, PIN_INTR, v & 1); break;
    case 1: pin_pulse(s->cpu, PIN_NMI); break;
    case 2: pin_pulse(s->cpu, PIN_SMI); break;
    case 3: pin_drive(s->cpu, PIN_A20M, v & 1); break;
    case 4: region_set_ram(s->window, s->bank, (u64)(v % BANKS) << PAGE_SHIFT); break;
    case 5: region_enable(s->over, (int)(v & 3)); break;
    case 6: region_move(s->subpage, ((v & 0x3f) << PAGE_SHIFT) | 0x800); break;
    case 7: put32(bytes, v); space_write_bytes(s->memory, s->chip.latch & 0x3ffff, bytes, 4); break;
    case 8: s->chip.latch = v; break;
    case 9: cpu_cut(s->cpu, 1 + (v & 0xff)); break;
    case 10: cpu_touch(s->cpu); break;
    case 11: space_changed(s->memory); break;
    case 12: pin_drive(s->cpu, PIN_IGNNE, v & 1); break;
    case 13: region_enable(s->window, (int)(v & 3)); break;
    default: s->chip.latch ^= v; break;
    }
}

static u64 port_read(void *dev, u64 offset, int size)
{
    struct side *s = dev;
    (void)size;
    s->chip.reads++;
    if ((offset & 15) == 10)
        cpu_touch(s->cpu);
    return offset & 1 ? chip_random(s) : s->chip.latch;
}

static void port_write(void *dev, u64 offset, u64 value, int size)
{
    struct side *s = dev;
    (void)size;
    s->chip.writes++;
    chip_acts(s, (int)offset, (u32)value);
}

/* Registers that only remember: page tables and code may lie there. */
static u64 plain_read(void *dev, u64 offset, int size)
{
    struct side *s = dev;
    u64 v = 0;
    memcpy(&v, s->chip.memory + (offset & (CHIP_BYTES - 1)), (size_t)size);
    return v;
}

static void plain_write(void *dev, u64 offset, u64 value, int size)
{
    struct side *s = dev;
    memcpy(s->chip.memory + (offset & (CHIP_BYTES - 1)), &value, (size_t)size);
}

static u64 acting_read(void *dev, u64 offset, int size) { return port_read(dev, offset >> 2, size); }
static void acting_write(void *dev, u64 offset, u64 value, int size) { port_write(dev, offset >> 2, value, size); }

static int intack(void *board)
{
    struct side *s = board;
    s->chip.acks++;
    pin_drive(s->cpu, PIN_INTR, false);
    return s->chip.vector;
}

static void smiact(void *board, int pin, bool level)
{
    (void)pin;
    struct side *s = board;
    region_enable(s->over, level ? REGION_READ | REGION_WRITE : 0);
}

static u64 clocks(void *board)
{
    struct side *s = board;
    return s->cpu ? cpu_ticks(s->cpu) - s->start : 0;
}

static void swallow(void *to, const char *text)
{
    (void)to;
    (void)text;
}

/* ---- the two sides ---- */

static void side_new(struct side *s, const struct cpu_model *model)
{
    const int both = REGION_READ | REGION_WRITE;
    *s = (struct side){ .log = log_new(), .ram = ram_new("ram", GUEST_BYTES), .bank = ram_new("bank", BANKS * PAGE_SIZE),
                        .rom = ram_new("rom", PAGE_SIZE), .overlay = ram_new("overlay", PAGE_SIZE) };
    log_redirect(s->log, swallow, NULL);
    s->memory = space_new("memory", 36, PAGE_SHIFT, s->log);
    s->ports = space_new("ports", 16, 0, s->log);
    struct cpu_wiring w = { .memory = s->memory, .ports = s->ports, .log = s->log, .clock = s, .time = clocks };
    space_add_ram(s->memory, "ram", 0, GUEST_BYTES, 0, s->ram, 0, true, both);
    space_add_ram(s->memory, "rom", GUEST_ROM, PAGE_SIZE, 1, s->rom, 0, false, both);
    space_add_device(s->memory, "plain", GUEST_CHIP, CHIP_BYTES, 1, 8, plain_read, plain_write, s);
    space_add_device(s->memory, "acting", STATE_PAGE, 0x40, 1, 4, acting_read, acting_write, s);
    s->window = space_add_ram(s->memory, "window", WINDOW, PAGE_SIZE, 1, s->bank, 0, true, both);
    s->subpage = space_add_device(s->memory, "subpage", SUBPAGE, SUBPAGE_BYTES, 2, 2, plain_read, plain_write, s);
    s->over = space_add_ram(s->memory, "overlay", GUEST_SMBASE + 0x8000, PAGE_SIZE, 3, s->overlay, 0, true, 0);
    space_add_device(s->ports, "chip", 0, 0x20, 0, 4, port_read, port_write, s);
    s->cpu = cpu_new(&w, model);
    cpu_wire(s->cpu, &(struct cpu_outputs) { .smiact = { smiact, s, 0 }, .intack = intack, .intack_dev = s });
}

/* The map as after side_new, and everything of this case. */
static void side_load(struct side *s, const struct guest *g, enum cpu_engine engine)
{
    space_begin(s->memory);
    region_set_ram(s->window, s->bank, 0);
    region_enable(s->window, REGION_READ | REGION_WRITE);
    region_enable(s->over, 0);
    region_move(s->subpage, SUBPAGE);
    space_commit(s->memory);
    s->chip = (struct chip_state){ 0 };
    memcpy(s->ram->host, g->memory, GUEST_BYTES);
    for (u32 k = 0; k < PAGE_SIZE; k += 4) {                /* what code finds when it gets there: page entries that hold, and a return */
        put32(s->rom->host + k, 0xc3c39090);
        put32(s->bank->host + k, k % 64 ? 0x90909090 : 0xc3cbcf90);
        put32(s->chip.memory + k, (k << 10 & 0x3f000) | 7);
    }
    memcpy(s->overlay->host, g->memory + GUEST_SMBASE + 0x8000, PAGE_SIZE);
    cpu_set_engine(s->cpu, engine);
    cpu_reset(s->cpu);
    s->cpu->s = g->state;
    s->cpu->leave = s->cpu->touched = 0;
    cpu_changed(s->cpu);
    s->start = cpu_ticks(s->cpu);
    s->insns = cpu_insns(s->cpu);
}

static u64 ticks(const struct side *s) { return cpu_ticks(s->cpu) - s->start; }

/* Run up to so many ticks, as machine_run does. */
static enum cpu_exit side_run(struct side *s, u64 until, u64 stretch)
{
    enum cpu_exit why = EXIT_BUDGET;
    int stalls = 0;
    while (ticks(s) < until) {
        u64 before = ticks(s), n = until - before;
        why = cpu_run(s->cpu, n < stretch ? n : stretch);
        if (why == EXIT_HALTED)
            break;
        if (why == EXIT_SHUTDOWN)
            cpu_init(s->cpu);
        case_check(ticks(s) <= until + OVERRUN, "%llu ticks, and %llu were allowed", (unsigned long long)ticks(s), (unsigned long long)until);
        if (ticks(s) != before)
            stalls = 0;
        else if (++stalls > STALLS_MAX)
            case_fail("the processor comes back again and again and no tick passes");
    }
    cpu_sync(s->cpu);
    return why;
}

static void event(struct side *s, u8 what)
{
    switch (what & 15) {
    case 1:  s->chip.vector = (u8)(0x20 | what >> 4); pin_drive(s->cpu, PIN_INTR, true); break;
    case 2:  pin_pulse(s->cpu, PIN_NMI); break;
    case 3:  pin_pulse(s->cpu, PIN_SMI); break;
    case 4:  cpu_init(s->cpu); break;
    case 5:  pin_drive(s->cpu, PIN_A20M, what >> 4 & 1); break;
    case 6:  cpu_changed(s->cpu); break;
    case 7:  chip_acts(s, 6, what >> 4); break;
    case 8:  chip_acts(s, 4, what >> 4); break;
    case 9:  s->chip.latch = GUEST_CODE + (what >> 4); chip_acts(s, 7, 0x40404040); break;
    default: break;
    }
}

static void tell_difference(const struct side *a, const struct side *b, u64 at)
{
    fprintf(stderr, "\nat %llu ticks: STEP and the other differ\n", (unsigned long long)at);
    fields_diff(cpu_fields, &a->cpu->s, &b->cpu->s, stderr);
    for (u32 k = 0, shown = 0; k < GUEST_BYTES && shown < 8; k++)
        if (a->ram->host[k] != b->ram->host[k]) {
            fprintf(stderr, "  [%05x] %02x, then %02x\n", k, a->ram->host[k], b->ram->host[k]);
            shown++;
        }
    if (memcmp(&a->chip, &b->chip, sizeof a->chip))
        fprintf(stderr, "  the chip: reads %u %u, writes %u %u\n", a->chip.reads, b->chip.reads, a->chip.writes, b->chip.writes);
}

static void compare(const struct side *a, const struct side *b, enum cpu_exit why_a, enum cpu_exit why_b, u64 at)
{
    u64 insns_a = cpu_insns(a->cpu) - a->insns, insns_b = cpu_insns(b->cpu) - b->insns;
    bool same = ticks(a) == ticks(b) && insns_a == insns_b && !memcmp(&a->cpu->s, &b->cpu->s, sizeof a->cpu->s) &&
                !memcmp(a->ram->host, b->ram->host, GUEST_BYTES) && !memcmp(a->bank->host, b->bank->host, BANKS * PAGE_SIZE) &&
                !memcmp(a->rom->host, b->rom->host, PAGE_SIZE) && !memcmp(a->overlay->host, b->overlay->host, PAGE_SIZE) &&
                !memcmp(&a->chip, &b->chip, sizeof a->chip) && (why_a == EXIT_HALTED) == (why_b == EXIT_HALTED);
    if (same)
        return;
    tell_difference(a, b, at);
    case_fail("engines differ: exits %d and %d, ticks %llu and %llu, instructions %llu and %llu", why_a, why_b,
              (unsigned long long)ticks(a), (unsigned long long)ticks(b), (unsigned long long)insns_a, (unsigned long long)insns_b);
}

/* Two sides of each model. */
static struct side *sides(u8 which)
{
    static const char *const names[8] = { "max", "max", "8086", "286", "386", "486", "pentium", "p2" };
    static struct side s[8][2];
    struct side *of = s[which & 7];
    if (!of[0].cpu) {
        side_new(&of[0], cpu_model_find(names[which & 7]));
        side_new(&of[1], cpu_model_find(names[which & 7]));
    }
    return of;
}

/* Blocks in full length at once, soon, or as they come. */
static int youth_of(u8 which)
{
    static const int runs[8] = { 0, 0, 1, 2, 0, 16, 0, 0 };
    return runs[which & 7];
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const enum cpu_engine engines[8] = { ENGINE_FAST, ENGINE_FAST, ENGINE_FAST, ENGINE_FAST, ENGINE_FAST, ENGINE_FAST,
                                                ENGINE_SLOW, ENGINE_DEBUG };
    struct bytes b = { data, data + size };
    u8 which = take8(&b);
    struct side *step = &sides(which >> 3)[0], *other = &sides(which >> 3)[1];
    struct guest *g = xcalloc(1, sizeof *g);
    case_begin();
    enum cpu_engine engine = engines[which & 7];
    cpu_set_youth(other->cpu, youth_of(which));
    u8 how = take8(&b);
    u64 stretch = how & 0x80 ? 1 + (u64)(how & 0x7f) : UINT64_MAX;
    cpu_reset(step->cpu);
    guest_read(g, &b, step->cpu);
    side_load(step, g, ENGINE_STEP);
    side_load(other, g, engine);
    for (size_t k = 0; k < ARRAY_LEN(checkpoint); k++) {
        enum cpu_exit why = side_run(step, checkpoint[k], UINT64_MAX), why_other = side_run(other, checkpoint[k], stretch);
        compare(step, other, why, why_other, checkpoint[k]);
        u8 what = take8(&b);
        if (why == EXIT_HALTED && !what)
            break;
        event(step, what);
        event(other, what);
    }
    free(g);
    case_end();
    return 0;
}
