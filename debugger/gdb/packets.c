/* packets.c - which packet is whose. An empty answer says that a packet is not known: "Overview". */
#include "parts.h"

/* H and T: "Hg1", "Hc-1", "T1". */
static void choose_thread(struct stub *s, char what, const char *p)
{
    int k;
    if (!thread_number(s, &p, &k) || *p || (what != 'g' && what != 'c' && what != 'T')) {
        answer_error(&s->answer, "no such thread; there are 1 to %x, a processor each", stub_cpu_count(s));
        return;
    }
    if (what == 'g' && k >= 0)
        s->cpu = k;
    else if (what == 'c')
        s->cpu_of_c = k;
    stub_answer(s, "OK");
}

static bool v_packet(struct stub *s, const char *p)
{
    if (!strncmp(p, "Cont;", 5))
        return packet_vcont(s, p + 4);
    if (!strcmp(p, "Cont?"))
        stub_answer(s, "vCont;c;C;s;S;r");
    else if (!strncmp(p, "Kill;", 5)) {
        stub_answer(s, "OK");
        s->state = STUB_KILLED;
    }
    return true;
}

/* Those that begin with other letters, or are longer words. */
static bool control_packet(struct stub *s, const char *p)
{
    switch (*p) {
    case '?':
        stub_answer(s, "%s", s->reply);
        return true;
    case 'c': case 'C': case 's': case 'S':
        return packet_resume(s, p);
    case 'b':
        return packet_back(s, p);
    case 'v':
        return v_packet(s, p + 1);
    case 'H':
        choose_thread(s, p[1], p[1] ? p + 2 : p + 1);
        return true;
    case 'T':
        choose_thread(s, 'T', p + 1);
        return true;
    case 'D':
        stub_answer(s, "OK");
        s->state = STUB_DETACHED;
        return true;
    case 'k':
        s->state = STUB_KILLED;
        return false;
    default:
        return true;
    }
}

bool packet_obey(struct stub *s, const char *p, size_t n)
{
    switch (*p) {
    case 'g': packet_g(s); return true;
    case 'G': packet_G(s, p + 1); return true;
    case 'p': packet_p(s, p + 1); return true;
    case 'P': packet_P(s, p + 1); return true;
    case 'm': packet_m(s, p + 1); return true;
    case 'M': packet_M(s, p + 1); return true;
    case 'X': packet_X(s, p + 1, n - 1); return true;
    case 'Z': packet_Z(s, p + 1, true); return true;
    case 'z': packet_Z(s, p + 1, false); return true;
    case 'q': case 'Q': packet_query(s, p); return true;
    default:  return control_packet(s, p);
    }
}
