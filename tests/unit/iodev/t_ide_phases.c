/* t_ide_phases.c - disks and CD drives in every phase of iodev/storage/ide_phases.c, and everything that can happen to them there: each
 * command byte, each reset, the data port, the bus master, media. Nothing crashes (./check sanitize), BSY and DRQ are never both
 * shown, no call works long, what was begun ends, and after a software reset the drive is as new.
 * ATA/ATAPI-6 (T13 1410D), "Protocol", "Signature and persistence". */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/ide_rig.h"
#include "../../support/share.h"
#include "../../../iodev/storage/ata.h"

enum { SLAVE = 0x10, TABLE = 0x1000, DATA = 0x10000, DISK_SECTORS = 16384, CD_SECTORS = 2000, NIEN = 2, SRST = 4 };

/* A drive: where it is, and its name. */
struct side { u16 port; u8 select; const char *id; bool cd; };
static const struct side sides[] = {
    { PRI, 0, "hd0.0", false }, { PRI, SLAVE, "cd0.1", true }, { SEC, 0, "cd1.0", true }, { SEC, SLAVE, "hd1.1", false },
};

struct test {
    struct rig r;
    const struct side *side;
    struct ide_drive *d;
};

static struct image *new_cd(u32 sectors) { return image_new_memory("cd", IMAGE_CD, NULL, (u64)sectors * 2048); }

static void start(struct test *t, const struct side *side)
{
    const struct line nowhere[PCI_PIRQS] = { 0 };
    struct machine *m = fake_new(0x100000);
    struct ide *ide = ide_new(m, &(struct ide_at) { .command = { 0x1f0, 0x170 }, .control = { 0x3f6, 0x376 } }, pci_bus_new(m, 0xcf8, nowhere), 1, 1, fake_wire(&t->r.irq14, m), fake_wire(&t->r.irq15, m));
    ide_attach_disk(ide, 0, 0, image_new_memory("a", IMAGE_DISK, NULL, (u64)DISK_SECTORS * 512));
    ide_attach_cd(ide, 0, 1, new_cd(CD_SECTORS));
    ide_attach_cd(ide, 1, 0, new_cd(CD_SECTORS));
    ide_attach_disk(ide, 1, 1, image_new_memory("b", IMAGE_DISK, NULL, (u64)DISK_SECTORS * 512));
    ide_set_hurry(ide, 10000);
    fake_reset(m);
    t->r.m = m;
    t->r.ide = ide;
    t->side = side;
    t->d = (struct ide_drive *)fake_device(m, side->id);
    rig_config(&t->r, 0x20, BM, 4);
    rig_config(&t->r, 0x40, 0x8000, 2);
    rig_config(&t->r, 0x42, 0x8000, 2);
    rig_config(&t->r, 0x04, 5, 2);
    set_reg(&t->r, side->port + 6, side->select);
}

static void end(struct test *t) { fake_free(t->r.m); }

/* ---- the host's side ---- */

static u16 port(const struct test *t, int at) { return (u16)(t->side->port + at); }
static u8 alternate(struct test *t) { return reg(&t->r, port(t, 0x206)); }

static void pass(struct test *t, u64 ns)
{
    fake_advance(t->r.m, ns);
    assert_int_not_equal(alternate(t) & (BSY | DRQ), BSY | DRQ);
}

static void issue(struct test *t, u8 features, u8 count, u32 address, u8 code)
{
    set_reg(&t->r, port(t, 1), features);
    set_reg(&t->r, port(t, 2), count);
    set_reg(&t->r, port(t, 3), (u8)address);
    set_reg(&t->r, port(t, 4), (u8)(address >> 8));
    set_reg(&t->r, port(t, 5), (u8)(address >> 16));
    set_reg(&t->r, port(t, 6), DEV_LBA | t->side->select);
    set_reg(&t->r, port(t, 7), code);
}

static void write_words(struct test *t, int n)
{
    for (int k = 0; k < n; k++)
        fake_out16(t->r.m, port(t, 0), (u16)(k * 257));
}

