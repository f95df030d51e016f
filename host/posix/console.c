/* console.c - see ../console.h. POSIX.1-2017 termios, setlocale, nl_langinfo; the variables of X11 and Wayland. */
#define _GNU_SOURCE
#include "../console.h"
#include <langinfo.h>
#include <locale.h>
#include <termios.h>
#include <unistd.h>

struct console {
    struct termios settings;
};

struct console *console_keep(void)
{
    struct termios now;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &now))
        return NULL;
    struct console *c = xcalloc(1, sizeof *c);
    c->settings = now;
    return c;
}

void console_give_back(const struct console *c)
{
    if (c)
        tcsetattr(STDIN_FILENO, TCSANOW, &c->settings);
}

void console_free(struct console *c) { free(c); }

bool console_speaks_utf8(void)
{
    setlocale(LC_CTYPE, "");
    return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool console_has_windows(void)
{
#ifdef __APPLE__
    return true;
#else
    const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x && *x) || (wayland && *wayland);
#endif
}
