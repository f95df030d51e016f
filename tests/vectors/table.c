/* table.c - the document of the captured tests: `vectors --table FILE`.
 * Here: a line for each opcode with its row of our opcode table, and the undefined flags with their documents. Engines that
 * agree, which is the rule, share a line. Not yet: the captured processors' own differences from each other. */
#include "table.h"
#include "../../cpu/decode/rows.h"
#include "../../cpu/insn/x87/x87.h"
#include <errno.h>
#include <stdio.h>

struct tally *table_add(struct table *t, const char *opcode, const char *cpu)
{
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 512;
        t->tallies = realloc(t->tallies, (size_t)t->room * sizeof *t->tallies);
        assert(t->tallies);
    }
    struct tally *y = &t->tallies[t->count++];
    memset(y, 0, sizeof *y);
    snprintf(y->opcode, sizeof y->opcode, "%s", opcode);
    snprintf(y->cpu, sizeof y->cpu, "%s", cpu);
    return y;
}

void table_free(struct table *t)
{
    free(t->tallies);
    *t = (struct table){ 0 };
}

/* ---- the opcode table's words ---- */

static void append(char *text, size_t size, const char *what)
{
    size_t n = strlen(text);
    snprintf(text + n, size - n, "%s", what);
}

/* The different mnemonics of a group. */
static void group_words(const struct row *group, int count, char *text, size_t size)
{
    for (int i = 0; i < count; i++) {
        bool again = !group[i].mnemonic;
        for (int k = 0; k < i && !again; k++)
            again = group[k].mnemonic && !strcmp(group[k].mnemonic, group[i].mnemonic);
        if (again)
            continue;
        append(text, size, *text ? ", " : "");
        append(text, size, group[i].mnemonic);
    }
}

/* Mnemonic and operands in the notation of the manual's opcode map; "F7.4" names the fourth of a group by ModRM's reg. */
static void opcode_words(const char *opcode, char *text, size_t size)
{
    char *end;
    unsigned long n = strtoul(opcode, &end, 16);
    const struct row *row = n < 0x100 ? &rows_1byte[n] : &rows_0f[n & 0xff], *parent = row;
    text[0] = 0;
    if (n >= 0xd8 && n <= 0xdf && *end != '.') {
        group_words(rows_x87[n - 0xd8], ARRAY_LEN(rows_x87[0]), text, size);
        return;
    }
    if (row->group && *end == '.' && end[1] >= '0' && end[1] <= '7')
        row = row->by == BY_REG || row->by == BY_MOD_REG ? &row->group[end[1] - '0'] : row;
    else if (row->group && row->by == BY_PREFIX)
        row = &row->group[0];
    if (row->group && !row->mnemonic) {
        group_words(row->group, 8, text, size);
        return;
    }
    append(text, size, row->mnemonic ? row->mnemonic : "(undefined)");
    for (int k = 0, shown = 0; k < 3; k++) {
        const char *name = operand_name(row->operand[k] != __ ? row->operand[k] : parent->operand[k]);
        if (!name)
            continue;
        append(text, size, shown++ ? ", " : " ");
        append(text, size, name);
    }
}

/* ---- the document ---- */

static int first_engine(const struct table *t)
{
    int e = 0;
    while (e < ENGINES - 1 && !t->engine_ran[e])
        e++;
    return e;
}

/* Did every engine that ran give the same? */
static bool engines_agree(const struct table *t, const struct tally *y)
{
    int first = first_engine(t);
    for (int e = first + 1; e < ENGINES; e++)
        if (t->engine_ran[e] && (memcmp(y->verdicts[e], y->verdicts[first], sizeof y->verdicts[e])
                                 || memcmp(y->used[e], y->used[first], sizeof y->used[e])))
            return false;
    return true;
}

static void write_tally(FILE *f, const struct tally *y, int engine, const char *engine_name)
{
    char words[200];
    const u64 *v = y->verdicts[engine];
    bool any = false;
    opcode_words(y->opcode, words, sizeof words);
    fprintf(f, "| %s%s%s | %s | %llu | %llu | %llu | %llu |", y->opcode, *engine_name ? " " : "", engine_name, words,
            (unsigned long long)y->tests, (unsigned long long)v[PASS], (unsigned long long)v[LISTED], (unsigned long long)v[FAIL]);
    for (int d = 0; undefined[d].opcodes; d++) {
        if (y->used[engine][d])
            fprintf(f, "%s %d: %llu", any ? "," : "", d + 1, (unsigned long long)y->used[engine][d]);
        any |= y->used[engine][d] != 0;
    }
    fprintf(f, " |\n");
}

