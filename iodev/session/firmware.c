/* firmware.c - which firmware a machine starts with, and the option ROMs of our own that complete it.
 * Follows: IBM PC AT Technical Reference, "ROM scan" (option ROMs at C0000h and up); SeaBIOS's documentation, "Option ROMs".
 * Here: SeaBIOS for what it runs on, Debian's bochsbios and vgabios for a 386; no known firmware runs on less. */
#include "firmware.h"
#include "../../cpu/cpuid.h"
#include "images.h"
#include "../../host/file.h"
#include "../../host/process.h"
#include <stdio.h>

enum { PATH = 512 };

/* A firmware that can be had, and what a processor needs for it. */
struct firmware {
    const char *name;
    u16 needs[4];                   /* enum feature, up to the first FEATURE_NONE */
    const char *bios[4], *vgabios[4];   /* where distributions put it, below a folder of the host's for data */
    struct { const char *system, *how; } install[6];    /* by process_system()'s names; Debian's first */
    bool isa;                       /* knows no PCI expansion ROMs and no fw_cfg: option ROMs lie in memory */
};

/* In the order of preference. SeaBIOS uses BSWAP, and RSM for its calls of 32-bit code. */
static const struct firmware firmwares[] = {
    { .name = "SeaBIOS", .needs = { FEATURE_386, FEATURE_486, FEATURE_SMM },
      .bios = { "seabios/bios-256k.bin", "qemu/bios-256k.bin" },
      .vgabios = { "seabios/vgabios-stdvga.bin", "seavgabios/vgabios-stdvga.bin", "qemu/vgabios-stdvga.bin" },
      .install = { { "debian", "apt-get install seabios" }, { "fedora", "dnf install seabios-bin seavgabios-bin" },
                   { "suse", "zypper install qemu-seabios qemu-vgabios" }, { "arch", "pacman -S seabios" },
                   { "macos", "brew install qemu" }, { "windows", "unpack all of Vitrine's archive" } } },
    { .name = "bochsbios", .needs = { FEATURE_386 }, .isa = true,
      .bios = { "bochs/BIOS-bochs-legacy" },
      .vgabios = { "vgabios/vgabios.bin", "bochs/VGABIOS-lgpl-latest" },
      .install = { { "debian", "apt-get install bochsbios vgabios" } } },
};

static const struct firmware *firmware_for(const struct cpu_model *model)
{
    for (size_t k = 0; k < ARRAY_LEN(firmwares); k++) {
        const u16 *need = firmwares[k].needs;
        while (*need && model_has(model, (enum feature)*need))
            need++;
        if (!*need)
            return &firmwares[k];
    }
    return NULL;
}

/* What a firmware's size should have been; empty when it may be so. */
static const char *text_of_misfit(const char *option, u64 bytes)
{
    if (!strcmp(option, "bios"))
        return bytes && bytes <= 4 << 20 && bytes % (64 << 10) == 0 ? "" : "a multiple of 64 KB up to 4 MB";
    return bytes && bytes <= 1 << 20 ? "" : "an expansion ROM of at most 1 MB";
}

/* The first of these files that this host has, as a path of PATH bytes: in a folder of its distribution's, or alone. */
static bool find_readable(const char *const *places, char *path)
{
    char folder[PATH / 2];
    for (int k = 0; process_data_folder(k, folder, sizeof folder); k++)
        for (const char *const *place = places; *folder && *place; place++)
            for (const char *at = *place; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
                snprintf(path, PATH, "%s/%s", folder, at);
                if (file_readable(path))
                    return true;
            }
    return false;
}

/* What to do on this host for a firmware to be there. */
static const char *way_to(const struct firmware *f, char *text, size_t n)
{
    char names[256];
    const char *how = NULL;
    process_system(names, sizeof names);
    for (const char *name = names; *name && !how; name += strspn(name, " ")) {
        size_t size = strcspn(name, " ");
        for (size_t k = 0; k < ARRAY_LEN(f->install) && f->install[k].system; k++)
            if (strlen(f->install[k].system) == size && !strncmp(f->install[k].system, name, size))
                how = f->install[k].how;
        name += size;
    }
    snprintf(text, n, how ? "%s%s" : "on Debian: %s%s", how ? how : f->install[0].how, how ? "; or" : "; elsewhere");
    return text;
}

