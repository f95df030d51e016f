/* options.c - the command line. One row an option: its name, its argument, what it does, how the argument is read and
 * where the value goes; the rows drive the parser, the error messages and -help.
 * Here: everything in options.h. Values that need the machine to judge (-cpu, -log) are kept as text. */
#include "options.h"
#include "option_values.h"
#include <stdio.h>

enum kind {
    FLAG, TEXT, SERIAL, SIZE, LIMIT, BUDGET, COUNT, MIPS, SECONDS, TIME, DATE, BOOT,
    DISPLAY, CLOCK, DRIVES, FULL, SANDBOX, ENGINE,  /* one of the choices below, stored as its number */
    EXPECT, SEND, EXPECT_SCREEN, WAIT,  /* a step, appended */
    SYMBOLS, COMMANDS, DEBUG, MAGIC
};

static const u64 RAM_MOST = 32ull << 30;        /* as the board takes */

struct row {
    const char *name, *argument;        /* no argument: NULL; in brackets: only where the word is one */
    enum kind kind;
    size_t offset;                      /* of the value in struct options */
    const char *help;
};

/* In the order of the enums in options.h and of enum cpu_engine. */
static const char *const choices[][5] = {
    [DISPLAY] = { "sdl", "terminal", "none", NULL },
    [CLOCK]   = { "virtual", "host", NULL },
    [DRIVES]  = { "real", "fast", NULL },
    [FULL]    = { "report", "pause", NULL },
    [SANDBOX] = { "on", "off", NULL },
    [ENGINE]  = { "fast", "slow", "debug", "step", NULL },
};

