/* program.c - see ../program.h. POSIX.1-2017 fork, execl, waitpid; "Shell & Utilities", 2.8.2: the shell's exit codes. */
#define _GNU_SOURCE
#include "../program.h"
#include "../signals.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
    pid_t id;
    FILE *in;
};

/* In the child: the signals that this program holds or ignores (signals.h) are as usual there. */
static _Noreturn void become(const char *command, int in, int out)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGTTOU, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    signals_end_now(PROGRAM_UNKNOWN);
}

struct program *program_feed(const char *command, struct handle out, FILE **in, struct failure *why)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        failure_last(why);
        return NULL;
    }
    struct program *p = xcalloc(1, sizeof *p);
    p->in = fdopen(ends[1], "w");
    p->id = p->in ? fork() : -1;
    if (!p->id)
        become(command, ends[0], (int)out.id);
    if (p->id < 0)
        failure_last(why);
    close(ends[0]);
    if (p->id > 0) {
        *in = p->in;
        return p;
    }
    if (p->in)
        fclose(p->in);
    else
        close(ends[1]);
    free(p);
    return NULL;
}

int program_end(struct program *p)
{
    int status = 0;
    fclose(p->in);
    while (waitpid(p->id, &status, 0) < 0 && errno == EINTR)
        continue;
    free(p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
