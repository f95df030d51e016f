/* victim.c - the host side of the lock-step test: 32-bit code runs inside this process, in compatibility mode, one
 * instruction at a time: a signal frame is returned to, and the next signal brings the frame that follows.
 * Follows: Intel SDM Vol. 3, "IA-32e Mode Operation"; modify_ldt(2), rt_sigreturn(2); the kernel's signal frame
 * (asm/sigcontext.h).
 * Nothing else lies below 4 GB, beyond which 32-bit code cannot reach: a stray access faults on both sides alike.
 * Where the kernel or what is below it has no compatibility mode, 64-bit code stands for it (victim_long.c).
 * Only on x86-64 Linux; elsewhere victim_start says so. */
#define _GNU_SOURCE
#include "victim.h"
#include "../support/die.h"
#include <stdio.h>

const char *outcome_name(enum outcome o)
{
    static const char *const names[] = { "no fault", "#DE", "#UD", "#GP/#BR/#OF", "#PF", "#AC", "#SS/#NP", "#MF",
                                         "another signal" };
    return names[o];
}

/* clang-format off */
const struct ldt_form ldt_forms[LDT_COUNT] = {
    [LDT_DATA]      = { DATA_AT, DATA_SIZE - 1, 0, 1, 0, 0 },
    [1]             = { DATA_AT + 0x100, 0x1fff, 0, 1, 0, 0 },
    [2]             = { DATA_AT, 0x7ff, 1, 1, 0, 0 },               /* expand-down: from 800 */
    [3]             = { DATA_AT, 0xfff, 1, 0, 0, 0 },               /* from 1000 to FFFF */
    [4]             = { DATA_AT, DATA_SIZE - 1, 0, 0, 0, 0 },
    [5]             = { DATA_AT, DATA_SIZE - 1, 0, 1, 1, 0 },       /* read only */
    [LDT_CODE16]    = { CODE_AT, CODE_SIZE - 1, 2, 0, 0, 0 },
    [7]             = { CODE_AT - 0x100, CODE_SIZE - 1, 2, 0, 1, 0 },
    [LDT_CODE32]    = { CODE_AT, CODE_SIZE - 1, 2, 1, 0, 0 },
    [LDT_STACK16]   = { STACK_AT, STACK_SIZE - 1, 0, 0, 0, 0 },
    [10]            = { STACK_AT, STACK_SIZE - 1, 0, 1, 0, 0 },
    [11]            = { STACK_AT - 0xf000, 0xefff, 1, 0, 0, 0 },    /* a stack from F000 to FFFF */
    [12]            = { DATA_AT, DATA_SIZE - 1, 0, 1, 0, 1 },
    [LDT_FLAT_CODE] = { 0, 0xffffffff, 2, 1, 0, 0 },
    [14]            = { CODE_AT, CODE_SIZE - 1, 3, 1, 0, 1 },       /* Linux wants conforming code absent */
    [15]            = { 0x1000, 0xffffffff, 0, 1, 0, 0 },           /* a base alone */
};
/* clang-format on */

u32 selector_base(u16 selector, bool *wide)
{
    bool local = selector & 4 && selector >> 3 < LDT_COUNT;
    *wide = local ? ldt_forms[selector >> 3].wide : true;
    return local ? ldt_forms[selector >> 3].base : 0;
}

#if defined(__x86_64__) && defined(__linux__)
#include "victim_cross.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
enum { AT_MINSIGSTKSZ = 51 };
#endif
enum {
    INT3 = 0xcc, NOP = 0x90, LDT_WRITE = 0x11, MXCSR_INIT = 0x1f80,
    UC_SS = 6,                  /* uc_flags: the frame has SS, and it is meant */
    XSTATE_MAGIC = 0x46505853, XSTATE_HEADER = 512, XSTATE_X87_SSE = 3,
    CROSSING_SIZE = 0x1000, XSTATE_SIZE = 0x8000, STACK_MORE = 0x8000,
    SANITIZER_AT = 0x7fff0000,  /* x86-64's shadow memory begins in these 64 KB */
};