#define AT(member) offsetof(struct options, member)
/* clang-format off */
static const struct row rows[] = {
    { "m",             "SIZE",    SIZE,         AT(ram_size),    "memory, in megabytes or with K, M or G (default "
                                                                 "512M)" },
    { "cpu",           "MODEL",   TEXT,         AT(cpu),         "processor model (default max; `-cpu help` lists "
                                                                 "them)" },
    { "mips",          "N",       MIPS,         AT(tick_cost),   "slow the processor to N million instructions a "
                                                                 "virtual second" },
    { "speed",         "SPEED",   TEXT,         AT(speed),       "a processor of its day: 8088/4.77, 286/12, 386/33, "
                                                                 "486/66, pentium/100 or max" },
    { "fda",           "FILE",    TEXT,         AT(fda),         "image in the first floppy drive; others behind "
                                                                 "commas, to be changed for it while it runs" },
    { "fdb",           "FILE",    TEXT,         AT(fdb),         "image in the second floppy drive (likewise)" },
    { "hda",           "FILE",    TEXT,         AT(hda),         "first disk (primary master); FILE,chs=C/H/S names its "
                                                                 "geometry; FILE,format=raw: whatever it looks like" },
    { "hdb",           "FILE",    TEXT,         AT(hdb),         "second disk (primary slave)" },
    { "hdc",           "FILE",    TEXT,         AT(hdc),         "third disk (secondary master)" },
    { "hdd",           "FILE",    TEXT,         AT(hdd),         "fourth disk (secondary slave)" },
    { "cdrom",         "FILE",    TEXT,         AT(cdrom),       "image in the CD-ROM drive (secondary master; "
                                                                 "likewise)" },
    { "boot",          "ORDER",   BOOT,         0,               "drives to boot from, in order: a floppy, c disk, "
                                                                 "d CD (such as dca); a,unsigned: a floppy without 55 AA too" },
    { "kernel",        "FILE",    TEXT,         AT(kernel),      "start this kernel after the firmware: Linux "
                                                                 "bzImage or multiboot ELF" },
    { "initrd",        "FILE",    TEXT,         AT(initrd),      "initial RAM disk (multiboot: the first module) "
                                                                 "for -kernel" },
    { "append",        "TEXT",    TEXT,         AT(append),      "command line for -kernel" },
    { "bios",          "FILE",    TEXT,         AT(bios),        "system firmware (default: SeaBIOS)" },
    { "vgabios",       "FILE",    TEXT,         AT(vgabios),     "video firmware (default: SeaBIOS's)" },
    { "vga-irq",       NULL,      FLAG,         AT(vga_irq),     "the VGA's vertical retrace interrupt goes to IRQ 9, as a "
                                                                 "jumper of ISA cards had it" },
    { "display",       "KIND",    DISPLAY,      AT(display),     "sdl (a window), terminal (Ctrl-] is its menu) "
                                                                 "or none (default: the first that works)" },
    { "fullscreen",    NULL,      FLAG,         AT(fullscreen),  "the window begins as the full screen" },
    { "serial",        "DEST",    SERIAL,       AT(serial),      "serial port to stdio, file:PATH, pty, tcp:HOST:PORT, "
                                                                 "unix:PATH (,server listens) or none; a second is COM2" },
    { "debugcon",      "DEST",    TEXT,         AT(debugcon),    "likewise, what the guest writes to port 0xE9" },
    { "snapshot",      NULL,      FLAG,         AT(snapshot),    "disk writes go to a throw-away overlay, the "
                                                                 "images stay as they are" },
    { "snapshot-limit", "SIZE",   LIMIT,        AT(snapshot_limit), "memory that the overlays may take together (default 1G); "
                                                                 "what the guest writes beyond is a drive error" },
    { "on-full",       "WHAT",    FULL,         AT(on_full),     "the host's disk is full: report a drive error to the guest, "
                                                                 "or pause until there is room (default report)" },
    { "no-reboot",     NULL,      FLAG,         AT(no_reboot),   "a reset or a triple fault ends the run" },
    { "clock",         "KIND",    CLOCK,        AT(clock),       "virtual (repeats exactly, runs as fast as it can) or "
                                                                 "host (paced by the host; default with a person)" },
    { "drives",        "KIND",    DRIVES,       AT(drives),      "real (heads and media take their time; default with "
                                                                 "-clock host) or fast (50 times less)" },
    { "rtc",           "TIME",    DATE,         AT(rtc),         "date at power-on, UTC: YYYY-MM-DDTHH:MM:SS, "
                                                                 "seconds since 1970, or now" },
    { "timeout",       "SECONDS", SECONDS,      AT(timeout_ms),  "end the run after so much time of the host (exit "
                                                                 "code 8)" },
    { "grace",         "SECONDS", SECONDS,      AT(grace_ms),    "how long a run that is to end may take for that before it is ended by force (0.8)" },
    { "max-insns",     "N",       COUNT,        AT(max_insns),   "end the run after N instructions (exit code 10); "
                                                                 "K, M and G allowed" },
    { "stop-at",       "TIME",    TIME,         AT(stop_at),     "end the run at this virtual time, such as 30s (ns, us, "
                                                                 "ms, s, m; exit code 0)" },
    { "expect",        "TEXT",    EXPECT,       0,               "wait until TEXT stands on the text screen or came "
                                                                 "over the first serial port or port 0xE9" },
    { "send",          "TEXT",    SEND,         0,               "type TEXT where the last expected text came from "
                                                                 "(\\n, <f12>, <ctrl-alt-del>), or use the mouse "
                                                                 "(<mouse 10 -5>, <click left>, <button left down>)" },
    { "wait",          "TIME",    WAIT,         0,               "let this much virtual time pass before the next step, "
                                                                 "such as 2s or 500ms" },
    { "expect-screen", "HASH",    EXPECT_SCREEN, 0,               "wait until the picture has this hash (see "
                                                                  "-screenhash)" },
    { "screenhash",    NULL,      FLAG,         AT(screenhash),  "print the hash of the picture at the end" },
    { "screendump",    "FILE",    TEXT,         AT(screendump),  "write the picture at the end as a PNG (or .ppm)" },
    { "report",        "FILE",    TEXT,         AT(report),      "write how the run ended and what the screen says, as "
                                                                 "JSON" },
    { "state",         "FILE",    TEXT,         AT(state),       "write the whole machine's state at the end as text: a field a "
                                                                 "line, memory as the hash of each page" },
    { "savevm",        "FILE",    TEXT,         AT(savevm),      "keep the machine at the end in a file, with what was written to its disks; "
                                                                 "-loadvm goes on from there" },
    { "loadvm",        "FILE",    TEXT,         AT(loadvm),      "go on from what -savevm, or savevm at the debugger's prompt, has kept: with the "
                                                                 "same options for memory, processor and drives; images are not written" },
    { "record",        "FILE",    TEXT,         AT(record),      "keep the run with everything that enters it: keys, mouse, serial lines, date, media, "
                                                                 "the host's pace" },
    { "replay",        "FILE",    TEXT,         AT(replay),      "run a recording again, with the same options; images are not written, and what "
                                                                 "differs is told (exit code 18)" },
    { "statehash",     NULL,      FLAG,         AT(statehash),   "print the hash of the whole machine's state at "
                                                                 "the end" },
    { "sandbox",       "WHEN",    SANDBOX,      AT(sandbox),     "on: the program gives up all rights to other files once it is "
                                                                 "set up (default without a display and debugger), or off" },
    { "engine",        "KIND",    ENGINE,       AT(engine),      "fast, slow, debug or step: same results, "
                                                                 "different speeds" },
    { "debug",         "[WHERE]", DEBUG,        0,               "the debugger: from the start, or, with later, when something stops the "
                                                                 "machine; its prompt at tcp:[HOST:]PORT, unix:PATH or pty (later,pty)" },
    { "debug-magic",   "[WHAT]",  MAGIC,        0,               "the guest asks for the debugger by xchg bx,bx; port: by a write of 8AE0h to "
                                                                 "port 8A00h; port:N: by any write to that port" },
    { "debug-script",  "FILE",    COMMANDS,     0,               "the debugger obeys the commands in a file; again for several" },
    { "debug-command", "CMD",     COMMANDS,     0,               "the debugger obeys this one (several with ;); again for more. One that fails ends "
                                                                 "the run (exit code 16)" },
    { "on-stop",       "CMDS",    TEXT,         AT(on_stop),     "what the debugger obeys at each stop, such as 'bt; c'" },
    { "gdb",           "DEST",    TEXT,         AT(gdb),         "gdb debugs the machine by tcp:[HOST:]PORT (localhost unless said) or "
                                                                 "unix:PATH" },
    { "s",             NULL,      FLAG,         AT(gdb_usual),   "the same as -gdb tcp:1234" },
    { "S",             NULL,      FLAG,         AT(stopped),     "with these: the machine stands still until gdb lets it run" },
    { "history",       "SIZE",    BUDGET,       AT(history),     "memory for the past of a run, with -debug (default 256M; 0: none is kept)" },
    { "symbols",       "FILE",    SYMBOLS,      AT(symbols),     "names of addresses from an ELF program, System.map or nm's text; "
                                                                 "FILE@OFFSET moves them; again for several. A -kernel's own are known" },
    { "log",           "CLASSES", TEXT,         AT(log),         "print these classes of events, such as int,io "
                                                                 "(`-log help` lists them)" },
    { "trace",         "WHAT",    TEXT,         AT(trace),       "write what happens: CLASSES[,file=PATH][,format=text|json|perfetto]"
                                                                 "[,cpl=N][,range=A-B][,symbol=NAME][,cr3=A][,count=N] "
                                                                 "(`-trace help` lists the classes)" },
    { "trace-summary", NULL,      FLAG,         AT(trace_summary), "count instructions by class and privilege level, and print it at "
                                                                 "the end, with those that a monitor which traps and emulates would miss" },
    { "version",       NULL,      FLAG,         AT(show_version), "version and the optional libraries found at "
                                                                  "build time" },
    { "help",          NULL,      FLAG,         AT(show_help),   "this" },
};
/* clang-format on */

