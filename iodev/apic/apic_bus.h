/* apic_bus.h - what APICs tell each other: interrupt messages to local APICs.
 * Intel SDM Vol. 3A "Advanced Programmable Interrupt Controller (APIC)", "APIC Bus Message Passing Mechanism and Protocol"; 82093AA
 * data sheet, "Redirection Table Registers". */
#pragma once
#include "../../host/base.h"

/* Delivery modes, as bits 8-10 of LVT, ICR and redirection entries spell them. */
enum {
    APIC_FIXED = 0, APIC_LOWEST = 1, APIC_SMI = 2, APIC_NMI = 4, APIC_INIT = 5, APIC_STARTUP = 6 /* ICR alone */, APIC_EXTINT = 7
};
/* Bits that LVT, ICR and redirection entries have in common. */
enum {
    APIC_VECTOR = 0xff, APIC_MODE = 7 << 8, APIC_LOGICAL = 1 << 11, APIC_PENDING = 1 << 12 /* delivery status */,
    APIC_ACTIVE_LOW = 1 << 13, APIC_REMOTE_IRR = 1 << 14, APIC_LEVEL = 1 << 15, APIC_MASKED = 1 << 16
};
static inline int apic_mode(u32 entry) { return (int)(entry >> 8 & 7); }

struct apic_message {
    u8 vector, mode;
    u8 destination;             /* physical: APIC ID, 0Fh or FFh all; logical: see LDR */
    bool logical, level;
};
