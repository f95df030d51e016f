/* bodies.h - the hot bodies: instructions that are compiled for every size and operand form (hot/ *.inc). Everything else is one
 * C function a row. A row of the opcode table names a body as BODY(add). */
#pragma once

#define CONDITIONS(X) \
    X(o, 0) X(no, 1) X(b, 2) X(nb, 3) X(z, 4) X(nz, 5) X(be, 6) X(nbe, 7) \
    X(s, 8) X(ns, 9) X(p, 10) X(np, 11) X(l, 12) X(nl, 13) X(le, 14) X(nle, 15)

/* Destination and source, every form. */
#define BODIES_TWO(X) X(add) X(or) X(adc) X(sbb) X(and) X(sub) X(xor) X(cmp) X(mov) X(test) X(xchg)
/* Register destination, register or memory source. */
#define BODIES_LOAD(X) X(movzx8) X(movzx16) X(movsx8) X(movsx16) X(imul) X(lea) X(jmp_ind) X(call_ind) X(push_rm) \
    X(cmovo) X(cmovno) X(cmovb) X(cmovnb) X(cmovz) X(cmovnz) X(cmovbe) X(cmovnbe) \
    X(cmovs) X(cmovns) X(cmovp) X(cmovnp) X(cmovl) X(cmovnl) X(cmovle) X(cmovnle)
/* One operand, register or memory; an immediate may come along. */
#define BODIES_UNARY(X) X(inc) X(dec) X(not) X(neg) X(shl) X(shr) X(sar) X(rol) X(ror) X(rcl) X(rcr) \
    X(shl_cl) X(shr_cl) X(sar_cl) X(rol_cl) X(ror_cl) X(rcl_cl) X(rcr_cl) X(mul) X(imul1) X(div) X(idiv) \
    X(seto) X(setno) X(setb) X(setnb) X(setz) X(setnz) X(setbe) X(setnbe) \
    X(sets) X(setns) X(setp) X(setnp) X(setl) X(setnl) X(setle) X(setnle)
/* Stack and control flow. FORM_RR and FORM_RI: flat 32-bit stack; FORM_RB and FORM_RX: any stack. */
#define BODIES_STACK(X) X(push) X(pop) X(call) X(ret) X(leave)
/* Neither operands nor forms: FORM_RR only. */
#define BODIES_PLAIN(X) X(pause) X(nop) X(cwde) X(cdq) X(clc) X(stc) X(cmc) X(cld) X(std) X(bswap) X(jmp) \
    X(jo) X(jno) X(jb) X(jnb) X(jz) X(jnz) X(jbe) X(jnbe) X(js) X(jns) X(jp) X(jnp) X(jl) X(jnl) X(jle) X(jnle) \
    X(loop) X(loope) X(loopne) X(jcxz)

enum body {
    BODY_NONE,
#define X(n) BODY_##n,
    BODIES_TWO(X) BODIES_LOAD(X) BODIES_UNARY(X) BODIES_STACK(X) BODIES_PLAIN(X)
#undef X
    BODIES
};
enum body_class { CLASS_TWO, CLASS_LOAD, CLASS_UNARY, CLASS_STACK, CLASS_PLAIN };
static inline enum body_class body_class(int body)
{
    return body <= BODY_xchg ? CLASS_TWO : body <= BODY_cmovnle ? CLASS_LOAD : body <= BODY_setnle ? CLASS_UNARY
         : body <= BODY_leave ? CLASS_STACK : CLASS_PLAIN;
}