static void read_words(struct test *t, int n)
{
    for (int k = 0; k < n; k++)
        fake_in16(t->r.m, port(t, 0));
}

static void send_packet(struct test *t, u8 features, u32 limit, const u8 *bytes)
{
    issue(t, features, 0, limit << 8, 0xa0);
    pass(t, MS);
    for (int k = 0; k < 12; k += 2)
        fake_out16(t->r.m, port(t, 0), get16(bytes + k));
}
#define PACKET_TO(t, features, limit, ...) send_packet(t, features, limit, (const u8[12]) { __VA_ARGS__ })

/* A new medium is told of once. */
static void be_ready(struct test *t)
{
    for (int k = 0; k < 3 && t->side->cd; k++) {
        PACKET_TO(t, 0, 0xfffe, 0x00);
        pass(t, 10 * MS);
        reg(&t->r, port(t, 7));
    }
}

static u16 bus_master(const struct test *t) { return BM + (t->side->port == SEC ? 8 : 0); }

/* A table of regions of `bytes` each, all at the same place; the bus master starts. */
static void start_dma(struct test *t, bool to_memory, u32 bytes)
{
    u8 *ram = fake_ram(t->r.m);
    for (u32 at = TABLE; at < DATA; at += 8) {
        put32(ram + at, DATA);
        put32(ram + at + 4, bytes & 0xffff);
    }
    fake_out8(t->r.m, bus_master(t), 0);
    fake_out32(t->r.m, (u16)(bus_master(t) + 4), TABLE);
    fake_out8(t->r.m, bus_master(t), to_memory ? 9 : 1);
}

/* ---- phases ---- */

static void idle(struct test *t) { (void)t; }
static void done(struct test *t) { issue(t, 0, 1, 0, 0xe5), pass(t, MS); }     /* the interrupt is not acknowledged */
static void failed(struct test *t) { issue(t, 0, 1, 0, 0xff), pass(t, MS); }
static void starting(struct test *t) { issue(t, 0, 1, 0, 0xe1); }
static void asleep(struct test *t) { issue(t, 0, 1, 0, 0xe6), pass(t, 100 * MS); }
static void held(struct test *t) { set_reg(&t->r, port(t, 0x206), SRST); }
static void in_reset(struct test *t) { held(t), set_reg(&t->r, port(t, 0x206), 0); }
static void diagnosing(struct test *t) { issue(t, 0, 0, 0, 0x90), set_reg(&t->r, port(t, 6), t->side->select); }
static void identity(struct test *t) { issue(t, 0, 0, 0, t->side->cd ? 0xa1 : 0xec), pass(t, MS), read_words(t, 100); }

static void disk_reads(struct test *t) { issue(t, 0, 3, 5, 0x20), pass(t, COMMAND_NS); }
static void disk_offers(struct test *t) { disk_reads(t), pass(t, 100 * MS), read_words(t, 17); }
static void disk_wants(struct test *t) { issue(t, 0, 3, 5, 0x30), write_words(t, 17); }
static void disk_writes(struct test *t) { disk_wants(t), write_words(t, 256 - 17); }
static void disk_wants_buffer(struct test *t) { issue(t, 0, 0, 0, 0xe8), write_words(t, 17); }
static void disk_moves(struct test *t) { issue(t, 0, 1, 9000, 0x70), pass(t, COMMAND_NS); }
static void disk_dozes_off(struct test *t)
{
    issue(t, 0, 1, 9000, 0x30);
    write_words(t, 256);
    pass(t, 20 * MS);
    issue(t, 0, 1, 0, 0xe6);
    pass(t, COMMAND_NS);
}
static void disk_dma_read(struct test *t) { start_dma(t, true, 2), issue(t, 0, 200, 5, 0xc8), pass(t, 300000); }
static void disk_dma_read_stands(struct test *t) { issue(t, 0, 200, 5, 0xc8), pass(t, 100 * MS); }
static void disk_dma_write(struct test *t) { start_dma(t, false, 2), issue(t, 0, 200, 5, 0xca), pass(t, 300000); }
static void disk_dma_write_stands(struct test *t) { start_dma(t, true, 512), issue(t, 0, 200, 5, 0xca), pass(t, 100 * MS); }

