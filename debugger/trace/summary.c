/* summary.c - see trace.h. */
#include "parts.h"
void trace_summary(struct trace *t, FILE *out) { (void)t; fputs("nothing was counted\n", out); }
