/* victim_cross.c - the assembler half of the lock-step test's host side.
 * Follows: Intel SDM Vol. 3, "Single-Step Exception Condition"; the System V ABI for AMD64. Only on x86-64 Linux.
 * The kernel enters a signal handler with the segment registers, and AC, NT and ID, as the interrupted code left them:
 * no C code may run before they are ours again, for FS is where it keeps its own. The handler goes back to the caller of
 * cross() by itself, without a second system call. */
#define _GNU_SOURCE
#include "../../host/base.h"

#if defined(__x86_64__) && defined(__linux__)
#include "victim_cross.h"
#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHECK_OFFSET(member, at) _Static_assert(offsetof(struct crossing, member) == (at), "the assembler's " #member)
CHECK_OFFSET(fs_base, 8);
CHECK_OFFSET(away, 24);
CHECK_OFFSET(probe, 28);
CHECK_OFFSET(has_fsgsbase, 32);
CHECK_OFFSET(mxcsr, 36);
CHECK_OFFSET(fcw, 40);
CHECK_OFFSET(own, 48);
CHECK_OFFSET(there, 56);
CHECK_OFFSET(then, 64);
CHECK_OFFSET(flags, 72);
CHECK_OFFSET(info, 80);
CHECK_OFFSET(after, 88);
CHECK_OFFSET(sig, 96);
CHECK_OFFSET(before, 128);
_Static_assert(offsetof(ucontext_t, uc_stack.ss_sp) == 16 && offsetof(ucontext_t, uc_sigmask) == CROSS_UCONTEXT - 8
               && SYS_rt_sigreturn == 15 && SYS_arch_prctl == 158 && ARCH_SET_GS == 0x1001 && ARCH_SET_FS == 0x1002,
               "the assembler's numbers");

void cross_signal(int sig, siginfo_t *info, void *context);

__asm__(
    ".text\n"
    ".globl cross\n"
    ".type cross, @function\n"
    "cross:\n"
    "   pushq %rbp\n"
    "   pushq %rbx\n"
    "   pushq %r12\n"
    "   pushq %r13\n"
    "   pushq %r14\n"
    "   pushq %r15\n"
    "   movq %rsp, (%rdi)\n"
    "   stmxcsr 36(%rdi)\n"
    "   fnstcw 40(%rdi)\n"
    "   movl $1, 24(%rdi)\n"
    "   cmpl $0, 28(%rdi)\n"
    "   jne 1f\n"
    "   movw 56(%rdi), %ds\n"
    "   movw 58(%rdi), %es\n"
    "   movw 60(%rdi), %fs\n"
    "   movw 62(%rdi), %gs\n"
    "   leaq 128(%rdi), %rsp\n"
    "   pushq 72(%rdi)\n"
    "   popfq\n"
    "   movl $15, %eax\n"               /* rt_sigreturn */
    "   syscall\n"
    "   ud2\n"
    "1: int3\n"
    "   ud2\n"
    ".size cross, . - cross\n"

    ".globl cross_signal\n"
    ".type cross_signal, @function\n"
    "cross_signal:\n"                   /* RDI signal, RSI siginfo_t, RDX ucontext_t */
    "   pushq $2\n"
    "   popfq\n"
    "   movq 16(%rdx), %rcx\n"          /* uc_stack.ss_sp */
    "   cmpl $0, 24(%rcx)\n"
    "   je cross_stray\n"
    "   movq %rcx, %rbx\n"
    "   movl $0, 24(%rbx)\n"
    "   movw %ds, 64(%rbx)\n"
    "   movw %es, 66(%rbx)\n"
    "   movw %fs, 68(%rbx)\n"
    "   movw %gs, 70(%rbx)\n"
    "   movw 48(%rbx), %ds\n"
    "   movw 50(%rbx), %es\n"
    "   movw 52(%rbx), %fs\n"
    "   movw 54(%rbx), %gs\n"
    "   movl %edi, 96(%rbx)\n"
    "   movq %rsi, 80(%rbx)\n"
    "   movq %rdx, 88(%rbx)\n"
    "   cmpl $0, 32(%rbx)\n"
    "   je 2f\n"
    "   movq 8(%rbx), %rax\n"
    "   wrfsbase %rax\n"
    "   movq 16(%rbx), %rax\n"
    "   wrgsbase %rax\n"
    "   jmp 3f\n"
    "2: movl $158, %eax\n"              /* arch_prctl */
    "   movl $0x1002, %edi\n"           /* ARCH_SET_FS */
    "   movq 8(%rbx), %rsi\n"
    "   syscall\n"
    "   movl $158, %eax\n"
    "   movl $0x1001, %edi\n"           /* ARCH_SET_GS */
    "   movq 16(%rbx), %rsi\n"
    "   syscall\n"
    "3: movq (%rbx), %rsp\n"
    "   fninit\n"
    "   fldcw 40(%rbx)\n"
    "   ldmxcsr 36(%rbx)\n"
    "   popq %r15\n"
    "   popq %r14\n"
    "   popq %r13\n"
    "   popq %r12\n"
    "   popq %rbx\n"
    "   popq %rbp\n"
    "   ret\n"
    ".size cross_signal, . - cross_signal\n");

static const int caught[] = { SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

_Noreturn void cross_stray(int sig)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, sig);
    signal(sig, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    raise(sig);
    abort();
}

static void own_segments(struct crossing *c)
{
    __asm__("movw %%ds, %0" : "=m"(c->own[0]));
    __asm__("movw %%es, %0" : "=m"(c->own[1]));
    __asm__("movw %%fs, %0" : "=m"(c->own[2]));
    __asm__("movw %%gs, %0" : "=m"(c->own[3]));
    syscall(SYS_arch_prctl, ARCH_GET_FS, &c->fs_base);
    syscall(SYS_arch_prctl, ARCH_GET_GS, &c->gs_base);
    c->has_fsgsbase = getauxval(AT_HWCAP2) >> 1 & 1;
}

bool cross_catch(struct crossing *c, size_t stack_size, struct cross_saved *saved)
{
    stack_t stack = { .ss_sp = c, .ss_size = stack_size };
    struct sigaction action = { .sa_sigaction = cross_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    sigset_t unblocked;
    own_segments(c);
    if (sigaltstack(&stack, &saved->stack))
        return false;
    sigemptyset(&action.sa_mask);
    sigemptyset(&unblocked);
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        sigaddset(&unblocked, caught[i]);
        sigaction(caught[i], &action, &saved->actions[i]);
    }
    return !sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
}

void cross_release(const struct cross_saved *saved)
{
    for (size_t i = 0; i < ARRAY_LEN(caught); i++)
        sigaction(caught[i], &saved->actions[i], NULL);
    sigaltstack(&saved->stack, NULL);
}

#endif
