/* atapi_mode.c - a CD-ROM drive's mode pages.
 * SFF-8020i, "MODE SENSE Command", "MODE SELECT Command": error recovery, audio control, capabilities. */
#include "atapi.h"

enum { PAGE_RECOVERY = 0x01, PAGE_AUDIO = 0x0e, PAGE_CAPABILITIES = 0x2a, PAGE_ALL = 0x3f };

/* Put one mode page at a; returns its length, 0 if there is no such page. */
static u32 mode_page(const struct ide_drive *d, int page, int control, u8 *a)
{
    static const u8 audio_default[8] = { 1, 0xff, 2, 0xff };
    switch (page) {
    case PAGE_RECOVERY:
        a[0] = PAGE_RECOVERY, a[1] = 6;
        a[3] = control == 0 ? d->s.retries : control == 1 ? 0xff : 5;
        return 8;
    case PAGE_AUDIO:
        a[0] = PAGE_AUDIO, a[1] = 14;
        a[2] = control == 1 ? 0 : 0x04;                 /* immediate */
        if (control == 1)
            memset(a + 8, 0xff, 4);
        else
            memcpy(a + 8, control ? audio_default : d->s.audio, 8);
        return 16;
    case PAGE_CAPABILITIES:
        a[0] = PAGE_CAPABILITIES, a[1] = 18;
        if (control == 1)
            return 20;
        a[2] = 0x03;                                    /* reads CD-R and CD-RW */
        a[6] = 0x29 | (d->s.locked ? 0x02 : 0);         /* tray, ejects, can be locked */
        be16(a + 8, 4234);                              /* 24 x 176.4 kB/s, most and now */
        be16(a + 12, DRIVE_BUFFER / 1024);
        be16(a + 14, 4234);
        return 20;
    default:
        return 0;
    }
}

void atapi_mode_sense(struct ide_drive *d)
{
    static const u8 pages[] = { PAGE_RECOVERY, PAGE_AUDIO, PAGE_CAPABILITIES };
    const u8 *p = d->s.packet;
    bool ten = p[0] == 0x5a;
    u32 n = ten ? 8 : 4;
    int page = p[2] & 0x3f, control = p[2] >> 6;
    u8 *a = answer(d, 128), type = d->s.tray_open ? 0x71 : d->image ? 0x01 : 0x70;
    bool found = false;
    if (control == 3) {
        atapi_check(d, ILLEGAL_REQUEST, SAVING_NOT_SUPPORTED, 0);
        return;
    }
    for (size_t k = 0; k < ARRAY_LEN(pages); k++)
        if (page == pages[k] || page == PAGE_ALL) {
            n += mode_page(d, pages[k], control, a + n);
            found = true;
        }
    if (!found) {
        illegal_field(d);
        return;
    }
    if (ten)
        be16(a, n - 2), a[2] = type;
    else
        a[0] = (u8)(n - 1), a[1] = type;
    atapi_reply(d, n, ten ? from_be16(p + 7) : p[4]);
}

void atapi_begin_mode_select(struct ide_drive *d)
{
    const u8 *p = d->s.packet;
    u32 n = p[0] == 0x55 ? from_be16(p + 7) : p[4];
    if (!(p[1] & 0x10) || p[1] & 1) {                   /* page format; nothing can be saved */
        illegal_field(d);
        return;
    }
    if (n > DRIVE_BUFFER) {
        atapi_check(d, ILLEGAL_REQUEST, PARAMETER_LENGTH, 0);
        return;
    }
    atapi_want(d, n);
}

bool atapi_mode_select(struct ide_drive *d)
{
    const u8 *a = d->s.buffer;
    bool ten = d->s.packet[0] == 0x55;
    u32 n = d->s.fill, at = ten ? 8 : 4;
    if (n >= at)
        at += ten ? from_be16(a + 6) : a[3];            /* block descriptors */
    if (n < (ten ? 8u : 4u) || at > n) {
        atapi_check(d, ILLEGAL_REQUEST, PARAMETER_LENGTH, 0);
        return false;
    }
    while (at + 2 <= n) {
        u32 length = a[at + 1] + 2u;
        if (length > n - at) {
            atapi_check(d, ILLEGAL_REQUEST, PARAMETER_LENGTH, 0);
            return false;
        }
        switch (a[at] & 0x3f) {
        case PAGE_RECOVERY:
            if (length >= 4)
                d->s.retries = a[at + 3];
            break;
        case PAGE_AUDIO:
            if (length >= 16)
                memcpy(d->s.audio, a + at + 8, 4);
            break;
        case PAGE_CAPABILITIES:
            break;                                      /* nothing in it can be changed */
        default:
            atapi_check(d, ILLEGAL_REQUEST, INVALID_PARAMETER, 0);
            return false;
        }
        at += length;
    }
    return true;
}
