/* fast_leave.h - how a handler of FAST leaves its block: by its link, through its inline cache, through the return stack. */
#define TAKE_BRANCH do { \
    BUDGET -= o->through; \
    if (unlikely(BUDGET < BLOCK_MAX)) HAND_TO(leave_branch); \
    GO(o->target); } while (0)

/* The same of a CALL, most of which lead to another page: what h_linked does, without going there. */
#ifdef VITRINE_SMALL                       /* where the program's size counts */
#define TAKE_CALL TAKE_BRANCH
#else
#define TAKE_CALL do { \
    BUDGET -= o->through; \
    if (unlikely(BUDGET < BLOCK_MAX)) HAND_TO(leave_branch); \
    const struct op *called_ = o->target; \
    if (called_ == o + 1) { \
        const struct link *l_ = (const struct link *)called_; \
        if (likely(link_holds(cpu, l_))) { BRANCH_DONT_INDEX; called_ = follow_link(cpu, l_); } \
    } \
    GO(called_); } while (0)
#endif

/* Any target offset, checked: through the inline cache behind the op. */
#define JUMP_INDIRECT_FLAT(eip) JUMP_INDIRECT_TO(eip, (eip))
#define JUMP_INDIRECT_ANY(eip)  JUMP_INDIRECT_TO(eip, (u32)((eip) + cpu->s.seg[CS].base))
#define JUMP_INDIRECT_TO(eip, linear) do { \
    u64 to_ = (linear), key_ = jump_key(cpu, to_); \
    const struct inline_cache *ic_ = (const struct inline_cache *)(o + 1); \
    BUDGET -= o->through; \
    if (likely(BUDGET >= BLOCK_MAX)) { \
        if (ic_->entry[0].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[0].target); } \
        if (ic_->entry[1].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[1].target); } \
        if (ic_->entry[2].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[2].target); } \
        if (ic_->entry[3].key == key_) { BRANCH_DONT_INDEX; cpu->page = to_ & ~(u64)PAGE_MASK; GO(ic_->entry[3].target); } \
    } \
    cpu->s.rip = (eip); \
    HAND_TO(dispatch_indirect); } while (0)

/* RET: the return stack knows the slot behind the CALL. */
#define JUMP_RETURN_FLAT(eip)  JUMP_RETURN_TO(eip, (eip))
#define JUMP_RETURN_ANY(eip)   JUMP_RETURN_TO(eip, (u32)((eip) + cpu->s.seg[CS].base))
#define JUMP_RETURN_TO(eip, linear) do { \
    u64 to_ = (linear), key_ = jump_key(cpu, to_); \
    u32 t_ = cpu->cache.ret_top; \
    cpu->cache.ret_top = (t_ - (u32)sizeof(struct return_place)) & (u32)(sizeof cpu->cache.ret_stack - 1); \
    BUDGET -= o->through; \
    if (likely(return_place(cpu, t_)->key == key_ && BUDGET >= BLOCK_MAX)) { \
        BRANCH_DONT_INDEX; \
        cpu->page = to_ & ~(u64)PAGE_MASK; \
        GO(((const struct link *)return_place(cpu, t_)->op)->target); \
    } \
    cpu->s.rip = (eip); \
    HAND_TO(dispatch_rip); } while (0)
