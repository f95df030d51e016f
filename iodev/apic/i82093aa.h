/* i82093aa.h - the I/O APIC. */
#pragma once
#include "apic_bus.h"
#include "../machine/device.h"

struct i82093aa;
enum { IOAPIC_PINS = 24, IOAPIC_VERSION = 0x11 };

/* Its two registers at `base`. `id` is what its ID register holds after a reset, as the board's tables say: the chip starts with
 * 0, and firmware gives it a free one. send: deliver a message; false if nobody accepts it. */
struct i82093aa *i82093aa_new(struct machine *m, u64 base, u8 id, bool (*send)(void *to, const struct apic_message *m), void *to);
/* The wire to an INTIN pin, by its electrical level: the pin's polarity is the guest's to program. */
struct line i82093aa_input(struct i82093aa *io, int pin);
/* The same through an inverter, for wires that are called INTx#. Lower it once, so that the pin is high. */
struct line i82093aa_input_low(struct i82093aa *io, int pin);
/* An EOI message from a local APIC. */
void i82093aa_eoi(struct i82093aa *io, u8 vector);
/* A local APIC accepts again: send the levels that nobody has accepted. */
void i82093aa_retry(struct i82093aa *io);
/* Is there an entry that raises NMI, SMI or INIT? */
bool i82093aa_unmaskable(const struct i82093aa *io);
/* For a debugger: a pin's redirection entry (apic_bus.h names the bits), its electrical level, and whether that asks. */
struct i82093aa_view { u32 low, high; bool level, active; };
void i82093aa_view(const struct i82093aa *io, int pin, struct i82093aa_view *out);