/* Edit distance (Levenshtein, with neighbours swapped as one edit), texts up to 63 characters. */
static int distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    int d[MAX][MAX];
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n >= MAX || m >= MAX)
        return MAX;
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
            best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

const char *nearest_choice(const char *word, const char *const *texts, size_t count)
{
    const char *best = NULL;
    int best_distance = 1 + (int)strlen(word) / 2;
    for (size_t k = 0; k < count; k++) {
        int n = distance(word, texts[k]);
        if (n < best_distance) {
            best_distance = n;
            best = texts[k];
        }
    }
    return best;
}

void option_error(const char *name, const char *expected, const char *given, const char *const *texts, size_t count)
{
    const char *near = nearest_choice(given, texts, count);
    fprintf(stderr, "vitrine: -%s: expected %s, not '%s'", name, expected, given);
    if (near)
        fprintf(stderr, " (did you mean '%s'?)", near);
    fputc('\n', stderr);
}

static bool read_choice(const struct row *row, const char *text, int *value)
{
    char expected[160] = "one of";
    const char *const *texts = choices[row->kind];
    size_t count = 0;
    for (size_t k = 0; texts[k]; count = ++k) {
        if (!strcmp(text, texts[k])) {
            *value = (int)k;
            return true;
        }
        size_t n = strlen(expected);
        snprintf(expected + n, sizeof expected - n, "%s %s", k ? "," : "", texts[k]);
    }
    option_error(row->name, expected, text, texts, count);
    return false;
}

