/* parts.h - struct debugger, for the files that make it up. */
#pragma once
#include "debugger.h"
#include "../core/control.h"
#include "../core/backtrace.h"
#include "../core/disasm.h"
#include "../core/irq.h"
#include "../../cpu/cpu.h"
#include "../core/names.h"
#include "../language/language.h"
#include "../symbols/sources.h"
#include <stdatomic.h>
#include <stdio.h>

#define PROMPT "vitrine> "
enum { EVENTS = 1024, TEXT = 80, WORDS = 32 };

enum { GROUP_EXCEPTION, GROUP_SOFTWARE, GROUP_EXTERNAL, GROUPS };
struct event {                  /* an interrupt or exception that was delivered */
    u64 insns, ns, rip, linear, cr2, eax;
    const char *kind;
    u32 error;
    u16 cs;
    u8 vector, has_error;
};

struct mode_change { u64 ns; u8 task, old, now; };

struct debugger {
    struct machine *m;
    struct cpu *cpu;
    FILE *out;
    struct symbols *symbols;    /* those of the caller, else its own */
    struct symbols *own_symbols;
    struct sources *sources;
    u64 listed;                 /* an address in the file that `list` shows, and the next line; 0: what belongs to CS:EIP */
    int listed_line;
    u64 frame;                  /* that locals and print look from; 0: the innermost */
    struct backtrace scope_walk;        /* that frame, for names of C */
    struct frame scope_frame;
    u64 checked_at;             /* names of C are those that are seen there, while a condition for it is read; 0: as chosen */
    struct control *control;
    bool (*change)(void *to, const char *drive, const char *file, char *message, size_t n);
    void *change_to;
    bool leave, quit;
    bool in_parts, going;       /* `continue` only begins (debugger_go_in_parts); it has begun */
    char *rest;                 /* of that line, for when it is over; NULL: none */
    u32 stops;                  /* that nobody asked for: breakpoints, faults, Ctrl-C, but not the end of a step */
    struct script *scripts;     /* commands that wait, the next first */
    char *on_stop;              /* commands for each stop; NULL: none */
    bool scripted;              /* some came along: the program's input is not asked for more, unless a person sits there */
    bool script_failed;
    u64 dead_end;               /* the count of instructions at the last stop that going on leads back to; UINT64_MAX: it was another */
    bool later;                 /* let it run before anybody is asked */
    char *point_commands;       /* of points that have stopped it: the next to obey first; NULL: none */
    bool obeying_points;
    u32 collecting;             /* the point whose commands the lines are until `end`; 0: none */
    bool failed;                /* the command was refused, or could not be done: refuse() */

    struct event events[EVENTS];
    u64 event_count, vector_count[GROUPS][256];
    struct event first_events[GROUPS][256];     /* of those that vector_count counts */
    struct mode_change modes[EVENTS];           /* and task switches: CHANGE_TASK */
    u64 mode_count;
    int events_token, modes_token;
    const struct cpu_register *cr2, *eax;       /* for events: a name is not looked up at each */

    struct trace *trace, *own_trace;    /* the caller's, else its own; NULL: none yet */
    bool trace_elsewhere;               /* the caller's does not come with the debugger's output */
    struct irq_watch *irqs;
    struct history *history;    /* NULL: no past is kept */
    struct debugger_desk desk;
    struct outputs *outputs;    /* the files in use, for those that are written; NULL: none */

    u64 memory_next, code_next, x_next; /* where `memory`, `disassemble` and `x` go on; UINT64_MAX: nowhere */
    bool memory_physical, code_physical, x_physical;
    char x_letter, x_size;      /* as it was shown the last time; 0: never yet */
    struct code_style { bool att, quiet; int bits; } style;     /* of code; quiet: not shown at stops; bits 0: as the code segment says */
    char readline_name[8];      /* readline's own variable points here, so that completion finds the debugger */
    char last[256];             /* the line that an empty one repeats */

    struct prompt_line *line;   /* the stream that the prompt is at the other end of; NULL: standard input and output */
    bool (*gone)(void *to);     /* the run ends: nothing is waited for */
    void *gone_to;
    const char *no_programs;    /* why none is run behind a `|`; NULL: they are */
    const char *asked_by_guest; /* how the guest has asked for it since the last stop; NULL: it has not */
    bool typed_read;            /* what earlier runs kept of that */
    char *typed;                /* lines since; NULL: none */

    atomic_bool forget;         /* Ctrl-C, while a line is typed: it is none */
    u64 interrupted_at;         /* Ctrl-C: the last one, and in which run */
    u32 interrupted_run;
    void (*again)(void *to);    /* Ctrl-C did not help */
    void *again_to;
};

/* A row of the command table. `arguments` is what help shows. */
struct command {
    const char *name, *shortest;
    void (*obey)(struct debugger *d, int argc, char **argv);    /* argv[0] is the command's name */
    const char *arguments, *help;
    bool takes_command;         /* Tab offers commands for the first argument too */
    const char *theme;          /* the heading that this row and those behind it stand under; NULL: as the row before */
    const char *aliases;        /* blank separated, or NULL */
    const char *example;
    bool whole;                 /* a beginning of the name will not do */
    bool takes_all;             /* a ; belongs to what stands behind it */
    const char *(*subcommands)(int k);  /* the k-th word that may stand behind it, NULL past the last */
    int row;                    /* of the table's file */
};
extern const struct command commands[];
/* commands.c: by its name, another word for it, or a beginning that fits no other. NULL: none, or several. */
const struct command *command_find(const char *word, bool *ambiguous);
/* others.c: a word of another debugger, and what stands behind it: done, or what to write here. False: it is none. */
bool other_word(struct debugger *d, const char *word, const char *rest);
/* The k-th other word for it; false past the last. */
bool command_alias(const struct command *c, int k, char *word, size_t n);
/* devices.c: what `info` knows beside devices. show.c: one of those. */
const char *info_word(int k);
void do_eflags(struct debugger *d, int argc, char **argv);

