/* drive.h - what the drive options take: FILE[,format=raw][,chs=C/H/S], and lists of files for drives whose medium changes. */
#pragma once
#include "../../iodev/image/image.h"

struct drive_file {
    char *path;
    bool raw;                   /* format=raw: the bytes as they are, whatever they look like */
    bool taken;                 /* it has been a medium of this run */
    struct image_chs chs;       /* chs=; cylinders 0: not named */
};

enum { DRIVE_FILES = 16 };

/* Take an option's argument apart: files with commas between them, each with what follows it up to the next. A doubled comma is
 * one in a name; an argument that is wholly the name of a file which exists is that file. -1 with a message (what was expected)
 * in `message` if it cannot be read or has more than `most` files; else their number. The caller frees with drive_free. */
int drive_parse(const char *text, struct drive_file files[DRIVE_FILES], int most, char *message, size_t size);
void drive_free(struct drive_file *files, int n);
