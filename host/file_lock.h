/* file_lock.h - keeps two programs from writing one file. */
#pragma once
#include "base.h"

/* Lock an open file, until its descriptor is closed: others may read it too, or, with `write`, read it only if they mind no
 * change. False if another program (or another descriptor of this one) uses it in a way that this forbids. A file system
 * without locks is no reason to refuse. Both flock(2) and the open file description locks of fcntl(2) are taken, the latter on
 * the bytes by which virtual machines tell each other what they do with an image. */
bool file_lock(int fd, bool write);
