/* image_file.c - the host's file under an image.
 * Here: locks against other programs; short reads and writes; no room on the host's disk; a failed flush stays failed, because
 * the host forgets what it could not write; a file that is removed or shrinks under the machine. */
#include "image_parts.h"
#include <stdarg.h>
#include <stdio.h>

enum { ERRORS_SHOWN = 8 };

void image_say(char *message, size_t size, const char *fmt, ...)
{
    size_t at = strlen(message);
    va_list args;
    if (at && at + 1 < size) {
        message[at++] = '\n';
        message[at] = 0;
    }
    va_start(args, fmt);
    vsnprintf(message + at, size - at, fmt, args);
    va_end(args);
}

static const struct notices *ears(const struct image_file *f) { return f->host ? &f->host->say : NULL; }

/* A failing host disk would fill the terminal: a few lines are enough. */
static void failed(struct image_file *f, const char *what, u64 at, const char *why)
{
    if (f->errors++ < ERRORS_SHOWN)
        notice(ears(f), "%s: %s failed at byte %llu: %s; the guest is told of a drive error",
                f->name, what, (unsigned long long)at, why);
    if (f->errors == ERRORS_SHOWN)
        notice(ears(f), "%s: further errors are not shown", f->name);
}

/* Somebody removed or replaced the file, or cut it off: said once. */
static void look_for_loss(struct image_file *f)
{
    u64 bytes;
    if (f->lost)
        return;
    bool there = file_has_name(f->file, &bytes);
    f->lost = !there || bytes < f->bytes;
    if (!there)
        notice(ears(f), "%s: the file was removed or replaced while the machine uses it; what the guest writes is lost"
               " at the end%s", f->name, f->writable ? " (/proc/PID/fd has it until then)" : "");
    else if (f->lost)
        notice(ears(f), "%s: the file was cut off from %llu to %llu bytes while the machine uses it", f->name,
                (unsigned long long)f->bytes, (unsigned long long)bytes);
}

bool image_file_open(struct image_file *f, bool write, char *message, size_t size)
{
    const char *path = f->name;
    struct failure why = { FAILURE_NONE, "" };
    f->file = file_open(path, write, &why);
    if (!f->file && write && why.kind == FAILURE_DENIED) {
        struct failure first = why;
        write = false;
        f->file = file_open(path, false, &why);
        if (f->file)
            image_say(message, size, "%s: not writable (%s); the guest finds it write-protected", path, first.text);
    }
    if (!f->file && why.kind == FAILURE_UNFIT) {
        image_say(message, size, "%s: is not a file or block device that can hold an image", path);
        return false;
    }
    if (!f->file) {
        image_say(message, size, "%s: cannot open the image: %s%s", path, why.text,
                  why.kind == FAILURE_BUSY ? " (unmount it, or give -snapshot)" : "");
        return false;
    }
    if (!file_claim(f->file, write)) {
        image_say(message, size, "%s: is in use by another program or as another drive of this one; end it, or take a copy"
                  " of the image", path);
        return false;
    }
    if (!file_bytes(f->file, &f->bytes, &why)) {
        image_say(message, size, "%s: cannot tell its size: %s", path, why.text);
        return false;
    }
    f->writable = write;
    return true;
}

bool image_file_read(struct image_file *f, u64 at, u8 *to, u64 n)
{
    u64 have = at >= f->bytes ? 0 : f->bytes - at;
    if (have > n)
        have = n;
    memset(to + have, 0, n - have);
    while (have) {
        struct failure why;
        size_t k = file_read(f->file, at, to, have, &why);
        if (!k) {
            failed(f, "read", at, why.text);
            look_for_loss(f);
            return false;
        }
        to += k, at += k, have -= k;
    }
    return true;
}

/* The host has no room for a write. True: it may have now. */
static bool wait_for_room(struct image_file *f, const struct failure *why)
{
    char message[512];
    snprintf(message, sizeof message, "%s: no room on the host's disk (%s)", f->name, why->text);
    bool again = f->host && f->host->full && f->host->full(f->host->to, message);
    f->full |= again;
    return again;
}

static void room_again(struct image_file *f)
{
    f->full = false;
    if (f->host && f->host->full)
        f->host->full(f->host->to, NULL);
}

/* A write failed at `at`, in the middle of a sector: where the file was made longer, that is taken back; else it is said. */
static void undo_part(struct image_file *f, u64 at, u64 end)
{
    u64 whole = at - at % f->sector;
    if (!(at % f->sector))
        return;
    if (whole < end)
        notice(ears(f), "%s: the sector at byte %llu is half written", f->name, (unsigned long long)whole);
    else if (file_resize(f->file, whole, NULL))
        f->bytes = whole;
}

bool image_file_write(struct image_file *f, u64 at, const u8 *from, u64 n)
{
    u64 end = f->bytes;
    f->unflushed = true;
    while (n) {
        struct failure why;
        size_t k = file_write(f->file, at, from, n, &why);
        if (!k && why.kind == FAILURE_FULL && wait_for_room(f, &why))
            continue;
        if (!k) {
            undo_part(f, at, end);
            failed(f, "write", at, why.text);
            return false;
        }
        if (f->full)
            room_again(f);
        from += k, at += k, n -= k;
        if (at > f->bytes)
            f->bytes = at;              /* what was missing at the end now exists */
    }
    return true;
}

bool image_file_flush(struct image_file *f)
{
    struct failure why;
    if (f->flush_failed)
        return false;
    if (!f->file || !f->unflushed)
        return true;
    if (!file_sync(f->file, &why) && why.kind != FAILURE_POINTLESS) {
        notice(ears(f), "%s: the host could not write what the guest wants on the medium: %s; the guest is told that"
               " this and every later flush fails", f->name, why.text);
        f->flush_failed = true;
        return false;
    }
    f->unflushed = false;
    look_for_loss(f);
    return true;
}

void image_file_close(struct image_file *f)
{
    struct failure why;
    if (!f->file)
        return;
    if (f->writable) {
        image_file_flush(f);
        look_for_loss(f);
    }
    if (!file_close(f->file, &why) && f->writable)
        notice(ears(f), "%s: closing it failed: %s; its last writes may be lost", f->name, why.text);
    f->file = NULL;
}

void image_file_leave(struct image_file *f)
{
    if (!f->file)
        return;
    if (f->writable) {
        image_file_flush(f);
        look_for_loss(f);
    }
    f->stamped = file_stamp(f->file, &f->left);
    file_release(f->file);
}

bool image_file_unchanged(const struct image_file *f)
{
    struct file_stamp now;
    return !f->file || (f->stamped && file_stamp(f->file, &now) && file_stamps_equal(&f->left, &now));
}

bool image_file_take(struct image_file *f)
{
    if (!f->file)
        return true;
    bool claimed = file_claim(f->file, f->writable);
    if (claimed && image_file_unchanged(f))
        return true;
    file_release(f->file);
    return false;
}
