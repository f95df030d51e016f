/* t_gdb.c - gdb's packets on a machine with nothing but processors and memory: what is answered, and what is not changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../../cpu/cpuid.h"
#include "../../../debugger/gdb/parts.h"
#include "../../../iodev/machine/machine.h"

enum { RAM_SIZE = 1 << 20, SAID = 1 << 17 };

struct rig {
    struct machine *m;
    struct cpu *cpu;
    struct ram *ram;
    struct control *control;
    struct stub *stub;
    const u8 *in;               /* what gdb says, and how much is left */
    size_t left;
    bool hung_up;
    char said[SAID];            /* what came back since */
    size_t n;
    char command[300];          /* the last `monitor` */
};

static int receive(void *to, u8 *bytes, int n)
{
    struct rig *r = to;
    size_t k = r->left < (size_t)n ? r->left : (size_t)n;
    if (!k)
        return r->hung_up ? -1 : 0;
    memcpy(bytes, r->in, k);
    r->in += k;
    r->left -= k;
    return (int)k;
}

static void send_bytes(void *to, const void *bytes, size_t n)
{
    struct rig *r = to;
    assert_true(r->n + n < SAID);
    memcpy(r->said + r->n, bytes, n);
    r->n += n;
    r->said[r->n] = 0;
}

static void watch(void *to, bool on)
{
    struct rig *r = to;
    if (on && (r->left || r->hung_up))
        control_interrupt(r->control);
    else if (!on)
        control_interrupt_no_more(r->control);
}

static bool command(void *to, const char *line, FILE *out)
{
    struct rig *r = to;
    snprintf(r->command, sizeof r->command, "%s", line);
    for (int k = 0; !strcmp(line, "many") && k < 5000; k++)
        fprintf(out, "line %d\n", k);
    fprintf(out, "did %s\n", line);
    return strcmp(line, "quit") != 0;
}

static int rig_open(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    struct machine_config c = { .ram_size = RAM_SIZE, .model = cpu_model_find("max"), .no_reboot = true };
    struct stub_ways ways = { receive, send_bytes, watch, command, r };
    r->m = machine_new(&c);
    r->cpu = machine_cpu(r->m);
    r->ram = ram_new("ram", RAM_SIZE);
    space_add_ram(machine_memory(r->m), "ram", 0, RAM_SIZE, 0, r->ram, 0, true, REGION_READ | REGION_WRITE);
    machine_add_ram(r->m, r->ram);
    machine_reset(r->m);
    r->control = control_new(r->m);
    r->stub = stub_new(r->control, &ways);
    *state = r;
    return 0;
}

static int rig_close(void **state)
{
    struct rig *r = *state;
    stub_free(r->stub);
    control_free(r->control);
    machine_free(r->m);
    ram_free(r->ram);
    free(r);
    return 0;
}

static enum stub_state feed(struct rig *r, const void *bytes, size_t n)
{
    r->in = bytes;
    r->left = n;
    r->n = 0;
    r->said[0] = 0;
    return stub_serve(r->stub);
}

/* A packet's text, framed and sent; what came back, without frame and acknowledgement if it is one packet. */
static const char *ask(struct rig *r, const char *text)
{
    static char frame[WIRE_MOST * 2];
    feed(r, frame, wire_frame(frame, text, strlen(text)));
    char *at = r->said + (*r->said == '+');
    if (*at != '$')
        return at;
    size_t n = strlen(at);
    assert_true(n >= 4 && at[n - 3] == '#');
    at[n - 3] = 0;
    return at + 1;
}

static void asked(struct rig *r, const char *text, const char *answer) { assert_string_equal(ask(r, text), answer); }
static void refused(struct rig *r, const char *text, const char *piece)
{
    const char *answer = ask(r, text);
    if (strncmp(answer, "E.", 2) || !strstr(answer, piece))
        fail_msg("'%s' is answered with '%s', without '%s'", text, answer, piece);
}

static void set(struct rig *r, const char *name, u64 v)
{
    char why[160];
    if (!register_set(r->cpu, register_find(name), v, why, sizeof why))
        fail_msg("%s", why);
}

static void hash_of(struct rig *r, char text[33])
{
    struct hash h = { { 0, 0 } };
    machine_hash(r->m, &h);
    hash_text(&h, text);
}

