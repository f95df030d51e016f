/* count.c - part of a VITRINE_COUNT build: which steps (compose.c) run in a row, from where a jump leads to to the next taken jump. At the
 * end of the program each such run goes into the file that $VITRINE_COUNTS names: "COUNT STEP STEP ...", a step as hot/sequences.inc
 * writes it, "-" for what is none; where one is tied, behind the tie how many steps before it the register was written. `choose` makes a
 * list of that. */
#include "../../../cpu/engine/engine.h"
#include "../../../cpu/engine/ties.h"
#include <stdio.h>

enum { RUN_MAX = 64, TABLE = 1 << 20, POOL = 1 << 25, HANDLERS_MAX = 1 << 14 };

struct step { void (*fn)(void); u8 ops, size, form; u16 body; bool ties; char name[40]; };
static struct step handlers[HANDLERS_MAX];          /* by their function */
static struct run { u64 hash, count; u32 at, n; } runs[TABLE];
/* Of a step that ran: the handler's number, the tie and how far back it goes. */
enum { NO_HANDLER = HANDLERS_MAX, TIE_AT = 16, BACK_AT = 24 };
static u32 pool[POOL];
static u32 pool_used, run_count;
static u32 now[RUN_MAX];
static u32 length, written;     /* in this run: steps so far, and which of them wrote the register at held */
static u8 held;
static const struct op *expected;

static const char *const names[BODIES] = {
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) [BODY_##name] = #name,
#include "../../../cpu/engine/hot/bodies.inc"
#undef BODY
};
static const char *const conditions[] = {
#define X(cc, number) [number] = "j" #cc,
    CONDITIONS(X)
#undef X
};

static struct step *slot(void (*fn)(void))
{
    u32 k = (u32)((uintptr_t)fn >> 4) * 2654435761u >> 18;
    while (handlers[k & (HANDLERS_MAX - 1)].fn && handlers[k & (HANDLERS_MAX - 1)].fn != fn)
        k++;
    return &handlers[k & (HANDLERS_MAX - 1)];
}

static void know(handler *fn, int ops, const char *word, int body, const char *cc, int size, int form)
{
    static const char *const forms[FORMS] = {
        "RR", "RI", "RB", "RX", "RG", "RS", "RW", "BR", "XR", "GR", "SR", "WR", "BI", "XI", "GI", "SI", "WI"
    };
    static const char *const stacks[] = { "FLAT_R", "FLAT_I", "ANY_R", "ANY_I" };
    static const char *const ones[FORMS] = { [FORM_R] = "R", [FORM_MB] = "MB", [FORM_MX] = "MX", [FORM_MG] = "MG", [FORM_MS] = "MS", [FORM_MW] = "MW" };
    int class = body_info[body].class;
    const char *name = class == CLASS_STACK || class == CLASS_STACK_RI ? stacks[form]
                     : class == CLASS_ONE || class == CLASS_CARRY ? ones[form] : class == CLASS_PLAIN ? "PLAIN" : forms[form];
    if (!fn)
        return;
    struct step *s = slot((void (*)(void))fn);
    s->fn = (void (*)(void))fn;
    s->ops = (u8)ops;
    s->body = (u16)body;
    s->size = (u8)size;
    s->form = (u8)form;
    s->ties = strcmp(word, "BRANCH") && strcmp(word, "LEAVE");
    if (!s->ties && *word == 'B')
        snprintf(s->name, sizeof s->name, "BRANCH(%s, %d)", names[body], 8 << size);
    else
        snprintf(s->name, sizeof s->name, "%s(%s,%s%s %d, %s%s", word, names[body], cc, *cc ? "," : "", 8 << size, name,
                 s->ties ? "" : ")");
}

static void print_step(FILE *f, u32 step)
{
    u32 tie = step >> TIE_AT & 15;
    if (step == NO_HANDLER) {
        fprintf(f, "\t-");
        return;
    }
    const struct step *s = &handlers[step & (HANDLERS_MAX - 1)];
    fprintf(f, "\t%s", s->name);
    if (tie)
        fprintf(f, ", %s%s%s%s%u)", tie & TIE_D ? "D" : "", tie & TIE_S ? "S" : "", tie & TIE_B ? "B" : "",
                tie & TIE_X ? "X" : "", step >> BACK_AT);
    else if (s->ties)
        fputc(')', f);
}

static void finish(void)
{
    FILE *f = fopen(getenv("VITRINE_COUNTS"), "w");
    for (u32 k = 0; f && k < TABLE; k++) {
        if (!runs[k].count)
            continue;
        fprintf(f, "%llu", (unsigned long long)runs[k].count);
        for (u32 j = 0; j < runs[k].n; j++)
            print_step(f, pool[runs[k].at + j]);
        fputc('\n', f);
    }
    if (f)
        fclose(f);
}

static void learn(void)
{
    for (int body = 1; body < BODIES; body++)
        for (int size = 0; size < 3; size++)
            for (int form = 0; form < FORMS; form++) {
                int flow = body_info[body].flow;
                bool branch = flow == FLOW_IF || flow == FLOW_LOOP || flow == FLOW_JUMP;
                const char *word = branch ? "BRANCH" : flow == FLOW_ON ? "FLAGS" : "LEAVE";
                know(fast_handlers[body][size][form], branch ? 2 : 1, word, body, "", size, form);
                know(quiet_handler(body, size, form), 1, "QUIET", body, "", size, form);
                for (int cc = 0; cc < 16; cc++) {
                    char text[8];
                    snprintf(text, sizeof text, " %s", conditions[cc]);
                    know(fused_handler(body, size, form, cc), 3, "PAIR", body, text, size, form);
                }
            }
    atexit(finish);
}

static void end_run(void)
{
    u64 hash = 14695981039346656037ull;
    for (u32 k = 0; k < length; k++)
        hash = (hash ^ now[k]) * 1099511628211ull;
    u32 at = (u32)(hash >> 20);
    while (runs[at & (TABLE - 1)].count && runs[at & (TABLE - 1)].hash != hash)
        at++;
    struct run *r = &runs[at & (TABLE - 1)];
    if (!r->count && pool_used + length <= POOL && run_count < TABLE / 2) {
        *r = (struct run) { hash, 0, pool_used, length };
        memcpy(&pool[pool_used], now, length * sizeof *now);
        pool_used += length;
        run_count++;
    }
    if (r->hash == hash)
        r->count++;
    length = 0;
    held = 0;
}

void engine_count(const struct op *o)
{
    if (!handlers[0].name[0] && !expected) {
        learn();
        expected = o;
    }
    if ((o != expected || length == RUN_MAX) && length)
        end_run();
    const struct step *s = slot(o->fn);
    u32 tie = s->fn ? (u32)step_tie(s->body, s->size, s->form, o, held) : 0;
    now[length] = !s->fn ? NO_HANDLER : (u32)(s - handlers) | tie << TIE_AT | (tie ? length - written : 0) << BACK_AT;
    u8 writes = s->fn ? step_holds(s->body, s->size, s->form, o, 0) : 0;
    held = writes ? writes : s->fn ? step_holds(s->body, s->size, s->form, o, held) : 0;
    if (writes)
        written = length;
    length++;
    expected = o + (s->fn ? s->ops : 1);
}
