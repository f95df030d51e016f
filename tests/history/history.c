/* history.c - back in time on real boots: history BIOS VGABIOS IMAGE... See README.md. */
#include <stdio.h>
#include "../../cpu/cpu.h"
#include "../../cpu/cpuid.h"
#include "../../debugger/history/history.h"
#include "../../iodev/board/pc.h"
#include "../../iodev/image/image.h"

enum { FLOPPY_MOST = 2880 << 10, MB = 1 << 20, MOMENTS = 10, HASH = 33 };
static const u64 NEVER = UINT64_MAX, LONG = 90000000;   /* instructions: of those that come to no end */

struct file { u8 *bytes; size_t n; };
struct given { struct file bios, vgabios, image; };
struct run {
    const char *name;
    struct pc *pc;
    struct machine *m;
    struct control *control;            /* NULL: a machine without history */
    struct history *history;
    bool ok;
};

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "history: %s: %s\n", what, why);
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

static struct run start(const struct given *g, const char *name, enum cpu_engine engine, u64 budget)
{
    char error[200];
    struct run r = { .name = name, .ok = true };
    r.pc = pc_new(&(struct pc_config) {
        .machine = { .ram_size = 64 * MB, .model = cpu_model_find("max"), .engine = (int)engine },
        .bios = g->bios.bytes, .bios_size = g->bios.n, .vgabios = g->vgabios.bytes, .vgabios_size = g->vgabios.n,
        .floppy = { image_new_memory("floppy", IMAGE_FLOPPY, g->image.bytes, g->image.n) },
        .boot_order = "a", .fast_drives = true,
    }, error, sizeof error);
    if (!r.pc)
        fail(name, error);
    r.m = pc_machine(r.pc);
    log_redirect(machine_log(r.m), quiet, NULL);
    if (budget) {
        r.control = control_new(r.m);
        r.history = history_new(r.control, r.pc, budget);
    }
    return r;
}

static void end(struct run *r)
{
    history_free(r->history);
    control_free(r->control);
    pc_free(r->pc);
}

static void hash_of(struct run *r, char text[HASH])
{
    struct hash h = { { 0, 0 } };
    machine_hash(r->m, &h);
    hash_text(&h, text);
}

static void to(struct run *r, u64 insns)
{
    if (r->control) {
        control_set_limit(r->control, insns);
        control_go(r->control);
    } else {
        machine_limit_insns(r->m, insns);
        machine_run(r->m, NEVER);
    }
}

static void wants(struct run *r, const char *what, u64 n, const char *want)
{
    char got[HASH];
    hash_of(r, got);
    if (strcmp(got, want)) {
        printf("%s: %s %llu, at instruction %llu: expected the state %s, not %s\n", r->name, what, (unsigned long long)n,
               (unsigned long long)machine_insns(r->m), want, got);
        r->ok = false;
    }
}

static void arrives(struct run *r, const char *what, u64 n, enum back got)
{
    if (got == BACK_THERE || got == BACK_BEGINNING)
        return;
    printf("%s: %s %llu: %s\n", r->name, what, (unsigned long long)n, back_text(got));
    r->ok = false;
}

/* A key, bytes for COM1, another pace. */
static void give(struct run *r, u64 k)
{
    machine_input(r->m, &(struct input_event) { .kind = INPUT_KEY, .key = (u8)(4 + k % 20), .down = 1 });
    machine_input(r->m, &(struct input_event) { .kind = INPUT_KEY, .key = (u8)(4 + k % 20) });
    machine_input(r->m, &(struct input_event) { .kind = INPUT_TICK_COST, .cost = (u32)(TICK_COST_1_NS + k * 12345) });
    for (u8 c = 'a'; c < 'e'; c++)
        machine_input(r->m, &(struct input_event) { .kind = INPUT_SERIAL, .byte = c });
}

/* Forward and back, near and far, and where it was again. */
static void there_and_back(struct run *r, u64 k)
{
    static const u64 steps[] = { 1, 2, 7, 1000, 54321, 1000000 };
    char here[HASH], ahead[HASH];
    u64 at = machine_insns(r->m), n = steps[k % ARRAY_LEN(steps)];
    hash_of(r, here);
    to(r, at + n);
    hash_of(r, ahead);
    arrives(r, "back", n, history_back(r->history, n));
    wants(r, "forward and back", n, here);
    to(r, at + n);
    wants(r, "forward, back and forward", n, ahead);
    arrives(r, "back", n + at / 3, history_back(r->history, n + at / 3));
    arrives(r, "back", 1, history_back(r->history, 1));
    to(r, at + n);
    wants(r, "far back and forward", n + at / 3 + 1, ahead);
}

