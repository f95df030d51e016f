/* face_parts.h - struct web, for the files that make it up. */
#pragma once
#include "face.h"
#include "../../debugger/cli/debugger.h"
#include "../../debugger/core/triple.h"
#include "../../host/text.h"
#include "../../iodev/session/inner.h"
#include "../session/pace.h"
#include "../setup/setup.h"

enum { WEB_WORDS = 200 };

/* What the debugger's module has for the machine's. */
struct web_desk {
    int (*go)(struct web *w, u64 until);        /* run to this virtual time, or less: as vitrine_run() */
    void (*moved)(struct web *w);               /* the machine is another */
    void (*close)(struct web *w);
};

struct web {
    char *words;                        /* the options' texts point into it */
    struct options options;
    struct setup setup;
    bool set_up;
    struct vitrine *v;
    struct web_line {                   /* COM1, COM2, the debug console: what was not asked for yet */
        u8 *bytes, *taken;
        size_t n, room;
    } line[VITRINE_SERIALS + 1];

    bool paced;                         /* the host's clock */
    struct pace pace;
    u32 least_cost;                     /* of a tick, at the named speed */

    const struct web_desk *desk;        /* NULL: that module is not there */
    struct debugger *debugger;          /* NULL until it is asked for */
    bool stopped;                       /* the debugger has it, and it stands still */
    bool part;                          /* it runs for `continue`, */
    u64 until;                          /* to this virtual time */
    bool faulted;                       /* a run under the debugger came to a triple fault */
    struct triple_faults triple_faults;
    char *told;                         /* by the debugger, when something stopped it, and not asked for yet */

    u8 *rgba;
    size_t rgba_room;                   /* pixels */
    int width, height, square;
    u8 *saved;
    char *text;                         /* the last that was handed out */
};

/* A text to hand out; what was written to `text`, which is freed. */
const char *web_say(struct web *w, const char *text);
const char *web_take(struct web *w, struct text *text);

/* face_run.c: virtual time begins here for the host's clock. */
void web_restart(struct web *w);
