/* output.c - see ../output.h. Microsoft: CreateFile, FlushFileBuffers, MoveFileEx, GetFinalPathNameByHandle.
 * With output_claims.c the one place that opens for writing, renames and removes (file.c opens images); tests/check_outputs sees to
 * that. A file that is not whole has a temporary name beside its own. */
#include "parts.h"
#include "../file.h"
#include "../outlet.h"
#include "../process.h"
#include "../text.h"
#include <fcntl.h>
#include <io.h>
#include <stdio.h>

enum { NAMES = 100, TEXT = 512, LONGEST = 32768 };
static const DWORD SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

struct output {
    struct outputs *all;
    char *path;                         /* as the user names it */
    char *folder, *name;                /* where it is to be; NULL: written in place */
    struct identity folder_id;
    char *temporary;                    /* its path until it is whole; NULL: none */
    HANDLE h;                           /* the file's, or where the text goes */
    FILE *file;
    struct text *text;                  /* written in place: what is to be, as a whole */
    bool fresh;                         /* replaces nothing */
    bool claimed;                       /* the name is its own until it is in its place */
};

static bool open_now(HANDLE h) { return h != INVALID_HANDLE_VALUE; }
static void end(HANDLE h) { if (open_now(h)) CloseHandle(h); }

static bool cannot(char *error, size_t n, const char *path, DWORD number)
{
    struct failure why;
    windows_failure(&why, number);
    return failure_words(error, n, "cannot write %s: %s", path, why.text);
}

/* ---- what may be written ---- */

enum place { PLACE_NEW, PLACE_FILE, PLACE_AS_IT_IS, PLACE_STANDARD, PLACE_NONE };

/* Is it standard output or error? *h: a handle for it, which the caller has. */
static bool is_standard(const struct identity *id, HANDLE *h)
{
    struct identity own;
    for (int k = STANDARD_OUTPUT; k <= STANDARD_ERROR; k++) {
        HANDLE standard = windows_handle(handle_standard((enum standard)k)), here = GetCurrentProcess();
        if (windows_identify(standard, &own) && windows_same(&own, id))
            return DuplicateHandle(here, standard, here, h, 0, FALSE, DUPLICATE_SAME_ACCESS);
    }
    return false;
}

static enum place nothing(char *error, size_t n, const char *path, const char *why)
{
    failure_words(error, n, "cannot write %s: %s", path, why);
    return PLACE_NONE;
}

/* What is at the path. PLACE_NONE: nothing that can be written to, and why. */
static enum place look_at(const struct outputs *o, const char *path, HANDLE *standard, char *error, size_t n)
{
    struct failure why;
    struct identity id;
    enum file_kind kind = file_kind_at(path, NULL, &why);
    if (kind == FILE_ABSENT)
        return why.kind == FAILURE_ABSENT ? PLACE_NEW : nothing(error, n, path, why.text);
    if (kind == FILE_FOLDER)
        return nothing(error, n, path, "it is a folder; expected a file's name");
    if (kind == FILE_BLOCKS)
        return nothing(error, n, path, "it is a block device; expected a file");
    HANDLE h = windows_open(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, 0);
    bool known = windows_identify(h, &id);
    end(h);
    const char *user = known ? windows_user_of(o, &id, NULL) : NULL;
    if (user) {
        failure_words(error, n, "%s is in use as %s; expected another file", path, user);
        return PLACE_NONE;
    }
    if (known && is_standard(&id, standard))
        return PLACE_STANDARD;
    return kind == FILE_PLAIN ? PLACE_FILE : PLACE_AS_IT_IS;
}

/* NUL, a console, a pipe; INVALID_HANDLE_VALUE with why not. */
static HANDLE open_as_it_is(const char *path, char *error, size_t n)
{
    DCB serial = { .DCBlength = sizeof serial };
    HANDLE h = windows_open(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0);
    if (!open_now(h)) {
        cannot(error, n, path, GetLastError());
    } else if (GetFileType(h) == FILE_TYPE_DISK || GetCommState(h, &serial)) {
        nothing(error, n, path, "it is a device; expected a file, a terminal or a pipe");
        CloseHandle(h);
        h = INVALID_HANDLE_VALUE;
    }
    return h;
}

/* ---- streams ---- */

static bool in_use(char *error, size_t n, const char *path, const char *user)
{
    return failure_words(error, n, "%s is in use%s%s; expected another file", path, user ? " as " : ", by another program perhaps",
                         user ? user : "");
}

