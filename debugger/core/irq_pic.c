/* irq_pic.c - why a line through the 8259As does not come. Intel 8259A data sheet: "Interrupt Sequence", "Fully Nested Mode",
 * "Special Mask Mode", "Cascade Mode"; what these allow next is looked at from the source to the processor. See irq.h. */
#include "irq_parts.h"

enum { CASCADE = 2 };

static void say_line(const struct irq_watch *w, const struct irq_chip *c, int pin, struct irq_say *s)
{
    char name[40];
    int n = c == &w->chip[1] ? pin + 8 : pin;
    irq_device(w, n, name, sizeof name);
    irq_say(s, "IRQ %d%s%s%s", n, *name ? " (" : "", name, *name ? ")" : "");
}

static void say_unfinished(const struct irq_chip *c, struct irq_say *s)
{
    if (!strcmp(c->now.waits_for, "ICW1")) {
        irq_say(s, "%s: never initialised: it waits for ICW1", c->id);
        return;
    }
    irq_say(s, "%s: initialisation unfinished, waits for %s (ICW1 %02x: ", c->id, c->now.waits_for, c->now.icw1);
    irq_say_when(s, &c->icw1);
    irq_say(s, ")");
}

/* The level in service that holds `pin` back, by the chip's order; -1: none. */
static int blocker(const struct irq_chip *c, int pin)
{
    const struct i8259_view *v = &c->now;
    u8 blocking = v->special_mask ? v->isr & (u8)~v->imr : v->isr;
    for (int k = 1; k <= 8; k++) {
        int ir = (v->lowest + k) & 7;
        bool again = v->nested && ir == pin && v->slave[ir];
        if ((blocking >> ir & 1) && !again)
            return ir;
        if (ir == pin)
            return -1;
    }
    return -1;
}

static void say_service(const struct irq_chip *c, int pin, struct irq_say *s)
{
    const struct irq_pin *p = &c->pin[pin];
    irq_say(s, "since ");
    irq_say_when(s, &p->service);
}

enum { LONG = 10000 };          /* instructions: a handler that runs so long may have forgotten its EOI */

static const char *never(const struct irq_watch *w, const struct irq_pin *p)
{
    return p->service.by && cpu_insns(w->cpu) - p->service.insns < LONG ? "not EOI'd yet" : "never EOI'd";
}

/* Its own level in service: where the EOI is missing. */
static bool own_service(const struct irq_watch *w, int n, struct irq_say *s)
{
    const struct irq_chip *master = &w->chip[0], *slave = &w->chip[1];
    const struct irq_chip *c = n < 8 ? master : slave;
    bool here = c->now.isr >> (n & 7) & 1, cascade = n >= 8 && (master->now.isr >> CASCADE & 1);
    if (here && n < 8) {
        irq_say(s, "in service, %s on %s, ", never(w, &c->pin[n]), c->id);
        say_service(c, n, s);
    } else if (here) {
        irq_say(s, "in service, %s on the slave%s, ", never(w, &c->pin[n & 7]), cascade ? " or the master" : "");
        say_service(c, n & 7, s);
        if (!cascade && master->pin[CASCADE].ended.by) {
            irq_say(s, " (the master's EOI: ");
            irq_say_when(s, &master->pin[CASCADE].ended);
            irq_say(s, ")");
        }
    } else if (cascade && !slave->now.isr) {
        irq_say(s, "the cascade (IR2) is in service on the master, %s there, ", never(w, &master->pin[CASCADE]));
        say_service(master, CASCADE, s);
        if (slave->pin[n & 7].ended.by) {
            irq_say(s, "; the slave's EOI: ");
            irq_say_when(s, &slave->pin[n & 7].ended);
        }
    }
    return *s->text;
}

static void say_masked(const struct irq_chip *c, int pin, struct irq_say *s)
{
    irq_say(s, "masked at %s since ", c->id);
    irq_say_when(s, &c->pin[pin].masked);
}