static bool refuse(struct victim *v, char *why, size_t size, const char *what, bool with_errno)
{
    if (with_errno)
        snprintf(why, size, "%s: %s", what, strerror(errno));
    else
        snprintf(why, size, "%s", what);
    victim_stop(v);
    return false;
}

/* Test code can reach whatever lies below 4 GB: why that may not be run; NULL when nothing does. */
static const char *low_memory(char *line, size_t size)
{
    FILE *f = fopen("/proc/self/maps", "r");
    const char *why = NULL;
    unsigned long long at;
    if (!f)
        return "/proc/self/maps cannot be read";
    if (!fgets(line, (int)size, f) || sscanf(line, "%llx-", &at) != 1)
        why = "/proc/self/maps is not as expected";
    else if (at >> 16 == SANITIZER_AT >> 16)
        why = "the sanitizer's memory lies below 4 GB";
    else if (at < 1ull << 32)
        why = "something of this program lies below 4 GB";      /* the lowest comes first */
    fclose(f);
    return why;
}

static bool map_low(u32 at, u32 size, int protection, int fd)
{
    void *want = (void *)(uintptr_t)at;
    int flags = MAP_FIXED_NOREPLACE | MAP_POPULATE | (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);
    return mmap(want, size, protection, flags, fd, 0) == want;
}

static bool map_all(struct native *n)
{
    int fd = memfd_create("victim", MFD_CLOEXEC), error;
    void *code;
    if (fd < 0)
        return false;
    code = ftruncate(fd, CODE_SIZE) ? MAP_FAILED : mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (code != MAP_FAILED) {
        n->code = code;
        memset(n->code, INT3, CODE_SIZE);
    }
    bool good = n->code && map_low(CODE_AT, CODE_SIZE, PROT_READ | PROT_EXEC, fd)
             && map_low(DATA_AT, DATA_SIZE, PROT_READ | PROT_WRITE, -1)
             && map_low(STACK_AT, STACK_SIZE, PROT_READ | PROT_WRITE, -1);
    error = errno;
    close(fd);
    errno = error;
    return good;
}

static bool make_ldt(void)
{
    for (u32 n = 0; n < LDT_COUNT; n++) {
        /* struct user_desc: entry_number, base_addr, limit, flags (seg_32bit, contents, read_exec_only,
         * limit_in_pages, seg_not_present, useable). */
        const struct ldt_form *f = &ldt_forms[n];
        bool pages = f->limit > 0xfffff;
        u8 desc[16];
        put32(desc, n);
        put32(desc + 4, f->base);
        put32(desc + 8, pages ? f->limit >> 12 : f->limit);
        put32(desc + 12, f->wide | (u32)f->contents << 1 | (u32)f->restricted << 3 | (u32)pages << 4
                         | (u32)f->absent << 5 | 1u << 6);
        if (syscall(SYS_modify_ldt, LDT_WRITE, desc, sizeof desc))
            return false;
    }
    return true;
}

/* A frame as this kernel makes it, from a signal of our own. What stands in for the extended state says "initial" of
 * all but x87 and SSE; x87's registers are to be loaded even if they are as FNINIT leaves them. */
static bool copy_frame(struct native *n)
{
    struct crossing *c = n->crossing;
    const struct fxsave *from;
    size_t size = sizeof *from;
    c->probe = 1;
    cross(c);
    c->probe = 0;
    from = (const void *)c->after->uc_mcontext.fpregs;
    if (!from)
        return false;
    if (from->magic == XSTATE_MAGIC)
        size = from->extended_size;
    if (size > XSTATE_SIZE)
        return false;
    memcpy(n->x87, from, size);
    memset(n->x87, 0, offsetof(struct fxsave, reserved_2));
    n->x87->mxcsr = MXCSR_INIT;
    if (size > sizeof *from)
        put64((u8 *)n->x87 + XSTATE_HEADER, XSTATE_X87_SSE);
    memcpy(n->before, c->after, CROSS_UCONTEXT);
    n->before->uc_flags |= UC_SS;
    n->before->uc_mcontext.fpregs = (void *)n->x87;
    return true;
}

