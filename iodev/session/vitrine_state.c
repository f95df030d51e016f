/* vitrine_state.c - registers, memory, hashes, saved state. */
#include "vitrine_parts.h"
#include "../../cpu/cpu.h"
#include "../../host/text.h"
#include "../../memory/snapshot.h"

const char *vitrine_register_name(int k)
{
    int n = 0;
    while (cpu_registers[n].name && n < k)
        n++;
    return k < 0 ? NULL : cpu_registers[n].name;
}

bool vitrine_register(const struct vitrine *v, const char *name, uint64_t *value)
{
    const struct cpu_register *r = register_find(name);
    if (!r)
        return false;
    cpu_sync(machine_cpu(v->m));
    *value = register_value(machine_cpu(v->m), r);
    return true;
}

bool vitrine_set_register(struct vitrine *v, const char *name, uint64_t value, struct vitrine_error *error)
{
    const struct cpu_register *r = register_find(name);
    char why[256];
    if (!r)
        return error_say(error, VITRINE_WRONG, "register", "expected a register's name, not '%s'", name);
    cpu_sync(machine_cpu(v->m));
    if (!register_set(machine_cpu(v->m), r, value, why, sizeof why))
        return error_say(error, VITRINE_WRONG, "register", "%s: %s", name, why);
    return true;
}

/* ---- memory ---- */

enum { MEMORY_PAGE = 4096 };

bool vitrine_read_physical(const struct vitrine *v, uint64_t address, void *to, size_t n)
{
    return space_peek(cpu_memory(machine_cpu(v->m)), address, to, n);
}

bool vitrine_write_physical(struct vitrine *v, uint64_t address, const void *from, size_t n)
{
    u8 at[MEMORY_PAGE];
    for (size_t done = 0; done < n; done += sizeof at)          /* all of it is there, or nothing changes */
        if (!space_peek(cpu_memory(machine_cpu(v->m)), address + done, at, n - done < sizeof at ? n - done : sizeof at))
            return false;
    return space_poke(cpu_memory(machine_cpu(v->m)), address, from, n);
}

/* From `linear` on: how many bytes of n lie in its page, and where that is; 0 if it is not mapped. */
static size_t in_page(const struct vitrine *v, u64 linear, size_t n, u64 *physical)
{
    size_t left = MEMORY_PAGE - linear % MEMORY_PAGE;
    if (!cpu_translate_peek(machine_cpu(v->m), linear, physical))
        return 0;
    return n < left ? n : left;
}

bool vitrine_read_linear(const struct vitrine *v, uint64_t address, void *to, size_t n)
{
    u64 physical;
    bool all = true;
    for (size_t k; n; n -= k, address += k, to = (u8 *)to + k) {
        k = in_page(v, address, n, &physical);
        if (k) {
            all &= vitrine_read_physical(v, physical, to, k);
            continue;
        }
        k = MEMORY_PAGE - address % MEMORY_PAGE;        /* what lies behind it is read all the same */
        k = k < n ? k : n;
        all = false;
    }
    return all;
}

bool vitrine_write_linear(struct vitrine *v, uint64_t address, const void *from, size_t n)
{
    u64 physical;
    u8 at[MEMORY_PAGE];
    for (size_t done = 0, k; done < n; done += k) {
        k = in_page(v, address + done, n - done, &physical);
        if (!k || !vitrine_read_physical(v, physical, at, k))
            return false;
    }
    for (size_t done = 0, k; done < n; done += k) {
        k = in_page(v, address + done, n - done, &physical);
        if (!k || !space_poke(cpu_memory(machine_cpu(v->m)), physical, (const u8 *)from + done, k))
            return false;
    }
    return true;
}

/* ---- all of it ---- */

void vitrine_hash(struct vitrine *v, char out[33])
{
    struct hash h = { { 0, 0 } };
    machine_hash(v->m, &h);
    hash_text(&h, out);
}

char *vitrine_state_text(struct vitrine *v, size_t *n)
{
    struct text *text = text_new();
    if (!text)
        return NULL;
    machine_print(v->m, text_file(text));
    return text_take(text, n);
}

void vitrine_write(struct vitrine *v, struct writer *w)
{
    machine_save(v->m, w);
    write_name(w, "lines");
    write_number(w, v->next_lines);
}

bool vitrine_read(struct vitrine *v, struct reader *r)
{
    machine_load(v->m, r);
    read_name(r, "lines");
    u64 lines = read_number(r);
    if (!read_well(r))
        return false;
    v->at_breakpoint = false;
    vitrine_restart_input(v, lines);
    v->next_frame = v->shown ? vitrine_retrace(v, machine_now(v->m)) : TIMER_OFF;
    return true;
}

uint8_t *vitrine_save(struct vitrine *v, size_t *n)
{
    struct writer w = { 0 };
    vitrine_write(v, &w);
    *n = w.n;
    return w.bytes;
}

void vitrine_release(void *bytes) { free(bytes); }

bool vitrine_load(struct vitrine *v, const uint8_t *bytes, size_t n, struct vitrine_error *error)
{
    struct reader r = { .bytes = bytes, .n = n };
    if (vitrine_read(v, &r))
        return true;
    machine_reset(v->m);
    v->at_breakpoint = false;
    vitrine_restart_input(v, TIMER_OFF);
    v->next_frame = v->shown ? vitrine_retrace(v, machine_now(v->m)) : TIMER_OFF;
    return error_say(error, VITRINE_WRONG, "", "%s", r.wrong);
}
