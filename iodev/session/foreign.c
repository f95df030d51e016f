/* foreign.c - images in other forms, archives and compressed files, told by their magic, and the command that makes them raw.
 * Follows: the formats' own documents (QEMU "Disk Image Formats" and qcow2 specification, Microsoft "Virtual Hard Disk Image
 * Format Specification" and [MS-VHDX], VMware "Virtual Disk Format 1.1", RFC 1952 gzip, the .xz, zstd, bzip2, zip and 7z
 * descriptions; D. Dunfield's IMD.TXT; Teledisk notes by W. Krantz; the D88 header of PC-98 emulators).
 * Here: no such format is read, and none is taken for sectors unasked: the guest's first write would ruin it. */
#include "foreign.h"
#include <stdio.h>

#define QEMU_IMG "qemu-img convert -O raw '%s' '%s.img'"
#define BXIMAGE "bximage -func=convert -imgmode=flat -q '%s' '%s.img'"
#define HXCFE "hxcfe -finput:'%s' -conv:RAW_LOADER -foutput:'%s.img'"
#define DSKTRANS "dsktrans -otype raw '%s' '%s.img'   (Debian package libdsk-utils)"

/* Where the magic is; what is short enough to be the beginning of a program must come without a boot signature. */
enum place { HEAD, TAIL };
struct magic {
    const char *bytes;
    u8 length;
    u16 at;
    enum place place;
    bool unsigned_only;
    struct foreign foreign;
};

// clang-format off
static const struct magic magics[] = {
    { "QFI\xfb",                  4,    0, HEAD, false, { "a qcow2 image", QEMU_IMG } },
    { "QED",                      4,    0, HEAD, false, { "a QED image", QEMU_IMG } },
    { "KDMV",                     4,    0, HEAD, false, { "a VMDK image", QEMU_IMG } },
    { "COWD",                     4,    0, HEAD, false, { "a VMDK image", QEMU_IMG } },
    { "# Disk DescriptorFile",   21,    0, HEAD, false, { "the description of a VMDK image", QEMU_IMG } },
    { "vhdxfile",                 8,    0, HEAD, false, { "a VHDX image", QEMU_IMG } },
    { "conectix",                 8,    0, HEAD, false, { "a VHD image", "qemu-img convert -f vpc -O raw '%s' '%s.img'" } },
    { "conectix",                 8,    0, TAIL, false, { "a VHD image of fixed size (sectors, then a footer)",
                                                          "qemu-img convert -f vpc -O raw '%s' '%s.img'" } },
    { "\x7f\x10\xda\xbe",         4,   64, HEAD, false, { "a VDI image", QEMU_IMG } },
    { "WithoutFreeSpace",        16,    0, HEAD, false, { "a Parallels image", QEMU_IMG } },
    { "WithouFreSpacExt",        16,    0, HEAD, false, { "a Parallels image", QEMU_IMG } },
    { "Bochs Virtual HD Image",  22,    0, HEAD, false, { "a Bochs growing image", BXIMAGE } },
    { "koly",                     4,    0, TAIL, false, { "a DMG image", "qemu-img convert -f dmg -O raw '%s' '%s.img'" } },
    { "MComprHD",                 8,    0, HEAD, false, { "a CHD image", "chdman extractraw -i '%s' -o '%s.img'" } },
    { "MSWIM\0\0",                8,    0, HEAD, false, { "a WIM archive", "wimlib-imagex extract '%s' 1" } },
    { "CISO",                     4,    0, HEAD, true,  { "a compressed ISO (CSO)", "maxcso --decompress '%s'" } },
    { "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0", 12, 0, HEAD, false,
                                                        { "a CD image of raw 2352-byte sectors (.bin with a .cue)",
                                                          "bchunk '%s' FILE.cue NAME" } },
    { "\x1f\x8b\x08",             3,    0, HEAD, false, { "compressed with gzip", "gunzip -k '%s'" } },
    { "\x1f\x9d",                 2,    0, HEAD, true,  { "compressed with compress", "gunzip -k '%s'" } },
    { "\xfd" "7zXZ",              6,    0, HEAD, false, { "compressed with xz", "xz -dk '%s'" } },
    { "\x5d\0\0",                 3,    0, HEAD, true,  { "compressed with lzma", "xz -dk '%s'" } },
    { "BZh",                      3,    0, HEAD, true,  { "compressed with bzip2", "bunzip2 -k '%s'" } },
    { "\x28\xb5\x2f\xfd",         4,    0, HEAD, false, { "compressed with zstd", "zstd -d '%s'" } },
    { "\x04\x22\x4d\x18",         4,    0, HEAD, false, { "compressed with lz4", "lz4 -d '%s'" } },
    { "\x89LZO",                  4,    0, HEAD, false, { "compressed with lzop", "lzop -d '%s'" } },
    { "PK\x03\x04",               4,    0, HEAD, false, { "a zip archive", "unzip '%s'" } },
    { "7z\xbc\xaf\x27\x1c",       6,    0, HEAD, false, { "a 7z archive", "7z x '%s'" } },
    { "Rar!\x1a\x07",             6,    0, HEAD, false, { "a rar archive", "unrar x '%s'" } },
    { "ustar",                    5,  257, HEAD, true,  { "a tar archive", "tar xf '%s'" } },
    { "-lh",                      3,    2, HEAD, true,  { "an LHA archive", "lha x '%s'" } },
    { "IMD ",                     4,    0, HEAD, true,  { "an ImageDisk floppy (IMD)", DSKTRANS } },
    { "TD\0",                     3,    0, HEAD, true,  { "a Teledisk floppy (TD0)", DSKTRANS } },
    { "td\0",                     3,    0, HEAD, true,  { "a Teledisk floppy (TD0)", DSKTRANS } },
    { "MV - CPC",                 8,    0, HEAD, false, { "a DSK floppy", DSKTRANS } },
    { "EXTENDED CPC DSK",        16,    0, HEAD, false, { "an extended DSK floppy", DSKTRANS } },
    { "HXCPICFE",                 8,    0, HEAD, false, { "an HFE floppy (flux)", HXCFE } },
    { "SCP",                      3,    0, HEAD, true,  { "an SCP floppy (flux)", HXCFE } },
};
// clang-format on
static const struct foreign d88 = { "a D88 floppy", HXCFE };

