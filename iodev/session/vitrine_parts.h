/* vitrine_parts.h - struct vitrine, for the files that make it up (vitrine*.c) and nobody else. */
#pragma once
#include "inner.h"
#include "looks.h"
#include "kit.h"
#include "typist.h"

struct reader;
struct writer;

struct vitrine {
    struct vitrine_config config;       /* its callbacks; what it pointed to besides is gone */
    struct kit kit;
    struct pc *pc;
    struct machine *m;
    struct screen screen;
    struct looks *looks;
    bool own_outputs;
    bool at_breakpoint;                 /* where the next run begins */

    struct vitrine_end {                /* of a line: COM1, COM2, the debug console */
        struct vitrine *v;
        struct vitrine_line line;
        int number;                     /* -1: the debug console */
        bool ended;                     /* the host has nothing more to say */
    } end[PC_SERIALS + 1];
    void (*byte)(void *to, int line, u8 byte);
    void *byte_to;

    struct typist *typist;
    struct key_stroke *stroke;          /* to be typed: a ring */
    size_t stroke_at, strokes, stroke_room;

    struct frame frame, watched, news;  /* of vitrine_frame(), _on_frame(), _next_frame(): each knows what it has told */
    void (*shown)(void *to, const struct vitrine_frame *frame);
    void *shown_to;
    u64 every, next_frame;              /* virtual time */
    u64 next_lines, typing;             /* likewise: when lines are asked, and when the typist has more to do */
    u8 buttons;                         /* of the mouse */
    struct text_screen *text;           /* NULL until it is asked for */
    struct recorder *recorder;          /* NULL: it is not recorded */
    struct replay *replay;              /* NULL: nor is a recording replayed */
    char *description;                  /* of the machine: iodev/saved/description.h */
};

/* vitrine_state.c: what vitrine_save() gives, written and read. Of what does not fit, the machine is left half loaded. */
void vitrine_write(struct vitrine *v, struct writer *w);
bool vitrine_read(struct vitrine *v, struct reader *r);

/* vitrine_input.c: where the typist's strokes come from. */
struct strokes vitrine_strokes(struct vitrine *v);
/* vitrine_run.c: virtual time is another: when lines are asked next (within what they ever wait), and nothing is half typed. */
void vitrine_restart_input(struct vitrine *v, u64 next_lines);
/* vitrine_input.c: only a recording enters: true, with the error. */
bool vitrine_closed(const struct vitrine *v, struct vitrine_error *error);
/* vitrine_screen.c: a picture is due; when the next is, TIMER_OFF if nobody wants any. */
u64 vitrine_show(struct vitrine *v);
