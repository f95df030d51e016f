/* sandbox.c - see ../sandbox.h. Kernel documentation: "Landlock: unprivileged access control" (userspace-api/landlock), "Seccomp BPF"
 * (userspace-api/seccomp_filter), prctl(2). The filter itself is libseccomp's.
 * Here: x86-64 and whatever else libseccomp knows. Without it Landlock alone; on other systems nothing. */
#define _GNU_SOURCE
#include "../sandbox.h"
#include "parts.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif
#if defined __linux__ && __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#define HAVE_LANDLOCK
#endif

bool sandbox_possible(const char **why)
{
#if defined VITRINE_SANITIZE
    *why = "a sanitizer reads files when it finds something";
#elif defined VITRINE_COVERAGE
    *why = "a build for coverage writes its counters at the end";
#else
    *why = "";
#endif
    return !**why;
}

#ifdef HAVE_LANDLOCK

/* Rights, kinds of connection and scopes by the ABI that brought them: older headers lack the last ones. */
enum {
    WRITES = LANDLOCK_ACCESS_FS_WRITE_FILE, REMOVES = LANDLOCK_ACCESS_FS_REMOVE_FILE, MAKES = LANDLOCK_ACCESS_FS_MAKE_REG,
    MAKES_OTHERS = LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                   LANDLOCK_ACCESS_FS_MAKE_SYM,
    READS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE,
    REFERS = 1 << 13, TRUNCATES = 1 << 14, DEVICES = 1 << 15,
    TCP = 3, SCOPES = 3,
};
struct ruleset {
    u64 files, net, scoped;
};

static void allow(int ruleset, int folder, u64 rights)
{
    struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = folder };
    if (folder >= 0)
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static void allow_name(int ruleset, const char *folder, u64 rights)
{
    int fd = folder && *folder ? open(folder, O_PATH | O_CLOEXEC | O_DIRECTORY) : -1;
    allow(ruleset, fd, rights);
    if (fd >= 0)
        close(fd);
}

/* What is open stays open; what is opened, made or removed from now on is asked for. */
static bool restrict_files(const struct outputs *o, bool attended)
{
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION), folder;
    u64 put = WRITES | REMOVES | MAKES | (abi >= 3 ? TRUNCATES : 0);
    struct ruleset r = { .files = put | MAKES_OTHERS | (abi >= 2 ? REFERS : 0) };
    size_t size = abi >= 6 ? sizeof r : abi >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, net);
    if (abi < 1)
        return false;
    if (!attended) {
        r.files |= READS | (abi >= 5 ? DEVICES : 0);
        r.net = abi >= 4 ? TCP : 0;
        r.scoped = abi >= 6 ? SCOPES : 0;
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
    if (ruleset < 0)
        return false;
    for (int k = 0; (folder = posix_output_folder(o, k, attended)) >= 0; k++)
        allow(ruleset, folder, put);
    if (attended) {                             /* the screenshots', and what displays are made of */
        allow_name(ruleset, ".", put);
        allow_name(ruleset, "/dev", WRITES | REMOVES | MAKES | (abi >= 3 ? TRUNCATES : 0));
        allow_name(ruleset, getenv("XDG_RUNTIME_DIR"), put | MAKES_OTHERS);
    }
    bool ok = !syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
    return ok;
}

#else
static bool restrict_files(const struct outputs *o, bool attended) { (void)o, (void)attended; return false; }
#endif

#ifdef HAVE_SECCOMP