/* Bad input, or what cannot be done: a sentence without its newline to d->out, and the command has failed, which ends a script. */
void refuse(struct debugger *d, const char *fmt, ...) printf_like(2, 3);

/* expression.c: may the machine be changed, other than by what enters it? Else that has been said. */
bool may_change(struct debugger *d);

/* debugger.c: what Tab offers. */
void completion_begin(struct debugger *d);

/* expression.c: what people write (language/language.h). False with a message printed: nothing has changed. */
/* Its value as a number; base 16 or 10 for plain numbers. */
bool expression_value(struct debugger *d, const char *text, int base, u64 *v);
/* The same with its type and place; "LEFT = RIGHT" changes left first. */
bool expression_typed(struct debugger *d, const char *text, struct value *v);
/* Is it right, as far as can be told before it is computed: for a condition that is kept. */
bool expression_check(struct debugger *d, const char *text, int base);
/* The same for one that is computed when the code at a linear address is reached. */
bool expression_check_at(struct debugger *d, const char *text, int base, u64 linear);
/* How many: decimal, not negative. */
bool expression_count(struct debugger *d, const char *text, u64 *n);
/* A place in memory: SEGMENT:OFFSET, a linear address, phys:ADDRESS; and where only a linear one will do. */
bool expression_location(struct debugger *d, const char *text, struct location *location);
bool expression_address(struct debugger *d, const char *text, u64 *linear);
/* Of data: a symbol's name before all else (as of code); a variable of C is where it lies. *size: how many bytes it has; 0: not known. */
bool expression_place(struct debugger *d, const char *text, struct location *location, u64 *size);
/* What the language speaks about here. */
struct language debugger_language(struct debugger *d);
/* The name of an address for it and for struct debug_scope; `to` is the debugger. */
const char *debugger_name(void *to, u64 address, char *text, size_t n);
/* The words from argv[first] on, with a blank between them. */
void words_join(int argc, char **argv, int first, char *text, size_t n);

/* The commands themselves. */
#define COMMAND(name, shortest, obey, ...) void obey(struct debugger *d, int argc, char **argv); /* more than one row may have it */
#include "commands.inc"
#undef COMMAND

/* events.c: keeps the log. */
void events_attach(struct debugger *d);
void events_detach(struct debugger *d);

/* frames.c: where names of C mean something, in the frame that was chosen; holds until the next call. False: nowhere. */
bool frame_scope(struct debugger *d, struct debug_scope *scope);
/* A variable of C by its name, seen from there. */
bool frame_variable(struct debugger *d, const char *name, struct value *v);

/* machine/code.c: what is shown of the code there, in the style that was set; the next instruction's line; the style by words. */
struct disasm_view code_view(struct debugger *d, const struct location *at);
void code_print_here(struct debugger *d);
void code_style_set(struct debugger *d, int argc, char **argv, int first);

/* source.c: the text of the line that an address belongs to, if its file is found. */
void source_print(struct debugger *d, u64 linear);
void source_line_print(struct debugger *d, const struct source_line *line);
/* Every place of code that is meant: a function's copies in others, too, and those of a line. At most `most`; 0 with a message: none. */
size_t code_places(struct debugger *d, const char *text, u64 *at, size_t most);
/* An address for a stop: FILE:LINE, a symbol's name before all else ("add" is hexadecimal, too), or an expression. */
bool code_address(struct debugger *d, const char *text, u64 *linear);

/* stops.c: which points stopped the last run; false: none. */
bool stops_print(struct debugger *d);
/* trace.c: after a stop, or at its end, all that was traced is said. */
void trace_attach(struct debugger *d);
void trace_detach(struct debugger *d);
/* stop_commands.c: the line belongs to a point's commands. The points that stopped it have some; obey them. */
bool stops_collect(struct debugger *d, const char *line);
void stops_came(struct debugger *d);
void stops_obey(struct debugger *d);
/* events.c: the last n of the log, a line each. */
void events_print(struct debugger *d, u64 n);
/* devices.c: a picture into a file, by what draws it; says how that went. */
void picture_draw(struct debugger *d, const char *path, void (*draw)(void *to, FILE *svg), void *to);
/* faults.c: what there is to say of a processor that halted: interrupts that wait, stale translations, exceptions not returned from. */
void halted_print(struct debugger *d);
void before_print(struct debugger *d);

/* run.c: where it stands, as after every stop. */
void where_print(struct debugger *d);
/* -max-insns is reached: a step's own limit is none of that. */
bool limit_reached(const struct debugger *d);
/* After a run: why it stopped, unless that is what was asked for, and where. Ends the session where the run is over. */
void stop_show(struct debugger *d, bool as_asked);
/* The same after steps, which a limit may have cut short: who steps there again is told so, and nothing ends. */
void steps_show(struct debugger *d, bool as_asked);
