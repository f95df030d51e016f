/* decode.c - bytes to struct decoded, following the opcode map; it knows no instruction by name.
 * SDM Vol. 2A "Instruction Format"; Vol. 2 Appendix A. Also plants what an instruction may not do here: #UD, LOCK, privilege, #NM.
 * Here: 16- and 32-bit code. Not yet: REX, VEX. */
#include "rows.h"
#include "../engine/engine.h"
#include "../insn/simd/mmx.h"

enum { INSN_MAX = 15, INSN_MAX_286 = 10 };  /* bytes; longer is #GP(0): SDM Vol. 2A "Instruction Prefixes"; the 286's limit,
                                             * iAPX 286 Programmer's Reference Manual, "Interrupt 13" */

struct cursor {
    const struct decode *d;
    int at;                     /* bytes taken */
    bool has_modrm;
    bool short_of;              /* wanted a byte past d->n */
    bool has_286, has_386;      /* FEATURE_286, FEATURE_386 */
    bool two_bytes;             /* after 0F */
    u8 prefixes;                /* bytes before the opcode */
    u8 lock, rep, repne, operand_size, address_size;
    i8 segment;                 /* override, -1 none */
    u8 opcode, modrm;
    u8 size;                    /* log2 of the operand size for `v` */
    u8 address;                 /* log2 of the address size */
};

/* A row's operands with its group's, and what they are. */
struct operands {
    u16 code[4];
    bool control;               /* a control or debug register: ModRM's mod does not matter */
    bool cr, sreg;              /* a control, a segment register by ModRM's reg */
    bool offset;                /* memory by an offset in the instruction */
    bool only_memory, only_register;
};

static struct operands operands_of(const struct row *row, const struct row *parent)
{
    struct operands is = { .control = false };
    for (int k = 0; k < 4; k++) {
        u32 code = is.code[k] = row->operand[k] != __ ? row->operand[k] : parent->operand[k];
        is.control |= is_control(code);
        is.cr |= operand_kind(code) == K_C;
        is.sreg |= operand_kind(code) == K_S;
        is.offset |= operand_kind(code) == K_O;
        is.only_memory |= only_memory(code);
        is.only_register |= only_register(code);
    }
    is.only_register &= !is.control;
    return is;
}

static u8 take(struct cursor *c)
{
    if (c->at >= c->d->n) {
        c->short_of = true;
        return 0;
    }
    return c->d->bytes[c->at++];
}

static u64 take_n(struct cursor *c, int n)
{
    u64 v = 0;
    for (int k = 0; k < n; k++)
        v |= (u64)take(c) << 8 * k;
    return v;
}

static u8 place_of(int n, int size_log2) { return size_log2 ? gpr_place(n) : byte_place(n); }

/* SDM Vol. 2A, table "16-Bit Addressing Forms with the ModR/M Byte". Returns the default segment. */
static int address_16(struct cursor *c, struct op *o)
{
    static const u8 base[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX }, index[4] = { ESI, EDI, ESI, EDI };
    int mod = c->modrm >> 6, rm = c->modrm & 7;
    if (mod == 0 && rm == 6) {
        o->disp = (i32)take_n(c, 2);
        return DS;
    }
    o->base = gpr_place(base[rm]);
    if (rm < 4)
        o->index = gpr_place(index[rm]);
    if (mod == 1)
        o->disp = (i8)take(c);
    else if (mod == 2)
        o->disp = (i16)take_n(c, 2);
    return base[rm] == EBP ? SS : DS;
}

/* Tables "32-Bit Addressing Forms with the ModR/M Byte" and "with the SIB Byte". */
static int address_32(struct cursor *c, struct op *o)
{
    int mod = c->modrm >> 6, base = c->modrm & 7;
    if (base == 4) {
        u8 sib = take(c);
        int index = sib >> 3 & 7;
        base = sib & 7;
        if (index != 4) {
            o->index = gpr_place(index);
            o->how |= (u8)((sib >> 6) << 3);
        }
    }
    if (base == 5 && mod == 0) {
        o->disp = (i32)take_n(c, 4);
        return DS;
    }
    o->base = gpr_place(base);
    if (mod == 1)
        o->disp = (i8)take(c);
    else if (mod == 2)
        o->disp = (i32)take_n(c, 4);
    return base == EBP || base == ESP ? SS : DS;
}

