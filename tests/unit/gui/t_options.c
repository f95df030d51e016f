/* t_options.c - the command line: values, order of steps, mistakes and what they are told to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>
#include "../../../gui/setup/options.h"

static struct options o;
static char said[2048];

/* Parse the words with stderr caught in `said`. */
static bool parse(char *const *words)
{
    FILE *file = tmpfile();
    int argc = 0, old = dup(2);
    assert_non_null(file);
    while (words[argc])
        argc++;
    fflush(stderr);
    dup2(fileno(file), 2);
    bool ok = options_parse(&o, argc, words);
    fflush(stderr);
    dup2(old, 2);
    rewind(file);
    said[fread(said, 1, sizeof said - 1, file)] = 0;
    fclose(file);
    close(old);
    return ok;
}

#define PARSE(...) parse((char *const[]){ "vitrine", __VA_ARGS__, NULL })

static void refused(bool ok, const char *a, const char *b)
{
    assert_false(ok);
    if (!strstr(said, a) || !strstr(said, b))
        fail_msg("'%s' lacks '%s' or '%s'", said, a, b);
}

static void values(void **state)
{
    (void)state;
    assert_true(PARSE("disk.img", "-m", "64", "-mips", "33", "-no-reboot", "-engine", "slow", "-clock", "host",
                      "-fullscreen"));
    assert_string_equal(o.image, "disk.img");
    assert_int_equal(o.ram_size, 64 << 20);
    assert_int_equal(o.tick_cost, 1985939);
    assert_true(o.no_reboot);
    assert_true(o.fullscreen);
    assert_int_equal(o.engine, 1);
    assert_int_equal(o.clock, CLOCK_HOST);
    assert_int_equal(o.display, DISPLAY_AUTO);
    assert_true(PARSE("-symbols", "a.elf", "-symbols", "b.map@0x1000"));
    assert_int_equal(o.symbols_count, 2);
    assert_string_equal(o.symbols[1], "b.map@0x1000");
    assert_true(PARSE("-debug", "later", "start.img"));
    assert_true(o.debug && o.debug_later && !o.debug_at);
    assert_string_equal(o.image, "start.img");
    assert_true(PARSE("-debug", "disk.img") && o.debug && !o.debug_later);
    assert_string_equal(o.image, "disk.img");
    assert_true(PARSE("-debug", "later,tcp:5555") && o.debug_later);
    assert_string_equal(o.debug_at, "tcp:5555");
    assert_true(PARSE("-debug=unix:a,b") && o.debug && !o.debug_later);
    assert_string_equal(o.debug_at, "unix:a,b");
    assert_true(PARSE("-debug-magic", "disk.img") && o.magic == MAGIC_INSTRUCTION && o.debug && o.debug_later);
    assert_true(PARSE("-debug", "-debug-magic", "port") && o.magic_port == 0x8a00 && o.magic_value == 0x8ae0 && !o.debug_later);
    assert_true(PARSE("-debug-magic=port:0x80") && o.magic_port == 0x80 && !o.magic_value);
    assert_true(PARSE("-debug-command", "r", "-debug-script", "f", "-on-stop", "bt") && o.debug && o.debug_later);
    assert_int_equal(o.commands_count, 2);
    assert_true(!o.commands[0].file && o.commands[1].file);
    assert_true(PARSE("-mips", "0.5"));
    assert_int_equal(o.tick_cost, 131072000);
    assert_true(PARSE("-m", "2G", "-max-insns", "200M", "-timeout", "2.5", "-grace", "0.5", "--boot", "order=dc"));
    assert_int_equal(o.ram_size, 2ull << 30);
    assert_int_equal(o.max_insns, 200000000);
    assert_int_equal(o.timeout_ms, 2500);
    assert_int_equal(o.grace_ms, 500);
    assert_string_equal(o.boot, "dc");
    assert_true(PARSE("-m", "1024K"));
    assert_int_equal(o.ram_size, 1 << 20);
}

