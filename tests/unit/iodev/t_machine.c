/* t_machine.c - the run loop with a real processor and no board: exact timers, idle time, requests, input, hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../cpu/cpu.h"
#include "../../../cpu/cpuid.h"
#include "../../../cpu/engine/engine.h"
#include "../../../cpu/timing.h"
#include "../../../iodev/image/image.h"
#include "../../../iodev/machine/machine.h"

enum { RAM_SIZE = 1 << 20, ENTRY = 0xffff0, PORT_REQUEST = 0x100, PORT_TIMER = 0x102, PORT_LONG = 0x114, PORT_BREAK = 0x116 };

struct test { struct machine *m; struct ram *ram; struct region *rom; };

struct probe {
    struct device dev;
    struct timer timer[3], hold;
    u64 fired_at[8], fired_insns[8];
    int order[8], fired;
    int refuse;                         /* keys to refuse before one is taken */
    u8 keys[8];
    int taken, serial_taken;
};

static const struct field no_fields[] = { FIELD_END };
static const struct device_class probe_class = { .name = "probe", .title = "probe", .size = sizeof(struct probe), .fields = no_fields };

/* Guest code runs at the reset vector: the megabyte of RAM is also the top of the address space. */
static struct test *start(u32 mips, bool no_reboot, const u8 *code, size_t n)
{
    struct test *t = xcalloc(1, sizeof *t);
    t->m = machine_new(&(struct machine_config) {
        .ram_size = RAM_SIZE, .model = cpu_model_find("max"), .tick_cost = (65536 * 1000 + mips - 1) / mips, .no_reboot = no_reboot, .engine = ENGINE_FAST });
    t->ram = ram_new("ram", RAM_SIZE);
    machine_add_ram(t->m, t->ram);
    struct space *memory = machine_memory(t->m);
    space_add_ram(memory, "ram", 0, RAM_SIZE, PRIORITY_RAM, t->ram, 0, true, REGION_READ | REGION_WRITE);
    space_add_ram(memory, "top", 0xfff00000, RAM_SIZE, PRIORITY_RAM, t->ram, 0, true, REGION_READ | REGION_WRITE);
    memcpy(t->ram->host + ENTRY, code, n);
    return t;
}

static void end(struct test *t)
{
    machine_free(t->m);
    ram_free(t->ram);
    free(t);
}

static void fired(struct probe *p, int which)
{
    p->fired_at[p->fired] = machine_now(p->dev.machine);
    p->fired_insns[p->fired] = machine_insns(p->dev.machine);
    p->order[p->fired++] = which;
}
static void fire_0(void *dev) { fired(dev, 0); }
static void fire_1(void *dev) { fired(dev, 1); }
static void fire_2(void *dev) { fired(dev, 2); }

static void request_write(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)size;
    machine_request(((struct device *)dev)->machine, (enum machine_request)value, 77);
}

/* Arms the first timer `value` ns after the access's bus cycle. */
static void timer_write(void *dev, u64 offset, u64 value, int size)
{
    struct probe *p = dev;
    (void)offset, (void)size;
    timer_set(&p->timer[0], machine_now(p->dev.machine) + BUS_ISA_NS + value);
}

static void long_write(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)value, (void)size;
    dev_work(dev, LOOK_WORK / 8);
}

static void break_write(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)value, (void)size;
    machine_break(((struct device *)dev)->machine);
}

static bool take(void *dev, const struct input_event *e)
{
    struct probe *p = dev;
    if (e->kind == INPUT_SERIAL) {
        p->serial_taken++;
        return true;
    }
    if (p->refuse && p->refuse--)
        return false;
    p->keys[p->taken++ % ARRAY_LEN(p->keys)] = e->key;
    return true;
}

static struct probe *add_probe(struct test *t)
{
    struct probe *p = device_new(t->m, &probe_class, "probe");
    timer_init(t->m, &p->timer[0], "probe.0", fire_0, p);
    timer_init(t->m, &p->timer[1], "probe.1", fire_1, p);
    timer_init(t->m, &p->timer[2], "probe.2", fire_2, p);
    port_claim(t->m, "request", PORT_REQUEST, 1, 1, NULL, request_write, p);
    port_claim(t->m, "timer", PORT_TIMER, 1, 1, NULL, timer_write, p);
    port_claim(t->m, "long", PORT_LONG, 1, 1, NULL, long_write, p);
    port_claim(t->m, "break", PORT_BREAK, 1, 1, NULL, break_write, p);
    machine_input_sink(t->m, take, p);
    machine_reset(t->m);
    return p;
}

