/* t_symbols.c - files of symbols: ELF of both sizes, text, offsets, names and addresses; broken files are refused with a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../../debugger/symbols/symbols.h"
#include <stdio.h>

static const char path[] = "t_symbols.file";

static void write_file(const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static const char *named(const struct symbols *s, u64 address, bool physical)
{
    static _Thread_local char text[80];
    return symbols_name(s, address, physical, text, sizeof text);
}

/* ---- ELF, made here: a segment linked for C0100000 that lies at 100000; .text of 0x200 bytes, symbols and their names ---- */

enum { TEXT_BYTES = 0x200, ELF_MOST = 4096 };
#define LINKED 0xc0100000u

struct made_symbol { const char *name; u32 value, size; u8 info; u16 home; };
static const struct made_symbol made[] = {
    { "start", LINKED, 0, 0x10, 1 },                    /* global label */
    { "main", LINKED + 0x10, 0x30, 0x12, 1 },           /* global function */
    { "main_alias", LINKED + 0x10, 0x30, 0x02, 1 },     /* the same as a local one */
    { "helper", LINKED + 0x40, 0x10, 0x02, 1 },
    { "tail", LINKED + 0x1f0, 0, 0x00, 1 },             /* reaches to the section's end */
    { "SIZE", 0x1234, 0, 0x10, 0xfff1 },                /* absolute */
    { "elsewhere", 0, 0, 0x10, 0 },                     /* undefined */
    { "file.c", 0, 0, 0x04, 0xfff1 },
};

static void put_word(u8 *p, bool wide, u64 v) { wide ? put64(p, v) : put32(p, (u32)v); }

static void section(u8 *b, bool wide, u32 type, u64 address, u64 at, u64 size, u32 link, u64 entry)
{
    put32(b + 4, type);
    put_word(b + (wide ? 16 : 12), wide, address);
    put_word(b + (wide ? 24 : 16), wide, at);
    put_word(b + (wide ? 32 : 20), wide, size);
    put32(b + (wide ? 40 : 24), link);
    put_word(b + (wide ? 56 : 36), wide, entry);
}

static size_t elf_make(u8 *b, bool wide)
{
    u32 header = wide ? 64 : 52, program = wide ? 56 : 32, sh = wide ? 64 : 40, entry = wide ? 24 : 16;
    u32 sections = 0x100, text = 0x300, symbols = text + TEXT_BYTES, n = ARRAY_LEN(made) + 1, names = symbols + n * entry, name = 1;
    memset(b, 0, ELF_MOST);
    memcpy(b, "\177ELF", 4);
    b[4] = wide ? 2 : 1;
    b[5] = b[6] = 1;
    put16(b + 16, 2);
    put16(b + 18, wide ? 62 : 3);
    put_word(b + (wide ? 32 : 28), wide, header);
    put_word(b + (wide ? 40 : 32), wide, sections);
    u8 *tail = b + (wide ? 54 : 42);
    put16(tail, (u16)program);
    put16(tail + 2, 1);
    put16(tail + 4, (u16)sh);
    put16(tail + 6, 4);
    put32(b + header, 1);
    put_word(b + header + 8, wide, wide ? 0 : LINKED);
    if (wide)
        put64(b + header + 16, LINKED), put64(b + header + 24, 0x100000), put64(b + header + 40, TEXT_BYTES);
    else
        put32(b + header + 12, 0x100000), put32(b + header + 20, TEXT_BYTES);
    for (u32 k = 0; k + 1 < n; k++) {
        u8 *s = b + symbols + (k + 1) * entry;
        const struct made_symbol *m = &made[k];
        put32(s, name);
        put_word(s + (wide ? 8 : 4), wide, m->value);
        put_word(s + (wide ? 16 : 8), wide, m->size);
        s[wide ? 4 : 12] = m->info;
        put16(s + (wide ? 6 : 14), m->home);
        strcpy((char *)b + names + name, m->name);
        name += (u32)strlen(m->name) + 1;
    }
    section(b + sections + sh, wide, 1, LINKED, text, TEXT_BYTES, 0, 0);
    section(b + sections + 2 * sh, wide, 2, 0, symbols, n * entry, 3, entry);
    section(b + sections + 3 * sh, wide, 3, 0, names, name, 0, 0);
    return names + name;
}

