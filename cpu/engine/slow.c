/* slow.c - the SLOW instance: the same bodies with memory through the functions of access.h, which check everything and may
 * leave by cpu_raise(). FAST hands an op here when its access is not plain; blocks of KIND_SLOW, _DEBUG and _STEP run nothing else.
 * After an op that touched a device (cpu->leave) the chain ends, so that what it caused is seen at the next instruction. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 0
#define PREFIX s_
#define OP(name) static HANDLER(N(name))
#undef NEXT
#define ENTER (cpu->op = o, cpu->budget = BUDGET)
#define NEXT do { if (unlikely(cpu->leave)) HAND_TO(leave_next); GO(o + 1); } while (0)
#define DIVIDE_ERROR cpu_raise(cpu, EXC_DE, 0, "the quotient does not fit or the divisor is zero", 0)
#define NEXT_EIP ((u32)(cpu->page + o->pc + o->len - cpu->s.seg[CS].base))

static inline u32 branch_eip(const struct cpu *cpu, const struct op *o)
{
    u32 eip = (u32)(cpu->page + o->pc + o->len - cpu->s.seg[CS].base) + (u32)o->disp;
    return op_bytes(o) == 2 ? (u16)eip : eip;
}

#define CHECK_CS(eip) do { if (unlikely((eip) > cpu->s.seg[CS].limit)) \
    cpu_raise_gp(cpu, 0, "jump past the limit of the code segment"); } while (0)
#define CHECK_TARGET do { cpu->op = o; cpu->budget = BUDGET; CHECK_CS(branch_eip(cpu, o)); } while (0)
#define CHECK_STACK_CS CHECK_CS
#define TAKE_BRANCH do { \
    BUDGET -= o->nth + 1; \
    if (unlikely(BUDGET < BLOCK_MAX || cpu->leave)) HAND_TO(leave_branch); \
    GO(o->target); } while (0)
#define JUMP_INDIRECT(eip) do { \
    BUDGET -= o->nth + 1; \
    cpu->s.rip = (eip); \
    HAND_TO(dispatch_rip); } while (0)
#define JUMP_RETURN(eip) JUMP_INDIRECT(eip)
#define RETURN_STACK_PUSH(slot) ((void)0)
#define REMEMBER_RETURN(slot) ((void)0)
#define SET_SP(v)  set_sp(cpu, (v))
#define PUSH(v)    push_size(cpu, (v), W / 8)
/* The SDM's Operation of CALL checks first; processors (lock-step, Intel's) push first: ESP stays, the return address is there. */
#define PUSH_RETURN(check, eip) do { \
    u64 sp_ = cpu->s.gpr[ESP]; \
    push_size(cpu, (uW)NEXT_EIP, W / 8); \
    if (unlikely((eip) > cpu->s.seg[CS].limit)) { \
        cpu->s.gpr[ESP] = sp_; \
        cpu_raise_gp(cpu, 0, "call past the limit of the code segment"); \
    } } while (0)
#define PEEK(v)    (v) = LD(W)(cpu, SS, cpu->s.gpr[ESP] & stack_mask(cpu))
#define POP(v)     PEEK(v); SET_SP(cpu->s.gpr[ESP] + W / 8)
#define PEEK_BP(v) (v) = LD(W)(cpu, SS, cpu->s.gpr[EBP] & stack_mask(cpu))
#define STACK_RELEASE(n) SET_SP(cpu->s.gpr[ESP] + (n))

#include "hot/all.h"

#include "hot/tables.h"

handler *const slow_handlers[BODIES][3][SLOW_FORMS] = {
#define X(n) [BODY_##n] = { ROW_TWO_SLOW(n, 8), ROW_TWO_SLOW(n, 16), ROW_TWO_SLOW(n, 32) },
    X(add) X(or) X(adc) X(sbb) X(and) X(sub) X(xor) X(cmp) X(mov)
#undef X
    [BODY_test] = { ROW_TEST_SLOW(test, 8), ROW_TEST_SLOW(test, 16), ROW_TEST_SLOW(test, 32) },
    [BODY_xchg] = { ROW_XCHG_SLOW(xchg, 8), ROW_XCHG_SLOW(xchg, 16), ROW_XCHG_SLOW(xchg, 32) },
#define X(n) [BODY_##n] = { { NULL }, ROW_LOAD_SLOW(n, 16), ROW_LOAD_SLOW(n, 32) },
    X(movzx8) X(movzx16) X(movsx8) X(movsx16) X(imul) X(jmp_ind) X(call_ind) X(push_rm)
    X(cmovo) X(cmovno) X(cmovb) X(cmovnb) X(cmovz) X(cmovnz) X(cmovbe) X(cmovnbe)
    X(cmovs) X(cmovns) X(cmovp) X(cmovnp) X(cmovl) X(cmovnl) X(cmovle) X(cmovnle)
#undef X
    [BODY_lea] = { { NULL }, ROW_MEM_SLOW(lea, 16), ROW_MEM_SLOW(lea, 32) },
#define X(n) [BODY_##n] = { ROW_UNARY_SLOW(n, 8), ROW_UNARY_SLOW(n, 16), ROW_UNARY_SLOW(n, 32) },
    X(inc) X(dec) X(not) X(neg) X(shl) X(shr) X(sar) X(rol) X(ror) X(rcl) X(rcr)
    X(shl_cl) X(shr_cl) X(sar_cl) X(rol_cl) X(ror_cl) X(rcl_cl) X(rcr_cl) X(mul) X(imul1) X(div) X(idiv)
#undef X
#define X(n, number) [BODY_set##n] = { ROW_UNARY_SLOW(set##n, 8) },
    CONDITIONS(X)
#undef X
#define X(n) [BODY_##n] = { { NULL }, ROW_STACK_SLOW(n, 16), ROW_STACK_SLOW(n, 32) },
    X(push) X(ret)
#undef X
#define X(n) [BODY_##n] = { { NULL }, ROW_STACK1_SLOW(n, 16), ROW_STACK1_SLOW(n, 32) },
    X(pop) X(call) X(leave)
#undef X
#define X(n) [BODY_##n] = { { NULL }, ROW_PLAIN(n, 16), ROW_PLAIN(n, 32) },
    BODIES_PLAIN(X)
#undef X
};
