/* vitrine.c - see include/vitrine.h. Here: a machine is made and freed; names. The rest is vitrine_run.c's (time, lines), _state.c's,
 * _screen.c's and _input.c's. */
#include "vitrine_parts.h"
#include "../../cpu/cpu.h"
#include "../../cpu/cpuid.h"
#include "../saved/description.h"
#include "../saved/recording.h"
#include <stdio.h>

const char *vitrine_version(void) { return VITRINE_VERSION; }

const char *vitrine_cpu_name(int k, const char **title)
{
    int n = 0;
    while (cpu_model_list[n].name && n < k)
        n++;
    if (k < 0 || !cpu_model_list[n].name)
        return NULL;
    if (title)
        *title = cpu_model_list[n].title;
    return cpu_model_list[n].name;
}

const char *vitrine_log_class(const struct vitrine *v, int k, const char **title)
{
    if (title)
        *title = log_class_title(machine_log(v->m), k);
    return log_class_name(machine_log(v->m), k);
}

/* ---- what it tells ---- */

static bool full(void *to, const char *text)
{
    struct vitrine *v = to;
    return v->config.full && v->config.full(v->config.to, text);
}

static void triple_fault(void *to, struct cpu *cpu)
{
    struct vitrine *v = to;
    const struct fault_record *record[FAULT_RECORDS];
    struct vitrine_fault chain[FAULT_RECORDS];
    u32 all, n = cpu_faults(cpu, record, &all);
    if (!v->config.triple_fault)
        return;
    for (u32 k = 0; k < n; k++)
        chain[k] = (struct vitrine_fault) {
            .vector = record[k]->vector, .has_error = record[k]->has_error, .error = record[k]->error, .cs = record[k]->cs,
            .ip = record[k]->rip, .cs_base = record[k]->cs_base, .cr2 = record[k]->cr2, .instructions = record[k]->insns,
            .why = record[k]->why,
        };
    v->config.triple_fault(v->config.to, chain, n);
}

/* What the guest sends, a byte at a time. */
static void sent(void *to, u8 byte)
{
    struct vitrine_end *end = to;
    struct vitrine *v = end->v;
    if (v->byte)
        v->byte(v->byte_to, end->number, byte);
    if (end->line.output)
        end->line.output(end->line.to, &byte, 1);
}

static void connect_lines(struct vitrine *v)
{
    for (int k = 0; k <= PC_SERIALS; k++) {
        bool console = k == PC_SERIALS;
        struct stream *stream = console ? v->kit.debugcon : v->kit.serial[k];
        v->end[k] = (struct vitrine_end) { v, console ? v->config.debugcon : v->config.serial[k], console ? -1 : k, !stream || console };
        if (stream)
            stream_capture(stream, sent, &v->end[k]);
    }
}

/* ---- it begins and ends ---- */

/* What a program built with an older header knows of it; the rest is 0. */
static struct vitrine_config config_of(const struct vitrine_config *config)
{
    struct vitrine_config c = { 0 };
    memcpy(&c, config, config->size < sizeof c ? config->size : sizeof c);
    return c;
}

/* Nothing of the caller's is pointed to any more but for its functions. */
static void forget_pointers(struct vitrine_config *c)
{
    struct vitrine_config kept = { .to = c->to, .notice = c->notice, .log = c->log, .triple_fault = c->triple_fault, .full = c->full,
                                   .debugcon = c->debugcon, .snapshot = c->snapshot };
    for (int k = 0; k < PC_SERIALS; k++)
        kept.serial[k] = c->serial[k], kept.serial[k].dest = NULL;
    kept.debugcon.dest = NULL;
    *c = kept;
}

static bool select_log(struct vitrine *v, struct vitrine_error *error)
{
    char bad[64];
    struct log *log = machine_log(v->m);
    if (v->config.log)
        log_redirect(log, v->config.log, v->config.to);
    return !v->config.log_classes || log_select(log, v->config.log_classes, bad, sizeof bad) ||
           error_say(error, VITRINE_WRONG, "log", "expected classes of events, not '%s'", bad);
}

static bool make(struct vitrine *v, struct vitrine_error *error)
{
    char message[512];
    if (!kit_open(&v->kit, &v->config, error)) {
        kit_drop_images(&v->kit);
        return false;
    }
    v->description = description_of(&v->kit.config);
    v->pc = pc_new(&v->kit.config, message, sizeof message);
    if (!v->pc) {
        kit_drop_images(&v->kit);
        return error_say(error, VITRINE_HOST, "", "%s", message);
    }
    v->m = pc_machine(v->pc);
    v->screen = pc_screen(v->pc);
    v->looks = looks_new(v->pc, v->kit.by_content);
    v->typist = typist_new(v->m, vitrine_strokes(v));
    v->next_frame = v->typing = TIMER_OFF;
    machine_on_triple_fault(v->m, triple_fault, v);
    connect_lines(v);
    return select_log(v, error);
}

struct vitrine *vitrine_new_among(const struct vitrine_config *config, struct outputs *o, struct vitrine_error *error)
{
    struct vitrine *v = xcalloc(1, sizeof *v);
    if (error)
        *error = (struct vitrine_error) { 0 };
    v->config = config_of(config);
    v->own_outputs = !o;
    v->kit.outputs = o ? o : outputs_new();
    v->kit.host = (struct image_host) { .full = full, .to = v, .say = { v->config.notice, v->config.to } };
    bool made = make(v, error);
    kit_release(&v->kit);
    forget_pointers(&v->config);
    if (made)
        return v;
    vitrine_free(v);
    return NULL;
}

struct vitrine *vitrine_new(const struct vitrine_config *config, struct vitrine_error *error)
{
    return vitrine_new_among(config, NULL, error);
}

void vitrine_free(struct vitrine *v)
{
    if (!v)
        return;
    recorder_free(v->recorder);
    replay_free(v->replay);
    pc_free(v->pc);
    looks_free(v->looks);
    typist_free(v->typist);
    kit_close(&v->kit);
    if (v->own_outputs)
        outputs_free(v->kit.outputs);
    frame_free(&v->frame);
    frame_free(&v->watched);
    frame_free(&v->news);
    free(v->stroke);
    free(v->text);
    free(v->description);
    free(v);
}

/* ---- inner.h ---- */

struct pc *vitrine_pc(const struct vitrine *v) { return v->pc; }
struct machine *vitrine_machine(const struct vitrine *v) { return v->m; }
int vitrine_image_drive(const struct vitrine *v) { return v->kit.image_drive; }
void vitrine_tell_looks(struct vitrine *v) { looks_tell(v->looks, v->pc, &v->kit.host.say); }

void vitrine_media(const struct vitrine *v, char *text, size_t n)
{
    const struct pc_config *c = &v->kit.config;
    bool disk = false, cd = false;
    char all[40];
    for (int k = 0; k < PC_DRIVES; k++) {
        disk |= c->drive[k].image && !c->drive[k].cd;
        cd |= c->drive[k].image && c->drive[k].cd;
    }
    snprintf(all, sizeof all, "%s%s%s%s", v->kit.kernel ? " kernel" : "", c->floppy[0] ? " floppy" : "", disk ? " disk" : "",
             cd ? " cd" : "");
    snprintf(text, n, "%s", all + (*all == ' '));
}

void vitrine_capture(struct vitrine *v, void (*byte)(void *to, int line, u8 byte), void *to)
{
    v->byte = byte;
    v->byte_to = to;
}
