/* foreign.h - files that hold a medium in another form than its plain sectors. */
#pragma once
#include "../../host/base.h"

/* What another program must do to make a raw image of it. */
struct foreign {
    const char *what;           /* "a qcow2 image" */
    const char *command;        /* with %s where the file's name goes, twice if there are two; NULL: nothing we know of */
};

enum { FOREIGN_TAIL = 512 };

/* Known by its magic: `head` holds the file's first n bytes, `tail` its last FOREIGN_TAIL ones (NULL if it is shorter), `bytes`
 * is its size. NULL: none that is known. */
const struct foreign *foreign_of(const u8 *head, size_t n, const u8 *tail, u64 bytes);

/* "a qcow2 image; make it raw with: qemu-img convert -O raw 'x.qcow2' 'x.qcow2.img'" */
void foreign_say(const struct foreign *f, const char *path, char *to, size_t size);
