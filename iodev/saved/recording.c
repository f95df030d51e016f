/* recording.c - the parts of a recording as bytes. */
#include "recording_parts.h"
#include "../../cpu/timing.h"
#include "../image/image.h"

static const struct field event_fields[] = {
    FIELD_AT(struct taped, at.insns, "insns"), FIELD_AT(struct taped, at.ticks, "ticks"), FIELD_AT(struct taped, at.ns, "ns"),
    FIELD(struct taped, look), FIELD_AT(struct taped, e.kind, "kind"), FIELD_AT(struct taped, e.key, "key"),
    FIELD_AT(struct taped, e.down, "down"), FIELD_AT(struct taped, e.buttons, "buttons"), FIELD_AT(struct taped, e.dx, "dx"),
    FIELD_AT(struct taped, e.dy, "dy"), FIELD_AT(struct taped, e.dz, "dz"), FIELD_AT(struct taped, e.port, "port"),
    FIELD_AT(struct taped, e.byte, "byte"), FIELD_AT(struct taped, e.cost, "cost"), FIELD_AT(struct taped, e.drive, "drive"),
    FIELD_AT(struct taped, e.force, "force"), FIELD_END
};

static const struct field mark_fields[] = {
    FIELD_AT(struct mark, at.insns, "insns"), FIELD_AT(struct mark, at.ticks, "ticks"), FIELD_AT(struct mark, at.ns, "ns"),
    FIELD(struct mark, entered), FIELD_AT(struct mark, hash.h[0], "hash"), FIELD_AT(struct mark, hash.h[1], "more of it"), FIELD_END
};

struct mark mark_here(struct machine *m, bool memory)
{
    struct mark mark = { .at = machine_place_now(m), .entered = machine_tape(m)->next };
    if (memory)
        machine_hash(m, &mark.hash);
    else
        machine_hash_chips(m, &mark.hash);
    return mark;
}

void mark_write(struct writer *w, const struct mark *mark) { write_fields(w, mark_fields, mark); }
void mark_read(struct reader *r, struct mark *mark) { read_fields(r, mark_fields, mark, "a mark"); }

void event_write(struct writer *w, const struct taped *taped)
{
    write_fields(w, event_fields, taped);
    if (taped->e.kind == INPUT_SPEED)
        write_name(w, cpu_timing_name(taped->e.timing));
}

void event_read(struct reader *r, struct taped *taped)
{
    char name[16];
    *taped = (struct taped) { 0 };
    read_fields(r, event_fields, taped, "what enters");
    if (taped->e.kind > INPUT_POWER || (taped->e.kind == INPUT_MEDIUM && taped->e.drive >= PC_MEDIA))
        read_refuse(r, "nothing of kind %u can enter a machine", taped->e.kind);
    bool cost = taped->e.kind == INPUT_TICK_COST || taped->e.kind == INPUT_SPEED;
    if (cost && (taped->e.cost < 1 || taped->e.cost > TICK_COST_MAX))
        read_refuse(r, "expected a tick that costs 1 to %d, not %u", TICK_COST_MAX, taped->e.cost);
    if (taped->e.kind != INPUT_SPEED)
        return;
    read_any_name(r, name, sizeof name, "timing");
    taped->e.timing = *name ? cpu_timing_find(name) : NULL;
    if (*name && !taped->e.timing)
        read_refuse(r, "expected the timing of a processor, not of \"%s\"", name);
}

void over_write(const struct pc *pc, struct writer *w)
{
    u8 bytes[IMAGE_CLUSTER], number[8];
    for (int k = 0; k < PC_MEDIA; k++) {
        const struct image *image = pc_image(pc, k);
        struct hash h = { { 0, 0 } };
        for (u64 cluster = 0; image && image_next_over(image, &cluster, bytes); cluster++) {
            put64(number, cluster);
            hash_bytes(&h, number, sizeof number);
            hash_bytes(&h, bytes, sizeof bytes);
        }
        write_number(w, h.h[0]);
        write_number(w, h.h[1]);
    }
}
