/* vectors.c - runs single-instruction tests that were captured from real processors, in every engine.
 *   vectors [-v] [-n COUNT] [-engine NAME] [--table FILE] [FILE | DIRECTORY]...
 * Without a name: $VITRINE_VECTORS, else the slice in tests/vectors/data (from the top of the sources). Exit code 77: skipped.
 * --table writes the counts of each opcode as a document (docs/cpu-vectors.md).
 * Follows: the README of the SingleStepTests suites for how a test runs.
 * Here: registers, flags, memory (also that nothing else was written), exceptions. Flags that the manuals
 * leave undefined are listed in undefined.c and counted apart. Not yet: bus cycles; of the suite's 1.47 million tests three that
 * no rule explains (frames with SS where CS belongs: CD #2044, CE #1193, FF.3 #1141). */
#include "table.h"
#include "../../cpu/mmu/access.h"
#include "../../host/file.h"
#include "../../host/folder.h"
#include <stdio.h>

enum {
    BUDGET = 0x20000,               /* REP counts one an iteration */
    FILES_MAX = 4096, FAILURES_SHOWN = 5, NOTES = 600, SKIPPED = 77
};

struct options {
    bool verbose;
    u32 count;                      /* tests a file at most */
    int engine;                     /* -1: all */
    const char *table;              /* file to write; NULL: none */
    const char *paths[FILES_MAX];
    int path_count, named;          /* named: on the command line */
};

static const char *const engine_names[] = { "fast", "slow", "debug", "step" };
static const u8 segment_of[] = { [MOO_CS] = CS, [MOO_SS] = SS, [MOO_DS] = DS, [MOO_ES] = ES };
static const u8 gpr_of[] = {
    [MOO_AX] = EAX, [MOO_BX] = EBX, [MOO_CX] = ECX, [MOO_DX] = EDX, [MOO_SP] = ESP, [MOO_BP] = EBP, [MOO_SI] = ESI, [MOO_DI] = EDI
};
static const char *const register_names[] = {
    "ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags"
};

/* ---- one test ---- */

/* What the processor shall do with the test. */
struct expectation {
    u16 reg[MOO_REGISTERS];
    u16 flags;                  /* compared ones */
    int vector;                 /* -1: no exception wanted */
    u32 frame[2];               /* linear addresses of the pushed flags' bytes; ~0: none */
};

static void shadow_byte(struct rig *r, u32 address, u8 v)
{
    if (address >= REACH)
        return;
    r->shadow[address] = v;
    r->used_page[address >> PAGE_SHIFT] = 1;
}

static void shadow_state(struct rig *r, const struct moo_state *s)
{
    for (u32 i = 0; i < s->ram_count; i++)
        shadow_byte(r, moo_ram_address(s, i), moo_ram_value(s, i));
}

static void set_frame(const struct rig *r, struct expectation *e, u16 ss, u16 sp)
{
    e->frame[0] = linear(r, ss, sp);
    e->frame[1] = linear(r, ss, (u16)(sp + 1));
}

/* Fill the shadow memory and the expectation. */
static void expect(struct rig *r, const struct moo_test *t, struct expectation *e)
{
    memset(e, 0, sizeof *e);
    e->frame[0] = e->frame[1] = ~0u;
    e->flags = FLAGS_ARITH | FLAG_TF | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT;
    if (is_8086(r))
        e->flags &= (u16)~(FLAG_IOPL | FLAG_NT);
    e->vector = t->has_exception ? t->vector : -1;
    if (t->has_exception)       /* the file's own address of it is the bus's, one off where SP is odd */
        set_frame(r, e, t->fina.reg[MOO_SS], (u16)(t->fina.reg[MOO_SP] + 4));
    memcpy(e->reg, t->fina.reg, sizeof e->reg);
    if (is_8086(r))
        e->reg[MOO_IP]++;       /* those suites have no HLT; here one is planted */
    shadow_state(r, &t->init);
    shadow_state(r, &t->fina);
}

static void load_state(struct rig *r, const struct moo_test *t, enum cpu_engine engine)
{
    struct cpu *cpu = r->bare.cpu;
    for (u32 i = 0; i < t->init.ram_count; i++) {
        u8 v = moo_ram_value(&t->init, i);
        space_poke(r->bare.memory, moo_ram_address(&t->init, i), &v, 1);
    }
    cpu->s = r->at_reset;
    for (int i = 0; i < MOO_REGISTERS; i++) {
        u16 v = t->init.reg[i];
        if (i == MOO_IP) {
            cpu->s.rip = v;
        } else if (i == MOO_FLAGS) {
            cpu->s.eflags = (v & 0xfff) | FLAG_1;
        } else if (i >= MOO_CS && i <= MOO_ES) {
            cpu->s.seg[segment_of[i]].selector = v;
            cpu->s.seg[segment_of[i]].base = (u64)v << 4;
        } else {
            cpu->s.gpr[gpr_of[i]] = v;
        }
    }
    cpu->s.a20 = !is_8086(r);
    cpu_changed(cpu);
    cpu_set_engine(cpu, engine);
    cpu_changed(cpu);
    r->vector = -1;
    r->planted = ~0u;
}