static void elf(bool wide)
{
    u8 b[ELF_MOST];
    char message[256], text[64];
    struct symbols *s = symbols_new();
    write_file(b, elf_make(b, wide));
    assert_true(symbols_load(s, path, message, sizeof message));
    assert_string_equal(named(s, LINKED, false), "start");
    assert_string_equal(named(s, LINKED + 0xf, false), "start+0xf");
    assert_string_equal(named(s, LINKED + 0x10, false), "main");
    assert_string_equal(named(s, LINKED + 0x3f, false), "main+0x2f");
    assert_string_equal(named(s, LINKED + 0x40, false), "helper");
    assert_string_equal(named(s, LINKED + 0x50, false), "");            /* behind a function that says how long it is */
    assert_string_equal(named(s, LINKED + 0x1ff, false), "tail+0xf");
    assert_string_equal(named(s, LINKED + 0x200, false), "");
    assert_string_equal(named(s, 0x100012, true), "main+0x2");          /* before paging: where it lies */
    assert_string_equal(named(s, 0x100012, false), "");
    assert_string_equal(named(s, 0x1234, false), "");                   /* a number is no place */
    assert_int_equal(symbols_find(s, "SIZE")->address, 0x1234);
    assert_int_equal(symbols_find(s, "main")->address, LINKED + 0x10);
    assert_null(symbols_find(s, "mai"));
    assert_null(symbols_find(s, "elsewhere"));
    assert_null(symbols_find(s, "file.c"));
    assert_string_equal(symbols_name(s, LINKED + 0x3f, false, text, 5), "main");
    struct symbol_file_info info;
    assert_true(symbols_info(s, 0, &info));
    assert_int_equal(info.count, 6);
    assert_string_equal(info.kind, wide ? "ELF, 64 bits" : "ELF, 32 bits");
    assert_true(info.low == LINKED && info.high == LINKED + 0x1f0);
    assert_false(symbols_info(s, 1, &info));
    symbols_free(s);
}

static void elf_32(void **state) { (void)state; elf(false); }
static void elf_64(void **state) { (void)state; elf(true); }

/* ---- text ---- */

static void maps(void **state)
{
    static const char map[] = "# nm\n"
        "c0100000 T _start\nc0100010 T main\nc0100020 00000008 t inner\nc0100040 D table\n         U printf\n"
        "00001000 A SIZE\n\nc0100080 b buffer\t[module]\r\n7c00 boot\n";
    char message[256];
    struct symbols *s = symbols_new();
    (void)state;
    write_file(map, sizeof map - 1);
    assert_true(symbols_load(s, path, message, sizeof message));
    assert_string_equal(named(s, 0xc010001f, false), "main+0xf");
    assert_string_equal(named(s, 0xc0100024, false), "inner+0x4");
    assert_string_equal(named(s, 0xc0100028, false), "");
    assert_string_equal(named(s, 0xc0100084, false), "buffer+0x4");
    assert_string_equal(named(s, 0x7c05, false), "boot+0x5");
    assert_int_equal(symbols_find(s, "SIZE")->address, 0x1000);
    assert_null(symbols_find(s, "printf"));
    symbols_free(s);
}

static void offsets_and_several(void **state)
{
    char message[256], text[64];
    u64 address = 0x800104;
    struct symbols *s = symbols_new();
    (void)state;
    assert_string_equal(named(NULL, 0x104, false), "");
    assert_false(symbols_any(s));
    write_file("100 T main\n110 t behind\n", 24);
    assert_true(symbols_load(s, path, message, sizeof message));
    snprintf(text, sizeof text, "%s@0x800000", path);
    assert_true(symbols_load(s, text, message, sizeof message));
    assert_true(symbols_any(s));
    assert_string_equal(named(s, 0x104, false), "main+0x4");
    assert_string_equal(named(s, address, false), "main+0x4");
    assert_string_equal(symbols_at(s, &address, false, NULL)->name, "main");
    write_file("100 T later\n", 12);
    assert_true(symbols_load(s, path, message, sizeof message));
    assert_string_equal(named(s, 0x104, false), "later+0x4");           /* the last file wins */
    assert_int_equal(symbols_find(s, "main")->address, 0x800100);
    symbols_free(s);
}

/* What does not move with the file stays where it is, and does not come between those that do. */
static void absolute_and_moved(void **state)
{
    char message[256], text[64];
    struct symbols *s = symbols_new();
    (void)state;
    write_file("100 T first\n200 A SIZE\n300 T second\nc0000150 A MARK\n", 52);
    snprintf(text, sizeof text, "%s@0xc0000000", path);
    assert_true(symbols_load(s, text, message, sizeof message));
    assert_int_equal(symbols_find(s, "SIZE")->address, 0x200);
    assert_int_equal(symbols_find(s, "second")->address, 0xc0000300);
    assert_string_equal(named(s, 0xc0000160, false), "first+0x60");
    assert_string_equal(named(s, 0xc0000304, false), "second+0x4");
    assert_string_equal(named(s, 0xc0000050, false), "");
    assert_string_equal(named(s, 0x204, false), "");
    symbols_free(s);
}

