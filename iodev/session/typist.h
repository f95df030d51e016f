/* typist.h - text and keys that are typed for somebody: pasted, or from a terminal, which tells no releases. */
#pragma once
#include "../machine/machine.h"
#include "keys.h"

struct typist;

struct typist *typist_new(struct machine *m, struct strokes from);
void typist_free(struct typist *t);
/* Type what is due; the virtual time to be called next, TIMER_OFF while nothing waits. */
u64 typist_poll(struct typist *t);
/* Virtual time, and with it the machine's keyboard, is another: forget what is half typed. */
void typist_restart(struct typist *t);

/* Would the guest lose a key that is typed now? It has not taken the ones before it, or the BIOS has no room for them. When
 * not, the caller types it. *tail is the caller's, 0 at first: the BIOS's buffer at the key before. */
bool typist_must_wait(struct machine *m, u16 *tail);
