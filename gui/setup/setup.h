/* setup.h - from options to a machine's configuration: names of drives and lines, what is written at the end. */
#pragma once
#include "../../debugger/symbols/symbols.h"
#include "../../debugger/trace/trace.h"
#include "../../host/output.h"
#include "../../include/vitrine.h"
#include "drive.h"
#include "options.h"

/* Drives, and the files that were named for them: the first is in the drive, others are to be changed for it. */
enum media_drive { MEDIA_FDA, MEDIA_FDB, MEDIA_CD, MEDIA_HDA, MEDIA_HDB, MEDIA_HDC, MEDIA_HDD, MEDIA_IMAGE, MEDIA_LISTS };
struct media_list {
    struct drive_file file[DRIVE_FILES];
    int n;
};

struct setup {
    struct vitrine_config config;
    struct outputs *outputs;            /* the files in use */
    struct output *screendump, *report, *state, *savevm, *record;   /* NULL: not asked for */
    struct trace_spec trace;            /* -trace */
    struct handle trace_file;           /* where its lines go; none: to standard error, or the debugger's output */
    struct media_list media[MEDIA_LISTS];
    struct symbols *symbols;            /* of the guest's programs, as far as they are known */
    char *script[COMMANDS_MOST];        /* the text of each of the options' commands that is a file; NULL: it is none */
    bool interactive;                   /* a serial line or the debug console leads to a person */
};

/* Fill in everything but the outputs. False: said on stderr what is wrong with which option (exit with EXIT_OPTIONS). */
bool setup_open(struct setup *s, const struct options *o);
/* Part of it: -trace and the symbols. And their end, part of setup_close(). setup_debug.c. */
bool setup_debugger_open(struct setup *s, const struct options *o);
void setup_debugger_close(struct setup *s);
/* The real-time clock's first date: as -rtc says, else the host's or, for runs that repeat, a fixed one. And whether drives
 * take their time: as -drives says, else only when the host's clock paces the run. */
void setup_choose_time(struct setup *s, const struct options *o, bool host_clock);
/* Why there is no machine, on stderr. */
void setup_complain(const struct vitrine_error *error);
/* The IMAGE is in this drive, first of its list, so that it can be put in again; -1: in none. */
void setup_note_image(struct setup *s, int drive);
/* What is written at the end, when all that the run reads is open: that it cannot be is known at the beginning. False: said on stderr. */
bool setup_begin_outputs(struct setup *s, const struct options *o);
/* Forget the lists of media and what was not written, after the machine is gone. */
void setup_close(struct setup *s);

/* -cpu help, -log help and -trace help: print the list and return true if the options ask for one. */
bool setup_help(const struct options *o);
/* -version: the version and which optional parts are in. */
void setup_version(void);
