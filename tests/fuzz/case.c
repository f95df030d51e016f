/* case.c - see case.h. */
#define _GNU_SOURCE
#include "case.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

struct case_state {
    jmp_buf back;
    bool may_die, handler;
    int file;
    char name[64];
};

/* Harnesses are called without a place for state of their own. */
static struct case_state *state(void)
{
    static struct case_state s = { .file = -1 };
    return &s;
}

/* Leaks are looked for by the unit tests; a case that died leaves some. Freed memory is not kept for long: cases are short. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=4:use_sigaltstack=0:malloc_context_size=8:handle_abort=1";
}
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) { return "print_stacktrace=1"; }

static void too_long(int sig)
{
    static const char text[] = "\nFAILED: the case takes more than its seconds of processor time\n";
    (void)sig;
    if (write(STDERR_FILENO, text, sizeof text - 1) >= 0)
        abort();
}

static void set_timer(int seconds)
{
    struct itimerval t = { .it_value = { .tv_sec = seconds } };
    setitimer(ITIMER_PROF, &t, NULL);
}

void case_begin(void)
{
    if (!state()->handler) {
        struct sigaction act = { .sa_handler = too_long };
        sigaction(SIGPROF, &act, NULL);
        state()->handler = true;
    }
    set_timer(CASE_SECONDS);
}

void case_end(void) { set_timer(0); }

bool case_survives(void (*run)(void *with), void *with)
{
    struct case_state *s = state();
    if (setjmp(s->back))
        return false;                           /* vitrine_out_of_memory() has cleared may_die */
    s->may_die = true;
    run(with);
    s->may_die = false;
    return true;
}

/* Past stderr, which a case may have made quiet. */
static void say(const char *before, const char *fmt, va_list args)
{
    char text[512];
    vsnprintf(text, sizeof text, fmt, args);
    dprintf(STDERR_FILENO, "%s%s\n", before, text);
}

void case_fail(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say("\nFAILED: ", fmt, args);
    va_end(args);
    abort();
}

void case_quiet(void)
{
    static bool done;
    if (done || getenv("FUZZ_TRACE"))
        return;
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere)
        stderr = stdout = nowhere;
    done = true;
}

const char *case_file(const u8 *data, size_t size, u64 bytes)
{
    struct case_state *s = state();
    if (s->file < 0) {
        s->file = memfd_create("case", MFD_CLOEXEC);
        case_check(s->file >= 0, "memfd_create failed");
        snprintf(s->name, sizeof s->name, "/proc/self/fd/%d", s->file);
    }
    if (ftruncate(s->file, 0) || pwrite(s->file, data, size, 0) != (ssize_t)size || ftruncate(s->file, (off_t)bytes))
        case_fail("cannot write the case's file");
    return s->name;
}

/* ---- what host/base.h calls ---- */

void vitrine_out_of_memory(size_t bytes)
{
    struct case_state *s = state();
    if (s->may_die) {
        s->may_die = false;
        longjmp(s->back, 1);
    }
    case_fail("the program would end: out of host memory (%zu bytes wanted)", bytes);
}
