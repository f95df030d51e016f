/* commands.c - see commands.h.
 * Here: the machine's thread puts a medium in (vitrine_insert); it enters the guest stamped in virtual time like a key. A CD
 * drive that the guest has locked is asked first (its eject button), and forced when asked for again. */
#include "commands.h"
#include "../../host/file.h"
#include "../../host/output.h"
#include "../../iodev/session/images.h"
#include "../../iodev/session/keys.h"
#include "../png.h"
#include "../../iodev/session/speed.h"
#include <stdio.h>

enum { LAMP_FLOPPY, LAMP_DISK, LAMP_CD, LAMPS, NUMBERS = 9999 };
static const u64 LAMP_NS = 80000000, SPEED_NS = 1000000000;

struct commands {
    const struct options *o;
    struct gui_link *link;
    struct outputs *outputs;
    struct vitrine *v;
    struct media_list list[VITRINE_DRIVES];
    int asked_locked;                   /* the drive that was refused as locked, last; -1: none */
    bool paused, debug;                 /* debug: asked for, and not taken yet */
    int left_out;                       /* characters of the paste that no key types */
    bool pasting;
    int screenshot;                     /* number of the last one */
    u64 accesses[LAMPS], lamp_until[LAMPS];
    u32 least_cost;                     /* of a tick, at the speed that was asked for */
    u64 speed_host, speed_ns, speed_insns;      /* when the speed was measured last */
    struct panel panel;
};

struct commands *commands_new(const struct options *o, struct setup *setup, struct gui_link *link, struct vitrine *v)
{
    struct commands *c = xcalloc(1, sizeof *c);
    c->o = o;
    c->link = link;
    c->outputs = setup->outputs;
    c->v = v;
    c->asked_locked = -1;
    c->least_cost = vitrine_tick_cost(v);
    if (!o->tick_cost)
        snprintf(c->panel.speed_name, sizeof c->panel.speed_name, "%s", o->speed ? o->speed : "max");
    c->list[VITRINE_FDA] = setup->media[MEDIA_FDA];
    c->list[VITRINE_FDB] = setup->media[MEDIA_FDB];
    c->list[VITRINE_HDC] = setup->media[MEDIA_CD];
    setup->media[MEDIA_FDA].n = setup->media[MEDIA_FDB].n = setup->media[MEDIA_CD].n = 0;
    for (int k = 0; k < VITRINE_DRIVES; k++)
        if (c->list[k].n)
            c->list[k].file[0].taken = true;    /* it is in the drive */
    return c;
}

void commands_free(struct commands *c)
{
    if (!c)
        return;
    for (int k = 0; k < VITRINE_DRIVES; k++)
        drive_free(c->list[k].file, c->list[k].n);
    free(c);
}

static const char *base_name(const char *path)
{
    const char *name = file_name_of(path);
    return *name ? name : path;
}

/* ---- media ---- */

static const char *drive_title(int drive)
{
    static const char *const titles[VITRINE_DRIVES] = {
        "floppy drive A", "floppy drive B", "CD drive (hda)", "CD drive (hdb)", "CD drive", "CD drive (hdd)"
    };
    return titles[drive];
}

/* A file that is put in joins the drive's list, as long as there is room. */
static void remember(struct media_list *list, const char *file)
{
    int k = 0;
    while (k < list->n && strcmp(list->file[k].path, file))
        k++;
    if (k == list->n && list->n < DRIVE_FILES)
        list->file[list->n++] = (struct drive_file){ .path = xstrdup(file) };
    if (k < list->n)
        list->file[k].taken = true;
}

/* A drive whose medium can be changed; false: there is none. */
static bool drive_state(const struct commands *c, int drive, struct vitrine_drive_state *now)
{
    vitrine_drive_state(c->v, (enum vitrine_drive)drive, now);
    return now->kind == VITRINE_FLOPPY_DRIVE || now->kind == VITRINE_CD_DRIVE;
}

/* Hand the medium to the machine, NULL: take out what is in. False: the message says what is in the way. */
static bool feed_medium(struct commands *c, int drive, const struct vitrine_medium *medium, char *message, size_t n)
{
    struct vitrine_error error;
    bool done = vitrine_insert(c->v, (enum vitrine_drive)drive, medium, c->asked_locked == drive, &error);
    bool locked = !done && error.code == VITRINE_LOCKED;
    if (medium && (done || locked))
        remember(&c->list[drive], medium->file);
    if (done)
        c->asked_locked = -1;
    else if (locked)
        c->asked_locked = drive;
    if (locked)
        snprintf(message, n, "the guest has locked the %s; its eject button was pressed. Again: by force", drive_title(drive));
    else
        snprintf(message, n, "%s", error.text);
    return done;
}

