/* vitrine.h - an x86 PC as a library.
 *
 *     struct vitrine_config config = { .size = sizeof config, .floppy[0].file = "freedos.img" };
 *     struct vitrine_error error;
 *     struct vitrine *pc = vitrine_new(&config, &error);
 *     if (!pc)
 *         return fail(error.text);
 *     while (vitrine_run(pc, vitrine_now(pc) + VITRINE_SECOND) == VITRINE_TIME)
 *         if (vitrine_screen_has(pc, "A:\\>"))
 *             break;
 *     vitrine_free(pc);
 *
 * Threads: a machine is used by one thread at a time; vitrine_stop() alone may be called from any. Machines share nothing: any number
 * may run at once, each in a thread of its own.
 * Time is virtual: nanoseconds since power-on, a function of what the guest executes and of what it is given. Without a stream to the
 * host, the same configuration and calls give the same run, bit for bit, on every host.
 * Errors are values. Nothing here writes to standard output or error, installs a signal handler or ends the program, but for one
 * thing: where the host has no memory for something small, vitrine_out_of_memory() is called.
 * Callbacks come in the thread that called the library. They may look at the machine and give it input; they do not run or free it. */
#ifndef VITRINE_H
#define VITRINE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. The major number changes where a program must be changed, the minor one where something is added. */
#define VITRINE_MAJOR 0
#define VITRINE_MINOR 1
#define VITRINE_PATCH 0

#if defined __GNUC__
#define VITRINE_API __attribute__((visibility("default")))
#else
#define VITRINE_API
#endif

/* Of the library that runs: "0.1.0". */
VITRINE_API const char *vitrine_version(void);

/* A machine. */
struct vitrine;

#define VITRINE_SECOND 1000000000ull            /* virtual time is counted in nanoseconds */
#define VITRINE_FOREVER UINT64_MAX
#define VITRINE_MB (1ull << 20)

/* ---- errors ---- */

enum vitrine_code {
    VITRINE_OK = 0,
    VITRINE_WRONG = 2,          /* what was asked for cannot be: a value, a file that is missing or is something else */
    VITRINE_HOST = 4,           /* the host has not what it takes: guest memory, ... */
    VITRINE_LOCKED = 5          /* the guest has locked the drive's tray */
};

/* Why something failed. Functions that take one take NULL, too. */
struct vitrine_error {
    enum vitrine_code code;
    char where[16];             /* the member of the configuration, or the part of the machine, that it is about: "bios"; may be empty */
    char text[1024];            /* a sentence for people, or several, a line each: what was expected, what was found, what to do */
};

/* Called where the host has no memory for so many bytes of the library's own. A program may define it; it must not return. Without
 * that it is abort(). Guest memory, firmware and images do not come here: they are errors. */
#if defined __GNUC__
__attribute__((noreturn))
#endif
VITRINE_API void vitrine_out_of_memory(size_t bytes);

/* ---- a machine is made of ---- */

/* A file of the host, or its content in memory, which is copied. Both NULL: none. */
struct vitrine_file {
    const char *file;
    const void *bytes;
    size_t size;                /* of bytes */
};

/* What is in a drive: a file with the plain sectors of a disk, floppy or CD, written in place and locked against other programs while
 * it is there; or such sectors in memory, copied, and thrown away with the machine. */
struct vitrine_medium {
    const char *file;
    const void *bytes;
    size_t size;                        /* of bytes */
    bool raw;                           /* the file is sectors even if it looks like a qcow2 image, an archive, ... */
    uint16_t cylinders, heads, sectors; /* of a disk, up to 16383, 255, 63; all 0: as its partition table, BPB or size tells */
};

/* What is at the other end of a serial line. Output goes to both of `output` and `dest`, input comes from both of `input` and `dest`. */
struct vitrine_line {
    const char *dest;           /* "stdio", "file:PATH", "pty", "tcp:HOST:PORT[,server]", "unix:PATH[,server]"; NULL: nowhere */
    /* Bytes that the guest has sent, as it sends them. */
    void (*output)(void *to, const uint8_t *bytes, size_t n);
    /* Asked every 10 ms of virtual time while the guest has taken what came before: fill in at most `room` bytes, return how many. */
    size_t (*input)(void *to, uint8_t *bytes, size_t room);
    void *to;                   /* first argument of both */
};

