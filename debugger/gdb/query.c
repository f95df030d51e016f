/* query.c - the packets q and Q: what the stub can do, threads, documents, and `monitor`. */
#include "parts.h"
#include "../../host/text.h"

/* What stands behind `name`, if p begins with it. */
static const char *behind(const char *p, const char *name)
{
    size_t n = strlen(name);
    return strncmp(p, name, n) ? NULL : p + n;
}

/* "qSupported:NAME+;NAME=VALUE;..." */
static void supported(struct stub *s, const char *features)
{
    s->tells_swbreak = strstr(features, "swbreak+");
    s->tells_hwbreak = strstr(features, "hwbreak+");
    stub_answer(s, "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;vContSupported+;swbreak+;hwbreak+%s%s",
                WIRE_MOST, s->back.step ? ";ReverseStep+" : "", s->back.go ? ";ReverseContinue+" : "");
}

/* ---- documents, in pieces ---- */

/* "OFFSET,LENGTH" of n bytes. */
static void piece(struct stub *s, const char *p, const char *bytes, size_t n)
{
    u64 offset, length;
    if (!hex_number(&p, &offset) || *p++ != ',' || !hex_number(&p, &length) || *p || offset > n) {
        stub_answer(s, "E%02x", ERROR_PACKET);
        return;
    }
    size_t rest = n - (size_t)offset, want = length < rest ? (size_t)length : rest;
    answer_text(&s->answer, "m");
    if (answer_binary(&s->answer, bytes + offset, want) == rest)
        s->answer.text[0] = 'l';
}

/* "OBJECT:read:ANNEX:OFFSET,LENGTH" */
static void transfer(struct stub *s, const char *p)
{
    const char *rest;
    char *map;
    size_t n;
    if ((rest = behind(p, "features:read:target.xml:"))) {
        const char *xml = target_xml(s->target, &n);
        piece(s, rest, xml, n);
    } else if ((rest = behind(p, "memory-map:read::"))) {
        map = memory_map_xml(s, &n);
        piece(s, rest, map ? map : "", map ? n : 0);
        free(map);
    } else if (behind(p, "features:read:") || behind(p, "memory-map:read:")) {
        stub_answer(s, "E00");                  /* that annex is not there: "General Query Packets", qXfer */
    }
}

/* ---- threads ---- */

static void list_threads(struct stub *s)
{
    stub_answer(s, "m");
    for (int k = 0; k < stub_cpu_count(s); k++)
        answer_text(&s->answer, "%s%x", k ? "," : "", k + 1);
}

static void describe_thread(struct stub *s, const char *p)
{
    static const char *const activities[] = { [ACTIVITY_RUN] = "running", [ACTIVITY_HALTED] = "halted", [ACTIVITY_SHUTDOWN] = "shut down" };
    char text[80];
    int k;
    if (!thread_number(s, &p, &k) || *p || k < 0) {
        stub_answer(s, "E%02x", ERROR_PACKET);
        return;
    }
    struct cpu *cpu = machine_cpu_at(s->m, k);
    snprintf(text, sizeof text, "CPU %d, %s, CPL %d", k, activities[cpu_activity(cpu)], (int)cpu_get(cpu, "cpl"));
    answer_hex(&s->answer, text, strlen(text));
}

/* ---- monitor ---- */

/* As many O packets as it takes. */
static void print(struct stub *s, const char *text, size_t n)
{
    enum { PIECE = (WIRE_MOST - 1) / 2 };
    for (size_t at = 0; at < n; at += PIECE) {
        s->answer.n = 0;
        answer_text(&s->answer, "O");
        answer_hex(&s->answer, text + at, n - at < PIECE ? n - at : PIECE);
        stub_send(s, &s->answer);
    }
}

static void monitor(struct stub *s, const char *p)
{
    enum { LINE = 256 };
    char line[LINE] = "";
    size_t length = strlen(p) / 2, n = 0;
    struct text *text = NULL;
    if (!s->ways.command)
        return;
    if (length >= LINE || strlen(p) % 2 || !hex_bytes(&p, (u8 *)line, length) || strlen(line) != length) {
        stub_answer(s, "E%02x", ERROR_PACKET);
        return;
    }
    text = text_new();
    if (!text) {
        stub_answer(s, "E%02x", ERROR_ADDRESS);
        return;
    }
    s->ways.watch(s->ways.to, true);
    bool goes_on = s->ways.command(s->ways.to, line, text_file(text));
    s->ways.watch(s->ways.to, false);
    char *said = text_take(text, &n);
    print(s, said ? said : "", said ? n : 0);
    free(said);
    stub_answer(s, "OK");
    if (!goes_on)
        s->state = control_over(control_stop(s->control)) ? STUB_OVER : STUB_KILLED;
}

void packet_query(struct stub *s, const char *p)
{
    const char *rest;
    if ((rest = behind(p, "qSupported")))
        supported(s, rest);
    else if (!strcmp(p, "QStartNoAckMode")) {
        s->no_ack = true;                       /* gdb acknowledges this answer still */
        stub_answer(s, "OK");
    } else if ((rest = behind(p, "qXfer:")))
        transfer(s, rest);
    else if ((rest = behind(p, "qRcmd,")))
        monitor(s, rest);
    else if (behind(p, "qAttached"))
        stub_answer(s, "1");                    /* so that gdb leaves it alone when it ends */
    else if (!strcmp(p, "qC"))
        stub_answer(s, "QC%x", s->cpu + 1);
    else if (!strcmp(p, "qfThreadInfo"))
        list_threads(s);
    else if (!strcmp(p, "qsThreadInfo"))
        stub_answer(s, "l");
    else if ((rest = behind(p, "qThreadExtraInfo,")))
        describe_thread(s, rest);
}
