/* ata.h - between an IDE channel and its drives: registers, phases, the buffer. Only the IDE files include it. */
#pragma once
#include "bmdma.h"
#include "../image/image.h"

/* Status and Error registers: ATA/ATAPI-6, "Status register", "Error register". */
enum { ERR = 0x01, DRQ = 0x08, DSC = 0x10, DF = 0x20, DRDY = 0x40, BSY = 0x80 };
enum { ABRT = 0x04, IDNF = 0x10, UNC = 0x40, WP = 0x40 };
enum { DEV_LBA = 0x40, DEV_DEV = 0x10 };
/* Interrupt reason, in Sector Count, of the PACKET protocol. */
enum { REASON_CD = 1, REASON_IO = 2 };

enum {
    DRIVE_BUFFER = 32768,       /* bytes between the medium and the host */
    DMA_PIECE = 4096,           /* bytes that DMA moves in one go */
    TINY_REGIONS_NS = 64000,    /* BMDMA_REGIONS descriptors at a PCI access each */
    COMMAND_NS = 20000,         /* from a command to its first effect */
    SECTOR_NS = 2000,           /* a sector of either size, between buffer and host */
    RESET_NS = 50000,
};

/* What a drive does (ide_phases.c). Idle, asleep, reset in three ways; busy until its timer fires; a block waits for the host. */
enum drive_phase {
    PHASE_IDLE, PHASE_ASLEEP,
    PHASE_HELD,                 /* SRST is set */
    PHASE_RESET,                /* power-on diagnostics end */
    PHASE_DIAGNOSTIC,           /* the same, for EXECUTE DEVICE DIAGNOSTIC */
    PHASE_EXECUTE,              /* the command starts */
    PHASE_READ,                 /* the next block for the host is in the buffer */
    PHASE_WRITE,                /* the host's block reaches the medium */
    PHASE_DMA_READ, PHASE_DMA_WRITE,
    PHASE_DMA_READ_WAITS, PHASE_DMA_WRITE_WAITS,    /* the bus master does not move; no timer */
    PHASE_PACKET,               /* the 12 command bytes are there */
    PHASE_MOVED,                /* what was to move has: the command has ended well */
    PHASE_DOZES_OFF,            /* the same, and the drive sleeps */
    PHASE_IN, PHASE_LAST_IN,    /* the host reads a block, and more follows (data or an ending); or nothing follows */
    PHASE_OUT, PHASE_LAST_OUT,  /* the host writes a block for the medium or the drive; one that stays in the buffer */
    PHASE_PACKET_OUT,           /* the host writes the 12 command bytes */
    DRIVE_PHASES
};

/* What happens to a drive. The value: the command's code. */
enum drive_event {
    EVENT_COMMAND, EVENT_DIAGNOSTIC /* EXECUTE DEVICE DIAGNOSTIC */, EVENT_DEVICE_RESET,
    EVENT_SRST, EVENT_SRST_ENDS,
    EVENT_TIMER,
    EVENT_BLOCK,                /* the host has moved the whole block */
    EVENT_DMA,                  /* the channel's bus master was started */
    DRIVE_EVENTS
};

/* Command block registers that keep the byte written before (HOB). */
enum { R_FEATURES, R_COUNT, R_LOW, R_MID, R_HIGH, HOB_REGS };

