/* commands.h - what a person at the desk asks for besides keys and mouse, carried out in the machine's thread: media, reset,
 * power button, pause, pasted text, screenshots; and the panel that tells how things stand. */
#pragma once
#include "../gui.h"
#include "../setup/options.h"
#include "../setup/setup.h"

struct commands;

/* Takes over the setup's lists of media. */
struct commands *commands_new(const struct options *o, struct setup *setup, struct gui_link *link, struct vitrine *v);
void commands_free(struct commands *c);

/* Between slices: obey what the front end has queued, and go on with what is being typed. What concerns the guest
 * enters it through the library's calls (include/vitrine.h). */
void commands_take(struct commands *c);
/* Has a person asked for the debugger since the last call? */
bool commands_debug(struct commands *c);
/* A person has stopped the machine: do not run it, but go on taking commands. */
bool commands_paused(const struct commands *c);
/* What a tick takes at the speed that was asked for, in 65536ths of a nanosecond. */
u32 commands_least_cost(const struct commands *c);
/* Tell the front end how things stand. host_ns: the host's clock, for lamps and speed; halted: nothing will wake
 * the processor; replays: a recording is repeated, which closing the window ends. */
void commands_panel(struct commands *c, u64 host_ns, bool halted, bool replays);

/* Put a file into the drive of that name (fda, fdb, cd, hdd, ...), NULL: take the medium out. False: the message says what
 * was expected; true: it says what happens now. */
bool commands_change(void *c, const char *drive, const char *file, char *message, size_t n);
