/* fake_machine.h - a machine without a processor for the unit tests of devices: the real one (iodev/machine), and by hand what a
 * processor would do. Link a test with fake_machine.c and the archives. rtc_epoch is 0. */
#pragma once
#include "../../iodev/machine/machine.h"

/* A machine with ram_size bytes of RAM at 0 (a multiple of 4 KB; 0: none), at virtual time 0. rtc_epoch is 0. */
struct machine *fake_new(u64 ram_size);
void fake_free(struct machine *m);
/* Give it a processor, which waits for ever (machine_hold): for who asks for one. */
void fake_add_cpu(struct machine *m, const char *model);
/* Call every device's reset, in the order of creation. fake_new does not: build the devices, then reset. */
void fake_reset(struct machine *m);

/* Let virtual time pass; timers fire in order, each with machine_now() == its moment. */
void fake_advance(struct machine *m, u64 ns);
void fake_run_until(struct machine *m, u64 when);
/* The moment of the next timer, TIMER_OFF if none is set. */
u64 fake_next_timer(const struct machine *m);
/* The moment a timer is set for, by name; dies if there is none of that name. */
u64 fake_timer_when(const struct machine *m, const char *name);
/* Timers fired so far. */
u64 fake_timers_fired(const struct machine *m);

/* IN and OUT; where a device lets the processor wait (machine_hold), timers fire until it goes on. */
u8 fake_in8(struct machine *m, u16 port);
u16 fake_in16(struct machine *m, u16 port);
u32 fake_in32(struct machine *m, u16 port);
void fake_out8(struct machine *m, u16 port, u8 v);
void fake_out16(struct machine *m, u16 port, u16 v);
void fake_out32(struct machine *m, u16 port, u32 v);

/* The most units of work (device.h) that one IN, OUT or timer has done since this was asked last. */
u64 fake_work_most(struct machine *m);

/* The machine's RAM. */
u8 *fake_ram(struct machine *m);

/* Offer an event to the sinks; true if one consumed it. `when` is filled in. */
bool fake_input(struct machine *m, struct input_event e);

/* The last request of a device and its code; REQUEST_NONE if there was none since the last call. */
enum machine_request fake_take_request(struct machine *m, u32 *code);

/* Lines logged so far (guest nonsense and what was selected); they are not printed. */
int fake_log_lines(const struct machine *m);
const char *fake_log_last(const struct machine *m);

/* A wire's far end that remembers. fake_wire makes the line to hand to a constructor. */
struct fake_wire {
    bool level;
    int rises, falls, calls;    /* calls: line_set with the old level included */
    u64 rose_at, fell_at;       /* virtual time of the last edges; set if m is */
    struct machine *m;
};
struct line fake_wire(struct fake_wire *w, struct machine *m);

/* The device's field list declares every byte of its state, once. Fails the test otherwise. */
void fake_check_fields(const struct device *dev);
/* fake_check_fields for every device of the machine. */
void fake_check_all_fields(struct machine *m);
/* For fixtures, allocated structs whose first member is their struct machine *: fake_check_all_fields as a test, and a teardown
 * that frees both. */
void fake_test_fields(void **state);
int fake_tear_down(void **state);
/* Save the whole machine (devices, timers, time), scribble over the devices' states, load it again, call restored.
 * A device that keeps guest-visible state outside its fields shows in the test that follows. */
void fake_save_and_load(struct machine *m);
/* The device of this id, NULL if there is none. */
struct device *fake_device(struct machine *m, const char *id);
