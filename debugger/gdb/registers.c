/* registers.c - the packets g, G, p and P. */
#include "parts.h"

enum { WHY = 200 };

static void add_register(struct stub *s, u32 k)
{
    u8 bytes[TARGET_BYTES];
    target_read(s->target, stub_cpu(s), k, bytes);
    answer_hex(&s->answer, bytes, target_size(s->target, k));
}

void packet_g(struct stub *s)
{
    for (u32 k = 0; k < target_count(s->target); k++)
        add_register(s, k);
}

void packet_p(struct stub *s, const char *p)
{
    u64 k;
    if (!hex_number(&p, &k) || *p || k >= target_count(s->target))
        answer_error(&s->answer, "no such register; the last is %x", target_count(s->target) - 1);
    else
        add_register(s, (u32)k);
}

void packet_P(struct stub *s, const char *p)
{
    char why[WHY];
    u8 bytes[TARGET_BYTES];
    u64 k;
    if (!hex_number(&p, &k) || k >= target_count(s->target) || *p++ != '=') {
        answer_error(&s->answer, "no such register; the last is %x", target_count(s->target) - 1);
    } else if (!hex_bytes(&p, bytes, target_size(s->target, (u32)k)) || *p) {
        answer_error(&s->answer, "%s has %u bytes", target_name(s->target, (u32)k), target_size(s->target, (u32)k));
    } else if (!stub_may_change(s)) {
        return;
    } else if (!target_write(s->target, stub_cpu(s), (u32)k, bytes, why, sizeof why)) {
        answer_error(&s->answer, "%s", why);
    } else {
        stub_answer(s, "OK");
    }
}

/* A register that is as it was is left alone. Where one is refused, those before it are as they were. */
void packet_G(struct stub *s, const char *p)
{
    u32 count = target_count(s->target), k;
    u8 (*now)[TARGET_BYTES] = xcalloc(2 * count, TARGET_BYTES), (*then)[TARGET_BYTES] = now + count;
    char why[WHY] = "", more[WHY];
    struct cpu *cpu = stub_cpu(s);
    for (k = 0; k < count; k++)
        target_read(s->target, cpu, k, now[k]);
    for (k = 0; k < count && hex_bytes(&p, then[k], target_size(s->target, k)); k++)
        ;
    if (k < count || *p) {
        answer_error(&s->answer, "the packet has not the bytes of all %u registers", count);
        free(now);
        return;
    }
    if (memcmp(now, then, (size_t)count * TARGET_BYTES) && !stub_may_change(s)) {
        free(now);
        return;
    }
    for (k = 0; k < count && !*why; k++) {
        if (memcmp(now[k], then[k], target_size(s->target, k)) && !target_write(s->target, cpu, k, then[k], why, sizeof why))
            for (u32 back = k; back-- > 0; )
                target_write(s->target, cpu, back, now[back], more, sizeof more);
    }
    free(now);
    if (*why)
        answer_error(&s->answer, "%s", why);
    else
        stub_answer(s, "OK");
}
