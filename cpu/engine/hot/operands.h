/* operands.h - what a body's operand words mean for one operand size W, one form and one instance; then the template.
 * Given: W, FORM, DST ('r', 'm'), SRC ('r', 'i', 'm', 0), ADDR ('B' ...), INSTANCE_FAST.
 *
 *   READ_DST(a)   a = destination            READ_SRC(b)   b = source
 *   RMW_DST(a)    a = destination, which WRITE_DST will write
 *   WRITE_DST(v)  after RMW_DST              STORE_DST(v)  without having read it
 * In FAST an access that is not plain hands the instruction on; nothing was changed before. */
#define N(name) CAT(PREFIX, name, W, FORM)

/* What looks whether it is beside code has no register for both: the TLB's entry is added up once. */
#if ADDR == 'W' || ADDR == 'N'
#define TLB_AGAIN(e)  ((void)0)
#else
#define TLB_AGAIN(e)  ADD_AGAIN(e)
#endif

/* A register that the instruction names: from where it is kept, or as compose.c knows it from the step before. */
#if INSTANCE_HOLDS
#define NAMED(which, v) (tie & TIE_##which ? held->value : (v))
#else
#define NAMED(which, v) (v)
#endif
#define DST_REG NAMED(D, REG(o->dst))
#define SRC_REG NAMED(S, REG(o->src))
#define BASE    NAMED(B, reg_at64(cpu, o->base))
#define INDEX   NAMED(X, reg_at64(cpu, o->index))
/* Of forms 'X' alone. */
#define SHIFTED_INDEX ((u32)NAMED(X, reg_at32(cpu, o->index)) << op_index_shift(o))


/* The flags of an instruction, and CF for one that takes it in: kept, or as compose.c knows them from the step before. */
#if INSTANCE_HOLDS
#define SET_FLAGS(result, aux, wide) hold_flags(cpu, held, result, aux, wide, later)
#define CARRY_IN      (held->knows_flags ? held->wide >> 32 & 1 : flag_c(cpu))
/* Has the compiler not compute the operand's width of it once more. */
#define ONE_VALUE(r)  __asm__("" : "+r"(r))
#else
#define SET_FLAGS(result, aux, wide) flags_set(cpu, result, aux)
#define CARRY_IN      flag_c(cpu)
#define ONE_VALUE(r)  ((void)0)
#endif

#if W == 8
#define REG(at)       reg_at8(cpu, at)
#define SET_REG(at,v) set_reg_at8(cpu, at, (u8)(v))
#elif W == 16
#define REG(at)       reg_at16(cpu, at)
#define SET_REG(at,v) set_reg_at16(cpu, at, (u16)(v))
#else
#define REG(at)       reg_at32(cpu, at)
#if INSTANCE_HOLDS
#define SET_REG(at,v) hold(cpu, held, at, (u32)(v), waits)
#else
#define SET_REG(at,v) set_reg_at64(cpu, at, (u32)(v))
#endif
#endif

#if INSTANCE_FAST
#if ADDR == 'B'
#define LINEAR(n, top) u64 lin_ = (u32)(BASE + (u64)(i64)o->disp)
#elif ADDR == 'X'
#define LINEAR(n, top) u64 lin_ = (u32)(BASE + SHIFTED_INDEX + (u64)(i64)o->disp)
#elif ADDR == 'G'
#define LINEAR(n, top) \
    u64 lin_ = (u32)(BASE + (INDEX << op_scale(o)) + (u64)(i64)o->disp \
                     + cpu->s.seg[op_seg(o)].base)
#elif ADDR == 'S'
#define LINEAR(n, top) \
    u64 lin_ = (u32)(BASE + (INDEX << op_scale(o)) + (u64)(i64)o->disp); \
    if (unlikely((i64)(lin_ + (n) - 1) > cpu->cache.top[op_seg(o)])) SLOW_INSTEAD; \
    lin_ = (u32)(lin_ + cpu->s.seg[op_seg(o)].base)
