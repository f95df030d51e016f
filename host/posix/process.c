/* process.c - see ../process.h. Folders: Filesystem Hierarchy Standard 3.0, 4.11 and 4.9; Homebrew's on Apple silicon. */
#define _DEFAULT_SOURCE
#include "../process.h"
#include <unistd.h>

u64 process_id(void) { return (u64)getpid(); }

const char *process_data_folder(int k)
{
    static const char *const folders[] = { "/usr/share", "/usr/local/share", "/opt/homebrew/share" };
    return k < (int)ARRAY_LEN(folders) ? folders[k] : NULL;
}
