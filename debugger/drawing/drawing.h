/* drawing.h - the page tables, and a run in time, drawn: as text, or as SVG (W3C Recommendation "Scalable Vector Graphics (SVG) 1.1"). */
#pragma once
#include "../../cpu/cpu.h"
#include <stdio.h>

/* ---- pages.c ---- */

/* The regions of linear space that the running tables map, a line each: pages in a row with the same rights and contiguous physical
 * addresses are one. Says so where paging is off. */
void pages_print(struct cpu *cpu, FILE *out);
/* The same as a picture, the lowest address at the bottom; the first PAGES_DRAWN regions. */
enum { PAGES_DRAWN = 400 };
void pages_draw(struct cpu *cpu, FILE *svg);

/* ---- timeline.c ---- */

/* A run from `first` to `last`, in nanoseconds of virtual time: spans of the processor's mode, each until the next, in order; and marks in
 * lanes of their own, in any order. All of it stays the caller's. */
struct timeline_span { u64 ns; const char *name; };
struct timeline_mark { u64 ns; u16 lane; };
struct timeline_lane { char name[40]; };
struct timeline {
    u64 first, last;
    const struct timeline_span *span;
    size_t spans;
    const struct timeline_lane *lane;
    size_t lanes;
    const struct timeline_mark *mark;
    size_t marks;
};
/* A line a lane: how many marks are in each of 64 parts of the time (., 1 to 9, #), and in all. */
void timeline_print(const struct timeline *t, FILE *out);
void timeline_draw(const struct timeline *t, FILE *svg);
