/* description.h - what a machine is made of as text, a line "KEY=VALUE" for each thing that a state cannot bring along: memory, processor,
 * drives, firmware. */
#pragma once
#include "../board/pc.h"

/* Of a configuration whose images are open. The caller frees it. */
char *description_of(const struct pc_config *config);
/* Do two mean the same machine? False: `why` (size bytes) says what `theirs` has, what `ours`, and which option is about it. `whose` is
 * told for theirs: "the state". */
bool description_fits(const char *theirs, const char *ours, const char *whose, char *why, size_t size);
/* The value of a key, as text of at most n - 1 characters; false: there is none. */
bool description_value(const char *description, const char *key, char *value, size_t n);