static void cd_wants_packet(struct test *t) { issue(t, 0, 0, 0xfffe00, 0xa0), pass(t, MS), write_words(t, 2); }
static void cd_has_packet(struct test *t) { PACKET_TO(t, 0, 0xfffe, 0x12, 0, 0, 0, 36); }
static void cd_answers(struct test *t) { cd_has_packet(t), pass(t, MS), read_words(t, 3); }
static void cd_reads(struct test *t) { be_ready(t), PACKET_TO(t, 0, 2000, 0x28, 0, 0, 0, 1, 0, 0, 0, 40), pass(t, COMMAND_NS); }
static void cd_offers(struct test *t) { cd_reads(t), pass(t, 10 * MS), read_words(t, 30); }
static void cd_wants_parameters(struct test *t)
{
    be_ready(t);
    PACKET_TO(t, 0, 0xfffe, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 40);
    pass(t, MS);
    write_words(t, 3);
}
static void cd_has_parameters(struct test *t) { cd_wants_parameters(t), write_words(t, 17); }
static void cd_moves(struct test *t) { be_ready(t), PACKET_TO(t, 0, 0xfffe, 0x2b, 0, 0, 0, 7), pass(t, COMMAND_NS); }
static void cd_dma_read(struct test *t)
{
    be_ready(t);
    start_dma(t, true, 2);
    PACKET_TO(t, 1, 0, 0xbe, 0, 0, 0, 1, 0, 0, 0, 40, 0xf8);
    pass(t, 300000);
}
static void cd_dma_read_stands(struct test *t)
{
    be_ready(t);
    PACKET_TO(t, 1, 0, 0x28, 0, 0, 0, 1, 0, 0, 0, 40);
    pass(t, 100 * MS);
}
static void cd_dma_write(struct test *t)
{
    be_ready(t);
    start_dma(t, false, 2);
    PACKET_TO(t, 1, 0, 0x55, 0x10, 0, 0, 0, 0, 0, 0x70, 0);
    pass(t, 60000);
}
static void cd_dma_write_stands(struct test *t)
{
    be_ready(t);
    PACKET_TO(t, 1, 0, 0x55, 0x10, 0, 0, 0, 0, 0, 0x70, 0);
    pass(t, MS);
}
static void cd_ejected(struct test *t) { be_ready(t), PACKET_TO(t, 0, 0xfffe, 0x1b, 0, 0, 0, 2), pass(t, MS); }

