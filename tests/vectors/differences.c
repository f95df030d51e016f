/* differences.c - where a P6-class processor answers otherwise than the captured one, opcode by opcode, with the reason.
 * Follows: Intel SDM Vol. 2 (flags affected, LOCK prefix), Vol. 3B "Architecture Compatibility"; iAPX 286 Programmer's
 * Reference Manual, "Interrupts and exceptions" and appendix on 8086 compatibility.
 * Here: the 80286 in full. Not yet: the 8086 beyond what its manual documents. */
#include "differences.h"
#include "../../cpu/cpu.h"

enum { AF = FLAG_AF, CF = FLAG_CF, OF = FLAG_OF, PF = FLAG_PF, SF = FLAG_SF, ZF = FLAG_ZF };

struct insn_head insn_head(const struct moo_test *t)
{
    struct insn_head h = {0};
    for (u32 i = 0; i < t->length; i++) {
        u8 b = t->bytes[i];
        h.opcode_at = (int)i;
        if (b == 0xf0)
            h.lock = true;
        else if (b == 0xf2 || b == 0xf3)
            h.rep = true;
        else if ((b & 0xe7) == 0x26)
            h.segment = b;
        else
            break;
    }
    return h;
}

static u8 opcode_of(const struct moo_test *t)  { return t->bytes[insn_head(t).opcode_at]; }
static u8 modrm_of(const struct moo_test *t)   { return t->bytes[insn_head(t).opcode_at + 1]; }
static int reg_field(const struct moo_test *t) { return modrm_of(t) >> 3 & 7; }
static bool is_memory(const struct moo_test *t) { return modrm_of(t) < 0xc0; }

/* SDM Vol. 2 "LOCK": the instructions it may stand before, with a memory destination. */
static bool lock_illegal(const struct moo_test *t)
{
    u8 op = opcode_of(t);
    bool may = false;
    if (!insn_head(t).lock)
        return false;
    if (op < 0x38 && (op & 7) < 2)
        may = true;
    else if (op >= 0x80 && op <= 0x83)
        may = reg_field(t) != 7;
    else if (op == 0x86 || op == 0x87)
        may = true;
    else if (op == 0xf6 || op == 0xf7)
        may = reg_field(t) == 2 || reg_field(t) == 3;
    else if (op == 0xfe || op == 0xff)
        may = reg_field(t) < 2;
    return !(may && is_memory(t));
}

static bool too_long_for_286(const struct moo_test *t) { return t->length > 11 && t->has_exception && t->vector == EXC_GP; }

static bool names_fs_or_gs(const struct moo_test *t)
{
    return (reg_field(t) == 4 || reg_field(t) == 5) && t->has_exception && t->vector == EXC_UD;
}

static bool overrun(const struct moo_test *t) { return t->has_exception && t->vector == EXC_GP; }

/* 8F may also fault on its memory operand, which is nothing special. */
static bool pop_overrun(const struct moo_test *t)   { return overrun(t) && t->init.reg[MOO_SP] == 0xffff; }

/* A memory operand whose default segment is SS, or that names it. */
static bool stack_overrun(const struct moo_test *t)
{
    struct insn_head h = insn_head(t);
    u8 modrm = t->bytes[h.opcode_at + 1];
    int mod = modrm >> 6, rm = modrm & 7;
    if (!overrun(t) || mod == 3)
        return false;
    if (h.segment)
        return h.segment == 0x36;
    return rm == 2 || rm == 3 || (rm == 6 && mod != 0);
}

u32 iterations_before_overrun(const struct moo_test *t)
{
    u8 op = opcode_of(t);
    u16 si = t->init.reg[MOO_SI], di = t->init.reg[MOO_DI];
    u16 step = t->init.reg[MOO_FLAGS] & FLAG_DF ? (u16)-2 : 2;
    bool has_si = op == 0x6f || op == 0xa5 || op == 0xa7 || op == 0xad, has_di = op != 0x6f && op != 0xad;
    for (u32 n = 0; n < 0x8000; n++) {
        if ((has_si && si == 0xffff) || (has_di && di == 0xffff))
            return n;
        si += step;
        di += step;
    }
    return 0;
}