/* D88 has no magic: its header says write protection, the kind of medium, and the size of it all. */
static bool is_d88(const u8 *head, size_t n, u64 bytes)
{
    return n >= 0x20 && !(head[0x1a] & 0xef) && !(head[0x1b] & 0x0f) && head[0x1b] <= 0x40 && get32(head + 0x1c) == bytes;
}

const struct foreign *foreign_of(const u8 *head, size_t n, const u8 *tail, u64 bytes)
{
    bool bootable = n >= 512 && head[510] == 0x55 && head[511] == 0xaa;
    for (size_t k = 0; k < ARRAY_LEN(magics); k++) {
        const struct magic *m = &magics[k];
        if (m->unsigned_only && bootable)
            continue;
        if (m->place == HEAD ? n >= (size_t)m->at + m->length && !memcmp(head + m->at, m->bytes, m->length)
                             : tail && !memcmp(tail + m->at, m->bytes, m->length))
            return &m->foreign;
    }
    return is_d88(head, n, bytes) ? &d88 : NULL;
}

void foreign_say(const struct foreign *f, const char *path, char *to, size_t size)
{
    size_t at = (size_t)snprintf(to, size, "%s%s", f->what, f->command ? "; make it raw with: " : "");
    for (const char *c = f->command; c && *c && at + 1 < size; c++) {
        if (c[0] == '%' && c[1] == 's') {
            at += (size_t)snprintf(to + at, size - at, "%s", path);
            c++;
        } else {
            to[at++] = *c;
            to[at] = 0;
        }
    }
}
