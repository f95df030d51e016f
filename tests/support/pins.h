/* pins.h - a processor's pins by hand. */
#pragma once
#include "../../cpu/cpu.h"

static inline void pin_drive(struct cpu *cpu, enum cpu_pin pin, bool level)
{
    struct line l = cpu_pin(cpu, pin);
    line_set(&l, level);
}

static inline void pin_pulse(struct cpu *cpu, enum cpu_pin pin)
{
    struct line l = cpu_pin(cpu, pin);
    line_pulse(&l);
}
