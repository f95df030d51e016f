/* pci.c - the PCI bus. PCI Local Bus Specification 2.1: "Configuration Space", "Configuration Mechanism #1",
 * "Base Addresses", "Expansion ROM Base Address Register".
 * Here: bus 0 with its functions; a configuration cycle that nobody claims ends in master abort and reads all ones.
 * Not yet: bridges to other buses, 64-bit base addresses. */
#include "pci.h"

enum { SLOTS = 32, FUNCTIONS = 8, ROM_BAR = PCI_BARS, BARS = PCI_BARS + 1 };
enum { CONFIG_ENABLE = 1u << 31 };
enum { BAR_IO = 1, BAR_PREFETCHABLE = 8, ROM_ENABLE = 1 };
enum { HEADER_MULTIFUNCTION = 0x80 };

struct pci_bus {
    struct device dev;
    struct line pirq[PCI_PIRQS];
    struct pci_function *function[SLOTS][FUNCTIONS];
    region_read *reset_read;
    region_write *reset_write;
    void *reset_dev;
    struct pci_bus_state {
        u32 config_address;
        u8 asserted[PCI_PIRQS];         /* functions that drive each wire */
    } s;
};

static const struct field bus_fields[] = {
    FIELD(struct pci_bus_state, config_address),
    FIELD_ARRAY(struct pci_bus_state, asserted),
    FIELD_END
};

struct bar {
    struct region *region;              /* NULL: not implemented */
    u32 size, flags;                    /* flags: the read-only low bits */
};

struct pci_function {
    struct device dev;
    struct pci_bus *bus;
    int slot;
    struct bar bar[BARS];
    void (*written)(void *to, int offset, int size);
    void *written_to;
    u8 initial[PCI_CONFIG_SIZE], mask[PCI_CONFIG_SIZE], clears[PCI_CONFIG_SIZE];
    struct pci_function_state {
        u8 config[PCI_CONFIG_SIZE];
        u8 interrupt;                   /* level of the pin */
    } s;
};

static const struct field function_fields[] = {
    FIELD_ARRAY(struct pci_function_state, config),
    FIELD(struct pci_function_state, interrupt),
    FIELD_END
};

/* ---- a function ---- */

static void put_bytes(u8 *at, int size, u32 value)
{
    for (int k = 0; k < size; k++)
        at[k] = (u8)(value >> (8 * k));
}

void pci_initial(struct pci_function *f, int offset, int size, u32 value) { put_bytes(f->initial + offset, size, value); }
void pci_writable(struct pci_function *f, int offset, int size, u32 mask) { put_bytes(f->mask + offset, size, mask); }
void pci_write_1_clears(struct pci_function *f, int offset, int size, u32 mask) { put_bytes(f->clears + offset, size, mask); }
void pci_set(struct pci_function *f, int offset, int size, u32 value) { put_bytes(f->s.config + offset, size, value); }

u32 pci_get(const struct pci_function *f, int offset, int size)
{
    u32 value = 0;
    for (int k = 0; k < size; k++)
        value |= (u32)f->s.config[offset + k] << (8 * k);
    return value;
}

void pci_on_write(struct pci_function *f, void (*written)(void *to, int offset, int size), void *to)
{
    f->written = written;
    f->written_to = to;
}

bool pci_is_master(const struct pci_function *f) { return pci_get(f, PCI_COMMAND, 2) & COMMAND_MASTER; }

static int bar_offset(int bar) { return bar == ROM_BAR ? PCI_EXPANSION_ROM : PCI_BASE_ADDRESS + 4 * bar; }

/* Show a BAR's region where the guest wants it, or nowhere: the decoder is off, the address is still 0, or beyond the
 * sixteen address lines of I/O. */
static void map_bar(struct pci_function *f, int k)
{
    struct bar *bar = &f->bar[k];
    u32 command = pci_get(f, PCI_COMMAND, 2), value = pci_get(f, bar_offset(k), 4), base = value & ~(bar->size - 1);
    bool io = bar->flags & BAR_IO, on = command & (io ? COMMAND_IO : COMMAND_MEMORY);
    int enable = io || k != ROM_BAR ? REGION_READ | REGION_WRITE : REGION_READ;
    if (!bar->region)
        return;
    if (k == ROM_BAR && !(value & ROM_ENABLE))
        on = false;
    if (!base || (io && base > 0xffff))
        on = false;
    if (!on) {
        region_enable(bar->region, 0);
        return;
    }
    if (dev_log_on(&f->dev, "pci"))
        dev_log(&f->dev, "pci", "%s: BAR %d at %#x", f->dev.id, k, base);
    region_move(bar->region, base);
    region_enable(bar->region, enable);
}