static bool load(struct kit *s, const char *where, const struct vitrine_file *file, const void **data, size_t *size)
{
    if (!kit_load(s, where, file, data, size))
        return false;
    const char *misfit = text_of_misfit(where, *size);
    return !*misfit || error_say(s->error, VITRINE_WRONG, where, "expected %s; '%s' has %llu bytes", misfit,
                                 file->file ? file->file : "memory", (unsigned long long)*size);
}

/* The configuration's, else the firmware's own; without a firmware (NULL) nothing is missed. */
static bool load_either(struct kit *s, const char *where, const struct vitrine_file *file, const char *const *places,
                        const struct firmware *f, const void **data, size_t *size)
{
    if (file->bytes || (file->file && *file->file))
        return load(s, where, file, data, size);
    if (file->file || !f)
        return true;
    char found[PATH], how[128];
    if (find_readable(places, found))
        return load(s, where, &(struct vitrine_file){ .file = found }, data, size);
    return error_say(s->error, VITRINE_WRONG, where, "expected a firmware file, and %s's '%s' is not here (%s put it beside the program or "
                     "into the folder that VITRINE_DATA names)", f->name, strrchr(places[0], '/') + 1, way_to(f, how, sizeof how));
}

/* A processor that no firmware runs on serves programs that are a firmware of their own. */
static bool none_runs(struct kit *s, const struct cpu_model *model)
{
    return error_say(s->error, VITRINE_WRONG, "",
                     "-cpu %s: expected -bios FILE, a firmware or program for the %s: %s needs a 386, %s a later 486",
                     model->name, model->title, firmwares[1].name, firmwares[0].name);
}

static bool is_seabios(const void *image, size_t size)
{
    for (const u8 *at = image; size >= 7; at++, size--)
        if (!memcmp(at, "SeaBIOS", 7))
            return true;
    return false;
}

bool firmware_load(struct kit *s)
{
    struct pc_config *c = &s->config;
    const struct cpu_model *model = c->machine.model;
    const struct firmware *f = firmware_for(model);
    const struct vitrine_file *bios = &s->c->bios, *vgabios = &s->c->vgabios;
    if (!f && !bios->bytes && !bios->file)
        return none_runs(s, model);
    if (!load_either(s, "bios", bios, f ? f->bios : NULL, f, &c->bios, &c->bios_size))
        return false;
    bool seabios = is_seabios(c->bios, c->bios_size);
    if (f != &firmwares[0] && seabios)
        notice(&s->host.say, "-cpu %s: SeaBIOS needs BSWAP and RSM, which the %s lacks; it will stop at the first of them",
               model->name, model->title);
    c->isa_firmware = !seabios;
    if (!load_either(s, "vgabios", vgabios, f ? f->vgabios : NULL, f, &c->vgabios, &c->vgabios_size))
        return false;
    if (!c->isa_firmware && bios_handover.size)
        firmware_add_rom(s, "genroms/handover.bin", &bios_handover);
    if (c->isa_firmware && bios_isarom.size)
        firmware_add_rom(s, "isarom.bin", &bios_isarom);
    return true;
}

void firmware_add_rom(struct kit *s, const char *name, const struct blob *blob)
{
    u8 sum = 0, *rom = kit_own(s, xcalloc(1, blob->size));
    struct pc_config *c = &s->config;
    memcpy(rom, blob->data, blob->size);
    for (size_t k = 0; k + 1 < blob->size; k++)
        sum = (u8)(sum + rom[k]);
    rom[blob->size - 1] = (u8)-sum;
    if (!c->isa_firmware) {
        kit_add_file(s, name, rom, blob->size);
        return;
    }
    assert(c->isa_roms < PC_ISA_ROMS);
    c->isa_rom[c->isa_roms++] = (struct pc_file){ name, rom, blob->size };
}
