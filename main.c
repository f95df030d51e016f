/* main.c - the program: options, then the machine in a thread of its own, the front end in this one. */
#include "gui/session/session.h"
#include "iodev/session/steps.h"
#include "gui/session/watchdog.h"
#include "host/console.h"
#include "host/outlet.h"
#include "host/output.h"
#include "host/process.h"
#include "host/sandbox.h"
#include "gui/window/sdl.h"
#include "gui/terminal/terminal.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#ifdef VITRINE_SANITIZE
/* A sanitizer's finding is told from every other end of a run by its exit code. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "exitcode=86:detect_leaks=0:use_sigaltstack=0"; }
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) { return "exitcode=86:print_stacktrace=1"; }
#endif

/* The host failed: the message says what to do. */
_Noreturn static void die(const char *fmt, ...) printf_like(1, 2);
static void die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("vitrine: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_HOST);
}

void vitrine_out_of_memory(size_t bytes)
{
    die("out of host memory (%zu bytes wanted); give the guest less with -m", bytes);
}

/* What the machine's thread needs. */
struct runner {
    struct session *session;
    struct watchdog *watchdog;
    int code;
};

static void *run_machine(void *to)
{
    struct runner *r = to;
    r->code = session_run(r->session);
    watchdog_machine_ended(r->watchdog, r->code);
    return NULL;
}

/* For what cannot share it with the terminal display. */
static bool uses_stdio(const struct options *o)
{
    bool used = o->debugcon && !strcmp(o->debugcon, "stdio");
    for (int k = 0; k < SERIAL_PORTS; k++)
        used |= o->serial[k] && !strcmp(o->serial[k], "stdio");
    return used;
}

/* Does a person type to the debugger? */
static bool has_prompt(const struct options *o) { return o->debug && (o->debug_at || handle_is_terminal(handle_standard(STANDARD_INPUT))); }

static bool has_terminal(void)
{
    return handle_is_terminal(handle_standard(STANDARD_INPUT)) && handle_is_terminal(handle_standard(STANDARD_OUTPUT));
}

/* The display that will probably work; run_display falls back when it does not. */
static int likely_display(const struct options *o)
{
#ifdef HAVE_SDL2
    if (console_has_windows())
        return DISPLAY_SDL;
#endif
#ifdef HAVE_NCURSES
    if (has_terminal() && !uses_stdio(o) && (!o->debug || o->debug_at))
        return DISPLAY_TERMINAL;
#endif
    (void)o;
    return DISPLAY_NONE;
}

/* Nobody sees this run, and nothing but the guest ends it: that is said. */
static void say_unseen(const struct options *o, bool chosen)
{
    bool bounded = o->timeout_ms != UINT64_MAX || o->max_insns != UINT64_MAX || o->stop_at != UINT64_MAX || o->step_count;
    const char *what = o->image ? o->image : o->kernel ? o->kernel : o->hda ? o->hda : o->cdrom ? o->cdrom : o->fda;
    if (bounded || uses_stdio(o) || o->debug)
        return;
    char command[64];
    process_end_command(command, sizeof command);
    fprintf(stderr, "vitrine: %s: %s runs unseen until it switches the power off; Ctrl-C or %s ends it"
            " (-stop-at, -timeout or -expect bound it)\n",
            chosen ? "-display none" : "no display (no window system, no terminal)", what ? what : "the built-in program", command);
}

/* Show the machine until it ends or the user does. False: said on stderr why it cannot be shown. */
static bool run_display(const struct options *o, struct gui_link *link, bool chosen)
{
    char error[256];
    bool ok = false;
    if (o->display == DISPLAY_SDL)
        ok = sdl_run(link, o->fullscreen, error, sizeof error);
    else if (o->display == DISPLAY_TERMINAL)
        ok = terminal_run(link, error, sizeof error);
    else
        say_unseen(o, chosen), none_run(link), ok = true;
    if (ok)
        return true;
    fprintf(stderr, "vitrine: -display: %s\n", error);
    if (!chosen) {
        if (o->display == DISPLAY_SDL && has_terminal() && !uses_stdio(o) &&
            terminal_run(link, error, sizeof error))
            return true;
        say_unseen(o, chosen);
        none_run(link);
        return true;
    }
    return false;
}

