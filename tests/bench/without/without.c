/* without.c - part of a build with VITRINE_WITHOUT, whose link has these in place of the engine's own functions (ld's --wrap): what a
 * mechanism brings is what is missing without it. Results are the same. */
#include "../../../cpu/engine/build.h"
#include "../../../cpu/insn/x87/x87_fast.h"
#include "../../../cpu/insn/string_fast.h"

/* compose: no superinstructions. */
void __wrap_compose_pass(const struct composer *c, struct op *ops, const u16 *at, const struct decoded *insns, int n)
{
    (void)c, (void)ops, (void)at, (void)insns, (void)n;
}

/* quiet: every instruction leaves its flags. */
void __wrap_quiet_pass(struct op *ops, const u16 *at, const struct decoded *insns, int n)
{
    (void)ops, (void)at, (void)insns, (void)n;
}

/* x87, strings: these have no handlers of their own. */
handler *__wrap_x87_fast(insn_fn *fn, bool flat)
{
    (void)fn, (void)flat;
    return NULL;
}
handler *__wrap_string_fast(insn_fn *fn, int size_log2, bool rep, bool flat)
{
    (void)fn, (void)size_log2, (void)rep, (void)flat;
    return NULL;
}

/* fuse: no comparison is joined with its jump. */
handler *__wrap_fused_handler(int body, int size_log2, int form, int cc)
{
    (void)body, (void)size_log2, (void)form, (void)cc;
    return NULL;
}

/* links: a direct branch looks its target up each time. One past the limit of the code segment is the engine's own affair. */
__attribute__((weak)) handler __real_h_resolve;       /* not there where another is left out */
HANDLER(__wrap_h_resolve)
{
    const struct link *l = (const struct link *)o;
    u32 eip = l->how ? eip_in_page(cpu, l->pc) : op_next_eip(cpu, o - 1) + (u32)(o - 1)->disp;
    if (!l->how && op_bytes(o - 1) == 2)
        eip = (u16)eip;
    if (eip > cpu->s.seg[CS].limit)
        HAND_TO(__real_h_resolve);
    cpu->s.rip = eip;
    HAND_TO(dispatch_rip);
}

/* caches: an indirect jump is looked up each time. */
HANDLER(__wrap_dispatch_indirect) { HAND_TO(dispatch_rip); }

/* stages: every block is made in full length at once. */
int __wrap_block_youth(void) { return 0; }

/* heads: each instruction is looked up in the rows. */
struct heads *__wrap_heads_new(const struct cpu *cpu)
{
    (void)cpu;
    return NULL;
}

/* beside: a store into a page with code is looked at on the slow side, wherever it goes. */
__attribute__((weak)) const u8 *__real_blocks_covered(const struct ram *ram, u64 offset);
const u8 *__wrap_blocks_covered(const struct ram *ram, u64 offset)
{
    (void)ram;
    return __real_blocks_covered(NULL, offset);
}
