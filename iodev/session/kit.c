/* kit.c - from a configuration to the board's.
 * Here: the image by content, drives, streams, the kernel and its option ROM. */
#include "kit.h"
#include "../../cpu/cpuid.h"
#include "../../host/file.h"
#include "firmware.h"
#include "images.h"
#include "kernel.h"
#include "speed.h"
#include <stdio.h>

enum { BOOT_FLOPPY_BYTES = 1440 * 1024 };

static const u64 DEFAULT_RAM = 512ull << 20, DEFAULT_OVERLAYS = 1ull << 30;
/* What the real-time clock shows at power-on where nobody says otherwise: 2026-01-01 00:00:00. */
static const u64 FIXED_EPOCH = 1767225600;

void *kit_own(struct kit *s, void *data)
{
    assert(s->owned_count < KIT_FILES);
    s->owned[s->owned_count++] = data;
    return data;
}

/* ---- drives ---- */

/* Notices, a line each. */
void kit_say(const struct notices *say, const char *where, const char *message)
{
    for (size_t n; *message; message += n + (message[n] != 0)) {
        n = strcspn(message, "\n");
        notice(say, "%s%s%s%.*s", *where ? "-" : "", where, *where ? ": " : "", (int)n, message);
    }
}

/* 0 everywhere: none is named. Beyond these a drive cannot say where a sector is: ATA-5 "CHS address conversion". */
enum { CYLINDERS_MAX = 16383, HEADS_MAX = 255, SECTORS_MAX = 63 };

static bool names_chs(const struct vitrine_medium *m) { return m->cylinders || m->heads || m->sectors; }

static bool chs_can_be(const struct vitrine_medium *m)
{
    return m->cylinders >= 1 && m->cylinders <= CYLINDERS_MAX && m->heads >= 1 && m->heads <= HEADS_MAX && m->sectors >= 1 &&
           m->sectors <= SECTORS_MAX;
}

/* Give a disk the geometry that its user names; false with a message. */
static bool set_chs(struct image *image, const struct vitrine_medium *m, char *message, size_t size)
{
    u64 named = (u64)m->cylinders * m->heads * m->sectors, has = image_sectors(image);
    if (image_kind(image) != IMAGE_DISK)
        snprintf(message, size, "expected chs= for a disk only, and %s is none", image_name(image));
    else if (!chs_can_be(m))
        snprintf(message, size, "expected chs= of 1 to %d cylinders, %d heads and %d sectors, not %u/%u/%u", CYLINDERS_MAX, HEADS_MAX,
                 SECTORS_MAX, m->cylinders, m->heads, m->sectors);
    else if (named > has)
        snprintf(message, size, "expected a geometry that fits: chs= names %llu sectors, and %s has %llu",
                 (unsigned long long)named, image_name(image), (unsigned long long)has);
    else
        image_set_chs(image, (struct image_chs){ m->cylinders, m->heads, m->sectors });
    return image_kind(image) == IMAGE_DISK && chs_can_be(m) && named <= has;
}

static struct image *open_file(struct image_host *host, const char *file, enum image_kind kind, int flags, char *message)
{
    struct image *again = flags & IMAGE_SNAPSHOT ? NULL : image_open_again(host, file, kind, message, KIT_MESSAGE);
    return again ? again : image_open(file, kind, flags, message, KIT_MESSAGE);
}

struct image *kit_open_medium(struct image_host *host, const char *where, const struct vitrine_medium *medium, enum image_kind kind,
                              int flags, char *message)
{
    struct image *image = NULL;
    *message = 0;
    if (medium->bytes)
        image = image_new_memory(medium->file ? medium->file : "memory", kind, medium->bytes, medium->size);
    else if (!*where || medium->raw || drive_content_fits(medium->file, where, message, KIT_MESSAGE))
        image = open_file(host, medium->file, kind, flags, message);
    if (medium->bytes && !image)
        snprintf(message, KIT_MESSAGE, "%zu bytes cannot be such a medium", medium->size);
    if (image && names_chs(medium) && !set_chs(image, medium, message, KIT_MESSAGE)) {
        image_close(image);
        image = NULL;
    }
    if (image)
        image_set_host(image, host);
    return image;
}

