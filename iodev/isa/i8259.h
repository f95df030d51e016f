/* i8259.h - the programmable interrupt controller. */
#pragma once
#include "../machine/device.h"

struct i8259;

/* One 8259A at two ports, with its edge/level control register (ELCR, a byte) at elcr_port, of which the
 * bits of elcr_mask can be set. intr is its INT output. master: the SP/EN pin. */
struct i8259 *i8259_new(struct machine *m, const char *id, u16 port, u16 elcr_port, u8 elcr_mask, struct line intr,
                        bool master);
/* The wire to an IR input. */
struct line i8259_input(struct i8259 *pic, int pin);
/* The slave that answers on the cascade lines for this input of the master. Its INT wire is the slave's intr line. */
void i8259_cascade(struct i8259 *master, int pin, struct i8259 *slave);
/* The processor's interrupt acknowledge cycles: the vector. Without a request it is that of IR7, and
 * nothing is in service. */
int i8259_ack(void *master);
/* What the chip holds now, for a debugger. */
struct i8259_view {
    u8 lines, requests /* IRR */, isr, imr, elcr, icw1, icw2, icw3, icw4;
    u8 lowest;                      /* the IR of lowest priority */
    bool master, single, aeoi, rotates /* at each automatic EOI */, nested /* special fully nested */, x86;
    bool special_mask, poll, read_isr, intr;
    i8 pending;                     /* the IR that INT is raised for, -1: none */
    const char *waits_for;          /* "ICW3": the initialisation is unfinished; NULL: it is done */
    const struct i8259 *slave[8];   /* on the cascade lines, NULL: none */
};
void i8259_view(const struct i8259 *pic, struct i8259_view *out);
