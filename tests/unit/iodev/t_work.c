/* t_work.c - the whole board, accessed at random: no access, and no timer that it sets off, does more work than a call may
 * (iodev/machine/device.h), whatever was programmed before. Memory is full of descriptors that ask for a lot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../support/share.h"
#include "../../../cpu/cpu.h"
#include "../../../host/text.h"
#include "../../../cpu/cpuid.h"
#include "../../../iodev/image/image.h"
#include "../../../iodev/board/pc.h"

enum { RAM = 16 << 20, PRDS = 4 << 20, BIOS_SIZE = 64 << 10, RANGES = 256, ACCESSES = 30000, NS_A_TICK = 1000 };
/* Between two looks: a call, what the processor does beside it, and timers that are due together. */
enum { SPINNING = LOOK_TICKS / TICKS_A_UNIT + 300, MOST = WORK_CALL_MAX + SPINNING };

struct range { u64 base, size; };

static u32 dice(u64 *seed, u32 n)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(*seed >> 33) % n;
}

static int claimed(struct space *s, struct range *r)
{
    char *line, *rest;
    int n = 0;
    struct text *said = text_new();
    space_print(s, text_file(said));
    char *text = text_take(said, NULL);
    for (line = strtok_r(text, "\n", &rest); line && n < RANGES; line = strtok_r(NULL, "\n", &rest)) {
        unsigned long long first, last;
        if (sscanf(line, "%llx-%llx", &first, &last) == 2 && last - first < 1 << 25)
            r[n++] = (struct range) { first, last - first + 1 };
    }
    free(text);
    return n;
}

static struct pc *new_pc(void)
{
    static u8 bios[BIOS_SIZE];
    memset(bios, 0xf4, sizeof bios);
    memcpy(bios + BIOS_SIZE - 16, "\xeb\xfe", 2);               /* jmp $ */
    struct pc_config c = {
        .machine = { .ram_size = RAM, .model = cpu_model_find("max"), .tick_cost = NS_A_TICK << 16 }, .bios = bios, .bios_size = sizeof bios,
        .floppy = { image_new_memory("a", IMAGE_FLOPPY, NULL, 1440 * 1024), NULL }, .fast_drives = true,
        .drive = { { .image = image_new_memory("hda", IMAGE_DISK, NULL, 64 << 20) }, [2] = { .cd = true, .image = image_new_memory("cd", IMAGE_CD, NULL, 8 << 20) } },
    };
    return pc_new(&c, (char[256]){ 0 }, 256);
}

/* From PRDS on tables for a bus master, of regions of 2 or 4096 bytes in memory or the display; below, at each 64 bytes, a fw_cfg
 * descriptor that reads 4 GB to memory or nowhere. */
static void fill_memory(struct space *memory, u64 *seed)
{
    for (u32 at = 0x10000; at < PRDS; at += 64) {
        u8 b[16] = { 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff };
        put32(b + 12, dice(seed, 2) ? 0x0000f0ff : 0x000010 | dice(seed, 256) << 24);
        space_write_bytes(memory, at, b, sizeof b);
    }
    for (u32 at = PRDS; at < PRDS + 0x100000; at += 8) {
        u8 b[8];
        put32(b, at & 0x10000 ? 0xa0000 : 0x500000), put32(b + 4, at & 0x20000 ? 2 : 0x1000);
        space_write_bytes(memory, at, b, sizeof b);
    }
}

static u64 value(u64 *seed)
{
    u32 r = dice(seed, 1u << 30);
    switch (dice(seed, 5)) {
    case 0:  return dice(seed, 256);
    case 1:  return 1ull << dice(seed, 32);
    case 2:  return 0x10000 + (r & 0x3fffc0);
    case 3:  return (u64)__builtin_bswap32(0x10000 + (r & 0x3fffc0));
    default: return (u64)r << 2 ^ r;
    }
}

static void check(struct machine *m, const char *what, u64 address, u64 v, int size)
{
    if (machine_work_most(m) >= MOST)
        fail_msg("%s %#llx = %#llx (%d bytes): %llu units of work between two looks", what, (unsigned long long)address, (unsigned long long)v,
                 size, (unsigned long long)machine_work_most(m));
}

/* PCI decoders, bus mastering, the floppy's motor, channel 4 of the DMA controllers: what is off would hide the rest. */
static void switch_on(struct space *ports)
{
    for (u32 function = 0; function < 4; function++) {
        space_write(ports, 0xcf8, 0x80000804 | function << 8, 4);
        space_write(ports, 0xcfc, 7, 2);
    }
    space_write(ports, 0xcf8, 0x80000920, 4), space_write(ports, 0xcfc, 0xc000, 4);
    space_write(ports, 0xcf8, 0x80000940, 4), space_write(ports, 0xcfc, 0x80008000, 4);
    space_write(ports, 0xcf8, 0x80001004, 4), space_write(ports, 0xcfc, 3, 2);
    space_write(ports, 0xcf8, 0x80001010, 4), space_write(ports, 0xcfc, 0xe0000000, 4);
    space_write(ports, 0xcf8, 0x80001018, 4), space_write(ports, 0xcfc, 0xe1000000, 4);
    space_write(ports, 0x3f2, 0x1c, 1);
    space_write(ports, 0xd6, 0xc0, 1), space_write(ports, 0xd4, 0, 1);
}