/* Both in one, with the error. */
static struct image *medium_or_error(struct image_host *host, const char *where, const struct vitrine_medium *medium, enum image_kind kind,
                           bool snapshot, bool guessed, struct vitrine_error *error)
{
    char message[KIT_MESSAGE];
    int flags = (snapshot ? IMAGE_SNAPSHOT : 0) | (guessed ? IMAGE_GUESSED : 0);
    struct image *image = kit_open_medium(host, where, medium, kind, flags, message);
    if (image)
        kit_say(&host->say, where, message);
    else
        error_say(error, VITRINE_WRONG, where, "%s", message);
    return image;
}

static bool open_drives(struct kit *s)
{
    const struct vitrine_config *c = s->c;
    const struct { const char *where; const struct vitrine_medium *medium; enum image_kind kind; int slot; } drives[] = {
        { "fda", &c->floppy[0], IMAGE_FLOPPY, 0 }, { "fdb", &c->floppy[1], IMAGE_FLOPPY, 1 },
        { "hda", &c->disk[0], IMAGE_DISK, 0 }, { "hdb", &c->disk[1], IMAGE_DISK, 1 }, { "hdc", &c->disk[2], IMAGE_DISK, 2 },
        { "hdd", &c->disk[3], IMAGE_DISK, 3 }, { "cdrom", &c->cdrom, IMAGE_CD, 2 },
    };
    for (size_t k = 0; k < ARRAY_LEN(drives); k++) {
        if (!medium_there(drives[k].medium))
            continue;
        struct pc_drive *drive = &s->config.drive[drives[k].slot];
        char use[16];
        snprintf(use, sizeof use, "-%s", drives[k].where);
        if (drives[k].medium->file)
            outputs_claim(s->outputs, drives[k].medium->file, use, drives[k].kind != IMAGE_CD);
        if (drives[k].kind != IMAGE_FLOPPY && drive->image)
            return error_say(s->error, VITRINE_WRONG, drives[k].where, "expected without -hdc, which is the same place");
        struct image *image = medium_or_error(&s->host, drives[k].where, drives[k].medium, drives[k].kind, c->snapshot, false, s->error);
        if (!image)
            return false;
        if (drives[k].kind == IMAGE_FLOPPY)
            s->config.floppy[drives[k].slot] = image;
        else
            *drive = (struct pc_drive){ drives[k].kind == IMAGE_CD, image };
    }
    if (!s->config.drive[2].image)              /* a CD may come later */
        s->config.drive[2].cd = true;
    return true;
}

/* A boot sector at the start of an empty floppy. */
static struct image *floppy_of(const char *name, const void *bytes, size_t n)
{
    u8 *floppy = xcalloc(1, BOOT_FLOPPY_BYTES);
    memcpy(floppy, bytes, n);
    struct image *image = image_new_memory(name, IMAGE_FLOPPY, floppy, BOOT_FLOPPY_BYTES);
    free(floppy);
    return image;
}

static struct image *sector_floppy(struct kit *s, const struct vitrine_medium *medium)
{
    char message[KIT_MESSAGE];
    u64 bytes = medium->size;
    u8 *loaded = medium->bytes ? NULL : file_load(medium->file, &bytes, message, sizeof message);
    struct image *image = NULL;
    if (loaded || medium->bytes)
        image = floppy_of(medium->file ? medium->file : "memory", loaded ? loaded : medium->bytes, bytes < 512 ? bytes : 512);
    else
        error_say(s->error, VITRINE_WRONG, "", "%s", message);
    free(loaded);
    return image;
}

/* The built-in program, when there is nothing else to start. */
static bool insert_hello(struct kit *s)
{
    if (!bios_hello.size)
        return error_say(s->error, VITRINE_WRONG, "",
                         "expected an IMAGE: the built-in program is missing, because this build had no nasm");
    s->config.floppy[0] = floppy_of("built-in", bios_hello.data, bios_hello.size);
    return s->config.floppy[0] || error_say(s->error, VITRINE_HOST, "", "no memory for a floppy");
}

static bool taken(struct kit *s, const char *what, const char *where)
{
    return error_say(s->error, VITRINE_WRONG, where, "expected no IMAGE beside it: the image is %s and belongs there", what);
}

