/* slow.c - the SLOW instance: the same bodies with memory through the functions of access.h, which check everything and may
 * leave by cpu_raise(). FAST hands an op here when its access is not plain; blocks of KIND_SLOW, _DEBUG and _STEP run nothing else.
 * After an op that touched a device and changed what is looked at between chains (cpu->leave) the chain ends, so that it is seen at the
 * next instruction. */
#include "hot/instance.h"
#include "hot/conditions.h"

#define INSTANCE_FAST 0
#define PREFIX s_
#define OP(name, ...) static HANDLER(N(name)) { cpu->op = o; cpu->budget = BUDGET; __VA_ARGS__; NEXT; }
#undef NEXT
#define NEXT do { if (unlikely(cpu->leave)) HAND_TO(leave_or_cut); GO(o + 1); } while (0)
#define DIVIDE_ERROR cpu_raise(cpu, EXC_DE, 0, "the quotient does not fit or the divisor is zero", 0)
#define NEXT_EIP op_next_eip(cpu, o)

static inline u32 branch_eip(const struct cpu *cpu, const struct op *o)
{
    u32 eip = op_next_eip(cpu, o) + (u32)o->disp;
    return op_bytes(o) == 2 ? (u16)eip : eip;
}

#define CHECK_CS(eip) do { if (unlikely((eip) > cpu->s.seg[CS].limit)) \
    cpu_raise_target(cpu, (eip), "jump past the limit of the code segment"); } while (0)
#define CHECK_TARGET CHECK_CS(branch_eip(cpu, o))
#define CHECK_STACK_CS CHECK_CS
#define TAKE_BRANCH do { \
    BUDGET -= o->through; \
    if (unlikely(BUDGET < BLOCK_MAX || cpu->leave)) HAND_TO(leave_branch); \
    GO(o->target); } while (0)
#define TAKE_CALL TAKE_BRANCH
#define JUMP_INDIRECT(eip) do { \
    BUDGET -= o->through; \
    cpu->s.rip = (eip); \
    HAND_TO(dispatch_rip); } while (0)
#define JUMP_RETURN(eip) JUMP_INDIRECT(eip)
#define JUMP_RM(eip) JUMP_INDIRECT(eip)
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
        cpu_raise_target(cpu, (eip), "call past the limit of the code segment"); \
    } } while (0)
#define PEEK(v)    (v) = LD(W)(cpu, SS, cpu->s.gpr[ESP] & stack_mask(cpu))
#define POP(v)     PEEK(v); SET_SP(cpu->s.gpr[ESP] + W / 8)
#define PEEK_BP(v) (v) = LD(W)(cpu, SS, cpu->s.gpr[EBP] & stack_mask(cpu))
#define STACK_RELEASE(n) SET_SP(cpu->s.gpr[ESP] + (n))

#include "hot/all.h"

#include "hot/tables.h"

#define SIZES_WIDE_32(row, n) SIZES_WIDE(row, n)

handler *const slow_handlers[BODIES][3][SLOW_FORMS] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) [BODY_##name] = SIZES_##sizes(SLOW_OF_##class, name),
#include "hot/bodies.inc"
#undef BODY
};
