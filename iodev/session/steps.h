/* steps.h - the list of -expect, -send, -expect-screen and -wait, carried out in virtual time. */
#pragma once
#include "../machine/machine.h"
#include "../machine/screen.h"

/* What -expect, -send, -expect-screen and -wait ask for, in the order of the command line. */
enum step_kind { STEP_EXPECT, STEP_SEND, STEP_EXPECT_SCREEN, STEP_WAIT };
struct step {
    enum step_kind kind;
    const char *text;
    u64 ns;                             /* STEP_WAIT: virtual time */
};

struct steps;

/* Can every -send be typed? False, with the first that cannot in `error` (n bytes). */
bool steps_check(const struct step *list, u64 count, char *error, size_t n);
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
