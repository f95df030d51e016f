/* anatomy.c - see anatomy.h. The decoder decides; here its parts are found again in the bytes. */
#include "anatomy.h"
#include "rows.h"
#include "decode.h"
#include "../engine/engine.h"

/* Of one that is too long, what stands in its first bytes. */
static void field_add(struct anatomy *a, enum anatomy_kind kind, int at, int bytes)
{
    struct anatomy_field *f = &a->field[a->fields];
    if (bytes > a->length - at)
        bytes = a->length - at;
    if (bytes <= 0 || a->fields == ANATOMY_FIELDS)
        return;
    *f = (struct anatomy_field) { .kind = (u8)kind, .at = (u8)at, .bytes = (u8)bytes };
    for (int k = 0; k < bytes; k++)
        f->value |= k < 8 ? (u64)a->bytes[at + k] << 8 * k : 0;
    a->fields++;
}

static i8 override_of(u8 prefix)
{
    switch (prefix) {
    case 0x26: return ES;
    case 0x2e: return CS;
    case 0x36: return SS;
    case 0x3e: return DS;
    case 0x64: return FS;
    case 0x65: return GS;
    default:   return ANATOMY_NONE;
    }
}

/* "Instruction Prefixes": of one group the last one counts. */
static void prefixes(struct anatomy *a, const struct decoded *d, bool code32)
{
    bool operand = false, address = false;
    for (int k = 0; k < d->prefixes && k < ANATOMY_BYTES; k++) {
        i8 segment = override_of(a->bytes[k]);
        operand |= a->bytes[k] == 0x66;
        address |= a->bytes[k] == 0x67;
        a->override = segment != ANATOMY_NONE ? segment : a->override;
        field_add(a, FIELD_PREFIX, k, 1);
    }
    a->operand_size = code32 != operand ? 4 : 2;
    a->address_size = code32 != address ? 4 : 2;
}

static int immediate_bytes(const struct anatomy *a, u32 code)
{
    switch (operand_kind(code)) {
    case K_I:
        switch (operand_size(code)) {
        case S_b: case S_bs: return 1;
        case S_w: return 2;
        default:  return a->operand_size;
        }
    case K_J: return operand_size(code) == S_b ? 1 : a->operand_size;
    case K_A: return a->operand_size + 2;
    case K_O: return a->address_size;
    default:  return 0;
    }
}

static u8 byte_at(const struct anatomy *a, int at) { return at < a->length ? a->bytes[at] : 0; }

static void fields(struct anatomy *a, const struct decoded *d)
{
    int at = d->prefixes + d->two_bytes;
    field_add(a, FIELD_OPCODE, d->prefixes, 1 + d->two_bytes);
    a->opcode = byte_at(a, at++);
    if (d->has_modrm) {
        a->modrm = byte_at(a, at);
        field_add(a, FIELD_MODRM, at++, 1);
        if (a->memory && a->address_size == 4 && (a->modrm & 7) == 4)
            field_add(a, FIELD_SIB, at++, 1);
        field_add(a, FIELD_DISPLACEMENT, at, d->immediate_at - at);
    }
    at = d->immediate_at;
    for (int k = 0; k < 4; k++) {
        u32 code = a->operand[k].code;
        int n = immediate_bytes(a, code);
        enum anatomy_kind kind = operand_kind(code) == K_J ? FIELD_RELATIVE : operand_kind(code) == K_A ? FIELD_POINTER
                               : operand_kind(code) == K_O ? FIELD_OFFSET : FIELD_IMMEDIATE;
        if (at + n > a->length)
            return;
        field_add(a, kind, at, n);
        at += n;
    }
}

static u8 operand_bytes(const struct anatomy *a, u32 code)
{
    switch (operand_size(code)) {
    case S_b:  return 1;
    case S_w:  return 2;
    case S_d:  return 4;
    case S_q:  return 8;
    case S_t:  return 10;
    case S_s:  return 6;
    case S_p:  return (u8)(a->operand_size + 2);
    case S_a:  return (u8)(2 * a->operand_size);
    case S_vw: return a->memory ? 2 : a->operand_size;
    case S_bs: case S_v: case S_z: return a->operand_size;
    case S_y:  return 4;
    default:   return 0;
    }
}

