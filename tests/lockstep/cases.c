/* cases.c - single instructions with what a processor made of them, written by hand or from a transcript, one a line:
 *   processor LETTERS BRAND...
 *   code=... (as regress.h has it) => out=... eip=... mem=...
 * Every engine gets each of them, from cold and from warm caches, and the processor's vendor decides the rules, whatever host runs
 * this. Where the instruction has not ended (a trap between iterations), it is one step; otherwise the engines go on to the HLT
 * behind it. */
#include "report.h"
#include <stdio.h>

enum { LINE_ROOM = 200 };

/* "processor GenuineIntel Intel(R) Xeon(R)": the first line that is no comment. */
static bool read_processor(struct lockstep *l, FILE *f, const char *path)
{
    static const char word[] = "processor ";
    enum { WORD = sizeof word - 1, LETTERS = 12 };
    char line[LINE_ROOM];
    while (fgets(line, sizeof line, f) && line[0] == '#')
        continue;
    size_t n = strlen(line);
    if (strncmp(line, word, WORD) || n < WORD + LETTERS + 1) {
        fprintf(stderr, "lockstep: %s begins with no line \"processor LETTERS BRAND\"\n", path);
        return false;
    }
    l->judge = (struct processor){ .leaves = 0 };
    memcpy(l->judge.letters, line + WORD, LETTERS);
    snprintf(l->judge.brand, sizeof l->judge.brand, "%.48s", n > WORD + LETTERS + 2 ? line + WORD + LETTERS + 1 : "");
    l->judge.brand[strcspn(l->judge.brand, "\n")] = 0;
    processor_derive(&l->judge);
    return true;
}

/* Each engine steps over it, and is where the stepper is. */
static void step_all(struct lockstep *l)
{
    static const char *const names[ENGINES] = { "FAST, one step", "SLOW, one step", "DEBUG, one step" };
    u32 flags = COMPARED & ~(u32)l->steps[0].tainted;
    struct regs ours;
    code_write_whole(l);
    for (int e = 0; e < ENGINES; e++) {
        guest_load(&l->whole[e], &l->steps[0].before, l->cold);
        guest_step(&l->whole[e], &ours);
        if (!same_regs(&l->after, &ours, flags) || !image_same(&l->now, &l->whole[e].image))
            report(l, names[e], 0, 1, &l->after, &l->now, &ours, &l->whole[e].image, flags);
    }
}

/* All iterations of an instruction with REP. */
static void run_all(struct lockstep *l, const struct result *result)
{
    struct regs ours;
    memcpy(l->now.data, result->memory, DATA_SIZE);
    memcpy(l->now.stack, result->memory + DATA_SIZE, STACK_SIZE);
    run_whole(l);
    guest_load(&l->step, &l->steps[0].before, l->cold);
    guest_run(&l->step, &ours);
    if (!same_regs(&l->after, &ours, COMPARED) || !image_same(&l->now, &l->step.image))
        report(l, "all iterations", 0, 1, &l->after, &l->now, &ours, &l->step.image, COMPARED);
    l->done++;
}

static void judge(struct lockstep *l, const struct step *given, const u8 *memory, const struct result *result)
{
    struct step *s = &l->steps[0];
    memory_set(l, memory);
    *s = *given;
    l->count = 1;
    code_write(l, regs_linear(&s->before), s->insn.bytes, s->insn.length);
    step_decode(l, s);
    taint(s, 0, &s->tainted);
    memcpy(l->host.memory.data, result->memory, DATA_SIZE);
    memcpy(l->host.memory.stack, result->memory + DATA_SIZE, STACK_SIZE);
    l->after = result->after;
    if (result->whole) {
        run_all(l, result);
    } else if (step_judge(l, s, &s->before, 0)) {
        if (l->after.outcome == OUTCOME_STEP && l->after.eip == s->before.eip)
            step_all(l);
        else
            run_whole(l);
    }
    code_erase(l);
    memory_settle(l);
}

bool cases_judge(struct lockstep *l, const char *path, int *n)
{
    FILE *f = fopen(path, "r");
    u8 *memory = xcalloc(1, MEMORY_SIZE);
    struct step *steps = xcalloc(STEPS, sizeof *steps);
    struct result *result = xcalloc(1, sizeof *result);
    int count, line = 0;
    bool good = false;
    *n = 0;
    if (!f)
        fprintf(stderr, "lockstep: cannot open %s\n", path);
    else if (read_processor(l, f, path)) {
        good = true;
        while (good && (count = regression_read(f, steps, STEPS, memory, result)) != 0) {
            line++;
            good = count == 1 && result->given;
            for (int cold = 1; good && cold >= 0; cold--) {
                l->cold = cold;
                judge(l, &steps[0], memory, result);
            }
            *n += good;
        }
        if (!good)
            fprintf(stderr, "lockstep: case %d of %s is not one instruction and its result\n", line, path);
    }
    if (f)
        fclose(f);
    free(memory);
    free(steps);
    free(result);
    return good;
}
