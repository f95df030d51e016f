/* regress.c - one difference as a line of text, and back. */
#include "regress.h"
#include <stdlib.h>

enum { RUN = 16, LINE_MAX_BYTES = 65536 };

static u32 memory_address(int i) { return i < DATA_SIZE ? DATA_AT + (u32)i : STACK_AT + (u32)(i - DATA_SIZE); }

void regression_write(FILE *f, const struct step *steps, int n, const u8 *memory)
{
    const struct regs *s = &steps[0].before;
    for (int i = 0; i < n; i++) {
        fprintf(f, "%scode=%x:", i ? " " : "", steps[i].before.eip);
        for (int k = 0; k < steps[i].insn.length; k++)
            fprintf(f, "%02x", steps[i].insn.bytes[k]);
    }
    fprintf(f, " eflags=%x gpr=", s->eflags);
    for (int i = 0; i < 8; i++)
        fprintf(f, "%s%x", i ? "," : "", s->gpr[i]);
    fprintf(f, " sel=");
    for (int i = 0; i < 6; i++)
        fprintf(f, "%s%x", i ? "," : "", s->selector[i]);
    fprintf(f, " fcw=%x fsw=%x valid=%x st=", s->fpu.fcw, s->fpu.fsw, s->fpu.valid);
    for (int i = 0; i < 8; i++)
        fprintf(f, "%s%x:%llx", i ? "," : "", s->fpu.st[i].se, (unsigned long long)s->fpu.st[i].significand);
    for (int at = 0; at < MEMORY_SIZE; at += RUN) {
        static const u8 zero[RUN];
        if (!memcmp(memory + at, zero, RUN))
            continue;
        fprintf(f, " mem=%x:", memory_address(at));
        for (int i = 0; i < RUN; i++)
            fprintf(f, "%02x", memory[at + i]);
    }
    fputc('\n', f);
}

static int read_bytes(const char *p, u8 *to, int max)
{
    int n = 0;
    unsigned byte;
    while (n < max && p[2 * n] && p[2 * n + 1] && sscanf(p + 2 * n, "%2x", &byte) == 1)
        to[n++] = (u8)byte;
    return n;
}

/* The names of outcomes in a line. */
static bool read_outcome(const char *name, u8 *outcome)
{
    static const char *const names[] = { "step", "de", "ud", "gp", "pf", "ac", "ss", "mf" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!strcmp(name, names[i])) {
            *outcome = (u8)i;
            return true;
        }
    }
    return false;
}

/* Comma-separated: general registers, selectors, ST(i). */
static bool read_list(const char *word, const char *value, struct regs *s)
{
    bool gpr = !strncmp(word, "gpr=", 4), st = !strncmp(word, "st=", 3);
    char *end;
    if (!gpr && !st && strncmp(word, "sel=", 4))
        return false;
    for (int i = 0; i < (gpr || st ? 8 : 6); i++, value = end + 1) {
        u32 number = (u32)strtoul(value, &end, 16);
        if (gpr)
            s->gpr[i] = number;
        else if (!st)
            s->selector[i] = (u16)number;
        else if (*end == ':')
            s->fpu.st[i].se = (u16)number, s->fpu.st[i].significand = strtoull(end + 1, &end, 16);
        if (*end != ',')
            return *end == 0;
    }
    return true;
}

/* A word that says one thing about registers or memory; false: not understood. */
static bool read_state(const char *word, struct regs *s, u8 *memory)
{
    const struct image image = { memory, memory + DATA_SIZE };
    char *end;
    const char *value = strchr(word, '=');
    if (!value)
        return false;
    value++;
    u32 number = (u32)strtoul(value, &end, 16);
    if (!strncmp(word, "mem=", 4) && *end == ':') {
        u8 bytes[RUN], *to;
        int n = read_bytes(end + 1, bytes, RUN);
        to = n ? image_at(&image, number, (u32)n) : NULL;
        if (to)
            memcpy(to, bytes, (size_t)n);
        return to;
    }
    if (!strncmp(word, "out=", 4))
        return read_outcome(value, &s->outcome);
    if (!strncmp(word, "eip=", 4))
        return s->eip = number, true;
    if (!strncmp(word, "address=", 8))
        return s->address = number, true;
    if (!strncmp(word, "eflags=", 7))
        return s->eflags = number, true;
    if (!strncmp(word, "fcw=", 4))
        return s->fpu.fcw = (u16)number, true;
    if (!strncmp(word, "fsw=", 4))
        return s->fpu.fsw = (u16)number, true;
    if (!strncmp(word, "valid=", 6))
        return s->fpu.valid = (u8)number, true;
    return read_list(word, value, s);
}

static bool read_code(const char *word, struct step *steps, int *n, int max)
{
    char *end;
    u32 at = (u32)strtoul(word + 5, &end, 16);
    if (*end != ':' || *n >= max)
        return false;
    steps[*n].before.eip = at;
    steps[*n].insn.length = (u8)read_bytes(end + 1, steps[*n].insn.bytes, sizeof steps[*n].insn.bytes);
    return steps[(*n)++].insn.length;
}

static bool read_word(const char *word, struct step *steps, int *n, int max, u8 *memory, struct result *result)
{
    if (!strncmp(word, "code=", 5))
        return read_code(word, steps, n, max);
    if (!strcmp(word, "=>")) {
        if (!result || *n != 1)
            return false;
        result->given = true;
        result->after = steps[0].before;
        memcpy(result->memory, memory, MEMORY_SIZE);
        return true;
    }
    if (result && result->given && !strcmp(word, "whole"))
        return result->whole = true;
    return result && result->given ? read_state(word, &result->after, result->memory) : read_state(word, &steps[0].before, memory);
}

int regression_read(FILE *f, struct step *steps, int max, u8 *memory, struct result *result)
{
    char *line = xcalloc(1, LINE_MAX_BYTES);
    int n = 0;
    while (n == 0 && fgets(line, LINE_MAX_BYTES, f)) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        memset(steps, 0, (size_t)max * sizeof *steps);
        memset(memory, 0, MEMORY_SIZE);
        if (result)
            result->given = result->whole = false;
        for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
            if (!read_word(word, steps, &n, max, memory, result)) {
                fprintf(stderr, "lockstep: not understood: %s\n", word);
                n = -1;
                break;
            }
        }
    }
    free(line);
    return n;
}