static u32 number_of(struct rig *r, const char *name)
{
    for (u32 k = 0; k < target_count(r->stub->target); k++)
        if (!strcmp(target_name(r->stub->target, k), name))
            return k;
    fail_msg("no register %s", name);
    return 0;
}

/* Code at 1000h in a segment whose base is not 0. */
static void at_code(struct rig *r, const void *code, size_t n)
{
    memcpy(r->ram->host + 0x1000, code, n);
    set(r, "cs", 0x80);
    set(r, "eip", 0x800);
    set(r, "ss", 0);
    set(r, "esp", 0x8000);
}

/* ---- the frame ---- */

static void frames(void **state)
{
    struct rig *r = *state;
    feed(r, "$qC#b4", 6);
    assert_string_equal(r->said, "+$QC1#c5");
    feed(r, "-", 1);
    assert_string_equal(r->said, "$QC1#c5");
    feed(r, "$qC#b5", 6);
    assert_string_equal(r->said, "-");
    feed(r, "$qC#zz", 6);
    assert_string_equal(r->said, "-");
    feed(r, "noise+\003$q", 9);         /* in pieces */
    assert_string_equal(r->said, "");
    feed(r, "C#b4", 4);
    assert_string_equal(r->said, "+$QC1#c5");
    feed(r, "$broken off$qC#b4", 17);
    assert_string_equal(r->said, "+$QC1#c5");
    feed(r, "$#00", 4);
    assert_string_equal(r->said, "+$#00");
    asked(r, "QStartNoAckMode", "OK");
    feed(r, "$qC#b4", 6);
    assert_string_equal(r->said, "$QC1#c5");
    feed(r, "-", 1);
    assert_string_equal(r->said, "");
    stub_disconnect(r->stub);
    feed(r, "$qC#b4", 6);
    assert_string_equal(r->said, "+$QC1#c5");
}

static void too_long(void **state)
{
    struct rig *r = *state;
    static char text[WIRE_MOST + 2];
    memset(text, 'x', WIRE_MOST);
    asked(r, text, "");                         /* not known, but whole */
    text[WIRE_MOST] = 'x';
    refused(r, text, "PacketSize");
    asked(r, "qC", "QC1");
}

/* ---- what it tells of itself ---- */

static void documents(void **state)
{
    struct rig *r = *state;
    char text[80];
    size_t n, got = 0;
    assert_non_null(strstr(ask(r, "qSupported:swbreak+;hwbreak+;xmlRegisters=i386"), "PacketSize=4000;QStartNoAckMode+;"));
    assert_null(strstr(r->said, "Reverse"));
    const char *xml = target_xml(r->stub->target, &n);
    static char all[1 << 16];
    for (;;) {
        snprintf(text, sizeof text, "qXfer:features:read:target.xml:%zx,100", got);
        const char *piece = ask(r, text);
        assert_true(*piece == 'm' || *piece == 'l');
        for (const char *c = piece + 1; *c; c++)
            all[got++] = *c == '}' ? (char)(*++c ^ 0x20) : *c;
        if (*piece == 'l')
            break;
    }
    assert_int_equal(got, n);
    assert_memory_equal(all, xml, n);
    assert_non_null(strstr(all, "<reg name=\"cs_base\" bitsize=\"32\""));
    asked(r, "qXfer:features:read:other.xml:0,100", "E00");
    asked(r, "qXfer:features:read:target.xml:fffff,100", "E16");
    asked(r, "qXfer:features:read:target.xml:0", "E16");
    asked(r, "qXfer:auxv:read::0,100", "");
    assert_non_null(strstr(ask(r, "qXfer:memory-map:read::0,1000"), "<memory type=\"ram\" start=\"0x0\" length=\"0x100000000\"/>"));
    asked(r, "vMustReplyEmpty", "");
    asked(r, "qAttached", "1");
    asked(r, "nonsense", "");
    asked(r, "vCont?", "vCont;c;C;s;S;r");
    asked(r, "?", "T05thread:1;");
}

