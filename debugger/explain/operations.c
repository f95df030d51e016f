/* operations.c - what each instruction does, in the notation of the manual's Operation sections: a table by mnemonic. A row of the opcode
 * table that does something else than others of its mnemonic says so itself (struct row's `operation`).
 * Follows: Intel SDM Vol. 2, the instructions' pages, "Notational Conventions".
 * Here: DEST, SRC, SRC2 are the operands in their order; TARGET is where a branch leads; size is the operand's, in bytes; Push and Pop move
 * (E)SP by it. \n begins a line of its own. */
#include "parts.h"

struct operation { const char *mnemonic, *text; };

/* clang-format off */
static const struct operation operations[] = {
    /* arithmetic */
    { "add", "DEST := DEST + SRC" }, { "adc", "DEST := DEST + SRC + CF" },
    { "sub", "DEST := DEST - SRC" }, { "sbb", "DEST := DEST - (SRC + CF)" },
    { "cmp", "TEMP := DEST - SRC; the flags as SUB sets them; TEMP is thrown away" },
    { "inc", "DEST := DEST + 1; CF stays" }, { "dec", "DEST := DEST - 1; CF stays" },
    { "neg", "CF := (DEST /= 0); DEST := 0 - DEST" },
    { "mul", "upper:lower := accumulator * SRC, without sign\n(AX := AL * SRC; DX:AX := AX * SRC; EDX:EAX := EAX * SRC)" },
    { "imul", "DEST := DEST * SRC, with sign, truncated to the size of DEST" },
    { "div", "IF SRC = 0 or the quotient does not fit THEN #DE FI\nquotient := upper:lower / SRC; remainder := upper:lower MOD SRC, without sign\n"
             "(AX to AL, AH; DX:AX to AX, DX; EDX:EAX to EAX, EDX)" },
    { "idiv", "IF SRC = 0 or the quotient does not fit THEN #DE FI\nquotient := upper:lower / SRC, towards zero; remainder := the rest, with the dividend's sign\n"
              "(AX to AL, AH; DX:AX to AX, DX; EDX:EAX to EAX, EDX)" },
    { "xadd", "TEMP := SRC + DEST; SRC := DEST; DEST := TEMP" },
    { "cmpxchg", "IF accumulator = DEST THEN ZF := 1; DEST := SRC\nELSE ZF := 0; accumulator := DEST; DEST := DEST FI" },
    { "cmpxchg8b", "IF EDX:EAX = DEST THEN ZF := 1; DEST := ECX:EBX\nELSE ZF := 0; EDX:EAX := DEST; DEST := DEST FI" },
    { "aaa", "IF (AL AND 0Fh) > 9 or AF = 1 THEN AX := AX + 106h; AF := CF := 1\nELSE AF := CF := 0 FI; AL := AL AND 0Fh" },
    { "aas", "IF (AL AND 0Fh) > 9 or AF = 1 THEN AX := AX - 6; AH := AH - 1; AF := CF := 1\nELSE AF := CF := 0 FI; AL := AL AND 0Fh" },
    { "aam", "AH := AL / SRC; AL := AL MOD SRC; #DE where SRC is 0" },
    { "aad", "AL := (AL + AH * SRC) AND FFh; AH := 0" },
    { "daa", "IF (AL AND 0Fh) > 9 or AF = 1 THEN AL := AL + 6; AF := 1 ELSE AF := 0 FI\nIF old AL > 99h or old CF = 1 THEN AL := AL + 60h; CF := 1 ELSE CF := 0 FI" },
    { "das", "IF (AL AND 0Fh) > 9 or AF = 1 THEN AL := AL - 6; AF := 1 ELSE AF := 0 FI\nIF old AL > 99h or old CF = 1 THEN AL := AL - 60h; CF := 1 FI" },
    { "cbw", "16-bit operand size: AX := SignExtend(AL)\n32-bit operand size (CWDE): EAX := SignExtend(AX)" },
    { "cwd", "16-bit operand size: DX:AX := SignExtend(AX)\n32-bit operand size (CDQ): EDX:EAX := SignExtend(EAX)" },
    /* logic, shifts, bits */
    { "and", "DEST := DEST AND SRC" }, { "or", "DEST := DEST OR SRC" }, { "xor", "DEST := DEST XOR SRC" },
    { "not", "DEST := NOT DEST" }, { "test", "TEMP := DEST AND SRC; the flags by TEMP, which is thrown away" },
    { "shl", "DEST := DEST * 2^COUNT: zeros come in below, CF is the last bit out above" },
    { "sal", "DEST := DEST * 2^COUNT: zeros come in below, CF is the last bit out above" },
    { "shr", "DEST := DEST / 2^COUNT without sign: zeros come in above, CF is the last bit out below" },
    { "sar", "DEST := DEST / 2^COUNT with sign: copies of the sign come in above, CF is the last bit out below" },
    { "rol", "DEST := DEST rotated left by COUNT; CF := its lowest bit" },
    { "ror", "DEST := DEST rotated right by COUNT; CF := its highest bit" },
    { "rcl", "CF:DEST := CF:DEST rotated left by COUNT" }, { "rcr", "CF:DEST := CF:DEST rotated right by COUNT" },
    { "shld", "DEST := upper half of (DEST:SRC shifted left by COUNT); CF := last bit out of DEST" },
    { "shrd", "DEST := lower half of (SRC:DEST shifted right by COUNT); CF := last bit out of DEST" },
    { "setmo", "IF COUNT /= 0 THEN DEST := all ones FI (the 8086's own)" },
    { "bt", "CF := Bit(DEST, SRC)" }, { "bts", "CF := Bit(DEST, SRC); Bit(DEST, SRC) := 1" },
    { "btr", "CF := Bit(DEST, SRC); Bit(DEST, SRC) := 0" },
    { "btc", "CF := Bit(DEST, SRC); Bit(DEST, SRC) := NOT Bit(DEST, SRC)" },
    { "bsf", "IF SRC = 0 THEN ZF := 1 ELSE ZF := 0; DEST := number of the lowest 1 in SRC FI" },
    { "bsr", "IF SRC = 0 THEN ZF := 1 ELSE ZF := 0; DEST := number of the highest 1 in SRC FI" },
    { "bswap", "the bytes of DEST in the opposite order" },
    /* flags */
    { "clc", "CF := 0" }, { "stc", "CF := 1" }, { "cmc", "CF := NOT CF" },
    { "cld", "DF := 0: strings go up" }, { "std", "DF := 1: strings go down" },
    { "cli", "IF CPL <= IOPL THEN IF := 0\nELSE IF CPL = 3 and CR4.PVI (CR4.VME in V86 mode) THEN VIF := 0 ELSE #GP(0) FI FI" },
    { "sti", "IF CPL <= IOPL THEN IF := 1, interrupts wait for one instruction more\nELSE IF CPL = 3, VIP = 0 and CR4.PVI (CR4.VME in V86 mode) THEN VIF := 1 ELSE #GP(0) FI FI" },
    { "lahf", "AH := SF:ZF:0:AF:0:PF:1:CF" }, { "sahf", "SF:ZF:0:AF:0:PF:1:CF := AH" },
    { "pushf", "Push(EFLAGS, with VM and RF as 0)" },
    { "popf", "EFLAGS := Pop(); IOPL changes at CPL 0 alone, IF where CPL <= IOPL alone: else they silently stay" },
    { "salc", "IF CF = 1 THEN AL := FFh ELSE AL := 0 FI" },
    /* moves */
    { "mov", "DEST := SRC" }, { "movzx", "DEST := ZeroExtend(SRC)" }, { "movsx", "DEST := SignExtend(SRC)" },
    { "xchg", "TEMP := DEST; DEST := SRC; SRC := TEMP (memory is locked)" }, { "lea", "DEST := EffectiveAddress(SRC)" },
    { "xlat", "AL := [DS:(E)BX + ZeroExtend(AL)]" },
    { "lds", "DS := selector at SRC + size; DEST := offset at SRC" }, { "les", "ES := selector at SRC + size; DEST := offset at SRC" },
    { "lfs", "FS := selector at SRC + size; DEST := offset at SRC" }, { "lgs", "GS := selector at SRC + size; DEST := offset at SRC" },
    { "lss", "SS := selector at SRC + size; DEST := offset at SRC" },
    /* stack */
    { "push", "(E)SP := (E)SP - size; [SS:(E)SP] := SRC" }, { "pop", "DEST := [SS:(E)SP]; (E)SP := (E)SP + size" },
    { "pusha", "TEMP := ESP; Push(EAX, ECX, EDX, EBX, TEMP, EBP, ESI, EDI), of the operand size" },
    { "popa", "EDI, ESI, EBP, (one thrown away), EBX, EDX, ECX, EAX := Pop(), of the operand size" },
    { "enter", "Push(EBP); FRAME := ESP; IF SRC2 > 0 THEN copy SRC2 - 1 frame pointers, Push(FRAME) FI\nEBP := FRAME; ESP := ESP - SRC" },
    { "leave", "ESP := EBP; EBP := Pop()" },
    { "bound", "IF DEST < [SRC] or DEST > [SRC + size] THEN #BR FI, with sign" },
    /* control flow */
    { "jmp", "EIP := TARGET" }, { "call", "Push(EIP of the next instruction); EIP := TARGET" },
    { "ret", "EIP := Pop()" },
    { "jmp far", "CS:EIP := the far pointer, with what it names in protected mode: a code segment (DPL = CPL, or conforming), a call gate, a task gate or a TSS" },
    { "call far", "Push(CS, EIP of the next instruction); CS:EIP := the far pointer, or by what it names: a call gate to an inner ring takes SS:ESP from the TSS first; a task gate or TSS switches tasks" },
    { "ret far", "CS:EIP := Pop(); to an outer ring, SS:ESP := Pop() as well, and data segments that are too privileged become null" },
    { "loop", "(E)CX := (E)CX - 1; IF (E)CX /= 0 THEN EIP := TARGET FI" },
    { "loope", "(E)CX := (E)CX - 1; IF (E)CX /= 0 and ZF = 1 THEN EIP := TARGET FI" },
    { "loopne", "(E)CX := (E)CX - 1; IF (E)CX /= 0 and ZF = 0 THEN EIP := TARGET FI" },
    { "jcxz", "IF (E)CX = 0 THEN EIP := TARGET FI, of the address size" },
    { "int", "deliver vector SRC through the interrupt table: a gate of DPL >= CPL; V86 mode: IOPL = 3 as well" },
    { "int3", "deliver vector 3 (#BP), a trap: the gate's DPL >= CPL" },
    { "into", "IF OF = 1 THEN deliver vector 4 (#OF), a trap FI" },
    { "icebp", "deliver vector 1 (#DB) as hardware does: no look at the gate's DPL" },
    { "iret", "EIP, CS, EFLAGS := Pop(); to an outer ring SS:ESP := Pop() as well; NT = 1: back to the task that TSS.link names; VM = 1 in the image, at CPL 0: into virtual-8086 mode" },
    { "sysenter", "CS:EIP := IA32_SYSENTER_CS:IA32_SYSENTER_EIP; SS := CS + 8; ESP := IA32_SYSENTER_ESP\nCPL := 0; IF := 0" },
    { "sysexit", "CS := IA32_SYSENTER_CS + 16; SS := CS + 8; EIP := EDX; ESP := ECX; CPL := 3" },
    /* strings */
    { "movs", "DEST := SRC; (E)SI and (E)DI move by the size, down where DF = 1" },
    { "cmps", "the flags of DEST - SRC; (E)SI and (E)DI move by the size, down where DF = 1" },
    { "stos", "DEST := SRC; (E)DI moves by the size, down where DF = 1" },
    { "lods", "DEST := SRC; (E)SI moves by the size, down where DF = 1" },
    { "scas", "the flags of DEST - SRC; (E)DI moves by the size, down where DF = 1" },
    { "ins", "DEST := port DX; (E)DI moves by the size, down where DF = 1" },
    { "outs", "port DX := SRC; (E)SI moves by the size, down where DF = 1" },
    /* ports, system */
    { "in", "DEST := port SRC, where CPL <= IOPL or the TSS's I/O map allows it" },
    { "out", "port DEST := SRC, where CPL <= IOPL or the TSS's I/O map allows it" },
    { "hlt", "stop until an interrupt, NMI, SMI or reset" },
    { "nop", "nothing" }, { "pause", "nothing; it tells the processor that a loop waits" },
    { "lfence", "earlier loads are done before later ones" }, { "mfence", "earlier loads and stores are done before later ones" },
    { "sfence", "earlier stores are done before later ones" },
    { "lgdt", "GDTR.limit := [SRC]; GDTR.base := [SRC + 2], 24 bits of it with 16-bit operand size" },
    { "lidt", "IDTR.limit := [SRC]; IDTR.base := [SRC + 2], 24 bits of it with 16-bit operand size" },
    { "sgdt", "[DEST] := GDTR.limit; [DEST + 2] := GDTR.base: at any CPL" },
    { "sidt", "[DEST] := IDTR.limit; [DEST + 2] := IDTR.base: at any CPL" },
    { "sldt", "DEST := LDTR's selector: at any CPL" }, { "str", "DEST := TR's selector: at any CPL" },
    { "lldt", "LDTR := SRC, with the descriptor in the GDT: an LDT, present" },
    { "ltr", "TR := SRC, with the descriptor in the GDT: an available TSS, present, which becomes busy" },
    { "smsw", "DEST := CR0, its lower 16 bits in memory: at any CPL" },
    { "lmsw", "CR0.PE, MP, EM, TS := SRC[3:0]; PE is set, never cleared" }, { "clts", "CR0.TS := 0" },
    { "invlpg", "forget what the TLBs hold for the page of SRC; nothing is read there" },
    { "invd", "invalidate caches without writing them back (there are none here)" },
    { "wbinvd", "write caches back and invalidate them (there are none here)" },
    { "lar", "IF the descriptor of SRC is visible at CPL and RPL THEN DEST := its access rights; ZF := 1\nELSE ZF := 0 FI" },
    { "lsl", "IF the descriptor of SRC is visible at CPL and RPL THEN DEST := its limit in bytes; ZF := 1\nELSE ZF := 0 FI" },
    { "verr", "ZF := 1 where the segment of SRC can be read at CPL and RPL, else 0" },
    { "verw", "ZF := 1 where the segment of SRC can be written at CPL and RPL, else 0" },
    { "arpl", "IF DEST.RPL < SRC.RPL THEN DEST.RPL := SRC.RPL; ZF := 1 ELSE ZF := 0 FI" },
    { "rdmsr", "EDX:EAX := MSR[ECX]; #GP(0) where there is none" }, { "wrmsr", "MSR[ECX] := EDX:EAX; #GP(0) where there is none or a bit is reserved" },
    { "rdtsc", "EDX:EAX := time-stamp counter, where CR4.TSD = 0 or CPL = 0" },
    { "rdpmc", "EDX:EAX := performance counter ECX, where CR4.PCE = 1 or CPL = 0" },
    { "cpuid", "EAX, EBX, ECX, EDX := what leaf EAX says of the processor" },
    { "rsm", "the state := what the SMI saved at SMBASE + FE00h on; out of system management mode" },
    { "(undefined)", "nothing (the 8086 does not tell it from others)" }, { "esc", "fetch SRC for a coprocessor, which is not there" },
    /* x87: moves */
    { "fld", "TOP := TOP - 1; ST(0) := SRC as 80-bit real" }, { "fild", "TOP := TOP - 1; ST(0) := SRC, an integer, as real" },
    { "fbld", "TOP := TOP - 1; ST(0) := SRC, 18 decimal digits, as real" },
    { "fst", "DEST := ST(0), rounded to its format" }, { "fstp", "DEST := ST(0), rounded to its format; pop" },
    { "fstpnce", "DEST := ST(0), whatever the tags say; pop" },
    { "fist", "DEST := ST(0), rounded to an integer by RC" }, { "fistp", "DEST := ST(0), rounded to an integer by RC; pop" },
    { "fbstp", "DEST := ST(0), rounded to 18 decimal digits; pop" },
    { "fxch", "TEMP := ST(0); ST(0) := DEST; DEST := TEMP" },
    { "ffree", "tag of DEST := empty" }, { "ffreep", "tag of DEST := empty; pop" },
    { "fincstp", "TOP := TOP + 1; no tag changes" }, { "fdecstp", "TOP := TOP - 1; no tag changes" },
    { "fld1", "TOP := TOP - 1; ST(0) := 1" }, { "fldz", "TOP := TOP - 1; ST(0) := 0" },
    { "fldpi", "TOP := TOP - 1; ST(0) := pi" }, { "fldl2t", "TOP := TOP - 1; ST(0) := log2(10)" },
    { "fldl2e", "TOP := TOP - 1; ST(0) := log2(e)" }, { "fldlg2", "TOP := TOP - 1; ST(0) := log10(2)" },
    { "fldln2", "TOP := TOP - 1; ST(0) := ln(2)" },
    /* x87: arithmetic */
    { "fadd", "DEST := DEST + SRC" }, { "faddp", "DEST := DEST + SRC; pop" }, { "fiadd", "ST(0) := ST(0) + SRC, an integer" },
    { "fsub", "DEST := DEST - SRC" }, { "fsubp", "DEST := DEST - SRC; pop" }, { "fisub", "ST(0) := ST(0) - SRC, an integer" },
    { "fsubr", "DEST := SRC - DEST" }, { "fsubrp", "DEST := SRC - DEST; pop" }, { "fisubr", "ST(0) := SRC, an integer, - ST(0)" },
    { "fmul", "DEST := DEST * SRC" }, { "fmulp", "DEST := DEST * SRC; pop" }, { "fimul", "ST(0) := ST(0) * SRC, an integer" },
    { "fdiv", "DEST := DEST / SRC" }, { "fdivp", "DEST := DEST / SRC; pop" }, { "fidiv", "ST(0) := ST(0) / SRC, an integer" },
    { "fdivr", "DEST := SRC / DEST" }, { "fdivrp", "DEST := SRC / DEST; pop" }, { "fidivr", "ST(0) := SRC, an integer, / ST(0)" },
    { "fchs", "ST(0) := -ST(0)" }, { "fabs", "ST(0) := |ST(0)|" }, { "fsqrt", "ST(0) := square root of ST(0)" },
    { "frndint", "ST(0) := ST(0), rounded to an integer by RC" }, { "fscale", "ST(0) := ST(0) * 2^(ST(1), truncated)" },
    { "fxtract", "TEMP := significand of ST(0); ST(0) := its exponent; push TEMP" },
    { "fprem", "ST(0) := ST(0) - ST(1) * truncated quotient; C2 = 1: not through; C0, C3, C1: low bits of it" },
    { "fprem1", "ST(0) := ST(0) - ST(1) * nearest quotient; C2 = 1: not through; C0, C3, C1: low bits of it" },
    { "f2xm1", "ST(0) := 2^ST(0) - 1" }, { "fyl2x", "ST(1) := ST(1) * log2(ST(0)); pop" },
    { "fyl2xp1", "ST(1) := ST(1) * log2(ST(0) + 1); pop" }, { "fptan", "ST(0) := tan(ST(0)); push 1; C2 = 1: out of range" },
    { "fpatan", "ST(1) := arctan(ST(1) / ST(0)); pop" }, { "fsin", "ST(0) := sin(ST(0)); C2 = 1: out of range" },
    { "fcos", "ST(0) := cos(ST(0)); C2 = 1: out of range" },
    { "fsincos", "TEMP := cos(ST(0)); ST(0) := sin(ST(0)); push TEMP; C2 = 1: out of range" },
    /* x87: comparisons */
    { "fcom", "C3, C2, C0 := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered" },
    { "fcomp", "C3, C2, C0 := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered; pop" },
    { "fcompp", "C3, C2, C0 := 000 if ST(0) > ST(1), 001 if <, 100 if =, 111 if unordered; pop twice" },
    { "fucom", "C3, C2, C0 := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered; quiet NaNs are no error" },
    { "fucomp", "C3, C2, C0 := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered; quiet NaNs are no error; pop" },
    { "fucompp", "C3, C2, C0 := 000 if ST(0) > ST(1), 001 if <, 100 if =, 111 if unordered; quiet NaNs are no error; pop twice" },
    { "ficom", "C3, C2, C0 := 000 if ST(0) > SRC, an integer, 001 if <, 100 if =, 111 if unordered" },
    { "ficomp", "C3, C2, C0 := 000 if ST(0) > SRC, an integer, 001 if <, 100 if =, 111 if unordered; pop" },
    { "fcomi", "ZF, PF, CF := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered" },
    { "fcomip", "ZF, PF, CF := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered; pop" },
    { "fucomi", "ZF, PF, CF := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered; quiet NaNs are no error" },
    { "fucomip", "ZF, PF, CF := 000 if ST(0) > SRC, 001 if <, 100 if =, 111 if unordered; quiet NaNs are no error; pop" },
    { "ftst", "C3, C2, C0 := 000 if ST(0) > 0, 001 if <, 100 if =, 111 if unordered" },
    { "fxam", "C1 := sign of ST(0); C3, C2, C0 := its class: 001 NaN, 010 normal, 011 infinity, 100 zero, 101 empty, 110 denormal" },
    /* x87: control */
    { "fldcw", "control word := SRC" }, { "fnstcw", "DEST := control word" }, { "fnstsw", "DEST := status word" },
    { "fldenv", "control, status, tags and pointers := [SRC]" },
    { "fnstenv", "[DEST] := control, status, tags and pointers; all exceptions are masked" },
    { "frstor", "the x87's whole state := [SRC]" }, { "fnsave", "[DEST] := the x87's whole state; then as FNINIT" },
    { "fxsave", "[DEST] := x87 and MMX state, 512 bytes" }, { "fxrstor", "x87 and MMX state := [SRC], 512 bytes" },
    { "fninit", "control word := 37Fh; status word := 0; all tags := empty; pointers := 0" },
    { "fnclex", "exception flags, ES and B of the status word := 0" },
    { "fnop", "nothing" }, { "fneni", "nothing (an 8087's interrupts on)" }, { "fndisi", "nothing (an 8087's interrupts off)" },
    { "fnsetpm", "nothing (a 287's protected mode)" }, { "fwait", "deliver a pending x87 exception" },
    /* MMX */
    { "emms", "all x87 tags := empty" }, { "movd", "DEST := SRC, 32 bits; the upper half of an MMX register becomes 0" },
    { "movq", "DEST := SRC, 64 bits" },
    { "pand", "DEST := DEST AND SRC" }, { "pandn", "DEST := (NOT DEST) AND SRC" }, { "por", "DEST := DEST OR SRC" },
    { "pxor", "DEST := DEST XOR SRC" },
    { "paddb", "DEST[i] := DEST[i] + SRC[i], for 8 bytes" }, { "paddw", "DEST[i] := DEST[i] + SRC[i], for 4 words" },
    { "paddd", "DEST[i] := DEST[i] + SRC[i], for 2 doublewords" },
    { "paddsb", "DEST[i] := SaturateSigned(DEST[i] + SRC[i]), for 8 bytes" }, { "paddsw", "DEST[i] := SaturateSigned(DEST[i] + SRC[i]), for 4 words" },
    { "paddusb", "DEST[i] := SaturateUnsigned(DEST[i] + SRC[i]), for 8 bytes" }, { "paddusw", "DEST[i] := SaturateUnsigned(DEST[i] + SRC[i]), for 4 words" },
    { "psubb", "DEST[i] := DEST[i] - SRC[i], for 8 bytes" }, { "psubw", "DEST[i] := DEST[i] - SRC[i], for 4 words" },
    { "psubd", "DEST[i] := DEST[i] - SRC[i], for 2 doublewords" },
    { "psubsb", "DEST[i] := SaturateSigned(DEST[i] - SRC[i]), for 8 bytes" }, { "psubsw", "DEST[i] := SaturateSigned(DEST[i] - SRC[i]), for 4 words" },
    { "psubusb", "DEST[i] := SaturateUnsigned(DEST[i] - SRC[i]), for 8 bytes" }, { "psubusw", "DEST[i] := SaturateUnsigned(DEST[i] - SRC[i]), for 4 words" },
    { "pmullw", "DEST[i] := low word of DEST[i] * SRC[i], for 4 words" }, { "pmulhw", "DEST[i] := high word of DEST[i] * SRC[i] with sign, for 4 words" },
    { "pmaddwd", "doubleword i of DEST := DEST[2i] * SRC[2i] + DEST[2i+1] * SRC[2i+1], of words with sign" },
    { "pcmpeqb", "DEST[i] := all ones where DEST[i] = SRC[i], else 0, for 8 bytes" }, { "pcmpeqw", "DEST[i] := all ones where DEST[i] = SRC[i], else 0, for 4 words" },
    { "pcmpeqd", "DEST[i] := all ones where DEST[i] = SRC[i], else 0, for 2 doublewords" },
    { "pcmpgtb", "DEST[i] := all ones where DEST[i] > SRC[i] with sign, else 0, for 8 bytes" },
    { "pcmpgtw", "DEST[i] := all ones where DEST[i] > SRC[i] with sign, else 0, for 4 words" },
    { "pcmpgtd", "DEST[i] := all ones where DEST[i] > SRC[i] with sign, else 0, for 2 doublewords" },
    { "packsswb", "DEST := SaturateSigned to bytes of the words of DEST, those of SRC above them" },
    { "packssdw", "DEST := SaturateSigned to words of the doublewords of DEST, those of SRC above them" },
    { "packuswb", "DEST := SaturateUnsigned to bytes of the words of DEST, those of SRC above them" },
    { "punpcklbw", "DEST := bytes of the low halves of DEST and SRC in turn" }, { "punpcklwd", "DEST := words of the low halves of DEST and SRC in turn" },
    { "punpckldq", "DEST := low doubleword of DEST, low doubleword of SRC above it" },
    { "punpckhbw", "DEST := bytes of the high halves of DEST and SRC in turn" }, { "punpckhwd", "DEST := words of the high halves of DEST and SRC in turn" },
    { "punpckhdq", "DEST := high doubleword of DEST, high doubleword of SRC above it" },
    { "psllw", "DEST[i] := DEST[i] * 2^SRC, 0 where SRC > 15, for 4 words" }, { "pslld", "DEST[i] := DEST[i] * 2^SRC, 0 where SRC > 31, for 2 doublewords" },
    { "psllq", "DEST := DEST * 2^SRC, 0 where SRC > 63" },
    { "psrlw", "DEST[i] := DEST[i] / 2^SRC without sign, for 4 words" }, { "psrld", "DEST[i] := DEST[i] / 2^SRC without sign, for 2 doublewords" },
    { "psrlq", "DEST := DEST / 2^SRC without sign" },
    { "psraw", "DEST[i] := DEST[i] / 2^SRC with sign, for 4 words" }, { "psrad", "DEST[i] := DEST[i] / 2^SRC with sign, for 2 doublewords" },
};

