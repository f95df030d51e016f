/* program.h - other programs that this one starts. */
#pragma once
#include "handle.h"
#include <stdio.h>

/* Start what a user would type to the host's shell; it reads what is written to *in, and what it says goes to `out`. NULL: refused. */
struct program;
struct program *program_feed(const char *command, struct handle out, FILE **in, struct failure *why);
/* Nothing more is written; wait for its end. Its exit code, PROGRAM_UNKNOWN where the shell did not find it, -1 where a signal ended it. */
enum { PROGRAM_UNKNOWN = 127 };
int program_end(struct program *p);
