/* out_of_memory.c - vitrine_out_of_memory of base.h, where nobody else defines it: as a weak symbol. Windows' objects have none that an
 * archive's reader finds; there this file alone is left out of what is linked, for which it has nothing else in it. */
#include "base.h"

#ifdef _WIN32
#define IF_NO_OTHER
#else
#define IF_NO_OTHER     __attribute__((weak, visibility("default")))
#endif

IF_NO_OTHER void vitrine_out_of_memory(size_t bytes)
{
    (void)bytes;
    abort();
}