/* Put a floppy, disk or CD into its drive and boot from it first. */
static bool insert_image(struct kit *s, enum content content)
{
    const struct vitrine_medium *medium = &s->c->image;
    struct pc_config *c = &s->config;
    struct image *image;
    const char *order;
    switch (content) {
    case CONTENT_FLOPPY:
    case CONTENT_BOOT_SECTOR:
        if (c->floppy[0])
            return taken(s, "a floppy", "fda");
        image = content == CONTENT_FLOPPY ? medium_or_error(&s->host, "", medium, IMAGE_FLOPPY, s->c->snapshot, true, s->error)
                                          : sector_floppy(s, medium);
        c->floppy[0] = image;
        s->by_content = image;
        s->image_drive = content == CONTENT_FLOPPY && medium->file ? 0 : -1;
        order = "acd";
        break;
    case CONTENT_CD:
        if (c->drive[2].image)
            return taken(s, "a CD", medium_there(&s->c->cdrom) ? "cdrom" : "hdc");
        image = medium_or_error(&s->host, "", medium, IMAGE_CD, s->c->snapshot, true, s->error);
        c->drive[2] = (struct pc_drive){ true, image };
        s->image_drive = medium->file ? PC_FLOPPIES + 2 : -1;
        order = "dca";
        break;
    default:
        if (c->drive[0].image)
            return taken(s, "a disk", "hda");
        image = medium_or_error(&s->host, "", medium, IMAGE_DISK, s->c->snapshot, true, s->error);
        c->drive[0] = (struct pc_drive){ false, image };
        s->by_content = image;
        order = "cda";
    }
    if (!c->boot_order)
        c->boot_order = order;
    return image;
}

/* ---- kernel ---- */

void kit_add_file(struct kit *s, const char *name, const void *data, size_t size)
{
    assert(s->config.files < KIT_FILES);
    s->file[s->config.files++] = (struct pc_file){ name, data, size };
}

bool kit_load(struct kit *s, const char *where, const struct vitrine_file *file, const void **data, size_t *size)
{
    char message[KIT_MESSAGE], use[16];
    u64 bytes = file->size;
    u8 *loaded = file->bytes ? malloc(bytes + 1) : file_load(file->file, &bytes, message, sizeof message);
    if (file->bytes && !loaded)
        return error_say(s->error, VITRINE_HOST, where, "no memory for %zu bytes", file->size);
    if (!loaded || bytes > UINT32_MAX) {
        error_say(s->error, VITRINE_WRONG, where, "%s", loaded ? "a file of 4 GB or more" : message);
        free(loaded);
        return false;
    }
    if (file->bytes)
        memcpy(loaded, file->bytes, bytes);
    snprintf(use, sizeof use, "-%s", where);
    if (!file->bytes)
        outputs_claim(s->outputs, file->file, use, false);
    *data = kit_own(s, loaded);
    *size = bytes;
    return true;
}

static bool load_file(struct kit *s, const char *where, const char *path, const char *name)
{
    const void *data;
    size_t size;
    if (!kit_load(s, where, &(struct vitrine_file){ .file = path }, &data, &size))
        return false;
    kit_add_file(s, name, data, size);
    return true;
}

static bool add_kernel(struct kit *s, const char *path, enum content content)
{
    const char *append = s->c->append ? s->c->append : "", *name = file_name_of(path);
    char *line = kit_own(s, xcalloc(1, strlen(path) + strlen(append) + 2));
    if (content == CONTENT_MULTIBOOT)           /* its first word is the kernel's name */
        sprintf(line, "%s%s%s", name, *append ? " " : "", append);
    else
        strcpy(line, append);
    if (!bios_kernelboot.size)
        return error_say(s->error, VITRINE_WRONG, "kernel", "this build cannot start kernels, because it had no nasm");
    firmware_add_rom(s, "genroms/kernelboot.bin", &bios_kernelboot);
    if (!load_file(s, "kernel", path, "opt/vitrine/kernel"))
        return false;
    const struct pc_file *file = &s->file[s->config.files - 1];
    if (content == CONTENT_MULTIBOOT && !kernel_fits(path, file->data, file->size, s->error))
        return false;
    s->kernel = true;
    kit_add_file(s, "opt/vitrine/cmdline", line, strlen(line) + 1);
    return !s->c->initrd || load_file(s, "initrd", s->c->initrd, "opt/vitrine/initrd");
}

static bool start_kernel(struct kit *s)
{
    char message[KIT_MESSAGE] = "";
    const char *path = s->c->kernel;
    enum content content = content_of(path, false, s->c->boot_unsigned, message, sizeof message);
    if (content == CONTENT_LINUX || content == CONTENT_MULTIBOOT)
        return add_kernel(s, path, content);
    return error_say(s->error, VITRINE_WRONG, "kernel", "expected a Linux bzImage or a multiboot ELF kernel, not '%s'%s%s", path,
                     *message ? ": " : "", message);
}

