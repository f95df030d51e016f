/* console.c - see ../console.h. Microsoft: GetConsoleMode, SetConsoleOutputCP, "Console Virtual Terminal Sequences". */
#include "parts.h"
#include "../console.h"

static const DWORD which[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };

struct console {
    struct { bool there; DWORD mode; } of[ARRAY_LEN(which)];
    UINT in, out;                               /* its code pages */
};

/* Text is UTF-8 from now on, and escape sequences are obeyed. */
struct console *console_keep(void)
{
    struct console *c = xcalloc(1, sizeof *c);
    bool any = false;
    for (size_t k = 0; k < ARRAY_LEN(which); k++)
        any |= c->of[k].there = GetConsoleMode(GetStdHandle(which[k]), &c->of[k].mode);
    if (!any) {
        free(c);
        return NULL;
    }
    c->in = GetConsoleCP();
    c->out = GetConsoleOutputCP();
    console_speaks_utf8();
    for (size_t k = 1; k < ARRAY_LEN(which); k++)
        if (c->of[k].there)
            SetConsoleMode(GetStdHandle(which[k]), c->of[k].mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    return c;
}

void console_give_back(const struct console *c)
{
    for (size_t k = 0; c && k < ARRAY_LEN(which); k++)
        if (c->of[k].there)
            SetConsoleMode(GetStdHandle(which[k]), c->of[k].mode);
    if (c) {
        SetConsoleCP(c->in);
        SetConsoleOutputCP(c->out);
    }
}

void console_free(struct console *c)
{
    console_give_back(c);                       /* others go on with it, and its code pages are not the program's */
    free(c);
}

bool console_speaks_utf8(void) { return SetConsoleCP(CP_UTF8) && SetConsoleOutputCP(CP_UTF8); }
bool console_has_windows(void) { return true; }
