/* ops.h - a case's bytes as what a driver and a person do to a machine: accesses to registers, data blocks moved, tables put into
 * memory, time, keys, media, snapshots. Every case runs twice and must look the same: the second time with everything logged, time in
 * pieces, and a snapshot saved and loaded again and again.
 * A rig is a machine with one device (tests/support/fake_machine.h) or the whole board. */
#pragma once
#include "case.h"
#include "../../iodev/machine/machine.h"
#include "../../iodev/machine/screen.h"
#include "../../memory/state.h"

enum { RIG_RAM = 0x40000, OPS_MAX = 400, BURST_MAX = 600 };

struct target;
typedef void act_fn(struct target *t, struct bytes *b);

struct span { u64 first; u32 count; };

struct rig {
    const char *name;
    /* Make the machine, reset it, fill in target.m and whatever else; and back. */
    void (*make)(struct target *t);
    void (*unmake)(struct target *t);
    const struct span *ports, *registers;       /* where accesses go; both end with count 0; NULL: none */
    act_fn *const *ops;                          /* of this device, beside the general ones; ends with NULL */
    act_fn *look;                                /* after every operation: what its outputs show. May be NULL */
};

struct target {
    const struct rig *rig;
    struct machine *m;
    void *of;                                   /* the rig's own */
    struct screen screen;                       /* draw is NULL: none */
    void (*advance)(struct target *t, u64 ns);  /* let virtual time pass */
    void (*input)(struct target *t, const struct input_event *e);
    void (*snapshot)(struct target *t);         /* save all, forget all, load all */
    void (*reset)(struct target *t);            /* RESET */
    void (*settle)(struct target *t);           /* after an access: the device may let the processor wait (machine_hold) */
    bool again;                                 /* the second run */
    bool trace;                                 /* FUZZ_TRACE is in the environment: say on stderr what is done and seen */
    u64 time_left;                              /* virtual ns that the case may still take */
    u32 op;
    struct hash seen;                           /* of everything that was read so far */
};

/* The harness's body. */
int ops_run(const struct rig *rig, const u8 *data, size_t size);

/* What operations are made of. What is read counts: it must be the same in both runs. */
u32 act_in(struct target *t, u16 port, int size);
void act_out(struct target *t, u16 port, u32 value, int size);
u64 act_read(struct target *t, u64 address, int size);
void act_write(struct target *t, u64 address, u64 value, int size);
void act_saw(struct target *t, u64 value);
/* Straight into RAM, as a driver fills a table; address modulo RIG_RAM. */
void act_poke(struct target *t, u32 address, const void *from, u32 n);
void act_advance(struct target *t, u64 ns);
/* A length of time from a byte: 1 ns to 137 s. */
u64 act_time(u8 code);

/* Operations of several rigs: ops_storage.c */
act_fn act_ata_command, act_ata_interrupt, act_ata_packet, act_ata_drain, act_ata_feed, act_ata_dma, act_ata_select, act_ata_identify;
act_fn act_fdc_command, act_fdc_results, act_fdc_transfer, act_dma_program, act_dma_request;
/* ops_chips.c */
act_fn act_pit_program, act_rtc_register, act_pic_program, act_fw_cfg_dma, act_fw_cfg_item, act_kbc_command, act_uart_program, act_pci_config,
      act_apic_register, act_hpet_timer, act_vga_register, act_vga_mode, act_vbe_register, act_vga_paint, act_vga_draw;
