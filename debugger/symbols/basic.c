/* basic.c - the types that need no file to say what they are: C's for the i386, and those of assemblers; and values of them where
 * nothing is known of a program's own. Follows: System V ABI, Intel386 supplement, "Fundamental Types". */
#include "typed.h"

const struct basic_type *basic_type_find(const char *words)
{
    static const struct basic_type types[] = {
        { "char", 1, true, false }, { "signed char", 1, true, false }, { "unsigned char", 1, false, false },
        { "short", 2, true, false }, { "unsigned short", 2, false, false }, { "int", 4, true, false }, { "unsigned int", 4, false, false },
        { "long", 4, true, false }, { "unsigned long", 4, false, false }, { "long long", 8, true, false },
        { "unsigned long long", 8, false, false }, { "_Bool", 1, false, false },
    };
    static const struct { const char *name; u8 bytes; } plain[] = {
        { "byte", 1 }, { "word", 2 }, { "dword", 4 }, { "qword", 8 }, { "u8", 1 }, { "u16", 2 }, { "u32", 4 }, { "u64", 8 },
        { "uint8_t", 1 }, { "uint16_t", 2 }, { "uint32_t", 4 }, { "uint64_t", 8 },
    };
    static const struct { const char *name, *is; } others[] = {
        { "signed", "int" }, { "unsigned", "unsigned int" }, { "bool", "_Bool" }, { "signed int", "int" }, { "short int", "short" },
        { "long int", "long" }, { "short unsigned int", "unsigned short" }, { "long unsigned int", "unsigned long" },
        { "unsigned short int", "unsigned short" }, { "unsigned long int", "unsigned long" }, { "long long int", "long long" },
        { "long long unsigned int", "unsigned long long" }, { "unsigned long long int", "unsigned long long" },
        { "int8_t", "signed char" }, { "int16_t", "short" }, { "int32_t", "int" }, { "int64_t", "long long" },
    };
    for (size_t k = 0; k < ARRAY_LEN(others); k++)
        if (!strcmp(words, others[k].name))
            words = others[k].is;
    for (size_t k = 0; k < ARRAY_LEN(types); k++)
        if (!strcmp(words, types[k].name))
            return &types[k];
    for (size_t k = 0; k < ARRAY_LEN(plain); k++)
        if (!strcmp(words, plain[k].name))
            return basic_type_plain(plain[k].bytes);
    return NULL;
}

const struct basic_type *basic_type_plain(int bytes)
{
    static const struct basic_type types[] = {
        { "byte", 1, false, true }, { "word", 2, false, true }, { "dword", 4, false, true }, { "qword", 8, false, true },
    };
    return &types[bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3];
}

void character_print(u8 c, char quote, FILE *out)
{
    if (c == '\n' || c == '\t' || c == '\r')
        fprintf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
    else if (c < ' ' || c > '~')
        fprintf(out, "\\x%02x", c);
    else
        fprintf(out, c == quote || c == '\\' ? "\\%c" : "%c", c);
}

#ifndef HAVE_DW
bool type_target(const struct type *type, struct type *target)
{
    *target = *type;
    target->pointers -= type->pointers > 0;
    return type->pointers;
}

bool type_is_array(const struct type *type)
{
    (void)type;
    return false;
}

u64  type_size(const struct type *type)      { return type->pointers ? 4 : type->basic ? type->basic->bytes : 0; }
bool type_is_signed(const struct type *type) { return !type->pointers && type->basic && type->basic->is_signed; }

bool type_member(const struct value *v, const char *name, struct value *member)
{
    (void)v, (void)name, (void)member;
    return false;
}

bool type_named(const struct debug_scope *s, char tag, const char *name, struct type *type)
{
    (void)s, (void)tag, (void)name, (void)type;
    return false;
}

void type_name(const struct type *type, char *text, size_t n)
{
    snprintf(text, n, "%s%s%.*s", type->basic ? type->basic->name : "void", type->pointers ? " " : "", type->pointers & 7, "*******");
}

bool value_number(const struct debug_scope *s, const struct value *v, u64 *number)
{
    u64 size = type_size(&v->type);
    u8 bytes[8] = { 0 };
    *number = v->v;
    if (v->in_memory && (!size || !s->memory.read(s->memory.to, v->v, bytes, size)))
        return false;
    if (v->in_memory)
        *number = get64(bytes);
    if (size && size < 8) {
        *number &= mask_bytes((int)size);
        if (type_is_signed(&v->type) && *number >> (8 * size - 1) & 1)
            *number |= ~0ull << 8 * size;
    }
    return true;
}

void value_print(const struct debug_scope *s, const struct value *v, FILE *out)
{
    u64 number;
    if (!value_number(s, v, &number))
        fprintf(out, "nothing is mapped at %08llx", (unsigned long long)v->v);
    else if (type_is_signed(&v->type))
        fprintf(out, "%lld", (long long)number);
    else
        fprintf(out, "%llu = 0x%llx", (unsigned long long)number, (unsigned long long)number);
}

bool variable_find(const struct debug_scope *s, const char *name, struct value *v, bool *found)
{
    (void)s, (void)name, (void)v;
    return *found = false;
}

bool debug_locals(const struct debug_scope *s, FILE *out)
{
    (void)s, (void)out;
    return false;
}

void debug_arguments(const struct debug_scope *s, FILE *out)
{
    (void)s, (void)out;
}
#endif