static bool read_boot(const char *text, struct options *o)
{
    if (!strncmp(text, "order=", 6))            /* as QEMU spells it */
        text += 6;
    size_t n = strspn(text, "acd");
    const char *rest = text + n + (n && text[n] == ',');
    o->boot_unsigned = !strcmp(rest, "unsigned");
    if (n > 3 || (!n && !o->boot_unsigned) || (*rest && !o->boot_unsigned) || (rest == text + n && n && *rest))
        return false;
    memcpy(o->boot, text, n);
    o->boot[n] = 0;
    return true;
}

static const char time_form[] = "a virtual time with its unit (ns, us, ms, s, m), such as 30s, 2.5s or 100ms";

/* Where the debugger's prompt may be. */
static bool is_prompt(const char *at)
{
    return !strcmp(at, "pty") || (!strncmp(at, "tcp:", 4) && at[4]) || (!strncmp(at, "unix:", 5) && at[5]);
}

/* What may stand behind -debug: when, where, or both. */
static bool read_debug(const char *text, struct options *o)
{
    size_t n = strcspn(text, ",:");
    bool later = n == 5 && !strncmp(text, "later", n), start = n == 5 && !strncmp(text, "start", n);
    bool when = later || start, alone = when && !text[n];
    const char *at = when && text[n] == ',' ? text + n + 1 : text;
    if (!alone && !is_prompt(at))
        return false;
    o->debug = true;
    o->debug_later |= later;
    o->debug_at = alone ? o->debug_at : at;
    return true;
}

/* What may stand behind -debug-magic. */
static bool read_magic(const char *text, struct options *o)
{
    u64 port = 0x8a00;
    bool named = !strncmp(text, "port:", 5), plain = !strcmp(text, "port"), insn = !strcmp(text, "xchg");
    if (!insn && !plain && !(named && option_port(text + 5, &port)))
        return false;
    o->magic = insn ? MAGIC_INSTRUCTION : MAGIC_PORT;
    o->magic_port = (u32)port;
    o->magic_value = plain ? 0x8ae0 : 0;
    return true;
}

static bool append_step(struct options *o, const struct row *row, enum step_kind kind, const char *text)
{
    if (o->step_count == STEPS_MAX) {
        fprintf(stderr, "vitrine: -%s: more than %d steps\n", row->name, STEPS_MAX);
        return false;
    }
    if (kind == STEP_EXPECT_SCREEN && (strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32)) {
        option_error(row->name, "32 hexadecimal digits as -screenhash prints them", text, NULL, 0);
        return false;
    }
    if (!*text) {
        option_error(row->name, "a text that is not empty", text, NULL, 0);
        return false;
    }
    u64 ns = 0;
    if (kind == STEP_WAIT && !option_time(text, &ns)) {
        option_error(row->name, time_form, text, NULL, 0);
        return false;
    }
    o->steps[o->step_count++] = (struct step){ kind, text, ns };
    return true;
}

