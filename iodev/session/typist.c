/* typist.c - types for somebody who is not at the keyboard key by key: evenly in virtual time, and no faster than the guest
 * reads. IBM PS/2 and PC BIOS Interface Technical Reference, "BIOS Data Area" (40:1A, 40:1C, 40:80, 40:82).
 * A keyboard has no way to be told to wait: a BIOS whose buffer of 15 keys is full loses the next. A person sees that and
 * stops; so does the typist, who looks into the buffer. It is in use while the processor is in real or virtual-8086 mode, or
 * when the key before went there. Other systems take keys into buffers of their own as they come, and these are large. */
#include "typist.h"
#include "../../cpu/cpu.h"
#include "../machine/device.h"

enum { EVENT_NS = 5000000, RETRY_NS = 10000000 };
/* The keyboard itself may hold five more keys, which the BIOS gets all at once. */
enum { KEYS_ENOUGH = 8 };
enum { BDA = 0x400, BDA_HEAD = 0x1a, BDA_TAIL = 0x1c, BDA_START = 0x80, BDA_END = 0x82, BDA_BYTES = 0x84 };

struct typist {
    struct machine *m;
    struct strokes from;
    struct input_event events[KEY_EVENTS_MAX];
    int count, event;
    u8 buttons;
    u16 tail;                   /* of the BIOS's buffer at the last key */
    u64 next;                   /* virtual time of the next event */
};

struct typist *typist_new(struct machine *m, struct strokes from)
{
    struct typist *t = xcalloc(1, sizeof *t);
    t->m = m;
    t->from = from;
    return t;
}

void typist_free(struct typist *t) { free(t); }

/* Keys in the BIOS's buffer that no program has taken; 0 where there is no such buffer. */
static int bios_keys(struct machine *m, u16 *last)
{
    u8 bda[BDA_BYTES];
    dma_read(m, BDA, bda, sizeof bda);
    int head = get16(bda + BDA_HEAD), tail = get16(bda + BDA_TAIL);
    int start = get16(bda + BDA_START), end = get16(bda + BDA_END), size = end - start;
    *last = (u16)tail;
    if (size < 4 || size > 512 || size % 2 || head < start || head >= end || tail < start || tail >= end)
        return 0;
    return (tail - head + size) % size / 2;
}

bool typist_must_wait(struct machine *m, u16 *tail)
{
    const struct cpu *cpu = machine_cpu(m);
    u16 last;
    int keys = bios_keys(m, &last);
    bool used = !cpu_protected(cpu) || last != *tail;
    if (machine_input_waiting(m, &(struct input_event){ .kind = INPUT_KEY }) || (used && keys >= KEYS_ENOUGH))
        return true;
    *tail = last;
    return false;
}

void typist_restart(struct typist *t) { *t = (struct typist) { .m = t->m, .from = t->from }; }

u64 typist_poll(struct typist *t)
{
    u64 now = machine_now(t->m);
    struct key_stroke stroke;
    if (t->next > now + RETRY_NS)               /* a debugger went back in time */
        typist_restart(t);
    if (now < t->next)
        return t->next;
    if (t->event == t->count) {
        if (!t->from.waiting(t->from.from))
            return TIMER_OFF;
        if (typist_must_wait(t->m, &t->tail))
            return t->next = now + RETRY_NS;
        if (!t->from.take(t->from.from, &stroke))
            return TIMER_OFF;
        t->count = key_stroke_events(&stroke, &t->buttons, t->events);
        t->event = 0;
    }
    machine_input(t->m, &t->events[t->event++]);
    return t->next = now + EVENT_NS;
}
