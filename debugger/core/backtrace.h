/* backtrace.h - the functions that have not returned yet: from frame to frame, through interrupts and system calls. */
#pragma once
#include "../../cpu/cpu.h"
#include "../symbols/symbols.h"

/* How a frame was found from the one that it called. */
enum frame_how { FRAME_TOP, FRAME_BY_CFI, FRAME_BY_POINTER, FRAME_BY_ENTRY, FRAME_BY_INTERRUPT, FRAME_INLINED };

struct frame {
    struct frame_state state;
    u64 cfa;                    /* behind the frame of the function that this one called; that function's own business */
    u16 cs, ss;
    u32 cs_base, ss_base;
    u8 bits;                    /* 16 or 32, of its code */
    bool exact;                 /* EIP is not behind a call, but where it was interrupted, or stands */
    int inlined;                /* of a frame with inlined functions: the frame of the one that so many of them lie in */
    enum frame_how how;
    u32 found_at;               /* FRAME_BY_INTERRUPT: linear address of the EIP that was pushed */
};

struct backtrace {
    struct cpu *cpu;
    const struct symbols *symbols;
    struct debug_memory memory; /* linear; frame_top sets it */
};

void frame_top(struct backtrace *b, struct frame *f);
/* The frame that this one returns to. False, and `why` (n bytes) says what the end is. */
bool frame_return(struct backtrace *b, const struct frame *f, struct frame *caller, char *why, size_t n);
/* The same, but from an inlined function to the one that it is part of (FRAME_INLINED). */
bool frame_caller(struct backtrace *b, const struct frame *f, struct frame *caller, char *why, size_t n);
/* The linear address by which the frame's function and line are found: what returns there was called by the instruction before. */
u64 frame_code(const struct frame *f);
/* The inlined function that the frame is of, and the line in its caller; false: it is of none. */
bool frame_inlined(struct backtrace *b, const struct frame *f, int depth, const char **name, struct source_line *call);
/* The symbol file and the address there of frame_code, NULL: none. */
const struct symbol_file *frame_file(const struct backtrace *b, const struct frame *f, u64 *address);
/* The number of the INT n or INT3 that an interrupted frame has just executed; -1: it was something else. */
int frame_int(struct backtrace *b, const struct frame *f);
