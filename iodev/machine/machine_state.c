/* machine_state.c - the machine's state as a whole.
 * Here: the hash, and the text. machine_save.c writes it down and reads it back. */
#include "machine_parts.h"

static bool page_is_zero(const u8 *p)
{
    return !get64(p) && !memcmp(p, p + 8, PAGE_SIZE - 8);
}

static void hash_number(struct hash *h, u64 v)
{
    u8 bytes[8];
    put64(bytes, v);
    hash_bytes(h, bytes, sizeof bytes);
}

static void hash_text_of(struct hash *h, const char *text) { hash_bytes(h, text, strlen(text)); }

/* Zero pages are skipped and the others named by number: what the guest never touched costs only the look. */
static void hash_ram(struct hash *h, const struct ram *ram)
{
    hash_text_of(h, ram->name);
    hash_number(h, ram->size);
    for (u64 at = 0; at < ram->size; at += PAGE_SIZE) {
        if (page_is_zero(ram->host + at))
            continue;
        hash_number(h, at >> PAGE_SHIFT);
        hash_bytes(h, ram->host + at, PAGE_SIZE);
    }
}

static void hash_parts(struct machine *m, struct hash *h, bool memory)
{
    struct cpu_part part;
    hash_number(h, machine_now(m));
    hash_number(h, m->cost);
    hash_number(h, machine_insns(m));
    for (int n = 0; n < m->cpu_count; n++) {
        cpu_sync(m->cpus[n]);
        for (int k = 0; cpu_part(m->cpus[n], k, &part); k++)
            hash_fields(h, part.fields, part.state);
    }
    for (int k = 0; memory && k < m->rams; k++)
        hash_ram(h, m->ram[k]);
    for (struct device *dev = m->devices; dev; dev = dev->next) {
        hash_text_of(h, dev->id);
        if (dev->class->fields)
            hash_fields(h, dev->class->fields, (const u8 *)dev + dev->class->state_offset);
    }
    for (struct timer *t = m->timers; t; t = t->next) {
        hash_text_of(h, t->name);
        hash_number(h, t->when);
    }
}

void machine_hash(struct machine *m, struct hash *h) { hash_parts(m, h, true); }
void machine_hash_chips(struct machine *m, struct hash *h) { hash_parts(m, h, false); }

static void print_ram(const struct ram *ram, FILE *out)
{
    char text[33];
    fprintf(out, "[ram %s]\n  size = %llx\n", ram->name, (unsigned long long)ram->size);
    for (u64 at = 0; at < ram->size; at += PAGE_SIZE) {
        struct hash h = { { 0, 0 } };
        if (page_is_zero(ram->host + at))
            continue;
        hash_bytes(&h, ram->host + at, PAGE_SIZE);
        hash_text(&h, text);
        fprintf(out, "  page %llx = %s\n", (unsigned long long)(at >> PAGE_SHIFT), text);
    }
}

void machine_print(struct machine *m, FILE *out)
{
    struct cpu_part part;
    fprintf(out, "[machine]\n  now = %llx\n  cost = %x\n  insns = %llx\n", (unsigned long long)machine_now(m), m->cost,
            (unsigned long long)machine_insns(m));
    for (int n = 0; n < m->cpu_count; n++) {
        cpu_sync(m->cpus[n]);
        for (int k = 0; cpu_part(m->cpus[n], k, &part); k++) {
            fprintf(out, n ? "[%s of processor %d]\n" : "[%s]\n", part.name, n);
            fields_print(part.fields, part.state, out);
        }
    }
    for (struct device *dev = m->devices; dev; dev = dev->next) {
        fprintf(out, "[device %s]\n", dev->id);
        if (dev->class->fields)
            fields_print(dev->class->fields, (const u8 *)dev + dev->class->state_offset, out);
    }
    fputs("[timers]\n", out);
    for (struct timer *t = m->timers; t; t = t->next)
        fprintf(out, "  %s = %llx\n", t->name, (unsigned long long)t->when);
    for (int k = 0; k < m->rams; k++)
        print_ram(m->ram[k], out);
}
