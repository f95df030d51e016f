/* evaluate.c - DWARF expressions: where a variable or a saved register is.
 * Follows: DWARF Debugging Information Format, Version 5, "DWARF Expressions", "Location Descriptions".
 * Not yet: values in pieces, entry values, thread-local storage; they are refused. */
#include "dwarf_parts.h"

#ifdef HAVE_DW
enum { DEPTH = 64, STEPS = 1000 };

struct stack {
    u64 v[DEPTH];
    int n;
    bool bad;
};

static void push(struct stack *s, u64 v)
{
    if (s->n < DEPTH)
        s->v[s->n++] = (u32)v;          /* the target's word */
    else
        s->bad = true;
}

static u64 pop(struct stack *s)
{
    if (s->n)
        return s->v[--s->n];
    s->bad = true;
    return 0;
}

static u64 register_of(const struct evaluation *e, u64 n, struct stack *s)
{
    if (n < FRAME_REGISTERS && e->state->known >> n & 1)
        return e->state->r[n];
    s->bad = true;
    return 0;
}

static u64 memory_at(const struct evaluation *e, u64 address, size_t n, struct stack *s)
{
    u8 bytes[8] = { 0 };
    if (n > 4 || !e->memory->read(e->memory->to, (u32)address, bytes, n))
        s->bad = true;
    return get64(bytes);
}

/* Two operands, b above a. */
static u64 binary(u8 atom, u64 a, u64 b, struct stack *s)
{
    switch (atom) {
    case DW_OP_and:   return a & b;
    case DW_OP_or:    return a | b;
    case DW_OP_xor:   return a ^ b;
    case DW_OP_plus:  return a + b;
    case DW_OP_minus: return a - b;
    case DW_OP_mul:   return a * b;
    case DW_OP_shl:   return b < 32 ? a << b : 0;
    case DW_OP_shr:   return b < 32 ? a >> b : 0;
    case DW_OP_shra:  return (u64)(i64)((i32)a >> (b < 32 ? b : 31));
    case DW_OP_eq:    return a == b;
    case DW_OP_ne:    return a != b;
    case DW_OP_lt:    return (i32)a < (i32)b;
    case DW_OP_le:    return (i32)a <= (i32)b;
    case DW_OP_gt:    return (i32)a > (i32)b;
    case DW_OP_ge:    return (i32)a >= (i32)b;
    case DW_OP_mod:   return b ? a % b : (s->bad = true, 0);
    case DW_OP_div:   return (i32)b && (i32)b != -1 ? (u64)(i64)((i32)a / (i32)b) : (s->bad = true, 0);
    default:          s->bad = true; return 0;
    }
}

/* What names its place on the stack, or leaves a value. */
static void operate(const struct evaluation *e, const Dwarf_Op *op, struct stack *s)
{
    u8 atom = op->atom;
    u64 a, b;
    if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31) {
        push(s, atom - DW_OP_lit0);
        return;
    }
    if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
        push(s, register_of(e, atom - DW_OP_breg0, s) + op->number);
        return;
    }
    switch (atom) {
    case DW_OP_nop:             break;
    case DW_OP_addr:            push(s, op->number + e->offset); break;
    case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u: case DW_OP_const2s: case DW_OP_const4u: case DW_OP_const4s:
    case DW_OP_const8u: case DW_OP_const8s: case DW_OP_constu: case DW_OP_consts:
                                push(s, op->number); break;
    case DW_OP_bregx:           push(s, register_of(e, op->number, s) + op->number2); break;
    case DW_OP_fbreg:           s->bad |= !e->base; push(s, e->base ? *e->base + op->number : 0); break;
    case DW_OP_call_frame_cfa:  s->bad |= !e->cfa; push(s, e->cfa ? *e->cfa : 0); break;
    case DW_OP_dup:             a = pop(s); push(s, a); push(s, a); break;
    case DW_OP_drop:            pop(s); break;
    case DW_OP_over: case DW_OP_pick:
        a = atom == DW_OP_over ? 1 : op->number;
        s->bad |= a >= (u64)s->n;
        push(s, s->bad ? 0 : s->v[(u64)s->n - 1 - a]);
        break;
    case DW_OP_swap:            b = pop(s); a = pop(s); push(s, b); push(s, a); break;
    case DW_OP_deref:           push(s, memory_at(e, pop(s), 4, s)); break;
    case DW_OP_deref_size:      push(s, memory_at(e, pop(s), op->number, s)); break;
    case DW_OP_plus_uconst:     push(s, pop(s) + op->number); break;
    case DW_OP_neg:             push(s, 0 - pop(s)); break;
    case DW_OP_not:             push(s, ~pop(s)); break;
    case DW_OP_abs:             a = pop(s); push(s, (i32)a < 0 ? 0 - a : a); break;
    default:                    b = pop(s); a = pop(s); push(s, binary(atom, a, b, s)); break;
    }
}

/* The operation at an offset of the expression, for branches; n: none. */
static size_t operation_at(const Dwarf_Op *ops, size_t n, u64 offset)
{
    size_t k = 0;
    while (k < n && ops[k].offset != offset)
        k++;
    return k;
}

bool debug_evaluate(const struct evaluation *e, const Dwarf_Op *ops, size_t n, struct place *place)
{
    struct stack s = { .n = 0 };
    place->kind = PLACE_MEMORY;
    for (size_t k = 0, steps = 0; k < n && !s.bad; steps++) {
        const Dwarf_Op *op = &ops[k++];
        if (steps > STEPS)
            return false;
        if ((op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) || op->atom == DW_OP_regx) {
            *place = (struct place){ PLACE_REGISTER, op->atom == DW_OP_regx ? op->number : (u64)op->atom - DW_OP_reg0 };
            return n == 1 && place->value < FRAME_REGISTERS;
        }
        if (op->atom == DW_OP_stack_value)
            place->kind = PLACE_VALUE;
        else if (op->atom == DW_OP_skip || (op->atom == DW_OP_bra && pop(&s)))
            k = operation_at(ops, n, op->offset + 3 + op->number);
        else if (op->atom != DW_OP_bra)
            operate(e, op, &s);
    }
    place->value = n ? pop(&s) : 0;
    return !s.bad && n;
}
#endif