#elif ADDR == 'W'
#define LINEAR(n, top) \
    u64 lin_ = (u16)(BASE + INDEX + (u64)(i64)o->disp); \
    KNOWN_WIDE(lin_); \
    if (unlikely((i64)(lin_ + (n) - 1) > cpu->cache.top[op_seg_16(o)])) SLOW_INSTEAD; \
    lin_ = (u32)(lin_ + cpu->s.seg[op_seg_16(o)].base); \
    KNOWN_WIDE(lin_)
#else
/* BESIDE's: whatever the address. */
#define LINEAR(n, top) \
    u64 lin_ = BASE + (INDEX << op_scale(o)) + (u64)(i64)o->disp; \
    lin_ = op_address_bytes(o) == 2 ? (u16)lin_ : (u32)lin_; \
    if (unlikely((i64)(lin_ + (n) - 1) > cpu->cache.top[op_seg(o)])) SLOW_INSTEAD; \
    lin_ = (u32)(lin_ + cpu->s.seg[op_seg(o)].base)
#endif
#define MISS_read(e, lin, n)  SLOW_INSTEAD
/* Programs of 16 bits have code, data and stack in one page: what stores by such addresses looks itself whether it is beside code, where
 * that leaves it without a frame: not a push or a call behind other ops. */
#if INSTANCE_BESIDE || (!defined(VITRINE_SMALL) && (ADDR == 'W' || (ADDR == 'N' && !INSTANCE_HOLDS)))
#define MISS_write(e, lin, n) do { if (!beside_code(e, lin, n)) SLOW_INSTEAD; } while (0)
#else
#define MISS_write(e, lin, n) SLOW_INSTEAD
#endif
#define PLAIN(n, tag, top) \
    LINEAR(n, top); \
    u64 e_ = tlb_offset(lin_); \
    if (unlikely(tlb_at(TLB, e_)->tag != ((lin_ + (n) - 1) & ~(u64)PAGE_MASK))) MISS_##tag(tlb_at(TLB, e_), lin_, n); \
    TLB_AGAIN(e_); \
    u8 *at_ = (u8 *)(uintptr_t)(tlb_at(TLB, e_)->host + lin_)
#define MEM_READ(v, bits)  { PLAIN(bits / 8, read, read_top); v = GET(bits)(at_); }
#endif

#if DST == 'm' && INSTANCE_FAST
#define READ_DST(a)   uW a; MEM_READ(a, W)
#define RMW_DST(a)    PLAIN(W / 8, write, write_top); uW a = GET(W)(at_)
#define WRITE_DST(v)  PUT(W)(at_, (uW)(v))
#define STORE_DST(v)  PLAIN(W / 8, write, write_top); PUT(W)(at_, (uW)(v))
#elif DST == 'm'
#define READ_DST(a)   uW a = LD(W)(cpu, op_seg(o), op_ea(cpu, o))
#define RMW_DST(a)    uW a = (uW)ld_rmw(cpu, op_seg(o), op_ea(cpu, o), W / 8)
#define WRITE_DST(v)  ST(W)(cpu, op_seg(o), op_ea(cpu, o), (uW)(v))
#define STORE_DST(v)  ST(W)(cpu, op_seg(o), op_ea(cpu, o), (uW)(v))
#else
#define READ_DST(a)   uW a = (uW)DST_REG
/* Not where the host can do it in place, nor beside the registers that a sequence keeps. */
#if INSTANCE_FAST && !INSTANCE_HOLDS && W == 32
#define RMW_DST(a)    u64 dst_ = o->dst; uW a = (uW)REG(dst_); ADD_AGAIN(dst_)
#define WRITE_DST(v)  SET_REG(dst_, v)
#else
#define RMW_DST(a)    uW a = (uW)DST_REG
#define WRITE_DST(v)  SET_REG(o->dst, v)
#endif
#define STORE_DST(v)  SET_REG(o->dst, v)
#endif

