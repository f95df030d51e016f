/* vitrine_run_file.c - recorded runs in files (iodev/saved/recording.h). The file's text says what the machine is made of, which date it
 * began with, and whether it resets itself. */
#include "vitrine_parts.h"
#include "../machine/keep.h"
#include "../../host/file.h"
#include "../../memory/snapshot.h"
#include "../saved/description.h"
#include "../saved/pack.h"
#include "../saved/recording.h"
#include <stdio.h>

enum { WHY = 512 };
static const u64 MOST = 1ull << 32;             /* bytes of a recording */

bool vitrine_record(struct vitrine *v, struct vitrine_error *error)
{
    char why[WHY] = "";
    if (v->recorder || v->replay)
        return error_say(error, VITRINE_WRONG, "record", "it is recorded or replayed already");
    v->recorder = recorder_new(v->pc, why, sizeof why);
    return v->recorder || error_say(error, VITRINE_WRONG, "record", "%s", why);
}

bool vitrine_write_recording(struct vitrine *v, FILE *to, struct vitrine_error *error)
{
    char why[WHY] = "", text[PACK_TEXT_MOST];
    struct writer w = { 0 };
    snprintf(text, sizeof text, "%sdate=%llu\nreset=%s\n", v->description, (unsigned long long)v->kit.config.machine.rtc_epoch,
             v->kit.config.machine.no_reboot ? "ends the run" : "goes on");
    bool ok = recorder_write(v->recorder, &w, why, sizeof why) && pack_write(to, PACK_RECORDING, text, w.bytes, w.n, why, sizeof why);
    free(w.bytes);
    return ok || error_say(error, VITRINE_HOST, "record", "%s", why);
}

/* ---- replayed ---- */

static u8 *open_file(const char *file, struct pack *p, struct vitrine_error *error)
{
    struct failure failure;
    char why[WHY];
    size_t n;
    u8 *bytes = (u8 *)file_text(file, MOST, &n, &failure);
    if (!bytes)
        error_say(error, VITRINE_WRONG, "replay", "cannot read %s: %s", file, failure.text);
    else if (!pack_open(p, PACK_RECORDING, bytes, n, why, sizeof why)) {
        error_say(error, VITRINE_WRONG, "replay", "%s: %s", file, why);
        free(bytes);
        bytes = NULL;
    }
    return bytes;
}

bool vitrine_recorded_time(const char *file, uint64_t *date, bool *real_drives, struct vitrine_error *error)
{
    struct pack p;
    char value[40];
    u8 *bytes = open_file(file, &p, error);
    if (!bytes)
        return false;
    description_value(p.text, "drives", value, sizeof value);
    *real_drives = !strcmp(value, "real");
    bool dated = description_value(p.text, "date", value, sizeof value);
    *date = strtoull(value, NULL, 10);
    pack_close(&p);
    free(bytes);
    return dated || error_say(error, VITRINE_WRONG, "replay", "%s: it does not say with which date it began", file);
}

static bool begin(struct vitrine *v, struct pack *p, char *why, size_t size)
{
    char value[40];
    description_value(p->text, "reset", value, sizeof value);
    bool ends = !strcmp(value, "ends the run");
    if (!v->description || !description_fits(p->text, v->description, "the recorded run", why, size))
        return false;
    if (ends != v->kit.config.machine.no_reboot) {
        snprintf(why, size, "a reset %s there, and here it %s (-no-reboot)", value, ends ? "goes on" : "ends the run");
        return false;
    }
    if (!pack_unpack(p, MOST, why, size))
        return false;
    struct reader r = { .bytes = p->bytes, .n = p->n };
    v->replay = replay_new(v->pc, &v->kit.host, v->kit.outputs, &r);
    snprintf(why, size, "%s", r.wrong);
    return v->replay;
}

bool vitrine_replay(struct vitrine *v, const char *file, struct vitrine_error *error)
{
    struct pack p;
    char why[WHY];
    if (v->recorder || v->replay)
        return error_say(error, VITRINE_WRONG, "replay", "it is recorded or replayed already");
    u8 *bytes = open_file(file, &p, error);
    if (!bytes)
        return false;
    bool ok = begin(v, &p, why, sizeof why);
    pack_close(&p);
    free(bytes);
    return ok || error_say(error, VITRINE_WRONG, "replay", "%s: %s", file, why);
}

bool vitrine_replays(const struct vitrine *v) { return machine_replays(v->m); }
bool vitrine_replay_left(struct vitrine *v, bool by_itself) { return v->replay && replay_end(v->replay, by_itself) == REPLAY_LEFT; }
