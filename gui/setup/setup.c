/* setup.c - from options to a machine's configuration (include/vitrine.h).
 * Here: drives and their lists, what is written at the end, words that only the machine can judge. */
#include "setup.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/board/pc.h"
#include "../../memory/log.h"
#include "../../host/clock.h"
#include "../../host/file.h"
#include "../../iodev/session/images.h"
#include "../../iodev/session/speed.h"
#include <stdio.h>

enum { MESSAGE = 1024, SCRIPT_MOST = 1 << 20 };

static void tell(void *to, const char *text)
{
    (void)to;
    fprintf(stderr, "vitrine: %s\n", text);
}

void setup_complain(const struct vitrine_error *error)
{
    for (const char *line = error->text; *line; ) {
        size_t n = strcspn(line, "\n");
        fprintf(stderr, "vitrine: %s%s%s%.*s\n", *error->where ? "-" : "", error->where, *error->where ? ": " : "", (int)n, line);
        line += n + (line[n] != 0);
    }
}

/* ---- drives ---- */

/* Take a drive option's argument apart. False: said why not. */
static bool parse_drive(struct setup *s, const char *option, const char *text, int most, struct media_list *list)
{
    char message[MESSAGE], use[32];
    snprintf(use, sizeof use, "%s%s", option ? "-" : "IMAGE", option ? option : "");
    list->n = drive_parse(text, list->file, most, message, sizeof message);
    int absent = 1;                     /* the first will be opened at once */
    while (absent < list->n && file_readable(list->file[absent].path))
        absent++;
    for (int k = 0; k < list->n; k++)
        outputs_claim(s->outputs, list->file[k].path, use, !option || strcmp(option, "cdrom"));
    if (list->n >= 0 && absent >= list->n)
        return true;
    if (list->n > 0)
        snprintf(message, sizeof message, "files that can be read, not '%s' (a comma in a file's name is doubled: ,,)",
                 list->file[absent].path);
    drive_free(list->file, list->n > 0 ? list->n : 0);
    list->n = 0;
    fprintf(stderr, "vitrine: %s%s%sexpected %s\n", option ? "-" : "", option ? option : "", option ? ": " : "", message);
    return false;
}

static struct vitrine_medium medium_of(const struct media_list *list)
{
    const struct drive_file *f = &list->file[0];
    return (struct vitrine_medium) {
        .file = f->path, .raw = f->raw, .cylinders = (u16)f->chs.cylinders, .heads = (u16)f->chs.heads, .sectors = (u16)f->chs.sectors,
    };
}

static bool parse_drives(struct setup *s, const struct options *o)
{
    struct vitrine_config *c = &s->config;
    const struct { const char *option, *text; struct vitrine_medium *medium; int list, most; } drives[] = {
        { "fda", o->fda, &c->floppy[0], MEDIA_FDA, DRIVE_FILES }, { "fdb", o->fdb, &c->floppy[1], MEDIA_FDB, DRIVE_FILES },
        { "hda", o->hda, &c->disk[0], MEDIA_HDA, 1 }, { "hdb", o->hdb, &c->disk[1], MEDIA_HDB, 1 },
        { "hdc", o->hdc, &c->disk[2], MEDIA_HDC, 1 }, { "hdd", o->hdd, &c->disk[3], MEDIA_HDD, 1 },
        { "cdrom", o->cdrom, &c->cdrom, MEDIA_CD, DRIVE_FILES }, { NULL, o->kernel ? NULL : o->image, &c->image, MEDIA_IMAGE, 1 },
    };
    for (size_t k = 0; k < ARRAY_LEN(drives); k++) {
        if (!drives[k].text)
            continue;
        if (!parse_drive(s, drives[k].option, drives[k].text, drives[k].most, &s->media[drives[k].list]))
            return false;
        *drives[k].medium = medium_of(&s->media[drives[k].list]);
    }
    return true;
}

void setup_note_image(struct setup *s, int drive)
{
    struct media_list *image = &s->media[MEDIA_IMAGE], *list = &s->media[drive == 0 ? MEDIA_FDA : MEDIA_CD];
    if (drive < 0 || list->n)
        return;
    *list = *image;
    image->n = 0;
}

/* ---- the debugger's scripts ---- */

static bool read_scripts(struct setup *s, const struct options *o)
{
    struct failure why;
    for (u64 k = 0; k < o->commands_count; k++) {
        if (!o->commands[k].file)
            continue;
        s->script[k] = file_text(o->commands[k].text, SCRIPT_MOST, NULL, &why);
        if (!s->script[k]) {
            fprintf(stderr, "vitrine: -debug-script: cannot read %s: %s\n", o->commands[k].text, why.text);
            return false;
        }
        outputs_claim(s->outputs, o->commands[k].text, "-debug-script", false);
    }
    return true;
}

/* ---- what is written at the end ---- */

/* The trace's file, which is written as the lines come. */
static bool begin_trace(struct setup *s, const struct options *o)
{
    char error[MESSAGE];
    if (!o->trace || !*s->trace.file || !strcmp(s->trace.file, "-"))
        return true;
    s->trace_file = output_stream(s->outputs, "-trace", s->trace.file, error, sizeof error);
    if (!handle_there(s->trace_file))
        fprintf(stderr, "vitrine: -trace: %s\n", error);
    return handle_there(s->trace_file);
}