/* log2 of the size that an operand gives the operation; -1: none. */
static int size_of(u32 code, const struct cursor *c)
{
    switch (operand_kind(code)) {
    case K_E: case K_R: case K_G: case K_Z: case K_GPR: case K_X: case K_Y: case K_O: case K_F: break;
    default: return -1;
    }
    switch (operand_size(code)) {
    case S_b: return 0;
    case S_w: return 1;
    case S_d: return 2;
    case S_q: return 3;
    case S_v: case S_vw: return c->size;
    case S_z: return c->size < 2 ? c->size : 2;
    case S_y: return c->size < 3 ? 2 : 3;
    default:  return -1;
    }
}

/* Prefixes: SDM Vol. 2A "Instruction Prefixes". Returns the first byte that is none. */
static u8 take_prefixes(struct cursor *c)
{
    for (;;) {
        u8 b = take(c);
        if (c->short_of || c->at > INSN_MAX || (!c->has_386 && b >= 0x64 && b <= 0x67))
            return b;
        if (b == 0xf1 && !c->has_286)
            b = 0xf0;
        switch (b) {
        case 0x26: c->segment = ES; break;
        case 0x2e: c->segment = CS; break;
        case 0x36: c->segment = SS; break;
        case 0x3e: c->segment = DS; break;
        case 0x64: c->segment = FS; break;
        case 0x65: c->segment = GS; break;
        case 0x66: c->operand_size = 1; break;
        case 0x67: c->address_size = 1; break;
        case 0xf0: c->lock = 1; break;
        case 0xf2: c->repne = 1; c->rep = 0; break;
        case 0xf3: c->rep = 1; c->repne = 0; break;
        default: return b;
        }
    }
}

static const struct row *find_row(struct cursor *c, const struct row **parent)
{
    const struct feature_set *has = &c->d->cpu->features;
    c->opcode = take_prefixes(c);
    c->prefixes = (u8)(c->at - 1);
    if (c->opcode == 0x0f && c->has_286) {
        c->two_bytes = true;
        c->opcode = take(c);
    }
    *parent = row_at(has, c->two_bytes, &c->opcode);
    c->has_modrm = row_has_modrm(*parent);
    if (c->has_modrm)
        c->modrm = take(c);
    u8 prefix = c->rep ? 0xf3 : c->repne ? 0xf2 : c->operand_size ? 0x66 : 0;
    return row_member(has, *parent, c->two_bytes, c->opcode, (struct selector){ c->modrm, prefix });
}

static int register_of(u32 code, const struct cursor *c)
{
    switch (operand_kind(code)) {
    case K_G: case K_S: case K_C: case K_D: case K_P: return c->modrm >> 3 & 7;
    case K_Z: return c->opcode & 7;
    case K_GPR: case K_SEG: case K_PORT: case K_COUNT: return operand_register(code);
    default: return c->modrm & 7;
    }
}

static void take_immediate(struct cursor *c, u32 code, struct op *o, int *bits)
{
    bool narrow = c->size == 1;
    switch (operand_size(code)) {
    case S_b:  o->imm |= (u64)take(c) << *bits; *bits += 8; break;
    case S_bs: o->imm = (u64)(i64)(i8)take(c); break;
    case S_w:  o->imm |= take_n(c, 2) << *bits; *bits += 16; break;
    default:   o->imm = narrow ? take_n(c, 2) : (u64)(i64)(i32)take_n(c, 4); break;
    }
}

