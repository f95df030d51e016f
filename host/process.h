/* process.h - this program among others: its number, where the host keeps what programs bring along, and programs that it starts. */
#pragma once
#include "handle.h"
#include <stdio.h>

/* By which a user finds it: kill N. */
u64 process_id(void);
/* The k-th folder, from 0, below which packages of this host put their data ("/usr/share"), the likeliest first; NULL: no more. */
const char *process_data_folder(int k);

/* Start what a user would type to the host's shell; it reads what is written to *in, and what it says goes to `out`. NULL: refused. */
struct process;
struct process *process_feed(const char *command, struct handle out, FILE **in, struct failure *why);
/* Nothing more is written; wait for its end. Its exit code, PROCESS_UNKNOWN where the shell did not find it, -1 where a signal ended it. */
enum { PROCESS_UNKNOWN = 127 };
int process_end(struct process *p);