static void threads(void **state)
{
    struct rig *r = *state;
    struct cpu *second = machine_add_cpu(r->m);
    machine_reset(r->m);
    char why[100];
    assert_true(register_set(second, register_find("eax"), 0x11223344, why, sizeof why));
    asked(r, "qfThreadInfo", "m1,2");
    asked(r, "qsThreadInfo", "l");
    asked(r, "T2", "OK");
    refused(r, "T3", "1 to 2");
    refused(r, "Hg3", "1 to 2");
    refused(r, "H", "1 to 2");
    asked(r, "Hg2", "OK");
    asked(r, "p0", "44332211");
    asked(r, "qC", "QC2");
    asked(r, "Hg0", "OK");
    asked(r, "Hc-1", "OK");
    asked(r, "Hg1", "OK");
    assert_string_not_equal(ask(r, "p0"), "44332211");
    assert_non_null(strstr(ask(r, "qThreadExtraInfo,2"), "43505520312c"));     /* "CPU 1," */
    asked(r, "qThreadExtraInfo,9", "E16");
    /* A step is of the thread that is named. */
    static const u8 loop[] = { 0x40, 0xeb, 0xfd };
    memcpy(r->ram->host + 0x1000, loop, sizeof loop);
    for (int k = 0; k < 2; k++) {
        assert_true(register_set(machine_cpu_at(r->m, k), register_find("cs"), 0x100, why, sizeof why));
        assert_true(register_set(machine_cpu_at(r->m, k), register_find("eip"), 0, why, sizeof why));
    }
    u64 before = cpu_insns(second);
    asked(r, "vCont;s:2;c", "T05thread:2;");
    assert_int_equal(cpu_insns(second), before + 1);
    asked(r, "Z0,1002,1", "OK");
    refused(r, "vCont;s:3", "vCont");
    stops_clear(r->stub);
    machine_reset(r->m);
}

/* ---- registers ---- */

static void registers(void **state)
{
    struct rig *r = *state;
    char before[33], after[33], text[64], all[4096];
    u32 eip = number_of(r, "eip"), st0 = number_of(r, "st0"), ftag = number_of(r, "ftag"), bits = number_of(r, "code_bits");
    assert_int_equal(eip, 8);
    set(r, "cs", 0x1000);
    set(r, "eip", 0x234);
    asked(r, "p8", "34020100");                 /* linear */
    asked(r, "P8=40020100", "OK");
    assert_int_equal(cpu_eip(r->cpu), 0x240);
    refused(r, "P8=00000200", "limit of CS");
    refused(r, "P8=0000", "eip has 4 bytes");
    refused(r, "P8=000000000", "eip has 4 bytes");
    refused(r, "P999=00", "no such register");
    refused(r, "pzz", "no such register");
    assert_int_equal(cpu_eip(r->cpu), 0x240);
    snprintf(all, sizeof all, "G%s", ask(r, "g"));
    hash_of(r, before);
    asked(r, all, "OK");
    hash_of(r, after);
    assert_string_equal(before, after);
    all[strlen(all) - 1] = 0;
    refused(r, all, "all");
    snprintf(text, sizeof text, "P%x=0000000000000080ff3f", st0);
    asked(r, text, "OK");
    snprintf(text, sizeof text, "p%x", st0);
    asked(r, text, "0000000000000080ff3f");
    snprintf(text, sizeof text, "P%x=fcff0000", ftag);
    asked(r, text, "OK");
    snprintf(text, sizeof text, "p%x", ftag);
    asked(r, text, "fcff0000");                 /* valid; the others are empty */
    snprintf(text, sizeof text, "P%x=00000000000000000000", st0);
    asked(r, text, "OK");
    snprintf(text, sizeof text, "p%x", ftag);
    asked(r, text, "fdff0000");                 /* zero */
    snprintf(text, sizeof text, "P%x=fdff0100", ftag);
    refused(r, text, "16 bits");
    snprintf(text, sizeof text, "P%x=20000000", bits);
    refused(r, text, "code_bits follows");
}

/* One that is refused takes back what was set before it. */
static void all_or_nothing(void **state)
{
    struct rig *r = *state;
    char all[4096], before[33], after[33];
    set(r, "cs", 0);
    set(r, "eip", 0x100);
    snprintf(all, sizeof all, "G%s", ask(r, "g"));
    hash_of(r, before);
    memcpy(all + 1, "78563412", 8);             /* EAX */
    memcpy(all + 1 + 8 * 8, "00001000", 8);     /* EIP beyond the limit */
    refused(r, all, "limit");
    hash_of(r, after);
    assert_string_equal(before, after);
    memcpy(all + 1 + 8 * 8, "00100000", 8);
    asked(r, all, "OK");
    assert_int_equal(cpu_get(r->cpu, "eax"), 0x12345678);
    assert_int_equal(cpu_eip(r->cpu), 0x1000);
}

