/* devices.c - the debugger's commands that show devices: in words, or as the members of their state; what they occupy; why an interrupt
 * does not come (core/irq.h). */
#include "../parts.h"
#include "../../core/map.h"
#include "../../drawing/drawing.h"
#include "../../symbols/nearest.h"
#include "../../../host/output.h"
#include "../../../iodev/machine/wires.h"

static const char *title(const struct device *dev) { return dev->class->title ? dev->class->title : dev->class->name; }

/* ---- who uses what ---- */

struct uses { const struct device *dev; const char *kind; FILE *out; int said, digits; };

static void region_told(void *to, const struct space_region *r)
{
    struct uses *u = to;
    if (r->dev != u->dev || !r->enable)
        return;
    unsigned long long last = r->base + r->size - 1;
    fprintf(u->out, "%s%0*llx", u->said++ ? " " : u->kind, u->digits, (unsigned long long)r->base);
    if (r->size > 1)
        fprintf(u->out, "-%0*llx", u->digits, last);
}

static void uses_print(struct debugger *d, const struct device *dev, const struct wires *wires)
{
    struct uses ports = { dev, "  ports ", d->out, 0, 3 }, memory = { dev, "  memory ", d->out, 0, 8 };
    int said = 0, output;
    bool level;
    space_each(machine_ports(d->m), region_told, &ports);
    space_each(cpu_memory(d->cpu), region_told, &memory);
    for (int n = 0; wires && n < WIRE_A20; n++) {
        for (int source = 0; source < WIRE_SOURCES; source++) {
            const char *id = wires_driver(wires, n, source, &output, &level);
            if (id && !strcmp(id, dev->id) && strcmp(id, "pci"))
                fprintf(d->out, said++ ? " %d" : "  IRQ %d", n);
        }
    }
}

static void devices_print(struct debugger *d)
{
    const struct wires *wires = NULL;
    for (const struct device *dev = machine_devices(d->m); dev; dev = dev->next)
        if (!strcmp(dev->class->name, "wires"))
            wires = (const struct wires *)dev;
    for (const struct device *dev = machine_devices(d->m); dev; dev = dev->next) {
        fprintf(d->out, "%-12s %-14s %s", dev->id, dev->class->name, title(dev));
        uses_print(d, dev, wires);
        fputc('\n', d->out);
    }
}

/* ---- one of them ---- */

static void device_print(struct debugger *d, const struct device *dev, bool raw)
{
    const struct device_class *class = dev->class;
    const u8 *state = (const u8 *)dev + class->state_offset;
    fprintf(d->out, "%s, %s:\n", dev->id, title(dev));
    if (raw || (!class->registers && !class->describe)) {
        fields_print(class->fields, state, d->out);
        return;
    }
    tell_registers(d->out, class->registers, state);
    if (class->describe)
        class->describe(dev, d->out);
}

/* ---- info ---- */

static void do_info_cpu(struct debugger *d, int argc, char **argv)
{
    struct cpu_part part;
    if (argc < 2 || strcmp(argv[1], "raw")) {
        do_registers(d, 1, argv);
        do_segments(d, 1, argv);
        do_control(d, 1, argv);
        do_fpu(d, 1, argv);
        return;
    }
    for (int k = 0; cpu_part(d->cpu, k, &part); k++)
        fields_print(part.fields, part.state, d->out);
}

static void do_info_watch(struct debugger *d, int argc, char **argv)
{
    (void)argc;
    do_watch(d, 1, argv);
}

static void do_info_line(struct debugger *d, int argc, char **argv)
{
    u64 linear = control_linear(d->control);
    if (argc > 1 && !code_address(d, argv[1], &linear))
        return;
    fprintf(d->out, "%08llx", (unsigned long long)linear);
    place_print(d->symbols, d->cpu, linear, "  ", d->out);
    fputc('\n', d->out);
}

/* What stands behind `info`, in Bochs or gdb, and is a command of its own here. */
struct info { const char *word; void (*obey)(struct debugger *d, int argc, char **argv); };
static const struct info infos[] = {
    { "registers", do_registers }, { "r", do_registers }, { "all-registers", do_registers }, { "eflags", do_eflags },
    { "sreg", do_segments }, { "creg", do_control }, { "dreg", do_debug_registers }, { "float", do_fpu }, { "fpu", do_fpu },
    { "mmx", do_mmx },
    { "cpu", do_info_cpu }, { "idt", do_idt }, { "ivt", do_idt }, { "gdt", do_gdt }, { "ldt", do_ldt }, { "tss", do_tss },
    { "tab", do_pages }, { "tlb", do_tlb }, { "breakpoints", do_breakpoints }, { "break", do_breakpoints }, { "b", do_breakpoints },
    { "watchpoints", do_info_watch }, { "symbols", do_symbols }, { "symbol", do_info_line }, { "address", do_info_line },
    { "line", do_info_line }, { "args", do_locals },
    { "frame", do_frame }, { "locals", do_locals }, { "stack", do_backtrace }, { "source", do_list }, { "mem", do_map },
    { "irq", do_irq }, { "faults", do_faults }, { "fault", do_fault },
};

