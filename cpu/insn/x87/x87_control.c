/* x87_control.c - FNINIT, FNCLEX, control and status words, environment and state images, FWAIT, FXSAVE, FXRSTOR.
 * Follows: Intel SDM Vol. 2, their pages; Vol. 1 "Saving the x87 FPU's State with FSTENV/FNSTENV and FSAVE/FNSAVE" (the four
 * layouts); Vol. 2 FXSAVE for the 512-byte image, here without SSE: the XMM and MXCSR fields are left alone. */
#include "x87.h"

void x87_fninit(struct cpu *cpu, const struct op *o)
{
    (void)o;
    x87_init(cpu);
}

void x87_fnclex(struct cpu *cpu, const struct op *o)
{
    (void)o;
    cpu->s.x87.fsw &= (u16)~(FSW_EXCEPTIONS | FSW_SF | FSW_ES | FSW_B);
    x87_summarise(cpu);
}

static void set_control(struct cpu *cpu, u16 v)
{
    cpu->s.x87.fcw = (v & FCW_WRITABLE) | FCW_FIXED;
    x87_summarise(cpu);
}

void x87_fldcw(struct cpu *cpu, const struct op *o)
{
    x87_wait(cpu);
    set_control(cpu, ld16(cpu, op_seg(o), op_ea(cpu, o)));
}

void x87_fnstcw(struct cpu *cpu, const struct op *o)
{
    st16(cpu, op_seg(o), op_ea(cpu, o), cpu->s.x87.fcw);
}

void x87_fnstsw(struct cpu *cpu, const struct op *o)
{
    st16(cpu, op_seg(o), op_ea(cpu, o), cpu->s.x87.fsw);
}

void x87_fnstsw_ax(struct cpu *cpu, const struct op *o)
{
    (void)o;
    set_reg16(cpu, EAX, cpu->s.x87.fsw);
}

void x87_control_nop(struct cpu *cpu, const struct op *o)
{
    (void)cpu;
    (void)o;
}

void op_fwait(struct cpu *cpu, const struct op *o)
{
    (void)o;
    x87_wait(cpu);
}

static u32 environment_size(const struct op *o) { return op_bytes(o) == 2 ? 14 : 28; }

/* Alignment of the environment and of FSAVE's image is that of their fields: "Interrupt 17", table of data types. */
static void environment_aligned(struct cpu *cpu, const struct op *o)
{
    need_aligned(cpu, op_seg(o), op_ea(cpu, o), (u32)op_bytes(o));
}

/* In real and virtual-8086 mode pointers are stored as linear addresses. */
static void environment_16(struct cpu *cpu, u8 *to)
{
    struct x87 *x = &cpu->s.x87;
    u32 ip = (u32)x->fip, dp = (u32)x->fdp;

    put16(to, x->fcw);
    put16(to + 2, x->fsw);
    put16(to + 4, x87_tag_word(x));
    if (protected_mode(cpu)) {
        put16(to + 6, (u16)ip);
        put16(to + 8, x->fcs);
        put16(to + 10, (u16)dp);
        put16(to + 12, x->fds);
    } else {
        ip += (u32)x->fcs << 4;
        dp += (u32)x->fds << 4;
        put16(to + 6, (u16)ip);
        put16(to + 8, (u16)((ip >> 16 & 15) << 12 | x->fop));
        put16(to + 10, (u16)dp);
        put16(to + 12, (u16)((dp >> 16 & 15) << 12));
    }
}

static void environment_32(struct cpu *cpu, u8 *to)
{
    struct x87 *x = &cpu->s.x87;
    u32 ip = (u32)x->fip, dp = (u32)x->fdp;

    put32(to, 0xffff0000u | x->fcw);
    put32(to + 4, 0xffff0000u | x->fsw);
    put32(to + 8, 0xffff0000u | x87_tag_word(x));
    if (protected_mode(cpu)) {
        put32(to + 12, ip);
        put32(to + 16, x->fcs | (u32)x->fop << 16);
        put32(to + 20, dp);
        put32(to + 24, 0xffff0000u | x->fds);
    } else {
        ip += (u32)x->fcs << 4;
        dp += (u32)x->fds << 4;
        put32(to + 12, 0xffff0000u | (ip & 0xffff));
        put32(to + 16, (ip >> 16) << 12 | x->fop);
        put32(to + 20, 0xffff0000u | (dp & 0xffff));
        put32(to + 24, (dp >> 16) << 12);
    }
}

static void environment_store(struct cpu *cpu, const struct op *o, u8 *to)
{
    if (op_bytes(o) == 2)
        environment_16(cpu, to);
    else
        environment_32(cpu, to);
}

