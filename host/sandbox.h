/* sandbox.h - after set-up the program gives up what it needs no longer, so that a guest that finds an error of ours still reaches
 * no file that it was not given. */
#pragma once
#include "base.h"

struct outputs;

/* Can it be of use here? False in builds whose sanitizer or counters need files at any time: `why` says so. */
bool sandbox_possible(const char **why);

/* Give up, for this thread and all that it starts later, once and for all. Nobody is attached (`attended` false): no file is
 * opened any more, no connection made, no program started, and only the outputs that were begun are put in their places. A
 * person is attended with a window, a terminal or the debugger: files are read as before, and written in the folders of images
 * and outputs and in the current one. False if the host has nothing of it: `message` says what. */
bool sandbox_enter(const struct outputs *o, bool attended, char *message, size_t n);
