/* f_kernel.c - a file given with -kernel, through the option ROM that starts it (bios/kernelboot.asm): whatever it says of itself, the
 * ROM ends in its first instruction or in a message, raises no exception, and writes nowhere but where a kernel may lie and where
 * its own variables are. The firmware's services are done by the harness.
 * The input: a byte for the memory map, the initial RAM disk's size (two), the command line's (two), how long the kernel's file is
 * beyond its bytes (two); the kernel. */
#include "case.h"
#include "../../bios/bios.h"
#include "../../cpu/core.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/firmware/fw_cfg.h"
#include "../../iodev/machine/machine.h"
#include <stdio.h>

enum {
    RAM_BYTES = 0x180000, USABLE = 0x150000, ROM = 0xd0000, STUBS = 0xf0000, STUB_12 = 0x12, STUB_15 = 0x15, STUB_10 = 0x10, STUB_OTHER = 0x80,
    STUB_START = 0x100, INSNS_MAX = 1000000, PATTERN = 0x5a,
    KERNEL_ENTRY = 0x10200, LOW_FREE = 0x40000, LOW_END = 0xa0000, STACK = 0x7c00, STACK_ROOM = 0x200
};

struct boot {
    struct machine *m;
    struct ram *ram, *rom, *stubs;
    u8 map;
    bool entered, failed;       /* the kernel's first instruction; the message's HLT */
    bool jumps;                 /* the next instruction is the kernel's */
    char said[128];
    size_t said_length;
};

struct map_entry { u64 base, length; u32 type; };
static const struct map_entry maps[4][6] = {
    { { 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 }, { 0xf0000, 0x10000, 2 }, { 0x100000, USABLE - 0x100000, 1 }, { USABLE, RAM_BYTES - USABLE, 2 } },
    { { 0, 0x9fc00, 1 }, { 0x100000, 0x20000, 1 }, { 0x120000, 0x1000, 3 }, { 0x121000, USABLE - 0x121000, 1 }, { 0x100000000ull, 1 << 20, 1 } },
    { { 0x100000, USABLE - 0x100000, 1 }, { 0, 0xa0000, 1 } },
    { { 0, 0xa0000, 1 } },
};

/* ---- the firmware's services, by the state before a stub's IRET ---- */

static void set_carry(struct boot *k, struct cpu_state *s, bool carry)
{
    u32 at = (u32)s->seg[SS].base + (u16)(s->gpr[ESP] + 4);
    u8 flags = (u8)space_read(machine_memory(k->m), at, 1);
    space_write(machine_memory(k->m), at, (flags & ~1u) | carry, 1);
}

static void int_15(struct boot *k, struct cpu_state *s)
{
    u32 next = (u32)s->gpr[EBX], count = 0;
    while (count < 6 && maps[k->map][count].length)
        count++;
    bool e820 = (u32)s->gpr[EAX] == 0xe820 && next < count;
    if (e820) {
        u8 entry[20];
        put64(entry, maps[k->map][next].base);
        put64(entry + 8, maps[k->map][next].length);
        put32(entry + 16, maps[k->map][next].type);
        space_write_bytes(machine_memory(k->m), s->seg[ES].base + (u16)s->gpr[EDI], entry, sizeof entry);
        s->gpr[EAX] = 0x534d4150;
        s->gpr[ECX] = 20;
        s->gpr[EBX] = next + 1 < count ? next + 1 : 0;
    }
    set_carry(k, s, !e820 && (u32)s->gpr[EAX] != 0x2401);
}

static void service(struct boot *k, struct cpu_state *s, u32 stub)
{
    if (stub == STUB_15)
        int_15(k, s);
    else if (stub == STUB_12)
        s->gpr[EAX] = (s->gpr[EAX] & 0xffff0000u) | 639;
    else if (stub == STUB_10 && k->said_length + 1 < sizeof k->said)
        k->said[k->said_length++] = (char)s->gpr[EAX];
}

/* Before each instruction. Whatever is neither the ROM nor a stub is the kernel, and so is what the ROM's JMP ECX leads to. */
static void watch(void *to, struct cpu *cpu)
{
    struct boot *k = to;
    u32 at = (u32)(cpu->s.seg[CS].base + cpu->s.rip);
    bool rom = at - ROM < bios_kernelboot.size && !k->jumps;
    if (rom && k->said_length && k->rom->host[at - ROM] == 0xf4) {
        k->failed = true;
        cpu_break(cpu);
    } else if (rom) {
        k->jumps = cpu->s.cr0 & CR0_PE && get16(k->rom->host + at - ROM) == 0xe1ff;
    } else if (at - STUBS < k->stubs->size && !k->jumps) {
        service(k, &cpu->s, at - STUBS);
    } else {
        k->entered = true;
        cpu_break(cpu);
    }
}

static void interrupted(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind)
{
    (void)to;
    (void)has_error;
    case_check(strcmp(kind, "fault") && strcmp(kind, "trap"), "the ROM raises %s (error %x) at %04x:%08x", exception_mnemonic(vector), error,
               cpu->s.seg[CS].selector, (u32)cpu_eip(cpu));
}

/* ---- the machine ---- */