struct handle output_stream(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    struct identity id;
    HANDLE h = INVALID_HANDLE_VALUE;
    FILE_END_OF_FILE_INFO empty = { .EndOfFile.QuadPart = 0 };
    enum place place = look_at(o, path, &h, error, n);
    if (place == PLACE_NONE || place == PLACE_STANDARD)
        return windows_to(h);
    if (place == PLACE_AS_IT_IS)
        return windows_to(open_as_it_is(path, error, n));
    h = windows_open(path, GENERIC_READ | GENERIC_WRITE, SHARE_ALL, OPEN_ALWAYS, 0);    /* not emptied: that comes when it is ours */
    if (!open_now(h)) {
        cannot(error, n, path, GetLastError());
        return NO_HANDLE;
    }
    bool ok = windows_identify(h, &id) && !windows_user_of(o, &id, NULL) && windows_lock(h, true);
    if (!ok)
        in_use(error, n, path, NULL);
    else if (!(ok = SetFileInformationByHandle(h, FileEndOfFileInfo, &empty, sizeof empty)))
        cannot(error, n, path, GetLastError());
    if (!ok) {
        CloseHandle(h);
        return NO_HANDLE;
    }
    windows_claim(o, &id, INVALID_HANDLE_VALUE, NULL, use);
    return windows_to(h);
}

/* ---- whole files ---- */

/* The path from a drive on, links followed where the file is there; to be freed, or NULL. */
static char *whole_path(const char *path, enum place place)
{
    wchar_t *name = windows_wide(path), *whole = xcalloc(LONGEST, sizeof *whole);
    DWORD length = 0;
    if (place == PLACE_FILE) {
        HANDLE h = windows_open(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, 0);
        if (open_now(h))
            length = GetFinalPathNameByHandleW(h, whole, LONGEST, FILE_NAME_NORMALIZED);
        end(h);
    }
    if (!length || length >= LONGEST)
        length = GetFullPathNameW(name, LONGEST, whole, NULL);
    char *text = length && length < LONGEST ? windows_utf8(whole) : NULL;
    free(whole);
    free(name);
    return text;
}

/* Its folder, with what ends it, and its name there. False with a message. */
static bool find_folder(struct output *out, enum place place, char *error, size_t n)
{
    char *whole = whole_path(out->path, place), *name = whole ? strrchr(whole, '\\') : NULL;
    if (!name) {
        free(whole);
        return cannot(error, n, out->path, ERROR_INVALID_NAME);
    }
    out->name = xstrdup(++name);
    *name = 0;
    out->folder = whole;
    HANDLE h = windows_open(out->folder, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    DWORD failed = open_now(h) ? ERROR_SUCCESS : GetLastError();
    bool ok = !failed && *out->name && windows_identify(h, &out->folder_id);
    end(h);
    return ok || (failed ? cannot(error, n, out->path, failed) : failure_words(error, n, "cannot write %s: that names no file", out->path));
}

static char *beside(const struct output *out, const char *name)
{
    size_t n = strlen(out->folder) + strlen(name) + 1;
    char *path = xcalloc(n, 1);
    snprintf(path, n, "%s%s", out->folder, name);
    return path;
}

static bool open_temporary(struct output *out, char *error, size_t n)
{
    char name[TEXT];
    for (int k = 0; k < NAMES; k++) {
        snprintf(name, sizeof name, ".%.200s.%llu-%d.tmp", out->name, (unsigned long long)process_id(), k);
        char *path = beside(out, name);
        out->h = windows_open(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, CREATE_NEW, 0);
        if (open_now(out->h)) {
            out->temporary = path;
            return true;
        }
        free(path);
        if (GetLastError() != ERROR_FILE_EXISTS)
            break;
    }
    struct failure why;
    windows_failure_last(&why);
    return failure_words(error, n, "cannot write %s: no file can be made in its folder: %s", out->path, why.text);
}

/* The older file of that name may go: nobody uses it. */
static bool may_replace(const struct output *out, char *error, size_t n)
{
    struct identity id;
    char *path = beside(out, out->name);
    HANDLE h = windows_open(path, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0);
    DWORD failed = open_now(h) ? ERROR_SUCCESS : GetLastError();
    bool known = windows_identify(h, &id);
    const char *user = known ? windows_user_of(out->all, &id, NULL) : NULL;
    bool ours = failed == ERROR_FILE_NOT_FOUND || (known && !user && windows_lock(h, true));
    end(h);
    free(path);
    return ours || (failed == ERROR_ACCESS_DENIED ? cannot(error, n, out->path, failed) : in_use(error, n, out->path, user));
}

static bool make_file(struct output *out, enum place place, const char *use, char *error, size_t n)
{
    if (!find_folder(out, place, error, n))
        return false;
    const char *user = out->fresh ? NULL : windows_user_of(out->all, &out->folder_id, out->name);
    if (user)
        return failure_words(error, n, "%s is what %s writes; expected another file", out->path, user);
    if (!open_temporary(out, error, n) || (!out->fresh && !may_replace(out, error, n)))
        return false;
    if (!out->fresh)
        windows_claim(out->all, &out->folder_id, INVALID_HANDLE_VALUE, out->name, use);
    out->claimed = !out->fresh;
    int fd = _open_osfhandle((intptr_t)out->h, _O_BINARY);
    out->file = fd >= 0 ? _fdopen(fd, "wb") : NULL;
    return out->file || failure_words(error, n, "cannot write %s: too many files are open", out->path);
}

static struct output *output_new(struct outputs *o, const char *path)
{
    struct output *out = xcalloc(1, sizeof *out);
    out->all = o;
    out->path = xstrdup(path);
    out->h = INVALID_HANDLE_VALUE;
    return out;
}

static struct output *made(struct output *out, bool ok)
{
    if (ok)
        return out;
    output_drop(out);
    return NULL;
}

struct output *output_begin(struct outputs *o, const char *use, const char *path, char *error, size_t n)
{
    struct output *out = output_new(o, path);
    enum place place = look_at(o, path, &out->h, error, n);
    if (place == PLACE_NEW || place == PLACE_FILE)
        return made(out, make_file(out, place, use, error, n));
    if (place == PLACE_AS_IT_IS)
        out->h = open_as_it_is(path, error, n);
    out->text = open_now(out->h) ? text_new() : NULL;
    if (open_now(out->h) && !out->text)
        failure_words(error, n, "cannot write %s: there is no room for what is to be written", path);
    out->file = out->text ? text_file(out->text) : NULL;
    return made(out, out->file);
}

struct output *output_begin_new(struct outputs *o, const char *pattern, int *number, int most, char *error, size_t n)
{
    char path[TEXT];
    for (; *number <= most; ++*number) {
        snprintf(path, sizeof path, pattern, *number);
        if (file_kind_at(path, NULL, NULL) == FILE_ABSENT)
            break;
    }
    if (*number > most) {
        failure_words(error, n, "there are %d of them here", most);
        return NULL;
    }
    struct output *out = output_new(o, path);
    out->fresh = true;
    return made(out, make_file(out, PLACE_NEW, "", error, n));
}

FILE *output_file(struct output *out) { return out->file; }
const char *output_path(const struct output *out) { return out->path; }

static bool put_in_place(struct output *out, char *error, size_t n)
{
    if (!out->fresh && !may_replace(out, error, n))
        return false;
    char *place = beside(out, out->name);
    wchar_t *from = windows_wide(out->temporary), *to = windows_wide(place);
    bool ok = MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH | (out->fresh ? 0 : MOVEFILE_REPLACE_EXISTING));
    DWORD failed = ok ? ERROR_SUCCESS : GetLastError();
    free(from);
    free(to);
    free(place);
    if (!ok)
        return cannot(error, n, out->path, failed);
    free(out->temporary);
    out->temporary = NULL;
    return true;
}