#if SRC == 'm' && INSTANCE_FAST
#define READ_SRC(b)   uW b; MEM_READ(b, W)
#define READ_SRC8(b)  u8 b; MEM_READ(b, 8)
#define READ_SRC16(b) u16 b; MEM_READ(b, 16)
#elif SRC == 'm'
#define READ_SRC(b)   uW b = LD(W)(cpu, op_seg(o), op_ea(cpu, o))
#define READ_SRC8(b)  u8 b = ld8(cpu, op_seg(o), op_ea(cpu, o))
#define READ_SRC16(b) u16 b = ld16(cpu, op_seg(o), op_ea(cpu, o))
#elif SRC == 'i'
#define READ_SRC(b)   uW b = (uW)(W == 32 ? op_imm32(o) : o->imm)
#else
#define READ_SRC(b)   uW b = (uW)SRC_REG
#define READ_SRC8(b)  u8 b = reg_at8(cpu, o->src)
#define READ_SRC16(b) u16 b = (u16)NAMED(S, reg_at16(cpu, o->src))
#endif

#if INSTANCE_FAST && !INSTANCE_BESIDE && (ADDR == 'F' || ADDR == 'B' || ADDR == 'X')
/* Flat 32-bit stack and flat code, which the decoder sees to for bodies that ask for one. */
#define STACK_SLOT(sp, n, tag, top) \
    u64 sl_ = (u32)(sp); \
    u64 se_ = tlb_offset(sl_); \
    if (unlikely(tlb_at(TLB, se_)->tag != ((sl_ + (n) - 1) & ~(u64)PAGE_MASK))) MISS_##tag(tlb_at(TLB, se_), sl_, n); \
    TLB_AGAIN(se_); \
    u8 *sat_ = (u8 *)(uintptr_t)(tlb_at(TLB, se_)->host + sl_)
#define SET_SP(v)         (cpu->s.gpr[ESP] = (u32)(v))
#define PUSHED_SP         sl_
/* What is behind a CALL: its offset is its linear address, by which the return stack knows it. */
#define BEHIND_FIRST      u32 behind_ = (u32)(op_linear(cpu, o) + o->len)
#define BEHIND            behind_
#define RETURN_OFFSET     behind_
#define CHECK_STACK_TARGET ((void)0)
#define REMEMBER_RETURN(slot) RETURN_STACK_PUSH(slot)
#define CHECK_STACK_CS(v) ((void)0)
#define JUMP_RETURN(v)    JUMP_RETURN_FLAT(v)
#define JUMP_RM(v)        JUMP_INDIRECT_FLAT(v)
#elif INSTANCE_FAST
#define STACK_SLOT(sp, n, tag, top) \
    u64 sp_ = (sp) & cpu->cache.stack_mask; \
    if (unlikely((i64)(sp_ + (n) - 1) > cpu->cache.top[SS])) SLOW_INSTEAD; \
    u64 sl_ = (u32)(sp_ + cpu->s.seg[SS].base); \
    KNOWN_WIDE(sl_); \
    u64 se_ = tlb_offset(sl_); \
    if (unlikely(tlb_at(TLB, se_)->tag != ((sl_ + (n) - 1) & ~(u64)PAGE_MASK))) MISS_##tag(tlb_at(TLB, se_), sl_, n); \
    TLB_AGAIN(se_); \
    u8 *sat_ = (u8 *)(uintptr_t)(tlb_at(TLB, se_)->host + sl_)
#define PUSHED_SP         (cpu->s.gpr[ESP] - W / 8)
#define BEHIND_FIRST      ((void)0)
#define BEHIND            (u32)(op_linear(cpu, o) + o->len)
#define RETURN_OFFSET     NEXT_EIP
#define SET_SP(v)         (cpu->s.gpr[ESP] = (cpu->s.gpr[ESP] & ~cpu->cache.stack_mask) | ((u64)(v) & cpu->cache.stack_mask))
/* The link behind the op holds only for a target that was checked; SLOW looks at others. */
#define CHECK_STACK_TARGET do { \
    const struct link *l_ = (const struct link *)(o + 1); \
    if (unlikely(l_->key != (cpu->page ^ cpu->code_key[l_->half]))) SLOW_INSTEAD; } while (0)
#define REMEMBER_RETURN(slot) RETURN_STACK_PUSH(slot)
#define CHECK_STACK_CS(v) CHECK_CS(v)
#define JUMP_RETURN(v)    JUMP_RETURN_ANY(v)
#define JUMP_RM(v)        JUMP_INDIRECT_ANY(v)
#endif

