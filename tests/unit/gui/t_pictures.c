/* t_pictures.c - what a person is shown of a guest that draws in step with the monitor: whole pictures only. The guest is a
 * system BIOS that erases the screen at the start of each vertical retrace and draws it anew 150 lines into the display;
 * taken at any other time than the next retrace, a third of the pictures would be black. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include "../../../cpu/cpuid.h"
#include "../../../gui/session/session.h"
#include <cmocka.h>

enum { BIOS_SIZE = 64 << 10, TABLE = 0x100, RESET_VECTOR = 0xfff0, PICTURES = 20, ROW = 320, SCREEN = ROW * 200 };
enum { ERASED = 45, DRAWN = 69 };                       /* in `code`: how many words it erases and draws */

static const u8 code[] = {
    0xfc, 0x8c, 0xc8, 0x8e, 0xd8, 0xbe, 0x00, 0x01,     /* cld; mov ax, cs; mov ds, ax; mov si, TABLE */
    0xad, 0x85, 0xc0, 0x74, 0x06,                       /* next: lodsw; test ax, ax; jz go */
    0x89, 0xc2, 0xad, 0xef, 0xeb, 0xf5,                 /* mov dx, ax; lodsw; out dx, ax; jmp next */
    0xb8, 0x00, 0xa0, 0x8e, 0xc0,                       /* go: mov ax, a000h; mov es, ax */
    0xbb, 0x01, 0x01, 0xba, 0xda, 0x03,                 /* mov bx, 101h; mov dx, 3dah */
    0xec, 0xa8, 0x08, 0x75, 0xfb,                       /* frame: in al, dx; test al, 8; jnz frame */
    0xec, 0xa8, 0x08, 0x74, 0xfb,                       /* retrace: in al, dx; test al, 8; jz retrace */
    0x31, 0xff, 0x31, 0xc0, 0xb9, 0x00, 0x7d, 0xf3, 0xab,   /* xor di, di; xor ax, ax; mov cx, 32000; rep stosw */
    0xb9, 0x96, 0x00,                                   /* mov cx, 150 */
    0xec, 0xa8, 0x01, 0x74, 0xfb,                       /* line: in al, dx; test al, 1; jz line */
    0xec, 0xa8, 0x01, 0x75, 0xfb,                       /* shown: in al, dx; test al, 1; jnz shown */
    0xe2, 0xf4,                                         /* loop line */
    0x89, 0xd8, 0x31, 0xff, 0xb9, 0x00, 0x7d, 0xf3, 0xab,   /* mov ax, bx; xor di, di; mov cx, 32000; rep stosw */
    0x81, 0xf3, 0x03, 0x03, 0xeb, 0xcf,                 /* xor bx, 303h; jmp frame */
};

/* Ports and words for OUT. Registers of mode 13h: IBM PS/2 Hardware Interface Technical Reference, "VGA register values". */
static const u8 seq[5] = { 3, 1, 15, 0, 14 };
static const u8 crtc[25] = { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x41, 0, 0, 0, 0, 0, 0,
                             0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff };
static const u8 gc[9] = { 0, 0, 0, 0, 0, 0x40, 5, 15, 0xff };
static const u8 attr[21] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 15, 0, 0 };
static const u16 colours_and_end[][2] = {               /* palette shown; colour 1 red, colour 2 green */
    { 0x3c0, 0x20 }, { 0x3c8, 0x3f01 }, { 0x3c9, 0 }, { 0x3c9, 0 }, { 0x3c8, 0x0002 }, { 0x3c9, 0x3f }, { 0x3c9, 0 }, { 0, 0 }
};

static u8 *out(u8 *to, int port, int word)
{
    put16(to, (u16)port);
    put16(to + 2, (u16)word);
    return to + 4;
}

