/* t_fetch.c - where instruction bytes come from when they cannot be kept: a device's registers, and what a code segment's limit
 * cuts, with paging on.
 * Follows: SDM Vol. 3A "Access Rights" (instruction fetches) and "Page-Fault Exceptions"; "Limit Checking". */
#include "../../support/sysbench.h"

enum { CODE = 0x10000, DIRECTORY = 0x50000, TABLE = 0x51000, DEVICE = 0x200000, DEVICE_LINEAR = 0x20000, HANDLER = 0x18000 };
static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

static u64 device_read(void *dev, u64 offset, int size)
{
    (void)size;
    return ((const u8 *)dev)[offset];
}
static void device_write(void *dev, u64 offset, u64 value, int size)
{
    (void)size;
    ((u8 *)dev)[offset] = (u8)value;
}

/* The first 4 MB one to one with `rights`; DEVICE_LINEAR is the device. */
static struct bench *start(enum cpu_engine engine, int cpl, u32 rights, u8 *device)
{
    struct bench *b = bench_new("max");
    cpu_set_engine(b->cpu, engine);
    bench_protected(b, cpl);
    space_add_device(b->memory, "device", DEVICE, PAGE_SIZE, 1, 1, device_read, device_write, device);
    put32(b->ram->host + DIRECTORY, TABLE | 7);
    for (u32 k = 0; k < 1024; k++)
        put32(b->ram->host + TABLE + 4 * k, k << 12 | rights);
    put32(b->ram->host + TABLE + 4 * (DEVICE_LINEAR >> 12), DEVICE | rights);
    b->cpu->s.cr3 = DIRECTORY;
    b->cpu->s.cr0 |= CR0_PG | CR0_WP;
    cpu_mode_changed(b->cpu);
    put_idt(b, EXC_PF, gate_make(S_CODE0, HANDLER, 0x8e, 0));
    put_idt(b, EXC_GP, gate_make(S_CODE0, HANDLER, 0x8e, 0));
    b->ram->host[HANDLER] = 0xf4;                                       /* hlt */
    return b;
}
static void set_rights(struct bench *b, u32 linear, u32 rights)
{
    u8 *pte = b->ram->host + TABLE + 4 * (linear >> 12);
    put32(pte, (get32(pte) & ~0xfffu) | rights);
}

static void supervisor_runs_a_device(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        u8 device[PAGE_SIZE] = { 0x40, 0x43, 0xeb, 0x02, 0xf4, 0xf4, 0x40, 0xf4 };      /* inc eax; inc ebx; jmp +2; ... inc eax; hlt */
        struct bench *b = start(engines[k], 0, 3, device);
        b->cpu->s.rip = DEVICE_LINEAR;
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(b->cpu->s.rip, DEVICE_LINEAR + 8);
        assert_int_equal(reg32(b->cpu, EAX), 2);
        assert_int_equal(reg32(b->cpu, EBX), 1);
        bench_free(b);
    }
}

/* Reads that let the processor leave its chain, as those of a timer or of nobody do: the instruction is done all the same, at once. */
struct toucher { struct cpu *cpu; u8 bytes[4]; int reads; };

static u64 toucher_read(void *dev, u64 offset, int size)
{
    struct toucher *t = dev;
    (void)size;
    t->reads++;
    cpu_touch(t->cpu);
    return t->bytes[offset & 3];
}

static void code_in_a_device_that_touches(void **state)
{
    int reads = 0;
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct toucher t = { .bytes = { 0x43, 0x83, 0xc0, 0x05 } };             /* inc ebx; add eax, 5 */
        u8 device[PAGE_SIZE] = { 0 };
        struct bench *b = start(engines[k], 0, 3, device);
        t.cpu = b->cpu;
        space_add_device(b->memory, "toucher", DEVICE + PAGE_SIZE, 4, 1, 1, toucher_read, NULL, &t);
        put32(b->ram->host + TABLE + 4 * (DEVICE_LINEAR >> 12), (DEVICE + PAGE_SIZE) | 3);
        b->cpu->s.rip = DEVICE_LINEAR;
        u64 first = cpu_ticks(b->cpu);
        for (int runs = 0; cpu_ticks(b->cpu) < first + 2 && runs < 20; runs++)
            cpu_run(b->cpu, 100);
        assert_int_equal(cpu_ticks(b->cpu), first + 2);
        assert_int_equal(reg32(b->cpu, EAX), 5);
        assert_int_equal(reg32(b->cpu, EBX), 1);
        if (!k)
            reads = t.reads;
        assert_int_equal(t.reads, reads);
        bench_free(b);
    }
}

/* Page tables changed without INVLPG: the TLB may keep what it has, but a write that sets D walks the tables again, and then the next
 * instruction comes from the page that they say, also where it was decoded together with the write. */