static void add_stubs(struct boot *k)
{
    u8 *stub = k->stubs->host;
    memset(stub, 0xf4, k->stubs->size);
    memset(stub, 0xcf, STUB_START);
    put16(stub + STUB_START, 0x19cd);
    for (u32 v = 0; v < 256; v++)
        put32(k->ram->host + 4 * v, (u32)(STUBS >> 4) << 16 | (v == STUB_10 || v == STUB_12 || v == STUB_15 ? v : STUB_OTHER));
}

static void add_rom(struct boot *k)
{
    u8 sum = 0;
    memcpy(k->rom->host, bios_kernelboot.data, bios_kernelboot.size);
    for (size_t at = 0; at + 1 < bios_kernelboot.size; at++)
        sum = (u8)(sum + k->rom->host[at]);
    k->rom->host[bios_kernelboot.size - 1] = (u8)-sum;
}

static void add_files(struct boot *k, struct bytes *b)
{
    struct fw_cfg *fw = fw_cfg_new(k->m, 0x510);
    size_t initrd = take16(b) * 16u, cmdline = take16(b), beyond = take16(b), kernel = left(b) + beyond;
    u8 *data = xcalloc((initrd | cmdline) + kernel + 1, 1);
    take_into(b, data, left(b));
    fw_cfg_add_file(fw, "opt/other", "x", 1);
    fw_cfg_add_file(fw, "opt/vitrine/kernel", data, kernel);
    memset(data, 'a', initrd | cmdline);
    if (initrd)
        fw_cfg_add_file(fw, "opt/vitrine/initrd", data, initrd);
    if (cmdline)
        fw_cfg_add_file(fw, "opt/vitrine/cmdline", data, cmdline);
    free(data);
}

static void start(struct boot *k)
{
    struct space *memory = machine_memory(k->m);
    struct cpu *cpu = machine_cpu(k->m);
    k->ram = ram_new("ram", RAM_BYTES);
    k->rom = ram_new("rom", bios_kernelboot.size);
    k->stubs = ram_new("stubs", 0x10000);
    memset(k->ram->host + 0x400, PATTERN, RAM_BYTES - 0x400);
    space_add_ram(memory, "ram", 0, RAM_BYTES, PRIORITY_RAM, k->ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_ram(memory, "rom", ROM, k->rom->size, PRIORITY_ROM, k->rom, 0, false, REGION_READ | REGION_WRITE);
    space_add_ram(memory, "stubs", STUBS, k->stubs->size, PRIORITY_ROM, k->stubs, 0, false, REGION_READ | REGION_WRITE);
    add_stubs(k);
    add_rom(k);
    machine_reset(k->m);
    cpu->s.seg[CS] = (struct segment){ .selector = ROM >> 4, .base = ROM, .limit = 0xffff, .access = cpu->s.seg[CS].access };
    cpu->s.rip = 3;
    cpu->s.gpr[ESP] = STACK - 4;
    put32(k->ram->host + STACK - 4, (u32)(STUBS >> 4) << 16 | STUB_START);
    cpu_changed(cpu);
    cpu_on_instruction(cpu, watch, k);
    cpu_on_interrupt(cpu, interrupted, k);
    machine_limit_insns(k->m, INSNS_MAX);
}

static void unchanged(const struct boot *k, u32 from, u32 to, const char *what)
{
    const u64 pattern = 0x0101010101010101ull * PATTERN;
    for (u32 at = from; at < to; at += 8)
        if (get64(k->ram->host + at) != pattern)
            case_fail("the ROM wrote to %s, at %x", what, at);
}

static void check(const struct boot *k)
{
    const u32 end = k->map == 3 ? 0x100000 : USABLE;
    for (u32 v = 0; v < 256; v++)
        case_check(v == 0x19 || get16(k->ram->host + 4 * v + 2) == STUBS >> 4, "interrupt vector %02x was written over", v);
    unchanged(k, 0x400, STACK - STACK_ROOM, "the BIOS's data");
    unchanged(k, STACK, 0x10000, "memory that is not its own");
    unchanged(k, LOW_FREE, LOW_END, "memory that is not its own");
    unchanged(k, end, RAM_BYTES, "memory that is no RAM");
    if (!k->entered)
        return;
    const struct cpu_state *s = &machine_cpu(k->m)->s;
    case_check(s->cr0 & CR0_PE || s->seg[CS].base + s->rip == KERNEL_ENTRY, "a Linux kernel is entered at %04x:%04x", s->seg[CS].selector,
               (u32)s->rip);
    case_check(!(s->cr0 & CR0_PE) || ((u32)s->gpr[EAX] == 0x2badb002 && s->seg[CS].limit == ~0u), "a multiboot kernel is entered with EAX %08x",
               (u32)s->gpr[EAX]);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    struct machine_config config = { .ram_size = RAM_BYTES, .model = cpu_model_find("max"), .engine = ENGINE_DEBUG, .no_reboot = true };
    struct boot k = { .map = take8(&b) & 3 };
    if (!bios_kernelboot.size)
        return 0;
    case_begin();
    k.m = machine_new(&config);
    add_files(&k, &b);
    start(&k);
    enum machine_stop why = machine_run(k.m, 1000000000);
    case_check(why != STOP_TRIPLE_FAULT, "the ROM ends in a triple fault");
    check(&k);
    machine_free(k.m);
    ram_free(k.ram);
    ram_free(k.rom);
    ram_free(k.stubs);
    case_end();
    return 0;
}