/* Does the HLT at the end of the test stand in the way of the instruction itself or of data that it reads? */
static bool plant_in_the_way(const struct rig *r, const struct moo_test *t, u32 address)
{
    u32 start = linear(r, t->init.reg[MOO_CS], t->init.reg[MOO_IP]);
    if (address >= start && address < start + t->length)
        return true;
    for (u32 i = 0; i < t->init.ram_count; i++) {
        if (moo_ram_address(&t->init, i) == address)
            return true;
    }
    return false;
}

static bool halted(const struct rig *r)
{
    return r->bare.cpu->s.activity == ACTIVITY_HALTED;
}

/* Run the instruction and the HLT behind it. A HLT that the capture rig injected is planted ahead where it can be; else
 * the instruction is run alone first, and the HLT planted where it arrived. */
static void run(struct rig *r, const struct moo_test *t, const struct expectation *e)
{
    u32 end = linear(r, e->reg[MOO_CS], (u16)(e->reg[MOO_IP] - 1));
    bool step = plant_in_the_way(r, t, end) && r->shadow[end] != HLT;
    u8 there = 0;
    if (e->vector >= 0)
        r->plant_at_vector = true;
    space_peek(r->bare.memory, end, &there, 1);
    if (there != HLT && !plant_in_the_way(r, t, end) && e->vector < 0)
        plant(r, end);
    else if (there != HLT)
        step = true;
    if (step && e->vector < 0) {
        u16 ip = (u16)r->bare.cpu->s.rip;
        bool rep;
        insn_opcode_at(t, &rep);
        for (int n = 0; n < BUDGET && cpu_run(r->bare.cpu, 1) != EXIT_SHUTDOWN && (u16)r->bare.cpu->s.rip == ip && rep; n++)
            ;
        cpu_sync(r->bare.cpu);
        plant(r, linear(r, r->bare.cpu->s.seg[CS].selector, (u16)r->bare.cpu->s.rip));
    }
    for (u64 start = cpu_insns(r->bare.cpu); !halted(r) && cpu_insns(r->bare.cpu) - start < BUDGET;) {
        enum cpu_exit x = cpu_run(r->bare.cpu, BUDGET);
        if (x == EXIT_HALTED || x == EXIT_SHUTDOWN)
            break;
    }
    cpu_sync(r->bare.cpu);
    r->plant_at_vector = false;
    if (r->planted != ~0u) {
        u8 v;
        space_peek(r->bare.memory, r->planted, &v, 1);
        if (v == HLT)
            space_poke(r->bare.memory, r->planted, &r->under_plant, 1);
    }
}

static void note(char *notes, const char *what, u32 wanted, u32 got)
{
    size_t n = strlen(notes);
    snprintf(notes + n, NOTES - n, " %s wanted %X got %X", what, wanted, got);
}

static u16 register_now(const struct cpu *cpu, int i)
{
    if (i == MOO_IP)
        return (u16)cpu->s.rip;
    if (i == MOO_FLAGS)
        return (u16)cpu->s.eflags;
    if (i >= MOO_CS && i <= MOO_ES)
        return cpu->s.seg[segment_of[i]].selector;
    return (u16)cpu->s.gpr[gpr_of[i]];
}

/* The flags that differ; other differences go into notes. */
static u16 compare(struct rig *r, const struct expectation *e, char *notes)
{
    u16 flags = (e->reg[MOO_FLAGS] ^ (u16)r->bare.cpu->s.eflags) & e->flags;
    if (!halted(r))
        note(notes, "halted", 1, 0);
    if (r->vector != e->vector)
        note(notes, "vector", (u32)e->vector, (u32)r->vector);
    for (int i = 0; i < MOO_FLAGS; i++) {
        if (register_now(r->bare.cpu, i) != e->reg[i])
            note(notes, register_names[i], e->reg[i], register_now(r->bare.cpu, i));
    }
    for (int i = 0; i < SEGMENTS; i++) {
        const struct segment *s = &r->bare.cpu->s.seg[i];
        if (s->base != (u64)s->selector << 4)
            note(notes, "segment base", (u32)s->selector << 4, (u32)s->base);
    }
    for (u32 page = 0; page < REACH; page += PAGE_SIZE) {
        r->used_page[page >> PAGE_SHIFT] |= ram_take_dirty(r->bare.ram, page, PAGE_SIZE);
        if (!r->used_page[page >> PAGE_SHIFT] || !memcmp(r->bare.ram->host + page, r->shadow + page, PAGE_SIZE))
            continue;
        for (u32 a = page; a < page + PAGE_SIZE; a++) {
            u8 differ = r->bare.ram->host[a] ^ r->shadow[a];
            char where[20];
            if (!differ)
                continue;
            if (a == e->frame[0] || a == e->frame[1]) {
                flags |= (u16)(differ << (a == e->frame[1]) * 8) & e->flags;
                continue;
            }
            snprintf(where, sizeof where, "[%X]", a);
            note(notes, where, r->shadow[a], r->bare.ram->host[a]);
        }
    }
    return flags;
}

