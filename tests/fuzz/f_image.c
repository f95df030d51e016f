/* f_image.c - a file that is given as an image: what it is taken for, its geometry, and its sectors read and written.
 * The input: kind, options, how long the file is beyond its bytes (two bytes), a name's byte; the file's beginning. */
#include "case.h"
#include "../../iodev/session/foreign.h"
#include "../../iodev/session/images.h"
#include "../../iodev/image/image.h"
#include <stdio.h>

enum { MESSAGE = 1024, RUN_MAX = 64 };

static void check_text(const char *text, size_t size) { case_check(memchr(text, 0, size), "a message without its end"); }

static void check_geometry(const struct image *image)
{
    const struct disk_geometry *g = image_geometry(image);
    case_check(g->drive.cylinders <= 16383 && g->drive.heads >= 1 && g->drive.heads <= 16 && g->drive.sectors >= 1 &&
               g->drive.sectors <= 63, "a drive of %u/%u/%u", g->drive.cylinders, g->drive.heads, g->drive.sectors);
    case_check(image_kind(image) != IMAGE_DISK || (u64)g->drive.cylinders * g->drive.heads * g->drive.sectors <= image_sectors(image),
               "a drive of %u/%u/%u on %llu sectors", g->drive.cylinders, g->drive.heads, g->drive.sectors,
               (unsigned long long)image_sectors(image));
    case_check(!g->bios.heads || (g->bios.cylinders <= 1024 && g->bios.heads <= 255 && g->bios.sectors >= 1 && g->bios.sectors <= 63),
               "a BIOS geometry of %u/%u/%u", g->bios.cylinders, g->bios.heads, g->bios.sectors);
    disk_translation_of(g);
    const struct floppy_format *f = image_floppy_format(image);
    case_check(!f || (u64)f->cylinders * f->heads * f->sectors * 512 == f->bytes, "a floppy of %u bytes and %u/%u/%u", f->bytes,
               f->cylinders, f->heads, f->sectors);
}

/* Sectors at the beginning, in the middle, at the end and past it; what was written is there afterwards. */
static void check_sectors(struct image *image, struct bytes *b)
{
    u64 sectors = image_sectors(image), places[] = { 0, sectors / 2, sectors - 1, take64(b), sectors };
    u32 count = 1 + take8(b) % RUN_MAX, size = image_sector_size(image);
    u8 *out = xcalloc(count, size), *in = xcalloc(count, size);
    for (size_t k = 0; k < ARRAY_LEN(places); k++) {
        bool inside = places[k] < sectors && count <= sectors - places[k];
        case_check(image_read(image, places[k], count, in) == inside, "sectors %llu + %u of %llu", (unsigned long long)places[k], count,
                   (unsigned long long)sectors);
        memset(out, (int)k + 1, (size_t)count * size);
        if (places[k] > 1u << 20)                       /* not a file of gigabytes */
            continue;
        bool written = image_write(image, places[k], count, out);
        case_check(written == (inside && image_writable(image)), "written sectors %llu + %u", (unsigned long long)places[k], count);
        if (written)
            case_check(image_read(image, places[k], count, in) && !memcmp(in, out, (size_t)count * size), "what was written is not there");
    }
    free(out);
    free(in);
}

static void probe(const u8 *data, size_t size, u64 bytes, u8 how, const char *path)
{
    struct file_parts parts = { .n = bytes < CONTENT_HEAD ? (size_t)bytes : CONTENT_HEAD, .bytes = bytes, .raw = how & 1, .any_sector = how & 2 };
    char message[MESSAGE];
    u8 *head = xcalloc(parts.n, 1), tail[FOREIGN_TAIL] = { 0 };
    memcpy(head, data, size < parts.n ? size : parts.n);
    if (bytes >= FOREIGN_TAIL) {
        if (bytes == size)
            memcpy(tail, data + size - FOREIGN_TAIL, FOREIGN_TAIL);
        parts.tail = tail;
    }
    parts.head = head;
    size_t room = how & 0x80 ? 40 : sizeof message;
    content_of_bytes(path, &parts, message, room);
    check_text(message, room);
    free(head);
}

struct medium {
    const char *path;
    enum image_kind kind;
    u8 how;
    struct bytes rest;
};

static void use(void *with)
{
    struct medium *m = with;
    char message[MESSAGE];
    int flags = (m->how & 4 ? IMAGE_READ_ONLY : 0) | (m->how & 8 ? IMAGE_SNAPSHOT : 0);
    struct image *image = image_open(m->path, m->kind, flags, message, sizeof message);
    check_text(message, sizeof message);
    case_check(image || *message, "refused without a word");
    if (image) {
        check_geometry(image);
        check_sectors(image, &m->rest);
        if (m->kind == IMAGE_DISK && m->how & 0x10) {
            struct image_chs chs = { 1u + take16(&m->rest) % 16383, 1u + take8(&m->rest) % 255, 1u + take8(&m->rest) % 63 };
            image_set_chs(image, chs);
            case_check(image_geometry(image)->drive.heads <= 16, "a drive of %u heads", image_geometry(image)->drive.heads);
        }
        case_check(image_flush(image), "cannot flush");
    }
    image_close(image);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const char *const options[] = { "fda", "hda", "cdrom" };
    struct bytes b = { data, data + size };
    char message[MESSAGE];
    case_begin();
    case_quiet();
    enum image_kind kind = (enum image_kind)(take8(&b) % 3);
    u8 how = take8(&b), wide = take8(&b);
    u64 beyond = (u64)take8(&b) << (wide < 224 ? wide % 32 : wide % 56);     /* seldom larger than the host's memory could map */
    size_t n = left(&b);
    u64 bytes = n + (beyond < 1ull << 62 ? beyond : 0);
    const char *path = case_file(b.at, n, bytes);
    probe(b.at, n, bytes, how, path);
    content_of(path, how & 1, how & 2, message, sizeof message);
    check_text(message, sizeof message);
    drive_content_fits(path, options[how >> 5 & 1 ? 1 : kind], message, sizeof message);
    struct medium m = { path, kind, how, b };
    case_survives(use, &m);                             /* or an overlay has more clusters than the host has memory for pointers */
    case_end();
    return 0;
}
