/* geometry.c - floppy formats, partition tables and BPBs: the geometry of raw images.
 * Follows: Microsoft, "FAT: General Overview of On-Disk Format" 1.03, "Boot Sector and BPB"; IBM DOS Technical Reference, "Fixed
 * Disk Partition Table"; ATA/ATAPI-4 (T13 1153D) 6.2 for the limits of a drive's own geometry. The formats are those of the
 * IBM PC's drives, and those that DMF, fdformat and Linux' fdutils write with more sectors or cylinders.
 * Here: raw images of 512-byte sectors. XDF (1840K) is read as 23 such sectors a track, as its images lie in the file.
 * SeaBIOS lets INT 13h reach only as many sectors a track as the drive's type has: so formats of more are given a drive
 * of the next type that has enough, which reads the same media. */
#include "geometry.h"

enum { SECTOR = 512, MOST_CYLINDERS = 84, ENTRIES = 4, TABLE = 446 };
enum { CHS_CYLINDERS = 1024, DRIVE_CYLINDERS = 16383, DRIVE_HEADS = 16, TRACK_SECTORS = 63 };

bool bpb_read(const u8 *s, struct bpb *b)
{
    u8 cluster = s[13];
    bool ntfs = !memcmp(s + 3, "NTFS    ", 8);
    *b = (struct bpb) {
        .sectors = get16(s + 19) ? get16(s + 19) : get32(s + 32),
        .hidden = s[38] == 0x28 || s[38] == 0x29 ? get32(s + 28) : get16(s + 28),
        .track_sectors = get16(s + 24), .heads = get16(s + 26), .media = s[21],
    };
    if (ntfs)
        b->sectors = get64(s + 40) + 1;
    return (s[0] == 0xeb || s[0] == 0xe9) && get16(s + 11) == SECTOR && cluster && !(cluster & (cluster - 1)) &&
           (ntfs || (get16(s + 14) && s[16] >= 1 && s[16] <= 4)) && b->media >= 0xf0 && b->sectors &&
           b->track_sectors >= 1 && b->track_sectors <= TRACK_SECTORS && b->heads >= 1 && b->heads <= 255;
}

/* ---- partition tables ---- */

struct partition {
    u8 status, type, end_head, end_sector;
    u64 first, count;
};

static struct partition partition_at(const u8 *sector, int k)
{
    const u8 *e = sector + TABLE + 16 * k;
    return (struct partition) { .status = e[0], .type = e[4], .end_head = e[5], .end_sector = e[6] & 63,
                                .first = get32(e + 8), .count = get32(e + 12) };
}

bool partition_table_valid(const u8 *sector, u64 sectors)
{
    int used = 0;
    if (sector[510] != 0x55 || sector[511] != 0xaa)
        return false;
    for (int k = 0; k < ENTRIES; k++) {
        struct partition p = partition_at(sector, k);
        if (p.status & 0x7f)
            return false;
        if (!p.type && !p.count)
            continue;
        if (!p.type || !p.count || p.first >= sectors)
            return false;
        for (int j = 0; j < k; j++) {
            struct partition q = partition_at(sector, j);
            if (q.count && p.first + 1 < q.first + q.count && q.first + 1 < p.first + p.count && p.first && q.first)
                return false;       /* an isohybrid's first may hold the others: it begins at 0; memtest86+'s share a sector */
        }
        used++;
    }
    return used;
}

/* ---- floppies ---- */

/* A BPB may count only what is in use: a drive of 40 or 80 tracks made it all the same. */
static bool make_format(struct floppy_format *f, u32 cylinders, u32 heads, u32 sectors)
{
    if (cylinders < 80 && (sectors > 9 || cylinders > 42))
        cylinders = 80;
    if (cylinders < 40)
        cylinders = 40;
    if (cylinders > MOST_CYLINDERS || heads < 1 || heads > 2 || sectors < 1 || sectors > 36 ||
        cylinders * heads * sectors * SECTOR > FLOPPY_BYTES_MAX)
        return false;
    *f = (struct floppy_format) { .bytes = cylinders * heads * sectors * SECTOR, .cylinders = (u8)cylinders,
                                  .heads = (u8)heads, .sectors = (u8)sectors,
                                  .kbps = sectors <= 11 ? 250 : sectors <= 24 ? 500 : 1000 };
    f->drive_type = 4;
    if (cylinders <= 42)
        f->drive_type = 1;
    else if (sectors <= 9)
        f->drive_type = 3;
    else if (sectors == 15)
        f->drive_type = 2;
    else if (sectors > 18)
        f->drive_type = 5;
    return true;
}

