/* pc_apics.h - the part of the board that came with the APICs: local APIC, I/O APIC, HPET, and the wires that lead to them and to
 * the 8259A alike. Boards for processors without a local APIC have none of it. */
#pragma once
#include "../apic/apic_map.h"
#include "../machine/device.h"

struct cpu_outputs;
struct pc_apics;
struct cpu_model;
struct i8259;

/* NULL if the model has no local APIC. sci_irq: the ISA interrupt that is a level. */
struct pc_apics *pc_apics_new(struct machine *m, const struct cpu_model *model, u8 sci_irq);
void pc_apics_free(struct pc_apics *a);
const struct apic_map *pc_apics_map(const struct pc_apics *a);

/* Where the first 8259A's INT goes: LINT0, and an input of the I/O APIC. `pic` answers the acknowledge cycles. */
struct line pc_apics_int(struct pc_apics *a);
void pc_apics_set_pic(struct pc_apics *a, struct i8259 *pic);
/* Where NMI goes: LINT1. */
struct line pc_apics_nmi(struct pc_apics *a);
/* ISA interrupt n: to the 8259A's input `pic` and to the I/O APIC. */
struct line pc_apics_irq(struct pc_apics *a, int n, struct line pic);
/* PIRQA# and so on: to the ISA bridge's router and to the I/O APIC. */
struct line pc_apics_pirq(struct pc_apics *a, int n, struct line router);
/* The HPET, in front of these two wires; then where PIT and RTC go. */
void pc_apics_add_hpet(struct pc_apics *a, struct line irq0, struct line irq8);
struct line pc_apics_pit(struct pc_apics *a);
struct line pc_apics_rtc(struct pc_apics *a);

/* The processor's interrupt acknowledge is answered by the local APIC. */
void pc_apics_answer(const struct pc_apics *a, struct cpu_outputs *out);
/* Can they wake a processor that halted with interrupts off? */
bool pc_apics_unmaskable(const struct pc_apics *a);
