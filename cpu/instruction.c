/* instruction.c - see instruction.h. */
#include "instruction.h"
#include "engine/engine.h"

void cpu_place(const struct cpu *cpu, struct cpu_place *p)
{
    const struct segment *cs = &cpu->s.seg[CS];
    u64 eip = cpu_eip(cpu), linear = (u32)(cs->base + eip);
    *p = (struct cpu_place) {
        .key = jump_key(cpu, linear), .written = blocks_written(cpu), .linear = linear, .insns = cpu_insns(cpu), .eip = (u32)eip,
        .mode = cpu->mode, .cs = cs->selector, .cpl = cpu->s.cpl, .bits = cs->access & SEG_DB ? 32 : 16,
        .resumed = cpu->rep_more,
    };
}

static bool is_word(const char *mnemonic, const char *word) { return !strcmp(mnemonic, word); }

static enum insn_flow flow_of(const struct row *row)
{
    static const struct { const char *word; enum insn_flow flow; } list[] = {
        { "jmp", INSN_JUMP }, { "call", INSN_CALL }, { "ret", INSN_RETURN }, { "jmp far", INSN_JUMP_FAR }, { "call far", INSN_CALL_FAR },
        { "ret far", INSN_RETURN_FAR }, { "int", INSN_INTERRUPT }, { "int3", INSN_INTERRUPT }, { "into", INSN_INTERRUPT },
        { "icebp", INSN_INTERRUPT }, { "iret", INSN_IRET }, { "sysenter", INSN_SYSENTER }, { "sysexit", INSN_SYSEXIT },
    };
    if (!(row->attr & A_BRANCH))
        return INSN_NEXT;
    for (size_t k = 0; k < ARRAY_LEN(list); k++)
        if (is_word(row->mnemonic, list[k].word))
            return list[k].flow;
    return INSN_IF;
}

/* The register that an instruction loads beside a general one: its name's last letter. */
static int far_pointer_register(const char *mnemonic)
{
    static const struct { const char *word; int seg; } list[] = {
        { "les", ES }, { "lds", DS }, { "lss", SS }, { "lfs", FS }, { "lgs", GS },
    };
    for (size_t k = 0; k < ARRAY_LEN(list); k++)
        if (is_word(mnemonic, list[k].word))
            return list[k].seg;
    return -1;
}

static void name_registers(struct instruction *i, const struct row *row, const struct op *o)
{
    for (int k = 0; k < 2; k++) {
        enum operand_kind kind = operand_kind(row->operand[k]);
        if (kind == K_SEG || kind == K_S) {
            i->sreg = (i8)(kind == K_SEG ? operand_register(row->operand[k]) : o->dst);
            i->sreg_loaded = k == 0 && !is_word(i->mnemonic, "push");
        }
        if (is_control(row->operand[k]))
            i->control = (i8)o->dst;
    }
    int far = far_pointer_register(i->mnemonic);
    if (far >= 0) {
        i->sreg = (i8)far;
        i->sreg_loaded = true;
    }
}

bool cpu_sensitive(const struct cpu *cpu, u32 attr)
{
    return ((attr & A_SENS) && (cpu->s.cr0 & CR0_PE)) || ((attr & A_SENS_PM) && cpu_protected(cpu));
}

