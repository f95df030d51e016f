/* file.c - see ../file.h. Microsoft: CreateFile, ReadFile and WriteFile with a place in OVERLAPPED, LockFileEx, FlushFileBuffers.
 * Not here: disks of the host, which want whole sectors and a volume that is locked; they are refused. */
#include "parts.h"
#include "../file.h"

static const DWORD SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

struct file {
    HANDLE h;
    bool write;
};

/* By an open handle. */
static enum file_kind kind_of(HANDLE h, u64 *bytes)
{
    BY_HANDLE_FILE_INFORMATION info;
    *bytes = 0;
    if (GetFileType(h) != FILE_TYPE_DISK)
        return FILE_STREAM;
    if (!GetFileInformationByHandle(h, &info))
        return FILE_BLOCKS;
    if (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        return FILE_FOLDER;
    *bytes = (u64)info.nFileSizeHigh << 32 | info.nFileSizeLow;
    return FILE_PLAIN;
}

bool windows_is_folder(HANDLE h)
{
    u64 bytes;
    return kind_of(h, &bytes) == FILE_FOLDER;
}

enum file_kind file_kind_at(const char *path, u64 *bytes, struct failure *why)
{
    u64 own;
    HANDLE h = windows_open(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    enum file_kind kind = FILE_ABSENT;
    if (!bytes)
        bytes = &own;
    *bytes = 0;
    windows_failure(why, h == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS);
    if (h != INVALID_HANDLE_VALUE) {
        kind = kind_of(h, bytes);
        CloseHandle(h);
    }
    return kind;
}

bool file_readable(const char *path)
{
    HANDLE h = windows_open(path, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(h);
    return true;
}

const char *file_name_of(const char *path)
{
    const char *name = path;
    for (; *path; path++)
        if (*path == '/' || *path == '\\' || *path == ':')
            name = path + 1;
    return name;
}

struct file *file_open(const char *path, bool write, struct failure *why)
{
    struct failure absent;
    enum file_kind kind = file_kind_at(path, NULL, &absent);
    if (kind == FILE_ABSENT && why)
        *why = absent;
    if (kind == FILE_BLOCKS)
        failure_say(why, FAILURE_UNFIT, "a disk of the host itself is not opened on Windows; copy it to a file");
    else if (kind != FILE_PLAIN && kind != FILE_ABSENT)
        failure_say(why, FAILURE_UNFIT, "it is neither a file nor a block device");
    if (kind != FILE_PLAIN)
        return NULL;
    HANDLE h = windows_open(path, GENERIC_READ | (write ? GENERIC_WRITE : 0), SHARE_ALL, OPEN_EXISTING, 0);
    if (h == INVALID_HANDLE_VALUE) {
        windows_failure_last(why);
        return NULL;
    }
    struct file *f = xcalloc(1, sizeof *f);
    f->h = h;
    f->write = write;
    return f;
}

bool file_close(struct file *f, struct failure *why)
{
    if (!f)
        return true;
    bool ok = CloseHandle(f->h) || windows_failure_last(why);
    free(f);
    return ok;
}

struct handle file_handle(const struct file *f) { return windows_to(f->h); }

/* Locked bytes can be neither read nor written by others, so it is one behind all that files have. */
bool windows_lock(HANDLE h, bool write)
{
    OVERLAPPED at = { .OffsetHigh = 0x7fffffff };
    UnlockFileEx(h, 0, 1, 0, &at);                      /* of a claim before, which this one replaces */
    if (LockFileEx(h, LOCKFILE_FAIL_IMMEDIATELY | (write ? LOCKFILE_EXCLUSIVE_LOCK : 0), 0, 1, 0, &at))
        return true;
    DWORD error = GetLastError();
    return error != ERROR_LOCK_VIOLATION && error != ERROR_IO_PENDING;
}

bool file_claim(struct file *f, bool write) { return windows_lock(f->h, write); }

void file_release(struct file *f)
{
    OVERLAPPED at = { .OffsetHigh = 0x7fffffff };
    UnlockFileEx(f->h, 0, 1, 0, &at);
}

bool file_stamp(struct file *f, struct file_stamp *stamp)
{
    BY_HANDLE_FILE_INFORMATION info;
    if (!GetFileInformationByHandle(f->h, &info))
        return false;
    *stamp = (struct file_stamp) {
        .which = { info.dwVolumeSerialNumber, (u64)info.nFileIndexHigh << 32 | info.nFileIndexLow },
        .bytes = (u64)info.nFileSizeHigh << 32 | info.nFileSizeLow,
        .written = (u64)info.ftLastWriteTime.dwHighDateTime << 32 | info.ftLastWriteTime.dwLowDateTime,
    };
    return true;
}

bool file_bytes(struct file *f, u64 *bytes, struct failure *why)
{
    LARGE_INTEGER size;
    bool ok = GetFileSizeEx(f->h, &size);
    *bytes = ok ? (u64)size.QuadPart : 0;
    return ok || windows_failure_last(why);
}

bool file_has_name(struct file *f, u64 *bytes)
{
    FILE_STANDARD_INFO info;
    bool plain = GetFileInformationByHandleEx(f->h, FileStandardInfo, &info, sizeof info) && !info.Directory;
    if (bytes)
        *bytes = plain ? (u64)info.EndOfFile.QuadPart : UINT64_MAX;
    return !plain || (info.NumberOfLinks && !info.DeletePending);
}

static DWORD at_once(size_t n) { return n < 1u << 30 ? (DWORD)n : 1u << 30; }

size_t file_read(struct file *f, u64 at, void *to, size_t n, struct failure *why)
{
    OVERLAPPED place = { .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };
    DWORD done = 0;
    bool ok = ReadFile(f->h, to, at_once(n), &done, &place);
    if (ok && done)
        return done;
    DWORD error = ok ? ERROR_HANDLE_EOF : GetLastError();
    if (error == ERROR_HANDLE_EOF)
        failure_say(why, FAILURE_NONE, "the file ended early");
    else
        windows_failure(why, error);
    return 0;
}

size_t file_write(struct file *f, u64 at, const void *from, size_t n, struct failure *why)
{
    OVERLAPPED place = { .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };
    DWORD done = 0;
    if (WriteFile(f->h, from, at_once(n), &done, &place) && done)
        return done;
    windows_failure_last(why);
    return 0;
}

bool file_resize(struct file *f, u64 bytes, struct failure *why)
{
    FILE_END_OF_FILE_INFO end = { .EndOfFile.QuadPart = (LONGLONG)bytes };
    return SetFileInformationByHandle(f->h, FileEndOfFileInfo, &end, sizeof end) || windows_failure_last(why);
}

bool file_sync(struct file *f, struct failure *why) { return !f->write || FlushFileBuffers(f->h) || windows_failure_last(why); }
