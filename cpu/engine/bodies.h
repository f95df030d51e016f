/* bodies.h - the hot bodies: instructions that are compiled for every size and operand form. Everything else is one C function a row. A
 * row of the opcode table names a body as BODY(add). hot/bodies.inc is the list; nobody else knows a body by name. */
#pragma once
#include "../../host/base.h"

#define CONDITIONS(X) \
    X(o, 0) X(no, 1) X(b, 2) X(nb, 3) X(z, 4) X(nz, 5) X(be, 6) X(nbe, 7) \
    X(s, 8) X(ns, 9) X(p, 10) X(np, 11) X(l, 12) X(nl, 13) X(le, 14) X(nle, 15)

enum body {
    BODY_NONE,
#define BODY(name, class, sizes, flow, safety, quiet, pair, registers) BODY_##name,
#include "hot/bodies.inc"
#undef BODY
    BODIES
};

enum body_class {
    CLASS_TWO,                  /* destination and source, every form */
    CLASS_COMPARE,              /* likewise, the destination only read */
    CLASS_TEST,                 /* that without a source in memory */
    CLASS_MOVE,                 /* the destination only written */
    CLASS_EXCHANGE,             /* the source is a register */
    CLASS_DOUBLE,               /* likewise; in FAST with registers alone */
    CLASS_LOAD,                 /* register destination, register or memory source */
    CLASS_ADDRESS,              /* of memory, which is not accessed */
    CLASS_ONE,                  /* register or memory; an immediate may come along */
    CLASS_CARRY,                /* that in FAST with a register alone */
    CLASS_STACK, CLASS_STACK_RI,/* a register, and perhaps an immediate; a flat stack or any */
    CLASS_PLAIN,                /* one form */
};
enum body_flow {
    FLOW_ON,
    FLOW_IF, FLOW_LOOP, FLOW_JUMP, FLOW_CALL,   /* direct: on the flags; on the count; always; with a return address */
    FLOW_INDIRECT, FLOW_RETURN
};
enum body_safety { SAFETY_OPEN, SAFETY_SAFE, SAFETY_TURNS };
enum body_registers { REGISTERS_MORE, REGISTERS_OWN, REGISTERS_BYTE };

struct body_info { u8 class, flow, safety, registers; };
extern const struct body_info body_info[BODIES];        /* bodies.c */
