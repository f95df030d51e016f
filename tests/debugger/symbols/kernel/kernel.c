/* kernel.c - sets up segments, gates and a timer, counts, waits for a tick, and goes to user mode. With "crash" in its command line
 * it has no interrupt table when it needs one; with "nonsense" it asks a device for what it does not have. */
#include "kernel.h"

static inline void outb(u16 port, u8 v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

volatile u32 ticks;
struct task tasks[2] = {
    { "idle", TASK_RUNNING, 1, 0, &tasks[1], 1, 5, { 0x64636261 }, "id" },
    { "user", TASK_READY, 2, 0, 0, 0, 2, { 0 }, "usr" },
};
struct task *current = &tasks[0];

static u32 tss[26];
static u8 gdt[6][8], idt[0x81][8];
static u8 user_stack[1024];

static void segment(int n, u32 base, u32 limit, u8 access, u8 flags)
{
    u8 *d = gdt[n];
    d[0] = limit, d[1] = limit >> 8, d[2] = base, d[3] = base >> 8, d[4] = base >> 16;
    d[5] = access, d[6] = flags << 4 | (limit >> 16 & 15), d[7] = base >> 24;
}

extern void vector_timer(void), vector_call(void);
extern char stack_top[];

static void gate(int n, void (*to)(void), u8 access)
{
    u32 at = (u32)to;
    u8 *d = idt[n];
    d[0] = at, d[1] = at >> 8, d[2] = 8, d[5] = access, d[6] = at >> 16, d[7] = at >> 24;
}

static void tables(void)
{
    struct { u16 limit; u32 base; } __attribute__((packed)) gdtr = { sizeof gdt - 1, (u32)gdt }, idtr = { sizeof idt - 1, (u32)idt };
    tss[1] = (u32)stack_top - 2048;
    tss[2] = 0x10;
    segment(1, 0, 0xfffff, 0x9b, 12);
    segment(2, 0, 0xfffff, 0x93, 12);
    segment(3, 0, 0xfffff, 0xfb, 12);
    segment(4, 0, 0xfffff, 0xf3, 12);
    segment(5, (u32)tss, sizeof tss - 1, 0x89, 0);
    gate(0x20, vector_timer, 0x8e);
    gate(0x80, vector_call, 0xee);
    load_tables(&gdtr, &idtr);
}

static void timer_start(void)
{
    static const u8 words[][2] = { { 0x20, 0x11 }, { 0x21, 0x20 }, { 0x21, 4 }, { 0x21, 1 }, { 0x21, 0xfe }, { 0xa1, 0xff } };
    for (int i = 0; i < 6; i++)
        outb(words[i][0], words[i][1]);
}

int add(int a, int b)
{
    int both = a + b;
    return both;
}

static void tick(struct trapframe *frame)
{
    current->frame = frame;
    ticks++;
}

static int sys_write(const char *text, int n)
{
    int done = 0;
    while (done < n)
        outb(0xe9, text[done++]);
    return done;
}

void trap(struct trapframe *frame)
{
    switch (frame->trapno) {
    case 0x20:
        outb(0x20, 0x20);
        tick(frame);
        break;
    case 0x80:
        if (frame->eax == 1)
            outb(0xf4, 0);
        frame->eax = sys_write((const char *)frame->ebx, frame->ecx);
        break;
    }
}

static void wait_for_tick(void)
{
    while (!ticks)
        __asm__ volatile("sti; hlt; cli");
}

static void nonsense(void)
{
    outb(0x64, 0x01);           /* no command of the keyboard controller */
}

static void crash(void)
{
    static const struct { u16 limit; u32 base; } __attribute__((packed)) none = { 0, 0 };
    __asm__ volatile("lidt %0; ud2" : : "m"(none));
}

static void handlers(void)
{
    gate(3, breakpoint, 0x8e);
    gate(13, refused, 0x8e);
    tables();
    __asm__ volatile("int3; mov %0, %%ds" : : "r"(0x7ff0));    /* beyond the GDT, in two bytes */
}

void kmain(const u32 *info)
{
    const char *line = (const char *)info[4];
    int total = old_sum(add, 4);
    for (; *line; line++) {
        if (line[0] == 'c' && line[1] == 'r' && line[2] == 'a')
            crash();
        if (line[0] == 'n' && line[1] == 'o' && line[2] == 'n')
            nonsense();
        if (line[0] == 'h' && line[1] == 'a' && line[2] == 'n')
            handlers();
    }
    tables();
    timer_start();
    wait_for_tick();
    current = &tasks[1];
    current->pid += total;
    enter_user(user_main, user_stack + sizeof user_stack);
}

enum level level = LEVEL_LOW;
enum marks marks = MARK_HIGH;
