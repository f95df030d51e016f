/* process.c - see ../process.h. Microsoft: GetModuleFileName, CommandLineToArgvW; taskkill. */
#include "parts.h"
#include "../process.h"
#include <shellapi.h>
#include <stdio.h>

enum { LONGEST = 32768 /* characters of a path */ };

u64 process_id(void) { return GetCurrentProcessId(); }
/* Without /f it asks a window, and a console program has none. */
void process_end_command(char *text, size_t n) { snprintf(text, n, "taskkill /f /pid %lu", GetCurrentProcessId()); }

void process_system(char *names, size_t n) { snprintf(names, n, "windows"); }

char **process_arguments(int *argc, char **argv)
{
    int n;
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &n);
    if (!wide)
        return argv;
    char **words = xcalloc((size_t)n + 1, sizeof *words);
    for (int k = 0; k < n; k++)
        words[k] = windows_utf8(wide[k]);
    LocalFree(wide);
    *argc = n;
    return words;
}

/* Beside the program: packages of Windows bring along what they need. */
bool process_data_folder(int k, char *path, size_t n)
{
    static const char *const beside[] = { "", "\\share", "\\..\\share\\vitrine" };
    enum { FROM_ENVIRONMENT, BESIDE };
    if (k >= BESIDE + (int)ARRAY_LEN(beside))
        return false;
    wchar_t *wide = xcalloc(LONGEST, sizeof *wide);
    if (k == FROM_ENVIRONMENT)
        GetEnvironmentVariableW(L"VITRINE_DATA", wide, LONGEST - 1);
    else
        GetModuleFileNameW(NULL, wide, LONGEST - 1);
    char *text = windows_utf8(wide), *end = k == FROM_ENVIRONMENT ? NULL : strrchr(text, '\\');
    if (end)
        *end = 0;
    if (snprintf(path, n, "%s%s", text, k == FROM_ENVIRONMENT ? "" : beside[k - BESIDE]) >= (int)n)
        *path = 0;
    free(text);
    free(wide);
    return true;
}