static const u8 spin[] = { 0x40, 0xeb, 0xfd };                  /* inc ax; jmp */
static const u8 halt[] = { 0xf4 };
static const u8 idle[] = { 0xfb, 0xf4, 0xeb, 0xfd };            /* sti; hlt; jmp */

static void test_exact(void **state)
{
    (void)state;
    struct test *t = start(1000, false, spin, sizeof spin);
    struct probe *p = add_probe(t);
    timer_set(&p->timer[0], 12345);
    timer_set(&p->timer[2], 500);
    timer_set(&p->timer[1], 500);
    assert_int_equal(machine_run(t->m, 20001), STOP_DEADLINE);
    assert_int_equal(machine_now(t->m), 20001);
    assert_int_equal(machine_insns(t->m), 20001);
    assert_int_equal(p->fired, 3);
    assert_int_equal(p->order[0], 1);                           /* a tie goes by creation */
    assert_int_equal(p->order[1], 2);
    assert_int_equal(p->fired_at[1], 500);
    assert_int_equal(p->fired_at[2], 12345);
    assert_int_equal(p->fired_insns[2], 12345);
    timer_set(&p->timer[0], 30000);
    timer_set(&p->timer[0], TIMER_OFF);
    machine_run(t->m, 40000);
    assert_int_equal(p->fired, 3);
    end(t);
}

static void test_slow_clock(void **state)
{
    (void)state;
    struct test *t = start(3, false, spin, sizeof spin);       /* 333 1/3 ns an instruction */
    struct probe *p = add_probe(t);
    timer_set(&p->timer[0], 1000);
    timer_set(&p->timer[1], 1001);
    machine_run(t->m, 1000000);
    assert_int_equal(p->fired_insns[0], 3);
    assert_int_equal(p->fired_at[0], 1000);
    assert_int_equal(p->fired_insns[1], 4);
    assert_int_equal(p->fired_at[1], 1333);
    assert_int_equal(machine_insns(t->m), 3000);
    end(t);
}

/* The host's pace and a person's wish change what a tick takes from now on, and time goes on from where it is. */
static void test_cost_changes(void **state)
{
    (void)state;
    struct test *t = start(1000, false, spin, sizeof spin);
    machine_run(t->m, 1000);
    assert_int_equal(machine_ticks(t->m), 1000);
    machine_input(t->m, &(struct input_event) { .kind = INPUT_TICK_COST, .cost = 5 * TICK_COST_1_NS / 2 });
    assert_int_equal(machine_now(t->m), 1000);
    machine_run(t->m, 2000);
    assert_int_equal(machine_now(t->m), 2000);
    assert_int_equal(machine_insns(t->m), 1400);
    machine_input(t->m, &(struct input_event) { .kind = INPUT_SPEED, .cost = TICK_COST_1_NS, .timing = cpu_timing_find("386") });
    machine_run(t->m, 2000 + 11000);                            /* inc ax: 2 clocks; jmp: 9 */
    assert_int_equal(machine_insns(t->m), 1400 + 2000);
    assert_int_equal(machine_ticks(t->m), 1400 + 11000);
    machine_input(t->m, &(struct input_event) { .kind = INPUT_SPEED, .cost = TICK_COST_1_NS });
    machine_run(t->m, 2000 + 11000 + 500);
    assert_int_equal(machine_insns(t->m), 1400 + 2000 + 500);
    end(t);
}

static const enum cpu_engine engines[] = { ENGINE_FAST, ENGINE_SLOW, ENGINE_DEBUG, ENGINE_STEP };

/* Run to 2 s with a timer at 1 s: it fires on time, in every engine at the same instruction, after few of them. */
static void waits(const u8 *code, size_t n, u64 most)
{
    u64 insns = 0;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct test *t = start(1000, false, code, n);
        struct probe *p = add_probe(t);
        cpu_set_engine(machine_cpu(t->m), engines[k]);
        put32(t->ram->host + 0x16 * 4, 0x500);
        t->ram->host[0x500] = 0xcf;                             /* iret */
        timer_set(&p->timer[0], 1000000000);
        assert_int_equal(machine_run(t->m, 2000000000), STOP_DEADLINE);
        assert_int_equal(p->fired, 1);
        assert_true(p->fired_at[0] - 1000000000 < 200);
        assert_in_range(p->fired_insns[0], 1, most);
        if (k)
            assert_int_equal(p->fired_insns[0], insns);
        insns = p->fired_insns[0];
        end(t);
    }
}