enum { DISK = 1, CD = 2, BOTH = 3 };
static const struct { const char *name; int who; void (*reach)(struct test *t); enum drive_phase phase; } phases[] = {
    { "idle", BOTH, idle, PHASE_IDLE },
    { "done, interrupt pending", BOTH, done, PHASE_IDLE },
    { "ended with an error", BOTH, failed, PHASE_IDLE },
    { "asleep", BOTH, asleep, PHASE_ASLEEP },
    { "held in reset", BOTH, held, PHASE_HELD },
    { "in reset", BOTH, in_reset, PHASE_RESET },
    { "diagnosing", BOTH, diagnosing, PHASE_DIAGNOSTIC }, { "starting", BOTH, starting, PHASE_EXECUTE },
    { "identify data", BOTH, identity, PHASE_LAST_IN },
    { "reading", DISK, disk_reads, PHASE_READ },
    { "offers a sector", DISK, disk_offers, PHASE_IN },
    { "wants a sector", DISK, disk_wants, PHASE_OUT }, { "writing", DISK, disk_writes, PHASE_WRITE },
    { "wants its buffer", DISK, disk_wants_buffer, PHASE_LAST_OUT }, { "seeking", DISK, disk_moves, PHASE_MOVED },
    { "falling asleep", DISK, disk_dozes_off, PHASE_DOZES_OFF }, { "DMA to memory", DISK, disk_dma_read, PHASE_DMA_READ },
    { "DMA to memory stands", DISK, disk_dma_read_stands, PHASE_DMA_READ_WAITS },
    { "DMA from memory", DISK, disk_dma_write, PHASE_DMA_WRITE },
    { "DMA from memory stands", DISK, disk_dma_write_stands, PHASE_DMA_WRITE_WAITS },
    { "wants a packet", CD, cd_wants_packet, PHASE_PACKET_OUT },
    { "has a packet", CD, cd_has_packet, PHASE_PACKET },
    { "offers an answer", CD, cd_answers, PHASE_IN },
    { "reading a CD", CD, cd_reads, PHASE_READ },
    { "offers sectors of a CD", CD, cd_offers, PHASE_IN }, { "wants parameters", CD, cd_wants_parameters, PHASE_OUT },
    { "has parameters", CD, cd_has_parameters, PHASE_WRITE },
    { "CD seeks", CD, cd_moves, PHASE_MOVED },
    { "CD, DMA to memory", CD, cd_dma_read, PHASE_DMA_READ },
    { "CD, DMA to memory stands", CD, cd_dma_read_stands, PHASE_DMA_READ_WAITS },
    { "CD, DMA from memory", CD, cd_dma_write, PHASE_DMA_WRITE },
    { "CD, DMA from memory stands", CD, cd_dma_write_stands, PHASE_DMA_WRITE_WAITS },
    { "tray open", CD, cd_ejected, PHASE_IDLE },
};

static void reach(struct test *t, size_t k)
{
    phases[k].reach(t);
    if (t->d->s.phase != phases[k].phase)
        fail_msg("%s: \"%s\" is phase %d, not %d (status %02x error %02x)", t->side->id, phases[k].name, t->d->s.phase, phases[k].phase,
                 alternate(t), t->d->s.error);
}

/* ---- what happens ---- */

static struct ide *ide_of(struct test *t) { return t->r.ide; }
static int channel_of(const struct test *t) { return t->side->port == SEC; }
static int unit_of(const struct test *t) { return t->side->select != 0; }

static void change(struct test *t, struct image *image)
{
    if (!ide_change_cd(ide_of(t), channel_of(t), unit_of(t), image, true))
        image_close(image);
}

