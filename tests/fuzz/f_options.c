/* f_options.c - the command line: words of the input, one a line, and what is made of them before a machine exists. */
#include "case.h"
#include "../../gui/setup/drive.h"
#include "../../gui/setup/options.h"
#include "../../gui/setup/setup.h"
#include "../../iodev/session/speed.h"
#include "../../iodev/session/steps.h"
#include "../../memory/log.h"
#include <stdio.h>

enum { WORDS_MAX = 64 };

static void check_drive(const char *text, int most)
{
    struct drive_file files[DRIVE_FILES];
    char message[200];
    if (!text)
        return;
    int n = drive_parse(text, files, most, message, sizeof message);
    case_check(n <= most && memchr(message, 0, sizeof message), "%d files where %d fit", n, most);
    for (int k = 0; k < n; k++)
        case_check(*files[k].path && files[k].chs.heads <= 255 && files[k].chs.sectors <= 63, "file %d of a drive", k);
    if (n > 0)
        drive_free(files, n);
}

static void check_values(const struct options *o)
{
    struct speed speed;
    struct setup *s = xcalloc(1, sizeof *s);
    char bad[16];
    case_check(o->ram_size >= 1 << 20 && o->ram_size <= 32ull << 30, "memory of %llu bytes", (unsigned long long)o->ram_size);
    case_check(!o->tick_cost || (o->tick_cost >= 65536 && o->tick_cost <= 1u << 30), "a tick costs %llu", (unsigned long long)o->tick_cost);
    case_check(o->step_count <= STEPS_MAX && o->serial_count <= SERIAL_PORTS && o->stop_at, "counts");
    steps_check(o->steps, o->step_count, (char[256]){ 0 }, 256);
    const char *const drives[] = { o->fda, o->fdb, o->cdrom, o->image, o->hda, o->hdb, o->hdc, o->hdd };
    for (size_t k = 0; k < ARRAY_LEN(drives); k++)
        check_drive(drives[k], k < 3 ? DRIVE_FILES : 1);
    if (o->speed && speed_parse(o->speed, &speed))
        case_check(speed.tick_cost && speed.tick_cost <= 1u << 30, "a tick of %s costs %u", o->speed, speed.tick_cost);
    if (o->log) {
        struct log *log = log_new();
        log_select(log, o->log, bad, sizeof bad);
        log_free(log);
    }
    setup_help(o);
    setup_choose_time(s, o, false);
    free(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    struct options *o = xcalloc(1, sizeof *o);
    char *words[WORDS_MAX + 2] = { xstrdup("vitrine") }, *text = take_text(&b, 4096), *rest;
    int n = 1;
    case_begin();
    case_quiet();
    for (char *word = strtok_r(text, "\n", &rest); word && n <= WORDS_MAX; word = strtok_r(NULL, "\n", &rest))
        words[n++] = xstrdup(word);                     /* each of its own length, so that a sanitizer sees a step too far */
    if (options_parse(o, n, words))
        check_values(o);
    for (int k = 0; k < n; k++)
        free(words[k]);
    free(text);
    free(o);
    case_end();
    return 0;
}