/* The BIOS counts timer interrupts at 40:6C; from its last write on it stays as it is. */
static void who_wrote(struct run *r)
{
    u64 at = machine_insns(r->m), linear = 0x46c;
    struct point_hit hit;
    char here[HASH];
    u8 now[4], then[4], behind[4];
    hash_of(r, here);
    if (!cpu_peek(machine_cpu(r->m), linear, now, 4) || !get32(now))
        return;
    enum back back = history_last_write(r->history, linear, 4, &hit);
    arrives(r, "last write to", linear, back);
    if (back != BACK_THERE)
        return;
    cpu_peek(machine_cpu(r->m), linear, then, 4);
    to(r, machine_insns(r->m) + 1);
    cpu_peek(machine_cpu(r->m), linear, behind, 4);
    if (hit.now != get32(now) || hit.old != get32(then) || hit.old == hit.now || get32(behind) != get32(now)) {
        printf("%s: the last write to %llx: expected %x -> %x, not %llx -> %llx by %s, %x behind it\n", r->name,
               (unsigned long long)linear, get32(then), get32(now), (unsigned long long)hit.old, (unsigned long long)hit.now, hit.by,
               get32(behind));
        r->ok = false;
    }
    to(r, at);
    wants(r, "back to the last write and forward from", at, here);
}

/* The BIOS's count; asked where it is written, or at each instruction. */
struct question { struct run *r; bool each; };
static bool odd_count(void *to, struct language_reads *reads)
{
    const struct question *q = to;
    u8 now[4] = { 0 };
    reads->memory[reads->memory_count++] = (struct memory_read) { 0x46c, 4, false };
    reads->more = q->each;
    return cpu_peek(machine_cpu(q->r->m), 0x46c, now, 4) && get32(now) % 2;
}

/* Both come to the same place, and from there back to where they were asked. */
static void when_odd(struct run *r)
{
    u64 at = machine_insns(r->m), place[2];
    char here[HASH], there[2][HASH];
    enum back end[2];
    hash_of(r, here);
    for (int k = 0; k < 2; k++) {
        struct question q = { r, k };
        struct point_hit hit;
        end[k] = history_when(r->history, &(struct history_question) { odd_count, NULL, &q }, &hit);
        place[k] = machine_insns(r->m);
        hash_of(r, there[k]);
        to(r, at);
        wants(r, "back to when the count became odd and forward from", place[k], here);
    }
    if (end[0] != end[1] || place[0] != place[1] || strcmp(there[0], there[1])) {
        printf("%s: when the count became odd: instruction %llu (%s), asked at each instruction: %llu (%s)\n", r->name,
               (unsigned long long)place[0], back_text(end[0]), (unsigned long long)place[1], back_text(end[1]));
        r->ok = false;
    }
}

static bool try(struct given *g, const char *path, enum cpu_engine engine, u64 budget)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    char want[HASH];
    g->image = file_of(path);
    if (g->image.n > FLOPPY_MOST)
        fail(path, "expected a floppy image");
    struct run first = start(g, name, ENGINE_FAST, 0), alone = start(g, name, ENGINE_FAST, 0), kept = start(g, name, engine, budget);
    to(&first, LONG);
    u64 span = machine_insns(first.m) / (MOMENTS + 1);
    end(&first);
    for (u64 k = 1; k <= MOMENTS; k++) {
        u64 at = k * span;
        to(&alone, at);
        to(&kept, at);
        if (machine_insns(alone.m) < at)                /* its end */
            break;
        give(&alone, k);
        give(&kept, k);
        to(&alone, at + 1);                             /* it has entered */
        to(&kept, at + 1);
        there_and_back(&kept, k);
        to(&alone, machine_insns(kept.m));
        if (k % 3 == 0)
            who_wrote(&kept);
        if (k % 4 == 0)
            when_odd(&kept);
    }
    hash_of(&alone, want);
    wants(&kept, "beside one without history, after moments", MOMENTS, want);
    struct history_view v = history_view(kept.history);
    if (v.bytes > v.budget || v.past) {
        printf("%s: %llu bytes are kept of %llu, %s\n", name, (unsigned long long)v.bytes, (unsigned long long)v.budget,
               v.past ? "in the past" : "in the present");
        kept.ok = false;
    }
    bool ok = kept.ok;
    end(&kept);
    end(&alone);
    free(g->image.bytes);
    return ok;
}

int main(int argc, char **argv)
{
    static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_STEP };
    struct given g = { 0 };
    bool ok = true;
    if (argc < 4)
        fail("arguments", "expected BIOS VGABIOS IMAGE...");
    g.bios = file_of(argv[1]);
    g.vgabios = file_of(argv[2]);
    for (int k = 3; k < argc; k++)
        ok &= try(&g, argv[k], engines[k % ARRAY_LEN(engines)], k % 2 ? HISTORY_BUDGET : 4 * MB);
    free(g.bios.bytes);
    free(g.vgabios.bytes);
    return !ok;
}