/* As named at the start, with its settings; or it was a medium before, whatever the guest has made it look like. */
static bool is_raw(const struct commands *c, int drive, const char *file)
{
    bool raw = false;
    for (int k = 0; k < c->list[drive].n; k++)
        if (!strcmp(c->list[drive].file[k].path, file))
            raw = c->list[drive].file[k].raw || c->list[drive].file[k].taken;
    return raw;
}

static bool insert(struct commands *c, int drive, const char *file, char *message, size_t n)
{
    struct vitrine_drive_state now;
    if (!drive_state(c, drive, &now)) {
        snprintf(message, n, "expected a drive whose medium can be changed; the machine has no such drive");
        return false;
    }
    if (now.full && !now.open && !strcmp(now.name, file)) {
        snprintf(message, n, "%s is in the %s already", base_name(file), drive_title(drive));
        return true;
    }
    struct vitrine_medium medium = { .file = file, .raw = is_raw(c, drive, file) };
    if (!feed_medium(c, drive, &medium, message, n))
        return false;
    if (!*message)                              /* nothing is to be said about the file */
        snprintf(message, n, "%s: %s", drive_title(drive), base_name(file));
    return true;
}

static bool eject(struct commands *c, int drive, char *message, size_t n)
{
    struct vitrine_drive_state now;
    if (!drive_state(c, drive, &now)) {
        snprintf(message, n, "expected a drive whose medium can be changed; the machine has no such drive");
        return false;
    }
    if (!now.full) {
        snprintf(message, n, "the %s is empty", drive_title(drive));
        return true;
    }
    if (!feed_medium(c, drive, NULL, message, n))
        return false;
    snprintf(message, n, "the %s is empty now", drive_title(drive));
    return true;
}

static bool insert_listed(struct commands *c, int drive, int index, char *message, size_t n)
{
    if (drive >= 0 && drive < VITRINE_DRIVES && index >= 0 && index < c->list[drive].n)
        return insert(c, drive, c->list[drive].file[index].path, message, n);
    snprintf(message, n, "expected a file of the drive's list");
    return false;
}

static bool insert_next(struct commands *c, int drive, char *message, size_t n)
{
    struct vitrine_drive_state now;
    const struct media_list *list = &c->list[drive];
    if (!drive_state(c, drive, &now)) {
        snprintf(message, n, "the machine has no %s", drive_title(drive));
        return false;
    }
    if (list->n < 2 && (now.full || !list->n)) {
        snprintf(message, n, "%s: its list has no other file; the menu takes any", drive_title(drive));
        return false;
    }
    int at = list->n - 1;
    for (int k = 0; k < list->n; k++)
        if (now.full && !strcmp(now.name, list->file[k].path))
            at = k;
    return insert(c, drive, list->file[(at + 1) % list->n].path, message, n);
}

/* The first CD drive, or floppy drive A; -1: none. */
static int drive_for(const struct commands *c, bool floppy)
{
    struct vitrine_drive_state now;
    for (int k = 0; k < VITRINE_DRIVES; k++)
        if (drive_state(c, k, &now) && (now.kind == VITRINE_FLOPPY_DRIVE) == floppy)
            return k;
    return -1;
}

static bool drop(struct commands *c, const char *file, char *message, size_t n)
{
    enum content content = content_of(file, false, false, message, n);
    int drive = content == CONTENT_CD ? drive_for(c, false) : content == CONTENT_FLOPPY ? drive_for(c, true) : -1;
    if (content == CONTENT_UNKNOWN)
        return false;
    if (drive >= 0) {
        char why[256];
        snprintf(why, sizeof why, "%s", message);
        if (!insert(c, drive, file, message, n))
            return false;
        if (!strncmp(message, drive_title(drive), strlen(drive_title(drive))))  /* no notice: why it went there */
            snprintf(message + strlen(message), n - strlen(message), " (%s)", why);
        return true;
    }
    snprintf(message, n, "expected a floppy or CD image: '%s' is %s (the menu puts any file into a drive)", base_name(file),
             content == CONTENT_DISK ? "a disk, which cannot be changed while the machine runs" : content == CONTENT_CD
             ? "a CD, and there is no CD drive" : content == CONTENT_FLOPPY ? "a floppy, and there is no floppy drive"
             : "a program");
    return false;
}

