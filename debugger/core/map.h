/* map.h - what lies where in an address space: as its regions cover each other, for reads and for writes. */
#pragma once
#include "../../memory/space.h"
#include <stdio.h>

/* A line a range, with its size and a bar of its logarithm: # RAM, = ROM, . registers. */
void map_print(const struct space *s, FILE *out);
/* The same as a picture: SVG, the lowest address at the bottom. */
void map_draw(const struct space *s, const char *title, FILE *svg);
