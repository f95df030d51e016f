/* unwind.c - from a function's frame to its caller's, by call frame information.
 * Follows: DWARF Debugging Information Format, Version 5, "Call Frame Information"; System V ABI, Intel386 supplement, "DWARF
 * Definition". */
#include "dwarf_parts.h"

#ifdef HAVE_DW
/* One register of the caller. */
static bool recover(Dwarf_Frame *frame, int n, const struct evaluation *e, u32 *v)
{
    Dwarf_Op room[3], *ops;
    size_t count;
    struct place place;
    u8 bytes[4];
    if (dwarf_frame_register(frame, n, room, &ops, &count))
        return false;
    if (!count) {
        *v = e->state->r[n];
        return ops != room && e->state->known >> n & 1;         /* the same, or lost */
    }
    if (!debug_evaluate(e, ops, count, &place))
        return false;
    if (place.kind == PLACE_REGISTER)
        return *v = e->state->r[place.value], e->state->known >> place.value & 1;
    if (place.kind == PLACE_VALUE)
        return *v = (u32)place.value, true;
    if (!e->memory->read(e->memory->to, place.value, bytes, 4))
        return false;
    return *v = get32(bytes), true;
}

enum unwind debug_unwind(struct debug_info *d, u64 address, const struct frame_state *state, const struct debug_memory *memory,
                         struct frame_state *caller, u64 *cfa)
{
    Dwarf_Frame *frame = NULL;
    Dwarf_Op *ops;
    size_t n;
    struct place place;
    enum unwind result = UNWIND_UNKNOWN;
    struct evaluation e = { .state = state, .memory = memory };
    debug_dwarf(d);
    for (int k = 0; k < 2 && !frame; k++)
        if (!d->frames[k] || dwarf_cfi_addrframe(d->frames[k], address, &frame))
            frame = NULL;
    if (frame && !dwarf_frame_cfa(frame, &ops, &n) && n && debug_evaluate(&e, ops, n, &place) && place.kind != PLACE_REGISTER) {
        *cfa = place.value;
        e.cfa = cfa;
        *caller = (struct frame_state){ .known = 0 };
        for (int k = 0; k < FRAME_REGISTERS; k++)
            caller->known |= (u16)(recover(frame, k, &e, &caller->r[k]) << k);
        caller->r[FRAME_ESP] = (u32)*cfa;                       /* "the CFA is the value of the stack pointer at the call site" */
        caller->known |= 1 << FRAME_ESP;
        result = caller->known >> FRAME_EIP & 1 ? UNWIND_DONE : UNWIND_OUTERMOST;
    }
    free(frame);
    return result;
}

#else
enum unwind debug_unwind(struct debug_info *d, u64 address, const struct frame_state *state, const struct debug_memory *memory,
                         struct frame_state *caller, u64 *cfa)
{
    (void)d, (void)address, (void)state, (void)memory, (void)caller, (void)cfa;
    return UNWIND_UNKNOWN;
}
#endif
