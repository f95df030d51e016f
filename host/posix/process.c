/* process.c - see ../process.h. Folders: Filesystem Hierarchy Standard 3.0, 4.11 and 4.9; Homebrew's on Apple silicon. Programs:
 * POSIX.1-2017 fork, execl, waitpid; "Shell & Utilities", 2.8.2: the shell's exit codes. */
#define _GNU_SOURCE
#include "../process.h"
#include "../signals.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

u64 process_id(void) { return (u64)getpid(); }

const char *process_data_folder(int k)
{
    static const char *const folders[] = { "/usr/share", "/usr/local/share", "/opt/homebrew/share" };
    return k < (int)ARRAY_LEN(folders) ? folders[k] : NULL;
}

/* ---- programs ---- */

struct process {
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
    signals_end_now(PROCESS_UNKNOWN);
}

struct process *process_feed(const char *command, struct handle out, FILE **in, struct failure *why)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        failure_last(why);
        return NULL;
    }
    struct process *p = xcalloc(1, sizeof *p);
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

int process_end(struct process *p)
{
    int status = 0;
    fclose(p->in);
    while (waitpid(p->id, &status, 0) < 0 && errno == EINTR)
        continue;
    free(p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