/* What a run needs from the host after set-up: its open files, memory, threads, time. */
static const char *const calls[] = {
    "read", "readv", "pread64", "write", "writev", "pwrite64", "lseek", "_llseek", "fsync", "fdatasync", "ftruncate", "ftruncate64",
    "fstat", "fstat64", "newfstatat", "fstatat64", "statx", "stat", "lstat", "stat64", "lstat64", "fchmod", "close", "dup",
    "poll", "ppoll", "ppoll_time64", "accept", "accept4", "sendto", "recvfrom", "sendmsg", "recvmsg", "shutdown", "getsockname",
    "munmap", "mremap", "madvise", "brk", "membarrier",
    "futex", "futex_time64", "set_robust_list", "set_tid_address", "rseq", "gettid", "getpid", "sched_yield", "sched_getaffinity",
    "exit", "exit_group", "restart_syscall",
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaltstack",
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday",
    "time", "getrandom", "uname", "sysinfo", "getcpu",
};
/* To put an output in its place; which folder is Landlock's to say. */
static const char *const placing[] = { "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat" };
/* No TIOCSTI, which types on the terminal that the program was started from. */
static const u32 terminal[] = { TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, FIONREAD };
static const int descriptor[] = { F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC };

/* A name that this processor's system does not have is no loss. */
static bool add(scmp_filter_ctx f, const char *name, unsigned n, const struct scmp_arg_cmp *arg)
{
    int number = seccomp_syscall_resolve_name(name);
    int failed = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, number, n, arg);
    return !failed || failed == -EDOM;
}

/* Only if its argument number `k`, of which `mask` counts, is that. */
static bool add_if(scmp_filter_ctx f, const char *name, unsigned k, u64 mask, u64 value)
{
    return add(f, name, 1, &(struct scmp_arg_cmp) { .arg = k, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value });
}

static bool add_calls(scmp_filter_ctx f, bool puts)
{
    bool ok = true;
    for (size_t k = 0; ok && k < ARRAY_LEN(calls); k++)
        ok = add(f, calls[k], 0, NULL);
    for (size_t k = 0; ok && puts && k < ARRAY_LEN(placing); k++)
        ok = add(f, placing[k], 0, NULL);
    for (size_t k = 0; ok && k < ARRAY_LEN(terminal); k++)
        ok = add_if(f, "ioctl", 1, UINT32_MAX, terminal[k]);
    for (size_t k = 0; ok && k < ARRAY_LEN(descriptor); k++)
        ok = add_if(f, "fcntl", 1, UINT32_MAX, (u64)descriptor[k]) && add_if(f, "fcntl64", 1, UINT32_MAX, (u64)descriptor[k]);
    /* Memory that is not run, threads but no processes, signals to itself, the name of a thread. */
    return ok && add_if(f, "mmap", 2, PROT_EXEC, 0) && add_if(f, "mmap2", 2, PROT_EXEC, 0) &&
           add_if(f, "mprotect", 2, PROT_EXEC, 0) && add_if(f, "clone", 0, CLONE_THREAD, CLONE_THREAD) &&
           add_if(f, "tgkill", 0, UINT32_MAX, (u64)getpid()) && add_if(f, "prctl", 0, UINT32_MAX, PR_SET_NAME);
}

/* Everything else fails with EPERM: a library that tries something goes on without. clone3 hides its flags in memory: with ENOSYS
 * the C library takes clone. The speculation barriers that older kernels put on filtered programs would only slow this one: it
 * runs no code of the guest's. */
static bool restrict_calls(bool puts)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = f && add_calls(f, puts) && !seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (ok) {
        seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        seccomp_attr_set(f, SCMP_FLTATR_CTL_SSB, 1);
        ok = !seccomp_load(f);
    }
    if (f)
        seccomp_release(f);
    return ok;
}

#else
static bool restrict_calls(bool puts) { (void)puts; return false; }
#endif

bool sandbox_enter(const struct outputs *o, bool attended, char *message, size_t n)
{
    bool files = false, filtered = false;
    *message = 0;
#ifdef __linux__
#ifdef __GLIBC__
    dlopen("libgcc_s.so.1", RTLD_NOW);          /* pthread_cancel would open it */
#endif
    if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        files = restrict_files(o, attended);
        filtered = !attended && restrict_calls(posix_output_folder(o, 0, false) >= 0);
    }
#else
    (void)o;
#endif
    if (!files && !filtered)
        snprintf(message, n, "%s; the run goes on without", attended ? "this kernel has no Landlock"
                 : "this kernel has no Landlock, and no seccomp filters or this build no libseccomp");
    return files || filtered;
}
