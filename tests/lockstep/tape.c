/* tape.c - recordings, written and read; tape.h has the format.
 * Follows: RFC 1952 (gzip), by zlib. */
#include "tape.h"
#include "../support/die.h"
#include "../../memory/log.h"
#include <stdio.h>
#ifdef HAVE_ZLIB
#include <zlib.h>

static const char magic[] = "VLSTAPE1";
enum { MAGIC = 8, STATE = 160, STATE_BITS = STATE / 8, NEAR = 4, RUN_MAX = 255, END = 0xffff };

/* ---- bytes ---- */

static void put_bytes(struct tape *t, const void *from, u32 n)
{
    if (n && gzwrite(t->file, from, n) != (int)n)
        die("cannot write the recording %s", t->path);
}

static void get_bytes(struct tape *t, void *to, u32 n)
{
    if (n && gzread(t->file, to, n) != (int)n)
        die("the recording %s is cut off or damaged after %llu instructions", t->path, (unsigned long long)t->steps);
}

static void put_u8(struct tape *t, u8 v) { put_bytes(t, &v, 1); }
static u8 get_u8(struct tape *t) { u8 v; get_bytes(t, &v, 1); return v; }
static void put_u16(struct tape *t, u16 v) { u8 b[2]; put16(b, v); put_bytes(t, b, 2); }
static u16 get_u16(struct tape *t) { u8 b[2]; get_bytes(t, b, 2); return get16(b); }

/* ---- registers: flat, in this order ---- */

static void flatten(const struct regs *s, u8 *to)
{
    memset(to, 0, STATE);
    for (int i = 0; i < 8; i++)
        put32(to + 4 * i, s->gpr[i]);
    put32(to + 32, s->eip);
    put32(to + 36, s->eflags);
    put32(to + 40, s->address);
    for (int i = 0; i < 6; i++)
        put16(to + 44 + 2 * i, s->selector[i]);
    to[56] = s->outcome;
    to[57] = s->fpu.valid;
    put16(to + 58, s->fpu.fcw);
    put16(to + 60, s->fpu.fsw);
    put16(to + 62, s->fpu.fop);
    put32(to + 64, s->fpu.fip);
    put32(to + 68, s->fpu.fdp);
    put16(to + 72, s->fpu.fcs);
    put16(to + 74, s->fpu.fds);
    for (int i = 0; i < 8; i++) {
        put64(to + 76 + 10 * i, s->fpu.st[i].significand);
        put16(to + 84 + 10 * i, s->fpu.st[i].se);
    }
}

static void unflatten(const u8 *from, struct regs *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 8; i++)
        s->gpr[i] = get32(from + 4 * i);
    s->eip = get32(from + 32);
    s->eflags = get32(from + 36);
    s->address = get32(from + 40);
    for (int i = 0; i < 6; i++)
        s->selector[i] = get16(from + 44 + 2 * i);
    s->outcome = from[56];
    s->fpu.valid = from[57];
    s->fpu.fcw = get16(from + 58);
    s->fpu.fsw = get16(from + 60);
    s->fpu.fop = get16(from + 62);
    s->fpu.fip = get32(from + 64);
    s->fpu.fdp = get32(from + 68);
    s->fpu.fcs = get16(from + 72);
    s->fpu.fds = get16(from + 74);
    for (int i = 0; i < 8; i++) {
        s->fpu.st[i].significand = get64(from + 76 + 10 * i);
        s->fpu.st[i].se = get16(from + 84 + 10 * i);
    }
}
_Static_assert(76 + 80 <= STATE, "room for the state");

static void put_regs(struct tape *t, const struct regs *s)
{
    u8 old[STATE], now[STATE], bits[STATE_BITS] = { 0 }, bytes[STATE];
    u32 n = 0;
    flatten(&t->regs, old);
    flatten(s, now);
    for (int i = 0; i < STATE; i++) {
        if (old[i] == now[i])
            continue;
        bits[i / 8] |= (u8)(1 << i % 8);
        bytes[n++] = now[i];
    }
    put_bytes(t, bits, sizeof bits);
    put_bytes(t, bytes, n);
    t->regs = *s;
}

static void get_regs(struct tape *t)
{
    u8 state[STATE], bits[STATE_BITS];
    flatten(&t->regs, state);
    get_bytes(t, bits, sizeof bits);
    for (int i = 0; i < STATE; i++) {
        if (bits[i / 8] >> i % 8 & 1)
            state[i] = get_u8(t);
    }
    unflatten(state, &t->regs);
}

/* ---- memory ---- */

/* Runs of bytes that differ, `base` being where the part lies in the tape's memory; gaps of a few bytes are not worth another run. */
static void put_part(struct tape *t, u32 base, const u8 *now, u32 size)
{
    u8 *old = t->memory + base;
    for (u32 at = 0; at < size; ) {
        u32 end = at, same = 0;
        if (old[at] == now[at]) {
            at += at % LINE == 0 && !memcmp(old + at, now + at, LINE) ? LINE : 1;
            continue;
        }
        for (u32 i = at; i < size && i - at < RUN_MAX && same < NEAR; i++) {
            same = old[i] == now[i] ? same + 1 : 0;
            end = same ? end : i + 1;
        }
        put_u16(t, (u16)(base + at));
        put_u8(t, (u8)(end - at));
        put_bytes(t, now + at, end - at);
        memcpy(old + at, now + at, end - at);
        at = end;
    }
}

static void put_memory(struct tape *t, const u8 *code, const struct image *m)
{
    put_part(t, 0, code, CODE_SIZE);
    put_part(t, CODE_SIZE, m->data, DATA_SIZE);
    put_part(t, CODE_SIZE + DATA_SIZE, m->stack, STACK_SIZE);
    put_u16(t, END);
}