bool commands_change(void *to, const char *drive, const char *file, char *message, size_t n)
{
    static const char *const names[VITRINE_DRIVES] = { "fda", "fdb", "hda", "hdb", "hdc", "hdd" };
    struct commands *c = to;
    int k = 0;
    *message = 0;
    while (k < VITRINE_DRIVES && strcmp(drive, names[k]))
        k++;
    if (!strcmp(drive, "cd") || !strcmp(drive, "cdrom"))
        k = drive_for(c, false);
    struct vitrine_drive_state now;
    if (k < 0 || k >= VITRINE_DRIVES || !drive_state(c, k, &now)) {
        int at = snprintf(message, n, "'%s': expected a drive whose medium can be changed:", drive);
        for (k = 0; k < VITRINE_DRIVES && at > 0 && (size_t)at < n; k++)
            if (drive_state(c, k, &now))
                at += snprintf(message + at, n - (size_t)at, " %s", k == VITRINE_HDC ? "cd" : names[k]);
        return false;
    }
    return file ? insert(c, k, file, message, n) : eject(c, k, message, n);
}

/* ---- the rest ---- */

static void screenshot(struct commands *c, char *message, size_t n)
{
    char error[256];
    int number = c->screenshot + 1;
    struct output *out = output_begin_new(c->outputs, "vitrine-%03d.png", &number, NUMBERS, error, sizeof error);
    if (!out) {
        snprintf(message, n, "no screenshot: %s", error);
        return;
    }
    c->screenshot = number;
    struct vitrine_frame f;
    vitrine_frame(c->v, &f);
    if (picture_write(out, &f, error, sizeof error))
        snprintf(message, n, "screenshot: vitrine-%03d.png", number);
    else
        snprintf(message, n, "no screenshot: %s", error);
}

/* Under a name that is free. */
static void save(struct commands *c, char *message, size_t n)
{
    struct vitrine_error error = { .text = "" };
    char file[32] = "";
    for (int k = 1; k <= NUMBERS && (!*file || file_kind_at(file, NULL, NULL) != FILE_ABSENT); k++)
        snprintf(file, sizeof file, "vitrine-%03d.state", k);
    bool ok = vitrine_save_file(c->v, file, &error);
    snprintf(message, n, "%s%.400s", ok ? "kept: " : "the state is not kept: ", ok ? file : error.text);
}

static void load(struct commands *c, const char *file, char *message, size_t n)
{
    struct vitrine_error error = { .text = "" };
    if (vitrine_load_file(c->v, file, &error))
        link_type_stop(c->link);
    snprintf(message, n, "%s%.400s", *error.text ? "" : "gone on from ", *error.text ? error.text : base_name(file));
}

static void set_speed(struct commands *c, const char *text, char *message, size_t n)
{
    struct speed speed;
    if (!speed_parse(text, &speed)) {
        snprintf(message, n, "speed: expected %s", speed_form());
        return;
    }
    vitrine_set_speed(c->v, text, NULL);
    c->least_cost = speed.tick_cost;
    snprintf(c->panel.speed_name, sizeof c->panel.speed_name, "%s", text);
    snprintf(message, n, "speed: %s", text);
}

/* UTF-8; CR LF is one Enter. The typist types it as the guest reads. */
static void paste(struct commands *c, const char *text)
{
    if (!c->pasting)
        c->left_out = 0;
    c->pasting = true;
    for (const char *p = text; *p; p++) {
        struct key_stroke stroke;
        if (((u8)*p & 0xc0) == 0x80 || (p[0] == '\r' && p[1] == '\n'))
            continue;                   /* the rest of a character; the Enter comes with the \n */
        if (((u8)*p & 0x80) || !key_of_character(*p, &stroke))
            c->left_out++;
        else
            link_type(c->link, &stroke);
    }
}

/* Tell when a paste is done. */
static void paste_status(struct commands *c)
{
    char text[128];
    if (!c->pasting || link_typing(c->link))
        return;
    c->pasting = false;
    snprintf(text, sizeof text, "pasted");
    if (c->left_out)
        snprintf(text, sizeof text, "pasted; %d character%s that a US keyboard has no key for %s left out", c->left_out,
                 c->left_out == 1 ? "" : "s", c->left_out == 1 ? "was" : "were");
    link_status(c->link, text);
}

