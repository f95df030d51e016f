/* f_board.c - the whole board, with everything that the rigs of single devices do to it, its processor waiting for interrupts, media in
 * every drive, and the buttons of the case. */
#include "board.h"
#include "../../cpu/mmu/access.h"
#include "../../iodev/image/image.h"

enum { STUBS = 0x500, STOPS_MAX = 100,
       TICK_COST = 1 << 25 /* half a microsecond, so that seconds of interrupts are not many instructions */ };

struct board {
    struct pc *pc;
    struct cpu_state start;
};

/* The processor waits, and what NMI, SMI and interrupts lead to comes back at once, whatever DMA has overwritten. */
static void wait_again(struct board *d)
{
    static const u8 ret[] = { 0xcf }, resume[] = { 0x0f, 0xaa };
    struct machine *m = pc_machine(d->pc);
    struct cpu *cpu = machine_cpu(m);
    u8 vectors[1024];
    for (u32 k = 0; k < sizeof vectors; k += 4)
        put32(vectors + k, STUBS);
    space_write_bytes(machine_memory(m), 0, vectors, sizeof vectors);
    space_write_bytes(machine_memory(m), STUBS, ret, sizeof ret);
    space_write_bytes(machine_memory(m), 0x38000, resume, sizeof resume);
    const struct cpu_state now = cpu->s;
    cpu->s = d->start;
    cpu->s.a20 = now.a20;                       /* what the board drives stays as it is */
    cpu->s.intr = now.intr;
    cpu->s.ferr = now.ferr;
    cpu->s.ignne = now.ignne;
    cpu->s.apic_base = now.apic_base;
    cpu_changed(cpu);
}

/* Stops of the run are seen, and it goes on. */
static void advance(struct target *t, u64 ns)
{
    u64 until = machine_now(t->m) + ns;
    for (int stops = 0; machine_now(t->m) < until && stops < STOPS_MAX; stops++) {
        enum machine_stop why = machine_run(t->m, until);
        if (why != STOP_DEADLINE)
            act_saw(t, why);
        if (why == STOP_HALTED_FOREVER || why == STOP_TRIPLE_FAULT)
            wait_again(t->of);
    }
}

/* Once for each operation, not for each piece of its time. */
static void settle(struct target *t, struct bytes *b)
{
    (void)b;
    wait_again(t->of);
}

static void make(struct target *t)
{
    struct board *d = t->of = xcalloc(1, sizeof *d);
    d->pc = board_new(ENGINE_FAST, TICK_COST);
    board_target(t, d->pc);
    t->advance = advance;
    d->start = machine_cpu(t->m)->s;
}

static void unmake(struct target *t)
{
    struct board *d = t->of;
    pc_free(d->pc);
    free(d);
}

static void change(struct target *t, struct bytes *b)
{
    struct board *d = t->of;
    u8 how = take8(b);
    int drive = how & 1 ? 0 : PC_FLOPPIES + (how & 2 ? 1 : 2);
    bool floppy = drive == 0;
    struct pc_medium medium;
    struct image *image = how & 4 ? image_new_memory("new", floppy ? IMAGE_FLOPPY : IMAGE_CD, NULL, floppy ? BOARD_FLOPPY : BOARD_CD) : NULL;
    machine_input(t->m, &(struct input_event){ .kind = INPUT_MEDIUM, .drive = (u8)drive, .force = how >> 3 & 1, .image = image });
    act_saw(t, pc_medium(d->pc, drive, &medium));
}

static void press(struct target *t, struct bytes *b)
{
    machine_input(t->m, &(struct input_event){ .kind = take8(b) & 1 ? INPUT_RESET : INPUT_POWER });
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct span ports[] = {
        { 0x00, 16 }, { 0x20, 2 }, { 0x40, 4 }, { 0x60, 5 }, { 0x70, 4 }, { 0x80, 16 }, { 0x92, 1 }, { 0xa0, 2 }, { 0xb2, 2 }, { 0xc0, 32 },
        { 0xe9, 2 }, { 0xf0, 2 }, { 0x170, 8 }, { 0x1f0, 8 }, { 0x2f8, 8 }, { 0x376, 1 }, { 0x3b4, 7 }, { 0x3c0, 27 }, { 0x3f0, 16 },
        { 0x4d0, 2 }, { 0x510, 12 }, { 0x600, 0x40 }, { 0xcf8, 8 }, { 0xc000, 16 }, { 0, 0 }
    };
    static const struct span registers[] = { { 0xa0000, 0x20000 }, { 0xfec00000u, 0x20 }, { 0xfee00000u, 0x400 }, { 0xfed00000u, 0x400 },
                                             { 0xf0000000u, 0x10000 }, { 0, 0 } };
    static act_fn *const ops[] = {
        act_ata_command, act_ata_packet, act_ata_drain, act_ata_feed, act_ata_dma, act_ata_select, act_ata_identify, act_fdc_command,
        act_fdc_results, act_fdc_transfer, act_dma_program, act_dma_request, act_pit_program, act_rtc_register, act_pic_program, act_fw_cfg_dma,
        act_fw_cfg_item, act_kbc_command, act_uart_program, act_pci_config, act_apic_register, act_hpet_timer, act_vga_register, act_vga_mode,
        act_vbe_register, act_vga_paint, act_vga_draw, change, press, NULL
    };
    static const struct rig rig = { .name = "board", .make = make, .unmake = unmake, .ports = ports, .registers = registers, .ops = ops,
                                    .look = settle };
    return ops_run(&rig, data, size);
}
