/* setup.c - from options to a machine's configuration.
 * Here: IMAGE by content, drives, streams, the kernel and its option ROM. */
#include "setup.h"
#include "../../cpu/cpuid.h"
#include "../../host/clock.h"
#include "../../host/file.h"
#include "../../iodev/image/image.h"
#include "firmware.h"
#include "../../iodev/session/images.h"
#include "../../iodev/session/speed.h"
#include <stdio.h>

enum { MESSAGE = 1024, BOOT_FLOPPY_BYTES = 1440 * 1024 };

/* What the real-time clock shows at power-on in runs that are to repeat: 2026-01-01 00:00:00. */
#define FIXED_EPOCH 1767225600ull

void *setup_own(struct setup *s, void *data)
{
    assert(s->owned_count < SETUP_FILES);
    s->owned[s->owned_count++] = data;
    return data;
}

static void tell(void *to, const char *text)
{
    (void)to;
    fprintf(stderr, "vitrine: %s\n", text);
}

/* ---- drives ---- */

/* Notices and complaints, a line each. */
static void say_lines(const char *option, char *message)
{
    for (char *line = strtok(message, "\n"); line; line = strtok(NULL, "\n")) {
        if (option)
            fprintf(stderr, "vitrine: -%s: %s\n", option, line);
        else
            fprintf(stderr, "vitrine: %s\n", line);
    }
}

/* Give a disk the geometry that its user names; false with a message. */
static bool set_chs(struct image *image, const struct drive_file *file, char *message, size_t size)
{
    u64 named = (u64)file->chs.cylinders * file->chs.heads * file->chs.sectors, has = image_sectors(image);
    if (image_kind(image) != IMAGE_DISK)
        snprintf(message, size, "expected chs= for a disk only, and %s is none", file->path);
    else if (named > has)
        snprintf(message, size, "expected a geometry that fits: chs= names %llu sectors, and %s has %llu",
                 (unsigned long long)named, file->path, (unsigned long long)has);
    else
        image_set_chs(image, file->chs);
    return image_kind(image) == IMAGE_DISK && named <= has;
}

/* Open a file for a drive; option NULL: it is the IMAGE, and how it is taken has been said. */
static struct image *open_image(struct setup *s, const struct options *o, const char *option, const struct drive_file *file,
                                enum image_kind kind)
{
    char message[MESSAGE] = "";
    int flags = (o->snapshot ? IMAGE_SNAPSHOT : 0) | (option ? 0 : IMAGE_GUESSED);
    struct image *image = NULL;
    if (!option || file->raw || drive_content_fits(file->path, option, message, sizeof message))
        image = image_open(file->path, kind, flags, message, sizeof message);
    if (image && file->chs.cylinders && !set_chs(image, file, message, sizeof message)) {
        image_close(image);
        image = NULL;
    }
    say_lines(option, message);
    if (image)
        image_set_host(image, &s->host);
    return image;
}

/* Take a drive option's argument apart. NULL: said why not. */
static struct media_list *parse_drive(struct setup *s, const char *option, const char *text, int most, struct media_list *list)
{
    char message[MESSAGE], use[32];
    snprintf(use, sizeof use, "%s%s", option ? "-" : "IMAGE", option ? option : "");
    *list = (struct media_list) { 0 };
    list->n = drive_parse(text, list->file, most, message, sizeof message);
    int absent = 1;                     /* the first will be opened at once */
    while (absent < list->n && file_readable(list->file[absent].path))
        absent++;
    for (int k = 0; k < list->n; k++)
        outputs_claim(s->outputs, list->file[k].path, use, !option || strcmp(option, "cdrom"));
    if (list->n >= 0 && absent >= list->n)
        return list;
    if (list->n > 0)
        snprintf(message, sizeof message, "files that can be read, not '%s' (a comma in a file's name is doubled: ,,)",
                 list->file[absent].path);
    drive_free(list->file, list->n > 0 ? list->n : 0);
    list->n = 0;
    fprintf(stderr, "vitrine: %s%s%sexpected %s\n", option ? "-" : "", option ? option : "", option ? ": " : "", message);
    return NULL;
}

