/* make_man.c - writes vitrine.1 from the option table, so that it cannot be out of date: make_man FILE. man(7). */
#include "../gui/session/session.h"
#include <stdio.h>

/* A backslash, and a dot or quote at the beginning, mean something to troff; a minus is a minus. */
static void put(FILE *f, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", f);
    for (; *text; text++)
        if (*text == '\\')
            fputs("\\e", f);
        else if (*text == '-')
            fputs("\\-", f);
        else if (*text == '`' || *text == '\'')
            fputs(*text == '`' ? "\\(ga" : "\\(aq", f);
        else
            fputc(*text, f);
}

static void put_options(FILE *f)
{
    const char *name, *argument, *help;
    for (size_t k = 0; options_row(k, &name, &argument, &help); k++) {
        fputs(".TP\n\\fB\\-", f);
        put(f, name);
        fputs("\\fR", f);
        if (argument) {
            fputs(" \\fI", f);
            put(f, argument);
            fputs("\\fR", f);
        }
        fputs("\n", f);
        put(f, help);
        fputs("\n", f);
    }
}

static void put_codes(FILE *f)
{
    static const struct { int code; const char *what; } codes[] = {
        { EXIT_GOOD, "The guest powered off, the last expectation was met, -stop-at came with none pending, or the user closed the display." },
        { EXIT_OPTIONS, "Bad options or configuration, or an output that cannot be written." },
        { EXIT_HOST, "The host failed." },
        { EXIT_DEAD_END, "Triple fault, or a processor halted for good, which ends a run with -no-reboot or without a display." },
        { EXIT_TIMEOUT, "-timeout." },
        { EXIT_MAX_INSNS, "-max-insns." },
        { EXIT_UNMET, "The run ended with an expectation unmet." },
        { EXIT_SIGNAL, "SIGTERM, SIGINT or SIGHUP." },
    };
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        fprintf(f, ".TP\n%d\n", codes[k].code);
        put(f, codes[k].what);
        fputs("\n", f);
    }
    fputs(".TP\n(VALUE << 1) | 1\nThe guest wrote VALUE to port F4h.\n", f);
}

int main(int argc, char **argv)
{
    FILE *f = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (!f) {
        fprintf(stderr, "make_man: expected the name of a file to write\n");
        return 1;
    }
    fprintf(f, ".TH VITRINE 1 \"\" \"Vitrine %s\" \"User commands\"\n"
            ".SH NAME\nvitrine \\- a PC in a glass case\n"
            ".SH SYNOPSIS\n.B vitrine\n[\\fIIMAGE\\fR] [\\fIoptions\\fR]\n"
            ".SH DESCRIPTION\n"
            "An x86 PC emulator that boots unmodified operating systems and runs every instruction itself.\n.PP\n"
            "\\fIIMAGE\\fR is a floppy, disk or CD image, a boot sector, a Linux bzImage or a multiboot ELF kernel; which of them is\n"
            "seen from its content. Without one, a small built\\-in program shows the machine.\n"
            ".SH OPTIONS\n", VITRINE_VERSION);
    put_options(f);
    fputs(".SH EXIT STATUS\n", f);
    put_codes(f);
    fputs(".SH SEE ALSO\n.BR qemu\\-img (1),\nthe README of the source; the library has its own manual in\n.IR vitrine.h .\n", f);
    return fclose(f) ? 1 : 0;
}
