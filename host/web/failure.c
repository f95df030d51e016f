/* failure.c - see ../failure.h, page_failure in page.h. */
#include "page.h"
#include <errno.h>

bool failure_last(struct failure *why)
{
    int number = errno;
    const char *text = number ? strerror(number) : "the page took not all of it";
    return failure_say(why, number == ENOMEM ? FAILURE_FULL : FAILURE_OTHER, "%s", text);
}

bool page_failure(struct failure *why, i32 code)
{
    switch (code) {
    case PAGE_ABSENT: return failure_say(why, FAILURE_ABSENT, "the page has no file of that name");
    case PAGE_DENIED: return failure_say(why, FAILURE_DENIED, "the page lets it only be read");
    case PAGE_FULL:   return failure_say(why, FAILURE_FULL, "the browser has no more room for it");
    default:          return failure_say(why, FAILURE_OTHER, "the browser could not do it");
    }
}
