/* parts.h - between the files of this folder, in the host's own terms: descriptors. Only they include it. */
#pragma once
#include "../base.h"

/* As file_claim, for a descriptor. Both flock(2) and the open file description locks of fcntl(2) are taken, the latter on the bytes by
 * which virtual machines tell each other what they do with an image. Closing the descriptor gives them back. */
bool posix_lock(int fd, bool write);
