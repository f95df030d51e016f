/* port92.c - IBM PS/2 Hardware Interface Technical Reference, "System Control Port A (Hex 0092)".
 * Here: alternate gate A20 (bit 1), alternate hot reset (bit 0, a rising edge pulses INIT#). */
#include "port92.h"

enum { ALT_RESET = 0x01, ALT_A20 = 0x02 };

struct port92 {
    struct device dev;
    struct line a20, init;
    struct port92_state {
        u8 value;
    } s;
};

static const struct field fields[] = {
    FIELD(struct port92_state, value),
    FIELD_END
};

static u64 port92_read(void *dev, u64 offset, int size)
{
    (void)offset, (void)size;
    return ((struct port92 *)dev)->s.value;
}

static bool port92_peek(void *dev, u64 offset, int size, u64 *value)
{
    *value = port92_read(dev, offset, size);
    return true;
}

static void port92_write(void *dev, u64 offset, u64 value, int size)
{
    struct port92 *p = dev;
    (void)offset, (void)size;
    bool pulse = (value & ALT_RESET) && !(p->s.value & ALT_RESET);
    p->s.value = (u8)value;
    line_set(&p->a20, value & ALT_A20);
    if (pulse)
        line_pulse(&p->init);
}

static void port92_reset(void *dev)
{
    struct port92 *p = dev;
    p->s.value = 0;
    line_set(&p->a20, false);
}

static void port92_restored(void *dev)
{
    struct port92 *p = dev;
    line_set(&p->a20, p->s.value & ALT_A20);
}

static const struct bits port_bits[] = { BIT("alternate gate A20", 1), BIT("hot reset", 0), BITS_END };
static const struct shown registers[] = { SHOWN(struct port92_state, value, "port 92", port_bits), SHOWN_END };

static const struct device_class port92_class = {
    .name = "port92",
    .title = "system control port A",
    .size = sizeof(struct port92),
    .state_offset = offsetof(struct port92, s),
    .state_size = sizeof(struct port92_state),
    .fields = fields,
    .reset = port92_reset,
    .restored = port92_restored,
    .registers = registers,
};

struct port92 *port92_new(struct machine *m, u16 port, struct line a20, struct line init)
{
    struct port92 *p = device_new(m, &port92_class, "port92");
    p->a20 = a20;
    p->init = init;
    region_set_peek(port_claim(m, "port92", port, 1, 1, port92_read, port92_write, p), port92_peek);
    return p;
}
