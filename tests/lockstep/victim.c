/* victim.c - the host side of the lock-step test: a static 32-bit program that is built in memory, started under ptrace and
 * robbed of every mapping but ours, so that a stray access faults on both sides alike.
 * Follows: ptrace(2), elf(5), modify_ldt(2). Only on x86-64 Linux; elsewhere victim_start says so. */
#define _GNU_SOURCE
#include "victim.h"
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
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_CODE = 0x1000, INT3 = 0xcc, SYS_MUNMAP_32 = 91, SYS_MODIFY_LDT_32 = 123, LDT_WRITE = 0x11, MAPS_MAX = 64, MXCSR_INIT = 0x1f80 };

/* An ELF file with three loadable segments; the code is nothing but INT3. */
static void write_program(int fd)
{
    static const struct { u32 at, size, flags; } parts[3] = {
        { CODE_AT, CODE_SIZE, PF_R | PF_X }, { DATA_AT, DATA_SIZE, PF_R | PF_W }, { STACK_AT, STACK_SIZE, PF_R | PF_W },
    };
    u8 page[FILE_CODE] = { 0 }, code[CODE_SIZE];
    Elf32_Ehdr head = {
        .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
        .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT, .e_entry = CODE_AT, .e_phoff = sizeof head,
        .e_ehsize = sizeof head, .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 3,
    };
    memcpy(page, &head, sizeof head);
    for (int i = 0; i < 3; i++) {
        Elf32_Phdr p = {
            .p_type = PT_LOAD, .p_offset = FILE_CODE, .p_vaddr = parts[i].at, .p_paddr = parts[i].at,
            .p_filesz = i ? 0 : parts[i].size, .p_memsz = parts[i].size, .p_flags = parts[i].flags, .p_align = FILE_CODE,
        };
        memcpy(page + sizeof head + (size_t)i * sizeof p, &p, sizeof p);
    }
    memset(code, INT3, sizeof code);
    if (write(fd, page, sizeof page) != sizeof page || write(fd, code, sizeof code) != sizeof code)
        die("cannot write the lock-step program to memory");
}

static bool wait_stop(struct victim *v, int *sig)
{
    int status;
    if (waitpid(v->pid, &status, 0) != v->pid || !WIFSTOPPED(status))
        return false;
    *sig = WSTOPSIG(status);
    return true;
}

/* A system call made by the victim. */
static long syscall_32(struct victim *v, u32 number, u32 a, u32 b, u32 c)
{
    static const u8 code[3] = { 0xcd, 0x80, INT3 };
    struct user_regs_struct r;
    int sig;
    victim_write(v, CODE_AT, code, sizeof code);
    if (ptrace(PTRACE_GETREGS, v->pid, 0, &r))
        return -1;
    r.rax = number;
    r.rbx = a;
    r.rcx = b;
    r.rdx = c;
    r.rip = CODE_AT;
    r.orig_rax = ~0ull;
    if (ptrace(PTRACE_SETREGS, v->pid, 0, &r) || ptrace(PTRACE_CONT, v->pid, 0, 0) || !wait_stop(v, &sig)
        || ptrace(PTRACE_GETREGS, v->pid, 0, &r))
        return -1;
    return (int)r.rax;
}

/* The initial stack and the vdso would be found by stray accesses. */
static void unmap_others(struct victim *v)
{
    char path[40], line[256];
    u64 first[MAPS_MAX], last[MAPS_MAX];
    int n = 0;
    FILE *f;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)v->pid);
    f = fopen(path, "r");
    if (!f)
        return;
    while (n < MAPS_MAX && fgets(line, sizeof line, f)) {
        unsigned long long a, b;
        if (sscanf(line, "%llx-%llx", &a, &b) == 2 && a > STACK_AT && a < 1ull << 32) {
            first[n] = a;
            last[n++] = b;
        }
    }
    fclose(f);
    for (int i = 0; i < n; i++)
        syscall_32(v, SYS_MUNMAP_32, (u32)first[i], (u32)(last[i] - first[i]), 0);
}

