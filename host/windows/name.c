/* name.c - names: UTF-8 here, UTF-16 at Windows. Microsoft: "Maximum Path Length Limitation", "Naming Files, Paths, and Namespaces". */
#include "parts.h"
#include <wchar.h>

enum { AS_IT_IS = 240 /* some calls leave room for a name of 8.3 behind it */ };

static wchar_t *wide(const char *text)
{
    int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    const char *from = n ? text : "?";                  /* no file's name has that */
    if (!n)
        n = 2;
    wchar_t *to = xcalloc((size_t)n, sizeof *to);
    MultiByteToWideChar(CP_UTF8, 0, from, -1, to, n);
    return to;
}

/* A long path is taken as a whole one, with the words before it that switch all further meaning off. */
wchar_t *windows_wide(const char *text)
{
    wchar_t *given = wide(text);
    DWORD n = wcslen(given) < AS_IT_IS || !wcsncmp(given, L"\\\\?\\", 4) ? 0 : GetFullPathNameW(given, 0, NULL, NULL);
    if (!n)
        return given;
    static const wchar_t plain[] = L"\\\\?\\", shared[] = L"\\\\?\\UNC";
    wchar_t *full = xcalloc(n, sizeof *full), *path = xcalloc(n + ARRAY_LEN(shared), sizeof *path);
    GetFullPathNameW(given, n, full, NULL);
    bool unc = !wcsncmp(full, L"\\\\", 2);
    wcscpy(path, unc ? shared : plain);
    wcscat(path, full + unc);
    free(full);
    free(given);
    return path;
}

char *windows_utf8(const wchar_t *text)
{
    int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *to = xcalloc((size_t)(n > 0 ? n : 1), 1);
    if (n > 0)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, to, n, NULL, NULL);
    return to;
}

HANDLE windows_open(const char *path, DWORD access, DWORD share, DWORD how, DWORD flags)
{
    wchar_t *name = windows_wide(path);
    HANDLE h = CreateFileW(name, access, share, NULL, how, flags ? flags : FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD error = GetLastError();
    free(name);
    SetLastError(error);
    return h;
}