static bool begin_output(struct setup *s, const char *use, const char *path, struct output **out)
{
    char error[MESSAGE];
    *out = path ? output_begin(s->outputs, use, path, error, sizeof error) : NULL;
    if (path && !*out)
        fprintf(stderr, "vitrine: %s: %s\n", use, error);
    return !path || *out;
}

bool setup_begin_outputs(struct setup *s, const struct options *o)
{
    char error[MESSAGE];
    if (outputs_check_standard(s->outputs, error, sizeof error))
        return begin_output(s, "-screendump", o->screendump, &s->screendump) &&
               begin_output(s, "-report", o->report, &s->report) && begin_output(s, "-state", o->state, &s->state) &&
               begin_output(s, "-savevm", o->savevm, &s->savevm) && begin_output(s, "-record", o->record, &s->record) &&
               begin_trace(s, o);
    fprintf(stderr, "vitrine: %s\n", error);
    return false;
}

/* ---- words ---- */

static bool check_cpu(const struct options *o)
{
    const char *names[32];
    size_t n = 0;
    for (const struct cpu_model *m = cpu_model_list; m->name && n < ARRAY_LEN(names); m++)
        names[n++] = m->name;
    bool ok = cpu_model_find(o->cpu);
    if (!ok)
        option_error("cpu", "a processor model (-cpu help lists them)", o->cpu, names, n);
    return ok;
}

static bool check_speed(const struct options *o)
{
    struct speed speed;
    bool ok = !o->speed || o->tick_cost || speed_parse(o->speed, &speed);
    if (!ok)
        option_error("speed", speed_form(), o->speed, NULL, 0);
    return ok;
}

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

/* Does a line lead to a person? */
static bool is_interactive(const char *dest)
{
    return dest && (!strcmp(dest, "stdio") ? handle_is_terminal(handle_standard(STANDARD_INPUT))
                    : !strncmp(dest, "pty", 3) || !strncmp(dest, "tcp:", 4) || !strncmp(dest, "unix:", 5));
}

bool setup_open(struct setup *s, const struct options *o)
{
    *s = (struct setup){ .outputs = outputs_new(), .trace_file = NO_HANDLE };
    s->config = (struct vitrine_config) {
        .size = sizeof s->config, .ram = o->ram_size, .cpu = o->cpu, .speed = o->speed, .tick_cost = (u32)o->tick_cost,
        .engine = (enum vitrine_engine)o->engine, .bios.file = o->bios, .vgabios.file = o->vgabios, .boot = o->boot,
        .boot_unsigned = o->boot_unsigned, .kernel = o->kernel, .initrd = o->initrd, .append = o->append,
        .snapshot = o->snapshot || o->loadvm || o->replay,
        .snapshot_limit = o->snapshot_limit, .debugcon.dest = o->debugcon, .vga_irq = o->vga_irq, .no_reboot = o->no_reboot,
        .notice = tell, .log_classes = o->log,
    };
    s->interactive = is_interactive(o->debugcon);
    for (int k = 0; k < SERIAL_PORTS; k++) {
        s->config.serial[k].dest = o->serial[k];
        s->interactive |= is_interactive(o->serial[k]);
    }
    return check_cpu(o) && check_speed(o) && check_log(o) && parse_drives(s, o) && setup_debugger_open(s, o) &&
           read_scripts(s, o);
}

void setup_close(struct setup *s)
{
    output_drop(s->screendump);
    output_drop(s->report);
    output_drop(s->state);
    output_drop(s->savevm);
    output_drop(s->record);
    handle_close(s->trace_file);
    setup_debugger_close(s);
    outputs_free(s->outputs);
    for (int k = 0; k < COMMANDS_MOST; k++)
        free(s->script[k]);
    for (int k = 0; k < MEDIA_LISTS; k++)
        drive_free(s->media[k].file, s->media[k].n);
}

void setup_choose_time(struct setup *s, const struct options *o, bool host_clock)
{
    bool now = o->has_rtc ? o->rtc == UINT64_MAX : host_clock;
    s->config.rtc_given = now || o->has_rtc;
    s->config.rtc = now ? host_date() : o->rtc;
    s->config.real_drives = o->drives == DRIVES_AUTO ? host_clock : o->drives == DRIVES_REAL;
}

/* ---- lists ---- */

bool setup_help(const struct options *o)
{
    bool cpu = !strcmp(o->cpu, "help"), log = o->log && !strcmp(o->log, "help"), trace = o->trace && !strcmp(o->trace, "help");
    const char *name, *title;
    for (int k = 0; trace && trace_class(k, &name, &title); k++)
        printf("%-12s %s\n", name, title);
    if (trace)
        printf("Several with commas; all; -NAME takes one out.\n");
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
    return cpu || log || trace;
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
#elif defined HAVE_LIBEDIT
        { "libedit", "line editing in the debugger", true },
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
#ifdef HAVE_ZSTD
        { "zstd", "states in files are packed", true },
#else
        { "zstd", "states in files are packed", false },
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
