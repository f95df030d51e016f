/* state_fields.c - the CPU's architected state, declared for snapshot, hash, diff and `info`. */
#include "core.h"

/* A macro because FIELD_AT needs the member's name. */
#define SEGMENT(member, text) \
    FIELD_AT(struct cpu_state, member.base, text ".base"), FIELD_AT(struct cpu_state, member.limit, text ".limit"), \
    FIELD_AT(struct cpu_state, member.selector, text ".selector"), FIELD_AT(struct cpu_state, member.access, text ".access")
#define TABLE(member, text) \
    FIELD_AT(struct cpu_state, member.base, text ".base"), FIELD_AT(struct cpu_state, member.limit, text ".limit"), \
    FIELD_AT(struct cpu_state, member.reserved, text ".reserved")
#define X87(n) \
    FIELD_AT(struct cpu_state, x87.st[n].significand, "x87.r" #n ".significand"), \
    FIELD_AT(struct cpu_state, x87.st[n].se, "x87.r" #n ".se"), \
    { "x87.r" #n ".pad", offsetof(struct cpu_state, x87.st[n].pad), 2, 3 }
#define PLAIN(member) FIELD(struct cpu_state, member)
#define ROW(member) FIELD_ARRAY(struct cpu_state, member)

const struct field cpu_fields[] = {
    ROW(gpr), PLAIN(rip), PLAIN(eflags),
    SEGMENT(seg[ES], "es"), SEGMENT(seg[CS], "cs"), SEGMENT(seg[SS], "ss"), SEGMENT(seg[DS], "ds"), SEGMENT(seg[FS], "fs"),
    SEGMENT(seg[GS], "gs"), SEGMENT(ldtr, "ldtr"), SEGMENT(tr, "tr"), TABLE(gdtr, "gdtr"), TABLE(idtr, "idtr"),
    PLAIN(cr0), PLAIN(cr2), PLAIN(cr3), PLAIN(cr4), ROW(pdpte), ROW(dr), PLAIN(efer), PLAIN(tsc_offset),
    PLAIN(sysenter_cs), PLAIN(sysenter_esp), PLAIN(sysenter_eip),
    PLAIN(apic_base), PLAIN(pat), PLAIN(mcg_cap), PLAIN(mcg_status), PLAIN(debugctl), PLAIN(misc_enable), PLAIN(bios_sign),
    ROW(mc[0]), ROW(mc[1]), ROW(mc[2]), ROW(mc[3]), ROW(mc[4]), ROW(perf_select), ROW(perf_count),
    PLAIN(mtrr_def_type), ROW(mtrr_base), ROW(mtrr_mask), ROW(mtrr_fixed),
    X87(0), X87(1), X87(2), X87(3), X87(4), X87(5), X87(6), X87(7),
    PLAIN(x87.fip), PLAIN(x87.fdp), PLAIN(x87.fcs), PLAIN(x87.fds), PLAIN(x87.fop), PLAIN(x87.fcw), PLAIN(x87.fsw),
    PLAIN(x87.empty), ROW(x87.pad),
    PLAIN(smbase), PLAIN(cpl), PLAIN(smm), PLAIN(activity), PLAIN(shadow), PLAIN(a20), PLAIN(nmi_masked), PLAIN(intr),
    PLAIN(nmi_pending), PLAIN(smi_pending), PLAIN(ferr), PLAIN(ignne), PLAIN(debug_trap), PLAIN(delivering),
    PLAIN(delivering_vector), PLAIN(io_undo), PLAIN(io_length), ROW(pad),
    FIELD_END
};
