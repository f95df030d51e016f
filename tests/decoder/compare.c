/* compare.c - decode_insn() against Zydis 4, field by field.
 * Follows: Intel SDM Vol. 2A "Instruction Format"; Vol. 2 Appendix A.
 * Here: length, legality by the features of a model, sizes, registers, memory operand, immediates, targets,
 * prefixes, flags. */
#include "compare.h"
#include "../../cpu/cpuid.h"

static const char *const aspects[ASPECTS] = { "runs",         "#UD",          "length",        "name",
                                              "operand size", "address size", "register",      "memory",
                                              "segment",      "immediate",    "target",        "prefix",
                                              "short",        "flags read",   "flags written", "flags undefined",
                                              "memory size",  "seen before" };
const char *aspect_name(int bit) { return aspects[bit]; }

void oracle_open(struct oracle *o, const char *model)
{
    static const struct { ZydisMachineMode machine; ZydisStackWidth stack; } modes[CODE_MODES] = {
        [REAL_16] = { ZYDIS_MACHINE_MODE_REAL_16, ZYDIS_STACK_WIDTH_16 },
        [PROTECTED_16] = { ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16 },
        [PROTECTED_32] = { ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32 },
    };
    /* Later processors gave these encodings of no effect another meaning. */
    static const ZydisDecoderMode off[] = { ZYDIS_DECODER_MODE_MPX, ZYDIS_DECODER_MODE_CET, ZYDIS_DECODER_MODE_LZCNT,
        ZYDIS_DECODER_MODE_TZCNT, ZYDIS_DECODER_MODE_CLDEMOTE };
    for (int m = 0; m < CODE_MODES; m++) {
        ZydisDecoderInit(&o->decoder[m], modes[m].machine, modes[m].stack);
        for (size_t k = 0; k < ARRAY_LEN(off); k++)
            ZydisDecoderEnableMode(&o->decoder[m], off[k], ZYAN_FALSE);
    }
    o->cpu = xcalloc(1, sizeof *o->cpu);
    o->cpu->model = cpu_model_find(model);
    o->cpu->features = model_features(o->cpu->model);
    o->heads = heads_new(o->cpu);
}

void oracle_close(struct oracle *o)
{
    heads_free(o->heads);
    free(o->cpu);
}

u32 code_mode_key(enum code_mode m)
{
    return m == REAL_16 ? 0 : m == PROTECTED_16 ? MODE_PE : MODE_PE | MODE_D | MODE_B;
}

struct head head_of(const u8 *b)
{
    struct head h = { 0 };
    for (; h.at < STRING_BYTES - 1; h.at++) {
        u8 p = b[h.at];
        h.lock |= p == 0xf0;
        h.rep |= p == 0xf3;
        h.repne |= p == 0xf2;
        h.operand_size |= p == 0x66;
        h.address_size |= p == 0x67;
        if (!((p & 0xe7) == 0x26 || (p >= 0x64 && p <= 0x67) || p == 0xf0 || p == 0xf2 || p == 0xf3))
            break;
    }
    h.map = b[h.at] == 0x0f;
    h.opcode = h.at + h.map < STRING_BYTES ? b[h.at + h.map] : 0;
    h.modrm = h.at + h.map + 1 < STRING_BYTES ? b[h.at + h.map + 1] : 0;
    return h;
}

/* Zydis' sets of instructions that are features of ours under another name, or of every processor from the 386 on (FEATURE_386). */
static const struct { ZydisISASet set; enum feature feature; } sets[] = {
    { ZYDIS_ISA_SET_I86, FEATURE_386 }, { ZYDIS_ISA_SET_I186, FEATURE_386 }, { ZYDIS_ISA_SET_I286REAL, FEATURE_386 },
    { ZYDIS_ISA_SET_I286PROTECTED, FEATURE_386 }, { ZYDIS_ISA_SET_I386, FEATURE_386 }, { ZYDIS_ISA_SET_LAHF, FEATURE_386 },
    { ZYDIS_ISA_SET_X87, FEATURE_FPU }, { ZYDIS_ISA_SET_I486, FEATURE_486 }, { ZYDIS_ISA_SET_I486REAL, FEATURE_486 },
    { ZYDIS_ISA_SET_PENTIUMREAL, FEATURE_586 }, { ZYDIS_ISA_SET_PENTIUMMMX, FEATURE_MMX }, { ZYDIS_ISA_SET_PPRO, FEATURE_P6 },
    { ZYDIS_ISA_SET_FCMOV, FEATURE_CMOV }, { ZYDIS_ISA_SET_FAT_NOP, FEATURE_P6 }, { ZYDIS_ISA_SET_FXSAVE, FEATURE_FXSR },
    { ZYDIS_ISA_SET_PAUSE, FEATURE_386 },       /* NOP where it is no PAUSE */
    { ZYDIS_ISA_SET_SSE_PREFETCH, FEATURE_P6 }, { ZYDIS_ISA_SET_PREFETCH_NOP, FEATURE_P6 },
};

