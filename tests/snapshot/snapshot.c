/* snapshot.c - guests of tests/guest, saved under way and loaded into another machine: snapshot BIOS VGABIOS IMAGE...
 * Each runs to its end in one machine that is left alone. Another is hashed and saved at moments on the way; each of what was saved
 * is loaded into a third, which goes on, with another engine. All end at the same instruction in the same state, and what the
 * first and the second would save at the end is the same to the byte, backing TLB and clock included. */
#include <stdio.h>
#include "../../cpu/cpu.h"
#include "../../cpu/cpuid.h"
#include "../../iodev/board/pc.h"
#include "../../iodev/image/image.h"
#include "../../memory/snapshot.h"

enum { FLOPPY = 1440 << 10, MB = 1 << 20, SAVES = 15, LOOKS = 4 /* hashes a save */ };
static const u64 NEVER = UINT64_MAX, LONG = 400000000;     /* instructions: no guest of these runs longer */

struct file { u8 *bytes; size_t n; };
struct given { struct file bios, vgabios, image; };

/* The test's own trouble. */
static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "snapshot: %s: %s\n", what, why);
    exit(1);
}

static struct file file_of(const char *path)
{
    struct file file = { xcalloc(1, 4 * MB), 0 };
    FILE *f = fopen(path, "rb");
    if (!f)
        fail(path, "cannot be opened");
    file.n = fread(file.bytes, 1, 4 * MB, f);
    fclose(f);
    return file;
}

static void quiet(void *to, const char *text) { (void)to, (void)text; }

static struct pc *start(const struct given *g, enum cpu_engine engine)
{
    char error[200];
    struct pc *pc = pc_new(&(struct pc_config) {
        .machine = { .ram_size = 64 * MB, .model = cpu_model_find("max"), .engine = (int)engine, .no_reboot = true },
        .bios = g->bios.bytes, .bios_size = g->bios.n, .vgabios = g->vgabios.bytes, .vgabios_size = g->vgabios.n,
        .floppy = { image_new_memory("floppy", IMAGE_FLOPPY, g->image.bytes, FLOPPY) },
        .boot_order = "a", .fast_drives = true,
    }, error, sizeof error);
    if (!pc)
        fail("a board", error);
    log_redirect(machine_log(pc_machine(pc)), quiet, NULL);
    return pc;
}

static void hash_of(struct machine *m, char text[33])
{
    struct hash h = { { 0, 0 } };
    machine_hash(m, &h);
    hash_text(&h, text);
}

static enum machine_stop run_to(struct machine *m, u64 insns)
{
    machine_limit_insns(m, insns);
    return machine_run(m, NEVER);
}

/* Load into a new machine, and run that to the end. */
static bool goes_on(const struct given *g, const char *name, const struct writer *saved, u64 at, u64 end, const char *want, enum cpu_engine engine)
{
    struct pc *pc = start(g, engine);
    struct machine *m = pc_machine(pc);
    struct reader r = { .bytes = saved->bytes, .n = saved->n };
    struct writer again = { 0 };
    char got[33] = "";
    bool ok = machine_load(m, &r);
    if (!ok)
        printf("%s: saved at %llu, does not load: %s\n", name, (unsigned long long)at, r.wrong);
    machine_save(m, &again);
    if (ok && (again.n != saved->n || memcmp(again.bytes, saved->bytes, again.n))) {
        size_t k = 0;
        while (k < again.n && k < saved->n && again.bytes[k] == saved->bytes[k])
            k++;
        printf("%s: saved at %llu, loaded and saved again it differs from byte %zu of %zu on\n", name, (unsigned long long)at, k, saved->n);
        ok = false;
    }
    if (ok) {
        run_to(m, end);
        hash_of(m, got);
        if (strcmp(got, want)) {
            printf("%s: saved at %llu, loaded and run to %llu: expected the state %s, not %s\n", name, (unsigned long long)at,
                   (unsigned long long)end, want, got);
            ok = false;
        }
    }
    free(again.bytes);
    pc_free(pc);
    return ok;
}

static bool try(struct given *g, const char *path)
{
    static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG };
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    char want[33], got[33];
    bool ok = true;
    g->image = file_of(path);
    struct pc *alone = start(g, ENGINE_FAST), *watched = start(g, ENGINE_FAST);
    struct machine *m = pc_machine(watched);
    struct writer last = { 0 }, last_watched = { 0 };
    enum machine_stop stop = run_to(pc_machine(alone), LONG);
    u64 end = machine_insns(pc_machine(alone));
    if (stop == STOP_MAX_INSNS)
        fail(name, "it does not come to its end");
    hash_of(pc_machine(alone), want);
    for (u64 k = 0; k < SAVES * LOOKS; k++) {
        u64 left = end >> (k / LOOKS + 1);                      /* firmware has the first half at least, and the guest the end */
        u64 at = end - left + left / 2 / LOOKS * (k % LOOKS);
        if (run_to(m, at) != STOP_MAX_INSNS)
            fail(name, "hashed on the way, it ends too early");
        hash_of(m, got);
        if (k % LOOKS != LOOKS - 1)
            continue;
        struct writer saved = { 0 };
        machine_save(m, &saved);
        ok &= goes_on(g, name, &saved, at, end, want, engines[k / LOOKS % ARRAY_LEN(engines)]);
        free(saved.bytes);
    }
    run_to(m, end);
    hash_of(m, got);
    machine_save(pc_machine(alone), &last);
    machine_save(m, &last_watched);
    if (strcmp(got, want) || last.n != last_watched.n || memcmp(last.bytes, last_watched.bytes, last.n)) {
        printf("%s: a machine that was hashed and saved on the way ends otherwise than one that was left alone\n", name);
        ok = false;
    }
    printf("%s: %llu instructions, %zu KB saved: %s\n", name, (unsigned long long)end, last.n >> 10, ok ? "as if nobody had saved" : "FAILED");
    free(last.bytes);
    free(last_watched.bytes);
    free(g->image.bytes);
    pc_free(alone);
    pc_free(watched);
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = true;
    if (argc < 4)
        fail("expected", "snapshot BIOS VGABIOS IMAGE...");
    struct given g = { .bios = file_of(argv[1]), .vgabios = file_of(argv[2]) };
    for (int k = 3; k < argc; k++)
        ok &= try(&g, argv[k]);
    free(g.bios.bytes);
    free(g.vgabios.bytes);
    return ok ? 0 : 1;
}