/* The image, as what it is. */
static bool start_image(struct kit *s)
{
    const struct vitrine_config *c = s->c;
    char message[KIT_MESSAGE] = "";
    const char *name = c->image.file ? c->image.file : "memory";
    if (c->image.file)
        outputs_claim(s->outputs, c->image.file, "IMAGE", true);
    enum content content = c->image.bytes
        ? content_of_memory(name, c->image.bytes, c->image.size, c->image.raw, c->boot_unsigned, message, sizeof message)
        : content_of(name, c->image.raw, c->boot_unsigned, message, sizeof message);
    bool is_kernel = content == CONTENT_LINUX || content == CONTENT_MULTIBOOT;
    if (content == CONTENT_UNKNOWN)
        return error_say(s->error, VITRINE_WRONG, "", "%s", message);
    if (is_kernel && c->image.bytes)
        return error_say(s->error, VITRINE_WRONG, "", "expected a kernel as a file, not in memory");
    notice(&s->host.say, "%s: %s", name, message);
    if (is_kernel)
        return add_kernel(s, c->image.file, content);
    if (c->initrd || c->append)
        return error_say(s->error, VITRINE_WRONG, c->initrd ? "initrd" : "append",
                         "expected a kernel with it, and '%s' is none", name);
    return insert_image(s, content);
}

/* What the machine starts from: the kernel, the image, the drives, or the built-in program. */
static bool choose_boot(struct kit *s)
{
    bool any = s->config.floppy[0] || s->config.floppy[1];
    for (int k = 0; k < PC_DRIVES; k++)
        any |= s->config.drive[k].image != NULL;
    bool image = medium_there(&s->c->image);
    if (s->c->kernel && image)
        return error_say(s->error, VITRINE_WRONG, "kernel", "expected no IMAGE beside it (give the drive's option, such as -hda)");
    if ((s->c->initrd || s->c->append) && !s->c->kernel && !image)
        return error_say(s->error, VITRINE_WRONG, s->c->initrd ? "initrd" : "append", "expected a kernel with it (-kernel FILE)");
    if (s->c->kernel)
        return start_kernel(s);
    if (image)
        return start_image(s);
    return any || insert_hello(s);
}

/* Without a wish, boot from the drives that have an image: firmware waits long for a floppy that is not there. The CD
 * drive is always tried, last: a person may put one in and press reset. */
static bool choose_order(struct kit *s)
{
    struct pc_config *c = &s->config;
    static const char *const orders[] = { NULL, "ad", "cd", "acd", "d", "ad", "cd", "acd" };
    bool disk = false, cd = false;
    size_t good = c->boot_order ? strspn(c->boot_order, pc_boot_letters) : 0;
    if (c->boot_order && c->boot_order[good])
        return error_say(s->error, VITRINE_WRONG, "boot", "boot order: \"%c\" is none of a (floppy), c (disk), d (CD), n (network)",
                         c->boot_order[good]);
    for (int k = 0; k < PC_DRIVES; k++) {
        disk |= c->drive[k].image && !c->drive[k].cd;
        cd |= c->drive[k].image && c->drive[k].cd;
    }
    if (!c->boot_order)
        c->boot_order = orders[(c->floppy[0] != NULL) | disk << 1 | cd << 2];
    return true;
}

/* ---- streams, processor ---- */

static bool open_stream(struct kit *s, const char *where, const char *dest, struct stream **stream)
{
    char message[KIT_MESSAGE] = "", use[16];
    snprintf(use, sizeof use, "-%s", where);
    *stream = stream_open(&s->host.say, s->outputs, use, dest ? dest : "none", message, sizeof message);
    return *stream || error_say(s->error, VITRINE_WRONG, where, "%s", message);
}