/* Does an instruction that Zydis knows belong to the processor: is the set of that name one of its features? UD0, UD1 and UD2 are
 * instructions to Zydis, and #UD to a processor. */
static bool of_the_model(const struct cpu *cpu, const ZydisDecodedInstruction *i)
{
    if (i->mnemonic == ZYDIS_MNEMONIC_UD0 || i->mnemonic == ZYDIS_MNEMONIC_UD1 || i->mnemonic == ZYDIS_MNEMONIC_UD2)
        return false;
    for (size_t k = 0; k < ARRAY_LEN(sets); k++)
        if (sets[k].set == i->meta.isa_set)
            return cpu_has(cpu, sets[k].feature);
    const char *name = ZydisISASetGetString(i->meta.isa_set);
    for (int f = 1; name && f < FEATURE_COUNT; f++)
        if (!strcmp(name, feature_list[f].name))
            return cpu_has(cpu, (enum feature)f);
    return false;
}

/* Zydis names an instruction by its size, we by its row. */
static bool same_name(const char *ours, const char *theirs)
{
    /* clang-format off */
    static const char *const alias[][2] = {     /* ours, theirs */
        { "cbw", "cwde" }, { "cwd", "cdq" }, { "pusha", "pushad" }, { "popa", "popad" }, { "pushf", "pushfd" }, { "popf", "popfd" },
        { "iret", "iretd" }, { "jcxz", "jecxz" }, { "sal", "shl" }, { "call far", "call" }, { "jmp far", "jmp" }, { "ret far", "ret" },
        { "icebp", "int1" }, { "fneni", "feni8087_nop" }, { "fndisi", "fdisi8087_nop" }, { "fnsetpm", "fsetpm287_nop" },
        { "nop", "prefetchnta" }, { "nop", "prefetcht0" }, { "nop", "prefetcht1" }, { "nop", "prefetcht2" },
    };
    /* clang-format on */
    size_t n = strlen(ours);
    if (!strcmp(ours, theirs))
        return true;
    for (size_t k = 0; k < ARRAY_LEN(alias); k++)
        if (!strcmp(ours, alias[k][0]) && !strcmp(theirs, alias[k][1]))
            return true;
    static const char *const string[] = { "movs", "cmps", "scas", "lods", "stos", "ins", "outs" };
    for (size_t k = 0; k < ARRAY_LEN(string); k++)
        if (!strcmp(ours, string[k]))
            return !strncmp(ours, theirs, n) && strchr("bwd", theirs[n]) && !theirs[n + 1];
    return false;
}

/* struct op's places: op.h. */
static int place(int n, int bits) { return bits == 8 ? byte_place(n) : gpr_place(n); }
static int base_place(ZydisRegister r) { return r == ZYDIS_REGISTER_NONE ? PLACE_OF(zero) : gpr_place(ZydisRegisterGetId(r)); }

static u32 compare_memory(const struct op *o, const ZydisDecodedOperand *z, int address_bits, bool implicit)
{
    u32 differs = 0, mask = address_bits == 16 ? 0xffff : 0xffffffff;
    if (z->mem.type != ZYDIS_MEMOP_TYPE_AGEN && ZydisRegisterGetId(z->mem.segment) != op_seg(o))
        differs |= DIFFERS_SEGMENT;
    if (implicit)                       /* a string instruction's */
        return differs;
    bool bases = o->base == base_place(z->mem.base) && o->index == base_place(z->mem.index);
    bool scale = z->mem.index == ZYDIS_REGISTER_NONE || 1 << op_scale(o) == (z->mem.scale ? z->mem.scale : 1);
    if (!bases || !scale || (((u32)o->disp ^ (u32)z->mem.disp.value) & mask))
        differs |= DIFFERS_MEM;
    return differs;
}