static void dates(void **state)
{
    (void)state;
    assert_true(PARSE("-rtc", "2026-01-01T00:00:00"));
    assert_int_equal(o.rtc, 1767225600);
    assert_true(PARSE("-rtc", "2000-02-29 23:59:59"));
    assert_int_equal(o.rtc, 951868799);
    assert_true(PARSE("-rtc", "86400"));
    assert_int_equal(o.rtc, 86400);
    assert_true(PARSE("-rtc", "now"));
    assert_int_equal(o.rtc, UINT64_MAX);
    refused(PARSE("-debug=latr"), "-debug", "later,tcp:5555");
    refused(PARSE("-debug=later,"), "-debug", "'later,'");
    refused(PARSE("-debug=tcp:"), "-debug", "'tcp:'");
    refused(PARSE("-debug-magic=port:0"), "-debug-magic", "port:N");
    refused(PARSE("-debug-magic=port:65536"), "-debug-magic", "port:N");
    refused(PARSE("-m=64"), "-m=64", "did you mean -m");
    refused(PARSE("-rtc", "2026-02-30"), "-rtc", "2026-02-30");
    refused(PARSE("-rtc", "2025-02-29"), "-rtc", "2025-02-29");
    refused(PARSE("-rtc", "2026-01-01T25:00"), "-rtc", "25:00");
}

static void steps_in_order(void **state)
{
    (void)state;
    assert_true(PARSE("-expect", "a", "-send", "b\\n", "-expect-screen", "0123456789abcdef0123456789abcdef", "-send", "c"));
    assert_int_equal(o.step_count, 4);
    assert_int_equal(o.steps[0].kind, STEP_EXPECT);
    assert_int_equal(o.steps[1].kind, STEP_SEND);
    assert_string_equal(o.steps[1].text, "b\\n");
    assert_int_equal(o.steps[2].kind, STEP_EXPECT_SCREEN);
    refused(PARSE("-expect-screen", "xyz"), "-expect-screen", "xyz");
    refused(PARSE("-expect", ""), "-expect", "not empty");
}

static void times(void **state)
{
    (void)state;
    assert_true(PARSE("-stop-at", "30s", "-wait", "250ms", "-wait", "2.5s", "-wait", "1m", "-wait", "7ns", "-wait", "0.1us"));
    assert_int_equal(o.stop_at, 30000000000);
    assert_int_equal(o.step_count, 5);
    assert_int_equal(o.steps[0].kind, STEP_WAIT);
    assert_int_equal(o.steps[0].ns, 250000000);
    assert_int_equal(o.steps[1].ns, 2500000000);
    assert_int_equal(o.steps[2].ns, 60000000000);
    assert_int_equal(o.steps[3].ns, 7);
    assert_int_equal(o.steps[4].ns, 100);
    assert_true(PARSE("-stop-at", "1.000000001s"));
    assert_int_equal(o.stop_at, 1000000001);
    assert_true(PARSE("-m", "64"));
    assert_int_equal(o.stop_at, UINT64_MAX);
    static char *const wrong[] = { "30", "s", "", "-1s", "1.5", "1h", "0s", "0.0001ns", "1 s", "9999999999s", "999999999m" };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        refused(PARSE("-stop-at", wrong[k]), "-stop-at", "such as 30s");
        assert_false(PARSE("-wait", wrong[k]));
    }
}

static void help(void **state)
{
    static char *const words[] = { "-h", "-help", "--help", "-?" };
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        assert_true(PARSE(words[k]));
        assert_true(o.show_help);
    }
    refused(PARSE("--hlep"), "--hlep", "-help");
    refused(PARSE("-displya=none"), "-displya=none", "did you mean -display?");
    refused(PARSE("-floppy", "x"), "-floppy", "did you mean -fda?");
    refused(PARSE("-screnshot", "x"), "-screnshot", "did you mean -screendump?");
    refused(PARSE("-stopat", "3s"), "-stopat", "-stop-at");
}

