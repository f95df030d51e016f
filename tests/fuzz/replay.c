/* replay.c - runs a harness on the files of folders, without libFuzzer: what ./check does with the corpora, and how a finding is
 * looked at in any build.
 *   replay_NAME FILE|FOLDER... */
#include "case.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static u64 run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st)) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(2);
    }
    size_t size = (size_t)st.st_size;
    u8 *data = malloc(size ? size : 1);             /* of its exact size, so that a sanitizer sees a step too far */
    if (!data || fread(data, 1, size, f) != size)
        exit(2);
    fclose(f);
    dprintf(STDERR_FILENO, "%s\n", path);            /* past what a case makes quiet: the last one named is the one that failed */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static u64 run_folder(const char *path)
{
    struct dirent **entry;
    int n = scandir(path, &entry, NULL, alphasort);
    u64 count = 0;
    for (int k = 0; k < n; k++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, entry[k]->d_name);
        if (entry[k]->d_name[0] != '.')
            count += run_file(file);
        free(entry[k]);
    }
    if (n >= 0)
        free(entry);
    return count;
}

int main(int argc, char **argv)
{
    u64 count = 0;
    for (int k = 1; k < argc; k++) {
        struct stat st;
        if (stat(argv[k], &st) == 0 && S_ISDIR(st.st_mode))
            count += run_folder(argv[k]);
        else
            count += run_file(argv[k]);
    }
    dprintf(STDOUT_FILENO, "%llu cases\n", (unsigned long long)count);
    return count ? 0 : 2;                           /* a corpus that is not there tests nothing */
}