/* Does the source run over first, through SS? The destination is always ES. */
static bool string_overrun_ss(const struct moo_test *t)
{
    u8 op = opcode_of(t);
    u16 step = t->init.reg[MOO_FLAGS] & FLAG_DF ? (u16)-2 : 2;
    bool has_si = op == 0x6f || op == 0xa5 || op == 0xa7 || op == 0xad;
    return overrun(t) && has_si && insn_head(t).segment == 0x36
        && (u16)(t->init.reg[MOO_SI] + step * iterations_before_overrun(t)) == 0xffff;
}

/* The masked count of a shift or rotate. */
static int shift_count(const struct moo_test *t)
{
    struct insn_head h = insn_head(t);
    u8 op = t->bytes[h.opcode_at], modrm = t->bytes[h.opcode_at + 1];
    int mod = modrm >> 6, displacement = mod == 1 ? 1 : mod == 2 || (mod == 0 && (modrm & 7) == 6) ? 2 : 0;
    if (op >= 0xd2)
        return t->init.reg[MOO_CX] & 31;
    return op >= 0xd0 ? 1 : t->bytes[h.opcode_at + 2 + displacement] & 31;
}
static bool count_over_1(const struct moo_test *t)  { return shift_count(t) > 1; }
static bool count_not_0(const struct moo_test *t)   { return shift_count(t) != 0; }
static bool count_covers(const struct moo_test *t)  { return shift_count(t) >= (opcode_of(t) & 1 ? 16 : 8); }