static void e_nothing(struct test *t) { (void)t; }
static void e_srst(struct test *t) { set_reg(&t->r, port(t, 0x206), SRST), pass(t, MS), set_reg(&t->r, port(t, 0x206), 0); }
static void e_srst_short(struct test *t) { set_reg(&t->r, port(t, 0x206), SRST), set_reg(&t->r, port(t, 0x206), 0); }
static void e_srst_stays(struct test *t) { set_reg(&t->r, port(t, 0x206), SRST); }
static void e_no_interrupts(struct test *t) { set_reg(&t->r, port(t, 0x206), NIEN); }
static void e_hard_reset(struct test *t)
{
    fake_reset(t->r.m);
    rig_config(&t->r, 0x20, BM, 4);
    rig_config(&t->r, 0x40, 0x8000, 2);
    rig_config(&t->r, 0x42, 0x8000, 2);
    rig_config(&t->r, 0x04, 5, 2);
    set_reg(&t->r, port(t, 6), t->side->select);
}
static void e_dma_to_memory(struct test *t) { start_dma(t, true, 0); }
static void e_dma_from_memory(struct test *t) { start_dma(t, false, 0); }
static void e_dma_tiny(struct test *t) { start_dma(t, true, 2); }
static void e_dma_tiny_out(struct test *t) { start_dma(t, false, 2); }
static void e_dma_stop(struct test *t) { fake_out8(t->r.m, bus_master(t), 0); }
static void e_no_master(struct test *t) { rig_config(&t->r, 0x04, 1, 2); }
static void e_master(struct test *t) { rig_config(&t->r, 0x04, 5, 2); }
static void e_no_decode(struct test *t) { rig_config(&t->r, 0x04, 4, 2), rig_config(&t->r, 0x04, 5, 2); }
static void e_data_in(struct test *t) { read_words(t, 700); }
static void e_data_out(struct test *t) { write_words(t, 700); }
static void e_data_bytes(struct test *t)
{
    for (int k = 0; k < 50; k++) {
        fake_in8(t->r.m, port(t, 0));
        fake_out8(t->r.m, port(t, 0), 0x55);
        fake_in32(t->r.m, port(t, 0));
        fake_out32(t->r.m, port(t, 0), 0);
    }
}
static void e_registers(struct test *t)
{
    for (int k = 1; k < 6; k++)
        set_reg(&t->r, port(t, k), 0xff), set_reg(&t->r, port(t, k), 0x80);
}
static void e_all_registers(struct test *t) { for (int k = 1; k < 8; k++) reg(&t->r, port(t, k)); }
static void e_other_drive(struct test *t)
{
    set_reg(&t->r, port(t, 6), t->side->select ^ SLAVE);
    reg(&t->r, port(t, 7));
    read_words(t, 4);
    set_reg(&t->r, port(t, 7), 0xec);
    set_reg(&t->r, port(t, 6), t->side->select);
}
static void e_select(struct test *t)
{
    set_reg(&t->r, port(t, 6), t->side->select ^ SLAVE);
    set_reg(&t->r, port(t, 6), t->side->select);
}
static void e_medium(struct test *t) { change(t, new_cd(CD_SECTORS)); }
static void e_small_medium(struct test *t) { change(t, new_cd(3)); }
static void e_taken_out(struct test *t) { change(t, NULL); }
static void e_in_and_out(struct test *t) { change(t, new_cd(CD_SECTORS)), change(t, NULL); }
static void e_button(struct test *t)
{
    if (ide_change_cd(ide_of(t), channel_of(t), unit_of(t), NULL, false)) change(t, new_cd(9));
}
static void e_a_while(struct test *t) { pass(t, 70000); }
static void e_long_while(struct test *t) { pass(t, 20 * MS); }

static void (*const events[])(struct test *t) = {
    e_nothing, e_srst, e_srst_short, e_srst_stays, e_no_interrupts, e_hard_reset, e_dma_to_memory, e_dma_from_memory,
    e_dma_tiny, e_dma_tiny_out,
    e_dma_stop, e_no_master, e_master, e_no_decode, e_data_in, e_data_out, e_data_bytes, e_registers, e_all_registers,
    e_other_drive, e_select, e_medium, e_small_medium,
    e_taken_out, e_in_and_out, e_button, e_a_while, e_long_while,
};

/* Whatever was begun ends: time passes, the host moves what is offered or wanted, the bus master moves. */
static void comes_to_rest(struct test *t)
{
    set_reg(&t->r, port(t, 0x206), 0);
    rig_config(&t->r, 0x04, 5, 2);
    start_dma(t, t->d->s.phase == PHASE_DMA_READ_WAITS || t->d->s.phase == PHASE_DMA_READ, 0);
    for (int k = 0; k < 3000; k++) {
        pass(t, 20 * MS);
        u8 status = alternate(t);
        if (status & DRQ) {
            if (t->d->s.in_end)
                read_words(t, 256);
            else
                write_words(t, 256);
        } else if (status & BSY) {
            start_dma(t, t->d->s.phase == PHASE_DMA_READ_WAITS || t->d->s.phase == PHASE_DMA_READ, 0);
        } else {
            return;
        }
    }
    fail_msg("%s: phase %d (command %02x, packet %02x) does not end", t->side->id, t->d->s.phase, t->d->s.command, t->d->s.packet[0]);
}

