/* stops.h - what the commands about points share. stops.c */
#pragma once
#include "parts.h"

struct points *stops_points(struct debugger *d);
/* Room for a point's condition while it is made. */
struct narrowing { char condition[256]; };
/* The words from argv[at] on narrow the point: if EXPRESSION, cpl N, cr3 VALUE, ignore COUNT, once; where values are compared, value V
 * and mask M. False, with a message: one of them does not. */
bool stops_narrow(struct debugger *d, int argc, char **argv, int at, struct point *p, struct narrowing *space);
/* Add it, and say so. */
const struct point *stops_add(struct debugger *d, const struct point *like);
/* The user's point that argv[1] names; NULL, with a message: there is none. */
struct point *stops_numbered(struct debugger *d, int argc, char **argv);
