/* fast_words.h - what bodies of FAST say beside their operands: the stack, checks, errors. SLOW_INSTEAD and JUMP_RETURN_* are the
 * includer's. */
#define DIVIDE_ERROR SLOW_INSTEAD
#define NEXT_EIP op_next_eip(cpu, o)

#define PUSH(v) \
    STACK_SLOT((cpu->s.gpr[ESP] - W / 8), W / 8, write, write_top); \
    PUT(W)(sat_, (v)); \
    SET_SP(PUSHED_SP)
#define PEEK(v) STACK_SLOT(cpu->s.gpr[ESP], W / 8, read, read_top); (v) = GET(W)(sat_)
#define POP(v)  PEEK(v); SET_SP(cpu->s.gpr[ESP] + W / 8)
#define PEEK_BP(v) STACK_SLOT(cpu->s.gpr[EBP], W / 8, read, read_top); (v) = GET(W)(sat_)
#define STACK_RELEASE(n) SET_SP(cpu->s.gpr[ESP] + (n))

#define PUSH_RETURN(check, eip) check; BEHIND_FIRST; PUSH((uW)RETURN_OFFSET)
#define CHECK_CS(eip) do { if (unlikely((eip) > cpu->s.seg[CS].limit)) SLOW_INSTEAD; } while (0)
/* Only flat code needs no check of a branch target. */
#define CHECK_TARGET do { if (unlikely(mode_seg(cpu->mode, CS) != SEG_FLAT)) SLOW_INSTEAD; } while (0)
#define RETURN_STACK_PUSH(slot) do { \
    u32 t_ = (cpu->cache.ret_top + sizeof(struct return_place)) & (sizeof cpu->cache.ret_stack - 1); \
    cpu->cache.ret_top = t_; \
    return_place(cpu, t_)->key = jump_key(cpu, BEHIND); \
    return_place(cpu, t_)->op = (slot); \
    STORED; } while (0)
