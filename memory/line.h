/* line.h - a wire from one chip's output to another's input. */
#pragma once
#include "../host/base.h"

/* Levels; the receiver knows its trigger mode and remembers the old level. {0} is a wire to nowhere. */
struct line {
    void (*set)(void *to, int pin, bool level);
    void *to;
    int pin;
};
static inline void line_set(const struct line *l, bool level)
{
    if (l->set)
        l->set(l->to, l->pin, level);
}
static inline void line_pulse(const struct line *l)
{
    line_set(l, true);
    line_set(l, false);
}
