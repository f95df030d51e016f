/* cycle.c - see cycle.h. */
#include "cycle.h"
#include <stdio.h>

enum fold_how fold_more(struct fold *f, u64 n, u64 full)
{
    u64 before = f->count, ten = 10;
    f->count += n;
    if (before < full) {
        f->told = f->count;
        return FOLD_FULL;
    }
    while (ten <= before)
        ten *= 10;
    return f->count < ten ? FOLD_NOTHING : FOLD_COUNT;
}

u64 fold_rest(struct fold *f)
{
    u64 rest = f->count - f->told;
    f->told = f->count;
    return rest;
}

const char *with_commas(u64 n, char out[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), at = 0;
    for (int k = 0; k < length; k++) {
        if (k && (length - k) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[k];
    }
    out[at] = 0;
    return out;
}

static char *line_at(struct cycle *c, u64 number) { return c->line[number % CYCLE_LINES]; }

static void tell_rounds(struct cycle *c)
{
    char text[CYCLE_TEXT + 96], number[32];
    const char *last = line_at(c, c->n - c->at - 1);
    u64 more = fold_rest(&c->rounds);
    if (!more)
        return;
    if (c->period == 1)
        snprintf(text, sizeof text, "... %s more times: %s", with_commas(more, number), last);
    else
        snprintf(text, sizeof text, "... %s more rounds of %u lines that end with: %s", with_commas(more, number), c->period, last);
    c->print(c->to, text);
}

static void leave_round(struct cycle *c)
{
    if (!c->period)
        return;
    tell_rounds(c);
    for (; c->at; c->at--)
        c->print(c->to, line_at(c, c->n - c->at));
    c->period = 0;
    memset(c->run, 0, sizeof c->run);
}

static bool is_as(struct cycle *c, u32 before, const char *line)
{
    return c->n >= before && !strncmp(line_at(c, c->n - before), line, CYCLE_TEXT - 1);
}

static void keep(struct cycle *c, const char *line) { snprintf(line_at(c, c->n++), CYCLE_TEXT, "%s", line); }

static void look_for_round(struct cycle *c)
{
    for (u32 p = 1; p <= CYCLE_LINES && !c->period; p++)
        if (c->run[p] >= (CYCLE_ROUNDS - 1) * p)
            c->period = p;
    c->rounds = (struct fold) { CYCLE_ROUNDS, CYCLE_ROUNDS };
}

void cycle_line(struct cycle *c, const char *line)
{
    if (c->period && is_as(c, c->period, line)) {
        keep(c, line);
        if (++c->at == c->period) {
            c->at = 0;
            if (fold_more(&c->rounds, 1, CYCLE_ROUNDS) == FOLD_COUNT)
                tell_rounds(c);
        }
        return;
    }
    leave_round(c);
    for (u32 p = 1; p <= CYCLE_LINES; p++)
        c->run[p] = is_as(c, p, line) ? c->run[p] + 1 : 0;
    keep(c, line);
    c->print(c->to, line);
    look_for_round(c);
}

void cycle_end(struct cycle *c) { leave_round(c); }
