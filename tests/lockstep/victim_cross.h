/* victim_cross.h - over to 32-bit code for one instruction and back: rt_sigreturn(2) there, a signal back.
 * Follows: sigaltstack(2), rt_sigreturn(2), arch_prctl(2); the kernel's signal frame (asm/sigcontext.h, asm/ucontext.h). */
#pragma once
#include "../../host/base.h"
#include <signal.h>
#include <ucontext.h>

enum { CROSS_UCONTEXT = 304 /* the kernel's struct ucontext, shorter than the C library's */, CROSS_DATA_SEGMENTS = 4 };

/* Lies at the base of the alternate signal stack: by that the signal's entry finds it. The offsets are the
 * assembler's. */
struct crossing {
    u64 rsp;                            /* 0: our stack while the other code runs */
    u64 fs_base, gs_base;               /* 8, 16: ours; loading selectors destroys them */
    u32 away;                           /* 24: the next signal is the way back */
    u32 probe;                          /* 28: come back at once by INT3: that makes a frame to be copied */
    u32 has_fsgsbase;                   /* 32: WRFSBASE may be used */
    u32 mxcsr;                          /* 36 */
    u16 fcw, pad[3];                    /* 40 */
    u16 own[CROSS_DATA_SEGMENTS];       /* 48: DS, ES, FS, GS */
    u16 there[CROSS_DATA_SEGMENTS];     /* 56: to be loaded */
    u16 then[CROSS_DATA_SEGMENTS];      /* 64: as the instruction left them */
    u64 flags;                          /* 72: those that rt_sigreturn leaves alone: NT, ID */
    siginfo_t *info;                    /* 80: what came back; lies on the signal stack */
    ucontext_t *after;                  /* 88 */
    i32 sig;                            /* 96 */
    u32 pad2;
    u64 scratch[3];                     /* 104: room to push on, below the frame */
    u8 before[CROSS_UCONTEXT];          /* 128: what rt_sigreturn loads */
};

/* Catch the signals that instructions end in, on an alternate stack that c is the base of. False: errno. */
struct cross_saved { struct sigaction actions[5]; stack_t stack; };
bool cross_catch(struct crossing *c, size_t stack_size, struct cross_saved *saved);
void cross_release(const struct cross_saved *saved);
/* Run c->before until a signal. */
void cross(struct crossing *c);
/* A signal that is no instruction's end: die of it, as if nothing had caught it. */
_Noreturn void cross_stray(int sig);

/* FXSAVE's format, as the kernel's signal frame has it. */
struct fxsave {
    u16 fcw, fsw;
    u8 valid, reserved;
    u16 fop;
    u64 fip, fdp;
    u32 mxcsr, mxcsr_mask;
    u8 st[128], xmm[256], reserved_2[48];
    u32 magic, extended_size;   /* from here the kernel's: is there an XSAVE area, and how long with what follows it */
    u64 features;
    u32 size, padding[7];
};
_Static_assert(sizeof(struct fxsave) == 512, "FXSAVE's area");

struct native {
    struct crossing *crossing;  /* in one mapping with what x87 is loaded from and the signal stack */
    struct fxsave *x87;
    ucontext_t *before;         /* in the crossing */
    u8 *code;                   /* CODE_AT, writable */
    size_t size;
    struct cross_saved saved;
    bool catching;
    u32 gpr[8], eip;            /* as loaded */
    u16 selector[6];
};