static void get_memory(struct tape *t)
{
    for (u32 at; (at = get_u16(t)) != END; ) {
        u32 n = get_u8(t);
        if (at + n > TAPE_MEMORY)
            die("the recording %s is damaged after %llu instructions: memory beyond the end", t->path, (unsigned long long)t->steps);
        get_bytes(t, t->memory + at, n);
    }
}

/* ---- events ---- */

void tape_sequence(struct tape *t, bool cold)
{
    put_u8(t, TAPE_SEQUENCE);
    put_u8(t, cold);
}

void tape_before(struct tape *t, const u8 *code, const struct image *m, const struct regs *s, u8 length, bool again)
{
    put_u8(t, TAPE_STEP);
    put_u8(t, length);
    put_u8(t, again);
    put_memory(t, code, m);
    put_regs(t, s);
}

void tape_after(struct tape *t, const u8 *code, const struct image *m, const struct regs *s)
{
    put_memory(t, code, m);
    put_regs(t, s);
    t->steps++;
}

void tape_sequence_end(struct tape *t, bool whole)
{
    put_u8(t, TAPE_SEQUENCE_END);
    put_u8(t, whole);
}

enum tape_event tape_next(struct tape *t)
{
    u8 event = get_u8(t), count[8];
    switch (event) {
    case TAPE_SEQUENCE:
        t->cold = get_u8(t);
        break;
    case TAPE_STEP:
        t->length = get_u8(t);
        t->again = get_u8(t);
        get_memory(t);
        get_regs(t);
        break;
    case TAPE_SEQUENCE_END:
        t->whole = get_u8(t);
        break;
    case TAPE_END:
        get_bytes(t, count, 8);
        if (get64(count) == t->steps)
            break;
        die("the recording %s has %llu instructions, its end says %llu", t->path, (unsigned long long)t->steps,
            (unsigned long long)get64(count));
    default:
        die("the recording %s is damaged after %llu instructions: no event %02x", t->path, (unsigned long long)t->steps, event);
    }
    return event;
}

void tape_result(struct tape *t)
{
    get_memory(t);
    get_regs(t);
    t->steps++;
}

/* ---- files ---- */

static bool begin(struct tape *t, const char *path, const char *mode, char *why, size_t size)
{
    memset(t, 0, sizeof *t);
    t->path = path;
    t->file = gzopen(path, mode);
    if (!t->file)
        snprintf(why, size, "cannot open the recording %s", path);
    return t->file;
}

bool tape_create(struct tape *t, const char *path, const struct processor *p, bool segments, char *why, size_t size)
{
    if (!begin(t, path, "wb9", why, size))
        return false;
    t->writing = true;
    put_bytes(t, magic, MAGIC);
    put_bytes(t, p->letters, 12);
    put_bytes(t, p->brand, 48);
    put_u8(t, p->long_mode);
    put_u8(t, segments);
    put_u16(t, (u16)p->leaves);
    for (u32 i = 0; i < p->leaves * 6; i++) {
        u8 bytes[4];
        put32(bytes, p->leaf[i / 6][i % 6]);
        put_bytes(t, bytes, 4);
    }
    return true;
}

bool tape_open(struct tape *t, const char *path, char *why, size_t size)
{
    char head[MAGIC];
    if (!begin(t, path, "rb", why, size))
        return false;
    if (gzread(t->file, head, MAGIC) != MAGIC || memcmp(head, magic, MAGIC)) {
        snprintf(why, size, "%s is no recording of lockstep --record", path);
        gzclose(t->file);
        return false;
    }
    get_bytes(t, t->processor.letters, 12);
    get_bytes(t, t->processor.brand, 48);
    t->processor.long_mode = get_u8(t);
    t->segments = get_u8(t);
    t->processor.leaves = get_u16(t);
    if (t->processor.leaves > PROCESSOR_LEAVES)
        die("the recording %s has %u leaves of CPUID, not up to %d", path, t->processor.leaves, PROCESSOR_LEAVES);
    for (u32 i = 0; i < t->processor.leaves * 6; i++) {
        u8 bytes[4];
        get_bytes(t, bytes, 4);
        t->processor.leaf[i / 6][i % 6] = get32(bytes);
    }
    processor_derive(&t->processor);
    return true;
}

bool tape_close(struct tape *t)
{
    u8 count[8];
    if (t->writing) {
        put_u8(t, TAPE_END);
        put64(count, t->steps);
        put_bytes(t, count, 8);
    }
    return gzclose(t->file) == Z_OK;
}

#else

static bool missing(char *why, size_t size, const char *path)
{
    snprintf(why, size, "%s: this program was built without zlib", path);
    return false;
}
bool tape_create(struct tape *t, const char *path, const struct processor *p, bool segments, char *why, size_t size)
{
    (void)t, (void)p, (void)segments;
    return missing(why, size, path);
}
bool tape_open(struct tape *t, const char *path, char *why, size_t size) { (void)t; return missing(why, size, path); }
void tape_sequence(struct tape *t, bool cold) { (void)t, (void)cold; }
void tape_before(struct tape *t, const u8 *code, const struct image *m, const struct regs *s, u8 length, bool again)
{
    (void)t, (void)code, (void)m, (void)s, (void)length, (void)again;
}
void tape_after(struct tape *t, const u8 *code, const struct image *m, const struct regs *s) { (void)t, (void)code, (void)m, (void)s; }
void tape_sequence_end(struct tape *t, bool whole) { (void)t, (void)whole; }
enum tape_event tape_next(struct tape *t) { (void)t; return TAPE_END; }
void tape_result(struct tape *t) { (void)t; }
bool tape_close(struct tape *t) { (void)t; return true; }

#endif
