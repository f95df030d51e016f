/* looks.h - has the guest made its disk look like something else? What it writes there may be read as another format, a CD or a
 * kernel when the file is opened by its content the next time, here or by another program. */
#pragma once
#include "../../host/notice.h"
#include "../board/pc.h"

struct looks;

/* What the images look like as the run begins. `by_content`: the one that was opened as IMAGE; may be NULL. */
struct looks *looks_new(const struct pc *pc, const struct image *by_content);
/* Say which of them look otherwise now, and what to give to have them taken as they were. */
void looks_tell(struct looks *l, const struct pc *pc, const struct notices *say);
void looks_free(struct looks *l);
