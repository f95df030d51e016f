/* fast.c - the FAST instance: every hot body for every size and form, memory by an inline look at the first-level TLB.
 * Rules (checked by tests/check_handlers on the object file): no calls and no stack frame in a handler; whatever is not plain
 * is handed to SLOW's handler for the same op before anything has changed. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 1
#define PREFIX h_
#define OP(name) static HANDLER(N(name))
#define ENTER ((void)0)
#define SLOW_INSTEAD HAND_TO(slow_handler(o))
#define DIVIDE_ERROR SLOW_INSTEAD
#define NEXT_EIP ((u32)(cpu->page + o->pc + o->len - cpu->s.seg[CS].base))

#define TAKE_BRANCH do { \
    BUDGET -= o->nth + 1; \
    if (unlikely(BUDGET < BLOCK_MAX)) HAND_TO(leave_branch); \
    GO(o->target); } while (0)

/* Any target offset, checked: through the inline cache behind the op. */
#define JUMP_INDIRECT(eip) do { \
    u64 to_ = (u32)((eip) + cpu->s.seg[CS].base), key_ = jump_key(cpu, to_); \
    const struct inline_cache *ic_ = (const struct inline_cache *)(o + 1); \
    BUDGET -= o->nth + 1; \
    if (likely(BUDGET >= BLOCK_MAX)) { \
        if (ic_->entry[0].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[0].target); } \
        if (ic_->entry[1].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[1].target); } \
        if (ic_->entry[2].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[2].target); } \
        if (ic_->entry[3].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[3].target); } \
    } \
    cpu->s.rip = (eip); \
    HAND_TO(dispatch_indirect); } while (0)

/* RET on flat code: the return stack knows the slot behind the CALL. */
#define JUMP_RETURN_FLAT(eip) do { \
    u64 to_ = (eip), key_ = jump_key(cpu, to_); \
    u32 t_ = cpu->ret_top; \
    cpu->ret_top = (t_ - 1) & (RETURN_STACK - 1); \
    BUDGET -= o->nth + 1; \
    if (likely(cpu->ret_stack[t_].key == key_ && BUDGET >= BLOCK_MAX)) { \
        BRANCH_DONT_INDEX; \
        cpu->page = to_ & ~(u64)PAGE_MASK; \
        GO(((const struct link *)cpu->ret_stack[t_].op)->target); \
    } \
    cpu->s.rip = to_; \
    HAND_TO(dispatch_rip); } while (0)
#define JUMP_RETURN_ANY(eip) do { \
    BUDGET -= o->nth + 1; \
    cpu->s.rip = (eip); \
    HAND_TO(dispatch_rip); } while (0)

#define PUSH(v) \
    STACK_SLOT((cpu->s.gpr[ESP] - W / 8), W / 8, write, write_top); \
    PUT(W)(sat_, (v)); \
    SET_SP(cpu->s.gpr[ESP] - W / 8)
#define PEEK(v) STACK_SLOT(cpu->s.gpr[ESP], W / 8, read, read_top); (v) = GET(W)(sat_)
#define POP(v)  PEEK(v); SET_SP(cpu->s.gpr[ESP] + W / 8)
#define PEEK_BP(v) STACK_SLOT(cpu->s.gpr[EBP], W / 8, read, read_top); (v) = GET(W)(sat_)
#define STACK_RELEASE(n) SET_SP(cpu->s.gpr[ESP] + (n))

#define PUSH_RETURN(check, eip) do { check; PUSH((uW)NEXT_EIP); } while (0)
#define CHECK_CS(eip) do { if (unlikely((eip) > cpu->s.seg[CS].limit)) SLOW_INSTEAD; } while (0)
/* Only flat code needs no check of a branch target. */
#define CHECK_TARGET do { if (unlikely(mode_seg(cpu->mode, CS) != SEG_FLAT)) SLOW_INSTEAD; } while (0)
#define RETURN_STACK_PUSH(slot) do { \
    u32 t_ = (cpu->ret_top + 1) & (RETURN_STACK - 1); \
    cpu->ret_top = t_; \
    cpu->ret_stack[t_].key = jump_key(cpu, (u32)(cpu->page + o->pc + o->len)); \
    cpu->ret_stack[t_].op = (slot); } while (0)

#include "hot/all.h"

#include "hot/tables.h"

handler *const fast_handlers[BODIES][3][FORMS] = {
#define X(n) [BODY_##n] = { ROW_TWO_FAST(n, 8), ROW_TWO_FAST(n, 16), ROW_TWO_FAST(n, 32) },
    X(add) X(or) X(adc) X(sbb) X(and) X(sub) X(xor) X(cmp) X(mov)
#undef X
    [BODY_test] = { ROW_TEST_FAST(test, 8), ROW_TEST_FAST(test, 16), ROW_TEST_FAST(test, 32) },
    [BODY_xchg] = { ROW_XCHG_FAST(xchg, 8), ROW_XCHG_FAST(xchg, 16), ROW_XCHG_FAST(xchg, 32) },
#define X(n) [BODY_##n] = { { NULL }, ROW_LOAD_FAST(n, 16), ROW_LOAD_FAST(n, 32) },
    X(movzx8) X(movzx16) X(movsx8) X(movsx16) X(imul) X(jmp_ind) X(push_rm)
    X(cmovo) X(cmovno) X(cmovb) X(cmovnb) X(cmovz) X(cmovnz) X(cmovbe) X(cmovnbe)
    X(cmovs) X(cmovns) X(cmovp) X(cmovnp) X(cmovl) X(cmovnl) X(cmovle) X(cmovnle)
#undef X
    [BODY_lea] = { { NULL }, ROW_LEA_FAST(lea, 16), ROW_LEA_FAST(lea, 32) },
#define X(n) [BODY_##n] = { ROW_UNARY_FAST(n, 8), ROW_UNARY_FAST(n, 16), ROW_UNARY_FAST(n, 32) },
    X(inc) X(dec) X(not) X(neg) X(shl) X(shr) X(sar) X(rol) X(ror)
    X(shl_cl) X(shr_cl) X(sar_cl) X(rol_cl) X(ror_cl) X(mul) X(imul1) X(div) X(idiv)
#undef X
/* Through the carry, only in registers; 16-bit indirect calls not at all: SLOW has the rest. */
#define X(n) [BODY_##n] = { ROW_REGISTER_FAST(n, 8), ROW_REGISTER_FAST(n, 16), ROW_REGISTER_FAST(n, 32) },
    X(rcl) X(rcr) X(rcl_cl) X(rcr_cl)
#undef X
    [BODY_call_ind] = { { NULL }, { NULL }, ROW_LOAD_FAST(call_ind, 32) },
#define X(n, number) [BODY_set##n] = { ROW_UNARY_FAST(set##n, 8) },
    CONDITIONS(X)
#undef X
#define X(n) [BODY_##n] = { { NULL }, ROW_STACK_FAST(n, 16), ROW_STACK_FAST(n, 32) },
    X(push) X(ret)
#undef X
#define X(n) [BODY_##n] = { { NULL }, ROW_STACK1_FAST(n, 16), ROW_STACK1_FAST(n, 32) },
    X(pop) X(call) X(leave)
#undef X
#define X(n) [BODY_##n] = { { NULL }, ROW_PLAIN(n, 16), ROW_PLAIN(n, 32) },
    BODIES_PLAIN(X)
#undef X
};