static void function_changed(struct pci_function *f)
{
    for (int k = 0; k < BARS; k++)
        map_bar(f, k);
    if (f->written)
        f->written(f->written_to, 0, PCI_CONFIG_SIZE);
}

static void function_reset(void *dev)
{
    struct pci_function *f = dev;
    pci_set_interrupt(f, false);
    memcpy(f->s.config, f->initial, PCI_CONFIG_SIZE);
    function_changed(f);
}

static void function_restored(void *dev) { function_changed(dev); }

static const struct bits command_bits[] = {
    BIT("interrupt disable", 10), BIT("SERR#", 8), BIT("parity", 6), BIT("bus master", 2), BIT("memory", 1), BIT("I/O", 0), BITS_END
};
static const struct bits status_bits[] = {
    BIT("parity error", 15), BIT("SERR#", 14), BIT("master abort", 13), BIT("target abort received", 12), BIT("target abort signalled", 11),
    BIT("capabilities", 4), BIT("interrupt", 3), BITS_END
};

static void describe(const void *dev, FILE *out)
{
    const struct pci_function *f = dev;
    tell_line(out, "ID", "%04x:%04x, revision %02x, class %06x, subsystem %04x:%04x", pci_get(f, 0, 2), pci_get(f, 2, 2), pci_get(f, 8, 1),
              pci_get(f, 9, 3), pci_get(f, PCI_SUBSYSTEM_VENDOR_ID, 2), pci_get(f, PCI_SUBSYSTEM_ID, 2));
    tell_line(out, "slot", "%d", f->slot);
    tell_register(out, "command", pci_get(f, PCI_COMMAND, 2), 4, command_bits);
    tell_register(out, "status", pci_get(f, PCI_COMMAND + 2, 2), 4, status_bits);
    for (int k = 0; k < BARS; k++) {
        u32 value = pci_get(f, bar_offset(k), 4), mask = f->bar[k].size - 1;
        bool io = f->bar[k].flags & BAR_IO;
        char name[16];
        if (!f->bar[k].region)
            continue;
        snprintf(name, sizeof name, k == ROM_BAR ? "ROM" : "BAR %d", k);
        tell_line(out, name, "%08x: %s at %x, %x bytes%s", value, io ? "I/O" : "memory", value & ~mask, f->bar[k].size,
                  k == ROM_BAR && !(value & ROM_ENABLE) ? ", disabled" : "");
    }
    if (pci_get(f, PCI_INTERRUPT_PIN, 1))
        tell_line(out, "interrupt", "INT%c#, %s, line register %d", (int)('A' + pci_get(f, PCI_INTERRUPT_PIN, 1) - 1),
                  f->s.interrupt ? "asserted" : "not asserted", (int)pci_get(f, PCI_INTERRUPT_LINE, 1));
}

static const struct device_class pci_function_class = {
    .name = "pci_function",
    .title = "PCI configuration space",
    .log = "pci",
    .size = sizeof(struct pci_function),
    .state_offset = offsetof(struct pci_function, s),
    .state_size = sizeof(struct pci_function_state),
    .fields = function_fields,
    .reset = function_reset,
    .restored = function_restored,
    .describe = describe,
};