static void dispi(struct space *ports, u16 index, u16 v) { space_write(ports, 0x1ce, index, 2), space_write(ports, 0x1cf, v, 2); }

static void outs(struct space *ports, u16 port, int n, const u8 *bytes)
{
    for (int k = 0; k < n; k++)
        space_write(ports, (u16)(port + k), bytes[k], 1);
}

static void start_bus_master(struct space *ports, u16 port, u32 table, bool to_memory)
{
    space_write(ports, port, 0, 1);
    space_write(ports, (u64)port + 4, table, 4);
    space_write(ports, port, to_memory ? 9 : 1, 1);
}

/* What chance would hardly put together. */
static void start_something(struct machine *m, u64 *seed)
{
    struct space *ports = machine_ports(m);
    u32 table = PRDS + dice(seed, 16) * 0x10000;
    switch (dice(seed, 5)) {
    case 0:
        dispi(ports, 4, 0), dispi(ports, 1, 2560), dispi(ports, 2, 1600), dispi(ports, 3, 32), dispi(ports, 4, 0x41);
        break;
    case 1:
        start_bus_master(ports, 0xc000, table, true);
        outs(ports, 0x1f1, 7, (const u8[]) { 0, 200, 0, 0, 0, 0xe0, dice(seed, 2) ? 0xc8 : 0xca });
        break;
    case 2:
        start_bus_master(ports, 0xc008, table, true);
        outs(ports, 0x171, 7, (const u8[]) { (u8)dice(seed, 2), 0, 0, 0xfe, 0xff, 0xa0, 0xa0 });
        machine_run(m, machine_now(m) + 100000);
        for (int k = 0; k < 6; k++)
            space_write(ports, 0x170, (const u16[]) { 0xbe, 0, 0, 0, 0xf8 << 8 | 100, 0 }[k], 2);
        machine_run(m, machine_now(m) + 1000000);
        break;
    case 3:
        outs(ports, 0x0b, 3, (const u8[]) { (u8)(0x81 | dice(seed, 16) << 2), 0, 0 });
        space_write(ports, 0x83, 0x0a, 1), space_write(ports, 0x0a, 1, 1), space_write(ports, 0x09, 5, 1);
        break;
    default:
        space_write(ports, 0x514, 0, 4), space_write(ports, 0x518, __builtin_bswap32(0x10000 + dice(seed, 0xf000) * 64), 4);
    }
}

static void run_case(u64 seed)
{
    struct pc *pc = new_pc();
    struct machine *m = pc_machine(pc);
    struct space *spaces[2] = { machine_ports(m), machine_memory(m) };
    struct range range[2][RANGES];
    int ranges[2] = { 0, 0 };
    u32 favourite = 0;
    fill_memory(spaces[1], &seed);
    machine_run(m, 1000);
    for (int k = 0; k < ACCESSES; k++) {
        int side = dice(&seed, 4) == 0, size = 1 << dice(&seed, 3);
        if (k % 500 == 0) {
            switch_on(spaces[0]);
            ranges[0] = claimed(spaces[0], range[0]), ranges[1] = claimed(spaces[1], range[1]);
        }
        if (dice(&seed, 20) == 0)
            favourite = dice(&seed, 1 << 20);
        const struct range *r = &range[side][(dice(&seed, 3) ? favourite : dice(&seed, 1 << 20)) % (u32)ranges[side]];
        u64 address = r->base + dice(&seed, (u32)(r->size < 0x1000 ? r->size : 0x1000)), v = value(&seed);
        bool write = dice(&seed, 3);
        machine_looked(m);
        if (!side && address >= 0xf4 && address < 0xf8)
            continue;
        if (write)
            space_write(spaces[side], address, v, size);
        else
            space_read(spaces[side], address, size);
        check(m, write ? side ? "memory write" : "OUT" : side ? "memory read" : "IN", address, v, size);
        if (dice(&seed, 50) == 0) {
            start_something(m, &seed);
            check(m, "what was started after", address, v, size);
        }
        if (dice(&seed, 4) == 0) {
            machine_limit_insns(m, machine_insns(m) + 2000);
            machine_run(m, machine_now(m) + (1ull << dice(&seed, 24)));
            check(m, "time passes after", address, v, size);
        }
    }
    pc_free(pc);
}

static void accesses(void **state)
{
    (void)state;
    for (u64 seed = 1; seed <= 6; seed += SHARE)
        run_case(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(accesses) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