/* Store one option's value; complain and return false if it cannot be read. */
static bool set_option(struct options *o, const struct row *row, const char *text)
{
    static const u64 bytes[4] = { 1 << 20, 1 << 10, 1 << 20, 1 << 30 }, counts[4] = { 1, 1000, 1000000, 1000000000 };
    void *value = (u8 *)o + row->offset;
    const char *expected = NULL;
    switch (row->kind) {
    case FLAG:
        *(bool *)value = true;
        break;
    case TEXT:
        *(const char **)value = text;
        break;
    case SERIAL:
        if (o->serial_count == SERIAL_PORTS) {
            fprintf(stderr, "vitrine: -%s: the machine has %d serial ports\n", row->name, SERIAL_PORTS);
            return false;
        }
        o->serial[o->serial_count++] = text;
        break;
    case SYMBOLS:
        if (o->symbols_count == SYMBOLS_MAX) {
            fprintf(stderr, "vitrine: -%s: more than %d files\n", row->name, SYMBOLS_MAX);
            return false;
        }
        o->symbols[o->symbols_count++] = text;
        break;
    case COMMANDS:
        if (o->commands_count == COMMANDS_MOST) {
            fprintf(stderr, "vitrine: -%s: more than %d of -debug-script and -debug-command\n", row->name, COMMANDS_MOST);
            return false;
        }
        o->commands[o->commands_count++] = (struct debug_commands){ text, !strcmp(row->name, "debug-script") };
        break;
    case DEBUG:
        o->debug = true;
        if (text && !read_debug(text, o))
            expected = "start or later, and perhaps where: tcp:[HOST:]PORT, unix:PATH or pty, such as later,tcp:5555";
        break;
    case MAGIC:
        o->magic = MAGIC_INSTRUCTION;
        if (text && !read_magic(text, o))
            expected = "xchg, port or port:N with a port from 1 to 0xffff";
        break;
    case SIZE:
        if (!option_scaled(text, value, bytes) || *(u64 *)value < 1 << 20 || *(u64 *)value % (1 << 20) ||
            *(u64 *)value > RAM_MOST)
            expected = "a size in whole megabytes up to 32G, such as 64, 512M or 1G";
        break;
    case LIMIT:
    case BUDGET:                                /* or nothing */
        if (!option_scaled(text, value, bytes) || (!*(u64 *)value && row->kind == LIMIT))
            expected = "a size in megabytes or with K, M or G, such as 512M or 4G";
        break;
    case COUNT:
        if (!option_scaled(text, value, counts) || !*(u64 *)value)
            expected = "a number such as 5000000 or 200M";
        break;
    case MIPS:
        if (!option_mips(text, value))
            expected = "a number from 0.1 to 1000";
        break;
    case SECONDS:
        if (!option_seconds(text, value))
            expected = "a number of seconds such as 60 or 2.5";
        break;
    case TIME:
        if (!option_time(text, value))
            expected = time_form;
        break;
    case DISPLAY:
    case CLOCK:
    case DRIVES:
    case FULL:
    case SANDBOX:
    case ENGINE:
        return read_choice(row, text, value);
    case DATE:
        o->has_rtc = true;
        if (!option_date(text, value))
            expected = "a date such as 2026-01-31T12:00:00, seconds since 1970, or now";
        break;
    case BOOT:
        if (!read_boot(text, o))
            expected = "letters of a (floppy), c (disk) and d (CD), such as dc, and perhaps ,unsigned";
        break;
    case EXPECT:
        return append_step(o, row, STEP_EXPECT, text);
    case SEND:
        return append_step(o, row, STEP_SEND, text);
    case EXPECT_SCREEN:
        return append_step(o, row, STEP_EXPECT_SCREEN, text);
    case WAIT:
        return append_step(o, row, STEP_WAIT, text);
    }
    if (expected)
        option_error(row->name, expected, text, NULL, 0);
    return !expected;
}

