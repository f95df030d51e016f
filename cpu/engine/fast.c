/* fast.c - the FAST instance: every hot body for every size and form, memory by an inline look at the first-level TLB.
 * Rules (checked by tests/check_handlers on the object file): no calls and no stack frame in a handler; whatever is not plain
 * is handed to SLOW's handler for the same op before anything has changed. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 1
#define PREFIX h_
#define OP(name, ...) static HANDLER(N(name)) { __VA_ARGS__; NEXT; }
#define SLOW_INSTEAD HAND_TO(slow_handler(o))
#define DIVIDE_ERROR SLOW_INSTEAD
#define NEXT_EIP op_next_eip(cpu, o)

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
    u32 t_ = cpu->cache.ret_top; \
    cpu->cache.ret_top = (t_ - 1) & (RETURN_STACK - 1); \
    BUDGET -= o->nth + 1; \
    if (likely(cpu->cache.ret_stack[t_].key == key_ && BUDGET >= BLOCK_MAX)) { \
        BRANCH_DONT_INDEX; \
        cpu->page = to_ & ~(u64)PAGE_MASK; \
        GO(((const struct link *)cpu->cache.ret_stack[t_].op)->target); \
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
    u32 t_ = (cpu->cache.ret_top + 1) & (RETURN_STACK - 1); \
    cpu->cache.ret_top = t_; \
    cpu->cache.ret_stack[t_].key = jump_key(cpu, (u32)(op_linear(cpu, o) + o->len)); \
    cpu->cache.ret_stack[t_].op = (slot); } while (0)

#include "hot/all.h"

#include "hot/tables.h"

#define SIZES_WIDE_32(row, n) { { NULL }, { NULL }, row(n, 32) }

handler *const fast_handlers[BODIES][3][FORMS] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair) [BODY_##name] = SIZES_##sizes(FAST_##class, name),
#include "hot/bodies.inc"
#undef BODY
};