/* How instructions are carried out: the same results at different speeds. STEP decodes each anew. */
enum vitrine_engine { VITRINE_FAST, VITRINE_SLOW, VITRINE_DEBUG, VITRINE_STEP };

/* One exception of the chain that led to a triple fault. */
struct vitrine_fault {
    uint8_t vector;
    bool has_error;
    uint32_t error;             /* error code, if it has one */
    uint16_t cs;
    uint64_t ip, cs_base;       /* of the instruction */
    uint64_t cr2;
    uint64_t instructions;      /* before it, since power-on */
    const char *why;            /* "limit of the data segment exceeded" */
};

enum { VITRINE_SERIALS = 2, VITRINE_FLOPPIES = 2, VITRINE_DISKS = 4 };

/* Zero is the default everywhere. The strings and bytes are copied. */
struct vitrine_config {
    size_t size;                /* sizeof(struct vitrine_config), so that programs and libraries of different age know each other */

    /* The processor and its memory. */
    uint64_t ram;               /* bytes, a multiple of VITRINE_MB up to 32 GB; default 512 MB */
    const char *cpu;            /* "8086", "286", "386", "486", "pentium", ...: vitrine_cpu_name() has them; default the newest */
    const char *speed;          /* a processor of its day, "386/33"; default "max": an instruction takes a nanosecond */
    uint32_t tick_cost;         /* instead: what an instruction takes, in 65536ths of a nanosecond, at most 2^30 */
    enum vitrine_engine engine;

    /* Firmware, and what starts. */
    struct vitrine_file bios;   /* default: SeaBIOS, or what runs on that processor, where distributions install it */
    struct vitrine_file vgabios;/* likewise; a file named "" is none */
    const char *boot;           /* drives to boot from, in order: letters of a floppy, c disk, d CD; default: those with something in */
    bool boot_unsigned;         /* a floppy's boot sector need not end in 55 AA */
    struct vitrine_medium image;/* goes into the drive that its content says, or is a kernel: a notice says why; boots first */
    struct vitrine_medium floppy[VITRINE_FLOPPIES];
    struct vitrine_medium disk[VITRINE_DISKS];  /* primary master, slave, secondary master, slave */
    struct vitrine_medium cdrom;                /* secondary master */
    const char *kernel;         /* instead of an image: Linux bzImage or multiboot ELF, a file, started after the firmware */
    const char *initrd, *append;/* with a kernel: initial RAM disk, command line */
    /* With none of these a small built-in program starts. */

    bool snapshot;              /* what is written to files of disks and floppies is kept in memory and thrown away */
    uint64_t snapshot_limit;    /* bytes of memory for that; beyond it the guest finds drive errors; default 1 GB */

    struct vitrine_line serial[VITRINE_SERIALS];/* COM1, COM2 */
    struct vitrine_line debugcon;               /* what is written to port E9h */

    bool rtc_given;
    uint64_t rtc;               /* if so: the date at power-on, in seconds since 1970 (UTC); default 2026-01-01 */
    bool real_drives;           /* heads and media take the time of real drives, not a fiftieth of it */
    bool vga_irq;               /* the VGA's vertical retrace interrupt goes to IRQ 9 */
    bool no_reboot;             /* a reset or triple fault ends vitrine_run() */

    /* What the machine tells; each may be NULL. */
    void *to;                   /* first argument of these */
    /* About files and lines of the host, a sentence: an image that is write-protected, a disk that fails. */
    void (*notice)(void *to, const char *text);
    /* A line of the log. */
    void (*log)(void *to, const char *line);
    const char *log_classes;    /* what to log, besides what the guest does wrong: "int,disk"; "all"; see vitrine_log_class() */
    /* At every triple fault, before the machine resets: the exceptions, the oldest first. None: it shut down for another reason. */
    void (*triple_fault)(void *to, const struct vitrine_fault *chain, size_t n);
    /* No room on the host's disk for what the guest writes. Wait, and return true: it is tried again. False: a drive error. A `text` of
     * NULL says that there is room again. Default: false. */
    bool (*full)(void *to, const char *text);
};

/* Names for `cpu`, k = 0, 1, ...; NULL past the end. `title` (may be NULL) gets a few words on it. Both are good for ever. */
VITRINE_API const char *vitrine_cpu_name(int k, const char **title);
/* Likewise the classes of this machine's log, for `log_classes`; good as long as the machine is. */
VITRINE_API const char *vitrine_log_class(const struct vitrine *v, int k, const char **title);

