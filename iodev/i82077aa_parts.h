/* i82077aa_parts.h - between the floppy controller's registers and commands (i82077aa.c) and its data transfers
 * (i82077aa_data.c). */
#pragma once
#include "i82077aa.h"
#include "i8237.h"

enum { FDC_DRIVES = 2, FDC_UNITS = 4, FDC_SECTOR = 512, FDC_MARKS = 720 /* bytes, a bit for each sector of 2880K */ };
/* Faster than a real drive (11 ms a sector, 3 ms a step), and always the same. */
enum { FDC_SECTOR_NS = 200000, FDC_STEP_NS = 100000, FDC_SETTLE_NS = 100000, FDC_RESET_NS = 50000 };

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

    struct i82077aa_state {
        u16 at, end;            /* of `data`: non-DMA transfers */
        u16 done;               /* sectors passed by this command */
        u8 type[FDC_DRIVES];    /* of the connected drives, 0 none */
        u8 track[FDC_DRIVES];   /* where the heads are */
        u8 changed[FDC_DRIVES]; /* the drives' change lines */
        u8 pcn[FDC_UNITS];      /* where the controller thinks they are */
        u8 target[FDC_UNITS];   /* of a seek under way */
        u8 seeking;             /* a bit a drive */
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

/* Step pulses to a drive, positive inward. */
void fdc_step_heads(struct i82077aa *fdc, int unit, int pulses);

/* i82077aa_data.c: begin a command that touches a medium, its next step, and the host's end of a non-DMA block. */
void fdc_start_data(struct i82077aa *fdc);
void fdc_step_data(struct i82077aa *fdc);
void fdc_block_done(struct i82077aa *fdc);
