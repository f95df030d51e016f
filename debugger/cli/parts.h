/* parts.h - struct debugger, for the files that make it up. */
#pragma once
#include "debugger.h"
#include "../../cpu/core.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { EVENTS = 1024, TEXT = 80, WORDS = 16 };

enum { GROUP_EXCEPTION, GROUP_SOFTWARE, GROUP_EXTERNAL, GROUPS };
struct event {                  /* an interrupt or exception that was delivered */
    u64 insns, rip, cr2, eax;
    const char *kind;
    u32 error;
    u16 cs;
    u8 vector, has_error;
};

struct breakpoint {
    u64 linear;
    u32 number, hits;
    char text[TEXT];            /* as the user wrote it */
};

struct debugger {
    struct machine *m;
    struct cpu *cpu;
    FILE *out;
    enum machine_stop (*run)(void *to);
    void *run_to;
    bool (*change)(void *to, const char *drive, const char *file, char *message, size_t n);
    void *change_to;
    u64 limit;
    enum machine_stop stop;
    bool leave, quit;

    struct breakpoint breakpoints[BREAKPOINTS_MAX];
    int breakpoint_count;
    u32 next_number;

    struct event events[EVENTS];
    u64 event_count, vector_count[GROUPS][256];
    void (*before)(void *to, struct cpu *cpu, int vector, bool has_error, u32 error, const char *kind);
    void *before_to;

    u64 memory_next, code_next; /* where `memory` and `disassemble` go on */
    char last[256];             /* the line that an empty one repeats */

    pthread_t interrupter;      /* waits for Ctrl-C */
    bool has_interrupter;
    atomic_bool running, ending;
    atomic_uint runs;           /* counts */
    void (*again)(void *to);    /* Ctrl-C did not help */
    void *again_to;
};

/* A row of the command table. `arguments` is what help shows. */
struct command {
    const char *name, *shortest;
    void (*obey)(struct debugger *d, int argc, char **argv);    /* argv[0] is the command's name */
    const char *arguments, *help;
    bool takes_command;         /* Tab offers commands for the first argument too */
};
extern const struct command commands[];

/* expression.c: the value of a text such as "esp + 4 * 2"; base 16 or 10 for plain numbers. False with a message printed. */
bool expression_value(struct debugger *d, const char *text, int base, u64 *v);
/* A linear address: EXPRESSION, or SEGMENT:OFFSET with a segment register or a selector. *offset (may be NULL) gets the
 * part behind the colon. */
bool expression_address(struct debugger *d, const char *text, u64 *linear);

/* Commands, by file. */
void do_continue(struct debugger *d, int argc, char **argv);
void do_step(struct debugger *d, int argc, char **argv);
void do_next(struct debugger *d, int argc, char **argv);
void do_break(struct debugger *d, int argc, char **argv);
void do_delete(struct debugger *d, int argc, char **argv);
void do_list(struct debugger *d, int argc, char **argv);
void do_change(struct debugger *d, int argc, char **argv);
void do_eject(struct debugger *d, int argc, char **argv);
void do_reset(struct debugger *d, int argc, char **argv);
void do_quit(struct debugger *d, int argc, char **argv);
void do_help(struct debugger *d, int argc, char **argv);

void do_registers(struct debugger *d, int argc, char **argv);
void do_segments(struct debugger *d, int argc, char **argv);
void do_control(struct debugger *d, int argc, char **argv);
void do_fpu(struct debugger *d, int argc, char **argv);
void do_info(struct debugger *d, int argc, char **argv);
void do_map(struct debugger *d, int argc, char **argv);
void do_triple(struct debugger *d, int argc, char **argv);
void do_print(struct debugger *d, int argc, char **argv);

void do_memory(struct debugger *d, int argc, char **argv);
void do_physical(struct debugger *d, int argc, char **argv);
void do_disassemble(struct debugger *d, int argc, char **argv);
void do_walk(struct debugger *d, int argc, char **argv);
void do_stack(struct debugger *d, int argc, char **argv);

void do_gdt(struct debugger *d, int argc, char **argv);
void do_ldt(struct debugger *d, int argc, char **argv);
void do_idt(struct debugger *d, int argc, char **argv);
void do_tss(struct debugger *d, int argc, char **argv);

void do_log(struct debugger *d, int argc, char **argv);
/* events.c: takes the CPU's on_interrupt. */
void events_attach(struct debugger *d);
void events_detach(struct debugger *d);

/* run.c: where it stands, as after every stop. */
void where_print(struct debugger *d);