struct pci_function *pci_function_new(struct pci_bus *bus, int device, int function, const char *id,
                                      const struct pci_identity *what)
{
    struct pci_function *f = device_new(bus->dev.machine, &pci_function_class, id);
    assert(device < SLOTS && function < FUNCTIONS && !bus->function[device][function]);
    bus->function[device][function] = f;
    f->bus = bus;
    f->slot = device;
    pci_initial(f, PCI_VENDOR_ID, 2, what->vendor);
    pci_initial(f, PCI_DEVICE_ID, 2, what->device);
    pci_initial(f, PCI_REVISION_ID, 1, what->revision);
    pci_initial(f, PCI_CLASS_CODE, 2, what->class_code);
    pci_initial(f, PCI_CLASS_CODE + 2, 1, what->class_code >> 16);
    pci_initial(f, PCI_HEADER_TYPE, 1, what->multifunction ? HEADER_MULTIFUNCTION : 0);
    pci_initial(f, PCI_SUBSYSTEM_VENDOR_ID, 2, what->subsystem_vendor);
    pci_initial(f, PCI_SUBSYSTEM_ID, 2, what->subsystem);
    pci_initial(f, PCI_INTERRUPT_PIN, 1, what->interrupt_pin);
    pci_writable(f, PCI_COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
    pci_writable(f, PCI_INTERRUPT_LINE, 1, what->interrupt_pin ? 0xff : 0);
    return f;
}

static void bar_set_up(struct pci_function *f, int k, u32 size, u32 flags, struct region *region)
{
    assert(!f->bar[k].region && !(size & (size - 1)));
    f->bar[k] = (struct bar) { region, size, flags };
    region_enable(region, 0);
    pci_initial(f, bar_offset(k), 4, flags);
    pci_writable(f, bar_offset(k), 4, ~(size - 1) | (k == ROM_BAR ? ROM_ENABLE : 0));
}

/* A region's first place does not matter: it is hidden before anybody looks. It must not collide, though. */
enum { PARKED_PORT = 0x10000, PARKED_SHIFT = 40 };

void pci_bar_io(struct pci_function *f, int bar, u32 size, const char *name, int width,
                region_read *read, region_write *write, void *dev)
{
    struct space *ports = machine_ports(f->dev.machine);
    struct region *r = space_add_device(ports, name, PARKED_PORT, size, 0, width, read, write, dev);
    region_set_cost(r, BUS_PCI_NS);
    bar_set_up(f, bar, size, BAR_IO, r);
}

void pci_bar_memory(struct pci_function *f, int bar, u32 size, const char *name, int width,
                    region_read *read, region_write *write, void *dev)
{
    struct space *memory = machine_memory(f->dev.machine);
    struct region *r = space_add_device(memory, name, 1ull << PARKED_SHIFT, size, PRIORITY_PCI, width, read, write, dev);
    region_set_cost(r, BUS_PCI_NS);
    bar_set_up(f, bar, size, 0, r);
}

void pci_bar_ram(struct pci_function *f, int bar, u32 size, const char *name, struct ram *ram)
{
    struct space *memory = machine_memory(f->dev.machine);
    struct region *r = space_add_ram(memory, name, 1ull << PARKED_SHIFT, size, PRIORITY_PCI, ram, 0, true, 0);
    bar_set_up(f, bar, size, BAR_PREFETCHABLE, r);
}

void pci_expansion_rom(struct pci_function *f, struct ram *rom)
{
    struct space *memory = machine_memory(f->dev.machine);
    struct region *r = space_add_ram(memory, rom->name, 1ull << PARKED_SHIFT, rom->size, PRIORITY_PCI, rom, 0, false, 0);
    bar_set_up(f, ROM_BAR, (u32)rom->size, 0, r);
}

/* ---- interrupts ---- */

void pci_set_interrupt(struct pci_function *f, bool level)
{
    struct pci_bus *bus = f->bus;
    int pin = f->initial[PCI_INTERRUPT_PIN], wire = (f->slot - 1 + pin - 1) & (PCI_PIRQS - 1);
    if (!pin || level == f->s.interrupt)
        return;
    f->s.interrupt = level;
    bus->s.asserted[wire] = (u8)(bus->s.asserted[wire] + (level ? 1 : -1));
    line_set(&bus->pirq[wire], bus->s.asserted[wire] != 0);
}

static void interrupt_wire(void *dev, int pin, bool level) { (void)pin; pci_set_interrupt(dev, level); }
struct line pci_interrupt_line(struct pci_function *f) { return (struct line) { interrupt_wire, f, 0 }; }

/* ---- configuration mechanism #1 ---- */

static struct pci_function *addressed(struct pci_bus *bus, int *offset, u64 port_offset)
{
    u32 address = bus->s.config_address;
    if (!(address & CONFIG_ENABLE) || (address >> 16 & 0xff))
        return NULL;
    *offset = (int)((address & 0xfc) + (port_offset & 3));
    return bus->function[address >> 11 & 31][address >> 8 & 7];
}

static u64 data_read(void *dev, u64 offset, int size)
{
    struct pci_bus *bus = dev;
    int at = 0;
    struct pci_function *f = addressed(bus, &at, offset);
    if (!f)
        return mask_bytes(size);
    u32 v = pci_get(f, at, size);
    if (dev_log_on(&bus->dev, "pci"))
        dev_log(&bus->dev, "pci", "%s: read %#x.%d: %#x", f->dev.id, at, size, v);
    return v;
}

static void data_write(void *dev, u64 offset, u64 value, int size)
{
    struct pci_bus *bus = dev;
    int at = 0;
    struct pci_function *f = addressed(bus, &at, offset);
    if (!f)
        return;
    if (dev_log_on(&bus->dev, "pci"))
        dev_log(&bus->dev, "pci", "%s: write %#x.%d = %#x", f->dev.id, at, size, (u32)value);
    for (int k = 0; k < size; k++) {
        u8 v = (u8)(value >> (8 * k)), *c = &f->s.config[at + k], mask = f->mask[at + k];
        *c = (u8)((*c & ~mask) | (v & mask));
        *c &= (u8)~(v & f->clears[at + k]);
    }
    for (int k = 0; k < BARS; k++)
        if (at < PCI_COMMAND + 2 || (at < bar_offset(k) + 4 && at + size > bar_offset(k)))
            map_bar(f, k);
    if (f->written)
        f->written(f->written_to, at, size);
}

static u64 address_read(void *dev, u64 offset, int size)
{
    struct pci_bus *bus = dev;
    if (offset == 0 && size == 4)
        return bus->s.config_address;
    if (offset == 1 && size == 1 && bus->reset_read)
        return bus->reset_read(bus->reset_dev, 0, 1);
    return mask_bytes(size);
}

static bool address_peek(void *dev, u64 offset, int size, u64 *value)
{
    *value = offset == 0 && size == 4 ? ((struct pci_bus *)dev)->s.config_address : 0;
    return offset == 0 && size == 4;
}

static void address_write(void *dev, u64 offset, u64 value, int size)
{
    struct pci_bus *bus = dev;
    if (offset == 0 && size == 4)
        bus->s.config_address = (u32)value & 0x80fffffc;
    else if (offset == 1 && size == 1 && bus->reset_write)
        bus->reset_write(bus->reset_dev, 0, value, 1);
}

static void bus_reset(void *dev)
{
    struct pci_bus *bus = dev;
    bus->s.config_address = 0;
}

static void bus_restored(void *dev)
{
    struct pci_bus *bus = dev;
    for (int k = 0; k < PCI_PIRQS; k++)
        line_set(&bus->pirq[k], bus->s.asserted[k] != 0);
}

static void bus_describe(const void *dev, FILE *out)
{
    const struct pci_bus *bus = dev;
    u32 at = bus->s.config_address;
    int slot = (int)(at >> 11 & 31), number = (int)(at >> 8 & 7);
    const struct pci_function *f = at >> 16 & 0xff ? NULL : bus->function[slot][number];
    tell_line(out, "address", "%08x: %sbus %d, device %d, function %d, register %02x: %s", at,
              at & CONFIG_ENABLE ? "" : "off (bit 31 is clear); ", (int)(at >> 16 & 0xff), slot, number, (int)(at & 0xfc),
              f ? f->dev.id : "nobody");
    for (int k = 0; k < PCI_PIRQS; k++) {
        char name[16];
        snprintf(name, sizeof name, "wire %d", k);
        tell_line(out, name, bus->s.asserted[k] ? "asserted by %d function(s)" : "not asserted", bus->s.asserted[k]);
    }
    for (slot = 0; slot < SLOTS; slot++)
        for (number = 0; number < FUNCTIONS; number++)
            if ((f = bus->function[slot][number]))
                tell_line(out, number ? "" : "device", "%d.%d  %04x:%04x  class %06x  %s", slot, number, pci_get(f, 0, 2), pci_get(f, 2, 2),
                          pci_get(f, 9, 3), f->dev.id);
}

static const struct device_class pci_bus_class = {
    .name = "pci",
    .title = "PCI bus 0, configuration mechanism #1",
    .log = "pci",
    .size = sizeof(struct pci_bus),
    .state_offset = offsetof(struct pci_bus, s),
    .state_size = sizeof(struct pci_bus_state),
    .fields = bus_fields,
    .reset = bus_reset,
    .restored = bus_restored,
    .describe = bus_describe,
};

void pci_bus_set_reset_port(struct pci_bus *bus, region_read *read, region_write *write, void *dev)
{
    bus->reset_read = read;
    bus->reset_write = write;
    bus->reset_dev = dev;
}

struct pci_bus *pci_bus_new(struct machine *m, u16 port, const struct line pirq[PCI_PIRQS])
{
    struct pci_bus *bus = device_new(m, &pci_bus_class, "pci");
    memcpy(bus->pirq, pirq, sizeof bus->pirq);
    struct region *address = port_claim(m, "pci.address", port, 4, 4, address_read, address_write, bus);
    region_set_cost(address, BUS_PCI_NS);
    region_set_peek(address, address_peek);
    region_set_cost(port_claim(m, "pci.data", (u16)(port + 4), 4, 4, data_read, data_write, bus), BUS_PCI_NS);
    return bus;
}
