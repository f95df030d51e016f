/* process.c - see ../process.h. Folders: Filesystem Hierarchy Standard 3.0, 4.11 and 4.9; Homebrew's on Apple silicon. The program's
 * own file: proc(5), "/proc/[pid]/exe". Systems: os-release(5), "ID", "ID_LIKE". */
#define _DEFAULT_SOURCE
#include "../process.h"
#include "../file.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

u64 process_id(void) { return (u64)getpid(); }
void process_end_command(char *text, size_t n) { snprintf(text, n, "kill %d", (int)getpid()); }
char **process_arguments(int *argc, char **argv) { return (void)argc, argv; }

void process_system(char *names, size_t n)
{
#ifdef __APPLE__
    snprintf(names, n, "macos");
#else
    static const char *const keys[] = { "ID=", "ID_LIKE=" };
    char *text = file_text("/etc/os-release", 1 << 16, NULL, NULL);
    size_t length = 0;
    *names = 0;
    for (size_t k = 0; text && k < ARRAY_LEN(keys); k++)
        for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
            if (strncmp(line, keys[k], strlen(keys[k])))
                continue;
            const char *value = line + strlen(keys[k]) + strspn(line + strlen(keys[k]), "\"'");
            size_t size = strcspn(value, "\"'\n");
            if (length + size + 2 <= n)
                length += (size_t)snprintf(names + length, n - length, "%s%.*s", length ? " " : "", (int)size, value);
        }
    free(text);
#endif
}

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