/* After SRST: the signature, no interrupt, and it says who it is. */
static void is_as_new(struct test *t)
{
    e_srst(t);
    assert_int_equal(alternate(t) & (BSY | DRQ), BSY);
    pass(t, MS);
    set_reg(&t->r, port(t, 6), t->side->select);
    assert_false((t->side->port == PRI ? &t->r.irq14 : &t->r.irq15)->level);
    assert_int_equal(alternate(t), t->side->cd ? 0 : DRDY | DSC);
    assert_int_equal(reg(&t->r, port(t, 1)), 0x01);
    assert_int_equal(reg(&t->r, port(t, 2)), 1);
    assert_int_equal(reg(&t->r, port(t, 3)), 1);
    assert_int_equal(reg(&t->r, port(t, 4)), t->side->cd ? 0x14 : 0);
    assert_int_equal(reg(&t->r, port(t, 5)), t->side->cd ? 0xeb : 0);
    issue(t, 0, 0, 0, t->side->cd ? 0xa1 : 0xec);
    pass(t, 100 * MS);
    assert_true((t->side->port == PRI ? &t->r.irq14 : &t->r.irq15)->level);
    assert_int_equal(reg(&t->r, port(t, 7)), DRDY | DSC | DRQ);
    assert_int_equal(fake_in16(t->r.m, port(t, 0)) & 0x8000, t->side->cd ? 0x8000 : 0);
    read_words(t, 255);
    assert_int_equal(reg(&t->r, port(t, 7)), DRDY | DSC);
}

static void look_at(struct test *t)
{
    assert_int_not_equal(alternate(t) & (BSY | DRQ), BSY | DRQ);
    assert_in_range(fake_work_most(t->r.m), 0, WORK_CALL_MAX);
}

static bool concerns(size_t phase, const struct side *side) { return phases[phase].who & (side->cd ? CD : DISK); }

/* Each event and each command byte in each phase of each drive. */
static void everything_everywhere(void **state)
{
    bool reached[DRIVE_PHASES] = { false };
    (void)state;
    for (size_t s = 0; s < ARRAY_LEN(sides); s++)
        for (size_t p = 0; p < ARRAY_LEN(phases); p++)
            for (size_t e = 0; e < ARRAY_LEN(events) + 256 && concerns(p, &sides[s]); e += e < ARRAY_LEN(events) ? 1 : SHARE) {
                struct test t;
                start(&t, &sides[s]);
                reach(&t, p);
                reached[phases[p].phase] = true;
                look_at(&t);
                if (e < ARRAY_LEN(events)) {
                    events[e](&t);
                } else {
                    set_reg(&t.r, port(&t, 1), e & 1);
                    set_reg(&t.r, port(&t, 7), (u8)(e - ARRAY_LEN(events)));
                }
                look_at(&t);
                comes_to_rest(&t);
                is_as_new(&t);
                look_at(&t);
                end(&t);
            }
    for (int k = 0; k < DRIVE_PHASES; k++)
        assert_true(reached[k]);
}

static u32 dice(u64 *seed, u32 n)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(*seed >> 33) % n;
}

/* One thing after the other, in any order. */
static void anything_in_any_order(void **state)
{
    u64 seed = 1;
    (void)state;
    for (int round = 0; round < 250; round++) {
        struct test t;
        start(&t, &sides[dice(&seed, ARRAY_LEN(sides))]);
        for (int k = 0; k < 60; k++) {
            u32 what = dice(&seed, 8), p = dice(&seed, ARRAY_LEN(phases));
            if (what < 2 && concerns(p, t.side))
                phases[p].reach(&t);
            else if (what < 6)
                events[dice(&seed, ARRAY_LEN(events))](&t);
            else
                issue(&t, (u8)dice(&seed, 4), (u8)dice(&seed, 256), dice(&seed, 1 << 16), (u8)dice(&seed, 256));
            look_at(&t);
        }
        comes_to_rest(&t);
        is_as_new(&t);
        fake_check_all_fields(t.r.m);
        end(&t);
    }
}