static bool open_drives(struct setup *s, const struct options *o)
{
    const struct { const char *option, *text; enum image_kind kind; int slot, media; } drives[] = {
        { "fda", o->fda, IMAGE_FLOPPY, 0, MEDIA_FDA }, { "fdb", o->fdb, IMAGE_FLOPPY, 1, MEDIA_FDB },
        { "hda", o->hda, IMAGE_DISK, 0, -1 }, { "hdb", o->hdb, IMAGE_DISK, 1, -1 }, { "hdc", o->hdc, IMAGE_DISK, 2, -1 },
        { "hdd", o->hdd, IMAGE_DISK, 3, -1 }, { "cdrom", o->cdrom, IMAGE_CD, 2, MEDIA_CD },
    };
    for (size_t k = 0; k < ARRAY_LEN(drives); k++) {
        struct media_list one = { 0 }, *list = drives[k].media < 0 ? &one : &s->media[drives[k].media];
        struct image *image = NULL;
        if (!drives[k].text)
            continue;
        if (parse_drive(s, drives[k].option, drives[k].text, list == &one ? 1 : DRIVE_FILES, list))
            image = open_image(s, o, drives[k].option, &list->file[0], drives[k].kind);
        if (list == &one)
            drive_free(one.file, one.n);
        if (!image)
            return false;
        if (drives[k].kind == IMAGE_FLOPPY)
            s->config.floppy[drives[k].slot] = image;
        else
            s->config.drive[drives[k].slot] = (struct pc_drive){ drives[k].kind == IMAGE_CD, image };
    }
    if (!s->config.drive[2].image)              /* a CD may come later */
        s->config.drive[2].cd = true;
    return true;
}

/* A bare boot sector at the start of an empty floppy. */
static struct image *sector_floppy(const char *path)
{
    char message[MESSAGE];
    u64 bytes;
    u8 *sector = file_load(path, &bytes, message, sizeof message), *floppy = xcalloc(1, BOOT_FLOPPY_BYTES);
    struct image *image = NULL;
    if (sector) {
        memcpy(floppy, sector, bytes < 512 ? bytes : 512);
        image = image_new_memory(path, IMAGE_FLOPPY, floppy, BOOT_FLOPPY_BYTES);
    } else {
        fprintf(stderr, "vitrine: %s\n", message);
    }
    free(sector);
    free(floppy);
    return image;
}

/* The built-in program, when there is nothing else to start. */
static bool insert_hello(struct setup *s)
{
    if (!bios_hello.size) {
        fprintf(stderr, "vitrine: expected an IMAGE: the built-in program is missing, because this build had no nasm\n");
        return false;
    }
    u8 *floppy = xcalloc(1, BOOT_FLOPPY_BYTES);
    memcpy(floppy, bios_hello.data, bios_hello.size);
    s->config.floppy[0] = image_new_memory("built-in", IMAGE_FLOPPY, floppy, BOOT_FLOPPY_BYTES);
    free(floppy);
    return true;
}

static bool taken(const char *what, const char *option)
{
    fprintf(stderr, "vitrine: -%s: expected no IMAGE beside it: the image is %s and belongs there\n", option, what);
    return false;
}

/* The IMAGE is the first of its drive's list, so that it can be put in again. */
static void note_medium(struct media_list *list, const struct drive_file *file)
{
    list->file[0] = *file;
    list->file[0].path = xstrdup(file->path);
    list->n = 1;
}