static void names_that_were_meant(void **state)
{
    static const char map[] = "100 T keyboard_init\n200 T keyboard_irq\n300 t kmalloc\n400 T kfree\n500 T main\n";
    char message[256];
    struct symbols *s = symbols_new();
    (void)state;
    write_file(map, sizeof map - 1);
    assert_true(symbols_load(s, path, message, sizeof message));
    assert_string_equal(symbols_nearest(s, "keybord_init"), "keyboard_init");
    assert_string_equal(symbols_nearest(s, "mian"), "main");
    assert_string_equal(symbols_nearest(s, "kmallok"), "kmalloc");
    assert_null(symbols_nearest(s, "schedule"));
    assert_null(symbols_nearest(NULL, "main"));
    assert_string_equal(symbols_beginning(s, "keyb", 0)->name, "keyboard_init");
    assert_string_equal(symbols_beginning(s, "keyb", 1)->name, "keyboard_irq");
    assert_null(symbols_beginning(s, "keyb", 2));
    assert_string_equal(symbols_beginning(s, "", 4)->name, "main");
    symbols_free(s);
}

/* ---- what is refused ---- */

static void refused(const void *data, size_t n, const char *why)
{
    char message[300] = "";
    struct symbols *s = symbols_new();
    write_file(data, n);
    assert_false(symbols_load(s, path, message, sizeof message));
    if (!strstr(message, why) || !strstr(message, path))
        fail_msg("\"%s\" with the file's name is not in \"%s\"", why, message);
    assert_false(symbols_any(s));
    symbols_free(s);
}

static void refusals(void **state)
{
    u8 b[ELF_MOST] = { 0 };
    char message[300];
    struct symbols *s = symbols_new();
    (void)state;
    refused("", 0, "no symbols in it");
    refused("hello\n", 6, "line 1: expected a symbol");
    refused("100 T a\n100 T b\n\x1b[31m T\n", 24, "line 3: expected a symbol as nm and System.map have it (ADDRESS TYPE NAME), not '?[31m T'");
    refused("0 T a\n0 T b\n", 12, "every address is 0");
    memcpy(b + 0x202, "HdrS", 4);
    refused(b, 0x300, "bzImage");
    refused("\x1f\x8b\x08", 3, "compressed");
    size_t n = elf_make(b, false);
    b[18] = 40;
    refused(b, n, "another processor");
    elf_make(b, false);
    b[16] = 1;
    refused(b, n, "object file");
    elf_make(b, false);
    put32(b + 32, 0);
    refused(b, n, "stripped");
    elf_make(b, true);
    refused(b, 0x300, "behind its end");
    refused(b, 60, "cut short");
    assert_false(symbols_load(s, "t_symbols.absent", message, sizeof message));
    assert_non_null(strstr(message, "t_symbols.absent"));
    assert_false(symbols_load(s, "t_symbols.file@12monkeys", message, sizeof message));
    assert_non_null(strstr(message, "expected FILE@OFFSET"));
    symbols_free(s);
}

/* Whatever is wrong with a file, it is taken in or refused with a reason. */
static void broken_files(void **state)
{
    u8 b[ELF_MOST];
    u32 seed = 1;
    (void)state;
    for (int round = 0; round < 500; round++) {
        char message[300] = "";
        size_t n = elf_make(b, round & 1);
        struct symbols *s = symbols_new();
        for (int k = 0; k < 1 + round % 7; k++) {
            seed = seed * 1103515245 + 12345;
            size_t at = (seed >> 8) % (round & 2 ? 0x240 : n);
            seed = seed * 1103515245 + 12345;
            b[at] = seed >> 28 < 4 ? 0xff : (u8)(seed >> 16);
        }
        if (round % 5 == 0)
            n = (seed >> 4) % n;
        write_file(b, n);
        if (symbols_load(s, path, message, sizeof message)) {
            for (u64 at = LINKED - 8; at < LINKED + 0x210; at += 8)
                named(s, at, true);
            symbols_nearest(s, "mian");
            symbols_beginning(s, "", 3);
        } else {
            assert_true(strlen(message) > strlen(path) + 4);
        }
        symbols_free(s);
    }
}

static int tidy(void **state)
{
    (void)state;
    return remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf_32), cmocka_unit_test(elf_64), cmocka_unit_test(maps), cmocka_unit_test(offsets_and_several), cmocka_unit_test(absolute_and_moved),
        cmocka_unit_test(names_that_were_meant), cmocka_unit_test(refusals), cmocka_unit_test(broken_files),
    };
    return cmocka_run_group_tests(tests, NULL, tidy);
}
