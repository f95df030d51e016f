/* setup_debug.c - see setup.h: what the options give the debugger. Apart, because a page has the debugger in a module of its own. */
#include "setup.h"
#include "../../iodev/session/images.h"
#include <stdio.h>

enum { MESSAGE = 1024 };

/* A multiboot kernel brings its own; one without them runs as well. */
static void open_kernel_symbols(struct setup *s, const struct options *o)
{
    char message[MESSAGE];
    const struct vitrine_medium *image = &s->config.image;
    const char *path = o->kernel ? o->kernel : image->file;
    if (path && content_of(path, !o->kernel && image->raw, o->boot_unsigned, message, sizeof message) == CONTENT_MULTIBOOT)
        symbols_load(s->symbols, path, message, sizeof message);
}

static bool open_symbols(struct setup *s, const struct options *o)
{
    char message[MESSAGE];
    open_kernel_symbols(s, o);
    for (u64 k = 0; k < o->symbols_count; k++) {
        if (!symbols_load(s->symbols, o->symbols[k], message, sizeof message)) {
            fprintf(stderr, "vitrine: -symbols: %s\n", message);
            return false;
        }
    }
    struct symbol_file_info info;
    for (int k = 0; symbols_info(s->symbols, k, &info); k++)
        outputs_claim(s->outputs, info.path, "-symbols", false);
    return true;
}

static bool check_trace(struct setup *s, const struct options *o)
{
    char message[MESSAGE];
    bool ok = !o->trace || trace_parse(o->trace, &s->trace, message, sizeof message);
    if (ok && (s->trace.format == TRACE_PERFETTO) && !*s->trace.file) {
        snprintf(message, sizeof message, "expected file=PATH with format=perfetto");
        ok = false;
    }
    if (!ok)
        fprintf(stderr, "vitrine: -trace: %s\n", message);
    return ok;
}

bool setup_debugger_open(struct setup *s, const struct options *o)
{
    s->symbols = symbols_new();
    return check_trace(s, o) && open_symbols(s, o);
}

void setup_debugger_close(struct setup *s) { symbols_free(s->symbols); }