/* Put a floppy, disk or CD into its drive and boot from it first. */
static bool insert_image(struct setup *s, const struct options *o, const struct drive_file *file, enum content content)
{
    struct pc_config *c = &s->config;
    const char *order;
    bool ok;
    switch (content) {
    case CONTENT_FLOPPY:
    case CONTENT_BOOT_SECTOR:
        if (c->floppy[0])
            return taken("a floppy", "fda");
        c->floppy[0] = content == CONTENT_FLOPPY ? open_image(s, o, NULL, file, IMAGE_FLOPPY) : sector_floppy(file->path);
        ok = c->floppy[0];
        s->by_content = c->floppy[0];
        if (content == CONTENT_FLOPPY)
            note_medium(&s->media[MEDIA_FDA], file);
        order = "acd";
        break;
    case CONTENT_CD:
        if (c->drive[2].image)
            return taken("a CD", o->cdrom ? "cdrom" : "hdc");
        c->drive[2] = (struct pc_drive){ true, open_image(s, o, NULL, file, IMAGE_CD) };
        ok = c->drive[2].image;
        note_medium(&s->media[MEDIA_CD], file);
        order = "dca";
        break;
    default:
        if (c->drive[0].image)
            return taken("a disk", "hda");
        c->drive[0] = (struct pc_drive){ false, open_image(s, o, NULL, file, IMAGE_DISK) };
        ok = c->drive[0].image;
        s->by_content = c->drive[0].image;
        order = "cda";
    }
    if (!c->boot_order)
        c->boot_order = order;
    return ok;
}

/* ---- kernel ---- */

void setup_add_file(struct setup *s, const char *name, const void *data, size_t size)
{
    assert(s->config.files < SETUP_FILES);
    s->file[s->config.files++] = (struct pc_file){ name, data, size };
}

static bool load_file(struct setup *s, const char *option, const char *path, const char *name)
{
    char message[MESSAGE];
    u64 bytes;
    u8 *data = file_load(path, &bytes, message, sizeof message);
    if (!data || bytes > UINT32_MAX) {
        fprintf(stderr, "vitrine: -%s: %s\n", option, data ? "a file of 4 GB or more" : message);
        free(data);
        return false;
    }
    setup_add_file(s, name, setup_own(s, data), bytes);
    outputs_claim(s->outputs, path, strcmp(option, "initrd") ? "-kernel" : "-initrd", false);
    return true;
}

static bool add_kernel_rom(struct setup *s)
{
    if (!bios_kernelboot.size) {
        fprintf(stderr, "vitrine: -kernel: this build cannot start kernels, because it had no nasm\n");
        return false;
    }
    firmware_add_rom(s, "genroms/kernelboot.bin", &bios_kernelboot);
    return true;
}

static bool add_kernel(struct setup *s, const struct options *o, const char *path, enum content content)
{
    const char *append = o->append ? o->append : "", *slash = strrchr(path, '/');
    char *line = setup_own(s, xcalloc(1, strlen(path) + strlen(append) + 2));
    if (content == CONTENT_MULTIBOOT)           /* its first word is the kernel's name */
        sprintf(line, "%s%s%s", slash ? slash + 1 : path, *append ? " " : "", append);
    else
        strcpy(line, append);
    if (!add_kernel_rom(s) || !load_file(s, "kernel", path, "opt/vitrine/kernel"))
        return false;
    setup_add_file(s, "opt/vitrine/cmdline", line, strlen(line) + 1);
    if (content == CONTENT_MULTIBOOT)           /* one without symbols runs as well */
        symbols_load(s->symbols, path, (char[MESSAGE]){ 0 }, MESSAGE);
    return !o->initrd || load_file(s, "initrd", o->initrd, "opt/vitrine/initrd");
}