/* Flags that may differ, and the rows that say so. */
static u16 undefined_flags(const struct rig *r, const struct moo_test *t)
{
    u16 flags = 0;
    for (const struct undefined *d = undefined; d->opcodes; d++) {
        if (undefined_applies(d, r->opcode, t))
            flags |= d->flags;
    }
    return flags;
}

/* Back to all zeros. */
static void clean(struct rig *r)
{
    for (u32 page = 0; page < REACH; page += PAGE_SIZE) {
        if (!r->used_page[page >> PAGE_SHIFT])
            continue;
        memset(r->shadow + page, 0, PAGE_SIZE);
        memset(r->bare.ram->host + page, 0, PAGE_SIZE);
        r->used_page[page >> PAGE_SHIFT] = 0;
    }
}

static void count_rows(struct rig *r, const struct moo_test *t, u16 flags)
{
    for (const struct undefined *d = undefined; d->opcodes; d++) {
        if ((d->flags & flags) && undefined_applies(d, r->opcode, t))
            r->used[d - undefined]++;
    }
}

static enum verdict judge(struct rig *r, const struct moo_test *t, enum cpu_engine engine, char *notes)
{
    struct expectation e;
    u16 flags, bad;
    expect(r, t, &e);
    load_state(r, t, engine);
    run(r, t, &e);
    notes[0] = 0;
    flags = compare(r, &e, notes);
    bad = flags & (u16)~undefined_flags(r, t);
    if (bad)
        note(notes, "flags", e.reg[MOO_FLAGS] & e.flags, (u32)r->bare.cpu->s.eflags & e.flags);
    clean(r);
    if (notes[0])
        return FAIL;
    if (!flags)
        return PASS;
    count_rows(r, t, flags);
    return LISTED;
}

/* ---- files ---- */

static void opcode_name(const char *path, char *name, size_t size)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *end = strstr(base, ".MOO");
    snprintf(name, size, "%.*s", end ? (int)(end - base) : (int)strlen(base), base);
}

