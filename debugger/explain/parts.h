/* parts.h - struct explain, for the files that make it up: an instruction on its way through the processor. */
#pragma once
#include "explain_insn.h"
#include "../../cpu/cpu.h"
#include "../../cpu/decode/anatomy.h"
#include "../../cpu/descriptor.h"
#include "../../cpu/trial.h"

enum { TELL_COLUMNS = 79, PAGES_SHOWN = 32, REGISTERS_MOST = 256, INDENT = 2, HANG = 16 };

enum access_how { HOW_FETCH, HOW_READ, HOW_WRITE, HOW_BOTH };

struct explain {
    struct cpu *cpu;                    /* before */
    struct cpu *after;                  /* the trial's */
    const struct symbols *symbols;
    FILE *out;
    struct trial *trial;
    struct trial_wish wish;
    const struct trial_result *result;
    u64 unsure[REGISTERS_MOST];         /* by its place in cpu_registers: the bits that what a device answers decides */
    struct anatomy a;
    int fetched;                        /* bytes that could be read */
    u64 eip, linear;
    u64 page[PAGES_SHOWN];              /* linear pages whose way has been shown */
    int pages;
    int own;                            /* accesses before the first delivery */
};

/* ---- say.c: paragraphs ---- */

/* Text from column `indent` on, broken at blanks before column TELL_COLUMNS, its further lines from column `hang` on. A newline in it
 * begins a line at `hang`. */
void tell_at(struct explain *e, int indent, int hang, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A label in a column of its own, and text behind it. */
void tell_of(struct explain *e, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Text behind what is there already. */
void add_to(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "EAX", "AL", "DX": a general register of so many bytes; "CS"; upper case of a name. */
const char *gpr_name(int n, int bytes);
const char *segment_name(int n);
/* A value of so many bytes, in hexadecimal digits; of 0 bytes, as few as it has. */
const char *hex_of(u64 value, int bytes, char text[24]);
u64 gpr_value(const struct cpu *cpu, int n, int bytes);

/* ---- operations.c ---- */

/* What the row does, in the manual's notation. False: nobody has said it. */
bool operation_text(const struct anatomy *a, char *text, size_t size);

/* ---- address.c ---- */

/* Offsets of a segment: its limit, its type, and the way of the linear address to memory. False: the segment refuses them. */
bool address_tell(struct explain *e, int segment, u64 offset, u32 n, enum access_how how);

/* ---- the five parts ---- */

void fetch_tell(struct explain *e);
void fields_tell(struct explain *e);
void load_tell(struct explain *e);
void execute_tell(struct explain *e);
void save_tell(struct explain *e);

/* explain_insn.c: is the instruction not carried out, since it faults, at once or in the delivery that it asks for? */
bool faults(const struct explain *e);

/* ---- operands.c ---- */

/* "DEST": what the operation calls operand k. */
const char *operand_role(const struct explain *e, int k);
/* Where a memory operand lies: its segment and offset. False: it is none. */
bool operand_place(const struct explain *e, int k, int *segment, u64 *offset);
/* Its value before the instruction; false: it has none that is known (a device's, an address alone). */
bool operand_value(const struct explain *e, int k, u64 *v);
/* "EAX", "[DS:00001000]" */
void operand_name_of(const struct explain *e, int k, char *text, size_t size);

/* ---- checks.c ---- */

/* What the processor looks at before it does anything: privilege, mode, features. */
void checks_tell(struct explain *e);

/* ---- flags.c ---- */

/* Flags before and after, and why each is as it is. */
void flags_tell(struct explain *e);

/* ---- trail.c ---- */

/* What lies at a linear address as the processor uses it: "GDT entry 2 (selector 0010)", "stack". */
void access_place(const struct explain *e, const struct trial_access *a, char *text, size_t size);
/* Accesses from `first` up to `end`, one a line, with descriptors, gates and TSS fields in words. */
void trail_tell(struct explain *e, int first, int end);
/* Does the instruction go through tables: are its accesses steps worth telling? */
bool trail_is_long(const struct explain *e);
/* The exception or INT and its delivery. */
void events_tell(struct explain *e);