/* With a single operand; with three. */
static const struct operation alone[] = {
    { "imul", "upper:lower := accumulator * SRC, with sign\n(AX := AL * SRC; DX:AX := AX * SRC; EDX:EAX := EAX * SRC)" },
    { "ret", "EIP := Pop(); ESP := ESP + SRC" },
    { "fadd", "ST(0) := ST(0) + SRC" },
    { "fsub", "ST(0) := ST(0) - SRC" },
    { "fsubr", "ST(0) := SRC - ST(0)" },
    { "fmul", "ST(0) := ST(0) * SRC" },
    { "fdiv", "ST(0) := ST(0) / SRC" },
    { "fdivr", "ST(0) := SRC / ST(0)" },
};
static const struct operation of_three[] = {
    { "imul", "DEST := SRC * SRC2, with sign, truncated to the size of DEST" },
};

/* "Condition codes": what follows J, SET, CMOV and FCMOV. */
static const struct { const char *name, *text; } conditions[] = {
    { "o", "OF = 1" }, { "no", "OF = 0" }, { "b", "CF = 1" }, { "nb", "CF = 0" }, { "z", "ZF = 1" }, { "nz", "ZF = 0" }, { "e", "ZF = 1" }, { "ne", "ZF = 0" },
    { "be", "CF = 1 or ZF = 1" }, { "nbe", "CF = 0 and ZF = 0" }, { "s", "SF = 1" }, { "ns", "SF = 0" }, { "p", "PF = 1" }, { "np", "PF = 0" }, { "u", "PF = 1" }, { "nu", "PF = 0" },
    { "l", "SF /= OF" }, { "nl", "SF = OF" }, { "le", "ZF = 1 or SF /= OF" }, { "nle", "ZF = 0 and SF = OF" },
};
static const struct { const char *before, *then; } conditional[] = {
    { "j", "THEN EIP := TARGET FI" }, { "set", "THEN DEST := 1 ELSE DEST := 0 FI" }, { "cmov", "THEN DEST := SRC FI" }, { "fcmov", "THEN DEST := SRC FI" },
};
/* clang-format on */