const char *info_word(int k) { return k < (int)ARRAY_LEN(infos) ? infos[k].word : NULL; }

static bool info_devices(struct debugger *d, const char *name, bool show, bool raw)
{
    bool found = false;
    for (const struct device *dev = machine_devices(d->m); dev; dev = dev->next) {
        if (strcmp(name, dev->id) && strcmp(name, dev->class->name))
            continue;
        if (show)
            device_print(d, dev, raw);
        found = true;
    }
    return found;
}

/* By its name, else the first that begins so. */
static const struct info *info_find(const char *word)
{
    const struct info *found = NULL;
    size_t n = strlen(word);
    for (size_t k = ARRAY_LEN(infos); k-- > 0; ) {
        if (!strcmp(word, infos[k].word))
            return &infos[k];
        if (n > 2 && !strncmp(word, infos[k].word, n))
            found = &infos[k];
    }
    return found;
}

static void refuse_info(struct debugger *d, const char *name)
{
    const char *best = NULL;
    int most = (int)strlen(name) / 3 + 1;
    for (const struct device *dev = machine_devices(d->m); dev && most >= 0; dev = dev->next)
        if (word_distance(name, dev->id, most) <= most)
            most = word_distance(name, best = dev->id, most) - 1;
    for (size_t k = 0; k < ARRAY_LEN(infos) && most >= 0; k++)
        if (word_distance(name, infos[k].word, most) <= most)
            most = word_distance(name, best = infos[k].word, most) - 1;
    refuse(d, best ? "no device %s: did you mean %s?" : "no device %s; info lists them", name, best);
}

void do_info(struct debugger *d, int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "device")) {               /* Bochs's: info device "pit" */
        argc--;
        argv++;
    }
    bool raw = argc > 2 && !strcmp(argv[2], "raw");
    if (argc < 2) {
        devices_print(d);
        return;
    }
    if ((argc == 2 || (argc == 3 && raw)) && info_devices(d, argv[1], true, raw))
        return;
    const struct info *info = info_find(argv[1]);
    if (info)
        info->obey(d, argc - 1, argv + 1);
    else if (argc > 2 && info_devices(d, argv[1], false, false))
        refuse(d, "info DEVICE, or info DEVICE raw: not %s", argv[2]);
    else
        refuse_info(d, argv[1]);
}

/* ---- the maps ---- */

void picture_draw(struct debugger *d, const char *path, void (*draw)(void *to, FILE *svg), void *to)
{
    char error[300];
    struct output *file = output_begin(d->outputs, "picture", path, error, sizeof error);
    if (file)
        draw(to, output_file(file));
    if (!file || !output_commit(file, error, sizeof error))
        refuse(d, "%s", error);
    else
        fprintf(d->out, "drawn: %s\n", path);
}

struct map_wish { const struct space *space; const char *title; };

static void draw_map(void *to, FILE *svg)
{
    const struct map_wish *w = to;
    map_draw(w->space, w->title, svg);
}

static void draw_pages(void *to, FILE *svg) { pages_draw(to, svg); }

void do_pages(struct debugger *d, int argc, char **argv)
{
    if (argc == 1)
        pages_print(d->cpu, d->out);
    else if (argc == 3 && !strcmp(argv[1], "svg"))
        picture_draw(d, argv[2], draw_pages, d->cpu);
    else
        refuse(d, "%s [svg FILE]: not %s", argv[0], argv[1]);
}

void do_map(struct debugger *d, int argc, char **argv)
{
    bool ports = argc > 1 && !strcmp(argv[1], "ports");
    if (argc > 1 && !strcmp(argv[1], "pages")) {
        do_pages(d, argc - 1, argv + 1);
        return;
    }
    struct space *s = ports ? machine_ports(d->m) : cpu_memory(d->cpu);
    argc -= 1 + ports;
    argv += 1 + ports;
    if (!argc)
        map_print(s, d->out);
    else if (argc == 1 && !strcmp(argv[0], "all"))
        space_print(s, d->out);
    else if (argc == 2 && !strcmp(argv[0], "svg"))
        picture_draw(d, argv[1], draw_map, &(struct map_wish) { s, ports ? "I/O ports" : "physical memory" });
    else
        refuse(d, "map [ports | pages] [all | svg FILE]: not %s", argv[0]);
}

void do_irq(struct debugger *d, int argc, char **argv)
{
    u64 n;
    if (argc < 2)
        irq_print(d->irqs, d->out);
    else if (!expression_count(d, argv[1], &n))
        return;
    else if (n >= IRQ_LINES)
        refuse(d, "IRQ %llu: there are 0 to %d", (unsigned long long)n, IRQ_LINES - 1);
    else
        irq_print_line(d->irqs, (int)n, d->out);
}
