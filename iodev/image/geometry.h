/* geometry.h - how many cylinders, heads and sectors a raw image stands for: what its first sector says, else its size. */
#pragma once
#include "../../host/base.h"

/* A way to lay out a floppy. */
struct floppy_format {
    u32 bytes;
    u8 cylinders, heads, sectors;
    u8 drive_type;              /* of a drive that reads it under SeaBIOS, as the CMOS RAM numbers them: 1 360K, 2 1.2M,
                                 * 3 720K, 4 1.44M, 5 2.88M */
    u16 kbps;                   /* data rate in kbit/s (MFM), in a drive that turns at 300 rpm (1.2M: 360) */
};

/* Where a geometry comes from. */
enum geometry_source { GEOMETRY_SIZE, GEOMETRY_BPB, GEOMETRY_PARTITIONS, GEOMETRY_OPTION, GEOMETRY_GUESS };

struct image_chs {
    u32 cylinders, heads, sectors;
};

/* A disk's geometry. */
struct disk_geometry {
    struct image_chs drive;     /* the drive's own, for IDENTIFY DEVICE: at most 16383 cylinders, 16 heads, 63 sectors */
    struct image_chs bios;      /* what the image was made for, for INT 13h: up to 1024/255/63; heads 0: it does not say */
    enum geometry_source source;
};

/* The BIOS parameter block in a boot sector of 512-byte sectors (Microsoft, "FAT: General Overview of On-Disk Format"). */
struct bpb {
    u64 sectors;                /* in all */
    u32 hidden;                 /* in front of it */
    u16 track_sectors, heads;
    u8 media;                   /* F0 a floppy of 3.5", F8 a disk, F9 to FF old floppies */
};
/* False if there is none, or one that cannot be. */
bool bpb_read(const u8 *sector, struct bpb *bpb);

/* The primary partition table that a disk of so many sectors can have: 55 AA at the end, at least one partition, every entry
 * empty or with a status, a type and a place on the disk that can be, no two overlapping. The end of a partition may be cut
 * off. Code that lies there in a floppy's boot sector does not pass. */
bool partition_table_valid(const u8 *sector, u64 sectors);

/* The format of a floppy image: of its exact size; or else as its BPB says if the file fits in; or else 1.44M for what is
 * not larger, and 2.88M (GEOMETRY_GUESS). `sector` is its first sector, zero-padded; false if it is too large. */
bool floppy_format_of(const u8 *sector, u64 bytes, struct floppy_format *format, enum geometry_source *source);
enum { FLOPPY_BYTES_MAX = 2880 * 1024 };

/* The geometry of a disk image from its first sector: as its partition table or BPB tells, else 16 heads and 63 sectors, fewer
 * where that would leave no cylinder. */
struct disk_geometry disk_geometry_of(const u8 *sector, u64 sectors);
/* Likewise with a geometry that the user names. */
struct disk_geometry disk_geometry_named(struct image_chs chs, u64 sectors);

/* The drive's bits of CMOS RAM byte 39h: INT 13h shows a drive's own geometry where it has no more than 1024 cylinders, and
 * otherwise counts from the size. */
enum disk_translation { TRANSLATE_NONE, TRANSLATE_LBA };
enum disk_translation disk_translation_of(const struct disk_geometry *geometry);