static bool by_condition(const char *mnemonic, char *text, size_t size)
{
    for (size_t k = 0; k < ARRAY_LEN(conditional); k++) {
        size_t n = strlen(conditional[k].before);
        for (size_t c = 0; c < ARRAY_LEN(conditions); c++)
            if (!strncmp(mnemonic, conditional[k].before, n) && !strcmp(mnemonic + n, conditions[c].name))
                return snprintf(text, size, "IF %s %s", conditions[c].text, conditional[k].then) > 0;
    }
    return false;
}

static const char *found(const struct operation *list, size_t n, const char *mnemonic)
{
    for (size_t k = 0; k < n; k++)
        if (!strcmp(list[k].mnemonic, mnemonic))
            return list[k].text;
    return NULL;
}

bool operation_text(const struct anatomy *a, char *text, size_t size)
{
    const char *does = a->operation;
    int n = 0;
    *text = 0;
    for (int k = 0; k < 4; k++)
        n += a->operand[k].code != __;
    if (!a->mnemonic)
        return false;
    if (!does && n == 1)
        does = found(alone, ARRAY_LEN(alone), a->mnemonic);
    if (!does && n == 3)
        does = found(of_three, ARRAY_LEN(of_three), a->mnemonic);
    if (!does)
        does = found(operations, ARRAY_LEN(operations), a->mnemonic);
    if (!does)
        return by_condition(a->mnemonic, text, size);
    snprintf(text, size, "%s", does);
    return true;
}
