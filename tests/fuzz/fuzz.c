/* fuzz.c - guest nonsense must never crash, hang or corrupt the host, and means the same in every engine.
 *   fuzz code|devices [--seed N] [--count M]
 * Case k of a seed is the case of seed N + k: a failure is repeated alone with --seed and --count 1. */
#include "fuzz.h"
#include "../../iodev/image/image.h"
#include <stdio.h>

enum { BIOS_SIZE = 64 << 10, RESET_VECTOR = 0xfff0, DISK = 1 << 20, CD = 2 << 20, FLOPPY = 1474560, VGABIOS = 0x8000 };

static void swallow(void *to, const char *text)
{
    (void)to;
    (void)text;
}

struct pc *fuzz_machine(enum cpu_engine engine)
{
    u8 *bios = xcalloc(BIOS_SIZE, 1), *vgabios = xcalloc(VGABIOS, 1);
    memset(bios, 0xf4, BIOS_SIZE);
    bios[RESET_VECTOR] = 0xeb;                          /* jmp $ */
    bios[RESET_VECTOR + 1] = 0xfe;
    struct pc_config config = {
        .machine = { .ram_size = FUZZ_RAM, .model = cpu_model_find("max"), .engine = engine, .no_reboot = true },
        .bios = bios, .bios_size = BIOS_SIZE, .vgabios = vgabios, .vgabios_size = VGABIOS,
        .floppy = { image_new_memory("floppy", IMAGE_FLOPPY, NULL, FLOPPY) },
        .drive = { { false, image_new_memory("disk", IMAGE_DISK, NULL, DISK) }, { 0 },
                   { true, image_new_memory("cd", IMAGE_CD, NULL, CD) }, { true, NULL } },
    };
    struct pc *pc = pc_new(&config, (char[256]){ 0 }, 256);
    free(bios);
    free(vgabios);
    log_redirect(machine_log(pc_machine(pc)), swallow, NULL);
    return pc;
}

void fuzz_log_all(struct pc *pc)
{
    char bad[8];
    log_select(machine_log(pc_machine(pc)), "all", bad, sizeof bad);
}

void fuzz_hash(struct pc *pc, char text[33])
{
    struct hash hash = { { 0, 0 } };
    machine_hash(pc_machine(pc), &hash);
    hash_text(&hash, text);
}

int main(int argc, char **argv)
{
    u64 seed = 1, count = 100, failures = 0;
    bool (*run)(u64) = NULL;
    if (argc > 1)
        run = !strcmp(argv[1], "code") ? fuzz_code : !strcmp(argv[1], "devices") ? fuzz_devices : NULL;
    for (int k = 2; k + 1 < argc; k += 2) {
        if (!strcmp(argv[k], "--seed"))
            seed = strtoull(argv[k + 1], NULL, 0);
        else if (!strcmp(argv[k], "--count"))
            count = strtoull(argv[k + 1], NULL, 0);
    }
    if (!run) {
        fprintf(stderr, "usage: fuzz code|devices [--seed N] [--count M]\n");
        return 2;
    }
    for (u64 k = 0; k < count && failures < 10; k++)
        failures += !run(seed + k);
    printf("%llu cases from seed %llu, %llu failures\n", (unsigned long long)count, (unsigned long long)seed,
           (unsigned long long)failures);
    return failures != 0;
}