/* Does such code run at all? One NOP. */
static bool try_nop(struct victim *v, bool long_mode)
{
    v->long_mode = long_mode;
    static const u8 nop = NOP, int3 = INT3;
    struct regs s = { .eip = CODE_AT, .gpr[4] = STACK_AT, .fpu.fcw = 0x37f, .selector = { USER_DS, USER_CS, USER_DS, USER_DS } };
    victim_write(v, CODE_AT, &nop, 1);
    victim_load(v, &s);
    victim_step(v, &s, 0);
    victim_write(v, CODE_AT, &int3, 1);
    return s.outcome == OUTCOME_STEP && s.eip == CODE_AT + 1;
}

bool victim_start(struct victim *v, char *why, size_t size)
{
    char line[512];
    const char *low = low_memory(line, sizeof line);
    struct native *n;
    void *p;
    *v = (struct victim){ 0 };
    if (low)
        return refuse(v, why, size, low, false);
    n = v->native = xcalloc(1, sizeof *n);
    n->size = CROSSING_SIZE + XSTATE_SIZE + STACK_MORE + getauxval(AT_MINSIGSTKSZ);
    p = mmap(NULL, n->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (p == MAP_FAILED)
        return refuse(v, why, size, "mmap", true);
    n->crossing = p;
    n->x87 = (void *)((u8 *)p + CROSSING_SIZE);
    n->before = (ucontext_t *)(void *)n->crossing->before;
    if (!map_all(n))
        return refuse(v, why, size, "memory for 32-bit code", true);
    if (!cross_catch(n->crossing, n->size, &n->saved))
        return refuse(v, why, size, "an alternate signal stack", true);
    n->catching = true;
    if (!copy_frame(n))
        return refuse(v, why, size, "this kernel's signal frames are not as expected", false);
    bool runs = try_nop(v, false);
    v->segments = runs && make_ldt();
    if (!runs && !try_nop(v, true))
        return refuse(v, why, size, "this kernel runs neither 32-bit code nor a NOP at 1 MB", false);
    return true;
}

void victim_stop(struct victim *v)
{
    struct native *n = v->native;
    if (!n)
        return;
    if (n->catching)
        cross_release(&n->saved);
    if (n->code) {
        munmap(n->code, CODE_SIZE);
        munmap((void *)(uintptr_t)CODE_AT, CODE_SIZE);
        munmap((void *)(uintptr_t)DATA_AT, DATA_SIZE);
        munmap((void *)(uintptr_t)STACK_AT, STACK_SIZE);
    }
    if (n->crossing)
        munmap(n->crossing, n->size);
    free(n);
    v->native = NULL;
}

u8 *victim_memory(struct victim *v, u32 address, size_t size)
{
    if (address - CODE_AT < CODE_SIZE && CODE_AT + CODE_SIZE - address >= size)
        return v->native->code + (address - CODE_AT);
    if ((address - DATA_AT < DATA_SIZE && DATA_AT + DATA_SIZE - address >= size)
        || (address - STACK_AT < STACK_SIZE && STACK_AT + STACK_SIZE - address >= size))
        return (u8 *)(uintptr_t)address;
    return NULL;
}

void victim_write(struct victim *v, u32 address, const void *from, size_t n)
{
    u8 *to = victim_memory(v, address, n);
    if (!to)
        die("no memory of the lock-step test at %x", address);
    memcpy(to, from, n);
}

#else

bool victim_start(struct victim *v, char *why, size_t size)
{
    memset(v, 0, sizeof *v);
    snprintf(why, size, "the host is not x86-64 Linux");
    return false;
}

void victim_stop(struct victim *v) { (void)v; }
bool victim_can(struct victim *v, const struct regs *s, const u8 *code, u32 length)
{
    (void)v, (void)s, (void)code, (void)length;
    return false;
}
u8 *victim_memory(struct victim *v, u32 address, size_t size) { (void)v, (void)address, (void)size; return NULL; }
void victim_write(struct victim *v, u32 address, const void *from, size_t n)
{
    (void)v, (void)address, (void)from, (void)n;
}

#endif