static void test_polls(void **state)
{
    static const u8 pauses[] = { 0xf3, 0x90, 0x41, 0x75, 0xfb, 0xeb, 0xf9 };           /* pause; inc cx; jnz; jmp */
    static const u8 keys[] = { 0xbc, 0x00, 0x70, 0xb4, 0x01, 0xcd, 0x16, 0xeb, 0xfa };  /* mov sp, 7000h; mov ah, 1; int 16h; jmp */
    static const u8 busy[] = { 0x41, 0x75, 0xfd, 0xf3, 0x90, 0xeb, 0xf9 };              /* inc cx; jnz; pause; jmp: it works */
    /* mov ah, 1; mov sp, ax; int 16h; xor bh, 1; mov cx, bx; inc cx; loop $; jmp: so does this one, and looks for Ctrl+C */
    static const u8 often[] = { 0xb4, 1, 0x8b, 0xe0, 0xcd, 0x16, 0x80, 0xf7, 1, 0x89, 0xd9, 0x41, 0xe2, 0xfe, 0xeb, 0xf4 };
    (void)state;
    waits(pauses, sizeof pauses, 20000);
    waits(keys, sizeof keys, 20000);
    struct test *t = start(1000, false, busy, sizeof busy);
    machine_run(t->m, 10000000);
    assert_int_equal(machine_insns(t->m), 10000000);
    end(t);
    t = start(1000, false, often, sizeof often);
    put32(t->ram->host + 0x16 * 4, 0x500);
    t->ram->host[0x500] = 0xcf;                                 /* iret */
    machine_run(t->m, 10000000);
    assert_int_equal(machine_insns(t->m), 10000000);
    end(t);
}

/* A handler that faults at its first instruction does not run for ever in no time. */
static void test_faults_take_time(void **state)
{
    static const u8 code[] = { 0xbc, 0x00, 0x70, 0x0f, 0x0b };                          /* mov sp, 7000h; ud2 */
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct test *t = start(1000, false, code, sizeof code);
        cpu_set_engine(machine_cpu(t->m), engines[k]);
        put32(t->ram->host + EXC_UD * 4, 0x500);
        t->ram->host[0x500] = 0x0f, t->ram->host[0x501] = 0x0b;
        assert_int_equal(machine_run(t->m, 4000), STOP_DEADLINE);
        assert_int_equal(machine_now(t->m), 4000);
        assert_int_equal(machine_insns(t->m), 1);
        end(t);
    }
}

/* A device that arms a timer in the middle of a block is heard at the exact moment. */
static void test_armed_by_guest(void **state)
{
    static const u8 code[] = { 0xb0, 0x05, 0xba, 0x02, 0x01, 0xee, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0xeb, 0xfe };
    (void)state;
    struct test *t = start(1000, false, code, sizeof code);
    struct probe *p = add_probe(t);
    machine_run(t->m, 2000);
    assert_int_equal(p->fired, 1);
    assert_int_equal(p->fired_at[0], 2 + 1000 + 5);             /* OUT is the third instruction: 2 ns, its cycle, and five more */
    assert_int_equal(p->fired_insns[0], 2 + 5);
    end(t);
}

static void test_halt(void **state)
{
    (void)state;
    struct test *t = start(1000, false, halt, sizeof halt);
    add_probe(t);
    assert_int_equal(machine_run(t->m, 1000000), STOP_HALTED_FOREVER);
    end(t);

    t = start(1000, false, idle, sizeof idle);
    struct probe *p = add_probe(t);
    timer_set(&p->timer[0], 5000000000ull);
    assert_int_equal(machine_run(t->m, 9000000000ull), STOP_DEADLINE);
    assert_true(machine_now(t->m) == 9000000000ull);
    assert_true(p->fired_at[0] == 5000000000ull);
    assert_true(machine_insns(t->m) < 10);                      /* idle time costs nothing */
    assert_int_equal(machine_run(t->m, UINT64_MAX), STOP_HALTED_FOREVER);   /* no timer is left */
    end(t);
}

