/* i82077aa_parts.h - between the floppy controller's registers and commands (i82077aa.c), its data transfers
 * (i82077aa_data.c), and what moves (i82077aa_motion.c). */
#pragma once
#include "i82077aa.h"
#include "../isa/i8237.h"

enum { FDC_DRIVES = 2, FDC_UNITS = 4, FDC_SECTOR = 512, FDC_MARKS = 720 /* bytes, a bit for each sector of 2880K */ };
enum { FDC_RESET_NS = 50000 };

/* Status registers 0 to 3: 82077AA data sheet, "Status Register Encoding". */
enum { ST0_IC_ABNORMAL = 0x40, ST0_IC_INVALID = 0x80, ST0_IC_POLLING = 0xc0, ST0_SE = 0x20, ST0_EC = 0x10 };
enum { ST1_EN = 0x80, ST1_DE = 0x20, ST1_OR = 0x10, ST1_ND = 0x04, ST1_NW = 0x02, ST1_MA = 0x01 };
enum { ST2_CM = 0x40, ST2_DD = 0x20, ST2_WC = 0x10, ST2_SH = 0x08, ST2_SN = 0x04, ST2_BC = 0x02 };
enum { ST3_WP = 0x40, ST3_T0 = 0x10, ST3_ONES = 0x28 };

/* Command codes without MT, MFM, SK. */
enum {
    READ_TRACK = 0x02, SPECIFY = 0x03, SENSE_DRIVE = 0x04, WRITE_DATA = 0x05, READ_DATA = 0x06, RECALIBRATE = 0x07,
    SENSE_INTERRUPT = 0x08, WRITE_DELETED = 0x09, READ_ID = 0x0a, READ_DELETED = 0x0c, FORMAT_TRACK = 0x0d,
    DUMPREG = 0x0e, SEEK = 0x0f, VERSION = 0x10, SCAN_EQUAL = 0x11, PERPENDICULAR = 0x12, CONFIGURE = 0x13, LOCK = 0x14, VERIFY = 0x16,
    SCAN_LOW = 0x19, SCAN_HIGH = 0x1d, INVALID = 0x1f
};
enum { MT = 0x80, MFM = 0x40, SK = 0x20 };
enum { CONFIG_EIS = 0x40, CONFIG_EFIFO = 0x20, CONFIG_POLL = 0x10, CONFIG_FIFOTHR = 0x0f };

enum fdc_phase { FDC_COMMAND, FDC_EXECUTE, FDC_HOST_READS, FDC_HOST_WRITES, FDC_RESULT, FDC_IN_RESET };

struct i82077aa {
    struct device dev;
    struct line irq;
    struct i8237 *dma;
    int dma_channel;
    struct image *medium[FDC_DRIVES];
    struct timer execute, seek[FDC_UNITS];

    u32 hurry;                      /* everything that moves takes so many times less */
    u8 post_srt_hut, post_hlt_nd;   /* SPECIFY's parameters after a hardware reset */

    struct i82077aa_state {
        u64 turning[FDC_DRIVES];    /* when the motor is at speed */
        u64 loaded;             /* until when the heads stay loaded */
        u16 at, end;            /* of `data`: non-DMA transfers */
        u16 done;               /* sectors passed by this command */
        u8 type[FDC_DRIVES];    /* of the connected drives, 0 none */
        u8 track[FDC_DRIVES];   /* where the heads are */
        u8 changed[FDC_DRIVES]; /* the drives' change lines */
        u8 pcn[FDC_UNITS];      /* where the controller thinks they are */
        u8 steps[FDC_UNITS];    /* step pulses still to come */
        u8 seeking, inward, recalibrating;  /* a bit a drive */
        u8 waiting;             /* a bit a drive: SENSE INTERRUPT STATUS has something to say */
        u8 waiting_st0[FDC_UNITS];
        u8 dor, tdr, rate;
        u8 phase;               /* enum fdc_phase */
        u8 fifo[10];            /* command, or result */
        u8 got, want;           /* bytes of it */
        u8 irq;
        u8 srt_hut, hlt_nd;     /* SPECIFY */
        u8 config, pretrk, perpendicular, locked;
        u8 st0, st1, st2;
        u8 c, h, r, n;          /* the sector wanted */
        u8 eot, dtl;
        u8 position;            /* READ TRACK: sector under the head; SCAN: still equal, or order found */
        u8 tc;                  /* the DMA controller's last byte has passed */
        u8 deleted[FDC_DRIVES][FDC_MARKS];  /* deleted data address marks, which an image cannot hold */
        u8 data[FDC_SECTOR];
        u8 pad[2];
    } s;
};

static inline int fdc_unit(const struct i82077aa *fdc) { return fdc->s.fifo[1] & 3; }
static inline int fdc_head(const struct i82077aa *fdc) { return fdc->s.fifo[1] >> 2 & 1; }
static inline int fdc_command(const struct i82077aa *fdc) { return fdc->s.fifo[0] & 0x1f; }

/* Ready for the host after `ns`: the execute timer's next step. */
void fdc_later(struct i82077aa *fdc, u64 ns);
void fdc_set_irq(struct i82077aa *fdc, bool on);
/* Result phase with n bytes of fifo; interrupt if the command has an execution phase. */
void fdc_result(struct i82077aa *fdc, u8 n, bool interrupt);
/* The usual seven bytes from st0..n. */
void fdc_result_7(struct i82077aa *fdc);

/* A drive reports: SENSE INTERRUPT STATUS will tell. */
void fdc_report(struct i82077aa *fdc, int unit, u8 st0);

/* i82077aa_motion.c. All times in ns; `ahead`: counted from so far in the future; the drive is the command's. */
bool fdc_connected(const struct i82077aa *fdc, int unit);
void fdc_motion_init(struct i82077aa *fdc);
void fdc_seek(struct i82077aa *fdc);
void fdc_recalibrate(struct i82077aa *fdc);
/* A motor was switched on; how long until it has its speed. */
void fdc_motor(struct i82077aa *fdc, int unit);
u64 fdc_until_turning(const struct i82077aa *fdc, int unit);
/* How long loading the heads takes now; and they were in use until now: the unload time begins. */
u64 fdc_load_ns(const struct i82077aa *fdc);
void fdc_head_used(struct i82077aa *fdc);
/* Step pulses, positive inward, and how long they take. The first one with a floppy in the drive clears its change line. */
u64 fdc_step_heads(struct i82077aa *fdc, int unit, int pulses);
/* When the index passes, for the first or second time. */
u64 fdc_until_index(const struct i82077aa *fdc, u64 ahead);
u64 fdc_until_second_index(const struct i82077aa *fdc, u64 ahead);
/* When a sector of so many on the track has passed up to the end of its ID field, the beginning of its data, its end. */
enum fdc_part { FDC_ID, FDC_DATA, FDC_END };
u64 fdc_until_sector(const struct i82077aa *fdc, u64 ahead, int sectors, int sector, enum fdc_part part);
/* The sector whose ID field comes next. */
int fdc_next_sector(const struct i82077aa *fdc, u64 ahead, int sectors);
/* FORMAT TRACK: a sector with the gap that it asks for. */
u64 fdc_format_ns(const struct i82077aa *fdc);

/* i82077aa_data.c: begin a command that touches a medium, its next step, and the host's end of a non-DMA block. */
void fdc_start_data(struct i82077aa *fdc);
void fdc_step_data(struct i82077aa *fdc);
/* A floppy or a motor has come: a command that waited for an index pulse goes on. */
void fdc_resume(struct i82077aa *fdc);
void fdc_block_done(struct i82077aa *fdc);
