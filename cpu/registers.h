/* registers.h - what the manual calls the registers and their bits, for whoever names one.
 * Follows: Intel SDM Vol. 1 "Basic Execution Environment", Vol. 3A "System Architecture Overview". */
#pragma once
#include "../host/base.h"

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };        /* by number in an instruction */
enum { ES, CS, SS, DS, FS, GS, SEGMENTS, SEGMENT_LDTR = SEGMENTS, SEGMENT_TR };

/* EFLAGS: SDM Vol. 1 "EFLAGS Register". */
enum {
    FLAG_CF = 1 << 0, FLAG_1 = 1 << 1, FLAG_PF = 1 << 2, FLAG_AF = 1 << 4, FLAG_ZF = 1 << 6, FLAG_SF = 1 << 7,
    FLAG_TF = 1 << 8, FLAG_IF = 1 << 9, FLAG_DF = 1 << 10, FLAG_OF = 1 << 11, FLAG_IOPL = 3 << 12, FLAG_NT = 1 << 14,
    FLAG_RF = 1 << 16, FLAG_VM = 1 << 17, FLAG_AC = 1 << 18, FLAG_VIF = 1 << 19, FLAG_VIP = 1 << 20, FLAG_ID = 1 << 21,
    FLAGS_ARITH = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF
};
enum {
    CR0_PE = 1u << 0, CR0_MP = 1u << 1, CR0_EM = 1u << 2, CR0_TS = 1u << 3, CR0_ET = 1u << 4, CR0_NE = 1u << 5,
    CR0_WP = 1u << 16, CR0_AM = 1u << 18, CR0_NW = 1u << 29, CR0_CD = 1u << 30, CR0_PG = 1u << 31
};
enum {
    CR4_VME = 1 << 0, CR4_PVI = 1 << 1, CR4_TSD = 1 << 2, CR4_DE = 1 << 3, CR4_PSE = 1 << 4, CR4_PAE = 1 << 5,
    CR4_MCE = 1 << 6, CR4_PGE = 1 << 7, CR4_PCE = 1 << 8, CR4_OSFXSR = 1 << 9, CR4_OSXMMEXCPT = 1 << 10, CR4_UMIP = 1 << 11
};
enum { EFER_NXE = 1 << 11 };
enum {  /* vectors: SDM Vol. 3A "Exception and Interrupt Vectors" */
    EXC_DE, EXC_DB, EXC_NMI, EXC_BP, EXC_OF, EXC_BR, EXC_UD, EXC_NM, EXC_DF, EXC_MP, EXC_TS, EXC_NP, EXC_SS, EXC_GP, EXC_PF,
    EXC_MF = 16, EXC_AC, EXC_MC
};

/* Segment register with its hidden part. `access` is bits 8-23 of the descriptor's second word: type in bits 0-3, S bit 4,
 * DPL bits 5-6, P bit 7, AVL bit 12, L bit 13, D/B bit 14, G bit 15 (bits 8-11, the limit's, are kept zero).
 * A null selector loaded in protected mode leaves access = 0: every use faults. limit is in bytes, inclusive. */
struct segment {
    u64 base;
    u32 limit;
    u16 selector, access;
};
enum {
    SEG_ACCESSED = 1, SEG_RW = 2 /* writable data, readable code */, SEG_DC = 4 /* expand-down data, conforming code */,
    SEG_CODE = 8, SEG_S = 0x10, SEG_DPL = 0x60, SEG_P = 0x80, SEG_AVL = 0x1000, SEG_L = 0x2000, SEG_DB = 0x4000, SEG_G = 0x8000
};
static inline int seg_dpl(u16 access) { return access >> 5 & 3; }

struct table_register { u64 base; u32 limit, reserved; };   /* GDTR, IDTR; limit is 16 bits wide */

struct f80 { u64 significand; u16 se; u16 pad[3]; };        /* se: sign in bit 15, biased exponent below */
/* x87: SDM Vol. 1 "x87 FPU Execution Environment". MMX registers are the significands: MMn is st[n] by physical number. */
struct x87 {
    struct f80 st[8];           /* by physical register number; ST(i) is st[(top + i) & 7] */
    u64 fip, fdp;
    u16 fcs, fds, fop, fcw, fsw;/* fsw holds TOP in bits 11-13 */
    u8 empty;                   /* bit n: physical register n is empty (the tag's other values are computed) */
    u8 pad[5];
};

enum { ACTIVITY_RUN, ACTIVITY_HALTED, ACTIVITY_SHUTDOWN };
enum { APIC_BASE_BSP = 1 << 8, APIC_BASE_EXTD = 1 << 10, APIC_BASE_EN = 1 << 11 };     /* IA32_APIC_BASE */

/* ---- the registers by name: one table for the debugger's expressions and displays, for traces, for what describes the target ---- */

struct cpu;

enum register_group { REGISTERS_GENERAL, REGISTERS_SEGMENT, REGISTERS_HIDDEN /* parts of segment registers */, REGISTERS_TABLE,
                      REGISTERS_CONTROL, REGISTERS_DEBUG, REGISTERS_SYSTEM, REGISTERS_X87, REGISTERS_MMX, REGISTER_GROUPS };
/* PART: of another register's row, such as AX. READ_ONLY: a pin's or what follows from others. */
enum { REGISTER_PART = 1, REGISTER_READ_ONLY = 2 };

struct register_bit { u64 bit; const char *name; };     /* lists end with name NULL, highest bit first */

struct cpu_register {
    const char *name;                   /* lower case; the manual's, "cs.base" for hidden parts */
    u8 group, flags;
    u8 bytes;                           /* 1, 2, 4, 8; 10 for ST(i) */
    u8 stored, shift;                   /* in struct cpu_state: bytes there, and its lowest bit */
    u16 offset;
    int n;                              /* which of its kind, for `set` */
    const struct register_bit *bits;    /* NULL: none has a name */
    u64 (*wrong)(const struct cpu *cpu, u64 v);                 /* bits that may not be as they are in v. NULL: all may */
    const char *(*set)(struct cpu *cpu, int n, u64 v);          /* NULL: stored as it is. Why not, with nothing changed; or NULL */
};

/* In the order in which they are shown. Ends with name NULL. */
extern const struct cpu_register cpu_registers[];
/* Upper or lower case; NULL if there is none of that name. */
const struct cpu_register *register_find(const char *name);
/* Between runs or from what an observer is told. Of ST(i), the significand. */
u64  register_value(const struct cpu *cpu, const struct cpu_register *r);
/* All bytes of it in guest order, r->bytes of them. */
void register_bytes(const struct cpu *cpu, const struct cpu_register *r, u8 *out);
/* Between runs. A selector is loaded as MOV does, but for the accessed bit in its table; hidden parts and control registers take
 * effect at once. False, and `why` says what is wrong with the value or the register: nothing has changed. */
bool register_set(struct cpu *cpu, const struct cpu_register *r, u64 v, char *why, size_t n);
/* The same from all of its bytes, in guest order: ST(i), too, whose tag stays as it is. */
bool register_set_bytes(struct cpu *cpu, const struct cpu_register *r, const u8 *bytes, char *why, size_t n);
/* Between runs: bit n is set where physical register n of the x87 is to be empty. */
void x87_set_empty(struct cpu *cpu, u8 empty);
/* The names of the bits that are set in v, blank separated; "reserved" for those without one. */
void register_bit_names(const struct cpu_register *r, u64 v, char *text, size_t n);
/* The value of the register of this name, which must be there. */
u64  cpu_get(const struct cpu *cpu, const char *name);