/* clang-format off */
const struct difference differences[] = {
    /* Which instruction it is comes first, then the faults of its operands, then flags. */
    { "C286", "*",              lock_illegal,       FAULTS, EXC_UD, 0,
      "the 286 takes LOCK before any instruction; since the 386 it is #UD except before a read-modify-write of memory",
      "SDM Vol. 2 \"LOCK\"; 80386 Programmer's Reference Manual, \"Differences From 80286 Real-Address Mode\"" },
    { "C286", "*",              too_long_for_286,   RUNS, 0, 0,
      "the 286 faults on instructions longer than 10 bytes; since the 386 the limit is 15",
      "SDM Vol. 3A \"Interrupt 13\" (instruction length limit of 15 bytes)" },
    { "C286", "8C 8E",          names_fs_or_gs,     RUNS, 0, 0,
      "segment register numbers 4 and 5 are FS and GS since the 386; the 286 has none and faults",
      "SDM Vol. 2 \"MOV\"; Appendix B \"Encoding of the Segment Register Fields\"" },

    { "C286", "6D 6F A5 A7 AD", string_overrun_ss,  FAULTS_AT_ITERATION, EXC_SS, 0,
      "the 286 has one exception (13) for a word at offset FFFFh, after moving the index registers; since the 386 an access "
      "through SS raises #SS, and faulting instructions leave the registers alone",
      "SDM Vol. 3A \"Interrupt 12\"; \"Program or Task Restart\"" },
    { "C286", "6D 6F A5 A7 AB AD AF", overrun,      FAULTS_AT_ITERATION, EXC_GP, 0,
      "the 286 moves the index registers before it finds a word at offset FFFFh; since the 386 a faulting string "
      "instruction can be restarted",
      "SDM Vol. 2 \"REP/REPE/REPZ/REPNE/REPNZ\"; Vol. 3A \"Program or Task Restart\"" },
    { "C286", "07 17 1F 58 59 5A 5B 5C 5D 5E 5F 61 9D C2 C3 C9 CA CB CF", overrun, FAULTS, EXC_SS, 0,
      "a stack word at offset FFFFh is exception 13 on the 286, #SS (12) since the 386",
      "SDM Vol. 3A \"Interrupt 12\"" },
    { "C286", "8F",             pop_overrun,        FAULTS, EXC_SS, 0,
      "a stack word at offset FFFFh is exception 13 on the 286, #SS (12) since the 386",
      "SDM Vol. 3A \"Interrupt 12\"" },
    { "C286", "8F",             overrun,            FAULTS, EXC_GP, 0,
      "the 286 has popped the word when it finds the destination at offset FFFFh; since the 386 a faulting POP leaves SP alone",
      "SDM Vol. 2 \"POP\"; Vol. 3A \"Program or Task Restart\"" },
    { "C286", "*",              stack_overrun,      FAULTS, EXC_SS, 0,
      "a word at SS:FFFFh is exception 13 on the 286, #SS (12) since the 386",
      "SDM Vol. 3A \"Interrupt 12\"" },

    { "*", "08 09 0A 0B 0C 0D 20 21 22 23 24 25 30 31 32 33 34 35 80.1 80.4 80.6 81.1 81.4 81.6 82.1 82.4 82.6 83.1 83.4 "
           "83.6 84 85 A8 A9 F6.0 F6.1 F7.0 F7.1", NULL, FLAGS_DIFFER, 0, AF,
      "AF is undefined after AND, OR, XOR and TEST",
      "SDM Vol. 2 \"AND\", \"OR\", \"XOR\", \"TEST\", Flags Affected" },
    { "*", "27 2F",             NULL,               FLAGS_DIFFER, 0, OF, "OF is undefined after DAA and DAS",
      "SDM Vol. 2 \"DAA\", \"DAS\", Flags Affected" },
    { "*", "37 3F",             NULL,               FLAGS_DIFFER, 0, OF | SF | ZF | PF,
      "OF, SF, ZF and PF are undefined after AAA and AAS",
      "SDM Vol. 2 \"AAA\", \"AAS\", Flags Affected" },
    { "*", "D4 D5",             NULL,               FLAGS_DIFFER, 0, OF | AF | CF,
      "OF, AF and CF are undefined after AAM and AAD",
      "SDM Vol. 2 \"AAM\", \"AAD\", Flags Affected" },
    { "*", "69 6B F6.4 F6.5 F7.4 F7.5", NULL,       FLAGS_DIFFER, 0, SF | ZF | AF | PF,
      "SF, ZF, AF and PF are undefined after MUL and IMUL",
      "SDM Vol. 2 \"MUL\", \"IMUL\", Flags Affected" },
    { "*", "F6.6 F6.7 F7.6 F7.7", NULL,             FLAGS_DIFFER, 0, OF | SF | ZF | AF | PF | CF,
      "the arithmetic flags are undefined after DIV and IDIV, and when they fault",
      "SDM Vol. 2 \"DIV\", \"IDIV\", Flags Affected" },
    { "*", "C0.? C1.? D2.? D3.?", count_over_1,     FLAGS_DIFFER, 0, OF,
      "OF is undefined after shifts and rotates by more than one",
      "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", \"RCL/RCR/ROL/ROR\", Flags Affected" },
    { "*", "C0.4 C0.5 C0.6 C0.7 C1.4 C1.5 C1.6 C1.7 D0.4 D0.5 D0.6 D0.7 D1.4 D1.5 D1.6 D1.7 D2.4 D2.5 D2.6 D2.7 D3.4 D3.5 "
           "D3.6 D3.7", count_not_0,                FLAGS_DIFFER, 0, AF,
      "AF is undefined after shifts",
      "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", Flags Affected" },
    { "*", "C0.4 C0.5 C0.6 C1.4 C1.5 C1.6 D2.4 D2.5 D2.6 D3.4 D3.5 D3.6", count_covers, FLAGS_DIFFER, 0, CF,
      "CF is undefined after SHL and SHR by the operand's size or more",
      "SDM Vol. 2 \"SAL/SAR/SHL/SHR\", Flags Affected" },
    { "C286", "9D CF",          NULL,               FLAGS_DIFFER, 0, FLAG_IOPL | FLAG_NT,
      "IOPL and NT cannot be set in the 286's real mode; since the 386 they can",
      "SDM Vol. 2 \"POPF/POPFD/POPFQ\", \"IRET/IRETD\", Operation; 80286 Programmer's Reference Manual, \"Real Address Mode\"" },
    { NULL, NULL, NULL, 0, 0, 0, NULL, NULL }
};
/* clang-format on */

/* One pattern up to a blank against a name. */
static bool pattern_matches(const char *pattern, const char *end, const char *name)
{
    for (; pattern < end; pattern++, name++) {
        if (*pattern == '*')
            return true;
        if (!*name || (*pattern != '?' && *pattern != *name))
            return false;
    }
    return !*name;
}

bool difference_applies(const struct difference *d, const char *cpu, const char *opcode, const struct moo_test *t)
{
    const char *p = d->opcodes;
    if (!pattern_matches(d->cpu, d->cpu + strlen(d->cpu), cpu))
        return false;
    while (*p) {
        size_t n = strcspn(p, " ");
        if (pattern_matches(p, p + n, opcode))
            return !d->when || d->when(t);
        p += n + (p[n] == ' ');
    }
    return false;
}