/* The layout of exactly so many bytes. */
static bool format_of_size(u64 bytes, struct floppy_format *f)
{
    static const u8 usual[][3] = {                      /* cylinders, heads, sectors */
        { 40, 1, 8 }, { 40, 1, 9 }, { 40, 2, 8 }, { 40, 2, 9 }, { 80, 2, 8 }, { 80, 2, 9 }, { 80, 2, 15 }, { 80, 2, 18 },
        { 80, 2, 36 },
    };
    for (size_t k = 0; k < ARRAY_LEN(usual); k++)
        if ((u64)usual[k][0] * usual[k][1] * usual[k][2] * SECTOR == bytes)
            return make_format(f, usual[k][0], usual[k][1], usual[k][2]);
    for (u32 cylinders = 80; cylinders <= 83; cylinders++)
        for (u32 sectors = 9; sectors <= 24; sectors++) {
            bool written = sectors <= 10 || sectors >= 18;          /* what fdformat and fdutils offer */
            if (written && (u64)cylinders * 2 * sectors * SECTOR == bytes)
                return make_format(f, cylinders, 2, sectors);
        }
    return false;
}

bool floppy_format_of(const u8 *sector, u64 bytes, struct floppy_format *format, enum geometry_source *source)
{
    struct bpb b;
    struct floppy_format told;
    bool by_size = format_of_size(bytes, format);
    bool by_bpb = bpb_read(sector, &b);
    if (by_bpb) {
        u64 cylinder = (u64)b.heads * b.track_sectors, cylinders = (b.sectors + cylinder - 1) / cylinder;
        by_bpb = cylinders <= MOST_CYLINDERS && make_format(&told, (u32)cylinders, b.heads, b.track_sectors);
    }
    *source = GEOMETRY_SIZE;
    if (bytes > FLOPPY_BYTES_MAX)
        return false;
    if (by_size && (!by_bpb || b.sectors * SECTOR != bytes))
        return true;
    if (by_bpb && bytes <= told.bytes) {
        *source = by_size && told.sectors == format->sectors && told.heads == format->heads ? GEOMETRY_SIZE : GEOMETRY_BPB;
        *format = told;
        return true;
    }
    *source = by_size ? GEOMETRY_SIZE : GEOMETRY_GUESS;
    return by_size || make_format(format, 80, 2, bytes <= 1440 * 1024 ? 18 : 36);
}

/* ---- disks ---- */

static u32 cylinders_of(u64 sectors, u32 heads, u32 track_sectors)
{
    u64 n = sectors / ((u64)heads * track_sectors);
    return n > DRIVE_CYLINDERS ? DRIVE_CYLINDERS : (u32)n;
}

/* The drive's own geometry where nothing tells one. */
static struct image_chs chs_of_size(u64 sectors)
{
    if (sectors < TRACK_SECTORS)
        return (struct image_chs) { 1, 1, (u32)sectors };
    if (sectors < DRIVE_HEADS * TRACK_SECTORS)
        return (struct image_chs) { 1, (u32)(sectors / TRACK_SECTORS), TRACK_SECTORS };
    return (struct image_chs) { cylinders_of(sectors, DRIVE_HEADS, TRACK_SECTORS), DRIVE_HEADS, TRACK_SECTORS };
}

/* Heads and sectors a track that the image was made for: partitions end at a cylinder's end. */
static enum geometry_source told_by(const u8 *sector, u64 sectors, u32 *heads, u32 *track_sectors)
{
    struct bpb b;
    if (bpb_read(sector, &b) && b.sectors <= sectors && !partition_table_valid(sector, sectors)) {
        *heads = b.heads, *track_sectors = b.track_sectors;
        return GEOMETRY_BPB;
    }
    for (int k = 0; k < ENTRIES && partition_table_valid(sector, sectors); k++) {
        struct partition p = partition_at(sector, k);
        u64 cylinder = (u64)(p.end_head + 1) * p.end_sector;
        if (!p.type || !p.end_sector || !p.end_head || p.end_head == 255 || (p.first + p.count) % cylinder)
            continue;
        *heads = p.end_head + 1u, *track_sectors = p.end_sector;
        return GEOMETRY_PARTITIONS;
    }
    return GEOMETRY_SIZE;
}

/* With more than 16 heads only INT 13h can show it: the drive keeps its own. */
static struct disk_geometry geometry_for(struct image_chs told, u64 sectors, enum geometry_source source)
{
    struct disk_geometry g = { .drive = told, .bios = told, .source = source };
    if (told.heads > DRIVE_HEADS)
        g.drive = chs_of_size(sectors);
    if (told.cylinders > CHS_CYLINDERS)
        g.bios.cylinders = CHS_CYLINDERS;
    return g;
}

struct disk_geometry disk_geometry_of(const u8 *sector, u64 sectors)
{
    struct image_chs told = { 0 };
    enum geometry_source source = told_by(sector, sectors, &told.heads, &told.sectors);
    if (source != GEOMETRY_SIZE)
        told.cylinders = cylinders_of(sectors, told.heads, told.sectors);
    if (!told.cylinders)
        return (struct disk_geometry) { .drive = chs_of_size(sectors), .source = GEOMETRY_SIZE };
    return geometry_for(told, sectors, source);
}

struct disk_geometry disk_geometry_named(struct image_chs chs, u64 sectors)
{
    return geometry_for(chs, sectors, GEOMETRY_OPTION);
}

enum disk_translation disk_translation_of(const struct disk_geometry *g)
{
    return g->drive.cylinders <= CHS_CYLINDERS ? TRANSLATE_NONE : TRANSLATE_LBA;
}