/* Make a machine, switched on and before its first instruction. NULL, with `error`: it cannot be had; nothing is left open. */
VITRINE_API struct vitrine *vitrine_new(const struct vitrine_config *config, struct vitrine_error *error);
/* What the guest flushed is on the host's disk already; so is the rest now. Streams are flushed and closed. NULL is fine. */
VITRINE_API void vitrine_free(struct vitrine *v);

/* ---- it runs ---- */

enum vitrine_reason {
    VITRINE_TIME,               /* virtual time has reached the given moment */
    VITRINE_POWER_OFF,          /* the guest switched itself off */
    VITRINE_DEBUG_EXIT,         /* it wrote a value to port F4h: vitrine_exit_code() */
    VITRINE_TRIPLE_FAULT,       /* with no_reboot */
    VITRINE_RESET,              /* with no_reboot: the guest asked for a reset */
    VITRINE_HALTED,             /* HLT with interrupts off, and nothing that could wake it */
    VITRINE_INSTRUCTIONS,       /* as many as vitrine_limit_instructions() allows */
    VITRINE_BREAKPOINT,         /* before the instruction at one */
    VITRINE_STOPPED             /* vitrine_stop() */
};

/* Run until virtual time `until` (ns since power-on; VITRINE_FOREVER) or another reason. Exact to the instruction, in every engine. It
 * may go on from each of these reasons. */
VITRINE_API enum vitrine_reason vitrine_run(struct vitrine *v, uint64_t until);
/* From any thread: vitrine_run() comes back within milliseconds. If none runs, the next one comes back at once. */
VITRINE_API void vitrine_stop(struct vitrine *v);
/* Stop when so many instructions have been carried out since power-on; UINT64_MAX: never. */
VITRINE_API void vitrine_limit_instructions(struct vitrine *v, uint64_t count);
/* Stop before the instruction at a linear address (CS.base + IP). A number for vitrine_break_remove(). */
VITRINE_API int vitrine_break_at(struct vitrine *v, uint64_t linear);
VITRINE_API void vitrine_break_remove(struct vitrine *v, int number);

VITRINE_API uint64_t vitrine_now(const struct vitrine *v);              /* virtual nanoseconds since power-on */
VITRINE_API uint64_t vitrine_instructions(const struct vitrine *v);     /* since power-on */
VITRINE_API uint32_t vitrine_exit_code(const struct vitrine *v);        /* with VITRINE_DEBUG_EXIT: value << 1 | 1 */

/* For who keeps virtual time at the pace of a clock. A tick is an instruction, or the delivery of an event. What one takes now, in
 * 65536ths of a nanosecond, and how many there were since power-on; what it takes from now on enters the run like a key. */
VITRINE_API uint32_t vitrine_tick_cost(const struct vitrine *v);
VITRINE_API void vitrine_set_tick_cost(struct vitrine *v, uint32_t cost);
VITRINE_API uint64_t vitrine_ticks(const struct vitrine *v);
/* While the processor is halted and nothing has come to wake it: the virtual time of the next timer, VITRINE_FOREVER if none is set. 0:
 * it runs. */
VITRINE_API uint64_t vitrine_sleeps_until(const struct vitrine *v);
/* A word or two for a reason: "power off". */
VITRINE_API const char *vitrine_reason_text(enum vitrine_reason reason);

/* ---- what it is like: between runs, and from callbacks ---- */

/* Registers by the manual's names, in lower case: "eax", "ip", "cs", "cs.base", "cr0". k = 0, 1, ...; NULL past the end. */
VITRINE_API const char *vitrine_register_name(int k);
/* False if there is none of that name. */
VITRINE_API bool vitrine_register(const struct vitrine *v, const char *name, uint64_t *value);
/* As the debugger's `set`: a selector is loaded, a control register takes effect. False, with `error`: not this value. */
VITRINE_API bool vitrine_set_register(struct vitrine *v, const char *name, uint64_t value, struct vitrine_error *error);

/* Memory, without side effects: no device is touched, no page marked. Physical addresses, or linear ones as the page tables have them
 * now. False where there is neither RAM nor ROM: of a read what is there is filled in, of a write nothing is changed. ROM is
 * changed, too. */
