/* options.h - the command line as data. */
#pragma once
#include "../../iodev/session/steps.h"

enum { SERIAL_PORTS = 2, STEPS_MAX = 256, SYMBOLS_MAX = 16, COMMANDS_MOST = 64, GRACE_MS = 800 };

enum display_choice { DISPLAY_SDL, DISPLAY_TERMINAL, DISPLAY_NONE, DISPLAY_AUTO = -1 };
enum drives_choice { DRIVES_REAL, DRIVES_FAST, DRIVES_AUTO = -1 };
enum sandbox_choice { SANDBOX_ON, SANDBOX_OFF, SANDBOX_AUTO = -1 };
enum full_choice { FULL_REPORT, FULL_PAUSE };
enum debug_magic { MAGIC_NONE, MAGIC_INSTRUCTION, MAGIC_PORT };
enum clock_choice { CLOCK_VIRTUAL, CLOCK_HOST, CLOCK_AUTO = -1 };

/* Texts point into argv. NULL, false or the named value where the option was not given. */
struct options {
    const char *image;
    u64 ram_size;                       /* bytes; DEFAULT_RAM_SIZE */
    const char *cpu;                    /* model name; "max" */
    u64 tick_cost;                      /* -mips: of an instruction, in 65536ths of a nanosecond; 0: not given */
    const char *speed;                  /* MODEL/MHZ or max */
    /* FILE, and settings and more files as drive.h takes them apart; so is image. */
    const char *fda, *fdb, *hda, *hdb, *hdc, *hdd, *cdrom;
    char boot[4];                       /* letters of a, c, d; empty where the option was not given or names none */
    bool boot_unsigned;                 /* a floppy's boot sector need not end in 55 AA */
    const char *kernel, *initrd, *append;
    const char *bios, *vgabios;
    bool vga_irq;
    int display;                        /* enum display_choice */
    bool fullscreen;
    const char *serial[SERIAL_PORTS];
    u64 serial_count;
    const char *debugcon;
    bool snapshot, no_reboot;
    u64 snapshot_limit;                 /* bytes of memory; DEFAULT_SNAPSHOT_LIMIT */
    int on_full;                        /* enum full_choice: the host's disk has no room for what the guest writes */
    int clock;                          /* enum clock_choice */
    int drives;                         /* enum drives_choice */
    bool has_rtc;
    u64 rtc;                            /* UTC seconds since 1970 */
    u64 timeout_ms;                     /* of the host; UINT64_MAX: none */
    u64 grace_ms;                       /* from the wish that the run ends to its end by force */
    u64 max_insns;                      /* UINT64_MAX: none */
    u64 stop_at;                        /* virtual ns; UINT64_MAX: none */
    struct step steps[STEPS_MAX];
    u64 step_count;
    const char *screendump, *report, *state;
    const char *savevm, *loadvm, *record, *replay;
    bool screenhash, statehash;
    int sandbox;                        /* enum sandbox_choice */
    int engine;                         /* enum cpu_engine */
    bool debug, debug_later;            /* from the start, or only when something stops the machine */
    const char *debug_at;               /* where its prompt is: tcp:[HOST:]PORT, unix:PATH, pty; NULL: at standard input */
    int magic;                          /* enum debug_magic: what in the guest asks for it */
    u32 magic_port, magic_value;        /* MAGIC_PORT: written with that; 0: with anything */
    struct debug_commands { const char *text; bool file; } commands[COMMANDS_MOST];     /* for the debugger: a command, or a file of them */
    u64 commands_count;
    const char *on_stop;
    const char *gdb;                    /* where it finds the machine: tcp:[HOST:]PORT or unix:PATH */
    bool gdb_usual;                     /* -s, which gdb has the value of */
    bool stopped;                       /* it lets the machine run first */
    u64 history;                        /* bytes of memory for the past of a run; DEFAULT_HISTORY */
    const char *symbols[SYMBOLS_MAX];   /* FILE or FILE@OFFSET */
    u64 symbols_count;
    const char *log, *trace;
    bool trace_summary;
    bool show_help, show_version;
};

enum { EXIT_OPTIONS = 2 };
#define DEFAULT_RAM_SIZE (512ull << 20)
#define DEFAULT_HISTORY (256ull << 20)
#define DEFAULT_SNAPSHOT_LIMIT (1ull << 30)

/* Read the command line. On an error: the option, what it expected and the nearest valid choice go to stderr, and the
 * result is false (exit with EXIT_OPTIONS). Options after -help or -version are still checked. */
bool options_parse(struct options *o, int argc, char *const *argv);

/* The k-th option: its name, its argument (NULL: none) and what it does, for lists of them. False past the end. */
bool options_row(size_t k, const char **name, const char **argument, const char **help);
/* What its argument may be, where it is one of a few words, up to a NULL; else NULL. */
const char *const *options_choices(size_t k);
/* The text of -help, on stdout. */
void options_help(void);

/* "vitrine: -NAME: expected EXPECTED, not 'GIVEN'", with the nearest of the texts where one
 * is near. For values that only the machine can judge. */
void option_error(const char *name, const char *expected, const char *given, const char *const *texts, size_t count);

/* The choice nearest to the word by edit distance; NULL when none is near enough to be meant. */
const char *nearest_choice(const char *word, const char *const *texts, size_t count);
