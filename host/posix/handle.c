/* handle.c - see ../handle.h. POSIX.1-2017: descriptors; TIOCGWINSZ (ioctl_tty(2)). */
#define _GNU_SOURCE
#include "../handle.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct handle handle_standard(enum standard which) { return (struct handle){ (intptr_t)which }; }

bool handles_open_standard(struct failure *why)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            return failure_last(why);
    return true;
}

bool handle_is_terminal(struct handle h) { return handle_there(h) && isatty((int)h.id); }

bool handle_terminal_size(struct handle h, int *lines, int *columns)
{
    struct winsize size = { 0 };
    if (!handle_there(h) || ioctl((int)h.id, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        return false;
    *lines = size.ws_row;
    *columns = size.ws_col;
    return true;
}

void handle_tell(struct handle h, const char *text)
{
    struct pollfd p = { .fd = (int)h.id, .events = POLLOUT };
    if (*text && poll(&p, 1, 0) > 0 && write(p.fd, text, strlen(text)) < 0)
        return;                         /* nobody is there to be told */
}

void handle_close(struct handle h)
{
    if (h.id > STDERR_FILENO)
        close((int)h.id);
}