/* The input does not request. */
static void not_requested(const struct irq_watch *w, int n, struct irq_say *s)
{
    const struct irq_chip *c = &w->chip[n >= 8];
    const struct irq_pin *p = &c->pin[n & 7];
    bool high = c->now.lines >> (n & 7) & 1;
    if (high && p->rose.by && c->icw1.by && c->icw1.insns >= p->rose.insns && (!p->taken.by || p->taken.insns < p->rose.insns)) {
        irq_say(s, "edge lost: the line rose (");
        irq_say_when(s, &p->rose);
        irq_say(s, ") before ICW1 (");
        irq_say_when(s, &c->icw1);
        irq_say(s, ") and has not fallen since");
        irq_device_why(w, n, true, s);
    } else if (high) {
        irq_say(s, p->taken.by ? "delivered, and the line has been high since: no new edge" : "the line is high, and made no edge");
        irq_device_why(w, n, true, s);
    } else if (p->rose.by && p->fell.by && p->fell.insns >= p->rose.insns && (!p->taken.by || p->taken.insns < p->rose.insns)) {
        irq_say(s, "withdrawn before it was acknowledged: the line rose (");
        irq_say_when(s, &p->rose);
        irq_say(s, ") and fell (");
        irq_say_when(s, &p->fell);
        irq_say(s, ")");
    } else {
        irq_say(s, p->rose.by ? "the device does not raise it now" : "the device has not raised it");
        irq_device_why(w, n, false, s);
    }
    if (c->now.imr >> (n & 7) & 1) {
        irq_say(s, "; and ");
        say_masked(c, n & 7, s);
    } else if (!cpu_interruptible(w->cpu)) {
        irq_say(s, "; and ");
        irq_cpu_why(w, s);
    }
}

/* A request on this chip gets no further. True: said why. */
static bool held_back(const struct irq_watch *w, const struct irq_chip *c, int pin, struct irq_say *s)
{
    if (c->now.imr >> pin & 1) {
        if (c == &w->chip[0] && pin == CASCADE)
            irq_say(s, "the cascade (IR2) is ");
        say_masked(c, pin, s);
        return true;
    }
    int ir = blocker(c, pin);
    if (ir < 0)
        return false;
    irq_say(s, "waits behind ");
    say_line(w, c, ir, s);
    irq_say(s, ", in service on %s ", c->id);
    say_service(c, ir, s);
    return true;
}

static bool cascade_broken(const struct irq_watch *w, struct irq_say *s)
{
    const struct irq_chip *master = &w->chip[0], *slave = &w->chip[1];
    if (master->now.single || !(master->now.icw3 >> CASCADE & 1))
        irq_say(s, "%s was told of no slave at IR2 (%s %02x): its own vector %02x comes instead", master->id,
                master->now.single ? "ICW1's SNGL, ICW1" : "ICW3", master->now.single ? master->now.icw1 : master->now.icw3,
                (master->now.icw2 & 0xf8) | CASCADE);
    else if ((slave->now.icw3 & 7) != CASCADE)
        irq_say(s, "%s has the slave ID %d (ICW3), but is wired to IR2: nobody puts a vector on the bus", slave->id, slave->now.icw3 & 7);
    else if (!(master->now.requests >> CASCADE & 1))
        irq_say(s, "the slave's INT made no edge that %s has kept: the cascade (IR2) does not request", master->id);
    return *s->text;
}

static void way(const struct irq_watch *w, int n, struct irq_say *s)
{
    const struct irq_chip *master = &w->chip[0], *slave = &w->chip[1], *c = n < 8 ? master : slave;
    int pin = n & 7;
    if (!c->pic) {
        irq_say(s, "there is no 8259A for it");
        return;
    }
    if (c->now.waits_for) {
        say_unfinished(c, s);
        return;
    }
    if (master->now.waits_for) {
        say_unfinished(master, s);
        return;
    }
    if (own_service(w, n, s))
        return;
    if (!(c->now.requests >> pin & 1)) {
        if (n == CASCADE)
            irq_say(s, "no line of %s asks", slave->id ? slave->id : "the slave");
        else
            not_requested(w, n, s);
        return;
    }
    if (held_back(w, c, pin, s))
        return;
    if (n >= 8 && (cascade_broken(w, s) || held_back(w, master, CASCADE, s)))
        return;
    irq_cpu_why(w, s);
}

void irq_pic_why(const struct irq_watch *w, int n, struct irq_say *s)
{
    const struct i8259_view *v = &w->chip[n >= 8].now;
    u8 bit = (u8)(1 << (n & 7));
    way(w, n, s);
    if (!v->waits_for && (v->elcr & v->lines & bit)) {
        irq_say(s, "; by level (ELCR): it asks again after each EOI while the device holds the line");
        irq_device_why(w, n, true, s);
    }
}
