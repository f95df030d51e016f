/* setup.h - from options to a machine that is ready to run: opens the images, the streams, the firmware, the kernel. */
#pragma once
#include "../../debugger/symbols/symbols.h"
#include "../../iodev/board/pc.h"
#include "../../iodev/image/stream.h"
#include "../../host/output.h"
#include "drive.h"
#include "options.h"

enum { SETUP_FILES = 12 };

/* Drives whose medium changes, and the files that were named for them: the first is in the drive. */
enum media_drive { MEDIA_FDA, MEDIA_FDB, MEDIA_CD, MEDIA_DRIVES };
struct media_list {
    struct drive_file file[DRIVE_FILES];
    int n;
};

struct setup {
    struct pc_config config;
    struct pc_file file[SETUP_FILES];
    void *owned[SETUP_FILES];           /* memory that the files and firmware lie in */
    int owned_count;
    struct outputs *outputs;            /* the files in use */
    struct image_host host;             /* of all images; session.c says what it does when there is no room */
    struct output *screendump, *report, *state; /* NULL: not asked for */
    struct stream *serial[SERIAL_PORTS], *debugcon;
    struct media_list media[MEDIA_DRIVES];
    struct symbols *symbols;            /* of the guest's programs, as far as they are known */
    const struct image *by_content;     /* the IMAGE; NULL: a kernel, or none was given */
    bool interactive;                   /* a serial line or the debug console leads to a person */
};

/* Fill in everything. False: said on stderr what is wrong with which option (exit with EXIT_OPTIONS). */
bool setup_open(struct setup *s, const struct options *o);
/* Does a kernel start after the firmware? */
bool setup_has_kernel(const struct setup *s);
/* The real-time clock's first date: as -rtc says, else the host's or, for runs that repeat, a fixed one. And whether drives
 * take their time: as -drives says, else only when the host's clock paces the run. */
void setup_choose_time(struct setup *s, const struct options *o, bool host_clock);
/* The firmware and kernel may go once the machine is built. */
void setup_release(struct setup *s);
/* Close the streams, forget the lists of media and what was not written, after the machine is gone. */
void setup_close(struct setup *s);

/* -cpu help and -log help: print the list and return true if the options ask for one. */
bool setup_help(const struct options *o);
/* -version: the version and which optional parts are in. */
void setup_version(void);