static void test_requests(void **state)
{
    static const u8 code[] = { 0xb0, 0, 0xba, 0x00, 0x01, 0xee, 0x40, 0xeb, 0xfe };
    static const struct { u8 what; bool no_reboot; enum machine_stop stop; } rows[] = {
        { REQUEST_POWER_OFF, false, STOP_POWER_OFF }, { REQUEST_DEBUG_EXIT, false, STOP_DEBUG_EXIT },
        { REQUEST_RESET, true, STOP_RESET }, { REQUEST_RESET, false, STOP_MAX_INSNS },
    };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        struct test *t = start(1000, rows[k].no_reboot, code, sizeof code);
        add_probe(t);
        t->ram->host[ENTRY + 1] = rows[k].what;
        machine_limit_insns(t->m, 1000);
        assert_int_equal(machine_run(t->m, UINT64_MAX), rows[k].stop);
        if (rows[k].stop == STOP_MAX_INSNS)
            assert_int_equal(machine_insns(t->m), 1000);
        else
            assert_int_equal(machine_insns(t->m), 3);           /* right after the OUT */
        if (rows[k].stop == STOP_DEBUG_EXIT)
            assert_int_equal(machine_exit_code(t->m), 77);
        end(t);
    }
}

static void test_triple_fault(void **state)
{
    static const u8 code[] = { 0x0f, 0x01, 0x1e, 0x00, 0x02, 0xcc };    /* lidt [0200] (limit 0); int3 */
    (void)state;
    struct test *t = start(1000, true, code, sizeof code);
    add_probe(t);
    assert_int_equal(machine_run(t->m, 1000000), STOP_TRIPLE_FAULT);
    end(t);
    t = start(1000, false, code, sizeof code);
    add_probe(t);
    assert_int_equal(machine_run(t->m, 4000), STOP_TRIPLE_FAULT);   /* nobody answers */
    end(t);
    t = start(1000, false, code, sizeof code);
    add_probe(t);
    cpu_wire(machine_cpu(t->m), &(struct cpu_outputs) { .shutdown = cpu_pin(machine_cpu(t->m), PIN_INIT) });
    assert_int_equal(machine_run(t->m, 4000), STOP_DEADLINE);       /* starts again and again */
    end(t);
}

/* INIT# and RESET come at the end of the instruction that drives them, once for each rising edge; RESET goes first. */
static void drive_write(void *to, u64 offset, u64 value, int size)
{
    struct cpu *cpu = to;
    struct line init = cpu_pin(cpu, PIN_INIT), reset = cpu_pin(cpu, PIN_RESET);
    (void)offset, (void)size;
    line_set(&init, value & 1);
    line_set(&reset, value & 2);
}

static void test_init(void **state)
{
    static const u8 code[] = { 0xe4, 0x40, 0xe6, 0x40, 0x41, 0xeb, 0xfd };     /* in al, 40h; out 40h, al; inc cx; jmp */
    (void)state;
    for (u8 value = 1; value < 4; value++) {
        struct test *t = start(1000, true, code, sizeof code);
        struct cpu *cpu = machine_cpu(t->m);
        add_probe(t);
        port_claim(t->m, "pins", 0x40, 1, 1, NULL, drive_write, cpu);
        t->ram->host[ENTRY] = 0xb0, t->ram->host[ENTRY + 1] = value;            /* mov al, value */
        cpu->s.smbase = 0x12340000;
        machine_limit_insns(t->m, 2);
        assert_int_equal(machine_run(t->m, UINT64_MAX), STOP_MAX_INSNS);
        assert_true(cpu_will_reset(cpu));
        machine_limit_insns(t->m, 500);
        assert_int_equal(machine_run(t->m, UINT64_MAX), STOP_MAX_INSNS);
        assert_false(cpu_will_reset(cpu));
        assert_int_equal(cpu->s.gpr[ECX], 248);                                 /* it began again once: the pin stayed high */
        assert_int_equal(cpu->s.smbase, value & 2 ? 0x30000 : 0x12340000);
        end(t);
    }
}

static void test_break(void **state)
{
    (void)state;
    struct test *t = start(1000, false, spin, sizeof spin);
    add_probe(t);
    machine_break(t->m);
    assert_int_equal(machine_run(t->m, 1000), STOP_ASKED);
    assert_int_equal(machine_run(t->m, 1000), STOP_DEADLINE);
    end(t);
}

