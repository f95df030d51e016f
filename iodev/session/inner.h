/* inner.h - what the program's own session (gui/session/; tests/check_layers has the list) may ask of a machine beside
 * include/vitrine.h: the machine's insides, which other programs do not see. */
#pragma once
#include "../../host/output.h"
#include "../../include/vitrine.h"
#include "../board/pc.h"
#include <stdio.h>

/* As vitrine_new, where the caller has files in use, too: none falls on the other's. `o` outlives the machine. */
struct vitrine *vitrine_new_among(const struct vitrine_config *config, struct outputs *o, struct vitrine_error *error);
struct pc *vitrine_pc(const struct vitrine *v);
struct machine *vitrine_machine(const struct vitrine *v);
/* The same virtual time as machine_run() would say it; its reason. vitrine_run() is this, in other words. */
enum machine_stop vitrine_run_to(struct vitrine *v, u64 until);
/* The drive (enum vitrine_drive) that the configuration's image is in, if its medium can be changed; -1: none. */
int vitrine_image_drive(const struct vitrine *v);
/* What was there to start from, as words: "floppy disk cd", "kernel". */
void vitrine_media(const struct vitrine *v, char *text, size_t n);
/* Is there a line of the host's that input may come over yet? */
bool vitrine_listens(const struct vitrine *v);
/* Where this comes to be true, nothing waits for who reads a line, the log or an output. */
void vitrine_hurry(struct vitrine *v, const atomic_bool *hurry);
/* Each byte that goes out, before its line has it: `line` is 0, 1, ... or -1 for the debug console. */
void vitrine_capture(struct vitrine *v, void (*byte)(void *to, int line, u8 byte), void *to);
/* Wait until the readers of its lines have all, as long as they read. */
void vitrine_flush(struct vitrine *v);
/* Somebody else is about to write to standard output: a line of the guest's that stands there without its end is ended. */
void vitrine_fresh_line(struct vitrine *v);
/* What vitrine_save_file() writes, to a file that the caller has begun. */
bool vitrine_write_state(struct vitrine *v, FILE *to, struct vitrine_error *error);
/* From here on everything that enters is kept; what became of it by now, to a file that the caller has begun. */
bool vitrine_record(struct vitrine *v, struct vitrine_error *error);
bool vitrine_write_recording(struct vitrine *v, FILE *to, struct vitrine_error *error);
/* With which date a recorded run begins, and whether its drives take their time: before there is a machine. */
bool vitrine_recorded_time(const char *file, uint64_t *date, bool *real_drives, struct vitrine_error *error);
/* From here on only what was recorded enters, where it did. vitrine_run() comes back as if asked where the recording ends or the run leaves
 * it, which is said. False, with `error`: it does not begin here. */
bool vitrine_replay(struct vitrine *v, const char *file, struct vitrine_error *error);
/* Is it on the recording's way still? */
bool vitrine_replays(const struct vitrine *v);
/* The run has ended, by itself or because somebody wanted it: has it left the recording? */
bool vitrine_replay_left(struct vitrine *v, bool by_itself);
/* Say which media the guest has made look like something else than they were. */
void vitrine_tell_looks(struct vitrine *v);
