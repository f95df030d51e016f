/* output.h - every file that the program writes, but for images of media, is opened here: so that no command line and no key
 * writes over what somebody uses. What is refused is said in `error` (n bytes), without the option's name. */
#pragma once
#include "handle.h"
#include <stdatomic.h>
#include <stdio.h>

/* The files that a run uses: images, firmware, kernels, its outputs. NULL stands for none where a function takes one. */
struct outputs;
struct outputs *outputs_new(void);
void outputs_free(struct outputs *o);
/* Where this comes to be true, output_commit does not wait for who reads a pipe. */
void outputs_hurry(struct outputs *o, const atomic_bool *hurry);
/* No output may fall upon this file from now on. `use` is told to the user: "-hda". A file that is not there is left out.
 * `written`: the run writes it itself, and may open it again. */
void outputs_claim(struct outputs *o, const char *path, const char *use, bool written);
/* False if standard output or error goes into a file that is claimed. */
bool outputs_check_standard(const struct outputs *o, char *error, size_t n);

/* A file that is written as its content comes, such as a serial line's: emptied once it is sure that nobody uses it, and locked
 * against others. Terminals, /dev/null, pipes and what is standard output are written to as they are; folders, block and other
 * devices are refused. None on failure. */
struct handle output_stream(struct outputs *o, const char *use, const char *path, char *error, size_t n);

/* A file that is there as a whole or not at all: it comes to its place, instead of an older one, when output_commit has it on the
 * host's disk. Until then it has no name, or one of its own in the same folder, and nobody else may begin one for its place. Terminals,
 * pipes and so on as above. NULL: refused. */
struct output *output_begin(struct outputs *o, const char *use, const char *path, char *error, size_t n);
/* The same for a new file, whose name has the first number from *number on that is free: `pattern` has a %03d. */
struct output *output_begin_new(struct outputs *o, const char *pattern, int *number, int most, char *error, size_t n);
/* Write its content here. */
FILE *output_file(struct output *out);
const char *output_path(const struct output *out);
/* Put it in its place; false if anything that was written, or this, failed: the older file is still there then. Frees it. */
bool output_commit(struct output *out, char *error, size_t n);
/* Forget it, with what was written; NULL is fine. */
void output_drop(struct output *out);