/* ---- memory ---- */

static void memory(void **state)
{
    struct rig *r = *state;
    asked(r, "M5000,4:01020304", "OK");
    asked(r, "m5000,4", "01020304");
    asked(r, "X5004,3:}\003*x", "OK");
    asked(r, "m5004,3", "232a78");
    asked(r, "X5004,0:", "OK");
    asked(r, "m5000,0", "");
    asked(r, "m5000", "E16");
    asked(r, "m5000,4x", "E16");
    asked(r, "m100000000,4", "E16");
    refused(r, "M100000000,1:00", "32 bits");
    asked(r, "m90000000,4", "E0e");
    refused(r, "M90000000,1:00", "neither RAM nor ROM");
    refused(r, "M5000,4:0102030", "two digits");
    refused(r, "M5000,4:0102030405", "two digits");
    refused(r, "X5000,4:abc", "4 bytes");
    refused(r, "X5000,2:abc", "2 bytes");
    refused(r, "X5000,1:}", "1 bytes");
    asked(r, "m5000,4", "01020304");
    asked(r, "mffffe,8", "0000");               /* as far as there is RAM */
    refused(r, "Mffffe,4:01020304", "00100000");
    asked(r, "mffffe,2", "0000");
    assert_int_equal(strlen(ask(r, "m0,ffffff")), (WIRE_MOST - 2) / 2 * 2);
}

/* With paging: by the tables, and a page that is not there is said to be. */
static void paged(void **state)
{
    struct rig *r = *state;
    put32(r->ram->host + 0x2000, 0x3003);
    put32(r->ram->host + 0x3000 + 4 * 0x10, 0x5003);
    set(r, "cr3", 0x2000);
    set(r, "cr0", cpu_get(r->cpu, "cr0") | CR0_PE | CR0_PG);
    asked(r, "M10000,2:abcd", "OK");
    assert_int_equal(r->ram->host[0x5000], 0xab);
    asked(r, "m10000,2", "abcd");
    asked(r, "m11000,2", "E0e");
    refused(r, "M11000,1:00", "no page is mapped");
    refused(r, "M10fff,2:0102", "00011000: no page");
    asked(r, "m10fff,2", "00");
}

/* ---- running ---- */

static void steps_and_stops(void **state)
{
    struct rig *r = *state;
    /* inc ax; inc ax; mov [5000h], ax; jmp -7 */
    static const u8 code[] = { 0x40, 0x40, 0xa3, 0x00, 0x50, 0xeb, 0xf9 };
    at_code(r, code, sizeof code);
    ask(r, "qSupported:swbreak+;hwbreak+");
    asked(r, "s", "T05thread:1;");
    asked(r, "p8", "01100000");
    asked(r, "Z0,1002,1", "OK");
    asked(r, "Z0,1002,1", "OK");
    asked(r, "c", "T05thread:1;swbreak:;");
    asked(r, "?", "T05thread:1;swbreak:;");
    asked(r, "p8", "02100000");
    asked(r, "z0,1002,1", "OK");
    asked(r, "z0,1002,1", "OK");
    asked(r, "Z1,1000,1", "OK");
    asked(r, "vCont;c", "T05thread:1;hwbreak:;");
    asked(r, "z1,1000,1", "OK");
    asked(r, "S05;1005", "T05thread:1;");
    asked(r, "p8", "00100000");
    asked(r, "vCont;r1000,1005:1;c", "T05thread:1;");
    asked(r, "p8", "05100000");
    asked(r, "Z5,1000,1", "");
    refused(r, "Z0,1000", "KIND");
    refused(r, "Z0,100000000,1", "32 bits");
    refused(r, "c12345678", "limit of CS");
    refused(r, "vCont;x", "vCont");
    refused(r, "vCont;s:1;", "vCont");
    refused(r, "C", "signal");
    refused(r, "bs", "history");
    asked(r, "bx", "");
}

