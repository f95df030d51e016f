/* machine_keep.c - see keep.h. Here: places, keepers, and what bounds a stretch of the processor so that each sees the place that it
 * waits for. */
#include "keep.h"
#include "machine_parts.h"
#include "../image/image.h"

struct machine_place machine_place_now(const struct machine *m)
{
    return (struct machine_place) { machine_insns(m), machine_ticks(m), machine_now(m) };
}

/* ---- keepers ---- */

static const struct machine_place nowhere = { UINT64_MAX, UINT64_MAX, UINT64_MAX };

/* The first place that the run is to come by: of a keeper's, or of what enters next. */
static void expect(struct machine *m)
{
    const struct taped *next = m->tape ? tape_next(m->tape) : NULL;
    const struct machine_place *first = next ? &next->at : &nowhere;
    for (int k = 0; k < m->keepers; k++)
        if (place_compare(&m->keeper[k].at, first) < 0)
            first = &m->keeper[k].at;
    m->keep_ticks = first->ticks;
    m->keep_ns = first->ns;
}

void machine_add_keeper(struct machine *m, const struct machine_keeper *keeper, void *to)
{
    assert(m->keepers < KEEPERS_MAX);
    m->keeper[m->keepers++] = (struct keeper_slot) { keeper, to, nowhere };
}

void machine_remove_keeper(struct machine *m, void *to)
{
    for (int k = m->keepers - 1; k >= 0; k--) {
        if (m->keeper[k].to != to)
            continue;
        memmove(&m->keeper[k], &m->keeper[k + 1], (size_t)(m->keepers - k - 1) * sizeof m->keeper[0]);
        m->keepers--;
    }
    expect(m);
}

void machine_keep_place(struct machine *m, void *to, const struct machine_place *at)
{
    for (int k = 0; k < m->keepers; k++)
        if (m->keeper[k].to == to)
            m->keeper[k].at = at ? *at : nowhere;
    expect(m);
}

void keep_loaded(struct machine *m)
{
    for (int k = 0; k < m->keepers; k++)
        if (m->keeper[k].keeper->loaded)
            m->keeper[k].keeper->loaded(m->keeper[k].to);
}

/* ---- the tape ---- */

struct tape *machine_tape(struct machine *m)
{
    if (!m->tape)
        m->tape = xcalloc(1, sizeof *m->tape);
    return m->tape;
}

bool machine_replays(const struct machine *m) { return m->tape && m->tape->sealed; }
bool machine_records(const struct machine *m) { return m->tape && m->tape->records; }

void keep_free(struct machine *m)
{
    if (m->tape)
        tape_free(m->tape);
    free(m->tape);
}

static void tell(struct machine *m, const struct input_event *e)
{
    for (int k = 0; k < m->keepers; k++)
        m->keeper[k].keeper->input(m->keeper[k].to, e);
}

void keep_input(struct machine *m, const struct input_event *e)
{
    struct machine_place here = machine_place_now(m);
    tell(m, e);
    if (!m->tape)
        return;
    tape_note(m->tape, &here, m->looks, e);
    tape_entered(m->tape);
}

/* What entered here then does so again, as far as it came together. */
static bool enter(struct machine *m)
{
    struct machine_place here = machine_place_now(m);
    const struct taped *first = NULL;
    for (const struct taped *next; (next = tape_take(m->tape, &here, first)); first = next) {
        struct input_event e = next->e;
        if (!m->repeats)
            tell(m, &e);
        if (e.kind == INPUT_MEDIUM && !image_use(e.image)) {
            log_event(m->log, "disk", "%s was changed by another program: nothing enters drive %d", image_name(e.image), e.drive);
            e.image = NULL;
        }
        input_enter(m, &e);
        tape_entered(m->tape);
    }
    expect(m);
    return first;
}

enum keep_look keep_looks(struct machine *m)
{
    enum keep_look all = LOOK_ON;
    m->looks++;
    for (int k = 0; k < m->keepers; k++) {
        enum keep_look look = m->keeper[k].keeper->look(m->keeper[k].to);
        if (look == LOOK_STOP)
            return LOOK_STOP;
        if (look == LOOK_AGAIN)
            all = LOOK_AGAIN;
    }
    return all == LOOK_ON && m->tape && tape_next(m->tape) && enter(m) ? LOOK_AGAIN : all;
}

bool machine_repeats(const struct machine *m) { return m->repeats; }

void machine_set_repeats(struct machine *m, bool on)
{
    m->repeats = on;
    log_mute(m->log, on);
}

struct ram *machine_ram(const struct machine *m, int k) { return k >= 0 && k < m->rams ? m->ram[k] : NULL; }

void machine_keep_pages(struct machine *m)
{
    for (int k = 0; k < m->rams; k++)
        ram_keep_pages(m->ram[k]);
    for (int k = 0; k < m->cpu_count; k++)
        cpu_drop_tags(m->cpus[k]);
}

u64 keep_ticks_left(const struct machine *m)
{
    u64 ticks = machine_ticks(m);
    return m->keep_ticks > ticks ? m->keep_ticks - ticks : UINT64_MAX;
}

u64 keep_until(const struct machine *m, u64 until)
{
    return machine_ticks(m) >= m->keep_ticks && m->keep_ns < until ? m->keep_ns : until;
}