static void describe(struct cpu *cpu, struct instruction *i, const struct decoded *d)
{
    const struct op *o = &d->op;
    const struct row *row = o->row;
    int opcode = d->prefixes + d->two_bytes;
    i->mnemonic = row && row->mnemonic ? row->mnemonic : "";
    i->length = o->len;
    i->opcode = opcode < INSN_BYTES ? i->bytes[opcode] : 0;
    i->undefined = o->fn == (void (*)(void))h_raise_ud;
    i->sreg = i->control = -1;
    if (!*i->mnemonic)
        return;
    i->size = (u8)op_bytes(o);
    i->flow = (u8)flow_of(row);
    i->privileged = row->attr & A_CPL0;
    i->io = row->attr & A_IO;
    i->repeats = (row->attr & A_REP) && (op_rep(o) || op_repne(o));
    i->immediate = o->imm;
    name_registers(i, row, o);
    i->sensitive = row->attr & (A_SENS | A_SENS_PM);
    i->sensitive_here = cpu_sensitive(cpu, row->attr);
    for (int k = 0; k < 2; k++)
        i->has_modrm |= is_modrm(row->operand[k]);
    i->in_register = i->has_modrm && op_is_reg(o);
    i->rm = o->src;
    i->reg = o->dst;
    if (i->has_modrm && !i->in_register)
        i->linear = (u32)(cpu->s.seg[op_seg(o)].base + op_ea(cpu, o));
}

bool cpu_instruction(struct cpu *cpu, struct instruction *i)
{
    u64 at = (u32)(cpu->s.seg[CS].base + cpu_eip(cpu));
    struct decoded d;
    struct decode from = { .cpu = cpu, .bytes = i->bytes, .mode = mode_of_kind(cpu->mode, KIND_SLOW) };
    memset(i, 0, sizeof *i);
    i->mnemonic = "";
    i->sreg = i->control = -1;
    if ((at & PAGE_MASK) <= PAGE_SIZE - INSN_BYTES && cpu_peek(cpu, at, i->bytes, INSN_BYTES))
        from.n = INSN_BYTES;
    while (from.n < INSN_BYTES && cpu_peek(cpu, (u32)(at + (u64)from.n), &i->bytes[from.n], 1))
        from.n++;
    if (!from.n || !decode_insn(&from, &d))
        return false;
    describe(cpu, i, &d);
    return true;
}

bool instruction_operand(struct cpu *cpu, const struct instruction *i, int n, u64 *value)
{
    u8 bytes[8] = { 0 };
    if (!i->has_modrm)
        return false;
    if (i->in_register) {
        *value = reg_size(cpu, i->rm, n);
        return true;
    }
    bool there = cpu_peek(cpu, i->linear, bytes, (size_t)n);
    *value = get64(bytes);
    return there;
}

bool instruction_stack(struct cpu *cpu, u32 skip, int n, u64 *value)
{
    u8 bytes[8] = { 0 };
    u64 sp = (cpu->s.gpr[ESP] + skip) & cpu->cache.stack_mask;
    bool there = cpu_peek(cpu, (u32)(cpu->s.seg[SS].base + sp), bytes, (size_t)n);
    *value = get64(bytes);
    return there;
}

static bool asks_about_selector(const char *mnemonic)
{
    static const char *const list[] = { "lar", "lsl", "verr", "verw", "arpl", "lldt", "ltr" };
    for (size_t k = 0; k < ARRAY_LEN(list); k++)
        if (is_word(mnemonic, list[k]))
            return true;
    return false;
}

bool instruction_selector(struct cpu *cpu, const struct instruction *i, u16 *selector)
{
    u64 v = 0;
    u8 bytes[2];
    bool there = false;
    if (i->flow == INSN_IRET || i->flow == INSN_RETURN_FAR) {
        there = instruction_stack(cpu, i->size, 2, &v);
    } else if (i->flow == INSN_JUMP_FAR || i->flow == INSN_CALL_FAR || far_pointer_register(i->mnemonic) >= 0) {
        there = !i->has_modrm || cpu_peek(cpu, (u32)(i->linear + i->size), bytes, sizeof bytes);
        v = !i->has_modrm ? i->immediate >> 32 : there ? get16(bytes) : 0;
    } else if (i->sreg >= 0 && i->sreg_loaded) {
        there = i->has_modrm ? instruction_operand(cpu, i, 2, &v) : instruction_stack(cpu, 0, 2, &v);
    } else if (asks_about_selector(i->mnemonic)) {
        there = instruction_operand(cpu, i, 2, &v);
    }
    *selector = (u16)v;
    return there;
}
