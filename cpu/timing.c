/* timing.c - see timing.h. The clocks are those that the manuals publish for each instruction, taken together by class: the common
 * operand size, the usual address, half of the conditional jumps taken, caches that hit.
 * Follows: Intel iAPX 86/88 User's Manual "Instruction Set Reference Data"; 80286 Programmer's Reference Manual, 80386 Programmer's
 * Reference Manual and i486 Microprocessor Programmer's Reference Manual "Instruction Set"; Pentium Processor Developer's Manual Vol. 3
 * "Instruction Set"; 8087, 80287 and 80387 data sheets "Execution time".
 * Here: what makes a program of the day run at the pace of its day. Not here: prefetch queues, pairing rules, caches, wait states. */
#include "timing.h"
#include "engine/engine.h"

enum clocks {
    CLOCKS_REGISTER, CLOCKS_LOAD, CLOCKS_STORE, CLOCKS_MODIFY /* memory is read and written */, CLOCKS_SHIFT, CLOCKS_MUL, CLOCKS_DIV,
    CLOCKS_JUMP, CLOCKS_JUMP_IF, CLOCKS_CALL /* and RET */, CLOCKS_STACK, CLOCKS_STRING, CLOCKS_SEGMENT /* loads, far transfers */,
    CLOCKS_INTERRUPT /* INT, IRET, delivery */, CLOCKS_SYSTEM, CLOCKS_PORT,
    CLOCKS_FPU_MOVE, CLOCKS_FPU_ADD, CLOCKS_FPU_MUL, CLOCKS_FPU_DIV, CLOCKS_FPU_LONG,
    CLOCKS_CLASSES
};

struct cpu_timing {
    const char *name;
    u8 ticks_per_clock;
    u8 fetch;                           /* ticks a byte of the instruction takes to arrive, where that bounds the speed */
    u16 ticks[CLOCKS_CLASSES];
};

/* clang-format off */
static const struct cpu_timing timings[] = {
    /*                   reg load store mod shift mul div  jmp jcc call stk str seg int sys port  fld fadd fmul fdiv long */
    { "8088",    1, 4, {   3,  18,  20,  32,   8, 118, 150, 15, 10, 22, 14, 15, 30, 71,  8,  12,  20,  85, 138, 198, 500 } },
    { "286",     1, 0, {   2,   5,   3,   7,   5,  21,  22,  9,  6, 10,  4,  4, 13, 25,  7,   5,  20,  85, 138, 198, 500 } },
    { "386",     1, 0, {   2,   4,   2,   7,   3,  15,  22,  9,  6, 10,  3,  4, 13, 45, 10,  12,  20,  30,  50,  90, 350 } },
    { "486",     1, 0, {   1,   1,   1,   3,   2,  18,  24,  3,  2,  4,  2,  4,  9, 35,  8,  14,   4,  10,  16,  73, 250 } },
    { "pentium", 2, 0, {   1,   2,   2,   6,   2,  20,  50,  2,  2,  4,  2,  2,  6, 60, 16,  24,   2,   6,   6,  78, 160 } },
};

/* What a row's operands and attributes do not say. */
static const struct { const char *mnemonic; u8 clocks; } by_name[] = {
    { "shl", CLOCKS_SHIFT }, { "shr", CLOCKS_SHIFT }, { "sal", CLOCKS_SHIFT }, { "sar", CLOCKS_SHIFT }, { "rol", CLOCKS_SHIFT },
    { "ror", CLOCKS_SHIFT }, { "rcl", CLOCKS_SHIFT }, { "rcr", CLOCKS_SHIFT }, { "shld", CLOCKS_SHIFT }, { "shrd", CLOCKS_SHIFT },
    { "mul", CLOCKS_MUL }, { "imul", CLOCKS_MUL }, { "aad", CLOCKS_MUL },
    { "div", CLOCKS_DIV }, { "idiv", CLOCKS_DIV }, { "aam", CLOCKS_DIV },
    { "jmp", CLOCKS_JUMP }, { "call", CLOCKS_CALL }, { "ret", CLOCKS_CALL }, { "leave", CLOCKS_STACK }, { "enter", CLOCKS_CALL },
    { "call far", CLOCKS_SEGMENT }, { "jmp far", CLOCKS_SEGMENT }, { "ret far", CLOCKS_SEGMENT },
    { "int", CLOCKS_INTERRUPT }, { "int3", CLOCKS_INTERRUPT }, { "into", CLOCKS_SYSTEM }, { "iret", CLOCKS_INTERRUPT },
    { "lea", CLOCKS_REGISTER },
    { "fmul", CLOCKS_FPU_MUL }, { "fmulp", CLOCKS_FPU_MUL }, { "fimul", CLOCKS_FPU_MUL },
    { "fdiv", CLOCKS_FPU_DIV }, { "fdivr", CLOCKS_FPU_DIV }, { "fdivp", CLOCKS_FPU_DIV }, { "fdivrp", CLOCKS_FPU_DIV },
    { "fidiv", CLOCKS_FPU_DIV }, { "fidivr", CLOCKS_FPU_DIV }, { "fsqrt", CLOCKS_FPU_DIV }, { "fprem", CLOCKS_FPU_DIV },
    { "fprem1", CLOCKS_FPU_DIV }, { "fbld", CLOCKS_FPU_DIV }, { "fbstp", CLOCKS_FPU_DIV },
    { "fsin", CLOCKS_FPU_LONG }, { "fcos", CLOCKS_FPU_LONG }, { "fsincos", CLOCKS_FPU_LONG }, { "fptan", CLOCKS_FPU_LONG },
    { "fpatan", CLOCKS_FPU_LONG }, { "f2xm1", CLOCKS_FPU_LONG }, { "fyl2x", CLOCKS_FPU_LONG }, { "fyl2xp1", CLOCKS_FPU_LONG },
    { "fld", CLOCKS_FPU_MOVE }, { "fst", CLOCKS_FPU_MOVE }, { "fstp", CLOCKS_FPU_MOVE }, { "fxch", CLOCKS_FPU_MOVE },
    { "fld1", CLOCKS_FPU_MOVE }, { "fldz", CLOCKS_FPU_MOVE }, { "fchs", CLOCKS_FPU_MOVE }, { "fabs", CLOCKS_FPU_MOVE },
    { "fnstsw", CLOCKS_FPU_MOVE }, { "fnstcw", CLOCKS_FPU_MOVE }, { "fldcw", CLOCKS_FPU_MOVE },
};
/* clang-format on */