static bool make_ldt(struct victim *v)
{
    for (u32 n = 0; n < LDT_COUNT; n++) {
        /* struct user_desc: entry_number, base_addr, limit, flags (seg_32bit, contents, read_exec_only, limit_in_pages,
         * seg_not_present, useable). */
        const struct ldt_form *f = &ldt_forms[n];
        bool pages = f->limit > 0xfffff;
        u8 desc[16];
        put32(desc, n);
        put32(desc + 4, f->base);
        put32(desc + 8, pages ? f->limit >> 12 : f->limit);
        put32(desc + 12, f->wide | (u32)f->contents << 1 | (u32)f->restricted << 3 | (u32)pages << 4 | (u32)f->absent << 5 | 1u << 6);
        victim_write(v, DATA_AT, desc, sizeof desc);
        if (syscall_32(v, SYS_MODIFY_LDT_32, LDT_WRITE, DATA_AT, sizeof desc))
            return false;
    }
    return true;
}

static void run_child(int fd)
{
    static char *const argv[] = { (char *)"victim", NULL }, *const envp[] = { NULL };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0))
        _exit(1);
    fexecve(fd, argv, envp);
    _exit(2);
}

bool victim_start(struct victim *v, char *why, size_t size)
{
    char path[40];
    int fd = memfd_create("victim", MFD_CLOEXEC), sig;
    *v = (struct victim){ .mem = -1 };
    if (fd < 0) {
        snprintf(why, size, "memfd_create: %s", strerror(errno));
        return false;
    }
    write_program(fd);
    v->pid = fork();
    if (v->pid == 0)
        run_child(fd);
    close(fd);
    if (v->pid < 0 || !wait_stop(v, &sig) || sig != SIGTRAP) {
        snprintf(why, size, "ptrace is denied, or this kernel runs no 32-bit programs");
        return false;
    }
    snprintf(path, sizeof path, "/proc/%d/mem", (int)v->pid);
    v->mem = open(path, O_RDWR | O_CLOEXEC);
    if (v->mem < 0) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        victim_stop(v);
        return false;
    }
    unmap_others(v);
    v->segments = make_ldt(v);
    return true;
}

void victim_stop(struct victim *v)
{
    if (v->pid > 0) {
        kill(v->pid, SIGKILL);
        waitpid(v->pid, NULL, 0);
    }
    if (v->mem >= 0)
        close(v->mem);
    v->pid = 0;
    v->mem = -1;
}

void victim_write(struct victim *v, u32 address, const void *from, size_t n)
{
    if (pwrite(v->mem, from, n, address) != (ssize_t)n)
        die("cannot write the lock-step program's memory at %x: %s", address, strerror(errno));
}

static void load_fpu(struct victim *v, const struct fpu *f)
{
    struct user_fpregs_struct x;
    memset(&x, 0, sizeof x);
    x.cwd = f->fcw;
    x.swd = f->fsw;
    x.ftw = f->valid;
    x.mxcsr = MXCSR_INIT;
    memcpy(x.st_space, f->st, sizeof f->st);
    if (ptrace(PTRACE_SETFPREGS, v->pid, 0, &x))
        die("ptrace cannot set x87 registers: %s", strerror(errno));
    v->fpu = *f;
    v->fpu_known = true;
}

/* The pointers are what they were: hosts keep them or not as they please. */
static void store_fpu(struct victim *v, struct fpu *f)
{
    struct user_fpregs_struct x;
    if (ptrace(PTRACE_GETFPREGS, v->pid, 0, &x))
        die("ptrace cannot get x87 registers: %s", strerror(errno));
    f->fcw = x.cwd;
    f->fsw = x.swd;
    f->valid = (u8)x.ftw;
    memcpy(f->st, x.st_space, sizeof f->st);
    for (int i = 0; i < 8; i++)
        memset(f->st[i].pad, 0, sizeof f->st[i].pad);
    v->fpu = *f;
    v->fpu_known = true;
}

