/* t_drive.c - what follows the drive options: files, settings, doubled commas, lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "../../../gui/setup/drive.h"
#include <cmocka.h>

static struct drive_file files[DRIVE_FILES];
static char message[256];

static int parse(const char *text, int most) { return drive_parse(text, files, most, message, sizeof message); }

static void refused(const char *text, int most, const char *words)
{
    assert_int_equal(parse(text, most), -1);
    if (!strstr(message, words))
        fail_msg("'%s' is not in '%s'", words, message);
}

static void settings(void **state)
{
    (void)state;
    assert_int_equal(parse("no/such/a.img", 1), 1);
    assert_string_equal(files[0].path, "no/such/a.img");
    assert_false(files[0].raw);
    assert_int_equal(files[0].chs.cylinders, 0);
    drive_free(files, 1);
    assert_int_equal(parse("a,,b.img,format=raw,chs=615/4/17", 1), 1);
    assert_string_equal(files[0].path, "a,b.img");
    assert_true(files[0].raw);
    assert_int_equal(files[0].chs.cylinders, 615);
    assert_int_equal(files[0].chs.heads, 4);
    assert_int_equal(files[0].chs.sectors, 17);
    drive_free(files, 1);
    refused("a.img,format=qcow2", 1, "qemu-img convert");
    refused("a.img,fromat=raw", 1, "did you mean 'format=raw'");
    refused("a.img,cache=none", 1, "format=raw or chs=C/H/S");
    refused("a.img,chs=1/2", 1, "CYLINDERS/HEADS/SECTORS");
    refused("a.img,chs=1/2/64", 1, "63");
    refused("a.img,chs=0/2/6", 1, "16383");
    refused("a.img,chs=1/256/6", 1, "255");
    refused("a.img,chs=1/2/6x", 1, "chs=");
    refused("a.img,", 1, "after the comma");
    refused("", 1, "not an empty one");
    refused("a.img,b.img", 1, "'b.img' (a comma in a file's name is doubled");
}

static void lists(void **state)
{
    (void)state;
    assert_int_equal(parse("a.img,format=raw,dir=1/b.img,c,,d.img", DRIVE_FILES), -1);  /* "dir=..." reads as a setting */
    assert_int_equal(parse("a.img,format=raw,./dir=1/b.img,c,,d.img", DRIVE_FILES), 3);
    assert_true(files[0].raw);
    assert_string_equal(files[1].path, "./dir=1/b.img");
    assert_false(files[1].raw);
    assert_string_equal(files[2].path, "c,d.img");
    drive_free(files, 3);
    assert_int_equal(parse("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", DRIVE_FILES), DRIVE_FILES);
    drive_free(files, DRIVE_FILES);
    refused("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", DRIVE_FILES, "'q' is one too many");
}

/* A file whose whole name has a comma is that file. */
static void existing(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "t_drive.%d,format=raw", (int)getpid());
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(parse(path, 1), 1);
    assert_string_equal(files[0].path, path);
    assert_false(files[0].raw);
    drive_free(files, 1);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(settings), cmocka_unit_test(lists), cmocka_unit_test(existing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
