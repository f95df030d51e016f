/* description.c - see description.h. */
#include "description.h"
#include "../../cpu/cpuid.h"
#include "../../host/text.h"
#include "../image/image.h"
#include <stdio.h>

/* What each is called, and which option says otherwise. */
static const struct { const char *key, *title, *option; } keys[] = {
    { "memory", "memory", "-m" }, { "processor", "the processor", "-cpu" }, { "clock", "the processor's clock", "-speed" },
    { "drives", "how fast drives move", "-drives" },
    { "retrace", "the VGA's interrupt", "-vga-irq" }, { "serial", "serial ports", "-serial" },
    { "fda", "floppy drive A", "-fda" }, { "fdb", "floppy drive B", "-fdb" }, { "hda", "the first disk", "-hda" },
    { "hdb", "the second disk", "-hdb" }, { "hdc", "the secondary master", "-hdc or -cdrom" }, { "hdd", "the fourth disk", "-hdd" },
    { "firmware", "the firmware", "-bios" }, { "video", "the video firmware", "-vgabios" },
    { "order", "the boot order", "-boot" }, { "files", "what the firmware is given", "-kernel, -initrd or -append" },
};

/* ---- of a machine ---- */

static void hash_line(FILE *to, const char *key, const void *bytes, size_t n)
{
    struct hash h = { { 0, 0 } };
    char text[33];
    if (bytes)
        hash_bytes(&h, bytes, n);
    hash_text(&h, text);
    fprintf(to, "%s=%zu bytes, hash %s\n", key, bytes ? n : 0, text);
}

static void hash_file(struct hash *h, const struct pc_file *f)
{
    hash_bytes(h, f->name, strlen(f->name));
    hash_bytes(h, f->data, f->size);
}

static void files_line(FILE *to, const struct pc_config *c)
{
    struct hash h = { { 0, 0 } };
    char text[33];
    const char *first = c->boot_first ? c->boot_first : "";
    for (int k = 0; k < c->files; k++)
        hash_file(&h, &c->file[k]);
    for (int k = 0; k < c->isa_roms; k++)
        hash_file(&h, &c->isa_rom[k]);
    hash_bytes(&h, first, strlen(first));
    hash_text(&h, text);
    fprintf(to, "files=%d, hash %s\n", c->files + c->isa_roms, text);
}

static void drive_lines(FILE *to, const struct pc_config *c)
{
    static const char *const types[] = { "none", "360K", "1.2M", "720K", "1.44M", "2.88M" };
    for (int k = 0; k < PC_FLOPPIES; k++) {
        const struct floppy_format *f = c->floppy[k] ? image_floppy_format(c->floppy[k]) : NULL;
        fprintf(to, "fd%c=%s\n", 'a' + k, f ? types[f->drive_type % ARRAY_LEN(types)] : k ? "none" : "1.44M");
    }
    for (int k = 0; k < PC_DRIVES; k++) {
        struct image *disk = c->drive[k].cd ? NULL : c->drive[k].image;
        struct image_chs chs = disk ? image_chs(disk) : (struct image_chs) { 0, 0, 0 };
        if (disk)
            fprintf(to, "hd%c=disk of %llu sectors, %u/%u/%u\n", 'a' + k, (unsigned long long)image_sectors(disk), chs.cylinders, chs.heads,
                    chs.sectors);
        else
            fprintf(to, "hd%c=%s\n", 'a' + k, c->drive[k].cd ? "CD drive" : "none");
    }
}

char *description_of(const struct pc_config *c)
{
    struct text *text = text_new();
    if (!text)
        return NULL;
    FILE *to = text_file(text);
    const struct machine_config *m = &c->machine;
    fprintf(to, "program=Vitrine %s\n", VITRINE_VERSION);
    fprintf(to, "memory=%lluM\n", (unsigned long long)(m->ram_size >> 20));
    fprintf(to, "processor=%s\n", m->model ? m->model->name : "none");
    fprintf(to, "clock=%u kHz\n", m->clock_khz ? m->clock_khz : 1000000);
    fprintf(to, "drives=%s\n", c->fast_drives ? "fast" : "real");
    fprintf(to, "retrace=%s\n", c->vga_irq ? "IRQ 9" : "none");
    fprintf(to, "serial=%s%s\n", c->serial[0] ? "COM1" : "", c->serial[1] ? " COM2" : "");
    drive_lines(to, c);
    hash_line(to, "firmware", c->bios, c->bios_size);
    hash_line(to, "video", c->vgabios, c->vgabios_size);
    fprintf(to, "order=%s\n", c->boot_order ? c->boot_order : "");
    files_line(to, c);
    return text_take(text, NULL);
}

/* ---- two ---- */

bool description_value(const char *description, const char *key, char *value, size_t n)
{
    size_t length = strlen(key);
    for (const char *at = description; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (!strncmp(at, key, length) && at[length] == '=') {
            snprintf(value, n, "%.*s", (int)strcspn(at + length + 1, "\n"), at + length + 1);
            return true;
        }
    *value = 0;
    return false;
}

bool description_fits(const char *theirs, const char *ours, const char *whose, char *why, size_t size)
{
    char a[80], b[80];
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        bool there = description_value(theirs, keys[k].key, a, sizeof a), here = description_value(ours, keys[k].key, b, sizeof b);
        if (there == here && !strcmp(a, b))
            continue;
        snprintf(why, size, "%s: expected %s as %s has it, and this machine has %s (%s)", keys[k].title, there ? a : "none", whose,
                 here ? b : "none", keys[k].option);
        return false;
    }
    return true;
}
