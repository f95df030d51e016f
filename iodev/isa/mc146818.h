/* mc146818.h - real-time clock and CMOS RAM. */
#pragma once
#include "../machine/device.h"

struct mc146818;

/* Index and data at port, port + 1; the second bank of 128 bytes at port + 2, port + 3. irq: high while an interrupt
 * is pending. The clock shows `epoch` (seconds since 1970) now, in BCD and 24-hour form. */
struct mc146818 *mc146818_new(struct machine *m, u16 port, struct line irq, u64 epoch);
/* The battery-backed bytes, for the board; index 0-255. Registers are stored as they are, without side
 * effects. */
void mc146818_set(struct mc146818 *rtc, int index, u8 v);
u8 mc146818_get(const struct mc146818 *rtc, int index);
/* Bit 7 of the last index written: the board's NMI mask. */
bool mc146818_nmi_masked(const struct mc146818 *rtc);
/* The wire that follows it. */
void mc146818_wire_nmi_mask(struct mc146818 *rtc, struct line nmi_mask);
/* The wire that is high while the alarm's interrupt (no other) is pending: power management wakes by it. */
void mc146818_wire_alarm(struct mc146818 *rtc, struct line alarm);
