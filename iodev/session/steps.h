/* steps.h - the list of -expect, -send, -expect-screen and -wait, carried out in virtual time. */
#pragma once
#include "../machine/machine.h"
#include "../machine/screen.h"
#include "../../gui/setup/options.h"

struct steps;

/* Can every -send be typed? False: said on stderr which cannot. */
bool steps_check(const struct step *list, u64 count);
struct steps *steps_new(const struct step *list, u64 count, struct machine *m, struct screen screen);
void steps_free(struct steps *s);

/* Output of the guest to look for texts in: -expect takes what came after the last text that was found. */
enum steps_source { SOURCE_SCREEN, SOURCE_SERIAL, SOURCE_DEBUGCON, SOURCES };
void steps_output(struct steps *s, enum steps_source from, const u8 *bytes, size_t n);

/* Look and type at this virtual time; the virtual time to be called next, TIMER_OFF when nothing is left to do. */
u64 steps_poll(struct steps *s);
/* The machine has stopped: look once more, without typing. */
void steps_finish(struct steps *s);

/* The expectation that is waited for, as text for messages ("-expect 'login:'"); NULL when none is. */
const char *steps_pending(struct steps *s);
/* The list ends in an expectation and it is met, or in a -wait and it is over: the run has succeeded. */
bool steps_succeeded(const struct steps *s);

/* 32 hexadecimal digits of what the screen shows, cursor and blinking texts visible. */
void screen_hash(struct screen screen, char out[33]);
