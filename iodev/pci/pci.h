/* pci.h - the PCI bus: functions with their configuration space, base address registers and interrupt pins, and the
 * host bridge's configuration mechanism #1 through which the guest reaches them. */
#pragma once
#include "../machine/device.h"

/* Configuration space header: PCI Local Bus Specification 2.1, "Configuration Space Organization". */
enum {
    PCI_VENDOR_ID = 0x00, PCI_DEVICE_ID = 0x02, PCI_COMMAND = 0x04, PCI_STATUS = 0x06, PCI_REVISION_ID = 0x08,
    PCI_CLASS_CODE = 0x09, PCI_CACHE_LINE_SIZE = 0x0c, PCI_LATENCY_TIMER = 0x0d, PCI_HEADER_TYPE = 0x0e,
    PCI_BASE_ADDRESS = 0x10, PCI_SUBSYSTEM_VENDOR_ID = 0x2c, PCI_SUBSYSTEM_ID = 0x2e, PCI_EXPANSION_ROM = 0x30,
    PCI_INTERRUPT_LINE = 0x3c, PCI_INTERRUPT_PIN = 0x3d, PCI_CONFIG_SIZE = 256
};
enum { COMMAND_IO = 1, COMMAND_MEMORY = 2, COMMAND_MASTER = 4 };
enum { PCI_BARS = 6, PCI_PIRQS = 4 };

struct pci_bus;
struct pci_function;

/* Bus 0, reached through the address at `port` (CF8) and the data 4 behind. pirq: the four interrupt wires of the bus (active high
 * here; INTA# of device 1 drives the first, and each next pin or device the next, as the board wires it). */
struct pci_bus *pci_bus_new(struct machine *m, u16 port, const struct line pirq[PCI_PIRQS]);
/* Byte accesses to port CF9 are not the host bridge's (it takes only dwords at CF8): they go here. */
void pci_bus_set_reset_port(struct pci_bus *bus, region_read *read, region_write *write, void *dev);

struct pci_identity {
    u16 vendor, device;
    u32 class_code;                     /* base class, subclass, programming interface: 24 bits */
    u8 revision;
    u8 interrupt_pin;                   /* 0 none, 1 INTA# */
    bool multifunction;
    u16 subsystem_vendor, subsystem;
};
/* A function on the bus; id names its configuration space in the debugger ("ide.pci"). The command register's writable bits
 * are I/O, memory and master; everything else is read-only until pci_writable says otherwise. */
struct pci_function *pci_function_new(struct pci_bus *bus, int device, int function, const char *id,
                                      const struct pci_identity *what);

/* The value of `size` (1, 2, 4) bytes at reset, and which bits the guest may write. */
void pci_initial(struct pci_function *f, int offset, int size, u32 value);
void pci_writable(struct pci_function *f, int offset, int size, u32 mask);
/* Bits that writing a 1 clears (status registers). */
void pci_write_1_clears(struct pci_function *f, int offset, int size, u32 mask);
/* Called after the guest wrote `size` bytes at offset, and with (0, 256) after reset and after a snapshot was loaded. */
void pci_on_write(struct pci_function *f, void (*written)(void *to, int offset, int size), void *to);
/* Registers as they stand; pci_set changes them from the device's side, whatever the masks say. */
u32 pci_get(const struct pci_function *f, int offset, int size);
void pci_set(struct pci_function *f, int offset, int size, u32 value);

/* Base address register `bar`: size bytes (a power of two) of ports or memory, which appear where the guest puts them. */
void pci_bar_io(struct pci_function *f, int bar, u32 size, const char *name, int width,
                region_read *read, region_write *write, void *dev);
void pci_bar_memory(struct pci_function *f, int bar, u32 size, const char *name, int width,
                    region_read *read, region_write *write, void *dev);
/* Memory of the device itself; prefetchable. */
void pci_bar_ram(struct pci_function *f, int bar, u32 size, const char *name, struct ram *ram);
/* Expansion ROM; the size of rom must be a power of two (at least 2 KB in PCI, a page here). */
void pci_expansion_rom(struct pci_function *f, struct ram *rom);
/* The function's interrupt pin, by level. */
void pci_set_interrupt(struct pci_function *f, bool level);
/* The same as a wire. */
struct line pci_interrupt_line(struct pci_function *f);
/* May the function master the bus (COMMAND_MASTER)? */
bool pci_is_master(const struct pci_function *f);
