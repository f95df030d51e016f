/* stops.c - the packets Z and z: places and addresses that stop the machine, as points of gdb's own (core/points.h). Addresses are linear,
 * as gdb's PC is. */
#include "parts.h"

static struct points *points_of(const struct stub *s) { return control_points(s->control); }

static void end(struct stub *s, int at)
{
    points_remove(points_of(s), s->stops[at].point);
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

static void begin(struct stub *s, enum z_kind kind, u64 address, u64 length)
{
    struct point p = { .kind = is_place(kind) ? POINT_EXECUTE : POINT_WATCH, .owner = POINT_GDB, .first = address,
                       .last = is_place(kind) ? address : address + length - 1,
                       .read = kind != Z_WRITE, .write = kind != Z_READ, .cpl = -1 };
    s->stops = xrealloc(s->stops, (size_t)(s->stop_count + 1) * sizeof *s->stops);
    s->stops[s->stop_count++] = (struct gdb_stop){ kind, points_add(points_of(s), &p) };
}

static int find(const struct stub *s, enum z_kind kind, u64 address, u64 length)
{
    for (int k = 0; k < s->stop_count; k++) {
        const struct point *p = s->stops[k].point;
        if (s->stops[k].kind == kind && p->first == address && (is_place(kind) || p->last - p->first == length - 1))
            return k;
    }
    return -1;
}

/* "KIND,ADDRESS,LENGTH". Saying it twice is saying it once. */
void packet_Z(struct stub *s, const char *p, bool set)
{
    u64 number, address, length;
    if (!hex_number(&p, &number) || *p++ != ',' || !hex_number(&p, &address) || *p++ != ',' || !hex_number(&p, &length) || *p) {
        answer_error(&s->answer, "expected KIND,ADDRESS,LENGTH in hexadecimal");
        return;
    }
    if (number >= Z_KINDS)
        return;                                 /* empty: that kind is not known */
    enum z_kind kind = (enum z_kind)number;
    if (address > UINT32_MAX || (!is_place(kind) && (!length || length - 1 > UINT32_MAX - address))) {
        answer_error(&s->answer, "linear addresses have 32 bits");
        return;
    }
    int at = find(s, kind, address, length);
    if (set && at < 0)
        begin(s, kind, address, length);
    else if (!set && at >= 0)
        end(s, at);
    stub_answer(s, "OK");
}

bool stops_at(const struct stub *s, u64 linear)
{
    for (int k = 0; k < s->stop_count; k++)
        if (is_place(s->stops[k].kind) && s->stops[k].point->first == linear)
            return true;
    return false;
}

/* The stop that was hit, of gdb's; of those of one point the first. */
const struct gdb_stop *stops_hit(const struct stub *s, const struct point_hit **hit)
{
    for (int n = 0; n < points_hits(points_of(s)); n++) {
        *hit = points_hit(points_of(s), n);
        for (int k = 0; k < s->stop_count; k++)
            if (s->stops[k].point == (*hit)->point)
                return &s->stops[k];
    }
    return NULL;
}