/* Everything is open by now, and there is one thread. */
static void enter_sandbox(const struct options *o, const struct setup *setup)
{
    bool attended = o->debug || o->gdb || o->display != DISPLAY_NONE;
    const char *why;
    char message[256];
    if (o->sandbox == SANDBOX_OFF || (o->sandbox == SANDBOX_AUTO && (attended || !sandbox_possible(&why))))
        return;
    if (!sandbox_possible(&why))
        fprintf(stderr, "vitrine: -sandbox: it is off: %s\n", why);
    else if (!sandbox_enter(setup->outputs, attended, message, sizeof message))
        fprintf(stderr, "vitrine: -sandbox: %s\n", message);
}

static int run(struct options *o, struct setup *setup, const struct console *console)
{
    bool chosen = o->display != DISPLAY_AUTO;
    if (!chosen)
        o->display = likely_display(o);
    if (o->display == DISPLAY_TERMINAL && uses_stdio(o)) {
        fprintf(stderr, "vitrine: -display: expected sdl or none: the terminal is in use (-serial or -debugcon)\n");
        return EXIT_OPTIONS;
    }
    bool host_clock = o->clock == CLOCK_HOST ||
                      (o->clock == CLOCK_AUTO && (o->display != DISPLAY_NONE || setup->interactive || has_prompt(o)));
    setup_choose_time(setup, o, host_clock);
    struct gui_link *link = link_new();
    if (!link)
        die("cannot make the lock between the machine and its display");
    outlet_unblock(handle_standard(STANDARD_ERROR));
    struct vitrine_error error;
    struct runner r = { .session = session_new(o, setup, link, host_clock, &error), .code = EXIT_HOST };
    if (!r.session || !setup_begin_outputs(setup, o)) {
        int code = r.session || error.code == VITRINE_WRONG ? EXIT_OPTIONS : EXIT_HOST;
        if (!r.session)
            setup_complain(&error);
        session_free(r.session);
        setup_close(setup);
        link_free(link);
        return code;
    }
    enter_sandbox(o, setup);
    r.watchdog = watchdog_new(o, console, r.session, link);
    if (!r.watchdog)
        die("cannot start a thread; are there too many processes?");
    session_on_interrupted_again(r.session, watchdog_interrupted_again, r.watchdog);

    pthread_t machine;
    if (pthread_create(&machine, NULL, run_machine, &r))
        die("cannot start a thread; are there too many processes?");
    bool shown = run_display(o, link, chosen);
    if (!shown)
        link_stop(link);
    pthread_join(machine, NULL);
    watchdog_front_ended(r.watchdog);
    session_free(r.session);
    setup_close(setup);
    watchdog_free(r.watchdog);
    link_free(link);
    return shown ? r.code : EXIT_HOST;
}

int main(int argc, char **argv)
{
    struct failure why;
    if (!handles_open_standard(&why))
        die("standard input, output or error is closed, and /dev/null cannot be opened instead: %s", why.text);
    struct console *console = console_keep();
    struct options *o = xcalloc(1, sizeof *o);
    struct setup *setup = xcalloc(1, sizeof *setup);
    int code = EXIT_OPTIONS;
    char error[256], **words = process_arguments(&argc, argv);
    if (!options_parse(o, argc, words)) {
        /* said why */
    } else if (o->show_help || o->show_version) {
        if (o->show_version)
            setup_version();
        if (o->show_help)
            options_help();
        code = EXIT_GOOD;
    } else if (setup_help(o)) {
        code = EXIT_GOOD;
    } else if (!steps_check(o->steps, o->step_count, error, sizeof error)) {
        fprintf(stderr, "vitrine: -send: %s\n", error);
    } else if (setup_open(setup, o)) {
        code = run(o, setup, console);
    } else {
        setup_close(setup);
    }
    free(setup);
    free(o);
    console_free(console);
    return code;
}
