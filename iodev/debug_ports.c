/* debug_ports.c - the ports that guests under an emulator know: E9 (Bochs, "port E9 hack"), 402 (SeaBIOS, "debugging with
 * the debug console"), and isa-debug-exit at F4 (QEMU documentation). Reading E9 or 402 gives E9h: the port is there. */
#include "debug_ports.h"
#include "stream.h"

enum { PRESENT = 0xe9 };

struct debug_ports {
    struct device dev;
    struct stream *out;
    struct debug_ports_state {
        u8 last;                        /* byte written: nothing reads it back, but a debugger may */
    } s;
};

static const struct field fields[] = {
    FIELD(struct debug_ports_state, last),
    FIELD_END
};

static u64 text_read(void *dev, u64 offset, int size)
{
    (void)dev, (void)offset, (void)size;
    return PRESENT;
}

static void text_write(void *dev, u64 offset, u64 value, int size)
{
    struct debug_ports *d = dev;
    (void)offset, (void)size;
    d->s.last = (u8)value;
    if (d->out)
        stream_write(d->out, &d->s.last, 1);
}

static void exit_write(void *dev, u64 offset, u64 value, int size)
{
    struct debug_ports *d = dev;
    (void)size;
    if (!offset)
        machine_request(d->dev.machine, REQUEST_DEBUG_EXIT, (u32)value << 1 | 1);
}

const struct device_class debug_ports_class = {
    .name = "debug_ports",
    .title = "ports E9, 402 and F4",
    .size = sizeof(struct debug_ports),
    .state_offset = offsetof(struct debug_ports, s),
    .state_size = sizeof(struct debug_ports_state),
    .fields = fields,
};

struct debug_ports *debug_ports_new(struct machine *m, struct stream *out)
{
    struct debug_ports *d = device_new(m, &debug_ports_class, "debug");
    d->out = out;
    port_claim(m, "debug.e9", 0xe9, 1, 1, text_read, text_write, d);
    port_claim(m, "debug.402", 0x402, 1, 1, text_read, text_write, d);
    port_claim(m, "debug.exit", 0xf4, 4, 4, NULL, exit_write, d);
    return d;
}