void victim_load(struct victim *v, const struct side *s)
{
    struct user_regs_struct r;
    bool wide;
    memset(&r, 0, sizeof r);
    r.rax = s->gpr[0];
    r.rcx = s->gpr[1];
    r.rdx = s->gpr[2];
    r.rbx = s->gpr[3];
    r.rsp = s->gpr[4];
    r.rbp = s->gpr[5];
    r.rsi = s->gpr[6];
    r.rdi = s->gpr[7];
    r.rip = s->eip;
    r.eflags = s->eflags;
    r.orig_rax = ~0ull;
    r.es = s->selector[0];
    r.cs = s->selector[1];
    r.ss = s->selector[2];
    r.ds = s->selector[3];
    r.fs = s->selector[4];
    r.gs = s->selector[5];
    r.fs_base = selector_base(s->selector[4], &wide);       /* otherwise the kernel takes the 0 here for the base */
    r.gs_base = selector_base(s->selector[5], &wide);
    if (ptrace(PTRACE_SETREGS, v->pid, 0, &r))
        die("ptrace cannot set registers: %s", strerror(errno));
    if (!v->fpu_known || memcmp(&v->fpu, &s->fpu, sizeof s->fpu))
        load_fpu(v, &s->fpu);
}

static enum outcome outcome_of(struct victim *v, int sig, u32 *address)
{
    siginfo_t info;
    *address = 0;
    if (sig == SIGTRAP)
        return OUTCOME_STEP;
    if (ptrace(PTRACE_GETSIGINFO, v->pid, 0, &info))
        return OUTCOME_OTHER;
    if (sig == SIGFPE)
        return info.si_code == FPE_INTDIV ? OUTCOME_DE : OUTCOME_MF;
    if (sig == SIGILL)
        return OUTCOME_UD;
    if (sig == SIGBUS && info.si_code == BUS_ADRALN)
        return OUTCOME_AC;
    if (sig == SIGSEGV && (info.si_code == SEGV_MAPERR || info.si_code == SEGV_ACCERR)) {
        *address = (u32)(uintptr_t)info.si_addr;
        return OUTCOME_PF;
    }
    return sig == SIGSEGV ? OUTCOME_GP : sig == SIGBUS ? OUTCOME_SS : OUTCOME_OTHER;
}

void victim_step(struct victim *v, struct side *s)
{
    struct user_regs_struct r;
    int sig;
    if (ptrace(PTRACE_SINGLESTEP, v->pid, 0, 0) || !wait_stop(v, &sig))
        die("the lock-step program died; is another debugger at work?");
    s->outcome = (u8)outcome_of(v, sig, &s->address);
    if (ptrace(PTRACE_GETREGS, v->pid, 0, &r))
        die("ptrace cannot get registers: %s", strerror(errno));
    const u64 gpr[8] = { r.rax, r.rcx, r.rdx, r.rbx, r.rsp, r.rbp, r.rsi, r.rdi };
    for (int i = 0; i < 8; i++)
        s->gpr[i] = (u32)gpr[i];
    s->eip = (u32)r.rip;
    s->eflags = (u32)r.eflags;
    const u64 selector[6] = { r.es, r.cs, r.ss, r.ds, r.fs, r.gs };
    for (int i = 0; i < 6; i++)
        s->selector[i] = (u16)selector[i];
    store_fpu(v, &s->fpu);
    if (pread(v->mem, s->memory, DATA_SIZE, DATA_AT) != DATA_SIZE
        || pread(v->mem, s->memory + DATA_SIZE, STACK_SIZE, STACK_AT) != STACK_SIZE)
        die("cannot read the lock-step program's memory: %s", strerror(errno));
}

#else

bool victim_start(struct victim *v, char *why, size_t size)
{
    memset(v, 0, sizeof *v);
    snprintf(why, size, "the host is not x86-64 Linux");
    return false;
}

void victim_stop(struct victim *v) { (void)v; }
void victim_write(struct victim *v, u32 address, const void *from, size_t n) { (void)v, (void)address, (void)from, (void)n; }
void victim_load(struct victim *v, const struct side *s) { (void)v, (void)s; }
void victim_step(struct victim *v, struct side *s) { (void)v, (void)s; }

#endif