/* -kernel, or IMAGE as what it is; `file` is one of them. */
static bool start_from(struct setup *s, const struct options *o, const struct drive_file *file)
{
    char message[MESSAGE] = "";
    const char *path = file->path;
    enum content content = content_of(path, file->raw, o->boot_unsigned, message, sizeof message);
    bool is_kernel = content == CONTENT_LINUX || content == CONTENT_MULTIBOOT;
    if (o->kernel && !is_kernel) {
        fprintf(stderr, "vitrine: -kernel: expected a Linux bzImage or a multiboot ELF kernel, not '%s'%s%s\n", path,
                *message ? ": " : "", message);
        return false;
    }
    if (content == CONTENT_UNKNOWN) {
        fprintf(stderr, "vitrine: %s\n", message);
        return false;
    }
    if (!o->kernel)
        fprintf(stderr, "vitrine: %s: %s\n", path, message);
    if (is_kernel)
        return add_kernel(s, o, path, content);
    if (o->initrd || o->append) {
        fprintf(stderr, "vitrine: -%s: expected a kernel with it, and '%s' is none\n", o->initrd ? "initrd" : "append", path);
        return false;
    }
    return insert_image(s, o, file, content);
}

/* What the machine starts from: -kernel, IMAGE, the drives, or the built-in program. */
static bool choose_boot(struct setup *s, const struct options *o)
{
    struct media_list one = { .file[0].path = xstrdup(o->kernel ? o->kernel : ""), .n = 1 };
    bool ok;
    if (!o->kernel && !o->image)
        ok = s->config.floppy[0] || s->config.floppy[1] || o->hda || o->hdb || o->hdc || o->hdd || o->cdrom ||
             insert_hello(s);
    else if (!o->kernel) {
        drive_free(one.file, one.n);
        ok = parse_drive(s, NULL, o->image, 1, &one) && start_from(s, o, &one.file[0]);
    } else
        ok = start_from(s, o, &one.file[0]);
    drive_free(one.file, one.n);
    return ok;
}

/* ---- streams, clock, processor ---- */

static struct stream *open_stream(struct setup *s, const char *option, const char *use, const char *dest)
{
    char error[MESSAGE];
    struct stream *stream = stream_open(&s->host.say, s->outputs, use, dest, error, sizeof error);
    if (!stream)
        fprintf(stderr, "vitrine: -%s: %s\n", option, error);
    if (!strcmp(dest, "stdio") ? handle_is_terminal(handle_standard(STANDARD_INPUT))
                               : !strncmp(dest, "pty", 3) || !strncmp(dest, "tcp:", 4) || !strncmp(dest, "unix:", 5))
        s->interactive = true;
    return stream;
}

static bool open_streams(struct setup *s, const struct options *o)
{
    int on_stdio = o->debugcon && !strcmp(o->debugcon, "stdio");
    for (int k = 0; k < SERIAL_PORTS; k++)
        on_stdio += o->serial[k] && !strcmp(o->serial[k], "stdio");
    if (on_stdio > 1) {
        fprintf(stderr, "vitrine: -serial: expected at most one of -serial and -debugcon on stdio\n");
        return false;
    }
    for (int k = 0; k < SERIAL_PORTS; k++) {    /* COM1 always has a stream, for -expect */
        const char *dest = o->serial[k] ? o->serial[k] : k == 0 ? "none" : NULL;
        if (dest && !(s->serial[k] = open_stream(s, "serial", "-serial", dest)))
            return false;
        s->config.serial[k] = s->serial[k];
    }
    s->debugcon = open_stream(s, "debugcon", "-debugcon", o->debugcon ? o->debugcon : "none");
    s->config.debugcon = s->debugcon;
    return s->debugcon;
}

static bool begin_output(struct setup *s, const char *use, const char *path, struct output **out)
{
    char error[MESSAGE];
    *out = path ? output_begin(s->outputs, use, path, error, sizeof error) : NULL;
    if (path && !*out)
        fprintf(stderr, "vitrine: %s: %s\n", use, error);
    return !path || *out;
}

