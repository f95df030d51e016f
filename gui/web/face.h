/* face.h - the machine for a page: what JavaScript calls (vitrine.mjs), one function an export of the module. A page must not wait, so
 * everything comes back soon: the machine runs in pieces, and what it has to tell is asked for. Texts are UTF-8, ended by a NUL, and
 * good until the next call. Numbers above 32 bits go as doubles. */
#pragma once
#include "../../host/base.h"

struct web;

/* Memory for what a call takes; NULL: there is none. Texts and bytes that are handed in stay the caller's. */
void *web_bytes(u32 n);
void web_release(void *bytes);

/* ---- a machine ---- */

/* The words of the program's command line, one after the other, each with a NUL behind it. What is wrong with them goes to standard
 * error in sentences, and so does what there is to say of the files; NULL then. Files are those of the page. */
struct web *web_new(const char *words, u32 bytes);
void web_free(struct web *w);

/* ---- it runs ---- */

/* Why it came back: an enum vitrine_reason, where VITRINE_TIME is the end of the piece; or the debugger (face_debug.h) has it, and it
 * stands still. */
enum { WEB_IN_DEBUGGER = 32 };
/* With its own clock: until virtual time is so much (ns), or so many host milliseconds have passed. The same run on every host. */
int web_run(struct web *w, double until, double most_ms);
/* With the host's: for so many of its milliseconds at most, in which virtual time follows it (../session/pace.h). */
int web_run_paced(struct web *w, double most_ms);
/* How many milliseconds it may be left alone: it is ahead, or asleep. */
double web_idle(struct web *w);
/* It stood still for a while, and that is no lag. */
void web_gap(struct web *w);

double web_now(const struct web *w);            /* virtual ns */
double web_instructions(const struct web *w);
u32 web_exit_code(const struct web *w);
/* Percent of the named speed that the host reaches, paced; of `max` always 100. */
u32 web_percent(const struct web *w);
const char *web_reason_text(int reason);

/* ---- what it shows ---- */

/* RGBA, row by row, as a canvas takes it; NULL: nothing changed since the last time, unless `all` is not 0. */
const u8 *web_frame(struct web *w, int all);
int web_width(const struct web *w);
int web_height(const struct web *w);
int web_square(const struct web *w);            /* pixels are square; else the picture is 4:3 */
const char *web_screen_text(struct web *w);
const char *web_hash(struct web *w);
const char *web_screen_hash(struct web *w);
u32 web_leds(const struct web *w);

/* ---- what a person does ---- */

void web_key(struct web *w, u32 usage, int down);
/* "" or what cannot be typed. */
const char *web_type(struct web *w, const char *text);
void web_mouse(struct web *w, int dx, int dy, int dz);
void web_buttons(struct web *w, u32 buttons);
void web_reset(struct web *w);
void web_power_button(struct web *w);
/* "" or what was expected. */
const char *web_speed(struct web *w, const char *speed);
/* A medium as the drive options take it, by enum vitrine_drive; NULL takes it out. "" or why not. */
const char *web_insert(struct web *w, int drive, const char *file, int force);
/* A drive's front: kind, full, locked, accesses, as "floppy full name". */
const char *web_drive(struct web *w, int drive);
double web_accesses(struct web *w, int drive);

/* Serial lines: 0 is COM1, 1 COM2; -1 the debug console. What the guest has sent since the last time: how many bytes, and where. */
u32 web_serial_ready(struct web *w, int line);
const u8 *web_serial_take(struct web *w, int line);
void web_serial_give(struct web *w, int line, const u8 *bytes, u32 n);

/* ---- its state ---- */

/* How many bytes, and, until it is asked for the next, where. 0: there is no memory for it. */
u32 web_save(struct web *w);
const u8 *web_saved(struct web *w);
/* All of it as text, a line a field. */
const char *web_state_text(struct web *w);
/* "" or why not; the machine has been reset then. */
const char *web_load(struct web *w, const u8 *bytes, u32 n);