static void take_immediates(struct cursor *c, const u16 operand[4], struct op *o)
{
    bool narrow = c->size == 1;
    for (int k = 0, bits = 0; k < 4; k++) {
        switch (operand_kind(operand[k])) {
        case K_I:   take_immediate(c, operand[k], o, &bits); break;
        case K_ONE: o->imm = 1; break;
        case K_J:   o->disp = operand_size(operand[k]) == S_b ? (i8)take(c) : narrow ? (i16)take_n(c, 2) : (i32)take_n(c, 4); break;
        case K_A:   o->imm = take_n(c, 1 << c->size); o->imm |= take_n(c, 2) << 32; break;
        case K_O:   o->disp = (i32)take_n(c, 1 << c->address); break;
        default:    break;
        }
    }
}

/* Does a mandatory prefix lack, or stand where none may? */
static bool wrong_prefix(const struct cursor *c, const struct row *row)
{
    switch (row->prefix) {
    case PREFIX_NP: return c->operand_size || c->rep || c->repne;
    case PREFIX_66: return !c->operand_size || c->rep || c->repne;
    case PREFIX_F3: return !c->rep;
    case PREFIX_F2: return !c->repne;
    default:        return false;
    }
}

/* What CR0 forbids. */
static handler *not_available(const struct row *row, u32 mode)
{
    switch (row->exceptions) {
    case EXCEPT_MMX:  return mode & MODE_EM ? h_raise_ud : mode & MODE_TS ? h_raise_nm : NULL;
    case EXCEPT_FPU:  return mode & (MODE_EM | MODE_TS) ? h_raise_nm : NULL;
    case EXCEPT_WAIT: return (mode & MODE_MP) && (mode & MODE_TS) ? h_raise_nm : NULL;
    default:          return NULL;
    }
}

/* What forbids the instruction here, as the handler that raises it; NULL: nothing. */
static handler *forbidden(const struct cursor *c, const struct row *row, const struct operands *is, bool mem)
{
    u32 mode = c->d->mode;
    if (!c->has_286)
        return NULL;                            /* the 8086 does something with every byte: row_of_model() */
    if (!row->mnemonic || (row->feature && !cpu_has(c->d->cpu, (enum feature)row->feature)))
        return h_raise_ud;
    if (!c->has_386 && ((c->two_bytes && c->opcode > 6) || (is->sreg && (c->modrm >> 3 & 7) > DS)))
        return h_raise_ud;
    if ((row->attr & A_PM) && (!(mode & MODE_PE) || (mode & MODE_VM)))
        return h_raise_ud;
    if (c->lock && c->has_386 && !((row->attr & A_LOCK) && mem))
        return h_raise_ud;
    if (wrong_prefix(c, row) || row->vex != VEX_NONE || row->w == W_1)
        return h_raise_ud;
    if ((is->only_register && mem) || (is->only_memory && !mem))
        return h_raise_ud;
    if (is->cr && (0xe2 >> (c->modrm >> 3 & 7) & 1))    /* CR1, CR5, CR6, CR7 */
        return h_raise_ud;
    handler *raise = not_available(row, mode);
    return raise ? raise : (row->attr & A_CPL0) && (mode >> MODE_CPL_SHIFT & 3) ? h_raise_gp0 : NULL;
}

/* enum form's B, X, G, S or W, as a number. */
static int address_form(const struct cursor *c, const struct op *o, enum body_class class)
{
    if (c->address == 1)
        return FORM_RW - FORM_RB;
    int seg = class == CLASS_ADDRESS ? SEG_FLAT : op_seg(o) == CS ? SEG_FULL : mode_seg(c->d->mode, op_seg(o));
    if (seg != SEG_FLAT)
        return (seg == SEG_FULL ? FORM_RS : FORM_RG) - FORM_RB;
    return o->index == PLACE_OF(zero) ? 0 : FORM_RX - FORM_RB;
}

