/* process.c - see ../process.h. Folders: Filesystem Hierarchy Standard 3.0, 4.11 and 4.9; Homebrew's on Apple silicon. The program's
 * own file: proc(5), "/proc/[pid]/exe". */
#define _DEFAULT_SOURCE
#include "../process.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

u64 process_id(void) { return (u64)getpid(); }
char **process_arguments(int *argc, char **argv) { return (void)argc, argv; }

/* The folder of the program's file, and what lies beside it; empty where the host does not say. */
static void beside_program(const char *rest, char *path, size_t n)
{
    char own[1024];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    own[length > 0 ? length : 0] = 0;
    char *slash = strrchr(own, '/');
    *path = 0;
    if (slash && snprintf(path, n, "%.*s%s", (int)(slash - own), own, rest) >= (int)n)
        *path = 0;
}

bool process_data_folder(int k, char *path, size_t n)
{
    static const char *const folders[] = { "/usr/share", "/usr/local/share", "/opt/homebrew/share" };
    const char *own = getenv("VITRINE_DATA");
    enum { FROM_ENVIRONMENT, BESIDE, OF_PREFIX, PACKAGES };
    if (k == FROM_ENVIRONMENT)
        snprintf(path, n, "%s", own && strlen(own) < n ? own : "");
    else if (k == BESIDE || k == OF_PREFIX)
        beside_program(k == BESIDE ? "" : "/../share/vitrine", path, n);
    else if (k < PACKAGES + (int)ARRAY_LEN(folders))
        snprintf(path, n, "%s", folders[k - PACKAGES]);
    else
        return false;
    return true;
}