/* Bits of the memory operand by the row's operand code; 0: the code does not say. */
static int memory_bits(const struct row *row, const struct row *parent, int bytes)
{
    for (int k = 0; k < 2; k++) {
        u32 code = row->operand[k] != __ ? row->operand[k] : parent->operand[k];
        if (!is_rm(code))
            continue;
        switch (operand_size(code)) {
        case S_b: return 8;
        case S_w: case S_vw: return 16;
        case S_d: return 32;
        case S_y: return bytes < 8 ? 32 : 64;
        case S_v: return bytes * 8;
        case S_q: return 64;
        case S_p: return 16 + bytes * 8;
        case S_s: return 48;
        case S_a: return 2 * bytes * 8;
        case S_t: return 80;
        default: return 0;
        }
    }
    return 0;
}

/* Register operand z, the k-th visible one. */
static bool same_register(const struct op *o, const ZydisDecodedOperand *z, int k)
{
    int n = ZydisRegisterGetId(z->reg.value);
    if (!o->row->body) {
        switch (z->encoding) {
        case ZYDIS_OPERAND_ENCODING_MODRM_REG: return o->dst == n;
        case ZYDIS_OPERAND_ENCODING_MODRM_RM:  return o->src == n && op_is_reg(o);
        case ZYDIS_OPERAND_ENCODING_OPCODE:    return o->dst == n;
        default: return ZydisRegisterGetClass(z->reg.value) != ZYDIS_REGCLASS_SEGMENT || o->dst == n;
        }
    }
    if (!strcmp(o->row->mnemonic, "nop"))
        return true;
    bool second = k == 1 || (o->row->operand[0] == __ && o->row->operand[1] != __);
    if (k > 1)
        return true;                    /* the CL of a double shift */
    return (second ? o->src : o->dst) == place(n, z->size);
}

static u32 compare_immediates(const struct op *o, const ZydisDecodedInstruction *i, const ZydisDecodedOperand *list,
                              int visible)
{
    u64 value = 0, mask = mask_bytes(op_bytes(o) > 1 ? op_bytes(o) : 1);
    int count = 0;
    u32 differs = 0;
    for (int k = 0; k < visible; k++) {
        const ZydisDecodedOperand *z = &list[k];
        if (z->type == ZYDIS_OPERAND_TYPE_POINTER) {
            value = z->ptr.offset | (u64)z->ptr.segment << 32;
            mask = ~0ull;
            count++;
        } else if (z->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && z->imm.is_relative) {
            if ((i64)o->disp != z->imm.value.s)
                differs |= DIFFERS_TARGET;
        } else if (z->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
            value |= z->imm.value.u << (count ? 16 : 0);
            mask = count ? ~0ull : mask;
            if (z->size == 16 && i->mnemonic == ZYDIS_MNEMONIC_RET)
                mask = 0xffff;
            count++;
        }
    }
    if (count && ((o->imm ^ value) & mask))
        differs |= DIFFERS_IMM;
    return differs;
}

static u32 compare_prefixes(const struct op *o, const ZydisDecodedInstruction *i)
{
    bool rep = i->attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE),
         repne = i->attributes & ZYDIS_ATTRIB_HAS_REPNE;
    u32 differs = op_lock(o) != !!(i->attributes & ZYDIS_ATTRIB_HAS_LOCK) ? DIFFERS_PREFIX : 0;
    if ((o->row->attr & A_REPCC) && (op_rep(o) != rep || op_repne(o) != repne))
        differs |= DIFFERS_PREFIX;
    else if ((o->row->attr & A_REP) && (op_rep(o) || op_repne(o)) != (rep || repne))
        differs |= DIFFERS_PREFIX;
    else if (!(o->row->attr & A_REP) && (rep || repne))
        differs |= DIFFERS_PREFIX;
    return differs;
}