static void a_write_that_sets_d_moves_the_code(void **state)
{
    enum { MOVED = 0x30000, HERE = CODE };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        u8 device[PAGE_SIZE] = { 0 }, program[] = { 0xa3, 0, 0, 0, 0, 0xa3, 0, 0, 0, 0 };   /* mov [entry], eax; mov [HERE + 800h], eax */
        struct bench *b = start(engines[k], 0, 3, device);
        put32(program + 1, TABLE + 4 * (HERE >> 12));
        put32(program + 6, HERE + 0x800);
        memcpy(b->ram->host + HERE, program, sizeof program);
        memcpy(b->ram->host + HERE + sizeof program, (const u8[]) { 0x41, 0xf4 }, 2);       /* inc ecx; hlt */
        memcpy(b->ram->host + MOVED + sizeof program, (const u8[]) { 0x43, 0xf4 }, 2);      /* inc ebx; hlt */
        set_reg32(b->cpu, EAX, MOVED | 3);
        set_reg32(b->cpu, EBX, 0);
        set_reg32(b->cpu, ECX, 0);
        b->cpu->s.rip = HERE;
        assert_int_equal(cpu_run(b->cpu, 1000), EXIT_HALTED);
        assert_int_equal(reg32(b->cpu, ECX), 0);
        assert_int_equal(reg32(b->cpu, EBX), 1);
        assert_int_equal(get32(b->ram->host + MOVED + 0x800), MOVED | 3);
        bench_free(b);
    }
}

/* A device's byte is asked for each time: what it gives may change. */
static void a_device_is_asked_again(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        u8 device[PAGE_SIZE] = { 0xc6, 0x05, 0x07, 0x00, 0x02, 0x00, 0x43, 0x40, 0xf4 };  /* mov byte [device 7], 43h; inc ebx; inc eax */
        struct bench *b = start(engines[k], 0, 3, device);
        b->cpu->s.rip = DEVICE_LINEAR;
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(device[7], 0x43);
        assert_int_equal(reg32(b->cpu, EAX), 0);
        assert_int_equal(reg32(b->cpu, EBX), 1);
        bench_free(b);
    }
}

/* The instruction begins in a user's page of the device and goes on in the supervisor's RAM. */
static void user_may_not_cross_into_supervisor(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        u8 device[PAGE_SIZE] = { 0 };
        struct bench *b = start(engines[k], 3, 7, device);
        device[PAGE_SIZE - 1] = 0xb8;                                   /* mov eax, imm32 */
        set_rights(b, DEVICE_LINEAR + PAGE_SIZE, 3);
        b->cpu->s.rip = DEVICE_LINEAR + PAGE_SIZE - 1;
        assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
        assert_int_equal(b->cpu->s.rip, HANDLER + 1);
        assert_int_equal(b->cpu->s.cr2, DEVICE_LINEAR + PAGE_SIZE);
        assert_int_equal(mem32(b, STACK0 - 24), 5);                     /* present, user; I/D only with NX enabled */
        assert_int_equal(mem32(b, STACK0 - 20), DEVICE_LINEAR + PAGE_SIZE - 1);
        bench_free(b);
    }
}

/* The segment ends within an instruction: #GP, and #PF first if the bytes before that are not present. */
static void limit_cuts_an_instruction(void **state)
{
    static const u8 bytes[] = { 0x40, 0xb8, 1, 0, 0, 0, 0xf4 };         /* inc eax; mov eax, 1 */
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++)
        for (u32 cut = 1; cut <= 5; cut++) {
            struct bench *b = start(engines[k], 0, 3, (u8[PAGE_SIZE]) { 0 });
            space_write_bytes(b->memory, CODE, bytes, sizeof bytes);
            b->cpu->s.seg[CS].limit = CODE + cut;
            cpu_segment_changed(b->cpu, CS);
            cpu_mode_changed(b->cpu);
            b->cpu->s.rip = CODE;
            b->cpu->s.gpr[EAX] = 0x70;
            assert_int_equal(cpu_run(b->cpu, 100), EXIT_HALTED);
            /* With all five bytes MOV runs, and HLT is what lies past the limit. */
            assert_int_equal(reg32(b->cpu, EAX), cut < 5 ? 0x71 : 1);
            assert_int_equal(b->cpu->s.rip, HANDLER + 1);
            assert_int_equal(mem32(b, STACK0 - 16), 0);
            assert_int_equal(mem32(b, STACK0 - 12), cut < 5 ? CODE + 1 : CODE + 6);
            bench_free(b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supervisor_runs_a_device),
        cmocka_unit_test(code_in_a_device_that_touches),
        cmocka_unit_test(a_write_that_sets_d_moves_the_code),
        cmocka_unit_test(a_device_is_asked_again),
        cmocka_unit_test(user_may_not_cross_into_supervisor),
        cmocka_unit_test(limit_cuts_an_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