/* FAST's form and SLOW's by a body's class. dst_mem: memory is the destination. */
static void choose_form(const struct cursor *c, const struct op *o, enum body_class class, bool mem, bool dst_mem, bool imm, int *form,
                        int *slow)
{
    u32 mode = c->d->mode;
    int address = mem ? address_form(c, o, class) : 0;
    bool flat = (mode & MODE_B) && mode_seg(mode, SS) == SEG_FLAT && mode_seg(mode, CS) == SEG_FLAT;
    switch (class) {
    case CLASS_TWO: case CLASS_COMPARE: case CLASS_TEST: case CLASS_MOVE: case CLASS_EXCHANGE:
        *form = !mem ? (imm ? FORM_RI : FORM_RR) : (!dst_mem ? FORM_RB : imm ? FORM_BI : FORM_BR) + address;
        *slow = !mem ? (imm ? SLOW_RI : SLOW_RR) : !dst_mem ? SLOW_RM : imm ? SLOW_MI : SLOW_MR;
        break;
    case CLASS_LOAD: case CLASS_ADDRESS:
        *form = mem ? FORM_RB + address : FORM_RR;
        *slow = mem ? SLOW_RM : SLOW_RR;
        break;
    case CLASS_ONE: case CLASS_CARRY:
        *form = mem ? FORM_MB + address : FORM_R;
        *slow = mem ? SLOW_M : SLOW_R;
        break;
    case CLASS_STACK: case CLASS_STACK_RI:
        *form = flat ? (imm ? FORM_FLAT_I : FORM_FLAT_R) : (imm ? FORM_ANY_I : FORM_ANY_R);
        *slow = imm ? SLOW_STACK_I : SLOW_STACK_R;
        break;
    case CLASS_PLAIN:
        break;
    }
}

/* Handlers of a hot body: FAST's by form, SLOW's index beside it. */
static void choose_hot(const struct cursor *c, struct decoded *out, const struct row *row, const u16 operand[4], bool mem)
{
    static const u8 shapes[] = { [FLOW_IF] = DECODED_BRANCH, [FLOW_LOOP] = DECODED_BRANCH, [FLOW_JUMP] = DECODED_BRANCH,
                                 [FLOW_CALL] = DECODED_CALL, [FLOW_INDIRECT] = DECODED_INDIRECT, [FLOW_RETURN] = DECODED_PLAIN };
    const struct body_info *body = &body_info[row->body];
    struct op *o = &out->op;
    u32 mode = c->d->mode;
    int size = o->what & 3, form = FORM_PLAIN, slow = SLOW_PLAIN;
    bool dst_mem = mem && (is_rm(operand[0]) || operand_kind(operand[0]) == K_O);
    choose_form(c, o, (enum body_class)body->class, mem, dst_mem, is_imm(operand[1]), &form, &slow);
    o->slow = (u16)slow_index(row->body, size, slow);
    handler *h = slow_handler(o);
    assert(h);
    bool checked = (mode & MODE_AC) && (mem || (row->attr & A_STACK));
    if (mode_kind(mode) == KIND_FAST && !checked && fast_handlers[row->body][size][form])
        h = fast_handlers[row->body][size][form];
    o->fn = (void (*)(void))h;
    out->body = row->body;
    out->form = (u8)form;
    out->size_log2 = (u8)size;
    out->cc = c->opcode & 15;
    out->shape = shapes[body->flow];
    out->unconditional = body->flow >= FLOW_JUMP;
}

static void choose_fn(const struct cursor *c, struct decoded *out, const struct row *row)
{
    struct op *o = &out->op;
    handler *h = row->attr & A_END ? h_fn_end : row->attr & A_MAY_END ? h_fn_may_end
               : (row->attr & A_REP) && (c->rep || c->repne) ? h_fn_rep : h_fn;
    o->fn = (void (*)(void))h;
    if (row->attr & A_END) {
        out->shape = DECODED_END;
        out->unconditional = true;
    }
}

