/* t_kernel.c - where a multiboot kernel may lie: not below 1 MB, upon what is there (Multiboot Specification 0.6.96). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../../iodev/session/kernel.h"

enum { BYTES = 0x1000, HEADER = 0x200, PROGRAM = 52 };

struct bench { u8 file[BYTES]; struct vitrine_error error; };

static void header(struct bench *b, u32 flags)
{
    put32(b->file + HEADER, 0x1badb002);
    put32(b->file + HEADER + 4, flags);
    put32(b->file + HEADER + 8, 0u - 0x1badb002u - flags);
}

static void segment(struct bench *b, int k, u32 type, u32 at, u32 bytes)
{
    u8 *p = b->file + PROGRAM + 32 * k;
    put32(p, type);
    put32(p + 12, at);
    put32(p + 20, bytes);
}

static int open_bench(void **state)
{
    struct bench *b = xcalloc(1, sizeof *b);
    memcpy(b->file, "\177ELF\1\1\1", 7);
    put32(b->file + 28, PROGRAM);
    put16(b->file + 42, 32);
    put16(b->file + 44, 2);
    header(b, 3);
    segment(b, 0, 1, 0x100000, 0x5000);
    segment(b, 1, 1, 0x200000, 0x1000);
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    free(*state);
    return 0;
}

static void fits(struct bench *b) { assert_true(kernel_fits("k.elf", b->file, BYTES, &b->error)); }

static void refused(struct bench *b, const char *words)
{
    assert_false(kernel_fits("k.elf", b->file, BYTES, &b->error));
    assert_int_equal(b->error.code, VITRINE_WRONG);
    assert_string_equal(b->error.where, "kernel");
    if (!strstr(b->error.text, words))
        fail_msg("%s, without %s", b->error.text, words);
}

static void segments(void **state)
{
    struct bench *b = *state;
    fits(b);
    segment(b, 1, 1, 0xa0000, 0x1000);
    refused(b, "'k.elf': segment 1 is to lie at 000a0000-000a0fff, where the video memory is; expected 1 MB (00100000)");
    segment(b, 1, 1, 0xf0000, 0x20000);
    refused(b, "segment 1 is to lie at 000f0000-0010ffff, where the firmware is");
    segment(b, 1, 1, 0xfffff, 1);
    refused(b, "000fffff-000fffff, where the firmware is");
    segment(b, 1, 1, 0xc8000, 0x100);
    refused(b, "the adapters' ROMs");
    segment(b, 1, 1, 0, 0x400);
    refused(b, "the interrupt vectors");
    segment(b, 1, 1, 0x7c00, 0x200);
    refused(b, "the memory that firmware and loader work in");
}

/* What is not loaded lies nowhere. */
static void others(void **state)
{
    struct bench *b = *state;
    segment(b, 1, 4, 0xa0000, 0x1000);          /* PT_NOTE */
    fits(b);
    segment(b, 1, 1, 0xa0000, 0);
    fits(b);
    put16(b->file + 44, 0xffff);                /* more headers than the file has */
    fits(b);
    header(b, 3);
    segment(b, 1, 1, 0xa0000, 0x1000);
    put32(b->file + HEADER, 0);                 /* no multiboot kernel */
    fits(b);
}

static void addresses(void **state)
{
    struct bench *b = *state;
    u8 *h = b->file + HEADER;
    header(b, 0x10003);
    put32(h + 12, 0x100000 + HEADER);           /* the header, load, load end, bss end, entry */
    put32(h + 16, 0x100000);
    fits(b);
    put32(h + 12, 0x80000 + HEADER);
    put32(h + 16, 0x80000);
    refused(b, "what its header loads is to lie at 00080000-00080fff, where the memory that");
    put32(h + 20, 0x80800);
    refused(b, "00080000-000807ff");
    put32(h + 24, 0xc0000);
    refused(b, "00080000-000bffff, where the video memory is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(segments, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(others, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(addresses, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
