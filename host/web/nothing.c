/* nothing.c - what a page has not: folders, terminals, other programs, connections. What is asked for is refused in words. */
#include "../channel.h"
#include "../console.h"
#include "../folder.h"
#include "../process.h"
#include "../program.h"
#include <stdio.h>

struct folder_list *folder_open(const char *path) { (void)path; return NULL; }
const char *folder_next(struct folder_list *f) { (void)f; return NULL; }
void folder_make_for(const char *path) { (void)path; }
void folder_close(struct folder_list *f) { (void)f; }

struct console *console_keep(void) { return NULL; }
void console_give_back(const struct console *c) { (void)c; }
void console_free(struct console *c) { (void)c; }
bool console_speaks_utf8(void) { return true; }
bool console_has_windows(void) { return false; }

u64 process_id(void) { return 0; }
void process_end_command(char *text, size_t n) { snprintf(text, n, "%s", ""); }
void process_system(char *names, size_t n) { snprintf(names, n, "%s", ""); }
char **process_arguments(int *argc, char **argv) { (void)argc; return argv; }
/* The page's own files: it puts the firmware that comes with it there. */
bool process_data_folder(int k, char *path, size_t n)
{
    snprintf(path, n, "/share");
    return !k;
}

struct program *program_feed(const char *command, struct handle out, FILE **in, struct failure *why)
{
    (void)command, (void)out, (void)in;
    failure_say(why, FAILURE_DENIED, "a page starts no programs");
    return NULL;
}

int program_end(struct program *p) { (void)p; return -1; }

/* ---- lines: those of the machine go to the page without a channel ---- */

struct channel *channel_standard(void) { return NULL; }
struct channel *channel_to(struct handle out) { (void)out; return NULL; }

struct channel *channel_pty(char *name, size_t n, struct failure *why)
{
    (void)name, (void)n;
    failure_say(why, FAILURE_DENIED, "a page has no terminals");
    return NULL;
}

struct channel *channel_tcp(const char *host, char *port, size_t n, bool server, struct failure *why)
{
    (void)host, (void)port, (void)n, (void)server;
    failure_say(why, FAILURE_DENIED, "a page makes no connections by TCP");
    return NULL;
}

struct channel *channel_local(struct outputs *o, const char *path, bool server, char *error, size_t n)
{
    (void)o, (void)server;
    failure_words(error, n, "%s: a page has no sockets", path);
    return NULL;
}

void channel_free(struct channel *c) { (void)c; }
struct handle channel_out(const struct channel *c) { (void)c; return NO_HANDLE; }
bool channel_accept(struct channel *c) { (void)c; return false; }
void channel_hang_up(struct channel *c) { (void)c; }
bool channel_unplugged(const struct channel *c) { (void)c; return true; }
bool channel_is_pty(const struct channel *c) { (void)c; return false; }
bool channel_is_socket(const struct channel *c) { (void)c; return false; }
int channel_read(struct channel *c, u8 *buf, int n) { (void)c, (void)buf, (void)n; return -1; }
bool channel_wakes(struct channel *c, struct failure *why) { (void)c; return failure_say(why, FAILURE_DENIED, "a page does not wait"); }
bool channel_wait(struct channel *c) { (void)c; return false; }
void channel_wake(struct channel *c) { (void)c; }
