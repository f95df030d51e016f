/* memory.h - large pieces of memory, page by page from the host. */
#pragma once
#include "base.h"

/* Zeroed memory of `bytes` (a multiple of 4 KB) at an address that is one; what is never touched costs nothing where the host can do so,
 * which may count in pages of up to 2 MB. Accesses up to 64 KB before or behind it end the program, where the host can do that.
 * NULL: the host has not so much. */
void *pages_reserve(u64 bytes);
/* Give it back: as reserved, as a whole. NULL is fine. */
void pages_release(void *pages, u64 bytes);
