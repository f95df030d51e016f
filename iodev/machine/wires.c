/* wires.c - OR gates. A real board has them inside the PIIX3 (PIRQx# routed to an input that an ISA device also drives) and
 * in the gate that joins the keyboard controller's A20 with port 92's. */
#include "wires.h"

struct wires {
    struct device dev;
    struct line out[WIRES];
    struct driver { const char *id; int output; } driver[WIRES][WIRE_SOURCES];
    struct wires_state {
        u8 drivers[WIRES];                      /* one bit a source */
    } s;
};

static const struct field fields[] = {
    FIELD_ARRAY(struct wires_state, drivers),
    FIELD_END
};

static void set(void *dev, int pin, bool level)
{
    struct wires *w = dev;
    int wire = pin & 31, source = pin >> 5;
    u8 *d = &w->s.drivers[wire];
    *d = (u8)((*d & ~(1 << source)) | level << source);
    line_set(&w->out[wire], *d != 0);
}

struct line wires_in(struct wires *w, int wire, int source) { return (struct line) { set, w, wire | source << 5 }; }

void wires_name(struct wires *w, int wire, int source, const char *id, int output)
{
    w->driver[wire][source] = (struct driver) { id, output };
}

const char *wires_driver(const struct wires *w, int wire, int source, int *output, bool *level)
{
    const struct driver *d = &w->driver[wire][source];
    *output = d->output;
    *level = w->s.drivers[wire] >> source & 1;
    return d->id;
}

static void wires_restored(void *dev)
{
    struct wires *w = dev;
    for (int k = 0; k < WIRES; k++)
        line_set(&w->out[k], w->s.drivers[k] != 0);
}

static void describe(const void *dev, FILE *out)
{
    const struct wires *w = dev;
    for (int k = 0; k < WIRES; k++) {
        char name[16], text[160] = "";
        snprintf(name, sizeof name, k == WIRE_A20 ? "A20" : "IRQ %d", k);
        for (int source = 0; source < WIRE_SOURCES; source++) {
            size_t n = strlen(text);
            const char *id = w->driver[k][source].id;
            if (id)
                snprintf(text + n, sizeof text - n, "%s%s %s", n ? ", " : "", id, w->s.drivers[k] >> source & 1 ? "high" : "low");
        }
        if (*text || w->s.drivers[k])
            tell_line(out, name, "%s: %s", w->s.drivers[k] ? "high" : "low", *text ? text : "drivers without a name");
    }
}

static const struct device_class wires_class = {
    .name = "wires",
    .title = "wires with several drivers",
    .size = sizeof(struct wires),
    .state_offset = offsetof(struct wires, s),
    .state_size = sizeof(struct wires_state),
    .fields = fields,
    .restored = wires_restored,
    .describe = describe,
};

struct wires *wires_new(struct machine *m, const struct line out[WIRES])
{
    struct wires *w = device_new(m, &wires_class, "wires");
    memcpy(w->out, out, sizeof w->out);
    return w;
}