static void run_file(struct rig *r, const struct options *o, const char *path, struct table *table)
{
    struct moo_file f;
    struct moo_test t;
    char bad[300], name[OPCODE_NAME], notes[NOTES];
    struct tally *tally;
    u64 count[VERDICTS] = { 0 };
    u32 shown = 0, done = 0;
    if (!moo_open(&f, path, bad, sizeof bad)) {
        fprintf(stderr, "vectors: %s\n", bad);
        r->verdicts[FAIL]++;
        return;
    }
    opcode_name(path, name, sizeof name);
    rig_use(r, f.cpu);
    r->opcode = name;
    tally = table_add(table, name, f.cpu);
    while (done++ < o->count && moo_next(&f, &t)) {
        tally->tests++;
        for (int engine = ENGINE_FAST; engine <= ENGINE_STEP; engine++) {
            if (o->engine >= 0 && engine != o->engine)
                continue;
            r->used = tally->used[engine];
            enum verdict v = judge(r, &t, (enum cpu_engine)engine, notes);
            count[v]++;
            tally->verdicts[engine][v]++;
            if (v == FAIL && (shown++ < FAILURES_SHOWN || o->verbose)) {
                printf("%s #%u %s (%s):%s\n    bytes", name, t.index, t.name, engine_names[engine], notes);
                for (u32 i = 0; i < t.length; i++)
                    printf(" %02X", t.bytes[i]);
                putchar('\n');
            }
        }
    }
    if (o->verbose || count[FAIL])
        printf("%-5s %-4s pass %6llu  listed %6llu  fail %6llu\n", name, f.cpu, (unsigned long long)count[PASS],
               (unsigned long long)count[LISTED], (unsigned long long)count[FAIL]);
    fflush(stdout);
    for (int i = 0; i < VERDICTS; i++)
        r->verdicts[i] += count[i];
    moo_close(&f);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void run_folder(struct rig *r, const struct options *o, const char *path, struct table *table)
{
    struct folder_list *folder = folder_open(path);
    char **list = NULL;
    size_t n = 0;
    for (const char *name; folder && (name = folder_next(folder)); )
        if (strstr(name, ".MOO")) {
            size_t size = strlen(path) + strlen(name) + 2;
            list = xrealloc(list, (n + 1) * sizeof *list);
            snprintf(list[n++] = xcalloc(1, size), size, "%s/%s", path, name);
        }
    folder_close(folder);
    if (!n) {
        fprintf(stderr, "vectors: no MOO files in %s\n", path);
        r->verdicts[FAIL]++;
        return;
    }
    qsort(list, n, sizeof *list, by_name);
    for (size_t i = 0; i < n; i++) {
        run_file(r, o, list[i], table);
        free(list[i]);
    }
    free(list);
}

static void run_path(struct rig *r, const struct options *o, const char *path, struct table *table)
{
    if (file_kind_at(path, NULL, NULL) == FILE_FOLDER)
        run_folder(r, o, path, table);
    else
        run_file(r, o, path, table);
}

static int parse(struct options *o, int argc, char **argv)
{
    const char *data = getenv("VITRINE_VECTORS");
    *o = (struct options){ .count = ~0u, .engine = -1 };
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v")) {
            o->verbose = true;
        } else if (!strcmp(argv[i], "-n") && i + 1 < argc) {
            o->count = (u32)strtoul(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "-engine") && i + 1 < argc) {
            i++;
            for (int e = 0; e < (int)ARRAY_LEN(engine_names); e++) {
                if (!strcmp(argv[i], engine_names[e]))
                    o->engine = e;
            }
            if (o->engine < 0) {
                fprintf(stderr, "vectors: -engine: expected fast, slow, debug or step, not '%s'\n", argv[i]);
                return 2;
            }
        } else if (!strcmp(argv[i], "--table") && i + 1 < argc) {
            o->table = argv[++i];
        } else if (argv[i][0] == '-' || o->path_count == FILES_MAX) {
            fprintf(stderr, "usage: vectors [-v] [-n COUNT] [-engine fast|slow|debug|step] [--table FILE] [FILE | DIRECTORY]...\n");
            return 2;
        } else {
            o->paths[o->path_count++] = argv[i];
        }
    }
    o->named = o->path_count;
    if (!o->path_count)
        o->paths[o->path_count++] = data && *data ? data : "tests/vectors/data";
    return 0;
}

/* What was typed, with the directory that the environment named. */
static bool write_table(const struct table *t, const struct options *o)
{
    char command[1000];
    int n = snprintf(command, sizeof command, "build/tests/vectors --table %s", o->table);
    if (o->count != ~0u)
        n += snprintf(command + n, sizeof command - (size_t)n, " -n %u", o->count);
    if (o->engine >= 0)
        n += snprintf(command + n, sizeof command - (size_t)n, " -engine %s", engine_names[o->engine]);
    for (int i = 0; i < o->path_count && n < (int)sizeof command; i++) {
        const char *slash = strrchr(o->paths[i], '/');          /* where it lies is this host's affair */
        n += snprintf(command + n, sizeof command - (size_t)n, " %s", slash && slash[1] ? slash + 1 : o->paths[i]);
    }
    return table_write(t, o->table, command);
}

static void print_totals(const struct rig *r, const struct table *t)
{
    printf("pass %llu, listed %llu, fail %llu\n", (unsigned long long)r->verdicts[PASS], (unsigned long long)r->verdicts[LISTED],
           (unsigned long long)r->verdicts[FAIL]);
    for (int d = 0; undefined[d].opcodes; d++) {
        u64 used = 0;
        for (int i = 0; i < t->count * ENGINES; i++)
            used += t->tallies[i / ENGINES].used[i % ENGINES][d];
        if (used)
            printf("listed %7llu: %.60s: %s\n", (unsigned long long)used, undefined[d].opcodes, undefined[d].why);
    }
}

int main(int argc, char **argv)
{
    struct rig r = { 0 };
    struct table table = { .engine_names = engine_names };
    struct options *o = xcalloc(1, sizeof *o);
    if (parse(o, argc, argv))
        return 2;
    if (!moo_reads_gzip() && !o->named) {
        printf("vectors: skipped: built without zlib\n");
        return SKIPPED;
    }
    rig_open(&r);
    for (int e = 0; e < ENGINES; e++)
        table.engine_ran[e] = o->engine < 0 || o->engine == e;
    for (int i = 0; i < o->path_count; i++)
        run_path(&r, o, o->paths[i], &table);
    print_totals(&r, &table);
    int status = r.verdicts[FAIL] || !(r.verdicts[PASS] + r.verdicts[LISTED]);
    if (o->table && !write_table(&table, o))
        status = 4;
    table_free(&table);
    rig_close(&r);
    free(o);
    return status;
}