/* To a console, a pipe, ...: as long as it is read. */
static bool send_text(struct output *out, struct failure *why)
{
    size_t size;
    char *text = text_take(out->text, &size);
    out->text = NULL;
    out->file = NULL;
    if (!text)
        return failure_say(why, FAILURE_FULL, "there is no room for what is to be written");
    struct outlet *to = outlet_new(windows_to(out->h));
    if (out->all)
        outlet_hurry(to, windows_hurry(out->all));
    bool all = outlet_write(to, text, size) && outlet_flush(to);
    if (outlet_failure(to))
        *why = *outlet_failure(to);
    else if (!all)
        failure_say(why, FAILURE_LATE, "nobody reads it");
    outlet_free(to);
    free(text);
    return all;
}

/* All of it is on the host's disk, and the file closed, which Windows wants before it is renamed. */
static bool finish_file(struct output *out, struct failure *why)
{
    bool ok = (!ferror(out->file) && !fflush(out->file)) || failure_last(why);
    if (ok)
        ok = FlushFileBuffers(out->h) || windows_failure_last(why);
    if (fclose(out->file) && ok)
        ok = failure_last(why);
    out->file = NULL;
    out->h = INVALID_HANDLE_VALUE;
    return ok;
}

bool output_commit(struct output *out, char *error, size_t n)
{
    struct failure why;
    bool whole = out->folder, ok = whole ? finish_file(out, &why) : send_text(out, &why);
    if (!ok)
        failure_words(error, n, "cannot write %s: %s", out->path, why.text);
    else if (whole)
        ok = put_in_place(out, error, n);
    output_drop(out);
    return ok;
}

void output_drop(struct output *out)
{
    if (!out)
        return;
    if (out->text)
        text_drop(out->text);
    else if (out->file)
        fclose(out->file);
    if (!out->file || !out->folder)
        end(out->h);
    if (out->temporary) {
        wchar_t *name = windows_wide(out->temporary);
        DeleteFileW(name);
        free(name);
    }
    if (out->claimed)
        windows_claim_ends(out->all, &out->folder_id, out->name);
    free(out->folder);
    free(out->temporary);
    free(out->path);
    free(out->name);
    free(out);
}
