/* expression.c - the language of debugger/language/ for this debugger: of its machine and symbols, in the frame that was chosen. */
#include "parts.h"
#include "../../iodev/machine/keep.h"

const char *debugger_name(void *to, u64 address, char *text, size_t n)
{
    const struct debugger *d = to;
    return name_at(d->symbols, d->cpu, address, text, n);
}

static bool scope(void *to, struct debug_scope *s) { return frame_scope(to, s); }

struct language debugger_language(struct debugger *d)
{
    return (struct language){
        .m = d->m, .cpu = d->cpu, .symbols = d->symbols, .out = d->out, .scope = scope, .name = debugger_name, .to = d,
    };
}

static bool failing(struct debugger *d, bool ok)
{
    d->failed |= !ok;
    return ok;
}

bool may_change(struct debugger *d)
{
    if (machine_records(d->m))
        refuse(d, "the run is being recorded, and a recording has what enters the machine: keys, media, buttons. What is changed here"
               " would not be in it: start without -record, or with -replay");
    return !machine_records(d->m);
}

bool expression_value(struct debugger *d, const char *text, int base, u64 *v)
{
    struct language l = debugger_language(d);
    return failing(d, language_number(&l, text, base, v));
}

bool expression_typed(struct debugger *d, const char *text, struct value *v)
{
    struct language l = debugger_language(d);
    if (language_is_assignment(text) && !may_change(d))
        return false;
    return failing(d, language_is_assignment(text) ? language_assign(&l, text, v) : language_value(&l, text, 16, v));
}

bool expression_check(struct debugger *d, const char *text, int base)
{
    struct language l = debugger_language(d);
    return failing(d, language_check(&l, text, base));
}

bool expression_check_at(struct debugger *d, const char *text, int base, u64 linear)
{
    d->checked_at = linear;
    bool ok = expression_check(d, text, base);
    d->checked_at = 0;
    return ok;
}

bool expression_count(struct debugger *d, const char *text, u64 *n)
{
    if (!expression_value(d, text, 10, n))
        return false;
    if (*n > INT64_MAX)
        refuse(d, "%s: a count from 0 on was expected", text);
    return *n <= INT64_MAX;
}

bool expression_location(struct debugger *d, const char *text, struct location *location)
{
    struct language l = debugger_language(d);
    return failing(d, language_location(&l, text, location));
}

bool expression_place(struct debugger *d, const char *text, struct location *location, u64 *size)
{
    struct language l = debugger_language(d);
    const struct symbol *symbol = symbols_find(d->symbols, text);
    struct value v;
    if (symbol && !(frame_variable(d, text, &v) && v.in_memory)) {
        *location = (struct location) { .at = (u32)symbol->address };
        *size = symbol->sized && !symbol->function ? symbol->end - symbol->address : 0;
        return true;
    }
    return failing(d, language_place(&l, text, location, size));
}

bool expression_address(struct debugger *d, const char *text, u64 *linear)
{
    struct location location;
    if (!expression_location(d, text, &location))
        return false;
    *linear = location.at;
    if (location.physical)
        refuse(d, "%s: a linear address or SEGMENT:OFFSET is wanted here", text);
    return !location.physical;
}

void words_join(int argc, char **argv, int first, char *text, size_t n)
{
    size_t used = 0;
    *text = 0;
    for (int k = first; k < argc && used < n; k++)
        used += (size_t)snprintf(text + used, n - used, "%s%s", k > first ? " " : "", argv[k]);
}