static void hosts(void **state)
{
    (void)state;
    assert_true(PARSE(NULL));
    assert_int_equal(o.on_full, FULL_REPORT);
    assert_int_equal(o.snapshot_limit, 1 << 30);
    assert_true(PARSE("-on-full", "pause", "-snapshot", "-snapshot-limit", "4G"));
    assert_int_equal(o.on_full, FULL_PAUSE);
    assert_int_equal(o.snapshot_limit, 4ull << 30);
    assert_true(PARSE("-snapshot-limit", "512"));
    assert_int_equal(o.snapshot_limit, 512 << 20);
    refused(PARSE("-on-full", "wait"), "one of report, pause", "'wait'");
    refused(PARSE("-snapshot-limit", "0"), "512M or 4G", "'0'");
    assert_int_equal(o.sandbox, SANDBOX_AUTO);
    assert_true(PARSE("-sandbox", "on"));
    assert_int_equal(o.sandbox, SANDBOX_ON);
    assert_true(PARSE("-sandbox", "off"));
    assert_int_equal(o.sandbox, SANDBOX_OFF);
    refused(PARSE("-sandbox", "no"), "one of on, off", "'no'");
}

static void mistakes(void **state)
{
    (void)state;
    refused(PARSE("-displya", "none"), "-displya", "-display");
    refused(PARSE("-engine", "fats"), "one of fast, slow, debug, step", "'fast'");
    refused(PARSE("-m", "12Q"), "-m", "12Q");
    refused(PARSE("-m", "18446744073709551615G"), "-m", "size");
    refused(PARSE("-m", "0"), "-m", "size");
    refused(PARSE("-m", "100G"), "-m", "up to 32G");
    refused(PARSE("-m", "-5"), "-m", "-5");
    refused(PARSE("-m"), "-m", "SIZE");
    refused(PARSE("-mips", "1001"), "-mips", "0.1 to 1000");
    refused(PARSE("-timeout", "nan"), "-timeout", "nan");
    refused(PARSE("-boot", "x"), "-boot", "floppy");
    refused(PARSE("-boot", "acda"), "-boot", "floppy");
    refused(PARSE("-boot", "aunsigned"), "-boot", "unsigned");
    refused(PARSE("-boot", "a,signed"), "-boot", "unsigned");
    assert_true(PARSE("-boot", "ca,unsigned"));
    assert_string_equal(o.boot, "ca");
    assert_true(o.boot_unsigned);
    assert_true(PARSE("-boot", "unsigned"));
    assert_string_equal(o.boot, "");
    assert_true(o.boot_unsigned);
    assert_true(PARSE("-drives", "real"));
    assert_int_equal(o.drives, DRIVES_REAL);
    assert_true(PARSE("-drives", "fast"));
    assert_int_equal(o.drives, DRIVES_FAST);
    refused(PARSE("-drives", "fats"), "one of real, fast", "'fast'");
    assert_true(PARSE("-boot", "d"));
    assert_int_equal(o.drives, DRIVES_AUTO);
    assert_false(o.boot_unsigned);
    refused(PARSE("one", "two"), "two", "one");
    refused(PARSE("-cdrom", "a", "-hdc", "b"), "-cdrom", "-hdc");
    refused(PARSE("-initrd", "a"), "-initrd", "-kernel");
    refused(PARSE("-serial", "none", "-serial", "none", "-serial", "none"), "-serial", "2 serial ports");
    assert_false(PARSE("-xyzzy-plugh-frobnicate"));
    assert_null(strstr(said, "did you mean"));          /* nothing is near */
}

static void nearest(void **state)
{
    static const char *const words[] = { "fast", "slow", "debug" };
    (void)state;
    assert_string_equal(nearest_choice("fsat", words, 3), "fast");
    assert_string_equal(nearest_choice("debugger", words, 3), "debug");
    assert_null(nearest_choice("zzzz", words, 3));
    assert_null(nearest_choice("", words, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values), cmocka_unit_test(dates), cmocka_unit_test(steps_in_order), cmocka_unit_test(mistakes),
        cmocka_unit_test(hosts), cmocka_unit_test(times),
        cmocka_unit_test(help),
        cmocka_unit_test(nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
