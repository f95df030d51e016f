/* parts.h - the parser, for the files of this folder. */
#pragma once
#include "language.h"
#include "../../cpu/cpu.h"

enum { WORD = 128, DEPTH_MOST = 40 };

struct parser {
    const struct language *l;
    const char *at;
    int base, depth;
    int dry;                    /* not 0: nothing is computed, as behind "0 &&" */
    bool bad;
    enum { SCOPE_UNASKED, SCOPE_NONE, SCOPE_THERE } has_scope;
    struct debug_scope scope;
};

/* A number, and what matters for what operators do to it. */
struct number {
    u64 v;
    int bytes;                  /* so many came out of a register or memory; 0: two's complement of 64 bits */
    bool wide;                  /* unsigned, of 64 bits */
};

/* Say what is wrong, unless something was already. False. */
bool complain(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void skip(struct parser *p);
/* The character, and what follows is behind it. */
bool take(struct parser *p, char c);
/* A bracket that must be there. */
bool expect(struct parser *p, char c);
/* A word of C's letters; its length, and nothing was taken. */
size_t word_peek(const struct parser *p, char *word);
/* Where names of C mean something; NULL: nowhere. */
const struct debug_scope *scope_of(struct parser *p);

/* What is read, for l->reads. */
void note_more(const struct parser *p);

/* expression.c */
bool parse_unary(struct parser *p, struct value *v);
/* A conditional, or SEGMENT:OFFSET. */
bool parse_address(struct parser *p, struct value *v);

/* words.c */
bool parse_word(struct parser *p, struct value *v);
/* &SYMBOL; false without a message: it is none. */
bool parse_symbol_address(struct parser *p, struct value *v);

/* memory.c: what begins with [, phys[, port(, byte, b[ ...; *taken: it was such. */
bool parse_memory(struct parser *p, struct value *v, bool *taken);
/* What an address points to: by its type, else a doubleword. */
bool dereference(struct parser *p, struct value *v);

/* casts.c: "(TYPE)" or "{TYPE}"; false: it is none, and nothing was taken. */
bool parse_cast(struct parser *p, char close, struct type *type);

/* operators.c */
bool load(struct parser *p, const struct value *v, struct number *n);
bool operate_unary(struct parser *p, char operator, struct value *v);
bool operate(struct parser *p, const char *operator, struct value *left, const struct value *right);
struct value plain_number(u64 v);
bool is_true(struct parser *p, const struct value *v, bool *truth);
