/* pc.h - the board: an i440FX PC with everything that is plugged into it. */
#pragma once
#include "../machine/machine.h"
#include "../machine/screen.h"

struct pc;
struct image;
struct stream;

enum { PC_FLOPPIES = 2, PC_DRIVES = 4, PC_SERIALS = 2, PC_ISA_ROMS = 4 };

struct pc_drive {               /* on the IDE channels: hda, hdb, hdc, hdd */
    bool cd;                    /* a CD drive, with image or empty; else a disk if there is an image */
    struct image *image;
};

struct pc_file {                /* for the firmware, by name ("genroms/linux.bin", "opt/...") */
    const char *name;
    const void *data;
    size_t size;
};

struct pc_config {
    struct machine_config machine;
    const void *bios;           /* system BIOS: up to 4 MB, multiples of 64 KB; ends at 4 GB and at 1 MB */
    size_t bios_size;
    bool vga_irq;               /* the VGA's vertical retrace interrupt goes to IRQ 2/9, as on ISA cards with that jumper set */
    bool isa_firmware;          /* it looks for option ROMs in memory alone: the video BIOS is at C0000h, as an ISA adapter's, and not
                                 * a PCI expansion ROM; isa_rom[] follows from D0000h, each at the next 2 KB */
    struct pc_file isa_rom[PC_ISA_ROMS];
    int isa_roms;
    const void *vgabios;        /* the video adapter's option ROM; NULL: none */
    size_t vgabios_size;
    struct image *floppy[PC_FLOPPIES];  /* drive A: is there even if empty; the drives take the images */
    struct pc_drive drive[PC_DRIVES];
    struct stream *serial[PC_SERIALS];  /* NULL: nothing connected. The caller keeps the streams */
    struct stream *debugcon;    /* port E9; NULL: nowhere. The caller keeps it */
    const char *boot_order;     /* of a floppy, c disk, d CD, n network; NULL: "adc" */
    const char *boot_first;     /* firmware paths to boot before those, a line each ("/rom@genroms/linux.bin"); may be NULL */
    bool fast_drives;           /* what moves in the drives takes next to no time */
    bool boot_unsigned;         /* a floppy's boot sector need not end in 55 AA */
    bool boot_menu;             /* let the firmware wait for a key that opens its menu */
    const struct pc_file *file;
    int files;
};

/* What can be in a boot order, and how much memory there can be. */
extern const char pc_boot_letters[];
static const u64 PC_RAM_MAX = 32ull << 30;

/* Build it and reset it: ready to run. Everything that the configuration points to is copied or, where said, taken. NULL, with the
 * reason in `error` (n bytes), for a configuration that cannot be, or where the host has not so much memory for the guest: then
 * nothing is taken. */
struct pc *pc_new(const struct pc_config *config, char *error, size_t n);
void pc_free(struct pc *pc);
/* A log that knows every class of events (log.h) which the board, its devices and its processor have, for who wants to name or judge
 * them before there is a machine. The caller frees it with log_free. */
struct log *pc_log_classes(void);

struct machine *pc_machine(const struct pc *pc);
struct screen pc_screen(const struct pc *pc);
/* The drives whose medium can be changed at run time, by INPUT_MEDIUM: 0 and 1 floppies, PC_FLOPPIES + k the CD drive at
 * drive[k] of the configuration. */
enum { PC_MEDIA = PC_FLOPPIES + PC_DRIVES };
struct pc_medium {
    bool floppy, locked, open;  /* the guest has locked the tray of the CD drive, or opened it */
    struct image *image;        /* NULL: none */
};
/* False if there is no such drive, or it holds a disk. */
bool pc_medium(const struct pc *pc, int drive, struct pc_medium *out);
/* What is in a drive, disk, floppy or CD; NULL: nothing, or no drive. */
struct image *pc_image(const struct pc *pc, int drive);
/* Where a state is loaded: this is in a drive that pc_medium() knows (NULL: nothing), and the guest is not told. It is taken, the other
 * one closed. */
void pc_load_medium(struct pc *pc, int drive, struct image *image);
struct ide *pc_ide(const struct pc *pc);
struct i82077aa *pc_floppy_controller(const struct pc *pc);
/* The lamps of the keyboard (bit 0 Scroll, 1 Num, 2 Caps). */
u8 pc_keyboard_leds(const struct pc *pc);