static void put_table(u8 *to)
{
    to = out(to, 0x3c2, 0x163);                         /* the upper byte goes to 3C3: enabled */
    for (int k = 0; k < 5; k++)
        to = out(to, 0x3c4, seq[k] << 8 | k);
    to = out(to, 0x3d4, 0x0011);                        /* not protected */
    for (int k = 0; k < 25; k++)
        to = out(to, 0x3d4, crtc[k] << 8 | k);
    for (int k = 0; k < 9; k++)
        to = out(to, 0x3ce, gc[k] << 8 | k);
    for (int k = 0; k < 21; k++) {
        to = out(to, 0x3c0, k);                         /* 3C1 takes no writes */
        to = out(to, 0x3c0, attr[k]);
    }
    for (size_t k = 0; k < ARRAY_LEN(colours_and_end); k++)
        to = out(to, colours_and_end[k][0], colours_and_end[k][1]);
}

static void *run_session(void *session)
{
    session_run(session);
    return NULL;
}

/* The first `n` pixels are of one colour. */
static bool uniform(const struct frame *f, int n)
{
    for (int k = 1; k < n && k < f->width * f->height; k++)
        if (f->pixels[k] != f->pixels[0])
            return false;
    return true;
}

/* At 20 instructions a microsecond, so that a frame is soon over. The guest draws so many pixels: with the host's clock few, so that
 * it is done in time on a host that has much else to do, where an instruction takes its time. How many pictures were of what was erased. */
static int whole_pictures_only(bool host_clock, int pixels)
{
    static const u8 jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    u8 *bios = xcalloc(BIOS_SIZE, 1);
    memcpy(bios, code, sizeof code);
    memcpy(bios + RESET_VECTOR, jump, sizeof jump);
    put_table(bios + TABLE);
    assert_int_equal(get16(bios + ERASED), SCREEN / 2);
    assert_int_equal(get16(bios + DRAWN), SCREEN / 2);
    put16(bios + ERASED, (u16)(pixels / 2));
    put16(bios + DRAWN, (u16)(pixels / 2));
    struct options *o = xcalloc(1, sizeof *o);
    o->display = DISPLAY_SDL;                           /* some display; this thread is the front end */
    o->timeout_ms = o->max_insns = o->stop_at = UINT64_MAX;
    struct setup setup = { .config = { .size = sizeof setup.config, .ram = 4 << 20, .tick_cost = 50 * TICK_COST_1_NS,
                                       .bios = { .bytes = bios, .size = BIOS_SIZE }, .vgabios.file = "" } };
    struct gui_link *link = link_new();
    struct session *s = session_new(o, &setup, link, host_clock, NULL);
    struct frame f = { 0 };
    pthread_t thread;
    u64 seen = 0;
    int colours[3] = { 0 }, black = 0, broken = 0, pictures = 0;
    assert_int_equal(pthread_create(&thread, NULL, run_session, s), 0);
    while (pictures < PICTURES) {
        struct timespec wait = { .tv_nsec = 1000000 };
        if (!link_frame(link, &f, &seen)) {
            nanosleep(&wait, NULL);
            continue;
        }
        bool drawn = f.width == 320 && f.pixels[0];
        if (!pictures && !drawn)                        /* before the first one was drawn */
            continue;
        pictures++;
        if (!uniform(&f, pixels))
            broken++;
        else if (!drawn)
            black++;
        else
            colours[f.pixels[0] == 0xff0000 ? 1 : f.pixels[0] == 0x00ff00 ? 2 : 0]++;
    }
    session_end(s, END_CLOSED);
    pthread_join(thread, NULL);
    session_free(s);
    link_free(link);
    frame_free(&f);
    free(o);
    free(bios);
    assert_int_equal(broken, 0);
    assert_int_equal(colours[1] + colours[2] + black, PICTURES);
    return black;
}

static void as_fast_as_possible(void **state)
{
    (void)state;
    assert_int_equal(whole_pictures_only(false, SCREEN), 0);
}

/* A host that is emulated and has much else to do may stop it in the middle for longer than a picture lasts: but not each time. */
static void paced_by_the_host(void **state)
{
    int black = 1;
    (void)state;
    for (int round = 0; black && round < 5; round++)
        black = whole_pictures_only(true, ROW);
    assert_int_equal(black, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_fast_as_possible),
        cmocka_unit_test(paced_by_the_host),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
