/* tape.h - what a processor did, in a file: the state before an instruction, the state after it, the processor's name.
 *
 * The file is gzip's format around this; numbers are little endian, wherever it is written or read.
 *   "VLSTAPE1"; vendor's letters 12, brand 48, long mode 1, LDT 1, number of CPUID leaves 2, each leaf 6 x 4 bytes
 *   events:  'S' cold 1                                     a sequence begins
 *            'I' length 1, again 1, memory, registers,      one instruction (one iteration): as it was before it,
 *                memory, registers                          as it is after it
 *            'E' whole 1                                    a sequence ends; it may run at once
 *            'Z' instructions 8                             the end
 *   memory:  offset 2, count 1, bytes; ...; FFFF            what changed since the event before, in code, data and stack end to end
 *   registers: 20 bytes, a bit for each byte of the state that changed; these bytes (order: tape.c) */
#pragma once
#include "image.h"
#include "processor.h"

enum { TAPE_MEMORY = CODE_SIZE + MEMORY_SIZE };
enum tape_event { TAPE_SEQUENCE = 'S', TAPE_STEP = 'I', TAPE_SEQUENCE_END = 'E', TAPE_END = 'Z' };

struct tape {
    void *file;                 /* zlib's */
    const char *path;
    bool writing;
    struct processor processor;
    bool segments;
    u64 steps;
    /* As of the last event. */
    u8 memory[TAPE_MEMORY];     /* code, data, stack */
    struct regs regs;
    bool cold, whole, again;
    u8 length;
};

/* False with the reason in why, which names the file. */
bool tape_create(struct tape *t, const char *path, const struct processor *p, bool segments, char *why, size_t size);
bool tape_open(struct tape *t, const char *path, char *why, size_t size);

void tape_sequence(struct tape *t, bool cold);
void tape_before(struct tape *t, const u8 *code, const struct image *m, const struct regs *s, u8 length, bool again);
void tape_after(struct tape *t, const u8 *code, const struct image *m, const struct regs *s);
void tape_sequence_end(struct tape *t, bool whole);

/* The next event. After TAPE_STEP memory and regs are those before the instruction; tape_result makes them those after it. A file
 * that is cut off or damaged ends the program, which says where. */
enum tape_event tape_next(struct tape *t);
void tape_result(struct tape *t);
/* False: the last bytes could not be written. */
bool tape_close(struct tape *t);