static bool open_symbols(struct setup *s, const struct options *o)
{
    char message[MESSAGE];
    for (u64 k = 0; k < o->symbols_count; k++) {
        if (!symbols_load(s->symbols, o->symbols[k], message, sizeof message)) {
            fprintf(stderr, "vitrine: -symbols: %s\n", message);
            return false;
        }
    }
    struct symbol_file_info info;
    for (int k = 0; symbols_info(s->symbols, k, &info); k++)
        outputs_claim(s->outputs, info.path, "-symbols", false);
    return true;
}

/* What is written at the end: that it cannot be is known at the beginning. All that the run reads is open by now. */
static bool begin_outputs(struct setup *s, const struct options *o)
{
    char error[MESSAGE];
    if (outputs_check_standard(s->outputs, error, sizeof error))
        return begin_output(s, "-screendump", o->screendump, &s->screendump) && begin_output(s, "-report", o->report, &s->report) &&
               begin_output(s, "-state", o->state, &s->state);
    fprintf(stderr, "vitrine: %s\n", error);
    return false;
}

static bool choose_cpu(struct setup *s, const struct options *o)
{
    const char *names[32];
    size_t n = 0;
    for (const struct cpu_model *m = cpu_model_list; m->name && n < ARRAY_LEN(names); m++)
        names[n++] = m->name;
    s->config.machine.model = cpu_model_find(o->cpu);
    if (!s->config.machine.model)
        option_error("cpu", "a processor model (-cpu help lists them)", o->cpu, names, n);
    return s->config.machine.model;
}

/* -log is told to the machine's own log later; here only the words are looked at. */
static bool check_log(const struct options *o)
{
    char bad[64];
    const char *names[64], *name;
    size_t n = 0;
    if (!o->log)
        return true;
    struct log *log = pc_log_classes();
    bool ok = log_select(log, o->log, bad, sizeof bad);
    while (n < ARRAY_LEN(names) && (name = log_class_name(log, (int)n)))
        names[n++] = name;
    if (!ok)
        option_error("log", "classes of events (-log help lists them)", bad, names, n);
    log_free(log);
    return ok;
}

/* Without a wish, boot from the drives that have an image: firmware waits long for a floppy that is not there. The CD
 * drive is always tried, last: a person may put one in and press reset. */
static bool choose_order(struct pc_config *c)
{
    static const char *const orders[] = { NULL, "ad", "cd", "acd", "d", "ad", "cd", "acd" };
    bool disk = false, cd = false;
    for (int k = 0; k < 4; k++) {
        disk |= c->drive[k].image && !c->drive[k].cd;
        cd |= c->drive[k].image && c->drive[k].cd;
    }
    if (!c->boot_order)
        c->boot_order = orders[(c->floppy[0] != NULL) | disk << 1 | cd << 2];
    return true;
}

bool setup_has_kernel(const struct setup *s)
{
    for (int k = 0; k < s->config.files; k++)
        if (!strcmp(s->file[k].name, "opt/vitrine/kernel"))
            return true;
    return false;
}

/* -speed: what instructions took on that processor, and its clock for the time-stamp counter. */
static bool choose_speed(struct machine_config *c, const struct options *o)
{
    struct speed speed;
    if (!o->speed)
        return true;
    if (o->tick_cost) {
        fprintf(stderr, "vitrine: -speed: expected without -mips, which names a speed, too\n");
        return false;
    }
    if (!speed_parse(o->speed, &speed)) {
        option_error("speed", speed_form(), o->speed, NULL, 0);
        return false;
    }
    c->timing = speed.timing;
    c->clock_khz = speed.clock_khz;
    c->tick_cost = speed.tick_cost;
    return true;
}