/* Each kind of watch, with an address that gdb watches. */
static void watches(void **state)
{
    struct rig *r = *state;
    /* mov ax, [5002h]; mov [5006h], al; mov [5001h], ax; jmp -12 */
    static const u8 code[] = { 0xa1, 0x02, 0x50, 0xa2, 0x06, 0x50, 0xa3, 0x01, 0x50, 0xeb, 0xf5 };
    at_code(r, code, sizeof code);
    asked(r, "Z2,5006,1", "OK");
    asked(r, "c", "T05thread:1;watch:5006;");
    asked(r, "p8", "06100000");                 /* behind the instruction */
    asked(r, "z2,5006,2", "OK");                /* another */
    asked(r, "c", "T05thread:1;watch:5006;");
    asked(r, "z2,5006,1", "OK");
    asked(r, "Z3,5000,4", "OK");
    asked(r, "c", "T05thread:1;rwatch:5000;");
    asked(r, "p8", "03100000");
    asked(r, "z3,5000,4", "OK");
    asked(r, "Z4,5002,8", "OK");
    asked(r, "c", "T05thread:1;awatch:5002;");
    asked(r, "c", "T05thread:1;awatch:5002;");  /* from 5001h on, which gdb does not watch */
    asked(r, "p8", "09100000");
    refused(r, "Z2,5000,0", "32 bits");
    refused(r, "Z2,ffffffff,2", "32 bits");
}

/* Ctrl-C comes behind the packet, or a whole packet does. */
static void interrupted(void **state)
{
    struct rig *r = *state;
    static const u8 loop[] = { 0xeb, 0xfe };
    at_code(r, loop, sizeof loop);
    feed(r, "$c#63\003", 6);
    assert_string_equal(r->said, "+$T02thread:1;#d4");
    feed(r, "$c#63$qC#b4", 11);
    assert_non_null(strstr(r->said, "T02thread:1;"));
    assert_non_null(strstr(r->said, "$QC1#c5"));
    asked(r, "s", "T05thread:1;");              /* an interrupt of a run that is over stops no other */
}

static void ends(void **state)
{
    struct rig *r = *state;
    static const u8 halt[] = { 0xfa, 0xf4 };
    at_code(r, halt, sizeof halt);
    const char *answer = ask(r, "c");
    assert_int_equal(*answer, 'O');
    assert_non_null(strstr(answer, "T05thread:1;"));
    asked(r, "c", "W06");
    assert_int_equal(stub_serve(r->stub), STUB_OVER);
}

static void limit(void **state)
{
    struct rig *r = *state;
    static const u8 loop[] = { 0xeb, 0xfe };
    at_code(r, loop, sizeof loop);
    control_set_limit(r->control, machine_insns(r->m) + 100);
    assert_non_null(strstr(ask(r, "c"), "T05thread:1;"));
    asked(r, "s", "W0a");
    assert_int_equal(stub_serve(r->stub), STUB_OVER);
}

static void leaving(void **state)
{
    struct rig *r = *state;
    asked(r, "D", "OK");
    assert_int_equal(stub_serve(r->stub), STUB_DETACHED);
    stub_disconnect(r->stub);
    asked(r, "k", "");
    assert_int_equal(stub_serve(r->stub), STUB_KILLED);
    stub_disconnect(r->stub);
    asked(r, "vKill;1", "OK");
    assert_int_equal(stub_serve(r->stub), STUB_KILLED);
    stub_disconnect(r->stub);
    r->hung_up = true;
    assert_int_equal(feed(r, "$qC#b4", 6), STUB_GONE);
    stub_disconnect(r->stub);
    static const u8 loop[] = { 0xeb, 0xfe };
    at_code(r, loop, sizeof loop);
    assert_int_equal(feed(r, "$c#63", 5), STUB_GONE_RUNNING);
}

/* ---- monitor ---- */

static void monitor(void **state)
{
    struct rig *r = *state;
    ask(r, "QStartNoAckMode");
    const char *answer = ask(r, "qRcmd,72203a29");
    assert_string_equal(r->command, "r :)");
    assert_string_equal(answer, "O6469642072203a290a#4f$OK");
    ask(r, "qRcmd,6d616e79");
    assert_non_null(strstr(r->said, "$OK"));
    assert_true(r->n > 2 * 40000);
    asked(r, "qRcmd,6", "E16");
    asked(r, "qRcmd,00", "E16");
    asked(r, "qRcmd,zz", "E16");
    ask(r, "qRcmd,71756974");
    assert_int_equal(stub_serve(r->stub), STUB_KILLED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames), TEST(too_long), TEST(documents), TEST(threads), TEST(registers), TEST(all_or_nothing), TEST(memory),
        TEST(paged), TEST(steps_and_stops), TEST(watches), TEST(interrupted), TEST(ends), TEST(limit), TEST(leaving), TEST(monitor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