struct ide_drive_state {
    u64 lba;                    /* next sector between medium and buffer */
    u64 head;                   /* the sector behind which the heads stand */
    u64 ahead_from, ahead_end;  /* what was read and is still in the drive's own buffer; end 0: nothing */
    u64 ahead_at;               /* when the sector before ahead_end had passed */
    u64 written;                /* behind the last sector in the write cache */
    u64 ready_at;               /* when a CD that was put in has come to speed */
    u32 left;                   /* sectors still to pass through the buffer */
    u32 at, in_end, out_end;    /* data port: next byte; end of the block to be read or written, 0 none */
    u32 fill;                   /* bytes in the buffer that are to be moved */
    u32 limit;                  /* PACKET: most bytes a block */
    u32 sector_bytes;           /* PACKET: bytes a sector that the host wants */
    u16 cylinders;              /* CHS translation now in force */
    u8 heads, sectors;
    u8 reg[HOB_REGS], hob[HOB_REGS];
    u8 device, error, command;
    u8 status;                  /* without BSY and DRQ, which the phase shows */
    u8 phase;                   /* enum drive_phase */
    u8 intrq;
    u8 address_mode;            /* of the command: 0 CHS, 1 LBA, 2 LBA48 */
    u8 multiple;                /* sectors a block, 0 not set */
    u8 block_sectors;           /* of the command */
    u8 transfer_mode[3];        /* set: multiword DMA mode + 1, ultra DMA mode + 1, PIO */
    u8 write_cache, look_ahead;
    u8 power;                   /* CHECK POWER MODE's answer */
    u8 revert;
    /* A CD drive's. */
    u8 packet[12];
    u8 packet_dma;
    u8 sense_key, asc, ascq;
    u8 attention;               /* a unit attention condition waits: its ASC (28 medium changed, 29 reset), 0 none */
    u8 locked, tray_open;
    u8 media_event, operational_event;  /* GET EVENT STATUS NOTIFICATION */
    u8 audio[8];                /* mode page 0E: ports and volumes */
    u8 retries;                 /* mode page 01 */
    u8 raw_flags;               /* READ CD: which parts of a sector */
    u8 stopped, dirty;          /* the medium does not turn; the write cache holds something */
    u8 pad[5];
    u8 buffer[DRIVE_BUFFER];
};

struct ide_drive;
struct ide_channel;

typedef void drive_step(struct ide_drive *d);

struct drive_ops {
    drive_step *command;                        /* Command was written (in s.command) and is accepted: nothing else runs */
    drive_step *timer[DRIVE_PHASES];            /* the phase's time is over */
    drive_step *block[DRIVE_PHASES];            /* the host has moved the phase's block */
    drive_step *signature;                      /* registers after a reset */
    drive_step *defaults;                       /* settings after power-on */
    bool packet;
};

struct ide_drive {                              /* ide_drive.c */
    struct device dev;
    struct ide_channel *channel;
    struct bmdma *bm;
    const struct drive_ops *ops;
    struct image *image;
    struct timer timer;
    int unit;
    u32 hurry;                                  /* everything that moves takes so many times less */
    char id[16], timer_name[24];
    struct ide_drive_state s;
};

extern const struct drive_ops ata_disk_ops, atapi_cd_ops;

/* A channel's two register blocks and its drives. */
struct ide_channel *ide_channel_new(struct machine *m, const char *id, u16 command_block, u16 control_block,
                                    struct line irq, struct bmdma *bm);
void ide_channel_enable(struct ide_channel *c, bool on);
/* The bus master of this channel was started. */
void ide_channel_dma_started(struct ide_channel *c);
struct ide_drive *ide_channel_drive(const struct ide_channel *c, int unit);
void ide_channel_attach(struct ide_channel *c, int unit, struct image *image, const struct drive_ops *ops);
/* A drive's INTRQ changed. */
void ide_channel_irq(struct ide_channel *c);

/* A drive, not yet on a channel. `unit` is 0 to 3 over both channels. */
struct ide_drive *drive_new(struct machine *m, int unit, struct image *image, const struct drive_ops *ops);

/* ide_phases.c: an event; Status as the host reads it; and the next phase: its timer is off, it has no block yet. */
void drive_event(struct ide_drive *d, enum drive_event event, u8 value);
u8 drive_status(const struct ide_drive *d);
void drive_enter(struct ide_drive *d, enum drive_phase phase);
static inline bool drive_busy(const struct ide_drive *d) { return drive_status(d) & BSY; }