/* r = a + b, r = a - b, and with CF; WRITE_DST takes the operand's width of r, and then come the flags of r. Below 64 bits r has its
 * carries above the operand, which only these macros know; where CF comes in neither operand is kept, as a handler has few registers. */
#if W < 64
#define SUM(r, a, b)              u64 r = (u64)(a) + (b); ONE_VALUE(r)
#define DIFFERENCE(r, a, b)       u64 r = (u64)(a) - (b); ONE_VALUE(r)
#define FLAGS_SUM(r, a, b)        SET_FLAGS((u64)(i64)(iW)(r), aux_of(W, carries(a, b, r)), (u64)(r) << (32 - W))
#define FLAGS_DIFFERENCE(r, a, b) FLAGS_SUM(r, a, b)
#define SUM_CARRY(r, a, b)        u64 r##_bits = a ^ b, r = (u64)a + b; FEWER_REGISTERS(r##_bits, r); r += CARRY_IN; ONE_VALUE(r)
#define DIFFERENCE_CARRY(r, a, b) u64 r##_bits = a ^ b, r = (u64)a - b; FEWER_REGISTERS(r##_bits, r); r -= CARRY_IN; ONE_VALUE(r)
#define FLAGS_CARRY(r) \
    SET_FLAGS((u64)(i64)(iW)(r), aux_of(W, carries(r##_bits, 0, r)) & ~(u64)LF_ODD_COUNTS, (u64)(r) << (32 - W))
#else
#define SUM(r, a, b)              uW r = (a) + (b)
#define DIFFERENCE(r, a, b)       uW r = (a) - (b)
#define FLAGS_SUM(r, a, b)        flags_set(cpu, r, aux_sum(W, a, b, 0, r))
#define FLAGS_DIFFERENCE(r, a, b) flags_set(cpu, r, aux_difference(W, a, b, 0, r))
#define SUM_CARRY(r, a, b)        bool c_ = CARRY_IN; uW r = (a) + (b) + c_; u64 r##_aux = aux_sum(W, a, b, c_, r)
#define DIFFERENCE_CARRY(r, a, b) bool c_ = CARRY_IN; uW r = (a) - (b) - c_; u64 r##_aux = aux_difference(W, a, b, c_, r)
#define FLAGS_CARRY(r)            flags_set(cpu, r, r##_aux)
#endif
#define FLAGS_LOGIC(r)     SET_FLAGS((u64)(i64)(iW)(r), 0, 0)
#define FLAGS_CO(r, c, ov) SET_FLAGS((u64)(i64)(iW)(r), aux_co(c, ov), (u64)(c) << 32)

#include TEMPLATE

#undef N
#undef TLB_AGAIN
#undef NAMED
#undef SET_FLAGS
#undef CARRY_IN
#undef ONE_VALUE
#undef DST_REG
#undef SRC_REG
#undef BASE
#undef INDEX
#undef SHIFTED_INDEX
#if INSTANCE_FAST
#undef STACK_SLOT
#undef SET_SP
#undef PUSHED_SP
#undef BEHIND_FIRST
#undef BEHIND
#undef RETURN_OFFSET
#undef CHECK_STACK_TARGET
#undef REMEMBER_RETURN
#undef CHECK_STACK_CS
#undef JUMP_RETURN
#undef JUMP_RM
#endif
#undef REG
#undef SET_REG
#undef LINEAR
#undef PLAIN
#undef MISS_read
#undef MISS_write
#undef MEM_READ
#undef READ_DST
#undef RMW_DST
#undef WRITE_DST
#undef STORE_DST
#undef READ_SRC
#undef READ_SRC8
#undef READ_SRC16
#undef SUM
#undef DIFFERENCE
#undef FLAGS_SUM
#undef FLAGS_DIFFERENCE
#undef SUM_CARRY
#undef DIFFERENCE_CARRY
#undef FLAGS_CARRY
#undef FLAGS_LOGIC
#undef FLAGS_CO
#undef FORM
#undef DST
#undef SRC
#undef ADDR
