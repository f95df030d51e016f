/* decode.c - bytes to struct decoded, following the opcode map; it knows no instruction by name.
 * SDM Vol. 2A "Instruction Format"; Vol. 2 Appendix A. Also plants what an instruction may not do here: #UD, LOCK, privilege, #NM.
 * Here: 16- and 32-bit code. Not yet: REX, VEX. */
#include "rows.h"
#include "../engine/engine.h"
#include "../insn/simd/mmx.h"
#include "../insn/string_fast.h"
#include "../insn/x87/x87_fast.h"

enum { INSN_MAX = 15, INSN_MAX_286 = 10 };  /* bytes; longer is #GP(0): SDM Vol. 2A "Instruction Prefixes"; the 286's limit,
                                             * iAPX 286 Programmer's Reference Manual, "Interrupt 13" */

/* An instruction is a head (prefixes, opcode, ModRM, SIB), which decides everything, and a tail of numbers: displacement, immediates.
 * A part of the tail: bits 0-1 log2 of its bytes; where it goes, in the immediate so many bytes up. */
enum { PARTS = 3, PART_SIGNED = 1 << 2, PART_DISP = 1 << 3, PART_UP_SHIFT = 4 };

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
    u8 part[PARTS], parts, tail;/* the numbers behind the head, and how many bytes they are */
    u8 size;                    /* log2 of the operand size for `v` */
    u8 address;                 /* log2 of the address size */
};

/* A row's operands with its group's, and their kinds, a bit each: most instructions have few, and what no kind asks for is not done. */
struct operands {
    u16 code[4];
    u64 kinds;
};
#define KIND(k) (1ull << (k))
#define CONTROL_KINDS (KIND(K_C) | KIND(K_D))       /* ModRM's mod does not matter */

static struct operands operands_of(const struct row *row, const struct row *parent)
{
    struct operands is = { .kinds = 0 };
    for (int k = 0; k < 4; k++) {
        is.code[k] = row->operand[k] != __ ? row->operand[k] : parent->operand[k];
        is.kinds |= KIND(operand_kind(is.code[k]));
    }
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

static void later(struct cursor *c, int size_log2, int where)
{
    c->part[c->parts++] = (u8)(size_log2 | where);
    c->tail += (u8)(1 << size_log2);
}

static u8 place_of(int n, int size_log2) { return size_log2 ? gpr_place(n) : byte_place(n); }

/* SDM Vol. 2A, table "16-Bit Addressing Forms with the ModR/M Byte". Returns the default segment. */
static int address_16(struct cursor *c, struct op *o)
{
    static const u8 base[8] = { EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX }, index[4] = { ESI, EDI, ESI, EDI };
    int mod = c->modrm >> 6, rm = c->modrm & 7;
    if (mod == 0 && rm == 6) {
        later(c, 1, PART_DISP);
        return DS;
    }
    o->base = gpr_place(base[rm]);
    if (rm < 4)
        o->index = gpr_place(index[rm]);
    if (mod == 1 || mod == 2)
        later(c, mod - 1, PART_DISP | PART_SIGNED);
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
            o->what |= (u8)(sib >> 6);
        }
    }
    if (base == 5 && mod == 0) {
        later(c, 2, PART_DISP);
        return DS;
    }
    o->base = gpr_place(base);
    if (mod == 1 || mod == 2)
        later(c, mod == 1 ? 0 : 2, PART_DISP | PART_SIGNED);
    return base == EBP || base == ESP ? SS : DS;
}

