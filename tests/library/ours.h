/* ours.h - what the library's tests have in common: checks, and a firmware of their own that says "hello" and waits for a byte. */
#pragma once
#include <vitrine.h>
#include <stdio.h>

static const uint64_t MS = 1000000;

extern FILE *report;                            /* the real standard error */

/* Not so: say where, and end the program. */
void check_at(bool good, const char *file, int line, const char *what);
#define CHECK(what) check_at(what, __FILE__, __LINE__, #what)

/* The program is at F000:0000; from DONE on it waits for a byte over COM1, and gives it to the debug exit. */
enum { BIOS_SIZE = 64 << 10, PROGRAM_SIZE = 56 };
enum { DONE = 0x23, TEXT_AT = 0x40, RESET_VECTOR = 0xfff0 };
extern const uint8_t program[PROGRAM_SIZE];
uint8_t *make_bios(void);

struct heard { char text[32]; size_t n; };

/* A machine with such firmware and nothing else; what it sends goes to both. */
struct vitrine *bare(const uint8_t *bios, struct heard *serial, struct heard *console);
uint64_t value(const struct vitrine *v, const char *name);

/* going_on.c: a machine that is stopped, saved or run in pieces goes on as one that is left alone. */
void going_on(void);
