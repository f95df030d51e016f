/* classes.c - the classes of events. */
#include "parts.h"

/* clang-format off */
const struct class_row trace_classes[TRACE_CLASSES] = {
    [TRACE_INSN]        = { "insn",        "each instruction", NEEDS_INSTRUCTIONS, 0, { "instructions" } },
    [TRACE_REGISTERS]   = { "registers",   "what each instruction changed of the general registers and EFLAGS", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { "reg", "regs" } },
    [TRACE_BRANCHES]    = { "branches",    "jumps, taken or not", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { "branch", "jumps" } },
    [TRACE_CALLS]       = { "calls",       "calls, interrupts and returns as a tree", NEEDS_INSTRUCTIONS | NEEDS_INTERRUPTS, 0, { "call" } },
    [TRACE_EXCEPTIONS]  = { "exceptions",  "exceptions as they are delivered, and where to", NEEDS_INTERRUPTS, 0, { "exception", "faults" } },
    [TRACE_INTERRUPTS]  = { "interrupts",  "interrupts from outside: INTR, NMI, and where to", NEEDS_INTERRUPTS, 0, { "interrupt", "extint" } },
    [TRACE_SOFTINT]     = { "softint",     "INT n, INT3, INTO, INT1, and where to", NEEDS_INTERRUPTS, 0, { "software" } },
    [TRACE_PORTS]       = { "ports",       "IN and OUT, and who answers", NEEDS_DEVICES, 0, { "port", "io" } },
    [TRACE_MMIO]        = { "mmio",        "accesses to registers in memory, and who answers", NEEDS_DEVICES, 0, { NULL } },
};
/* clang-format on */

bool trace_class(int k, const char **name, const char **title)
{
    if (k < 0 || k >= TRACE_CLASSES)
        return false;
    *name = trace_classes[k].name;
    *title = trace_classes[k].title;
    return true;
}
