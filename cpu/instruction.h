/* instruction.h - the instruction that comes next, for who looks from outside: what the opcode table says of it, and what it would
 * work on. Nothing here changes anything. instruction.c
 * Follows: Popek and Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures" (1974), Definitions 2 to 5:
 * privileged and sensitive instructions; Robin and Irvine, "Analysis of the Intel Pentium's Ability to Support a Secure Virtual
 * Machine Monitor" (2000): which of IA-32 are sensitive and do not trap. */
#pragma once
#include "cpu.h"

/* Where the processor is about to run, between runs or from what an observer is told. */
struct cpu_place {
    u64 key;                    /* the same number: the same linear address, mapping, mode, base and limit of CS */
    u64 written;                /* another number: bytes that were decoded somewhere may have changed */
    u64 linear, insns;          /* of CS:EIP; cpu_insns */
    u32 eip, mode;              /* mode: changes with all that decoding depends on */
    u16 cs;
    u8 cpl, bits;               /* bits: 16 or 32, of CS */
    bool resumed;               /* a repeated instruction was left with iterations to do: it may be this one, which goes on */
};
void cpu_place(const struct cpu *cpu, struct cpu_place *p);

/* What it does to the flow of control. */
enum insn_flow {
    INSN_NEXT, INSN_IF /* Jcc, LOOP, JCXZ */, INSN_JUMP, INSN_CALL, INSN_RETURN, INSN_JUMP_FAR, INSN_CALL_FAR, INSN_RETURN_FAR,
    INSN_INTERRUPT /* INT n, INT3, INTO, INT1 */, INSN_IRET, INSN_SYSENTER, INSN_SYSEXIT
};
enum { INSN_BYTES = 15 };

struct instruction {
    const char *mnemonic;       /* the table's, lower case, "call far"; "" where the bytes are none of this processor and mode */
    u8 length, bytes[INSN_BYTES];
    u8 opcode;                  /* behind prefixes and 0F */
    u8 size;                    /* of the operand, in bytes */
    u8 flow;                    /* enum insn_flow */
    bool undefined;             /* #UD here, whatever the operands */
    bool privileged;            /* #GP(0) unless CPL is 0, by the table alone: a privileged instruction of the theory */
    bool sensitive;             /* behaves by, or changes, what a monitor keeps from a guest, and the table lets it run at CPL 3 */
    bool sensitive_here;        /* ... in the present mode: cpu_sensitive */
    bool io, repeats;           /* ports; a string instruction under REP */
    i8 sreg;                    /* the segment register that it names; -1: none */
    bool sreg_loaded;           /* ... and loads */
    i8 control;                 /* the control or debug register that MOV names; -1 */
    bool has_modrm, in_register;/* r/m: a register, or memory at: */
    u8 rm, reg;                 /* ModRM's fields */
    u64 linear;                 /* its linear address */
    u64 immediate;              /* of a far pointer: the offset, and the selector from bit 32 on */
};
/* Are a row's attributes (decode/attribute.h) those of a sensitive instruction, in the present mode? */
bool cpu_sensitive(const struct cpu *cpu, u32 attr);
/* The one at CS:EIP; false: its bytes cannot be read, or it is cut off by the end of a segment. */
bool cpu_instruction(struct cpu *cpu, struct instruction *i);
/* What lies in its r/m operand, n bytes (1, 2, 4); false: memory that cannot be read, or it has none. */
bool instruction_operand(struct cpu *cpu, const struct instruction *i, int n, u64 *value);
/* The selector that it would load or ask about (MOV and POP to a segment register, LDS, LAR, VERR, far transfers, IRET); false: none. */
bool instruction_selector(struct cpu *cpu, const struct instruction *i, u16 *selector);
/* What is on top of the stack, n bytes, `skip` bytes up. */
bool instruction_stack(struct cpu *cpu, u32 skip, int n, u64 *value);