/* Between two looks whether it is to stop there is little work, whatever the guest runs and however long nothing is due; and that
 * somebody looks changes nothing. */
static void looks(const u8 *code, size_t n, u64 least, u64 most)
{
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct test *t = start(1000, false, code, n);
        add_probe(t);
        cpu_set_engine(machine_cpu(t->m), engines[k]);
        assert_int_equal(machine_run(t->m, 2000000), STOP_DEADLINE);
        assert_int_equal(machine_now(t->m), 2000000);
        assert_in_range(machine_work_most(t->m), engines[k] == ENGINE_STEP ? 1 : least, most);
        end(t);
    }
}

static void test_looks(void **state)
{
    enum { TICKS = LOOK_TICKS / TICKS_A_UNIT + 16 /* decoding */, CALL = LOOK_WORK / 8 };
    static const u8 repeats[] = { 0xb9, 0xff, 0xff, 0xf3, 0xaa, 0xeb, 0xf9 };                       /* mov cx, ffffh; rep stosb */
    static const u8 works[] = { 0xba, 0x14, 0x01, 0xb9, 0xff, 0xff, 0xf3, 0x6e, 0xeb, 0xf6 };       /* rep outsb, the long port */
    (void)state;
    looks(spin, sizeof spin, TICKS - BLOCK_MAX, TICKS);
    looks(repeats, sizeof repeats, 1, TICKS);
    looks(works, sizeof works, LOOK_WORK, LOOK_WORK + CALL + TICKS);
}

/* Another thread's wish is seen in the middle of a run: here a device's. */
static void test_break_within(void **state)
{
    static const u8 code[] = { 0xba, 0x16, 0x01, 0xee, 0x40, 0xeb, 0xfd };                          /* out dx, al; inc ax; jmp */
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(engines); k++) {
        struct test *t = start(1000, false, code, sizeof code);
        add_probe(t);
        cpu_set_engine(machine_cpu(t->m), engines[k]);
        assert_int_equal(machine_run(t->m, 1000000), STOP_ASKED);
        assert_int_equal(machine_insns(t->m), 2);
        assert_int_equal(machine_run(t->m, 1000000), STOP_DEADLINE);
        end(t);
    }
}

static void test_input(void **state)
{
    (void)state;
    struct test *t = start(1000, false, spin, sizeof spin);
    struct probe *p = add_probe(t);
    p->refuse = 2;
    for (u8 k = 1; k <= 3; k++)
        machine_input(t->m, &(struct input_event) { .kind = INPUT_KEY, .key = k, .down = 1 });
    machine_input(t->m, &(struct input_event) { .kind = INPUT_SERIAL, .byte = 'x' });
    machine_run(t->m, 100);
    assert_int_equal(p->taken, 0);
    assert_int_equal(p->serial_taken, 1);                       /* another stream does not wait */
    machine_run(t->m, 10000000);
    assert_int_equal(p->taken, 3);
    for (u8 k = 0; k < 3; k++)
        assert_int_equal(p->keys[k], k + 1);
    p->refuse = 1 << 30;                                        /* nobody takes any: all wait, none is dropped */
    for (int k = 0; k < 5000; k++)
        machine_input(t->m, &(struct input_event) { .kind = INPUT_KEY, .key = (u8)k, .down = 1 });
    machine_input(t->m, &(struct input_event) { .kind = INPUT_SERIAL, .port = 1, .byte = 'y' });
    assert_int_equal(machine_input_waiting(t->m, &(struct input_event) { .kind = INPUT_KEY }), 5000);
    assert_int_equal(machine_input_waiting(t->m, &(struct input_event) { .kind = INPUT_SERIAL, .port = 1 }), 1);
    assert_int_equal(machine_input_waiting(t->m, &(struct input_event) { .kind = INPUT_SERIAL }), 0);
    p->refuse = 0;
    machine_run(t->m, 20000000);
    assert_int_equal(p->taken, 5003);
    for (int k = 4995; k < 5000; k++)                           /* in their order */
        assert_int_equal(p->keys[(k + 3) % 8], (u8)k);
    assert_int_equal(machine_input_waiting(t->m, &(struct input_event) { .kind = INPUT_KEY }), 0);
    struct image *floppy = image_new_memory("floppy", IMAGE_FLOPPY, NULL, 720 * 1024);
    machine_input(t->m, &(struct input_event) { .kind = INPUT_MEDIUM, .image = floppy });      /* goes with the machine */
    end(t);
}

