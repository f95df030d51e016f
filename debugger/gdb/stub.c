/* stub.c - see stub.h. Bytes to packets, answers to bytes; who is there. */
#include "parts.h"
#include "../../iodev/machine/keep.h"
#include <stdarg.h>

struct stub *stub_new(struct control *c, const struct stub_ways *ways)
{
    struct stub *s = xcalloc(1, sizeof *s);
    s->control = c;
    s->m = control_machine(c);
    s->ways = *ways;
    s->target = target_new();
    stub_connect(s);
    return s;
}

void stub_free(struct stub *s)
{
    if (!s)
        return;
    stops_clear(s);
    target_free(s->target);
    free(s);
}

void stub_set_back(struct stub *s, const struct stub_back *back) { s->back = back ? *back : (struct stub_back){ 0 }; }

void stub_connect(struct stub *s)
{
    wire_reset(&s->wire);
    s->in_at = s->in_n = 0;
    s->frame_n = 0;
    s->no_ack = s->tells_swbreak = s->tells_hwbreak = false;
    s->cpu = s->stopped_in = 0;
    s->cpu_of_c = -1;
    s->state = STUB_STOPPED;
    snprintf(s->reply, sizeof s->reply, "T05thread:1;");
}

void stub_disconnect(struct stub *s)
{
    stops_clear(s);
    stub_connect(s);
}

struct cpu *stub_cpu(const struct stub *s) { return machine_cpu_at(s->m, s->cpu); }

bool stub_may_change(struct stub *s)
{
    if (machine_records(s->m))
        answer_error(&s->answer, "the run is being recorded (-record), and what is changed here would not be in the recording");
    return !machine_records(s->m);
}

int stub_cpu_count(const struct stub *s)
{
    int n = 0;
    while (machine_cpu_at(s->m, n))
        n++;
    return n;
}

/* ---- answers ---- */

void stub_answer(struct stub *s, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    s->answer.n = 0;
    answer_text(&s->answer, "%s", text);
}

void stub_send(struct stub *s, const struct answer *a)
{
    s->frame_n = wire_frame(s->frame, a->text, a->n);
    s->ways.send(s->ways.to, s->frame, s->frame_n);
}

static void acknowledge(struct stub *s, const char *sign)
{
    if (!s->no_ack)
        s->ways.send(s->ways.to, sign, 1);
}

/* ---- what comes ---- */

/* -1: nobody is there. 0: no more now. */
static int next_byte(struct stub *s, u8 *byte)
{
    if (s->in_at == s->in_n) {
        s->in_at = 0;
        s->in_n = s->ways.receive(s->ways.to, s->in, sizeof s->in);
        if (s->in_n <= 0) {
            int none = s->in_n;
            s->in_n = 0;
            return none;
        }
    }
    *byte = s->in[s->in_at++];
    return 1;
}

enum arrival stub_arrived(struct stub *s)
{
    enum arrival what = ARRIVAL_NONE;
    u8 byte;
    int got;
    while ((got = next_byte(s, &byte)) > 0) {
        what = ARRIVAL_NOISE;
        if (byte == 3 || byte == '$') {
            s->in_at--;
            return ARRIVAL_PACKET;
        }
    }
    return got < 0 ? ARRIVAL_END : what;
}

static void take(struct stub *s, u8 byte)
{
    s->answer.n = 0;
    s->answer.text[0] = 0;
    switch (wire_take(&s->wire, byte)) {
    case WIRE_NOTHING:
    case WIRE_INTERRUPT:                /* it stands still already */
        break;
    case WIRE_AGAIN:
        if (s->frame_n && !s->no_ack)
            s->ways.send(s->ways.to, s->frame, s->frame_n);
        break;
    case WIRE_BROKEN:
        acknowledge(s, "-");
        break;
    case WIRE_TOO_LONG:
        acknowledge(s, "+");
        answer_error(&s->answer, "the packet is longer than PacketSize, %x", WIRE_MOST);
        stub_send(s, &s->answer);
        break;
    case WIRE_PACKET:
        acknowledge(s, "+");
        if (packet_obey(s, s->wire.data, s->wire.n))
            stub_send(s, &s->answer);
        break;
    }
}

enum stub_state stub_serve(struct stub *s)
{
    u8 byte;
    int got = 0;
    while (s->state == STUB_STOPPED && (got = next_byte(s, &byte)) > 0)
        take(s, byte);
    if (s->state == STUB_STOPPED && got < 0)
        s->state = STUB_GONE;
    return s->state;
}
