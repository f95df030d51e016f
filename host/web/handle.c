/* handle.c - see ../handle.h, ../sink.h, outlet_unblock in ../outlet.h. Standard output and error are the page's; they never block. */
#include "../handle.h"
#include "../outlet.h"
#include "../sink.h"
#include "page.h"

struct sink {
    i32 number;
};

struct handle handle_standard(enum standard which) { return (struct handle){ (intptr_t)which }; }
bool handles_open_standard(struct failure *why) { (void)why; return true; }
bool handle_is_terminal(struct handle h) { (void)h; return false; }
bool handle_terminal_size(struct handle h, int *lines, int *columns) { (void)h, (void)lines, (void)columns; return false; }
void handle_close(struct handle h) { (void)h; }
void outlet_unblock(struct handle h) { (void)h; }

static bool goes_out(i32 number) { return number == STANDARD_OUTPUT || number == STANDARD_ERROR; }

void handle_tell(struct handle h, const char *text)
{
    if (goes_out((i32)h.id))
        page_say((i32)h.id, text, strlen(text));
}

struct sink *sink_new(struct handle h, struct failure *why)
{
    struct sink *s = xcalloc(1, sizeof *s);
    s->number = (i32)h.id;
    why->kind = FAILURE_NONE;
    if (!goes_out(s->number))
        failure_say(why, FAILURE_UNFIT, "a page has only standard output and error");
    return s;
}

void sink_free(struct sink *s) { free(s); }

size_t sink_put(struct sink *s, const void *bytes, size_t n, struct failure *why)
{
    why->kind = FAILURE_NONE;
    page_say(s->number, bytes, n);
    return n;
}

bool sink_wait(struct sink *s, int ms) { (void)s, (void)ms; return true; }
