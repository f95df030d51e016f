/* kit.h - from a configuration to a machine that is ready to be made: opens the images, the streams, the firmware, the kernel. */
#pragma once
#include "../../host/output.h"
#include "../../include/vitrine.h"
#include "../board/pc.h"
#include "../image/image.h"
#include "../image/stream.h"

enum { KIT_FILES = 12 };

struct kit {
    const struct vitrine_config *c;     /* while it is opened */
    struct vitrine_error *error;        /* likewise */
    struct pc_config config;
    struct pc_file file[KIT_FILES];
    void *owned[KIT_FILES];           /* memory that the files and firmware lie in */
    int owned_count;
    struct outputs *outputs;            /* the files in use */
    struct image_host host;             /* of all images; its `say` is everybody's */
    struct stream *serial[PC_SERIALS], *debugcon;
    const struct image *by_content;     /* the image whose drive its content chose; NULL: a kernel, or none was given */
    int image_drive;                    /* that the image is in as a file, and whose medium can be changed; -1: none */
    bool kernel;                        /* one starts after the firmware */
};

/* Fill in everything; `host` and `outputs` are there already. False with c's error: what is wrong with which member. */
bool kit_open(struct kit *s, const struct vitrine_config *c, struct vitrine_error *error);
/* No machine took the images. */
void kit_drop_images(struct kit *s);
/* The firmware and kernel may go once the machine is made. */
void kit_release(struct kit *s);
/* Close the streams, after the machine is gone. */
void kit_close(struct kit *s);

enum { KIT_MESSAGE = 1024 };
/* Open a medium for a drive whose name is `where` ("fda"): a file, or bytes. NULL: `message` (KIT_MESSAGE bytes) says why not. Otherwise it
 * has what there is to say, a line each, or nothing. */
struct image *kit_open_medium(struct image_host *host, const char *where, const struct vitrine_medium *medium, enum image_kind kind,
                              int flags, char *message);
/* Say those lines. */
void kit_say(const struct notices *say, const char *where, const char *message);
static inline bool medium_there(const struct vitrine_medium *m) { return m->file || m->bytes; }

/* Fill in an error (NULL is fine); always false. error.c. */
bool error_say(struct vitrine_error *error, enum vitrine_code code, const char *where, const char *fmt, ...) printf_like(4, 5);

/* For firmware.c: memory that lives until kit_release(), and a file for the firmware (fw_cfg's) whose data is such memory. */
void *kit_own(struct kit *s, void *data);
void kit_add_file(struct kit *s, const char *name, const void *data, size_t size);
/* A file or bytes, as such memory; claimed as -where. False with the error. */
bool kit_load(struct kit *s, const char *where, const struct vitrine_file *file, const void **data, size_t *size);
