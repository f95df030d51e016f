/* devices.c - random accesses to every port and register that a device of the board claims, with time passing in between. The
 * processor spins in its firmware. The same accesses twice leave the same state; in every fourth case everything is logged the
 * second time. */
#include "fuzz.h"
#include <stdio.h>

enum { RANGES_MAX = 256, ACCESSES = 4000 };

struct range { u64 base, size; };
struct ranges { struct range range[RANGES_MAX]; u32 count; };

/* The map is asked for what is claimed now: a device that moved its registers is found where it is. */
static void find_ranges(struct space *s, struct ranges *r, bool devices_only)
{
    char *text = NULL, *line, *rest;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    space_print(s, out);
    fclose(out);
    r->count = 0;
    for (line = strtok_r(text, "\n", &rest); line && r->count < RANGES_MAX; line = strtok_r(NULL, "\n", &rest)) {
        unsigned long long first, last;
        if (sscanf(line, "%llx-%llx", &first, &last) != 2 || (devices_only && first == 0))
            continue;
        r->range[r->count++] = (struct range){ first, last - first + 1 };
    }
    free(text);
}

static u64 some_address(struct dice *d, const struct ranges *r)
{
    const struct range *range = &r->range[below(d, r->count)];
    u64 size = range->size < 0x10000 || one_in(d, 2) ? range->size : 0x1000;
    return range->base + roll(d) % size + (one_in(d, 50) ? (u64)-1 : 0);
}

static u64 some_value(struct dice *d)
{
    switch (below(d, 4)) {
    case 0: return below(d, 256);
    case 1: return 1ull << below(d, 32);
    case 2: return below(d, FUZZ_RAM);
    default: return roll(d);
    }
}

static void configure_pci(struct dice *d, struct space *ports)
{
    u32 reg = below(d, 64) * 4;
    space_write(ports, 0xcf8, 0x80000000 | below(d, 4) << 11 | below(d, 5) << 8 | reg, 4);
    space_write(ports, 0xcfc, some_value(d), 4);
}

/* The processor spins, and what NMI and SMI lead to comes back at once, whatever DMA has overwritten meanwhile. */
static void spin(struct machine *m, const struct cpu_state *start)
{
    static const u8 ret[] = { 0xcf }, resume[] = { 0x0f, 0xaa };
    struct cpu *cpu = machine_cpu(m);
    u8 vectors[1024];
    for (u32 k = 0; k < sizeof vectors; k += 4)
        put32(vectors + k, 0x500);
    space_poke(machine_memory(m), 0, vectors, sizeof vectors);
    space_poke(machine_memory(m), 0x500, ret, sizeof ret);
    space_poke(machine_memory(m), 0x38000, resume, sizeof resume);
    if (cpu->s.rip != start->rip || cpu->s.seg[CS].base != start->seg[CS].base) {
        cpu->s = *start;
        cpu_changed(cpu);
    }
}

static void run_case(u64 seed, bool logged, char text[33])
{
    struct dice d = { seed * 0x9e3779b97f4a7c15ull + 1 };
    struct pc *pc = fuzz_machine(ENGINE_FAST);
    struct machine *m = pc_machine(pc);
    struct space *spaces[2] = { machine_ports(m), machine_memory(m) };
    struct ranges ranges[2];
    u64 now = 0;
    u32 favourite = 0;
    const struct cpu_state start = machine_cpu(m)->s;
    if (logged)
        fuzz_log_all(pc);
    for (u32 k = 0; k < ACCESSES; k++) {
        if (k % 500 == 0) {
            find_ranges(spaces[0], &ranges[0], false);
            find_ranges(spaces[1], &ranges[1], true);
        }
        if (k % 40 == 0)                        /* stay with a device for a while, to get deeper into it */
            favourite = below(&d, ranges[0].count);
        int which = one_in(&d, 5);
        struct space *s = spaces[which];
        const struct range *near = &ranges[0].range[favourite];
        u64 address = which || one_in(&d, 4) ? some_address(&d, &ranges[which]) : near->base + roll(&d) % near->size;
        int size = 1 << below(&d, 3);
        if (one_in(&d, 60))
            configure_pci(&d, spaces[0]);
        else if (one_in(&d, 3))
            space_read(s, address & (which ? ~0ull : 0xffff), size);
        else
            space_write(s, address & (which ? ~0ull : 0xffff), some_value(&d), size);
        if (one_in(&d, 10)) {
            now += one_in(&d, 20) ? 1000000 : below(&d, 30000);
            spin(m, &start);
            machine_run(m, now);
        }
        if (one_in(&d, 100))
            machine_input(m, &(struct input_event){ .kind = (u8)below(&d, 4), .key = (u8)roll(&d), .down = (u8)below(&d, 2),
                                                    .dx = (i16)roll(&d), .dy = (i16)roll(&d), .byte = (u8)roll(&d),
                                                    .buttons = (u8)below(&d, 8) });
    }
    fuzz_hash(pc, text);
    pc_free(pc);
}

bool fuzz_devices(u64 seed)
{
    char first[33], second[33];
    run_case(seed, false, first);
    run_case(seed, seed % 4 == 0, second);
    if (!strcmp(first, second))
        return true;
    printf("DIFFERENCE: devices --seed %llu: state hash %s, then %s\n", (unsigned long long)seed, first, second);
    return false;
}
