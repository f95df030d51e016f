/* ours.c - see ours.h. */
#include "ours.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *report;

void check_at(bool good, const char *file, int line, const char *what)
{
    if (good)
        return;
    fprintf(report, "%s:%d: not so: %s\n", file, line, what);
    _exit(1);
}

/* ---- a firmware of ours: 64 KB, the reset vector at its end ---- */

const uint8_t program[PROGRAM_SIZE] = {         /* at F000:0000 */
    0xba, 0xfb, 0x03, 0xb0, 0x03, 0xee,         /*      mov dx, 3fbh; mov al, 3; out dx, al: 8 bits */
    0xbe, 0x40, 0x00,                           /*      mov si, 40h: the text */
    0x2e, 0xac,                                 /* next: cs lodsb */
    0x84, 0xc0,                                 /*      test al, al */
    0x74, 0x14,                                 /*      jz done */
    0x88, 0xc4,                                 /*      mov ah, al */
    0xba, 0xfd, 0x03,                           /*      mov dx, 3fdh */
    0xec,                                       /* full: in al, dx */
    0xa8, 0x20,                                 /*      test al, 20h: there is room for a byte */
    0x74, 0xfb,                                 /*      jz full */
    0xba, 0xf8, 0x03,                           /*      mov dx, 3f8h */
    0x88, 0xe0,                                 /*      mov al, ah */
    0xee,                                       /*      out dx, al */
    0xe6, 0xe9,                                 /*      out 0e9h, al */
    0xeb, 0xe6,                                 /*      jmp next */
    0xb8, 0x34, 0x12,                           /* done: mov ax, 1234h */
    0xa3, 0x00, 0x05,                           /*      mov [500h], ax */
    0xba, 0xfd, 0x03,                           /*      mov dx, 3fdh */
    0xec,                                       /* wait: in al, dx */
    0xa8, 0x01,                                 /*      test al, 1: a byte has come */
    0x74, 0xfb,                                 /*      jz wait */
    0xba, 0xf8, 0x03,                           /*      mov dx, 3f8h */
    0xec,                                       /*      in al, dx */
    0xe6, 0xf4,                                 /*      out 0f4h, al */
    0xf4,                                       /*      hlt */
};

uint8_t *make_bios(void)
{
    static const uint8_t jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    uint8_t *bios = calloc(BIOS_SIZE, 1);
    memcpy(bios, program, sizeof program);
    memcpy(bios + TEXT_AT, "hello", 6);
    memcpy(bios + RESET_VECTOR, jump, sizeof jump);
    return bios;
}

static void hear(void *to, const uint8_t *bytes, size_t n)
{
    struct heard *h = to;
    for (size_t k = 0; k < n && h->n + 1 < sizeof h->text; k++)
        h->text[h->n++] = (char)bytes[k];
}

struct vitrine *bare(const uint8_t *bios, struct heard *serial, struct heard *console)
{
    struct vitrine_error error;
    const struct vitrine_config config = {
        .size = sizeof config, .ram = 2 * VITRINE_MB, .bios = { .bytes = bios, .size = BIOS_SIZE }, .vgabios.file = "",
        .serial[0] = { .output = hear, .to = serial }, .debugcon = { .output = hear, .to = console },
    };
    struct vitrine *v = vitrine_new(&config, &error);
    if (!v)
        fprintf(report, "%s: %s\n", error.where, error.text);
    CHECK(v);
    return v;
}

uint64_t value(const struct vitrine *v, const char *name)
{
    uint64_t r = 0;
    CHECK(vitrine_register(v, name, &r));
    return r;
}