VITRINE_API bool vitrine_read_physical(const struct vitrine *v, uint64_t address, void *to, size_t n);
VITRINE_API bool vitrine_write_physical(struct vitrine *v, uint64_t address, const void *from, size_t n);
VITRINE_API bool vitrine_read_linear(const struct vitrine *v, uint64_t address, void *to, size_t n);
VITRINE_API bool vitrine_write_linear(struct vitrine *v, uint64_t address, const void *from, size_t n);

/* 32 hexadecimal digits of the whole machine, or of the picture alone: equal where all that a guest can see is equal, on every host. */
VITRINE_API void vitrine_hash(struct vitrine *v, char out[33]);
VITRINE_API void vitrine_screen_hash(struct vitrine *v, char out[33]);

/* The same machine as text, for people and programs that compare: sections "[machine]", "[cpu]", "[device ID]", "[timers]", "[ram NAME]",
 * then a line a field, "  name = hex", and for each page that is not all zero "  page NUMBER = hash". `n` (may be NULL): its length without
 * the NUL behind it. Give it back with vitrine_release(). NULL: the host has no memory for it. */
VITRINE_API char *vitrine_state_text(struct vitrine *v, size_t *n);

/* Everything that decides how the machine goes on, as bytes, but for what is outside it: what the media hold, what vitrine_type() has
 * still to type, and a medium that vitrine_insert() has given and that no drive has taken yet. Saving changes nothing. Give them back
 * with vitrine_release(). NULL: the host has no memory for them. */
VITRINE_API uint8_t *vitrine_save(struct vitrine *v, size_t *n);
VITRINE_API void vitrine_release(void *bytes);
/* Go on from there, in a machine of the same configuration, be it in another program or on another host. False, with `error`: the bytes
 * do not fit; the machine has been reset. */
VITRINE_API bool vitrine_load(struct vitrine *v, const uint8_t *bytes, size_t n, struct vitrine_error *error);

/* The same in a file, packed, with what was written to media besides: a medium is known by what its file holds, which stays as it is, and
 * the clusters that differ travel in the file. It comes to its place as a whole, instead of an older one. False, with `error`: it could
 * not be written, or the host has no memory for it. */
VITRINE_API bool vitrine_save_file(struct vitrine *v, const char *file, struct vitrine_error *error);
/* Go on from there, in a machine of the same memory, processor, drives and firmware, with the same files as media (a floppy or CD that is
 * not in its drive is looked for where it was); from here on nothing is written to these. False, with `error`: it does not fit, is
 * damaged, or is of a newer version; the machine is what it was. */
VITRINE_API bool vitrine_load_file(struct vitrine *v, const char *file, struct vitrine_error *error);

/* ---- what it shows ---- */

/* The picture, valid until the next call with this machine. Pixels are 0x00RRGGBB, row by row; the shape of a pixel is the monitor's:
 * 4:3 for the whole, but square where `square` is true. */
struct vitrine_frame {
    int width, height;
    const uint32_t *pixels;
    bool square;
};
VITRINE_API void vitrine_frame(struct vitrine *v, struct vitrine_frame *frame);
/* From vitrine_run(), at the guest's vertical retraces: the picture if it has changed, at most every `every` ns of virtual time. NULL:
 * no more. A picture may be told that is as it was: where the guest has written to video memory, or one of the other functions here
 * has drawn since. What the guest does never depends on it. */
VITRINE_API void vitrine_on_frame(struct vitrine *v, void (*shown)(void *to, const struct vitrine_frame *frame), void *to, uint64_t every);
/* For who looks when it suits him: the picture if it has changed since this was asked last, with what blinks as virtual time has it.
 * False: it has not, and `frame` is left alone. True does not say that a
 * pixel differs, as with vitrine_on_frame(). */
VITRINE_API bool vitrine_next_frame(struct vitrine *v, struct vitrine_frame *frame);
/* The virtual time of the first vertical retrace after `after`: when a picture is complete. */
VITRINE_API uint64_t vitrine_retrace(const struct vitrine *v, uint64_t after);
/* The text screen in UTF-8, a line a row, without the blanks at their ends. The length that it has (as snprintf, at most n - 1 bytes are
 * filled in, and a NUL); 0 where there is a picture or nothing. */
VITRINE_API size_t vitrine_screen_text(struct vitrine *v, char *to, size_t n);
/* The same as a terminal shows it: characters of code page 437, row by row, and how they look: bits 3-0 of an attribute the colour,
 * bits 7-4 the background's (bit 7 blinks where the guest has not made it a colour). Cursor: -1, -1 where it is hidden. Valid until the
 * next call with this machine. False where there is a picture or nothing. */