static void set_registers(const struct cursor *c, struct op *o, const u16 operand[4], bool hot)
{
    u32 dst = operand[0], src = operand[1];
    int size = o->what & 3;
    if (!hot) {                             /* by number */
        bool fixed = operand_kind(dst) == K_SEG, sreg = operand_kind(dst) == K_S || operand_kind(src) == K_S;
        u8 reg = c->modrm >> 3 & (sreg && !c->has_286 ? 3 : 7);     /* an 8086 looks at two bits of a segment register's number */
        o->dst = (u8)(fixed ? register_of(dst, c) : c->has_modrm ? reg : c->opcode & 7);
        o->src = c->modrm & 7;
        return;
    }
    int src_size = operand_size(src) == S_b ? 0 : size_of(src, c);
    o->dst = place_of(register_of(dst, c), size);
    o->src = place_of(register_of(src, c), src_size < 0 ? size : src_size);
}

/* For whoever shows them (anatomy.h). */
static void note_parts(const struct cursor *c, struct decoded *out)
{
    out->prefixes = c->prefixes;
    out->two_bytes = c->two_bytes;
    out->has_modrm = c->has_modrm;
}

int decode_insn(const struct decode *d, struct decoded *out)
{
    struct cursor c = { .d = d, .segment = -1, .has_286 = cpu_has(d->cpu, FEATURE_286), .has_386 = cpu_has(d->cpu, FEATURE_386) };
    const struct row *parent, *row;
    struct op *o = &out->op;
    int segment = DS;

    memset(out, 0, sizeof *out);
    o->base = o->index = PLACE_OF(zero);
    row = find_row(&c, &parent);
    note_parts(&c, out);
    c.size = (d->mode & MODE_D ? 1 : 0) ^ c.operand_size ? 2 : 1;
    c.address = (d->mode & MODE_D ? 1 : 0) ^ c.address_size ? 2 : 1;
    const struct operands is = operands_of(row, parent);
    const u16 *operand = is.code;
    bool mem = c.has_modrm && c.modrm < 0xc0 && !is.control;
    /* An undefined member of a group is as long as the defined ones: its length is found before its legality (SDM Vol. 3A
     * "Priority Among Concurrent Events": the fetch, the length, the opcode). */
    bool whole = row->mnemonic || c.has_modrm;
    if (mem && whole)
        segment = c.address == 1 ? address_16(&c, o) : address_32(&c, o);
    out->immediate_at = (u8)c.at;
    if (whole)
        take_immediates(&c, operand, o);
    int most = c.has_386 || !c.has_286 ? INSN_MAX : INSN_MAX_286;
    if (c.at > most || (c.short_of && d->n >= most)) {
        o->fn = (void (*)(void))h_raise_gp0;
        out->shape = DECODED_END;
        out->unconditional = true;
        o->row = row;
        o->len = (u8)most;
        return most;
    }
    if (c.short_of)
        return 0;
    int size = c.size;
    for (int k = 0; k < 2; k++)
        if (!is_imm(operand[k]) && size_of(operand[k], &c) >= 0) {
            size = size_of(operand[k], &c);
            break;
        }
    o->row = row;
    out->memory = mem || is.offset;
    o->len = (u8)c.at;
    o->how |= (u8)((c.segment >= 0 ? c.segment : segment) | c.address << 5 | (c.has_modrm && !mem ? 0x80 : 0));
    o->what = (u8)(size | c.lock << 2 | c.rep << 3 | c.repne << 4 | (operand[2] != __ && is_imm(operand[2]) ? 0x80 : 0));
    set_registers(&c, o, operand, row->body);
    if (row->exceptions == EXCEPT_FPU && c.opcode >= 0xd8 && c.opcode <= 0xdf)
        o->imm = (u64)((c.opcode & 7) << 8 | c.modrm);  /* the 11-bit x87 opcode */
    handler *raise = forbidden(&c, row, &is, mem);
    if (raise) {
        o->fn = (void (*)(void))raise;
        out->shape = DECODED_END;
        out->unconditional = true;
    } else if (row->body) {
        choose_hot(&c, out, row, operand, mem || is.offset);
    } else {
        choose_fn(&c, out, row);
    }
    return c.at;
}
