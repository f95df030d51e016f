/* bytecode.c - an interpreter with one indirect jump an instruction, running a small program (Collatz lengths). */
#include "bare.h"

enum code { PUSH, LOAD, STORE, ADD, MUL, HALF, ODD, JUMP, JUMP_IF, LESS, SUB, END };

static u8 code[128];

/* v0: the number, v1: its length, v2: the outer loop, v3: the sum of lengths. */
static void build(void)
{
    u8 *p = code;
#define B(x) (*p++ = (u8)(x))
    B(PUSH), B(1), B(STORE), B(2);
    u8 *outer = p;
    B(LOAD), B(2), B(STORE), B(0), B(PUSH), B(0), B(STORE), B(1);
    u8 *inner = p;
    B(LOAD), B(0), B(PUSH), B(2), B(LESS), B(JUMP_IF);
    u8 *to_done = p;
    B(0), B(LOAD), B(1), B(PUSH), B(1), B(ADD), B(STORE), B(1), B(LOAD), B(0), B(ODD), B(JUMP_IF);
    u8 *to_odd = p;
    B(0), B(LOAD), B(0), B(HALF), B(STORE), B(0), B(JUMP), B(inner - code);
    *to_odd = (u8)(p - code);
    B(LOAD), B(0), B(PUSH), B(3), B(MUL), B(PUSH), B(1), B(ADD), B(STORE), B(0), B(JUMP), B(inner - code);
    *to_done = (u8)(p - code);
    B(LOAD), B(3), B(LOAD), B(1), B(ADD), B(STORE), B(3);
    B(LOAD), B(2), B(PUSH), B(1), B(ADD), B(STORE), B(2);
    B(LOAD), B(2), B(PUSH), B(200), B(LESS), B(JUMP_IF), B(outer - code), B(END);
#undef B
}

static u32 interpret(void)
{
    static void *const labels[] = { &&push, &&load, &&store, &&add, &&mul, &&half, &&odd, &&jump, &&jump_if, &&less, &&sub, &&end };
    u32 stack[16], v[4] = { 0 }, *sp = stack;
    const u8 *pc = code;
#define NEXT goto *labels[*pc++]
    NEXT;
push:    *sp++ = *pc++; NEXT;
load:    *sp++ = v[*pc++]; NEXT;
store:   v[*pc++] = *--sp; NEXT;
add:     sp--; sp[-1] += sp[0]; NEXT;
sub:     sp--; sp[-1] -= sp[0]; NEXT;
mul:     sp--; sp[-1] *= sp[0]; NEXT;
half:    sp[-1] >>= 1; NEXT;
odd:     sp[-1] &= 1; NEXT;
less:    sp--; sp[-1] = sp[-1] < sp[0]; NEXT;
jump:    pc = code + *pc; NEXT;
jump_if: pc = *--sp ? code + *pc : pc + 1; NEXT;
end:     return v[3];
#undef NEXT
}

u32 kernel(u32 scale)
{
    u32 sum = 0;
    build();
    for (u32 i = 0; i < scale; i++)
        sum = sum * 5 + interpret();
    return sum;
}
