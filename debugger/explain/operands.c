/* operands.c - the operands of the row: what they are called, where they are, what they hold. */
#include "parts.h"

const char *operand_role(const struct explain *e, int k)
{
    char text[1024];
    int count = 0, place = 0;
    for (int j = 0; j < 4; j++) {
        place += j < k && e->a.operand[j].code != __;
        count += e->a.operand[j].code != __;
    }
    operation_text(&e->a, text, sizeof text);
    if (operand_kind(e->a.operand[k].code) == K_J)
        return "TARGET";
    if (operand_kind(e->a.operand[k].code) == K_F)
        return e->a.writes ? "DEST" : "SRC";
    if (count == 1)
        return !strstr(text, "DEST") ? "SRC" : "DEST";
    if (strstr(text, "COUNT") && place == count - 1)
        return "COUNT";
    if (!strstr(text, "DEST"))
        place++;
    return place == 0 ? "DEST" : place == 1 ? "SRC" : "SRC2";
}

static u64 address_mask(const struct explain *e) { return e->a.address_size == 2 ? 0xffff : 0xffffffff; }

bool operand_place(const struct explain *e, int k, int *segment, u64 *offset)
{
    const struct anatomy *a = &e->a;
    enum operand_kind kind = operand_kind(a->operand[k].code);
    if (kind == K_X || kind == K_Y) {
        *segment = kind == K_Y ? ES : a->override >= 0 ? a->override : DS;
        *offset = gpr_value(e->cpu, kind == K_Y ? EDI : ESI, a->address_size);
        return true;
    }
    if (!a->operand[k].memory)
        return false;
    u64 base = a->base >= 0 ? gpr_value(e->cpu, a->base, 4) : 0, index = a->index >= 0 ? gpr_value(e->cpu, a->index, 4) : 0;
    *segment = a->segment;
    *offset = (base + (index << a->scale) + (u64)(i64)a->displacement) & address_mask(e);
    return true;
}

/* A system register by its number; NULL: the instruction is undefined then. */
static const struct cpu_register *numbered(const char *letters, int n)
{
    char name[8];
    snprintf(name, sizeof name, "%s%d", letters, n);
    return register_find(name);
}

static bool register_operand(const struct explain *e, const char *letters, int n, u64 *v)
{
    const struct cpu_register *r = numbered(letters, n);
    *v = r ? register_value(e->cpu, r) : 0;
    return r;
}

static bool memory_value(const struct explain *e, int k, u64 *v)
{
    int segment, n = e->a.operand[k].bytes;
    u64 offset, physical;
    u8 bytes[8] = { 0 };
    if (!operand_place(e, k, &segment, &offset) || n < 1 || n > 8)
        return false;
    u64 linear = (u32)(cpu_segment(e->cpu, segment)->base + offset);
    for (int b = 0; b < n; b++)
        if (!cpu_translate_peek(e->cpu, linear + (u64)b, &physical) || !space_peek(cpu_memory(e->cpu), physical, &bytes[b], 1))
            return false;
    *v = get64(bytes);
    return true;
}

bool operand_value(const struct explain *e, int k, u64 *v)
{
    const struct anatomy_operand *o = &e->a.operand[k];
    switch (operand_kind(o->code)) {
    case K_E: case K_R:
        if (o->memory)
            return memory_value(e, k, v);
        *v = gpr_value(e->cpu, o->reg, o->bytes);
        return o->bytes;
    case K_M: case K_O: case K_X: case K_Y: return memory_value(e, k, v);
    case K_G: case K_Z: case K_GPR: case K_PORT: case K_COUNT:
        *v = gpr_value(e->cpu, o->reg, o->bytes);
        return true;
    case K_Q: case K_N: case K_P:
        return o->memory ? memory_value(e, k, v) : register_operand(e, "mm", o->reg, v);
    case K_S: case K_SEG:
        *v = o->reg < SEGMENTS ? cpu_segment(e->cpu, o->reg)->selector : 0;
        return o->reg < SEGMENTS;
    case K_C: return register_operand(e, "cr", o->reg, v);
    case K_D: return register_operand(e, "dr", o->reg, v);
    case K_I: case K_ONE:
        *v = o->bytes && o->bytes < 8 ? o->immediate & ((1ull << 8 * o->bytes) - 1) : o->immediate;
        return true;
    case K_A: *v = o->immediate; return true;
    case K_F: *v = cpu_get(e->cpu, "eflags"); return true;
    default:  return false;
    }
}

void operand_name_of(const struct explain *e, int k, char *text, size_t size)
{
    const struct anatomy_operand *o = &e->a.operand[k];
    int segment;
    u64 offset;
    if (operand_place(e, k, &segment, &offset)) {
        snprintf(text, size, "[%s:%0*llx]", segment_name(segment), 2 * e->a.address_size, (unsigned long long)offset);
        return;
    }
    switch (operand_kind(o->code)) {
    case K_S: case K_SEG: snprintf(text, size, "%s", segment_name(o->reg)); break;
    case K_C: snprintf(text, size, "CR%d", o->reg); break;
    case K_D: snprintf(text, size, "%s%d", e->a.two_bytes && (e->a.opcode == 0x24 || e->a.opcode == 0x26) ? "TR" : "DR", o->reg); break;
    case K_P: case K_Q: case K_N: snprintf(text, size, "MM%d", o->reg); break;
    case K_I: case K_ONE: snprintf(text, size, "the immediate"); break;
    case K_J: snprintf(text, size, "the target"); break;
    case K_A: snprintf(text, size, "the far pointer"); break;
    case K_F: snprintf(text, size, "EFLAGS"); break;
    case K_ST0: snprintf(text, size, "ST(0)"); break;
    case K_STI: snprintf(text, size, "ST(%d)", o->reg); break;
    default:  snprintf(text, size, "%s", gpr_name(o->reg, o->bytes)); break;
    }
}
