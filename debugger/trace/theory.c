/* theory.c - see parts.h. */
#include "parts.h"
void theory_ask(struct trace_cpu *c, const struct cpu_place *at, const struct seen *s) { (void)c, (void)at, (void)s; }
void theory_tell(struct trace_cpu *c, const struct cpu_place *now, bool faulted, int vector) 
{
    (void)c, (void)now, (void)faulted, (void)vector;
}
