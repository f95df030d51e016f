/* f_gdb.c - gdb's packets, as gdb would never send them, on a machine whose guest is in one of the modes: what a guest is and where it
 * stands as in f_debugger.c, then packets, one a line and framed here, or bytes as they are. Whatever comes back is a packet, and who only
 * looks changes nothing. */
#include "case.h"
#include "guest.h"
#include "../../cpu/cpuid.h"
#include "../../debugger/gdb/parts.h"
#include <stdio.h>

enum { GO_NS = 3000, PACKETS_MAX = 60, TEXT_MAX = 4096 };

struct rig {
    struct machine *m;
    struct control *control;
    struct bytes *raw;                  /* where bytes come as they are */
    const u8 *in;
    size_t left;
    bool no_more;
};

static enum machine_stop go(void *to)
{
    enum machine_stop stop = machine_run(to, machine_now(to) + GO_NS);
    return stop == STOP_DEADLINE ? STOP_ASKED : stop;
}

/* In pieces. */
static int receive(void *to, u8 *bytes, int n)
{
    struct rig *r = to;
    int k = 0;
    for (; k < n && k < 7 && r->left; k++, r->left--)
        bytes[k] = *r->in++;
    return k || !r->no_more ? k : -1;
}

/* Acknowledgements and whole packets, whose checksum is right. */
static void take_answer(void *to, const void *bytes, size_t n)
{
    const u8 *p = bytes;
    u8 sum = 0, high, low;
    (void)to;
    if (n == 1) {
        case_check(*p == '+' || *p == '-', "an acknowledgement is the byte %02x", *p);
        return;
    }
    case_check(n >= 4 && n <= WIRE_MOST + 4 && *p == '$' && p[n - 3] == '#', "no packet: %zu bytes", n);
    for (size_t k = 1; k < n - 3; k++) {
        case_check(p[k] != '$' && p[k] != '#', "the byte %zu ends the packet in its middle", k);
        sum = (u8)(sum + p[k]);
    }
    high = (u8)"0123456789abcdef"[sum >> 4];
    low = (u8)"0123456789abcdef"[sum & 15];
    case_check(p[n - 2] == high && p[n - 1] == low, "the checksum is not %02x", sum);
}

static void watch(void *to, bool on)
{
    struct rig *r = to;
    if (!on)
        control_interrupt_no_more(r->control);
}

static bool command(void *to, const char *line, FILE *out)
{
    (void)to;
    fprintf(out, "%s\n", line);
    return *line != 'q';
}

/* Everything but what runs or writes. */
static bool looks(const char *packet) { return *packet && strchr("?gpmqQHTDkZz", *packet); }

static enum stub_state one(struct rig *r, struct stub *s, char *packet)
{
    static char frame[TEXT_MAX + 8];
    struct hash before = { { 0, 0 } }, after = { { 0, 0 } };
    r->in = (const u8 *)frame;
    r->left = wire_frame(frame, packet, strlen(packet));
    machine_hash(r->m, &before);
    enum stub_state state = stub_serve(s);
    machine_hash(r->m, &after);
    case_check(!looks(packet) || strpbrk(packet, "$#") || !memcmp(&before, &after, sizeof before), "'%.40s' changes the machine", packet);
    return state;
}

static void packets(struct rig *r, struct stub *s, char *text)
{
    char *rest;
    int n = 0;
    for (char *line = strtok_r(text, "\n", &rest); line && n < PACKETS_MAX; line = strtok_r(NULL, "\n", &rest), n++)
        if (one(r, s, line) != STUB_STOPPED)
            stub_disconnect(s);
}

static void bytes(struct rig *r, struct stub *s, const u8 *from, size_t n)
{
    r->in = from;
    r->left = n < TEXT_MAX ? n : TEXT_MAX;
    for (int k = 0; k < PACKETS_MAX && r->left; k++)
        if (stub_serve(s) != STUB_STOPPED)
            stub_disconnect(s);
    r->no_more = true;
    stub_serve(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    struct machine_config config = { .ram_size = GUEST_BYTES, .model = cpu_model_find("max"), .no_reboot = true };
    struct guest *g = xcalloc(1, sizeof *g);
    case_begin();
    case_quiet();
    struct rig r = { .m = machine_new(&config) };
    struct ram *ram = ram_new("ram", GUEST_BYTES);
    space_add_ram(machine_memory(r.m), "ram", 0, GUEST_BYTES, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    machine_add_ram(r.m, ram);
    u8 head[6] = { take8(&b), take8(&b), take8(&b), take8(&b), 0, 0 };
    guest_read(g, &(struct bytes){ head, head + sizeof head }, machine_cpu(r.m));
    memcpy(ram->host, g->memory, GUEST_BYTES);
    memset(ram->host + GUEST_CODE, 0x40, 64);
    machine_cpu(r.m)->s = g->state;
    cpu_changed(machine_cpu(r.m));
    r.control = control_new(r.m);
    control_set_run(r.control, go, r.m);
    struct stub *s = stub_new(r.control, &(struct stub_ways) { receive, take_answer, watch, command, &r });
    if (take8(&b) & 1) {
        bytes(&r, s, b.at, (size_t)(b.end - b.at));
    } else {
        char *text = take_text(&b, TEXT_MAX - 1);
        packets(&r, s, text);
        free(text);
    }
    stub_free(s);
    control_free(r.control);
    machine_free(r.m);
    ram_free(ram);
    free(g);
    case_end();
    return 0;
}
