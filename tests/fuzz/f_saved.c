/* f_saved.c - a state that says what it likes: loaded into a board it is refused, or the machine goes on, whatever its fields hold; a
 * recorded run, likewise; and a file that is given as one. The input: what it is, then the file; or patches of what was saved or recorded
 * (where, what), after which the machine runs a while. */
#include "board.h"
#include "../../cpu/cpu.h"
#include "../../iodev/saved/media.h"
#include "../../iodev/saved/pack.h"
#include "../../iodev/saved/recording.h"
#include "../../iodev/image/image.h"
#include "../../memory/snapshot.h"
#include <stdio.h>

enum { PATCHES = 24, RUN_NS = 3000000, UNPACKED_MOST = 1 << 24, HEADER = 64, HASH_AT = 48 };

/* Its hash as it ought to be. */
static void forge(u8 *file, size_t n)
{
    struct hash h = { { 0, 0 } };
    u64 text = get64(file + 24), packed = n - HEADER;
    text = text < packed ? text : packed;
    put64(file + 40, packed - text);
    hash_bytes(&h, file, HASH_AT);
    hash_bytes(&h, file + HEADER, text);
    hash_bytes(&h, file + HEADER + text, packed - text);
    put64(file + HASH_AT, h.h[0]);
    put64(file + HASH_AT + 8, h.h[1]);
}

static void file(struct bytes *b, enum pack_kind kind, bool forged)
{
    struct pack p;
    char why[200] = "";
    size_t n = left(b);
    u8 *copy = xcalloc(n + 1, 1);                       /* of its exact size */
    take_into(b, copy, n);
    u8 *exact = realloc(copy, n ? n : 1);
    if (forged && n >= HEADER)
        forge(exact, n);
    bool ok = pack_open(&p, kind, exact, n, why, sizeof why) && pack_unpack(&p, UNPACKED_MOST, why, sizeof why);
    case_check(ok || *why, "refused without a word");
    case_check(!ok || p.n <= UNPACKED_MOST, "%zu bytes came out", p.n);
    pack_close(&p);
    free(exact);
}

static void patch(struct writer *w, struct bytes *b)
{
    for (int k = take8(b) % PATCHES; k >= 0 && left(b); k--) {
        u32 at = take32(b) % (u32)w->n, n = 1 + take8(b) % 8;
        for (u32 i = 0; i < n && at + i < w->n; i++)
            w->bytes[at + i] = take8(b);
    }
}

/* It goes on, and can be looked at, saved and reset. */
static void go_on(struct pc *pc)
{
    struct machine *m = pc_machine(pc);
    struct screen screen = pc_screen(pc);
    struct frame frame = { 0 };
    struct hash h = { { 0, 0 } };
    machine_limit_insns(m, machine_insns(m) + 20000);
    machine_run(m, machine_now(m) + RUN_NS);
    screen.draw(screen.dev, &frame, true, true);
    frame_free(&frame);
    machine_hash(m, &h);
    struct writer again = { 0 };
    machine_save(m, &again);
    free(again.bytes);
    machine_reset(m);
    machine_limit_insns(m, machine_insns(m) + 2000);
    machine_run(m, machine_now(m) + RUN_NS);
}

static void state(struct bytes *b)
{
    char why[200] = "";
    struct writer w = { 0 };
    struct pc *pc = board_new(ENGINE_FAST, 0);
    struct outputs *outputs = outputs_new();
    struct image_host host = { 0 };
    machine_limit_insns(pc_machine(pc), 1000);
    machine_run(pc_machine(pc), RUN_NS);
    case_check(media_write(pc, &w, why, sizeof why), "%s", why);
    machine_save(pc_machine(pc), &w);
    patch(&w, b);
    struct reader r = { .bytes = w.bytes, .n = take8(b) ? w.n : w.n - take16(b) % w.n };
    struct media *media = media_read(pc, &host, outputs, &r);
    if (media && machine_load(pc_machine(pc), &r)) {
        media_place(media, pc);
        go_on(pc);
    } else {
        case_check(*r.wrong, "refused without a word");
        media_drop(media);
        machine_reset(pc_machine(pc));
    }
    free(w.bytes);
    pc_free(pc);
    outputs_free(outputs);
}

static struct writer recorded(void)
{
    char why[200] = "";
    struct writer w = { 0 };
    struct pc *pc = board_new(ENGINE_FAST, 0);
    struct recorder *recorder = recorder_new(pc, why, sizeof why);
    case_check(recorder, "%s", why);
    for (u8 k = 0; k < 6; k++) {
        machine_input(pc_machine(pc), &(struct input_event) { .kind = INPUT_KEY, .key = (u8)(4 + k), .down = k & 1 });
        machine_input(pc_machine(pc), &(struct input_event) { .kind = INPUT_TICK_COST, .cost = 1000000u * (k + 1u) });
        machine_run(pc_machine(pc), (k + 1) * 30000000ull);
    }
    machine_input(pc_machine(pc), &(struct input_event) { .kind = INPUT_MEDIUM });
    machine_run(pc_machine(pc), 200000000);
    case_check(recorder_write(recorder, &w, why, sizeof why), "%s", why);
    recorder_free(recorder);
    pc_free(pc);
    return w;
}

static void recording(struct bytes *b)
{
    struct writer w = recorded();
    struct pc *pc = board_new(ENGINE_FAST, 0);
    struct outputs *outputs = outputs_new();
    struct image_host host = { 0 };
    patch(&w, b);
    struct reader r = { .bytes = w.bytes, .n = take8(b) ? w.n : w.n - take16(b) % w.n };
    struct replay *replay = replay_new(pc, &host, outputs, &r);
    case_check(replay || *r.wrong, "refused without a word");
    machine_run(pc_machine(pc), 250000000);
    if (replay)
        replay_end(replay, true);
    replay_free(replay);
    free(w.bytes);
    pc_free(pc);
    outputs_free(outputs);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    case_begin();
    case_quiet();
    u8 what = take8(&b);
    if (what & 1 && what & 2)
        recording(&b);
    else if (what & 1)
        state(&b);
    else
        file(&b, what & 2 ? PACK_RECORDING : PACK_STATE, what & 4);
    case_end();
    return 0;
}