/* Each has a stream, so that its bytes can be seen on their way. A second port without an end is not connected. */
static bool open_streams(struct kit *s)
{
    const struct vitrine_config *c = s->c;
    int on_stdio = c->debugcon.dest && !strcmp(c->debugcon.dest, "stdio");
    for (int k = 0; k < PC_SERIALS; k++)
        on_stdio += c->serial[k].dest && !strcmp(c->serial[k].dest, "stdio");
    if (on_stdio > 1)
        return error_say(s->error, VITRINE_WRONG, "serial", "expected at most one of -serial and -debugcon on stdio");
    for (int k = 0; k < PC_SERIALS; k++) {
        if (k && !c->serial[k].dest && !c->serial[k].output && !c->serial[k].input)
            continue;
        if (!open_stream(s, "serial", c->serial[k].dest, &s->serial[k]))
            return false;
        s->config.serial[k] = s->serial[k];
    }
    if (!open_stream(s, "debugcon", c->debugcon.dest, &s->debugcon))
        return false;
    s->config.debugcon = s->debugcon;
    return true;
}

static bool choose_cpu(struct kit *s)
{
    const char *name = s->c->cpu ? s->c->cpu : "max";
    s->config.machine.model = cpu_model_find(name);
    return s->config.machine.model || error_say(s->error, VITRINE_WRONG, "cpu", "expected a processor model, not '%s'", name);
}

/* What instructions took on that processor, and its clock for the time-stamp counter. */
static bool choose_speed(struct kit *s)
{
    struct machine_config *m = &s->config.machine;
    struct speed speed;
    m->tick_cost = s->c->tick_cost;
    if (m->tick_cost > TICK_COST_MAX)
        return error_say(s->error, VITRINE_WRONG, "tick_cost", "expected at most %d, not %u", TICK_COST_MAX, m->tick_cost);
    if (!s->c->speed)
        return true;
    if (m->tick_cost)
        return error_say(s->error, VITRINE_WRONG, "speed", "expected without -mips, which names a speed, too");
    if (!speed_parse(s->c->speed, &speed))
        return error_say(s->error, VITRINE_WRONG, "speed", "expected %s, not '%s'", speed_form(), s->c->speed);
    m->timing = speed.timing;
    m->clock_khz = speed.clock_khz;
    m->tick_cost = speed.tick_cost;
    return true;
}

static bool choose_ram(struct kit *s)
{
    u64 size = s->c->ram ? s->c->ram : DEFAULT_RAM;
    s->config.machine.ram_size = size;
    if (size < VITRINE_MB || size > PC_RAM_MAX)
        return error_say(s->error, VITRINE_WRONG, "ram", "%llu MB of RAM cannot be had; expected 1 MB to 32 GB",
                         (unsigned long long)(size / VITRINE_MB));
    return size % VITRINE_MB == 0 ||
           error_say(s->error, VITRINE_WRONG, "ram", "expected whole megabytes, not %llu bytes", (unsigned long long)size);
}

static bool engine_is_one(struct kit *s)
{
    unsigned engine = (unsigned)s->c->engine;
    return engine <= VITRINE_STEP || error_say(s->error, VITRINE_WRONG, "engine", "expected 0 to %d, not %u", VITRINE_STEP, engine);
}

bool kit_open(struct kit *s, const struct vitrine_config *c, struct vitrine_error *error)
{
    s->c = c;
    s->error = error;
    s->image_drive = -1;
    s->config.file = s->file;
    s->config.boot_order = c->boot && *c->boot ? c->boot : NULL;
    s->config.boot_unsigned = c->boot_unsigned;
    s->config.vga_irq = c->vga_irq;
    s->config.fast_drives = !c->real_drives;
    s->config.machine.no_reboot = c->no_reboot;
    s->config.machine.engine = (int)c->engine;
    s->config.machine.rtc_epoch = c->rtc_given ? c->rtc : FIXED_EPOCH;
    s->host.overlay_limit = c->snapshot_limit ? c->snapshot_limit : DEFAULT_OVERLAYS;
    return engine_is_one(s) && choose_ram(s) && choose_cpu(s) && choose_speed(s) && firmware_load(s) && open_drives(s) && choose_boot(s) &&
           choose_order(s) && open_streams(s);
}

void kit_drop_images(struct kit *s)
{
    for (int k = 0; k < PC_FLOPPIES; k++)
        image_close(s->config.floppy[k]);
    for (int k = 0; k < PC_DRIVES; k++)
        image_close(s->config.drive[k].image);
}

void kit_release(struct kit *s)
{
    while (s->owned_count)
        free(s->owned[--s->owned_count]);
    s->c = NULL;
    s->error = NULL;
}

void kit_close(struct kit *s)
{
    for (int k = 0; k < PC_SERIALS; k++)
        stream_close(s->serial[k]);
    stream_close(s->debugcon);
}
