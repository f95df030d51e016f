/* device.h - what a device is, and the four things it can ask for: claims (ports and memory-mapped registers), wires,
 * timers, and memory access for DMA. A device file includes this, its own header and no system header. */
#pragma once
#include "../../host/base.h"
#include "../../memory/line.h"
#include "../../memory/log.h"
#include "../../memory/space.h"
#include "../../memory/state.h"
#include "tell.h"

struct machine;
struct device;

struct device_class {
    const char *name;                       /* "mc146818" */
    const char *title;                      /* "real-time clock and CMOS RAM" */
    const char *log;                        /* "timer": the class of events under which it traces. May be NULL */
    size_t size;                            /* of the whole device struct */
    size_t state_offset, state_size;        /* the guest-visible part of it */
    const struct field *fields;             /* that part, field by field */
    void (*reset)(void *dev);               /* the RESET pin; also called once at power-on. May be NULL */
    void (*restored)(void *dev);            /* a snapshot was loaded; drive outputs again. May be NULL */
    void (*free)(void *dev);                /* give back host memory. May be NULL */
    const struct shown *registers;          /* registers in the state, by the data sheet's names and bits (tell.h). May be NULL */
    void (*describe)(const void *dev, FILE *out);   /* the rest, lines of tell.h; changes nothing. May be NULL */
    /* For a debugger. In a few words and without changing anything: why its interrupt output number `output` is high (what ends
     * that), or why it is not. May be NULL */
    void (*irq_why)(const void *dev, int output, bool high, char *text, size_t n);
};

struct device {                             /* first member of every device struct */
    const struct device_class *class;
    const char *id;                         /* "pic1"; names it in the debugger */
    struct machine *machine;
    struct device *next;
};

/* A zeroed device, known to the machine from now on (reset, snapshot, hash, info). id must stay valid. */
void *device_new(struct machine *m, const struct device_class *class, const char *id);

/* A callback at a moment of virtual time, in nanoseconds since power-on. Saved by name, so a device's fields do not list it. */
struct timer {
    const char *name;                       /* "rtc.periodic", unique in the machine */
    u64 when;                               /* TIMER_OFF when not set */
    void (*fire)(void *dev);
    void *dev;
    struct machine *machine;
    struct timer *next;                     /* every timer of the machine */
    u32 order;                              /* of creation: breaks ties, so that runs repeat */
};
#define TIMER_OFF UINT64_MAX

void timer_init(struct machine *m, struct timer *t, const char *name, void (*fire)(void *), void *dev);
/* Fire once at `when` (at once after the current instruction if that has passed); TIMER_OFF stops it. */
void timer_set(struct timer *t, u64 when);
/* Virtual nanoseconds since power-on, exact to the instruction that is running. */
u64 machine_now(const struct machine *m);
/* The first nanosecond of virtual time at which the processor's clock, which its time-stamp counter counts, shows `clocks`. */
u64 machine_clock_moment(const struct machine *m, u64 clocks);

/* What an access of the processor to a device takes on its bus, in nanoseconds; no device claims less than its bus gives.
 * ISA: an 8-bit I/O cycle with the standard four wait states is 6 clocks of 8.33 MHz (ISA System Architecture; PIIX3 data sheet
 * 82371SB, "ISA Interface"), and the PCI cycle that the bridge claims by subtractive decoding comes before it. PCI: address,
 * turnaround, target latency and data are about 8 clocks of 33 MHz (PCI Local Bus Specification 2.1, "Target Latency"). */
enum { BUS_ISA_NS = 1000, BUS_PCI_NS = 240 };

/* Claim `count` ports of `width` bytes (wider accesses are split), on the ISA bus: region_set_cost() says otherwise. name is the
 * device's or register block's. */
struct region *port_claim(struct machine *m, const char *name, u16 first, int count, int width,
                          region_read *read, region_write *write, void *dev);
/* Hear what is written to ports that another device claims, or nobody; reads stay theirs. */
void port_tap(struct machine *m, const char *name, u16 first, int count, region_write *write, void *dev);
/* Priorities of regions in physical memory, low to high. */
enum {
    PRIORITY_RAM = 0, PRIORITY_PCI = 10, PRIORITY_VGA = 20, PRIORITY_ROM = 30, PRIORITY_SHADOW = 40, PRIORITY_SMRAM = 50,
    PRIORITY_APIC = 60
};
/* Registers in physical memory, on the PCI bus. */
struct region *mmio_claim(struct machine *m, const char *name, u64 base, u64 size, int width,
                          region_read *read, region_write *write, void *dev);

/* DMA: physical memory as a bus master sees it. */
void dma_read(struct machine *m, u64 address, void *to, u64 n);
void dma_write(struct machine *m, u64 address, const void *from, u64 n);

/* Work that a call of a device does beyond what the machine counts by itself (accesses, DMA, timers that fire). A unit takes a host
 * about as long as an access to a register: a step of a loop over events, or WORK_BYTES moved, cleared or looked at in one go.
 * No call does more than about WORK_CALL_MAX units: longer work is cut by timers, and costs virtual time. A call of the host's
 * system (a file is read, a byte is sent) counts WORK_HOST_CALL, whatever it takes. */
enum { WORK_BYTES = 512, WORK_HOST_CALL = 100, WORK_CALL_MAX = 4096 };
void dev_work(struct device *dev, u64 units);

/* The processor waits: it runs no instruction from machine_hold(m, true) until as many machine_hold(m, false), while time passes
 * and timers fire. For an instruction that asks a device for more than a call may do: the device goes on in its timer, and must
 * have one set. A reset ends every hold. */
void machine_hold(struct machine *m, bool on);

/* Tell the log. `class` is a word (log.h): "guest" where the guest does what the data sheet forbids, "unimp" where it wants what is
 * not here, for a trace the word of the device's class or another's; where a text is dear, or often made, ask dev_log_on first.
 * dev_log_key as log_event_key. */
struct log *machine_log(const struct machine *m);
static inline struct log *dev_log_of(const struct device *dev) { return machine_log(dev->machine); }
static inline bool dev_log_on(const struct device *dev, const char *class) { return log_on(dev_log_of(dev), class); }
#define dev_log(dev, class, ...) log_event(dev_log_of(dev), class, __VA_ARGS__)
#define dev_log_key(dev, class, key, ...) log_event_key(dev_log_of(dev), class, key, __VA_ARGS__)

/* What becomes of interrupts, for who watches (machine_watch_irqs in machine.h). Told after it has happened, by the chips that
 * interrupts go through: an input's level (value); registers that a program wrote; the processor took pin's interrupt with the vector
 * `value`, or a vector without an interrupt. */
enum irq_event { IRQ_LEVEL, IRQ_REGISTERS, IRQ_TAKEN, IRQ_SPURIOUS };
void dev_irq(struct device *dev, enum irq_event what, int pin, u32 value);

/* What happens now has happened before, and a debugger lets it happen once more: what a device sends to the host was sent then. */
bool machine_repeats(const struct machine *m);

/* Physical memory as bus masters see it, and behind what a processor alone sees (cpu_memory). */
struct space *machine_memory(const struct machine *m);
struct space *machine_ports(const struct machine *m);

/* The guest asked for this; it happens after the current instruction. */
enum machine_request {
    REQUEST_NONE, REQUEST_POWER_OFF, REQUEST_RESET /* hard, all devices and processors */,
    REQUEST_DEBUG_EXIT /* isa-debug-exit, value in `code` */
};
void machine_request(struct machine *m, enum machine_request what, u32 code);
