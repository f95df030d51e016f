/* i8254.h - the programmable interval timer. */
#pragma once
#include "../machine/device.h"

struct i8254;

enum { PIT_HZ = 1193182 };              /* the CLK inputs: 14.31818 MHz / 12 */

/* Three counters at four ports, out0 at OUT0. GATE0 and GATE1 are tied high, GATE2 starts low. */
struct i8254 *i8254_new(struct machine *m, u16 port, struct line out0);
/* Connect OUT1 or OUT2; each edge then costs a timer. */
void i8254_connect(struct i8254 *pit, int counter, struct line out);
/* Drive a GATE input. */
void i8254_gate(struct i8254 *pit, int counter, bool level);
/* The level of an OUT pin now. */
bool i8254_out(struct i8254 *pit, int counter);
/* The same for who only looks: the chip's state stays as it is. */
bool i8254_peek_out(const struct i8254 *pit, int counter);
/* CLK pulses since power-on. */
u64 i8254_clocks(const struct i8254 *pit);
/* For a debugger and a speaker: the mode (0-5) and the count written (1-65536), 0 if there is none yet. */
int i8254_mode(const struct i8254 *pit, int counter);
u32 i8254_count(const struct i8254 *pit, int counter);
