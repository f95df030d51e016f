/* f_system.c - a guest's code on the whole board: FAST (or SLOW, DEBUG) against STEP, compared by the hash of the machine's state, with
 * the chips' timers, interrupts, DMA and memory maps under the code. Between its stretches drivers' operations (ops.h) are done to
 * both machines.
 * The input: a byte for the other engine; the guest (guest.c); then stretches, each a byte for an operation (0: none) with what it
 * wants, and a byte for its length. */
#include "board.h"
#include "guest.h"
#include "../../cpu/engine/run.h"
#include <stdio.h>

enum { INSNS_MAX = 1500, STRETCHES_MAX = 12 };

static act_fn *const acts[] = {
    act_pit_program, act_pic_program, act_rtc_register, act_pci_config, act_apic_register, act_hpet_timer, act_vga_mode, act_vga_register,
    act_vga_paint, act_kbc_command, act_uart_program, act_dma_program, act_dma_request, act_ata_command, act_ata_dma, act_ata_packet,
    act_fdc_command, act_fw_cfg_dma
};

static void no_time(struct target *t, u64 ns) { (void)t, (void)ns; }

static void load(struct machine *m, const struct guest *g)
{
    space_write_bytes(machine_memory(m), 0, g->memory, GUEST_BYTES);
    machine_cpu(m)->s = g->state;
    cpu_changed(machine_cpu(m));
}

/* Until the stretch is over, whatever stops it in between. */
static enum machine_stop run(struct machine *m, u64 ns)
{
    u64 until = machine_now(m) + ns;
    enum machine_stop why = STOP_DEADLINE;
    machine_limit_insns(m, machine_insns(m) + INSNS_MAX);
    for (int stops = 0; stops < 20; stops++) {
        why = machine_run(m, until);
        if (why == STOP_DEADLINE || why == STOP_MAX_INSNS || why == STOP_HALTED_FOREVER)
            break;
        if (why == STOP_TRIPLE_FAULT)
            cpu_init(machine_cpu(m));
    }
    return why;
}

/* Between stretches the processors, at the end everything. */
static void compare(struct machine *a, struct machine *b, enum machine_stop why_a, enum machine_stop why_b, bool all)
{
    struct hash ha = { { 0, 0 } }, hb = { { 0, 0 } };
    cpu_sync(machine_cpu(a));
    cpu_sync(machine_cpu(b));
    if (all) {
        machine_hash(a, &ha);
        machine_hash(b, &hb);
    }
    if (why_a == why_b && machine_now(a) == machine_now(b) && machine_insns(a) == machine_insns(b) &&
        !memcmp(&machine_cpu(a)->s, &machine_cpu(b)->s, sizeof machine_cpu(a)->s) && !memcmp(&ha, &hb, sizeof ha))
        return;
    fields_diff(cpu_fields, &machine_cpu(a)->s, &machine_cpu(b)->s, stderr);
    struct device *d = machine_devices(a), *e = machine_devices(b);
    for (; d && e; d = d->next, e = e->next)
        if (fields_diff(d->class->fields, (u8 *)d + d->class->state_offset, (u8 *)e + e->class->state_offset, stderr))
            fprintf(stderr, "  ... of %s\n", d->id);
    case_fail("engines differ: stops %d and %d, times %llu and %llu, instructions %llu and %llu", why_a, why_b,
              (unsigned long long)machine_now(a), (unsigned long long)machine_now(b), (unsigned long long)machine_insns(a),
              (unsigned long long)machine_insns(b));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const enum cpu_engine engines[8] = { ENGINE_FAST, ENGINE_FAST, ENGINE_FAST, ENGINE_FAST, ENGINE_FAST, ENGINE_FAST,
                                                ENGINE_SLOW, ENGINE_DEBUG };
    static const int runs[8] = { 0, 0, 1, 2, 0, 16, 0, 0 };     /* until blocks are made in full length */
    struct bytes b = { data, data + size };
    struct guest *g = xcalloc(1, sizeof *g);
    case_begin();
    u8 kind = take8(&b) & 7;
    struct pc *pc[2] = { board_new(ENGINE_STEP, 0), board_new(engines[kind], 0) };
    cpu_set_youth(machine_cpu(pc_machine(pc[1])), runs[kind]);
    struct target t[2];
    enum machine_stop why[2];
    guest_read(g, &b, machine_cpu(pc_machine(pc[0])));
    for (int k = 0; k < 2; k++) {
        t[k] = (struct target){ .advance = no_time, .again = k, .trace = getenv("FUZZ_TRACE") };
        board_target(&t[k], pc[k]);
        load(t[k].m, g);
    }
    for (int n = 0; n < STRETCHES_MAX && (left(&b) || !n); n++) {
        u8 which = take8(&b), length = 0;
        struct bytes same = b;
        for (int k = 0; k < 2; k++) {
            b = same;
            if (which % (ARRAY_LEN(acts) + 4) < ARRAY_LEN(acts))
                acts[which % (ARRAY_LEN(acts) + 4)](&t[k], &b);
            length = take8(&b);
            why[k] = run(t[k].m, 50 + act_time(length & 0x7f));
        }
        compare(t[0].m, t[1].m, why[0], why[1], false);
    }
    compare(t[0].m, t[1].m, STOP_DEADLINE, STOP_DEADLINE, true);
    pc_free(pc[0]);
    pc_free(pc[1]);
    free(g);
    case_end();
    return 0;
}