/* The pieces of every protocol. */
void drive_interrupt(struct ide_drive *d);                          /* raise INTRQ */
void drive_later(struct ide_drive *d, enum drive_phase phase, u64 ns);  /* a busy phase, which ends then */
void drive_stop(struct ide_drive *d);                               /* forget the command in flight */
void drive_rest(struct ide_drive *d);                               /* it ended well, and nobody is told */
void drive_finish(struct ide_drive *d);                             /* it ended well: idle, interrupt */
void drive_fail(struct ide_drive *d, u8 error);                     /* it ended badly */
/* DRQ: the host reads buffer[from..to) (PHASE_IN or PHASE_LAST_IN), interrupt. */
void drive_offer(struct ide_drive *d, enum drive_phase phase, u32 from, u32 to);
/* DRQ: the host writes buffer[0..n) (PHASE_OUT, PHASE_LAST_OUT or PHASE_PACKET_OUT). */
void drive_request(struct ide_drive *d, enum drive_phase phase, u32 n, bool interrupt);
/* DMA of `bytes`, of which a sector on the medium is `sector`, over the whole command: it takes ns (the bus' SECTOR_NS a sector
 * included), and moves in pieces when the medium is through. */
void drive_begin_dma(struct ide_drive *d, enum drive_phase phase, u64 ns, u64 bytes, u32 sector);
/* The next piece of buffer[at..fill) by DMA. True: that was the last. False: the drive comes back to this phase, when its timer
 * fires or, where the bus master has stopped before the end, when that is started again. */
bool drive_dma(struct ide_drive *d, u32 sector);
/* What a piece at the beginning of so many bytes takes on the bus. */
u64 drive_piece_ns(u64 bytes, u32 sector);
/* ATA strings: space padded, bytes swapped in each word. */
void drive_string(u8 *to, int bytes, const char *text);

/* drive_motion.c: how long it takes to have n sectors read or written, to seek, to write what the cache holds, to have the
 * medium turn; what moves is where it will be then. */
u64 drive_read_ns(struct ide_drive *d, u64 lba, u32 n);
u64 drive_write_ns(struct ide_drive *d, u64 lba, u32 n);
u64 drive_seek_ns(struct ide_drive *d, u64 lba);
u64 drive_flush_ns(struct ide_drive *d);
u64 drive_spin_up_ns(struct ide_drive *d);
/* A CD was put in: it is ready when it has come to speed. */
void drive_load(struct ide_drive *d);
bool drive_is_loading(const struct ide_drive *d);
/* Until it is ready, stopped or loading. */
u64 drive_ready_ns(struct ide_drive *d);

/* IDENTIFY DEVICE's and IDENTIFY PACKET DEVICE's 512 bytes. */
void ata_identify(const struct ide_drive *d, u8 *out);
void atapi_identify(const struct ide_drive *d, u8 *out);
/* SET FEATURES 03h; false if the mode does not exist. */
bool drive_set_transfer_mode(struct ide_drive *d, u8 mode);

/* atapi_commands.c: run the command block in s.packet. atapi_cd.c moves the data. */
void atapi_run(struct ide_drive *d);
/* The next sectors into the buffer, so many, as READ (10) or READ CD wants them. False with sense set. */
u32 atapi_sectors(const struct ide_drive *d);
bool atapi_fill(struct ide_drive *d);
/* atapi_mode.c: MODE SELECT's data has come. */
bool atapi_mode_select(struct ide_drive *d);
/* Answers: GOOD, CHECK CONDITION with sense, n bytes of buffer (cut to the allocation length), sectors, data wanted. */
void atapi_good(struct ide_drive *d);
void atapi_check(struct ide_drive *d, u8 key, u8 asc, u8 ascq);
void atapi_reply(struct ide_drive *d, u32 n, u32 allocation);
void atapi_reply_sectors(struct ide_drive *d, u64 lba, u32 count, u32 sector_bytes);
void atapi_want(struct ide_drive *d, u32 n);
/* GOOD, after so many ns. */
void atapi_good_after(struct ide_drive *d, u64 ns);
/* Another medium, or none. */
void atapi_change(struct ide_drive *d, struct image *image);
