/* parts.h - between the files of this folder, in Windows' own terms: handles, UTF-16. Only they include it. */
#pragma once
#include "../output.h"
#include <winsock2.h>
#include <windows.h>

/* ---- failure.c: Windows' own numbers and words. Always false ---- */

bool windows_failure(struct failure *why, DWORD number);
bool windows_failure_last(struct failure *why);

/* ---- name.c: names, which the others have in UTF-8 ---- */

/* The path as Windows takes it, however long it is, to be freed; never NULL. What is no UTF-8 becomes a name that nothing has. */
wchar_t *windows_wide(const char *text);
char *windows_utf8(const wchar_t *text);
/* CreateFile for a path. Others may do with the file what `share` says (FILE_SHARE_...). INVALID_HANDLE_VALUE: refused. */
HANDLE windows_open(const char *path, DWORD access, DWORD share, DWORD how, DWORD flags);

/* ---- file.c ---- */

/* As file_claim, for a handle: a lock on bytes that no file has. Closing the handle gives it back. */
bool windows_lock(HANDLE h, bool write);
/* What a handle is. */
bool windows_is_folder(HANDLE h);

/* ---- handle.c ---- */

static inline HANDLE windows_handle(struct handle h) { return (HANDLE)h.id; }
static inline struct handle windows_to(HANDLE h) { return (struct handle){ (intptr_t)h }; }
/* Sockets are handles, but read and written by calls of their own. */
bool windows_is_socket(HANDLE h);
bool windows_is_console(HANDLE h);

/* ---- output_claims.c; NULL stands for no outputs ---- */

/* A file: the number of its volume, and its own there. */
struct identity {
    u64 volume, file;
};
bool windows_identify(HANDLE h, struct identity *id);
bool windows_same(const struct identity *a, const struct identity *b);

/* What the user calls the one who uses a file, or the name in a folder; NULL: nobody. */
const char *windows_user_of(const struct outputs *o, const struct identity *id, const char *name);
/* Somebody uses it from now on. `h`, which becomes the claim's, keeps the file's number from being given to another;
 * INVALID_HANDLE_VALUE: none. */
void windows_claim(struct outputs *o, const struct identity *id, HANDLE h, const char *name, const char *use);
/* A name in a folder that was claimed is free again. */
void windows_claim_ends(struct outputs *o, const struct identity *id, const char *name);
const atomic_bool *windows_hurry(const struct outputs *o);
