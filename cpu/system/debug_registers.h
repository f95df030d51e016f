/* debug_registers.h - DR0 to DR7: their bits, and what they watch for. debug_registers.c
 * Follows: Intel SDM Vol. 3B "Debug Registers", "Debug Exceptions". */
#pragma once
#include "../core.h"

enum { DR6_HITS = 15, DR6_BD = 1 << 13, DR6_BS = 1 << 14, DR6_BT = 1 << 15 };
enum { DR7_ENABLE = 0xff /* L0 to G3 */, DR7_GD = 1 << 13 };

/* What a value becomes in DR6, in DR7: reserved bits read as the manual's figure has them. */
u64  dr6_fix(u64 v);
u64  dr7_fix(u64 v);
/* After DR7, DR0-3 or the observers of accesses changed: recompute what watches for them. */
void cpu_debug_changed(struct cpu *cpu);
/* DR6 and DR7 as RESET and INIT leave them; DR7 alone, as SMI does. */
void debug_reset(struct cpu *cpu);
void debug_disarm(struct cpu *cpu);
/* A task switch clears the breakpoints that are local to the task. */
void debug_leave_task(struct cpu *cpu);
/* #DB was delivered: GD is cleared on entry to its handler. */
void debug_delivered(struct cpu *cpu);

/* Does an instruction breakpoint watch this linear address? The DR6 bits. */
u32  debug_code_hits(const struct cpu *cpu, u64 linear);
/* An access of n bytes succeeded: its breakpoints are traps, due behind the running instruction. */
void debug_data_access(struct cpu *cpu, u64 linear, u32 n, bool write);
/* Does a data breakpoint lie in the page from this linear address on? */
bool debug_watches_page(const struct cpu *cpu, u64 page);
void debug_io_access(struct cpu *cpu, u32 port, u32 n);
/* At the boundary behind an instruction: is #DB due as a trap? DR6 says why. */
bool debug_trap_due(struct cpu *cpu);
