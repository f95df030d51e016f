/* lockstep.c - random instructions on the host's processor and on ours, compared after each one.
 *   lockstep [--seed N] [--count M] [--regressions FILE] [--keep FILE] [--rows] [--exercised FILE]
 *            [--record FILE] [--self]
 *   lockstep --replay FILE | --cases FILE
 * A sequence of instructions is made up while the host runs it one by one; ours follows one by one in SLOW, comparing
 * registers, flags, memory and faults each time; then FAST, SLOW and DEBUG run the whole sequence at once, which is
 * what exercises blocks, lazy flags and fusion. Flags that the manual leaves undefined are not compared, nor used by
 * the next instruction. --record writes what the host did; --replay and --cases judge by such a file, on any host. --self puts ours in the processor's place: it shows what is made.
 * README.md says how to read what it prints. Exit code 1: differences; 77: skipped, with the reason.
 * Here: integer, x87 and MMX instructions, in 32- and 16-bit code, through flat, limited, expand-down and based
 * segments. */
#include "report.h"
#include "../support/die.h"

enum {
    SKIPPED = 77,
    COUNT_DEFAULT = 20000,
    COUNT_ALL = 1000000, /* then every row must have run */
    LONG_SHARE = 8
};

struct options {
    u64 seed, count;
    const char *regressions, *keep, *record, *replay, *cases, *exercised;
    bool rows, self;
};

static bool parse(struct options *o, int argc, char **argv)
{
    *o = (struct options){ .seed = 1, .count = COUNT_DEFAULT };
    const struct { const char *name; const char **to; } files[] = {
        { "--regressions", &o->regressions }, { "--keep", &o->keep }, { "--record", &o->record },
        { "--replay", &o->replay }, { "--cases", &o->cases }, { "--exercised", &o->exercised },
    };
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc, known = false;
        for (size_t k = 0; more && !known && k < ARRAY_LEN(files); k++) {
            known = !strcmp(argv[i], files[k].name);
            if (known)
                *files[k].to = argv[++i];
        }
        if (known)
            continue;
        if (!strcmp(argv[i], "--seed") && more)
            o->seed = strtoull(argv[++i], NULL, 0);
        else if (!strcmp(argv[i], "--count") && more)
            o->count = strtoull(argv[++i], NULL, 0);
        else if (!strcmp(argv[i], "--rows"))
            o->rows = true;
        else if (!strcmp(argv[i], "--self"))
            o->self = true;
        else
            return false;
    }
    return !(o->replay && o->cases);
}

static void open_sides(struct lockstep *l)
{
    static const enum cpu_engine engines[ENGINES] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG };
    u8 fill[CODE_SIZE];
    memset(fill, HLT, sizeof fill);
    guest_open(&l->step, ENGINE_SLOW);
    for (int e = 0; e < ENGINES; e++) {
        guest_open(&l->whole[e], engines[e]);
        guest_write(&l->whole[e], CODE_AT, fill, sizeof fill);
    }
    code_write(l, CODE_AT, fill, sizeof fill);
    l->now = image_new();
    encodings_open(&l->g.encodings);
    l->g.segments = l->host.segments;
    l->g.memory = &l->now;
}

static void close_sides(struct lockstep *l)
{
    encodings_close(&l->g.encodings);
    image_free(&l->now);
    free(l->changes.list);
    guest_close(&l->step);
    for (int e = 0; e < ENGINES; e++)
        guest_close(&l->whole[e]);
    host_close(&l->host);
}

/* By a file: no host is asked. */
static int judge_by_file(struct lockstep *l, const struct options *o)
{
    int cases = 0;
    bool good = o->cases ? cases_judge(l, o->cases, &cases) : recording_judge(l, o->replay);
    if (good)
        report_file(l, o->cases ? o->cases : o->replay, cases);
    return !good || l->failures || !l->done;
}

static int judge_by_host(struct lockstep *l, const struct options *o)
{
    struct tape *tape = NULL;
    char why[300];
    if (o->record) {
        tape = l->tape = xcalloc(1, sizeof *tape);
        if (!tape_create(tape, o->record, &l->judge, l->host.segments, why, sizeof why))
            die("%s", why);
    }
    u64 count = l->judge.long_mode && o->count >= COUNT_ALL ? o->count / LONG_SHARE : o->count;      /* TF takes long there */
    int replayed = o->regressions ? replay(l, o->regressions) : 0;
    while (l->done < count && l->failures < FAILURES_MAX)
        sequence_run(l);
    if (tape && !tape_close(tape))
        die("cannot write the recording %s", o->record);
    free(tape);
    int missing = report_end(l, replayed, o->rows);
    if (o->exercised && !encodings_write(&l->g.encodings, o->exercised))
        die("cannot write the list of rows %s", o->exercised);
    return l->failures || (missing && o->count >= COUNT_ALL && !l->judge.long_mode);
}

int main(int argc, char **argv)
{
    struct options o;
    char why[200];
    if (!parse(&o, argc, argv)) {
        fprintf(stderr, "usage: lockstep [--seed N] [--count M] [--regressions FILE] [--keep FILE] [--rows] [--exercised FILE]\n"
                        "                [--record FILE] [--self]\n"
                        "       lockstep --replay FILE | --cases FILE\n");
        return 2;
    }
    struct lockstep *l = xcalloc(1, sizeof *l);
    bool by_file = o.replay || o.cases;
    l->seed = l->g.random.s = o.seed;
    l->keep = o.keep;
    l->judge = processor_host();
    if (by_file) {
        host_open_empty(&l->host);
    } else if (o.self) {
        host_open_self(&l->host);
        l->judge = (struct processor){ .letters = "Vitrine", .brand = "Vitrine, itself" };
        processor_derive(&l->judge);
    } else if (!host_open(&l->host, why, sizeof why)) {
        printf("lockstep: skipped: %s\n", why);
        free(l);
        return SKIPPED;
    }
    l->judge.long_mode = l->host.victim.long_mode;
    open_sides(l);
    int code = by_file ? judge_by_file(l, &o) : judge_by_host(l, &o);
    close_sides(l);
    free(l);
    return code;
}