/* EXECUTE DEVICE DIAGNOSTIC while a block waits: the block is gone, and the drive reports as always. */
static void diagnostic_ends_a_block(void **state)
{
    struct test t;
    (void)state;
    start(&t, &sides[0]);
    identity(&t);
    set_reg(&t.r, port(&t, 7), 0x90);
    assert_int_equal(alternate(&t), BSY | DRDY | DSC);
    read_words(&t, 256);
    pass(&t, MS);
    assert_true(t.r.irq14.level);
    assert_int_equal(reg(&t.r, port(&t, 7)), DRDY | DSC);
    assert_int_equal(reg(&t.r, port(&t, 1)), 1);
    end(&t);
}

/* SRST holds a drive busy whatever is written to it meanwhile. */
static void nothing_ends_srst(void **state)
{
    struct test t;
    (void)state;
    start(&t, &sides[2]);
    cd_offers(&t);
    e_srst_stays(&t);
    set_reg(&t.r, port(&t, 7), 0x08);
    set_reg(&t.r, port(&t, 7), 0x90);
    pass(&t, 100 * MS);
    assert_int_equal(alternate(&t), BSY);
    set_reg(&t.r, port(&t, 0x206), 0);
    pass(&t, MS);
    assert_int_equal(alternate(&t), 0);
    end(&t);
}

/* DEVICE RESET wakes a CD drive that sleeps; another command does not. */
static void device_reset_wakes(void **state)
{
    struct test t;
    (void)state;
    start(&t, &sides[2]);
    asleep(&t);
    reg(&t.r, port(&t, 7));
    issue(&t, 0, 0, 0, 0xa1);
    pass(&t, 100 * MS);
    assert_int_equal(alternate(&t), DRDY | DSC);
    set_reg(&t.r, port(&t, 7), 0x08);
    assert_int_equal(alternate(&t), 0);
    assert_int_equal(reg(&t.r, port(&t, 5)), 0xeb);
    identity(&t);
    assert_int_equal(alternate(&t), DRDY | DSC | DRQ);
    end(&t);
}

/* DMA that stands because the function may not master the bus goes on when it may. */
static void dma_goes_on(void **state)
{
    struct test t;
    (void)state;
    start(&t, &sides[0]);
    e_no_master(&t);
    start_dma(&t, true, 0);
    issue(&t, 0, 16, 5, 0xc8);
    pass(&t, 100 * MS);
    assert_int_equal(t.d->s.phase, PHASE_DMA_READ_WAITS);
    e_master(&t);
    pass(&t, 100 * MS);
    assert_int_equal(reg(&t.r, port(&t, 7)), DRDY | DSC);
    end(&t);
}

/* A transfer takes as long as one of its sectors does that many times, however it is cut; what has passed is in memory before. */
static void dma_in_pieces(void **state)
{
    struct test t;
    (void)state;
    start(&t, &sides[0]);
    t.d->s.look_ahead = 0;
    for (int n = 1; n <= 256; n *= 4) {
        start_dma(&t, true, 0);
        issue(&t, 0, (u8)n, 5, 0xc8);
        u64 from = machine_now(t.r.m);
        fake_advance(t.r.m, COMMAND_NS);
        u64 last = fake_next_timer(t.r.m) - 8 * SECTOR_NS * (n > 8) - n * SECTOR_NS * (n <= 8) + (u64)n * SECTOR_NS;
        while (!t.r.irq14.level)
            fake_run_until(t.r.m, fake_next_timer(t.r.m));
        assert_int_equal(machine_now(t.r.m), last);
        assert_true(machine_now(t.r.m) - from > (u64)n * SECTOR_NS);
        assert_int_equal(reg(&t.r, port(&t, 7)), DRDY | DSC);
        assert_in_range(fake_work_most(t.r.m), 0, 256);
    }
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_everywhere), cmocka_unit_test(anything_in_any_order), cmocka_unit_test(diagnostic_ends_a_block),
        cmocka_unit_test(nothing_ends_srst), cmocka_unit_test(device_reset_wakes), cmocka_unit_test(dma_goes_on),
        cmocka_unit_test(dma_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
