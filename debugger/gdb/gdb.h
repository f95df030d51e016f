/* gdb.h - the program's line for gdb: listens, lets one gdb at a time debug the machine, and lets the machine run while there is none. */
#pragma once
#include "../../host/notice.h"
#include "../cli/debugger.h"
#include "../core/control.h"

struct gdb;

/* Listen at `dest`: tcp:PORT, tcp:HOST:PORT (localhost unless said; port 0: one of the host's choice) or unix:PATH. What is to be
 * said, such as where it listens, goes to `say`, which outlives it. `o` knows the files in use. NULL: `error` (n bytes) says why not
 * and what there is. */
struct gdb *gdb_new(const char *dest, struct outputs *o, const struct notices *say, char *error, size_t n);
void gdb_free(struct gdb *g);

/* Until the run ends: gdb's to stop and go, by `d`'s control, with d's commands as `monitor`. `stopped`: the machine waits for gdb's first
 * word (-S). Why the run ended; *quit: it was gdb's wish (`kill`, `monitor quit`), or gdb_end()'s. */
enum machine_stop gdb_run(struct gdb *g, struct debugger *d, bool stopped, bool *quit);
/* The same beside the prompt, which lets the machine run while no gdb is there; in a thread of its own, until gdb_end_beside() or the end
 * of the run. What `d` does of its own goes between control_take() and control_give(). */
void gdb_begin_beside(struct gdb *g, struct debugger *d);
void gdb_end_beside(struct gdb *g);
/* From any thread: the run is to end, though gdb may think. A machine that runs is stopped by others. */
void gdb_end(struct gdb *g);
