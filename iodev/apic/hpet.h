/* hpet.h - the high precision event timer. */
#pragma once
#include "../machine/device.h"

struct hpet;
enum { HPET_TIMERS = 3, HPET_SIZE = 0x400 };
/* General Capabilities and ID, low half: Intel, legacy replacement, 64 bits, three timers, revision 1. And where the timers'
 * interrupts may go beside legacy replacement: inputs 20 to 23 of the I/O APIC. */
enum { HPET_ID = 0x8086a201u, HPET_ROUTES = 0x00f00000, HPET_FIRST_ROUTE = 20, HPET_LAST_ROUTE = 23 };

/* Registers at base. irq0 and irq8: what the PIT and the RTC drive without it; route: the wires to the inputs 20 to 23 of the I/O
 * APIC, raised when a timer asks. */
struct hpet *hpet_new(struct machine *m, u64 base, struct line irq0, struct line irq8, const struct line route[4]);
/* Where the PIT's OUT0 and the RTC's IRQ8# go instead: legacy replacement cuts them off. */
struct line hpet_pit(struct hpet *h);
struct line hpet_rtc(struct hpet *h);
/* For a debugger: is legacy replacement on? */
bool hpet_legacy(const struct hpet *h);
