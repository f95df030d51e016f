/* d_apic.c - a local APIC with its processor's MSRs, and an I/O APIC that sends to it. */
#include "alone.h"
#include "../bare.h"
#include "../../iodev/apic/i82093aa.h"
#include "../../iodev/apic/lapic.h"

struct apics {
    struct lapic *l;
    struct i82093aa *io;
    struct bare bare;
    struct target *t;
    int eoi_depth;
};

static int inta(void *to)
{
    (void)to;
    return 0x68;
}
static void eoi(void *to, u8 vector) { i82093aa_eoi(((struct apics *)to)->io, vector); }
static void ready(void *to) { i82093aa_retry(((struct apics *)to)->io); }
static bool send(void *to, const struct apic_message *m) { return lapic_message(((struct apics *)to)->l, m); }
static u64 now(void *to) { return machine_now(((struct apics *)to)->t->m); }

static void make(struct target *t)
{
    struct alone *a = alone_new(t);
    struct apics *p = a->dev[0] = xcalloc(1, sizeof *p);
    p->t = t;
    p->bare = bare_new(machine_log(t->m), 0x10000, "max", &(struct cpu_wiring){ .clock = p, .time = now });
    struct lapic_wiring w = { .inta = inta, .eoi = eoi, .ready = ready, .to = p };
    w.intr = alone_wire(t), w.nmi = alone_wire(t), w.smi = alone_wire(t), w.init = alone_wire(t);
    p->l = lapic_new(t->m, LAPIC_DEFAULT_BASE, LAPIC_X2, &w);
    lapic_attach(p->l, p->bare.cpu);
    p->io = i82093aa_new(t->m, 0xfec00000u, 1, send, p);
    fake_reset(t->m);
    act_write(t, 0xfee000f0u, 0x1ff, 4);
}

static void unmake(struct target *t)
{
    struct apics *p = ((struct alone *)t->of)->dev[0];
    bare_free(&p->bare);
    alone_free(t);
    free(p);
}

static void pull(struct target *t, struct bytes *b)
{
    struct apics *p = ((struct alone *)t->of)->dev[0];
    u8 how = take8(b), pin = take8(b);
    struct line l = how & 1 ? lapic_lint(p->l, pin & 1) : how & 2 ? i82093aa_input_low(p->io, pin % IOAPIC_PINS)
                                                                   : i82093aa_input(p->io, pin % IOAPIC_PINS);
    line_set(&l, how & 4);
    if (how & 8)
        line_set(&l, !(how & 4));
}

static void acknowledge(struct target *t, struct bytes *b)
{
    struct apics *p = ((struct alone *)t->of)->dev[0];
    u8 how = take8(b);
    act_saw(t, (u64)lapic_ack(p->l));
    if (how & 1)
        act_write(t, 0xfee000b0u, 0, 4);
    act_saw(t, lapic_unmaskable(p->l));
    act_saw(t, i82093aa_unmaskable(p->io));
}

/* As WRMSR and RDMSR do after their own checks. */
static void msr(struct target *t, struct bytes *b)
{
    struct apics *p = ((struct alone *)t->of)->dev[0];
    struct cpu *cpu = p->bare.cpu;
    u8 how = take8(b);
    u32 number = how & 1 ? 0x6e0 : 0x800u + (take8(b) & 0x3f);
    u64 v = how & 2 ? take_value(b) : take64(b);
    if (how & 4) {
        cpu->s.apic_base = LAPIC_DEFAULT_BASE | APIC_BASE_BSP | (how & 8 ? APIC_BASE_EN : 0) | ((how & 0x18) == 0x18 ? APIC_BASE_EXTD : 0);
        cpu->apic->base(cpu->apic_to, cpu->s.apic_base);
    } else if (how & 0x20) {
        act_saw(t, cpu->apic->write(cpu->apic_to, number, v));
    } else {
        act_saw(t, cpu->apic->read(cpu->apic_to, number, &v));
        act_saw(t, v);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span registers[] = { { 0xfee00000u, 0x400 }, { 0xfec00000u, 0x20 }, { 0, 0 } };
    static act_fn *const ops[] = { act_apic_register, act_apic_register, pull, acknowledge, msr, NULL };
    static const struct rig rig = { .name = "apic", .make = make, .unmake = unmake, .registers = registers, .ops = ops, .look = alone_look };
    return ops_run(&rig, data, size);
}