static u8 operand_reg(const struct anatomy *a, u32 code)
{
    switch (operand_kind(code)) {
    case K_G: case K_S: case K_C: case K_D: case K_P: return a->modrm >> 3 & 7;
    case K_Z: return a->opcode & 7;
    case K_GPR: case K_SEG: case K_PORT: case K_COUNT: return (u8)operand_register(code);
    default: return a->modrm & 7;
    }
}

/* Fields come in the operands' order. */
static void operands(struct anatomy *a)
{
    int field = 0;
    for (int k = 0; k < 4; k++) {
        struct anatomy_operand *o = &a->operand[k];
        enum operand_kind kind = operand_kind(o->code);
        if (o->code == __)
            continue;
        o->name = operand_name(o->code);
        o->bytes = operand_bytes(a, o->code);
        o->reg = operand_reg(a, o->code);
        o->memory = kind == K_O || (is_rm(o->code) && a->memory);
        if (kind == K_ONE)
            o->immediate = 1;
        if (!immediate_bytes(a, o->code))
            continue;
        while (field < a->fields && a->field[field].kind < FIELD_IMMEDIATE)
            field++;
        if (field < a->fields) {
            const struct anatomy_field *f = &a->field[field++];
            int shift = 64 - 8 * f->bytes;
            bool is_signed = operand_size(o->code) == S_bs || kind == K_J;
            o->immediate = is_signed ? (u64)((i64)(f->value << shift) >> shift) : f->value;
        }
    }
}

static i8 register_at(u8 place)
{
    return place == PLACE_OF(zero) ? ANATOMY_NONE : (i8)(place - gpr_place(0));
}

static int vector_of(const struct op *o)
{
    return o->fn == (void (*)(void))h_raise_ud ? EXC_UD : o->fn == (void (*)(void))h_raise_nm ? EXC_NM
         : o->fn == (void (*)(void))h_raise_gp0 ? EXC_GP : ANATOMY_NONE;
}

static void row_facts(struct anatomy *a, const struct cpu *cpu, const struct row *row)
{
    a->mnemonic = row->mnemonic;
    a->operation = row->operation;
    a->feature = row->feature ? feature_list[row->feature].name : NULL;
    a->has_feature = !row->feature || cpu_has(cpu, (enum feature)row->feature);
    a->attr = row->attr;
    a->reads = row->reads;
    a->writes = row->writes;
    a->undefined = row->undefined;
    a->exceptions = row->exceptions;
}

void anatomy_of(struct cpu *cpu, const u8 *bytes, int n, struct anatomy *a)
{
    struct decoded d;
    struct decode from = { .cpu = cpu, .bytes = bytes, .n = n < ANATOMY_BYTES ? n : ANATOMY_BYTES, .mode = cpu->mode };
    const struct op *o = &d.op;
    memset(a, 0, sizeof *a);
    a->base = a->index = a->override = ANATOMY_NONE;
    a->refuses = ANATOMY_NONE;
    memcpy(a->bytes, bytes, (size_t)from.n);
    a->cut = !decode_insn(&from, &d);
    if (a->cut)
        return;
    a->length = o->len;
    u8 opcode = byte_at(a, d.prefixes + d.two_bytes);
    const struct row *parent = row_at(&cpu->features, d.two_bytes, &opcode);
    for (int k = 0; k < 4; k++)
        a->operand[k].code = o->row->operand[k] != __ ? o->row->operand[k] : parent->operand[k];
    row_facts(a, cpu, o->row);
    a->refuses = vector_of(o);
    a->two_bytes = d.two_bytes;
    a->has_modrm = d.has_modrm;
    a->memory = d.memory;
    a->segment = (u8)op_seg(o);
    a->scale = (u8)op_scale(o);
    a->base = register_at(o->base);
    a->index = register_at(o->index);
    a->displacement = o->disp;
    a->operation_bytes = (u8)op_bytes(o);
    a->lock = op_lock(o);
    a->rep = op_rep(o);
    a->repne = op_repne(o);
    prefixes(a, &d, cpu->s.seg[CS].access & SEG_DB);
    fields(a, &d);
    operands(a);
}
