/* port61.c - system control port B: the speaker's gate and data bits, the refresh toggle and the NMI sources.
 * Intel 82371SB (PIIX3) data sheet, "NMI Status and Control Register"; IBM PC/AT Technical Reference, "System
 * Timers".
 * Here: all of it, with port 70h's mask: NMI goes to the processor as an edge.
 * Refresh runs at the AT's rate, once in 18 pulses of the timer's clock (15.085 us). */
#include "port61.h"

enum { GATE2 = 0x01, SPEAKER = 0x02, SERR_OFF = 0x04, IOCHK_OFF = 0x08, REFRESH = 0x10, OUT2 = 0x20, IOCHK = 0x40,
       SERR = 0x80 };
enum { WRITABLE = GATE2 | SPEAKER | SERR_OFF | IOCHK_OFF, REFRESH_CLOCKS = 18 };
enum { PIN_SERR, PIN_IOCHK, PIN_MASK };

struct port61 {
    struct device dev;
    struct i8254 *pit;
    struct line nmi;

    struct port61_state {
        u8 control;             /* the writable bits */
        u8 status;              /* SERR, IOCHK: latched until disabled */
        u8 driven;              /* levels of the sources, in the same bits */
        u8 masked;              /* bit 7 of port 70h */
        u8 nmi;                 /* level of the output */
    } s;
};

static const struct field fields[] = {
    FIELD(struct port61_state, control), FIELD(struct port61_state, status), FIELD(struct port61_state, driven),
    FIELD(struct port61_state, masked), FIELD(struct port61_state, nmi), FIELD_END
};

/* A source that is still active when its bit is enabled again sets it again. */
static void update(struct port61 *p)
{
    p->s.status |= p->s.driven;
    if (p->s.control & SERR_OFF)
        p->s.status &= (u8)~SERR;
    if (p->s.control & IOCHK_OFF)
        p->s.status &= (u8)~IOCHK;
    bool nmi = p->s.status && !p->s.masked;
    if (nmi == p->s.nmi)
        return;
    p->s.nmi = nmi;
    line_set(&p->nmi, nmi);
}

static void source_set(void *dev, int pin, bool level)
{
    struct port61 *p = dev;
    u8 bit = pin == PIN_SERR ? SERR : IOCHK;
    p->s.driven = (u8)((p->s.driven & ~bit) | (level ? bit : 0));
    update(p);
}

static void mask_set(void *dev, int pin, bool level)
{
    struct port61 *p = dev;
    (void)pin;
    p->s.masked = level;
    update(p);
}

static u8 value_of(const struct port61 *p, bool out2)
{
    bool refresh = i8254_clocks(p->pit) / REFRESH_CLOCKS & 1;
    return (u8)(p->s.control | p->s.status | (refresh ? REFRESH : 0) | (out2 ? OUT2 : 0));
}

static u64 p61_read(void *dev, u64 offset, int size)
{
    struct port61 *p = dev;
    (void)offset, (void)size;
    return value_of(p, i8254_out(p->pit, 2));
}

static bool p61_peek(void *dev, u64 offset, int size, u64 *value)
{
    const struct port61 *p = dev;
    (void)offset, (void)size;
    *value = value_of(p, i8254_peek_out(p->pit, 2));
    return true;
}

static void p61_write(void *dev, u64 offset, u64 value, int size)
{
    struct port61 *p = dev;
    (void)offset, (void)size;
    p->s.control = value & WRITABLE;
    i8254_gate(p->pit, 2, p->s.control & GATE2);
    update(p);
}

static void p61_reset(void *dev)
{
    struct port61 *p = dev;
    p->s = (struct port61_state) { .masked = p->s.masked, .nmi = p->s.nmi };
    i8254_gate(p->pit, 2, false);
    update(p);
}

static const struct bits port_bits[] = {
    BIT("SERR#", 7), BIT("IOCHK#", 6), BIT("IOCHK# off", 3), BIT("SERR# off", 2), BIT("speaker data", 1), BIT("timer 2 gate", 0), BITS_END
};

static void describe(const void *dev, FILE *out)
{
    const struct port61 *p = dev;
    tell_register(out, "port 61", p->s.control | p->s.status, 2, port_bits);
    tell_line(out, "NMI", "%s, %s", p->s.nmi ? "high" : "low", p->s.masked ? "masked by bit 7 of port 70" : "not masked by port 70");
}

static const struct device_class port61_class = {
    .name = "port61",
    .title = "system control port B: speaker, refresh, NMI sources",
    .size = sizeof(struct port61),
    .state_offset = offsetof(struct port61, s),
    .state_size = sizeof(struct port61_state),
    .fields = fields,
    .reset = p61_reset,
    .describe = describe,
};

struct port61 *port61_new(struct machine *m, u16 port, struct i8254 *pit, struct line nmi)
{
    struct port61 *p = device_new(m, &port61_class, "port61");
    p->pit = pit;
    p->nmi = nmi;
    region_set_peek(port_claim(m, "port61", port, 1, 1, p61_read, p61_write, p), p61_peek);
    return p;
}

struct line port61_serr(struct port61 *p) { return (struct line) { source_set, p, PIN_SERR }; }
struct line port61_iochk(struct port61 *p) { return (struct line) { source_set, p, PIN_IOCHK }; }
struct line port61_nmi_mask(struct port61 *p) { return (struct line) { mask_set, p, PIN_MASK }; }