static void environment_load(struct cpu *cpu, const struct op *o, const u8 *from)
{
    struct x87 *x = &cpu->s.x87;
    bool wide = op_bytes(o) != 2;
    const u8 *p = from + (wide ? 12 : 6);               /* the pointers */

    x->fsw = get16(from + (wide ? 4 : 2));
    x87_set_tag_word(x, get16(from + (wide ? 8 : 4)));
    x->fcs = x->fds = 0;
    if (protected_mode(cpu)) {
        x->fip = wide ? get32(p) : get16(p);
        x->fcs = get16(p + (wide ? 4 : 2));
        x->fop = wide ? get16(p + 6) & 0x7ff : x->fop;
        x->fdp = wide ? get32(p + 8) : get16(p + 4);
        x->fds = get16(p + (wide ? 12 : 6));
    } else if (wide) {
        x->fip = get16(p) | (u64)(get32(p + 4) >> 12 & 0xffff) << 16;
        x->fop = get16(p + 4) & 0x7ff;
        x->fdp = get16(p + 8) | (u64)(get32(p + 12) >> 12 & 0xffff) << 16;
    } else {
        x->fip = get16(p) | (u64)(get16(p + 2) >> 12) << 16;
        x->fop = get16(p + 2) & 0x7ff;
        x->fdp = get16(p + 4) | (u64)(get16(p + 6) >> 12) << 16;
    }
    set_control(cpu, get16(from));
}

void x87_fnstenv(struct cpu *cpu, const struct op *o)
{
    u8 image[28];

    environment_store(cpu, o, image);
    probe_write(cpu, op_seg(o), op_ea(cpu, o), environment_size(o));
    environment_aligned(cpu, o);
    st_bytes(cpu, op_seg(o), op_ea(cpu, o), image, environment_size(o));
    cpu->s.x87.fcw |= FSW_EXCEPTIONS;
    x87_summarise(cpu);
}

void x87_fldenv(struct cpu *cpu, const struct op *o)
{
    u8 image[28];

    x87_wait(cpu);
    ld_bytes(cpu, op_seg(o), op_ea(cpu, o), image, environment_size(o));
    environment_aligned(cpu, o);
    environment_load(cpu, o, image);
}

void x87_fnsave(struct cpu *cpu, const struct op *o)
{
    u8 image[108];
    u32 n = environment_size(o);

    environment_store(cpu, o, image);
    for (int i = 0; i < 8; i++) {
        put64(image + n + 10 * i, x87_st(&cpu->s.x87, i)->significand);
        put16(image + n + 10 * i + 8, x87_st(&cpu->s.x87, i)->se);
    }
    probe_write(cpu, op_seg(o), op_ea(cpu, o), n + 80);
    environment_aligned(cpu, o);
    st_bytes(cpu, op_seg(o), op_ea(cpu, o), image, n + 80);
    x87_init(cpu);
}

void x87_frstor(struct cpu *cpu, const struct op *o)
{
    u8 image[108];
    u32 n = environment_size(o);

    x87_wait(cpu);
    ld_bytes(cpu, op_seg(o), op_ea(cpu, o), image, n + 80);
    environment_aligned(cpu, o);
    environment_load(cpu, o, image);
    for (int i = 0; i < 8; i++)
        *x87_st(&cpu->s.x87, i) = (struct f80){ .significand = get64(image + n + 10 * i),
                                                .se = get16(image + n + 10 * i + 8) };
}

/* FXSAVE's image: control in the first 32 bytes, ST(0) to ST(7) in 16 bytes each, then what SSE would use. */
enum { FX_SIZE = 512, FX_ST = 32, FX_USED = 160 };

static u64 fx_address(struct cpu *cpu, const struct op *o)
{
    u64 ea = op_ea(cpu, o);
    if ((cpu->s.seg[op_seg(o)].base + ea) & 15)
        cpu_raise_gp(cpu, 0, "the FXSAVE image is not aligned to 16 bytes");
    return ea;
}

void op_fxsave(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    u64 ea = fx_address(cpu, o);
    u8 image[FX_USED] = { 0 };

    probe_write(cpu, op_seg(o), ea, FX_SIZE);
    ld_bytes(cpu, op_seg(o), ea, image, FX_USED);       /* reserved bytes stay as they are */
    put16(image, x->fcw);
    put16(image + 2, x->fsw);
    image[4] = (u8)~x->empty;
    image[5] = 0;
    put16(image + 6, x->fop);
    put32(image + 8, (u32)x->fip);
    put16(image + 12, x->fcs);
    put32(image + 16, (u32)x->fdp);
    put16(image + 20, x->fds);
    for (int i = 0; i < 8; i++) {
        put64(image + FX_ST + 16 * i, x87_st(x, i)->significand);
        put16(image + FX_ST + 16 * i + 8, x87_st(x, i)->se);
    }
    st_bytes(cpu, op_seg(o), ea, image, FX_USED);
}

void op_fxrstor(struct cpu *cpu, const struct op *o)
{
    struct x87 *x = &cpu->s.x87;
    u64 ea = fx_address(cpu, o);
    u8 image[FX_USED];

    probe_read(cpu, op_seg(o), ea, FX_SIZE);
    ld_bytes(cpu, op_seg(o), ea, image, FX_USED);
    x->fsw = get16(image + 2);
    x->empty = (u8)~image[4];
    x->fop = get16(image + 6) & 0x7ff;
    x->fip = get32(image + 8);
    x->fcs = get16(image + 12);
    x->fdp = get32(image + 16);
    x->fds = get16(image + 20);
    for (int i = 0; i < 8; i++)
        *x87_st(x, i) = (struct f80){ .significand = get64(image + FX_ST + 16 * i), .se = get16(image + FX_ST + 16 * i + 8) };
    set_control(cpu, get16(image));
}