/* The hash after 100 us, run in slices of that many ns. */
static void run_and_hash(u64 slice, u8 poke, enum cpu_engine engine, char text[33])
{
    struct test *t = start(7, false, idle, sizeof idle);
    struct probe *p = add_probe(t);
    struct hash h = { { 0, 0 } };
    cpu_set_engine(machine_cpu(t->m), engine);
    t->ram->host[0x5000] = poke;
    timer_set(&p->timer[1], 33333);
    for (u64 at = slice; at < 100000; at += slice)
        machine_run(t->m, at);
    machine_run(t->m, 100000);
    machine_hash(t->m, &h);
    hash_text(&h, text);
    end(t);
}

static void test_hash(void **state)
{
    char whole[33], other[33];
    (void)state;
    run_and_hash(100000, 0, ENGINE_FAST, whole);
    run_and_hash(777, 0, ENGINE_FAST, other);
    assert_string_equal(whole, other);
    run_and_hash(100000, 0, ENGINE_STEP, other);
    assert_string_equal(whole, other);
    run_and_hash(100000, 1, ENGINE_FAST, other);
    assert_string_not_equal(whole, other);
}

/* A device lets the processor wait, goes on three times in its timer, and lets it run again: the instruction after the OUT finds
 * the time passed, the machine has looked in between, and a reset ends it, too. */
static void hold_on(void *dev)
{
    struct probe *p = dev;
    fired(p, 0);
    dev_work(&p->dev, 1000);
    if (p->fired < 3)
        timer_set(&p->hold, machine_now(p->dev.machine) + 5000);
    else
        machine_hold(p->dev.machine, false);
}

static void hold_write(void *dev, u64 offset, u64 value, int size)
{
    struct probe *p = dev;
    (void)offset, (void)value, (void)size;
    machine_hold(p->dev.machine, true);
    timer_set(&p->hold, machine_now(p->dev.machine) + 5000);
}

static void test_hold(void **state)
{
    static const u8 code[] = { 0xba, 0x04, 0x01, 0xee, 0x40, 0xeb, 0xfd };      /* mov dx, 104h; out dx, al; inc ax; jmp */
    (void)state;
    for (int engine = ENGINE_FAST; engine <= ENGINE_STEP; engine++) {
        struct test *t = start(1000, false, code, sizeof code);
        struct probe *p = add_probe(t);
        cpu_set_engine(machine_cpu(t->m), (enum cpu_engine)engine);
        timer_init(t->m, &p->hold, "probe.hold", hold_on, p);
        port_claim(t->m, "hold", 0x104, 1, 1, NULL, hold_write, p);
        assert_int_equal(machine_run(t->m, 10000), STOP_DEADLINE);      /* in the middle of it */
        assert_int_equal(p->fired, 1);
        assert_int_equal(machine_insns(t->m), 2);
        assert_int_equal(machine_now(t->m), 10000);
        assert_int_equal(machine_run(t->m, 20000), STOP_DEADLINE);
        assert_int_equal(p->fired, 3);
        assert_int_equal(p->fired_insns[2], 2);
        assert_int_equal(p->fired_at[2], 15001);                        /* the OUT began at 1 */
        assert_int_equal(machine_insns(t->m), 2 + 20000 - 15001);
        assert_int_equal(machine_work_most(t->m), 1001);                /* and the timer itself */
        hold_write(p, 0, 0, 1);
        machine_reset(t->m);
        timer_set(&p->hold, TIMER_OFF);
        assert_int_equal(machine_run(t->m, 20100), STOP_DEADLINE);
        assert_int_equal(machine_insns(t->m), 2 + 20000 - 15001 + 2);
        end(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_exact), cmocka_unit_test(test_slow_clock), cmocka_unit_test(test_cost_changes), cmocka_unit_test(test_polls), cmocka_unit_test(test_faults_take_time), cmocka_unit_test(test_armed_by_guest),
        cmocka_unit_test(test_halt), cmocka_unit_test(test_requests), cmocka_unit_test(test_triple_fault), cmocka_unit_test(test_init),
        cmocka_unit_test(test_break), cmocka_unit_test(test_break_within), cmocka_unit_test(test_looks), cmocka_unit_test(test_input), cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