static bool may_have(const struct row *row) { return row->argument && *row->argument == '['; }

/* A row by its name; or, where it may have an argument, by its name with = and that. */
static const struct row *find_row(const char *name)
{
    size_t n = strcspn(name, "=");
    if (!strcmp(name, "h") || !strcmp(name, "?"))
        name = "help";
    for (size_t k = 0; k < ARRAY_LEN(rows); k++)
        if (!strcmp(rows[k].name, name) ||
            (may_have(&rows[k]) && name[n] && strlen(rows[k].name) == n && !strncmp(rows[k].name, name, n)))
            return &rows[k];
    return NULL;
}

/* What other programs of this kind, and people, call an option of ours. */
static const struct { const char *theirs, *ours; } elsewhere[] = {
    { "memory", "m" }, { "ram", "m" }, { "floppy", "fda" }, { "disk", "hda" }, { "harddisk", "hda" }, { "drive", "hda" },
    { "cd", "cdrom" }, { "iso", "cdrom" }, { "nographic", "display" }, { "vnc", "display" }, { "monitor", "debug" },
    { "screenshot", "screendump" }, { "machine", "cpu" }, { "accel", "engine" },
    { "icount", "clock" }, { "d", "log" }, { "exit-after", "stop-at" }, { "type", "send" }, { "sleep", "wait" },
};

static void unknown_option(const char *word)
{
    const char *names[ARRAY_LEN(rows) + ARRAY_LEN(elsewhere)];
    for (size_t k = 0; k < ARRAY_LEN(rows); k++)
        names[k] = rows[k].name;
    for (size_t k = 0; k < ARRAY_LEN(elsewhere); k++)
        names[ARRAY_LEN(rows) + k] = elsewhere[k].theirs;
    const char *plain = word + strspn(word, "-");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(plain, "="), plain);     /* the argument is a word of its own */
    const char *near = nearest_choice(name, names, ARRAY_LEN(names));
    for (size_t k = 0; near && k < ARRAY_LEN(elsewhere); k++)
        if (near == elsewhere[k].theirs)
            near = elsewhere[k].ours;
    fprintf(stderr, "vitrine: %s: no such option", word);
    if (near)
        fprintf(stderr, " (did you mean -%s?)", near);
    fprintf(stderr, "; expected an image or one of the options that -help lists\n");
}

/* What only makes sense together, or not together. */
static bool check_together(const struct options *o)
{
    const char *wrong = NULL;
    if (o->cdrom && o->hdc)
        wrong = "-cdrom: expected no -hdc beside it: both are the secondary master (-hdd is free)";
    else if (o->initrd && !o->kernel && !o->image)
        wrong = "-initrd: expected a kernel with it (-kernel FILE)";
    else if (o->append && !o->kernel && !o->image)
        wrong = "-append: expected a kernel with it (-kernel FILE)";
    else if (o->image && o->kernel)
        wrong = "-kernel: expected no IMAGE beside it (give the drive's option, such as -hda)";
    else if (o->gdb_usual && o->gdb)
        wrong = "-s: expected no -gdb beside it: it is -gdb tcp:1234";
    else if (o->stopped && !o->gdb_usual && !o->gdb && !o->debug)
        wrong = "-S: expected -s or -gdb with it, or who would let the machine run? (-debug alone begins stopped)";
    else if (o->record && o->replay)
        wrong = "-record: expected no -replay beside it: that recording is there already";
    else if (o->replay && o->has_rtc)
        wrong = "-rtc: expected no -replay beside it: the recording has the date";
    for (u64 k = 0; !wrong && o->replay && k < o->step_count; k++)
        if (o->steps[k].kind == STEP_SEND)
            wrong = "-send: expected no -replay beside it: what was typed is in the recording";
    if (wrong)
        fprintf(stderr, "vitrine: %s\n", wrong);
    return !wrong;
}

