/* prompt.h - where the debugger's commands come from: who types, scripts; and what stops the machine for it. */
#pragma once
#include "../cli/debugger.h"

struct stream;

/* Ctrl-C came, in any thread: stop the machine, if it runs. */
void debugger_interrupt(struct debugger *d);

/* The prompt is at the other end of a stream, which outlives the debugger; `terminal`: of a pseudo-terminal. Not called: at standard input
 * and output. */
void debugger_set_line(struct debugger *d, struct stream *stream, bool terminal);
/* While the machine runs, between its slices: does who sits there want it stopped? */
bool debugger_poll(struct debugger *d);
/* Asked while a stream is waited for: the run ends, and so does the prompt. NULL: nobody is asked. */
void debugger_set_gone(struct debugger *d, bool (*gone)(void *to), void *to);

/* What in the guest stops the machine: XCHG BX, BX; a write to a port (0: none), of that value (0: any). Once. */
void debugger_set_magic(struct debugger *d, bool instruction, u32 port, u32 value);

/* Commands to obey before anybody is asked for one, behind those that wait already: lines, or separated by `;` where that does not
 * stand between quotes; from `#` on a line is a remark. Each is shown behind the prompt. One that fails ends them all. `from` (a
 * file, an option) is named then. Where they were all obeyed and no person sits at a terminal, the run ends. */
void debugger_add_commands(struct debugger *d, const char *from, const char *text);
/* The same at each stop that was not asked for as the end of a step: a breakpoint, a fault, a limit, Ctrl-C. NULL: none. */
void debugger_set_on_stop(struct debugger *d, const char *text);

/* Does a person sit where its commands come from? */
bool debugger_attended(const struct debugger *d);

/* Prompt, obey, repeat, until `quit`, the end of the input or of what came along, or a stop that ends the run (power-off, debug exit);
 * returns the last stop. *quit tells that it did not end the run by itself. Ctrl-C stops a running guest. */
enum machine_stop debugger_run(struct debugger *d, bool *quit);
