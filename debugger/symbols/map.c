/* map.c - symbols as text, a line each: ADDRESS TYPE NAME as nm, System.map and /proc/kallsyms have it, ADDRESS SIZE TYPE NAME as
 * nm -S, ADDRESS NAME as Bochs reads. Addresses are hexadecimal; empty lines and those that begin with # say nothing. */
#include "parts.h"
#include <stdio.h>

#define TEXT_MOST (256ull << 20)

/* The next word of a line, ended by a 0 in its place; NULL: there is none. */
static char *next_word(char **at)
{
    char *word = *at + strspn(*at, " \t\r");
    if (!*word)
        return NULL;
    *at = word + strcspn(word, " \t\r");
    if (**at)
        *(*at)++ = 0;
    return word;
}

static bool is_hex(const char *word, u64 *value)
{
    char *end;
    if (!is_digit(*word) && (to_lower(*word) < 'a' || to_lower(*word) > 'f'))
        return false;
    *value = strtoull(word, &end, 16);
    return !*end;
}

/* One line, which it takes to pieces. False: it is no symbol. */
static bool line_take(struct symbol_file *f, char *line)
{
    char *words[4] = { 0 };
    int n = 0;
    u64 address, size = 0;
    while (n < 4 && (words[n] = next_word(&line)))
        n++;
    if (!n || *words[0] == '#')
        return true;
    if (n == 2 && words[0][1] == 0 && strchr("Uwv", *words[0]))
        return true;                                            /* nm: undefined, without an address */
    if (n < 2 || !is_hex(words[0], &address))
        return false;
    int type = n > 2 && !words[1][1] ? 1 : n == 4 && !words[2][1] && is_hex(words[1], &size) ? 2 : 0;
    char kind = type ? *words[type] : 'T';
    struct symbol s = { .address = address, .name = words[type + 1], .end = UINT64_MAX };
    if (kind == 'U')
        return true;
    s.absolute = kind == 'A' || kind == 'a';
    s.global = kind < 'a';
    s.function = strchr("TtWw", kind) != NULL;
    if (size && size <= UINT64_MAX - address) {
        s.sized = true;
        s.end = address + size;
    }
    symbol_add(f, s);
    return true;
}

static void say_line(char *message, size_t n, unsigned long long number, const char *line)
{
    char shown[41];
    size_t k = 0;
    for (; k + 1 < sizeof shown && line[k]; k++)
        shown[k] = line[k] == '\t' || line[k] == '\r' ? ' ' : line[k];
    shown[k] = 0;
    snprintf(message, n, "line %llu: expected a symbol as nm and System.map have it (ADDRESS TYPE NAME), not '%s'", number, shown);
}

bool map_read(struct symbol_file *f, u64 bytes, char *message, size_t n)
{
    unsigned long long number = 1;
    bool none = true;
    if (bytes > TEXT_MOST || !(f->strings = calloc(1, bytes + 1))) {
        snprintf(message, n, "too large for symbols as text");
        return false;
    }
    if (!symbol_file_read(f, 0, f->strings, bytes, message, n))
        return false;
    strings_clean(f->strings, bytes);
    for (char *line = f->strings, *next; *line; line = next, number++) {
        char shown[41];
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = 0;
        snprintf(shown, sizeof shown, "%s", line);
        if (!line_take(f, line)) {
            say_line(message, n, number, shown);
            return false;
        }
    }
    for (size_t k = 0; k < f->count && none; k++)
        none = !f->symbols[k].address;
    if (none) {
        snprintf(message, n, f->count ? "every address is 0 (the host hides those of /proc/kallsyms from all but root)"
                                      : "no symbols in it");
        return false;
    }
    f->kind = "text";
    return true;
}
