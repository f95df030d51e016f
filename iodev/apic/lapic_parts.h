/* lapic_parts.h - struct lapic, for the files that make it up (lapic.c, lapic_registers.c, lapic_timer.c). */
#pragma once
#include "lapic.h"

/* Registers by number: their address is 16 times that, their MSR 800h more. SDM Vol. 3A "Local APIC Register Address Map". */
enum {
    REG_ID = 0x02, REG_VERSION, REG_TPR = 0x08, REG_APR, REG_PPR, REG_EOI, REG_RRD, REG_LDR, REG_DFR, REG_SVR, REG_ISR,
    REG_TMR = 0x18, REG_IRR = 0x20, REG_ESR = 0x28, REG_ICR_LOW = 0x30, REG_ICR_HIGH, REG_LVT, REG_LVT_LAST = 0x37,
    REG_INITIAL, REG_CURRENT, REG_DIVIDE = 0x3e, REG_SELF_IPI = 0x3f, REGS = 0x40
};
enum { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVTS };
enum { TIMER_PERIODIC = 1 << 17, TIMER_DEADLINE = 1 << 18, TIMER_MODE = TIMER_PERIODIC | TIMER_DEADLINE };
enum { SVR_ENABLE = 1 << 8, SVR_FOCUS = 1 << 9, SVR_NO_EOI_BROADCAST = 1 << 12 };
enum {                          /* "Error Status Register" */
    ESR_SEND_ACCEPT = 1 << 2, ESR_SEND_VECTOR = 1 << 5, ESR_RECEIVED_VECTOR = 1 << 6, ESR_ADDRESS = 1 << 7
};

struct lapic {
    struct device dev;
    struct lapic_wiring w;
    enum lapic_kind kind;
    struct region *page;
    struct timer timer;
    struct cpu *cpu;            /* NULL: the time-stamp counter is the virtual time */

    struct lapic_state {
        u64 base;               /* IA32_APIC_BASE */
        u64 counted;            /* the moment at which the timer's count was `count` */
        u64 deadline;           /* IA32_TSC_DEADLINE; 0: not armed */
        u32 count;              /* 0: the timer stands */
        u32 initial, divide;
        u32 id;                 /* as a number */
        u32 tpr, ldr, dfr, svr, icr_low, icr_high;
        u32 esr, errors;        /* as read; found since ESR was written */
        u32 lvt[LVTS];
        u32 isr[8], tmr[8], irr[8];
        u8 lint[2];             /* levels of the pins */
        u8 extint;              /* an ExtINT message waits for its acknowledge */
        u8 intr;                /* level of the output */
        u8 pad[4];
    } s;
};

/* lapic.c */
bool lapic_is_x2(const struct lapic *l);
u32 lapic_ppr(const struct lapic *l);
u32 lapic_apr(const struct lapic *l);
void lapic_update(struct lapic *l);             /* drive INTR */
void lapic_eoi(struct lapic *l);
void lapic_send(struct lapic *l);               /* what ICR says */
void lapic_self(struct lapic *l, u8 vector);    /* a fixed interrupt to this APIC itself */
void lapic_error(struct lapic *l, u32 bit);
void lapic_lvt_raise(struct lapic *l, int n);   /* the source of LVT entry n wants its interrupt */
void lapic_lint_look(struct lapic *l);          /* LINT0's entry was written, or an EOI came: a level may ask */
bool lapic_has_lvt(const struct lapic *l, int n);

/* lapic_registers.c */
u64 lapic_page_read(void *dev, u64 offset, int size);
void lapic_page_write(void *dev, u64 offset, u64 value, int size);
bool lapic_msr_read(void *to, u32 msr, u64 *v);
bool lapic_msr_write(void *to, u32 msr, u64 v);

/* lapic_timer.c */
void lapic_timer_init(struct lapic *l);
void lapic_timer_sync(struct lapic *l);         /* before LVT, divider or time change: what passed, by the old rules */
void lapic_timer_schedule(struct lapic *l);     /* and after it */
void lapic_timer_start(struct lapic *l, u32 initial);
void lapic_timer_divide(struct lapic *l, u32 v);
u32 lapic_timer_count(const struct lapic *l);
void lapic_timer_set_deadline(struct lapic *l, u64 tsc);
void lapic_timer_stop(struct lapic *l);
