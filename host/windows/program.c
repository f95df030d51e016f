/* program.c - see ../program.h. Microsoft: "Creating a Child Process with Redirected Input and Output"; cmd's exit code 9009. */
#include "parts.h"
#include "../program.h"
#include <fcntl.h>
#include <io.h>

enum { NOT_FOUND = 9009 };

struct program {
    HANDLE process;
    FILE *in;
};

/* The shell, with these as its standard handles; NULL: refused. */
static HANDLE start(const char *command, HANDLE in, HANDLE out, struct failure *why)
{
    static const char shell[] = "cmd.exe /d /s /c \"";
    size_t n = strlen(command) + sizeof shell + 1;
    char *line = xcalloc(n, 1);
    snprintf(line, n, "%s%s\"", shell, command);
    wchar_t *wide = windows_wide(line);
    STARTUPINFOW with = { .cb = sizeof with, .dwFlags = STARTF_USESTDHANDLES, .hStdInput = in, .hStdOutput = out, .hStdError = out };
    PROCESS_INFORMATION made = { 0 };
    if (CreateProcessW(NULL, wide, NULL, NULL, TRUE, 0, NULL, NULL, &with, &made))
        CloseHandle(made.hThread);
    else
        windows_failure_last(why);
    free(wide);
    free(line);
    return made.hProcess;
}

/* The same handle, for a program that is started. */
static HANDLE inherited(HANDLE h)
{
    HANDLE own = GetCurrentProcess(), copy;
    return DuplicateHandle(own, h, own, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS) ? copy : NULL;
}

struct program *program_feed(const char *command, struct handle out, FILE **in, struct failure *why)
{
    HANDLE from, to;
    if (!CreatePipe(&from, &to, NULL, 0)) {
        windows_failure_last(why);
        return NULL;
    }
    HANDLE its_in = inherited(from), its_out = inherited(windows_handle(out));
    struct program *p = xcalloc(1, sizeof *p);
    p->process = start(command, its_in, its_out, why);
    int fd = p->process ? _open_osfhandle((intptr_t)to, _O_BINARY) : -1;
    p->in = fd >= 0 ? _fdopen(fd, "wb") : NULL;
    CloseHandle(from);
    CloseHandle(its_in);
    CloseHandle(its_out);
    if (p->in) {
        *in = p->in;
        return p;
    }
    if (p->process)
        CloseHandle(p->process);
    if (fd < 0)
        CloseHandle(to);
    free(p);
    return NULL;
}

int program_end(struct program *p)
{
    DWORD code = 0;
    fclose(p->in);
    WaitForSingleObject(p->process, INFINITE);
    GetExitCodeProcess(p->process, &code);
    CloseHandle(p->process);
    free(p);
    return code == NOT_FOUND ? PROGRAM_UNKNOWN : (int)code;
}