/* Is the next word for an option that may have one? Images may be named start, too: then -debug=start says what is meant. */
static bool is_argument(const struct row *row, const char *word)
{
    struct options scratch = { .debug = false };
    return row->kind == DEBUG ? read_debug(word, &scratch) : row->kind == MAGIC && read_magic(word, &scratch);
}

bool options_parse(struct options *o, int argc, char *const *argv)
{
    *o = (struct options){ .ram_size = DEFAULT_RAM_SIZE, .snapshot_limit = DEFAULT_SNAPSHOT_LIMIT,
                           .history = DEFAULT_HISTORY, .cpu = "max", .display = DISPLAY_AUTO,
                           .clock = CLOCK_AUTO, .drives = DRIVES_AUTO, .sandbox = SANDBOX_AUTO, .timeout_ms = UINT64_MAX,
                            .grace_ms = GRACE_MS,
                           .max_insns = UINT64_MAX, .stop_at = UINT64_MAX };
    for (int k = 1; k < argc; k++) {
        const char *word = argv[k];
        if (word[0] != '-' || !word[1]) {
            if (o->image) {
                fprintf(stderr, "vitrine: '%s': expected one IMAGE, and '%s' came first\n", word, o->image);
                return false;
            }
            o->image = word;
            continue;
        }
        const struct row *row = find_row(word + (word[1] == '-' ? 2 : 1));
        if (!row) {
            unknown_option(word);
            return false;
        }
        const char *argument = NULL;
        if (may_have(row))
            argument = strchr(word, '=') ? strchr(word, '=') + 1 : k + 1 < argc && is_argument(row, argv[k + 1]) ? argv[++k] : NULL;
        else if (row->argument && k + 1 < argc)
            argument = argv[++k];
        if (row->argument && !may_have(row) && !argument) {
            fprintf(stderr, "vitrine: -%s: expected an argument, %s: %s\n", row->name, row->argument, row->help);
            return false;
        }
        if (!set_option(o, row, argument))
            return false;
    }
    o->debug_later |= (o->on_stop || o->magic) && !o->debug;
    o->debug |= o->commands_count || o->on_stop || o->magic;
    if (!o->show_help && !o->show_version && !check_together(o))
        return false;
    o->gdb = o->gdb_usual ? "tcp:1234" : o->gdb;
    return true;
}

bool options_row(size_t k, const char **name, const char **argument, const char **help)
{
    if (k >= ARRAY_LEN(rows))
        return false;
    *name = rows[k].name;
    *argument = rows[k].argument;
    *help = rows[k].help;
    return true;
}

const char *const *options_choices(size_t k)
{
    enum kind kind = k < ARRAY_LEN(rows) ? rows[k].kind : FLAG;
    return kind < ARRAY_LEN(choices) && choices[kind][0] ? choices[kind] : NULL;
}

void options_help(void)
{
    printf("vitrine [IMAGE] [options] - a PC in a glass case\n\n"
           "IMAGE is a floppy, disk or CD image, a boot sector, a Linux bzImage or a multiboot ELF kernel; which of them is\n"
           "seen from its content. Without one, a small built-in program shows the machine.\n\n");
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        int n = printf("  -%s%s%s", rows[k].name, rows[k].argument ? " " : "", rows[k].argument ? rows[k].argument : "");
        printf("%*s%s\n", n < 24 ? 24 - n : 1, "", rows[k].help);
    }
    printf("\nExit codes: 0 the guest powered off, the last expectation was met, or -stop-at; 2 bad options or configuration;\n"
           "4 the host failed; 6 triple fault (or halted for good) with -no-reboot; 8 -timeout; 10 -max-insns;\n"
           "12 the run ended with an expectation unmet; 14 SIGTERM, SIGINT or SIGHUP; 16 a command of -debug-script, -debug-command or\n"
           "-on-stop failed; 18 -replay: the run left the recording; (VALUE << 1) | 1 the guest wrote VALUE to port 0xF4.\n");
}