const struct cpu_timing *cpu_timing_find(const char *name)
{
    for (size_t k = 0; k < ARRAY_LEN(timings); k++)
        if (!strcmp(timings[k].name, name))
            return &timings[k];
    return NULL;
}

const char *cpu_timing_name(const struct cpu_timing *t) { return t ? t->name : ""; }
u32 timing_ticks_per_clock(const struct cpu_timing *t) { return t->ticks_per_clock; }

static bool is_segment(u32 operand) { return operand_kind(operand) == K_S || operand_kind(operand) == K_SEG; }
static bool is_general(u32 operand) { return operand_kind(operand) == K_G || operand_kind(operand) == K_GPR; }

static enum clocks class_of(const struct row *row, bool memory)
{
    const u16 *to = row->operand;
    enum body_class class = (enum body_class)body_info[row->body].class;
    bool compares = row->body && (class == CLASS_COMPARE || class == CLASS_TEST), moves = row->body && class == CLASS_MOVE;
    bool loads = row->body && (class == CLASS_LOAD || class == CLASS_ADDRESS);
    for (size_t k = 0; k < ARRAY_LEN(by_name); k++)
        if (row->mnemonic && !strcmp(row->mnemonic, by_name[k].mnemonic))
            return (enum clocks)by_name[k].clocks;
    if (row->exceptions == EXCEPT_FPU)
        return CLOCKS_FPU_ADD;
    if (row->attr & (A_REP | A_REPCC))
        return CLOCKS_STRING;
    if (row->attr & A_IO)
        return CLOCKS_PORT;
    if (is_control(to[0]) || is_control(to[1]) || (row->attr & (A_CPL0 | A_PM)))
        return CLOCKS_SYSTEM;
    if (is_segment(to[0]))
        return CLOCKS_SEGMENT;
    if (row->attr & A_BRANCH)
        return CLOCKS_JUMP_IF;
    if (row->attr & A_STACK)
        return CLOCKS_STACK;
    if (!memory)
        return row->attr & (A_END | A_MAY_END) ? CLOCKS_SYSTEM : CLOCKS_REGISTER;
    if (compares || loads || is_general(to[0]))
        return CLOCKS_LOAD;
    return moves ? CLOCKS_STORE : CLOCKS_MODIFY;
}

u32 timing_of(const struct cpu_timing *t, const struct decoded *d)
{
    enum clocks class = class_of(d->op.row, d->memory);
    u32 ticks = t->ticks[class], fetch = t->fetch * d->op.len;
    if (class == CLOCKS_SHIFT && d->memory)
        ticks += t->ticks[CLOCKS_MODIFY] - t->ticks[CLOCKS_REGISTER];
    if ((class == CLOCKS_MUL || class == CLOCKS_DIV) && d->op.row->body)    /* the table's are of 16 bits */
        ticks = op_bytes(&d->op) == 1 ? ticks * 2 / 3 : op_bytes(&d->op) == 4 ? ticks * 5 / 3 : ticks;
    if (class >= CLOCKS_FPU_ADD && d->memory)
        ticks += t->ticks[CLOCKS_LOAD];
    ticks = ticks > fetch ? ticks : fetch;
    return ticks < TIMING_MAX ? ticks : TIMING_MAX;
}

u32 timing_of_iteration(const struct cpu_timing *t, const struct op *o)
{
    return t->ticks[o->row->attr & A_IO ? CLOCKS_PORT : CLOCKS_STRING];
}
u32 timing_of_event(const struct cpu_timing *t) { return t->ticks[CLOCKS_INTERRUPT]; }
