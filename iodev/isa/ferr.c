/* ferr.c - numeric error logic. Intel SDM Vol. 1 Appendix "Guidelines for Writing x87 FPU Exception Handlers", "MS-DOS
 * compatibility mode"; 82371SB data sheet, "Coprocessor Error Support" and "CERR Coprocessor Error Register".
 * Here: FERR# sets IRQ 13; a write of port F0 clears it and holds IGNNE# until FERR# goes away. */
#include "ferr.h"

struct ferr {
    struct device dev;
    struct line irq13, ignne_line;
    struct ferr_state {
        u8 ferr, irq, ignne;
    } s;
};

static const struct field fields[] = {
    FIELD(struct ferr_state, ferr),
    FIELD(struct ferr_state, irq),
    FIELD(struct ferr_state, ignne),
    FIELD_END
};

static void drive(struct ferr *f)
{
    line_set(&f->irq13, f->s.irq);
    line_set(&f->ignne_line, f->s.ignne);
}

static void ferr_set(void *dev, int pin, bool level)
{
    struct ferr *f = dev;
    (void)pin;
    if (level && !f->s.ferr)
        f->s.irq = 1;
    if (!level)
        f->s.ignne = 0;
    f->s.ferr = level;
    drive(f);
}

static void ferr_write(void *dev, u64 offset, u64 value, int size)
{
    struct ferr *f = dev;
    (void)offset, (void)value, (void)size;
    f->s.irq = 0;
    f->s.ignne = f->s.ferr;
    drive(f);
}

static void ferr_reset(void *dev)
{
    struct ferr *f = dev;
    memset(&f->s, 0, sizeof f->s);
    drive(f);
}

static void ferr_restored(void *dev) { drive(dev); }

static void irq_why(const void *dev, int output, bool high, char *text, size_t n)
{
    const struct ferr *f = dev;
    (void)output;
    snprintf(text, n, "%s", high ? "FERR# came; a write of port F0 ends it"
             : f->s.ferr ? "port F0 was written, and FERR# has not risen again"
             : "no unmasked x87 exception has asked for it");
}

static void describe(const void *dev, FILE *out)
{
    const struct ferr *f = dev;
    tell_line(out, "FERR#", "%s", f->s.ferr ? "active" : "inactive");
    tell_line(out, "IRQ 13", "%s", f->s.irq ? "high" : "low");
    tell_line(out, "IGNNE#", "%s", f->s.ignne ? "active" : "inactive");
}

static const struct device_class ferr_class = {
    .name = "ferr",
    .title = "numeric error logic",
    .size = sizeof(struct ferr),
    .state_offset = offsetof(struct ferr, s),
    .state_size = sizeof(struct ferr_state),
    .fields = fields,
    .reset = ferr_reset,
    .restored = ferr_restored,
    .irq_why = irq_why,
    .describe = describe,
};

struct line ferr_input(struct ferr *f) { return (struct line) { ferr_set, f, 0 }; }

struct ferr *ferr_new(struct machine *m, u16 port, struct line irq13, struct line ignne)
{
    struct ferr *f = device_new(m, &ferr_class, "ferr");
    f->irq13 = irq13;
    f->ignne_line = ignne;
    port_claim(m, "ferr", port, 2, 1, NULL, ferr_write, f);
    return f;
}
