/* report.h - how a run ended, for programs: -report. */
#pragma once
#include "../../host/base.h"

struct output;

struct report {
    const char *ended;                  /* why: "power off", "-stop-at", ... */
    int exit_code;
    const char *pending;                /* the expectation that was not met; NULL: none */
    const char *media;                  /* what there was to boot from: "floppy", "disk cd", "kernel" */
    u64 virtual_ns, insns, triple_faults;
    u64 work_most;                      /* machine_work_most() */
    int width, height;                  /* of the screen */
    const char *hash;
    const char *text;                   /* of it: UTF-8, a line a row (vitrine_screen_text); NULL: a picture */
};

/* Write it as one JSON object, with the hash, size and text of the screen (text in UTF-8, a row a string, null where the screen
 * shows a picture), and put it in its place (output_commit). False, with the reason, if that fails. Frees `out`. */
bool report_write(struct output *out, const struct report *r, char *error, size_t n);
