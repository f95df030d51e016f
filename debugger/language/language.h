/* language.h - what people write, as values: expressions with C's operators and precedence, of 64-bit numbers, over registers, flags,
 * symbols, variables, memory and ports. Follows: ISO C, "Expressions"; the GDB manual, "Expressions", for $NAME, {TYPE} ADDRESS and @.
 *
 * Numbers are of the base that the place suggests; 0x says hexadecimal, 0d decimal, 'A' a character. A number that needs more than 64 bits
 * is an error, as are a division by zero, a shift by more than 63, an operand that cannot be read, and anything left over.
 * Words: registers (eax, $eax, %eax), $pc $sp $fp (linear addresses of CS:EIP, SS:ESP, SS:EBP), flags (zf, if; $cf where cf is a
 * hexadecimal number, too), insns and time (instructions, virtual nanoseconds), variables of C, symbols (&add where add is a number, too).
 * sizeof knows types, variables, registers and memory; a constant of an enumeration is a number.
 * Memory: [ADDRESS] and *ADDRESS are a doubleword; byte, word, dword or qword in front say otherwise, as do b[], w[], d[], q[]; ADDRESS
 * may be SEGMENT:OFFSET; phys[ADDRESS] is physical; *POINTER, (TYPE *) ADDRESS and {TYPE} ADDRESS as types say.
 * Ports: port(N), a byte, or as wide as a word in front says; only of registers whose reading changes nothing.
 * A number out of a register or memory that meets a negative one is compared as so many bits: eax == -1. */
#pragma once
#include "../symbols/symbols.h"
#include "../symbols/typed.h"

struct machine;
struct cpu;

/* What a value was made of: it is what it was while these are. */
enum { READS_MOST = 8 };
struct language_reads {
    struct register_read { const struct cpu_register *r; u64 mask, value; } registers[READS_MOST];  /* mask: the bits that counted */
    struct memory_read { u64 at; u32 n; bool physical; } memory[READS_MOST];
    int register_count, memory_count;
    bool more;                          /* and of more than that */
};

/* What it is spoken about. */
struct language {
    struct machine *m;
    struct cpu *cpu;
    const struct symbols *symbols;
    FILE *out;                          /* for what is wrong, a line; NULL: it is not said */
    struct language_reads *reads;       /* what is read is added there, and variables of C are refused that lie in registers; NULL: not */
    bool (*scope)(void *to, struct debug_scope *scope);         /* where names of C mean something; NULL or false: nowhere */
    const char *(*name)(void *to, u64 address, char *text, size_t n);   /* of an address, for pointers; NULL: none */
    void *to;
};

/* All of these: false with a message, and nothing has changed. Base: 16 or 10. */

/* The whole text; *v may lie in a register or in memory. */
bool language_value(const struct language *l, const char *text, int base, struct value *v);
/* The same as a number; a negative one in two's complement. */
bool language_number(const struct language *l, const char *text, int base, u64 *number);
/* Is it right, as far as can be told without computing it: does it end where it should, are its words known? */
bool language_check(const struct language *l, const char *text, int base);
/* A place in memory: SEGMENT:OFFSET with a segment register, whose hidden base counts, or a selector; a linear address; phys:ADDRESS. */
struct location { u64 at; bool physical; };
bool language_location(const struct language *l, const char *text, struct location *location);
/* The same, but what C calls a variable (a member, an element) is where it lies, not what it holds. *size: its bytes, or of what a typed
 * pointer points to; 0: not known. */
bool language_place(const struct language *l, const char *text, struct location *location, u64 *size);
/* "LEFT = RIGHT", where left names a register, flag or memory. *left is what it is now. */
bool language_assign(const struct language *l, const char *text, struct value *left);
/* True: the text has an = that assigns. */
bool language_is_assignment(const char *text);

/* A value as a number; false with a message: it cannot be read. */
bool language_load(const struct language *l, const struct value *v, u64 *number);
/* Put a number there; it must fit, unsigned or as a negative one. */
bool language_store(const struct language *l, const struct value *v, u64 number);
/* "(int) 5", "0x10 = 16", a struct in lines. False with a message: it is a number that cannot be read. */
bool language_print(const struct language *l, const struct value *v);

/* One number, nothing else; false without a message: it is none, or (*big) one of more than 64 bits. */
bool language_digits(const char *word, int base, u64 *number, bool *big);