struct vitrine_text {
    int columns, rows;
    int cursor_column, cursor_row;
    const uint8_t *character, *attribute;       /* columns * rows of each */
};
VITRINE_API bool vitrine_text(struct vitrine *v, struct vitrine_text *text);
/* Does this text (UTF-8) stand in a row of it? */
VITRINE_API bool vitrine_screen_has(struct vitrine *v, const char *text);

/* ---- what a person does: it enters the guest at the current virtual time ---- */

/* Keys are USB HID usage codes of page 7 (HID Usage Tables, "Keyboard/Keypad Page"): 4 is A, 28h is Enter. */
VITRINE_API void vitrine_key(struct vitrine *v, uint8_t usage, bool down);
/* Type a text as the guest reads it: characters of a US keyboard; \n \t \e \\ \< \xHH; <enter>, <f1>, <ctrl-alt-del>; <mouse DX DY>,
 * <click left>, <button left down>. False, with `error`, where a part cannot be typed: then nothing is. */
VITRINE_API bool vitrine_type(struct vitrine *v, const char *text, struct vitrine_error *error);
/* Keys and clicks of vitrine_type() that are not typed yet. */
VITRINE_API size_t vitrine_typing(const struct vitrine *v);
/* Counts of the mouse to the right, down, and of its wheel toward the user; buttons: bit 0 left, 1 right, 2 middle. */
VITRINE_API void vitrine_mouse_move(struct vitrine *v, int dx, int dy, int dz);
VITRINE_API void vitrine_mouse_buttons(struct vitrine *v, uint8_t buttons);
/* Bytes that come over a serial line (0 is COM1, 1 COM2; others are ignored). They wait until the guest takes them. */
VITRINE_API void vitrine_serial_input(struct vitrine *v, int line, const uint8_t *bytes, size_t n);
/* A person turns to a processor of another speed: `speed` as in the configuration. False, with `error`: there is none of that name. */
VITRINE_API bool vitrine_set_speed(struct vitrine *v, const char *speed, struct vitrine_error *error);
/* The buttons of the case. */
VITRINE_API void vitrine_reset(struct vitrine *v);
VITRINE_API void vitrine_power_button(struct vitrine *v);

/* Drives by number: the floppy drives, then the places of disks and CD drives. */
enum vitrine_drive { VITRINE_FDA, VITRINE_FDB, VITRINE_HDA, VITRINE_HDB, VITRINE_HDC, VITRINE_HDD, VITRINE_DRIVES };
/* Put a medium into a floppy or CD drive, instead of the one that is there; NULL takes it out. False with `error`: VITRINE_LOCKED where the
 * guest has locked the tray (it is told that the button was pressed, and `force` does it all the same), VITRINE_WRONG otherwise. True:
 * `error`, with VITRINE_OK, has what there is to say about the file ("is write-protected"), a line each, or nothing; without `error` it
 * goes to `notice`. */
VITRINE_API bool vitrine_insert(struct vitrine *v, enum vitrine_drive drive, const struct vitrine_medium *medium, bool force,
                                struct vitrine_error *error);

/* A drive as its front shows it. */
enum vitrine_drive_kind { VITRINE_NO_DRIVE, VITRINE_FLOPPY_DRIVE, VITRINE_DISK_DRIVE, VITRINE_CD_DRIVE };
struct vitrine_drive_state {
    enum vitrine_drive_kind kind;
    bool full;                  /* a medium is in it */
    bool locked, open;          /* the guest has locked the tray of a CD drive, or opened it */
    const char *name;           /* of the medium: its file as it was given, "memory"; "" if there is none. Valid until it is changed */
    uint64_t accesses;          /* reads and writes of this medium so far: the lamp is lit while they grow */
};
/* False, with VITRINE_NO_DRIVE and zeros: the machine has no such drive. */
VITRINE_API bool vitrine_drive_state(const struct vitrine *v, enum vitrine_drive drive, struct vitrine_drive_state *state);
/* The keyboard's lamps: bit 0 Scroll Lock, 1 Num Lock, 2 Caps Lock. */
VITRINE_API uint8_t vitrine_leds(const struct vitrine *v);

#ifdef __cplusplus
}
#endif
#endif
