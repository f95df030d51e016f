/* stops.c - the packets Z and z: places where the machine stops. Addresses are linear, as gdb's PC is. */
#include "parts.h"

static void end(struct stub *s, int at)
{
    for (int k = 0; k < stub_cpu_count(s); k++)
        cpu_unobserve(machine_cpu_at(s->m, k), s->stops[at].tokens[k]);
    free(s->stops[at].tokens);
    s->stops[at] = s->stops[--s->stop_count];
}

void stops_clear(struct stub *s)
{
    while (s->stop_count)
        end(s, s->stop_count - 1);
    free(s->stops);
    s->stops = NULL;
}

static bool is_place(enum z_kind kind) { return kind == Z_SOFTWARE || kind == Z_HARDWARE; }

static int observe(struct cpu *cpu, const struct gdb_stop *stop)
{
    if (is_place(stop->kind))
        return cpu_break_at(cpu, stop->address);
    return cpu_watch(cpu, stop->address, stop->address + stop->length - 1, stop->kind != Z_WRITE, stop->kind != Z_READ);
}

static void begin(struct stub *s, const struct gdb_stop *stop)
{
    s->stops = xrealloc(s->stops, (size_t)(s->stop_count + 1) * sizeof *s->stops);
    s->stops[s->stop_count] = *stop;
    s->stops[s->stop_count].tokens = xcalloc((size_t)stub_cpu_count(s), sizeof(int));
    for (int k = 0; k < stub_cpu_count(s); k++)
        s->stops[s->stop_count].tokens[k] = observe(machine_cpu_at(s->m, k), stop);
    s->stop_count++;
}

static int find(const struct stub *s, const struct gdb_stop *like)
{
    for (int k = 0; k < s->stop_count; k++)
        if (s->stops[k].kind == like->kind && s->stops[k].address == like->address &&
            (is_place(like->kind) || s->stops[k].length == like->length))
            return k;
    return -1;
}

/* "KIND,ADDRESS,LENGTH". Saying it twice is saying it once. */
void packet_Z(struct stub *s, const char *p, bool set)
{
    struct gdb_stop stop = { Z_SOFTWARE, 0, 0, NULL };
    u64 kind;
    if (!hex_number(&p, &kind) || *p++ != ',' || !hex_number(&p, &stop.address) || *p++ != ',' || !hex_number(&p, &stop.length) || *p) {
        answer_error(&s->answer, "expected KIND,ADDRESS,LENGTH in hexadecimal");
        return;
    }
    if (kind >= Z_KINDS)
        return;                                 /* empty: that kind is not known */
    stop.kind = (enum z_kind)kind;
    if (stop.address > UINT32_MAX || (!is_place(stop.kind) && (!stop.length || stop.length - 1 > UINT32_MAX - stop.address))) {
        answer_error(&s->answer, "linear addresses have 32 bits");
        return;
    }
    int at = find(s, &stop);
    if (set && at < 0)
        begin(s, &stop);
    else if (!set && at >= 0)
        end(s, at);
    stub_answer(s, "OK");
}

const struct gdb_stop *stops_find(const struct stub *s, int k)
{
    struct cpu *cpu = machine_cpu_at(s->m, k);
    u64 linear = (u32)(cpu_segment(cpu, CS)->base + cpu_eip(cpu));
    for (int n = 0; n < s->stop_count; n++)
        if (is_place(s->stops[n].kind) && s->stops[n].address == linear)
            return &s->stops[n];
    return NULL;
}
