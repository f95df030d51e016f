/* disasm.c - machine code as text, by the Zydis library.
 * Follows: Zydis 4.0 API reference, "Decoder" and "Formatter". */
#include "disasm.h"
#include "memory.h"
#include "names.h"
#ifdef HAVE_ZYDIS
#include <Zydis/Zydis.h>
#endif

enum { INSN_MAX = 15 };

#ifdef HAVE_ZYDIS
/* The name of an address that an operand tells, with `exact` only if it begins there. */
static void name_append(const struct disasm_names *names, u64 linear, bool exact, char *out, size_t size)
{
    char name[80];
    size_t n = strlen(out);
    symbols_name(names->symbols, linear, names->physical, name, sizeof name);
    if (*name && !(exact && strstr(name, "+0x")))
        snprintf(out + n, size - n, " <%s>", name);
}

/* Numbers that may be an address: where a branch goes; memory, for certain if no register is added; an immediate of full size. */
static void operands_name(const struct disasm_names *names, const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *operands,
                          u64 address, char *out, size_t size)
{
    for (int k = 0; k < insn->operand_count_visible; k++) {
        const ZydisDecodedOperand *o = &operands[k];
        u64 target;
        if (o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && o->imm.is_relative) {
            if (ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(insn, o, address, &target)))
                name_append(names, (u32)(names->base + target), false, out, size);
        } else if (o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && o->size >= 32) {
            name_append(names, (u32)o->imm.value.u, true, out, size);
        } else if (o->type == ZYDIS_OPERAND_TYPE_MEMORY && o->mem.disp.has_displacement) {
            bool alone = o->mem.base == ZYDIS_REGISTER_NONE && o->mem.index == ZYDIS_REGISTER_NONE;
            name_append(names, (u32)o->mem.disp.value, !alone, out, size);
        }
    }
}

static int styled(const u8 *bytes, size_t n, u64 address, int bits, const struct disasm_names *names, bool att, char *out, size_t size)
{
    ZydisDecoder decoder;
    ZydisFormatter formatter;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisMachineMode mode = bits == 64 ? ZYDIS_MACHINE_MODE_LONG_64
                          : bits == 32 ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16;
    ZydisStackWidth stack = bits == 64 ? ZYDIS_STACK_WIDTH_64 : bits == 32 ? ZYDIS_STACK_WIDTH_32 : ZYDIS_STACK_WIDTH_16;
    ZydisDecoderInit(&decoder, mode, stack);
    ZydisFormatterInit(&formatter, att ? ZYDIS_FORMATTER_STYLE_ATT : ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, n, &insn, operands))
        || !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &insn, operands, insn.operand_count_visible, out, size,
                                                         address, NULL))) {
        snprintf(out, size, "(bad)");
        return 0;
    }
    if (names)
        operands_name(names, &insn, operands, address, out, size);
    return insn.length;
}
#else
static int styled(const u8 *bytes, size_t n, u64 address, int bits, const struct disasm_names *names, bool att, char *out, size_t size)
{
    (void)names, (void)address, (void)bits, (void)att;
    if (!n) {
        snprintf(out, size, "(bad)");
        return 0;
    }
    snprintf(out, size, "db 0x%02x", bytes[0]);
    return 1;
}
#endif

int disasm_named(const u8 *bytes, size_t n, u64 address, int bits, const struct disasm_names *names, char *out, size_t size)
{
    return styled(bytes, n, address, bits, names, false, out, size);
}

int disasm_text(const u8 *bytes, size_t n, u64 address, int bits, char *out, size_t size)
{
    return disasm_named(bytes, n, address, bits, NULL, out, size);
}

/* What can be read of an instruction, up to a page that is not there. */
static size_t fetch(const struct disasm_view *v, u64 at, u8 *bytes)
{
    size_t n = 0;
    while (n < INSN_MAX && memory_peek(v->cpu, at + n, v->physical, bytes + n, 1))
        n++;
    return n;
}

/* A line for the function that an instruction lies in, unless it is that of the one before it. */
static const struct symbol *label_print(const struct disasm_names *names, u64 linear, const struct symbol *before, FILE *out)
{
    char name[80];
    u64 there = linear;
    const struct symbol *symbol = symbols_at(names->symbols, &there, names->physical, NULL);
    if (symbol && symbol != before)
        fprintf(out, "%s:\n", symbols_name(names->symbols, linear, names->physical, name, sizeof name));
    return symbol;
}

u64 disasm_list(const struct disasm_view *v, u64 offset, u32 count, FILE *out)
{
    u64 mask = v->physical || v->bits == 64 ? ~0ull : v->bits == 16 ? 0xffff : 0xffffffff;
    struct disasm_names names = { v->symbols, v->physical || names_physical(v->cpu), v->base };
    const struct symbol *function = NULL;
    for (u32 i = 0; i < count; i++) {
        u8 bytes[INSN_MAX];
        char text[200], hex[3 * INSN_MAX + 1] = "";
        u64 at = v->physical ? v->base + offset : (u32)(v->base + offset);
        size_t n = fetch(v, at, bytes);
        if (v->labels)
            function = label_print(&names, at, function, out);
        int len = styled(bytes, n, offset, v->bits, &names, v->att, text, sizeof text);
        int shown = len ? len : n ? 1 : 0;
        for (int k = 0; k < shown; k++)
            sprintf(hex + 3 * k, "%02x ", bytes[k]);
        fprintf(out, "%s %08llx  %-30s %s\n", offset == v->mark ? "=>" : "  ", (unsigned long long)at, hex, n ? text : "(not mapped)");
        offset = (offset + (u64)(shown ? shown : 1)) & mask;
    }
    return offset;
}
