/* kernel.h - the test kernel: what a debugger is asked about, and no more. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

struct trapframe {              /* as alltraps pushes it */
    u32 edi, esi, ebp, oesp, ebx, edx, ecx, eax;
    u16 ds, padding1;
    u32 trapno, error, eip;
    u16 cs, padding2;
    u32 eflags, esp;            /* with ss, from user mode alone */
    u16 ss, padding3;
};

enum task_state { TASK_UNUSED, TASK_READY, TASK_RUNNING = 4 };

enum level { LEVEL_LOW = -3, LEVEL_HIGH = 200 };        /* one that is kept signed, one that is not */
enum marks { MARK_LOW = 200, MARK_HIGH = 0x80000000 };

struct task {
    const char *name;
    enum task_state state;
    int pid;
    struct trapframe *frame;
    struct task *next;
    unsigned ready : 1, priority : 3;
    union { u32 word; u8 bytes[4]; } tag;
    char initials[4];
};

void load_tables(const void *gdtr, const void *idtr);
void enter_user(void (*eip)(void), void *esp);
void user_main(void);
int old_sum(int (*add)(int, int), int n);       /* old.c, without anything that tells of its frames but EBP */
void breakpoint(void);           /* handler.c, from gates */
void refused(void);
