/* drive.c - the argument of -fda, -hda, -cdrom and their like, and of IMAGE.
 * Here: FILE[,format=raw][,chs=C/H/S][,FILE...], commas doubled in names as QEMU has them. */
#include "drive.h"
#include "../../host/file.h"
#include "option_values.h"
#include "options.h"
#include <stdio.h>

/* The next part, up to a comma that is not doubled; *text moves behind it, NULL at the end. */
static char *next_part(const char **text)
{
    char *part = xcalloc(1, strlen(*text) + 1), *to = part;
    const char *from = *text;
    for (; *from && (*from != ',' || from[1] == ','); from++) {
        from += *from == ',';
        *to++ = *from;
    }
    *text = *from ? from + 1 : NULL;
    return part;
}

static bool read_chs(const char *text, struct image_chs *chs)
{
    return option_digits(&text, 5, &chs->cylinders) && *text++ == '/' && option_digits(&text, 3, &chs->heads) && *text++ == '/' &&
           option_digits(&text, 2, &chs->sectors) && !*text &&
           chs->cylinders >= 1 && chs->cylinders <= 16383 && chs->heads >= 1 && chs->heads <= 255 && chs->sectors >= 1 &&
           chs->sectors <= 63;
}

/* "key=value" behind a file. False with a message. */
static bool take_setting(struct drive_file *file, const char *part, char *message, size_t size)
{
    static const char *const keys[] = { "format=raw", "chs=" };
    if (!strcmp(part, "format=raw"))
        file->raw = true;
    else if (!strncmp(part, "format=", 7))
        snprintf(message, size, "format=raw, not '%s': other formats are converted first (qemu-img convert -O raw)", part);
    else if (!strncmp(part, "chs=", 4)) {
        if (!read_chs(part + 4, &file->chs))
            snprintf(message, size, "chs=CYLINDERS/HEADS/SECTORS (1 to 16383, 255, 63), not '%s'", part);
    } else {
        const char *near = nearest_choice(part, keys, ARRAY_LEN(keys));
        snprintf(message, size, "format=raw or chs=C/H/S behind the file, not '%s'%s%s%s (a comma in a file's name is doubled: ,,)",
                 part, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    }
    return !*message;
}

/* A setting has a word of letters before its first '='; a path seldom does. */
static bool is_setting(const char *part)
{
    size_t n = strspn(part, "abcdefghijklmnopqrstuvwxyz-_");
    return n && part[n] == '=';
}

int drive_parse(const char *text, struct drive_file files[DRIVE_FILES], int most, char *message, size_t size)
{
    int n = 0;
    *message = 0;
    if (file_kind_at(text, NULL, NULL) != FILE_ABSENT) {
        files[0] = (struct drive_file) { .path = xstrdup(text) };
        return 1;
    }
    while (text && !*message) {
        char *part = next_part(&text);
        if (n && is_setting(part)) {
            take_setting(&files[n - 1], part, message, size);
        } else if (!*part) {
            snprintf(message, size, "a file's name%s", n ? " or a setting after the comma" : ", not an empty one");
        } else if (n == most) {
            snprintf(message, size, most == 1 ? "one file, and then format=raw or chs=C/H/S, not '%s' (a comma in a file's name is"
                     " doubled: ,,)" : "no more files than it has room for: '%s' is one too many", part);
        } else {
            files[n++] = (struct drive_file) { .path = part };
            continue;
        }
        free(part);
    }
    if (!*message)
        return n;
    drive_free(files, n);
    return -1;
}

void drive_free(struct drive_file *files, int n)
{
    for (int k = 0; k < n; k++)
        free(files[k].path);
}
