/* prompt_parts.h - where commands come from, for the files of this folder and the commands that ask for them. */
#pragma once
#include "../cli/parts.h"
#include "prompt.h"

/* script.c: commands to obey before all others, as a stop's own; `from` is told where one fails. False, with a message: too deep. */
bool script_push(struct debugger *d, const char *from, const char *text);
/* Obey the next command that waits; false: there is none. Those for a stop come first now. None any more. */
bool scripts_obey(struct debugger *d);
void scripts_stopped(struct debugger *d);
void scripts_drop(struct debugger *d);

/* Where a command ends: at a line's end, or at a `;` that does not stand between quotes. */
size_t command_length(const char *text);

/* line.c: where the prompt is. The next line without its newline, to be freed; NULL at the end. */
char *line_read(struct debugger *d);
/* Before the first and after the last; and when the debugger goes. */
void line_begin(struct debugger *d);
void line_end(struct debugger *d);
void line_free(struct debugger *d);
/* Where what it says is seen; for another program's words. */
struct handle prompt_out(const struct debugger *d);
/* typed.c: what was typed, kept between runs. */
void typed_begin(struct debugger *d);
void typed_add(struct debugger *d, const char *line);
void typed_end(struct debugger *d);

/* pipe.c: the `|` of a line behind which a program stands; NULL: none does. */
const char *pipe_find(const char *line);
/* Start it: d->out leads there, and what it was is in *own. NULL, with a message: refused. At the end d->out is that again. */
struct program *pipe_begin(struct debugger *d, const char *command, FILE **own);
void pipe_end(struct debugger *d, struct program *p, FILE *own);