static u32 compare_operands(const struct verdict *v, const struct row *parent)
{
    const struct op *o = &v->ours.op;
    int bits = memory_bits(o->row, parent, op_bytes(o));
    u32 differs = 0;
    bool string = o->row->attr & A_REP;
    if (v->insn.address_width != op_address_bytes(o) * 8)
        differs |= DIFFERS_ADDRESS;
    if (v->insn.operand_width != op_bytes(o) * 8)
        differs |= DIFFERS_SIZE;
    for (int k = 0; k < v->insn.operand_count; k++) {
        const ZydisDecodedOperand *z = &v->operand[k];
        bool visible = k < v->insn.operand_count_visible;
        if (z->type == ZYDIS_OPERAND_TYPE_MEMORY && z->encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM && bits &&
            bits != z->size)
            differs |= DIFFERS_MEMSIZE;
        if (z->type == ZYDIS_OPERAND_TYPE_MEMORY && (z->encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM || visible) &&
            !string)
            differs |= compare_memory(o, z, v->insn.address_width, false);
        else if (z->type == ZYDIS_OPERAND_TYPE_MEMORY && (string || v->insn.mnemonic == ZYDIS_MNEMONIC_XLAT)
                 && ZydisRegisterGetId(z->mem.base) != EDI)
            differs |= compare_memory(o, z, v->insn.address_width, true);
        else if (z->type == ZYDIS_OPERAND_TYPE_REGISTER && visible && !same_register(o, z, k))
            differs |= DIFFERS_REG;
    }
    return differs | compare_immediates(o, &v->insn, v->operand, v->insn.operand_count_visible) |
           compare_prefixes(o, &v->insn);
}

/* Once more by its head, which most likely others had before it. */
static bool same_again(const struct oracle *o, struct decode d, const struct verdict *v)
{
    struct decoded again = { .body = 0 };
    d.heads = o->heads;
    return decode_insn(&d, &again) == v->length && !memcmp(&again.op, &v->ours.op, sizeof again.op) && again.body == v->ours.body
        && again.form == v->ours.form && again.shape == v->ours.shape && again.immediate_at == v->ours.immediate_at;
}

void compare(const struct oracle *o, enum code_mode m, u32 mode, const u8 bytes[STRING_BYTES], bool prefixes_of_it,
             struct verdict *v)
{
    struct decode d = { .cpu = o->cpu, .bytes = bytes, .n = STRING_BYTES - 1, .mode = mode };
    v->length = decode_insn(&d, &v->ours);
    v->differs = same_again(o, d, v) ? 0 : DIFFERS_AGAIN;
    v->legal = v->ours.op.fn != (void (*)(void))h_raise_ud && v->ours.op.fn != (void (*)(void))h_raise_gp0;
    v->too_long = v->ours.op.fn == (void (*)(void))h_raise_gp0;
    v->status = ZydisDecoderDecodeFull(&o->decoder[m], bytes, STRING_BYTES, &v->insn, v->operand);
    v->zydis_legal = ZYAN_SUCCESS(v->status) && of_the_model(o->cpu, &v->insn);
    if (prefixes_of_it)
        for (d.n = 0; d.n < v->length; d.n++) {
            struct decoded part;
            if (decode_insn(&d, &part) != 0)
                v->differs |= DIFFERS_SHORT;
        }
    if (!v->length || (v->too_long && v->length != 15) || (v->status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG && v->legal)
        || (v->too_long && v->zydis_legal))
        v->differs |= DIFFERS_LENGTH;
    else if (v->legal && !v->zydis_legal)
        v->differs |= DIFFERS_RUNS;
    else if (!v->legal && v->zydis_legal)
        v->differs |= DIFFERS_UD;
    else if (v->legal) {
        if (v->length != v->insn.length || v->ours.op.len != v->length)
            v->differs |= DIFFERS_LENGTH;
        if (!same_name(v->ours.op.row->mnemonic, ZydisMnemonicGetString(v->insn.mnemonic)))
            v->differs |= DIFFERS_NAME;
        struct head h = head_of(bytes);
        v->differs |= compare_operands(v, h.map ? &rows_0f[h.opcode] : &rows_1byte[h.opcode]);
    }
}

u32 flags_compare(const struct verdict *v)
{
    enum { ALL = FLAGS_ARITH | FLAG_DF };
    const ZydisAccessedFlags *f = v->insn.cpu_flags;
    const struct row *row = v->ours.op.row;
    static const ZydisAccessedFlags none;
    if (!f)
        f = &none;
    u32 undefined = f->undefined & ALL, writes = ((f->modified | f->set_0 | f->set_1) & ALL) | undefined, differs = 0;
    if ((f->tested & ALL) != row->reads)
        differs |= DIFFERS_READS;
    if (writes != ((u32)row->writes | row->undefined))
        differs |= DIFFERS_WRITES;
    if (undefined != row->undefined)
        differs |= DIFFERS_UNDEFINED;
    return differs;
}
