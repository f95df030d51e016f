/* ide_phases.c - an IDE drive as a state machine: one table says what each event does in each phase of a command.
 * ATA/ATAPI-6 (T13 1410D), "Protocol": bus idle, software reset, EXECUTE DEVICE DIAGNOSTIC, DEVICE RESET, PIO data-in and -out,
 * DMA, PACKET; "Sleep mode".
 * A phase, not a flag, says whether BSY or DRQ shows, whether the timer runs, and whether the data port has a block: drive_enter()
 * is the one door to it, so that these never contradict each other whatever the host does. What a timer or a block's end means is
 * the drive's own row (struct drive_ops); which medium is in the drive is asked where it is read.
 * Chosen where the standard calls the result indeterminate: a command that is written while a block waits ends the one before. */
#include "ata.h"

static void nothing(struct ide_drive *d, u8 value) { (void)d, (void)value; }

static void busy(struct ide_drive *d, u8 value)
{
    dev_log(&d->dev, "guest", "%s: command %02x while the drive is busy", d->id, value);
}

static void sleeps(struct ide_drive *d, u8 value)
{
    dev_log(&d->dev, "guest", "%s: command %02x while it sleeps; only a reset wakes it", d->id, value);
}

static void acknowledge(struct ide_drive *d)
{
    d->s.intrq = 0;
    ide_channel_irq(d->channel);
}

static void starts(struct ide_drive *d, u8 value)
{
    dev_log(&d->dev, "disk", "%s: command %02x count %02x address %02x%02x%02x device %02x features %02x", d->id,
              value, d->s.reg[R_COUNT], d->s.reg[R_HIGH], d->s.reg[R_MID], d->s.reg[R_LOW], d->s.device, d->s.reg[R_FEATURES]);
    drive_stop(d);
    acknowledge(d);
    d->s.command = value;
    d->s.error = 0;
    d->ops->command(d);
}

static void diagnoses(struct ide_drive *d, u8 value)
{
    drive_stop(d);
    acknowledge(d);
    d->s.command = value;
    drive_later(d, PHASE_DIAGNOSTIC, RESET_NS);
}

/* DEVICE RESET: the signature at once, no interrupt; which of the two drives it is stays. */
static void resets(struct ide_drive *d, u8 value)
{
    u8 select = d->s.device & DEV_DEV;
    drive_stop(d);
    acknowledge(d);
    d->s.command = value;
    d->ops->signature(d);
    d->s.device = select;
}

/* SRST is set: for as long as it stands. */
static void held(struct ide_drive *d, u8 value)
{
    (void)value;
    drive_stop(d);
    acknowledge(d);
    d->s.command = 0;
    d->s.status = 0;
    drive_enter(d, PHASE_HELD);
}

static void let_go(struct ide_drive *d, u8 value)
{
    (void)value;
    drive_later(d, PHASE_RESET, RESET_NS);
}

static void is_reset(struct ide_drive *d, u8 value)
{
    (void)value;
    drive_stop(d);
    d->s.power = 0xff;
    if (d->s.revert)
        d->ops->defaults(d);
    d->ops->signature(d);
}

/* Both drives have done it, drive 0 reports. */
static void diagnosed(struct ide_drive *d, u8 value)
{
    is_reset(d, value);
    if (!(d->unit & 1))
        drive_interrupt(d);
}

static void step(struct ide_drive *d, u8 value)
{
    (void)value;
    d->ops->timer[d->s.phase](d);
}

static void dozes_off(struct ide_drive *d, u8 value)
{
    (void)value;
    drive_finish(d);
    drive_enter(d, PHASE_ASLEEP);
}

static void block(struct ide_drive *d, u8 value)
{
    (void)value;
    d->ops->block[d->s.phase](d);
}

/* The bus master was started for a transfer that waits for it. The delay stands for the first sector's way over the bus. */
static void reads_on(struct ide_drive *d, u8 value)
{
    (void)value;
    drive_later(d, PHASE_DMA_READ, SECTOR_NS);
}

static void writes_on(struct ide_drive *d, u8 value)
{
    (void)value;
    drive_later(d, PHASE_DMA_WRITE, SECTOR_NS);
}

// clang-format off
static const struct phase {
    u8 shows;                                           /* of BSY and DRQ */
    void (*on[DRIVE_EVENTS])(struct ide_drive *d, u8 value);
} phases[DRIVE_PHASES] = {
/*                                  COMMAND DIAGNOSTIC DEVICE_RESET SRST     SRST_ENDS TIMER      BLOCK    DMA */
    [PHASE_IDLE]           = { 0,   { starts, diagnoses, resets,    held,    nothing,  nothing,   nothing, nothing } },
    [PHASE_ASLEEP]         = { 0,   { sleeps, sleeps,    resets,    held,    nothing,  nothing,   nothing, nothing } },
    [PHASE_HELD]           = { BSY, { busy,   busy,      busy,      nothing, let_go,   nothing,   nothing, nothing } },
    [PHASE_RESET]          = { BSY, { busy,   busy,      busy,      held,    nothing,  is_reset,  nothing, nothing } },
    [PHASE_DIAGNOSTIC]     = { BSY, { busy,   busy,      busy,      held,    nothing,  diagnosed, nothing, nothing } },
    [PHASE_EXECUTE]        = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_READ]           = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_WRITE]          = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_DMA_READ]       = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_DMA_WRITE]      = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_DMA_READ_WAITS] = { BSY, { busy,   busy,      resets,    held,    nothing,  nothing,   nothing, reads_on } },
    [PHASE_DMA_WRITE_WAITS]= { BSY, { busy,   busy,      resets,    held,    nothing,  nothing,   nothing, writes_on } },
    [PHASE_PACKET]         = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_MOVED]          = { BSY, { busy,   busy,      resets,    held,    nothing,  step,      nothing, nothing } },
    [PHASE_DOZES_OFF]      = { BSY, { busy,   busy,      resets,    held,    nothing,  dozes_off, nothing, nothing } },
    [PHASE_IN]             = { DRQ, { starts, diagnoses, resets,    held,    nothing,  nothing,   block,   nothing } },
    [PHASE_LAST_IN]        = { DRQ, { starts, diagnoses, resets,    held,    nothing,  nothing,   block,   nothing } },
    [PHASE_OUT]            = { DRQ, { starts, diagnoses, resets,    held,    nothing,  nothing,   block,   nothing } },
    [PHASE_LAST_OUT]       = { DRQ, { starts, diagnoses, resets,    held,    nothing,  nothing,   block,   nothing } },
    [PHASE_PACKET_OUT]     = { DRQ, { starts, diagnoses, resets,    held,    nothing,  nothing,   block,   nothing } },
};
// clang-format on

void drive_event(struct ide_drive *d, enum drive_event event, u8 value) { phases[d->s.phase].on[event](d, value); }

u8 drive_status(const struct ide_drive *d) { return d->s.status | phases[d->s.phase].shows; }

void drive_enter(struct ide_drive *d, enum drive_phase phase)
{
    d->s.phase = (u8)phase;
    d->s.in_end = d->s.out_end = 0;
    if (phases[phase].shows == BSY)
        d->s.status &= DRDY | DSC;
    else if (phases[phase].shows == DRQ)
        d->s.status = DRDY | DSC;
    timer_set(&d->timer, TIMER_OFF);
}