static void obey(struct commands *c, const struct gui_command *command)
{
    char message[512] = "";
    switch (command->kind) {
    case COMMAND_RESET:
        link_type_stop(c->link);
        vitrine_reset(c->v);
        c->paused = false;              /* a stopped machine could not answer */
        snprintf(message, sizeof message, "reset");
        break;
    case COMMAND_POWER:
        vitrine_power_button(c->v);
        c->paused = false;
        break;
    case COMMAND_PAUSE:
        c->paused = !c->paused;
        snprintf(message, sizeof message, "%s", c->paused ? "paused" : "running");
        break;
    case COMMAND_DEBUG:      c->debug = true, c->paused = false; break;
    case COMMAND_INSERT:     insert(c, command->drive, command->text, message, sizeof message); break;
    case COMMAND_LISTED:     insert_listed(c, command->drive, command->index, message, sizeof message); break;
    case COMMAND_EJECT:      eject(c, command->drive, message, sizeof message); break;
    case COMMAND_NEXT:       insert_next(c, command->drive, message, sizeof message); break;
    case COMMAND_DROP:       drop(c, command->text, message, sizeof message); break;
    case COMMAND_SCREENSHOT: screenshot(c, message, sizeof message); break;
    case COMMAND_SAVE:       save(c, message, sizeof message); break;
    case COMMAND_LOAD:       load(c, command->text, message, sizeof message); break;
    case COMMAND_SPEED:      set_speed(c, command->text, message, sizeof message); break;
    case COMMAND_PASTE:      paste(c, command->text); break;
    }
    message[strcspn(message, "\n")] = 0;        /* of several notices the first */
    if (*message)
        link_status(c->link, message);
}

void commands_take(struct commands *c)
{
    struct gui_command command;
    while (link_take_command(c->link, &command)) {
        obey(c, &command);
        free(command.text);
    }
    paste_status(c);
}

bool commands_debug(struct commands *c)
{
    bool asked = c->debug;
    c->debug = false;
    return asked;
}

u32 commands_least_cost(const struct commands *c) { return c->least_cost; }
bool commands_paused(const struct commands *c) { return c->paused; }

/* ---- the panel ---- */

static void count_accesses(const struct commands *c, u64 count[LAMPS])
{
    static const int lamp[] = {
        [VITRINE_FLOPPY_DRIVE] = LAMP_FLOPPY, [VITRINE_DISK_DRIVE] = LAMP_DISK, [VITRINE_CD_DRIVE] = LAMP_CD
    };
    struct vitrine_drive_state now;
    memset(count, 0, LAMPS * sizeof *count);
    for (int k = 0; k < VITRINE_DRIVES; k++)
        if (vitrine_drive_state(c->v, (enum vitrine_drive)k, &now))
            count[lamp[now.kind]] += now.accesses;
}

static void look_at_lamps(struct commands *c, u64 host_ns)
{
    u64 count[LAMPS];
    bool *const lamps[LAMPS] = { &c->panel.floppy_lamp, &c->panel.disk_lamp, &c->panel.cd_lamp };
    count_accesses(c, count);
    for (int k = 0; k < LAMPS; k++) {
        if (count[k] != c->accesses[k])
            c->lamp_until[k] = host_ns + LAMP_NS;
        c->accesses[k] = count[k];
        *lamps[k] = host_ns < c->lamp_until[k];
    }
}

/* How fast the machine goes, in few characters. */
static void look_at_speed(struct commands *c, u64 host_ns)
{
    u64 span = host_ns - c->speed_host, now = vitrine_now(c->v), insns = vitrine_instructions(c->v);
    if (c->speed_host && span < SPEED_NS)
        return;
    bool back = now < c->speed_ns || insns < c->speed_insns;    /* a debugger has let it go back in time */
    if (c->speed_host && !back)
        snprintf(c->panel.speed, sizeof c->panel.speed, "%llu%% %llu MIPS",
                 (unsigned long long)((now - c->speed_ns) * 100 / span),
                 (unsigned long long)((insns - c->speed_insns) * 1000 / span));
    c->speed_host = host_ns;
    c->speed_ns = now;
    c->speed_insns = insns;
}

void commands_panel(struct commands *c, u64 host_ns, bool halted, bool replays)
{
    struct vitrine_drive_state now;
    for (int k = 0; k < VITRINE_DRIVES; k++) {
        struct panel_drive *d = &c->panel.drive[k];
        d->there = drive_state(c, k, &now);
        d->floppy = k < VITRINE_HDA;
        d->full = now.full;
        d->locked = now.locked;
        d->open = now.open;
        snprintf(d->name, sizeof d->name, "%s", d->there ? base_name(now.name) : "");
        d->files = d->there ? c->list[k].n : 0;
        for (int i = 0; i < d->files; i++)
            snprintf(d->file[i], sizeof d->file[i], "%s", base_name(c->list[k].file[i].path));
    }
    c->panel.leds = vitrine_leds(c->v);
    c->panel.paused = c->paused;
    c->panel.halted = halted;
    c->panel.replays = replays;
    look_at_lamps(c, host_ns);
    look_at_speed(c, host_ns);
    link_set_panel(c->link, &c->panel);
}
