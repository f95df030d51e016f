/* disasm.c - machine code as text, by the Zydis library.
 * Follows: Zydis 4.0 API reference, "Decoder" and "Formatter". */
#include "disasm.h"
#ifdef HAVE_ZYDIS
#include <Zydis/Zydis.h>
#endif

enum { INSN_MAX = 15 };

#ifdef HAVE_ZYDIS
int disasm_text(const u8 *bytes, size_t n, u64 address, int bits, char *out, size_t size)
{
    ZydisDecoder decoder;
    ZydisFormatter formatter;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisMachineMode mode = bits == 64 ? ZYDIS_MACHINE_MODE_LONG_64
                          : bits == 32 ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16;
    ZydisStackWidth stack = bits == 64 ? ZYDIS_STACK_WIDTH_64 : bits == 32 ? ZYDIS_STACK_WIDTH_32 : ZYDIS_STACK_WIDTH_16;
    ZydisDecoderInit(&decoder, mode, stack);
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, n, &insn, operands))
        || !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &insn, operands, insn.operand_count_visible, out, size,
                                                         address, NULL))) {
        snprintf(out, size, "(bad)");
        return 0;
    }
    return insn.length;
}
#else
int disasm_text(const u8 *bytes, size_t n, u64 address, int bits, char *out, size_t size)
{
    (void)address;
    (void)bits;
    if (!n) {
        snprintf(out, size, "(bad)");
        return 0;
    }
    snprintf(out, size, "db 0x%02x", bytes[0]);
    return 1;
}
#endif

/* What can be read of an instruction, up to a page that is not there. */
static size_t fetch(struct cpu *cpu, u64 linear, u8 *bytes)
{
    size_t n = 0;
    while (n < INSN_MAX && cpu_peek(cpu, (u32)(linear + n), bytes + n, 1))
        n++;
    return n;
}

u64 disasm_print(struct cpu *cpu, u64 base, u64 offset, int bits, u32 count, u64 mark, FILE *out)
{
    u64 mask = bits == 16 ? 0xffff : 0xffffffff;
    for (u32 i = 0; i < count; i++) {
        u8 bytes[INSN_MAX];
        char text[120], hex[3 * INSN_MAX + 1] = "";
        size_t n = fetch(cpu, base + offset, bytes);
        int len = disasm_text(bytes, n, offset, bits, text, sizeof text);
        int shown = len ? len : n ? 1 : 0;
        for (int k = 0; k < shown; k++)
            sprintf(hex + 3 * k, "%02x ", bytes[k]);
        fprintf(out, "%s %08llx  %-30s %s\n", offset == mark ? "=>" : "  ", (unsigned long long)(u32)(base + offset), hex,
                n ? text : "(not mapped)");
        offset = (offset + (u64)(shown ? shown : 1)) & mask;
    }
    return offset;
}