/* log2 of the size that an operand gives the operation; -1: none. */
static int size_of(u32 code, const struct cursor *c)
{
    const u64 sized = KIND(K_E) | KIND(K_R) | KIND(K_G) | KIND(K_Z) | KIND(K_GPR) | KIND(K_X) | KIND(K_Y) | KIND(K_O) | KIND(K_F);
    if (!(KIND(operand_kind(code)) & sized))
        return -1;
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

/* row_has_modrm and row_member of the plain rows, of which most code is. */
static bool has_modrm(const struct row *row)
{
    return row->group ? row_has_modrm(row) : is_modrm(row->operand[0]) || is_modrm(row->operand[1]);
}

static const struct row *member_of(const struct cursor *c, const struct row *row)
{
    const struct feature_set *has = &c->d->cpu->features;
    if (!row->group && feature_in(has, FEATURE_P6))
        return row;
    u8 prefix = c->rep ? 0xf3 : c->repne ? 0xf2 : c->operand_size ? 0x66 : 0;
    return row_member(has, row, c->two_bytes, c->opcode, (struct selector){ c->modrm, prefix });
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
    c->has_modrm = has_modrm(*parent);
    if (c->has_modrm)
        c->modrm = take(c);
    return member_of(c, *parent);
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

static void note_immediate(struct cursor *c, u32 code, int *up)
{
    switch (operand_size(code)) {
    case S_b:  later(c, 0, *up << PART_UP_SHIFT); *up += 1; break;
    case S_bs: later(c, 0, PART_SIGNED); break;
    case S_w:  later(c, 1, *up << PART_UP_SHIFT); *up += 2; break;
    default:   later(c, c->size == 1 ? 1 : 2, c->size == 1 ? 0 : PART_SIGNED); break;
    }
}

static void note_immediates(struct cursor *c, const struct operands *is, struct op *o)
{
    if (!(is->kinds & (KIND(K_I) | KIND(K_ONE) | KIND(K_J) | KIND(K_A) | KIND(K_O))))
        return;
    for (int k = 0, up = 0; k < 4; k++) {
        u32 code = is->code[k];
        switch (operand_kind(code)) {
        case K_I:   note_immediate(c, code, &up); break;
        case K_ONE: o->imm = 1; break;
        case K_J:   later(c, operand_size(code) == S_b ? 0 : c->size == 1 ? 1 : 2, PART_DISP | PART_SIGNED); break;
        case K_A:   later(c, c->size, 0); later(c, 1, 4 << PART_UP_SHIFT); break;
        case K_O:   later(c, c->address, PART_DISP); break;
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
    if (!c->has_386 && ((c->two_bytes && c->opcode > 6) || ((is->kinds & KIND(K_S)) && (c->modrm >> 3 & 7) > DS)))
        return h_raise_ud;
    if ((row->attr & A_PM) && (!(mode & MODE_PE) || (mode & MODE_VM)))
        return h_raise_ud;
    if (c->lock && c->has_386 && !((row->attr & A_LOCK) && mem))
        return h_raise_ud;
    if (wrong_prefix(c, row) || row->vex != VEX_NONE || row->w == W_1)
        return h_raise_ud;
    if (is->kinds & (mem ? KIND(K_R) | KIND(K_N) : KIND(K_M)))
        return h_raise_ud;
    if ((is->kinds & KIND(K_C)) && (0xe2 >> (c->modrm >> 3 & 7) & 1))    /* CR1, CR5, CR6, CR7 */
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
    return o->index == PLACE_OF(zero) ? 0 : (o->what & WHAT_PREFIXES ? FORM_RG : FORM_RX) - FORM_RB;    /* op_index_shift */
}

/* FAST's form and SLOW's by a body's class. dst_mem: memory is the destination; away: it pushes or jumps to what it reads. */
static void choose_form(const struct cursor *c, const struct op *o, enum body_class class, bool mem, bool dst_mem, bool imm, bool away,
                        int *form, int *slow)
{
    u32 mode = c->d->mode;
    int address = mem ? address_form(c, o, class) : 0;
    bool flat = (mode & MODE_B) && mode_seg(mode, SS) == SEG_FLAT && mode_seg(mode, CS) == SEG_FLAT;
    if (away && !flat && address <= FORM_RX - FORM_RB)
        address = FORM_RG - FORM_RB;
    switch (class) {
    case CLASS_TWO: case CLASS_COMPARE: case CLASS_TEST: case CLASS_MOVE: case CLASS_EXCHANGE: case CLASS_DOUBLE:
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
    int size = op_size_log2(o), form = FORM_PLAIN, slow = SLOW_PLAIN;
    bool dst_mem = mem && (is_rm(operand[0]) || operand_kind(operand[0]) == K_O);
    bool away = body->class == CLASS_LOAD && body->safety == SAFETY_OPEN;
    choose_form(c, o, (enum body_class)body->class, mem, dst_mem, is_imm(operand[1]), away, &form, &slow);
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

#ifdef VITRINE_SMALL                       /* where the program's size counts */
enum { HAS_OWN_HANDLERS = false };
#else
enum { HAS_OWN_HANDLERS = true };
#endif

/* FAST's own handler of a row that is a C function; NULL: there is none. */
static handler *choose_fast(const struct cursor *c, const struct op *o, const struct row *row, bool mem)
{
    u32 mode = c->d->mode;
    bool flat = c->address == 2 && op_seg(o) != CS && mode_seg(mode, op_seg(o)) == SEG_FLAT;
    if (!HAS_OWN_HANDLERS || mode_kind(mode) != KIND_FAST || (mode & MODE_AC))
        return NULL;
    if (row->exceptions == EXCEPT_FPU)
        return x87_fast(row->fn, flat || !mem);
    return row->attr & A_REP ? string_fast(row->fn, op_size_log2(o), c->rep || c->repne, flat && mode_seg(mode, ES) == SEG_FLAT) : NULL;
}

static void choose_fn(const struct cursor *c, struct decoded *out, const struct row *row, bool mem)
{
    struct op *o = &out->op;
    handler *h = choose_fast(c, o, row, mem);
    if (!h)
        h = row->attr & A_END ? h_fn_end : row->attr & A_MAY_END ? h_fn_may_end
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
    int size = op_size_log2(o);
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

/* What its head makes of an instruction. */
struct plan {
    struct decoded out;         /* but for the numbers of the tail */
    u8 head, tail;              /* bytes */
    u8 parts, part[PARTS];
};

/* Its length; 0: more bytes are needed. *whole: the head alone decided, be it for #UD. */
static int plan(const struct decode *d, struct plan *p, bool *whole)
{
    struct cursor c = { .d = d, .segment = -1, .has_286 = cpu_has(d->cpu, FEATURE_286), .has_386 = cpu_has(d->cpu, FEATURE_386) };
    const struct row *parent, *row;
    struct decoded *out = &p->out;
    struct op *o = &out->op;
    int segment = DS;

    *whole = false;
    memset(out, 0, sizeof *out);
    o->base = o->index = PLACE_OF(zero);
    row = find_row(&c, &parent);
    note_parts(&c, out);
    c.size = (d->mode & MODE_D ? 1 : 0) ^ c.operand_size ? 2 : 1;
    c.address = (d->mode & MODE_D ? 1 : 0) ^ c.address_size ? 2 : 1;
    const struct operands is = operands_of(row, parent);
    const u16 *operand = is.code;
    bool mem = c.has_modrm && c.modrm < 0xc0 && !(is.kinds & CONTROL_KINDS), offset = is.kinds & KIND(K_O);
    /* An undefined member of a group is as long as the defined ones: its length is found before its legality (SDM Vol. 3A
     * "Priority Among Concurrent Events": the fetch, the length, the opcode). */
    bool known = row->mnemonic || c.has_modrm;
    if (mem && known)
        segment = c.address == 1 ? address_16(&c, o) : address_32(&c, o);
    p->head = (u8)c.at;
    out->immediate_at = (u8)(c.at + c.tail);
    if (known)
        note_immediates(&c, &is, o);
    int most = c.has_386 || !c.has_286 ? INSN_MAX : INSN_MAX_286, length = c.at + c.tail;
    bool lacks = c.short_of || length > d->n;
    if (lacks)
        length = d->n;
    if (length > most || (lacks && d->n >= most)) {
        o->fn = (void (*)(void))h_raise_gp0;
        out->shape = DECODED_END;
        out->unconditional = true;
        o->row = row;
        o->len = (u8)most;
        return most;
    }
    if (lacks)
        return 0;
    int size = c.size;
    for (int k = 0; k < 2; k++)
        if (!is_imm(operand[k]) && size_of(operand[k], &c) >= 0) {
            size = size_of(operand[k], &c);
            break;
        }
    o->row = row;
    out->memory = mem || offset;
    o->len = (u8)length;
    o->how |= (u8)((c.segment >= 0 ? c.segment : segment) | c.address << 5 | (c.has_modrm && !mem ? 0x80 : 0));
    o->what |= (u8)(what_of_size(size) | c.lock << 2 | c.rep << 3 | c.repne << 4 | (operand[2] != __ && is_imm(operand[2]) ? 0x80 : 0));
    set_registers(&c, o, operand, row->body);
    if (row->exceptions == EXCEPT_FPU && c.opcode >= 0xd8 && c.opcode <= 0xdf)
        o->imm = (u64)((c.opcode & 7) << 8 | c.modrm);  /* the 11-bit x87 opcode */
    handler *raise = forbidden(&c, row, &is, mem);
    if (raise) {
        o->fn = (void (*)(void))raise;
        out->shape = DECODED_END;
        out->unconditional = true;
    } else if (row->body) {
        choose_hot(&c, out, row, operand, mem || offset);
    } else {
        choose_fn(&c, out, row, mem);
    }
    p->tail = c.tail;
    p->parts = c.parts;
    memcpy(p->part, c.part, sizeof p->part);
    *whole = true;
    return length;
}

/* The numbers of the tail. */
static void read_tail(const struct plan *p, const u8 *at, struct op *o)
{
    for (int k = 0; k < p->parts; k++) {
        u8 part = p->part[k];
        bool sign = part & PART_SIGNED;
        u64 v;
        switch (part & 3) {
        case 0:  v = sign ? (u64)(i64)(i8)*at : *at; break;
        case 1:  v = sign ? (u64)(i64)(i16)get16(at) : get16(at); break;
        default: v = sign ? (u64)(i64)(i32)get32(at) : get32(at); break;
        }
        at += 1 << (part & 3);
        if (part & PART_DISP)
            o->disp = (i32)v;
        else
            o->imm |= v << 8 * (part >> PART_UP_SHIFT);
    }
}

/* ---- heads seen before ---- */

/* Most instructions begin as others did. The head's bytes and the mode tell all, so what was made of them once is taken again; the way
 * through the rows is for the first. From the 386 on, and for heads of up to seven bytes. */
enum { HEADS = 2048, HEAD_MOST = 7 };
struct heads {
    u8 kind[2][256];            /* of an opcode, in the one-byte map and after 0F: HEAD_* */
    struct { u64 key; u32 mode; struct plan plan; } seen[HEADS];
};
enum { HEAD_MODRM = 1, HEAD_PREFIX, HEAD_ESCAPE };

struct heads *heads_new(const struct cpu *cpu)
{
    static const u8 prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };
    if (!cpu_has(cpu, FEATURE_386))
        return NULL;
    struct heads *h = xcalloc(1, sizeof *h);
    for (int k = 0; k < 2 * 256; k++) {
        u8 opcode = (u8)k;
        h->kind[k >> 8][k & 255] = has_modrm(row_at(&cpu->features, k >> 8, &opcode)) ? HEAD_MODRM : 0;
    }
    for (size_t k = 0; k < ARRAY_LEN(prefixes); k++)
        h->kind[0][prefixes[k]] = HEAD_PREFIX;
    h->kind[0][0x0f] = HEAD_ESCAPE;
    return h;
}

void heads_free(struct heads *h) { free(h); }

/* The head as a number with its length above; 0: too long. All of an instruction's bytes are there. */
static u64 head_of(const struct decode *d)
{
    const u8 *b = d->bytes, *end = b + HEAD_MOST;
    bool narrow = !(d->mode & MODE_D), other = false;
    u8 kind;
    while ((kind = d->heads->kind[0][*b]) == HEAD_PREFIX && b < end)
        other |= *b++ == 0x67;
    if (kind == HEAD_ESCAPE)
        kind = d->heads->kind[1][*++b];
    b++;
    if (kind == HEAD_MODRM) {
        u8 modrm = *b++;
        if ((modrm & 7) == 4 && modrm < 0xc0 && narrow == other)
            b++;
    }
    u64 n = (u64)(b - d->bytes);
    return n > HEAD_MOST ? 0 : (get64(d->bytes) & ((1ull << 8 * n) - 1)) | n << 56;
}

int decode_insn(const struct decode *d, struct decoded *out)
{
    struct plan fresh, *p = &fresh;
    u64 key = d->heads && d->n >= INSN_MAX ? head_of(d) : 0;
    bool whole = true;
    int length;
    if (key) {
        u32 at = (u32)((key ^ (u64)d->mode << 24) * 0x9e3779b97f4a7c15ull >> 53);
        _Static_assert(HEADS == 1 << (64 - 53), "the product's upper bits number them all");
        p = &d->heads->seen[at].plan;
        if (likely(d->heads->seen[at].key == key && d->heads->seen[at].mode == d->mode)) {
            *out = p->out;
            read_tail(p, d->bytes + p->head, &out->op);
            return p->out.op.len;
        }
        length = plan(d, p, &whole);
        d->heads->seen[at].key = whole && p->head == key >> 56 ? key : 0;
        d->heads->seen[at].mode = d->mode;
    } else {
        length = plan(d, p, &whole);
    }
    *out = p->out;
    if (whole)
        read_tail(p, d->bytes + p->head, &out->op);
    return length;
}