bool setup_open(struct setup *s, const struct options *o)
{
    struct pc_config *c = &s->config;
    *s = (struct setup){ .outputs = outputs_new(), .symbols = symbols_new(),
                         .host = { .say = { tell, NULL }, .overlay_limit = o->snapshot_limit } };
    c->file = s->file;
    c->boot_order = *o->boot ? o->boot : NULL;
    c->boot_unsigned = o->boot_unsigned;
    c->machine.ram_size = o->ram_size;
    c->machine.tick_cost = (u32)o->tick_cost;
    c->machine.no_reboot = o->no_reboot;
    c->vga_irq = o->vga_irq;
    c->machine.engine = o->engine;
    return choose_cpu(s, o) && choose_speed(&c->machine, o) && check_log(o) && firmware_load(s, o) && open_drives(s, o) &&
           choose_boot(s, o) && choose_order(c) && open_symbols(s, o) && open_streams(s, o) && begin_outputs(s, o);
}

void setup_release(struct setup *s)
{
    while (s->owned_count)
        free(s->owned[--s->owned_count]);
}

void setup_close(struct setup *s)
{
    for (int k = 0; k < SERIAL_PORTS; k++)
        stream_close(s->serial[k]);
    stream_close(s->debugcon);
    output_drop(s->screendump);
    output_drop(s->report);
    output_drop(s->state);
    symbols_free(s->symbols);
    outputs_free(s->outputs);
    for (int k = 0; k < MEDIA_DRIVES; k++)
        drive_free(s->media[k].file, s->media[k].n);
}

void setup_choose_time(struct setup *s, const struct options *o, bool host_clock)
{
    u64 epoch = host_clock ? UINT64_MAX : FIXED_EPOCH;
    if (o->has_rtc)
        epoch = o->rtc;
    s->config.fast_drives = o->drives == DRIVES_AUTO ? !host_clock : o->drives == DRIVES_FAST;
    s->config.machine.rtc_epoch = epoch == UINT64_MAX ? host_date() : epoch;
}

/* ---- lists ---- */

bool setup_help(const struct options *o)
{
    bool cpu = !strcmp(o->cpu, "help"), log = o->log && !strcmp(o->log, "help");
    if (cpu)
        for (const struct cpu_model *m = cpu_model_list; m->name; m++)
            printf("%-12s %s\n", m->name, m->title);
    if (log) {
        struct log *classes = pc_log_classes();
        for (int k = 0; log_class_name(classes, k); k++)
            printf("%-8s %s\n", log_class_name(classes, k), log_class_title(classes, k));
        log_free(classes);
        printf("Several with commas; all, none; -NAME takes one out.\n");
    }
    return cpu || log;
}

void setup_version(void)
{
    static const struct { const char *name, *use; bool in; } parts[] = {
#ifdef HAVE_SDL2
        { "SDL2", "window", true },
#else
        { "SDL2", "window", false },
#endif
#ifdef HAVE_NCURSES
        { "ncurses", "terminal display", true },
#else
        { "ncurses", "terminal display", false },
#endif
#ifdef HAVE_PNG
        { "libpng", "-screendump", true },
#else
        { "libpng", "-screendump", false },
#endif
#ifdef HAVE_READLINE
        { "readline", "line editing in the debugger", true },
#else
        { "readline", "line editing in the debugger", false },
#endif
#ifdef HAVE_ZYDIS
        { "Zydis", "disassembly", true },
#else
        { "Zydis", "disassembly", false },
#endif
#ifdef HAVE_DW
        { "libdw", "source lines, frames and types of programs", true },
#else
        { "libdw", "source lines, frames and types of programs", false },
#endif
#ifdef HAVE_SECCOMP
        { "seccomp", "all of -sandbox", true },
#else
        { "seccomp", "all of -sandbox", false },
#endif
#ifdef HAVE_NASM
        { "nasm", "-kernel, the built-in program, what the firmware leaves undone", true },
#else
        { "nasm", "-kernel, the built-in program, what the firmware leaves undone", false },
#endif
    };
    printf("Vitrine %s\n", VITRINE_VERSION);
    for (size_t k = 0; k < ARRAY_LEN(parts); k++)
        printf("  %-9s %-7s %s\n", parts[k].name, parts[k].in ? "yes" : "missing", parts[k].use);
}