static void write_undefined(FILE *f, const struct table *t)
{
    int engine = first_engine(t);
    fprintf(f, "\n## Undefined flags\n\nA test that needs one of these rows counts as listed: those flags differ, and everything "
            "else is compared.\n\n| no. | tests | reason | document |\n| ---: | ---: | --- | --- |\n");
    for (int d = 0; undefined[d].opcodes; d++) {
        u64 tests = 0;
        for (int i = 0; i < t->count; i++)
            tests += t->tallies[i].used[engine][d];
        if (tests)
            fprintf(f, "| %d | %llu | %s | %s |\n", d + 1, (unsigned long long)tests, undefined[d].why, undefined[d].manual);
    }
}

static const char *captured_from(const char *cpu)
{
    return !strcmp(cpu, "C286") ? "a Harris 80C286 in real mode" : cpu;
}

static void write_head(FILE *f, const struct table *t, const char *command)
{
    u64 tests = 0, sum[VERDICTS] = { 0 };
    int engines = 0, agreeing = 0;
    for (int i = 0; i < t->count; i++) {
        tests += t->tallies[i].tests;
        agreeing += engines_agree(t, &t->tallies[i]);
        for (int k = 0; k < ENGINES * VERDICTS; k++)
            sum[k % VERDICTS] += t->tallies[i].verdicts[k / VERDICTS][k % VERDICTS];
    }
    fprintf(f, "# The processor against captured hardware\n\nMade by `%s`; not written by hand.\n\n"
            "The tests are single instructions captured from %s, with the registers and memory before and after\neach: "
            "the suites of the SingleStepTests project (Daniel Balsom, MIT licence). Vitrine's model of that "
            "processor\nruns them; where only flags differ that the manuals leave undefined, a test counts as *listed*; nothing "
            "is skipped.\nCompared are all registers, the flags, every byte of memory (also that nothing else was written), and the "
            "exception with\nits frame. Not compared: bus cycles.\n\n", command, t->count ? captured_from(t->tallies[0].cpu) : "nothing");
    fprintf(f, "| engine | tests | pass | listed | fail |\n| --- | ---: | ---: | ---: | ---: |\n");
    for (int e = 0; e < ENGINES; e++) {
        u64 v[VERDICTS] = { 0 };
        if (!t->engine_ran[e])
            continue;
        engines++;
        for (int i = 0; i < t->count; i++)
            for (int k = 0; k < VERDICTS; k++)
                v[k] += t->tallies[i].verdicts[e][k];
        fprintf(f, "| %s | %llu | %llu | %llu | %llu |\n", t->engine_names[e], (unsigned long long)tests,
                (unsigned long long)v[PASS], (unsigned long long)v[LISTED], (unsigned long long)v[FAIL]);
    }
    fprintf(f, "| all | %llu | %llu | %llu | %llu |\n\n", (unsigned long long)tests * (unsigned)engines, (unsigned long long)sum[PASS],
            (unsigned long long)sum[LISTED], (unsigned long long)sum[FAIL]);
    fprintf(f, "%d opcodes; for %d of them the engines agree in every count, and the line below is that of each engine. Opcodes are\n"
            "hexadecimal, with the reg field of ModRM behind the point in a group; operands are in the notation of the SDM's opcode\nmap "
            "(Vol. 2, Appendix A). The last column names the rows of the second table, and how many tests needed each.\n\n",
            t->count, agreeing);
}

bool table_write(const struct table *t, const char *path, const char *command)
{
    FILE *f = fopen(path, "w");
    if (!f) {
        fprintf(stderr, "vectors: cannot write %s: %s\n", path, strerror(errno));
        return false;
    }
    write_head(f, t, command);
    fprintf(f, "## Opcodes\n\n| opcode | instruction | tests | pass | listed | fail | undefined flags |\n"
            "| --- | --- | ---: | ---: | ---: | ---: | --- |\n");
    for (int i = 0; i < t->count; i++) {
        const struct tally *y = &t->tallies[i];
        if (engines_agree(t, y))
            write_tally(f, y, first_engine(t), "");
        for (int e = 0; e < ENGINES && !engines_agree(t, y); e++)
            if (t->engine_ran[e])
                write_tally(f, y, e, t->engine_names[e]);
    }
    write_undefined(f, t);
    bool good = !ferror(f);
    return !fclose(f) && good;
}
