/* ps2_mouse.c - the mouse. IBM PS/2 Hardware Interface Technical Reference, "Auxiliary Device: Mouse"; Microsoft's
 * IntelliMouse extension (a wheel in a fourth byte, after the sample rates 200, 100, 80).
 * Here: stream, remote and wrap mode, scaling, sample rate, resolution, status. A count of the host is one of the mouse,
 * whatever the resolution. Not yet: the five-button variant. */
#include "../machine/machine.h"
#include "ps2_mouse.h"

enum { REPLIES = 16 };
enum { ACK = 0xfa, RESEND = 0xfe, BAT_OK = 0xaa, ID_PLAIN = 0, ID_WHEEL = 3 };
enum { PACKET_ALWAYS_1 = 0x08, PACKET_X_SIGN = 0x10, PACKET_Y_SIGN = 0x20 };
enum { STATUS_SCALING = 0x10, STATUS_ENABLED = 0x20, STATUS_REMOTE = 0x40 };
enum { RATE_DEFAULT = 100, RESOLUTION_DEFAULT = 2, COUNT_MAX = 255, WHEEL_MAX = 7 };
enum { BAT_NS = 1000000 };              /* self-test; a real one takes 300 to 500 ms */

struct ps2_mouse {
    struct device dev;
    struct i8042 *kbc;
    struct timer sample, test;
    struct ps2_mouse_state {
        i32 dx, dy, dz;                 /* moved and not yet reported: right, up, wheel toward the user */
        u8 replies[REPLIES];            /* answers and packets, oldest first */
        u8 reply_count;
        u8 buttons, reported_buttons;
        u8 command;                     /* that waits for its parameter; 0: none */
        u8 rate, resolution, id;
        u8 enabled, remote, wrap, scaling;
        u8 knock;                       /* how much of 200, 100, 80 has come */
        u8 last_sent;
        u8 pad[3];
    } s;
};

static const struct field fields[] = {
    FIELD(struct ps2_mouse_state, dx),
    FIELD(struct ps2_mouse_state, dy),
    FIELD(struct ps2_mouse_state, dz),
    FIELD_ARRAY(struct ps2_mouse_state, replies),
    FIELD(struct ps2_mouse_state, reply_count),
    FIELD(struct ps2_mouse_state, buttons),
    FIELD(struct ps2_mouse_state, reported_buttons),
    FIELD(struct ps2_mouse_state, command),
    FIELD(struct ps2_mouse_state, rate),
    FIELD(struct ps2_mouse_state, resolution),
    FIELD(struct ps2_mouse_state, id),
    FIELD(struct ps2_mouse_state, enabled),
    FIELD(struct ps2_mouse_state, remote),
    FIELD(struct ps2_mouse_state, wrap),
    FIELD(struct ps2_mouse_state, scaling),
    FIELD(struct ps2_mouse_state, knock),
    FIELD(struct ps2_mouse_state, last_sent),
    FIELD_ARRAY(struct ps2_mouse_state, pad),
    FIELD_END
};

static void reply(struct ps2_mouse *mouse, u8 v)
{
    if (mouse->s.reply_count < REPLIES)
        mouse->s.replies[mouse->s.reply_count++] = v;
    i8042_wake(mouse->kbc, PS2_AUXILIARY);
}

static bool mouse_ready(void *dev) { return ((struct ps2_mouse *)dev)->s.reply_count != 0; }

static u8 mouse_send(void *dev)
{
    struct ps2_mouse *mouse = dev;
    if (!mouse->s.reply_count)
        return mouse->s.last_sent;
    mouse->s.last_sent = mouse->s.replies[0];
    memmove(mouse->s.replies, mouse->s.replies + 1, --mouse->s.reply_count);
    return mouse->s.last_sent;
}

/* ---- packets ---- */

static i32 clamp(i32 v, i32 low, i32 high) { return v < low ? low : v > high ? high : v; }

/* Take as much of a movement as one packet holds; the rest stays for the next. */
static i32 take(i32 *moved, i32 low, i32 high)
{
    i32 v = clamp(*moved, low, high);
    *moved -= v;
    return v;
}

/* "Set Scaling 2:1", in stream mode only. */
static i32 scaled(const struct ps2_mouse *mouse, i32 v)
{
    static const u8 small[6] = { 0, 1, 1, 3, 6, 9 };
    i32 size = v < 0 ? -v : v;
    if (!mouse->s.scaling)
        return v;
    size = size < 6 ? small[size] : 2 * size;
    return clamp(v < 0 ? -size : size, -COUNT_MAX - 1, COUNT_MAX);
}

static void put_packet(struct ps2_mouse *mouse, bool stream)
{
    i32 dx = take(&mouse->s.dx, -COUNT_MAX, COUNT_MAX), dy = take(&mouse->s.dy, -COUNT_MAX, COUNT_MAX);
    if (stream) {
        dx = scaled(mouse, dx);
        dy = scaled(mouse, dy);
    }
    reply(mouse, (u8)(PACKET_ALWAYS_1 | mouse->s.buttons | (dx < 0 ? PACKET_X_SIGN : 0) | (dy < 0 ? PACKET_Y_SIGN : 0)));
    reply(mouse, (u8)dx);
    reply(mouse, (u8)dy);
    if (mouse->s.id == ID_WHEEL)
        reply(mouse, (u8)take(&mouse->s.dz, -WHEEL_MAX - 1, WHEEL_MAX));
    else
        mouse->s.dz = 0;
    mouse->s.reported_buttons = mouse->s.buttons;
}

static bool streaming(const struct ps2_mouse *mouse) { return mouse->s.enabled && !mouse->s.remote && !mouse->s.wrap; }

static bool anything_new(const struct ps2_mouse *mouse)
{
    return mouse->s.dx || mouse->s.dy || (mouse->s.dz && mouse->s.id == ID_WHEEL)
        || mouse->s.buttons != mouse->s.reported_buttons;
}

static u64 sample_period(const struct ps2_mouse *mouse) { return 1000000000ull / mouse->s.rate; }

/* The first movement is reported at once, the next not before a sample period has passed. While the system does not take
 * a packet, movement adds up. */
static void sample(void *dev)
{
    struct ps2_mouse *mouse = dev;
    if (mouse->sample.when != TIMER_OFF || !streaming(mouse) || !anything_new(mouse))
        return;
    if (!mouse->s.reply_count)
        put_packet(mouse, true);
    timer_set(&mouse->sample, machine_now(mouse->dev.machine) + sample_period(mouse));
}

static bool mouse_input(void *dev, const struct input_event *e)
{
    struct ps2_mouse *mouse = dev;
    if (e->kind != INPUT_MOUSE_MOVE && e->kind != INPUT_MOUSE_BUTTONS)
        return false;
    u8 buttons = e->buttons & 7;
    if (streaming(mouse) && buttons != mouse->s.buttons && mouse->s.buttons != mouse->s.reported_buttons)
        return false;                           /* a click must not get lost between two samples */
    mouse->s.buttons = buttons;
    if (e->kind == INPUT_MOUSE_MOVE && (streaming(mouse) || mouse->s.remote)) {
        mouse->s.dx = clamp(mouse->s.dx + e->dx, -32768, 32767);
        mouse->s.dy = clamp(mouse->s.dy - e->dy, -32768, 32767);
        mouse->s.dz = clamp(mouse->s.dz + e->dz, -128, 127);
    }
    sample(mouse);
    return true;
}

/* ---- commands ---- */

static void clear_movement(struct ps2_mouse *mouse)
{
    mouse->s.dx = mouse->s.dy = mouse->s.dz = 0;
    mouse->s.reported_buttons = mouse->s.buttons;
}

static void set_defaults(struct ps2_mouse *mouse)
{
    mouse->s.rate = RATE_DEFAULT;
    mouse->s.resolution = RESOLUTION_DEFAULT;
    mouse->s.scaling = mouse->s.enabled = mouse->s.remote = mouse->s.wrap = mouse->s.knock = mouse->s.command = 0;
    timer_set(&mouse->sample, TIMER_OFF);
    clear_movement(mouse);
}

static void test_done(void *dev)
{
    reply(dev, BAT_OK);
    reply(dev, ID_PLAIN);
}

static void run_reset(struct ps2_mouse *mouse)
{
    set_defaults(mouse);
    mouse->s.id = ID_PLAIN;
    timer_set(&mouse->test, machine_now(mouse->dev.machine) + BAT_NS);
}

static void set_rate(struct ps2_mouse *mouse, u8 rate)
{
    static const u8 knock[3] = { 200, 100, 80 }, rates[7] = { 10, 20, 40, 60, 80, 100, 200 };
    if (!memchr(rates, rate, sizeof rates)) {
        reply(mouse, RESEND);
        return;
    }
    mouse->s.rate = rate;
    mouse->s.knock = rate == knock[mouse->s.knock] ? mouse->s.knock + 1 : rate == knock[0];
    if (mouse->s.knock == 3) {
        mouse->s.id = ID_WHEEL;
        mouse->s.knock = 0;
    }
    reply(mouse, ACK);
}

static void set_resolution(struct ps2_mouse *mouse, u8 v)
{
    if (v > 3) {
        reply(mouse, RESEND);
        return;
    }
    mouse->s.resolution = v;
    reply(mouse, ACK);
}

/* "Status Request": the right button is bit 0, the left bit 2. */
static void send_status(struct ps2_mouse *mouse)
{
    u8 b = mouse->s.buttons;
    reply(mouse, (u8)((b >> 1 & 1) | (b >> 2 & 1) << 1 | (b & 1) << 2 | (mouse->s.scaling ? STATUS_SCALING : 0)
                      | (mouse->s.enabled ? STATUS_ENABLED : 0) | (mouse->s.remote ? STATUS_REMOTE : 0)));
    reply(mouse, mouse->s.resolution);
    reply(mouse, mouse->s.rate);
}

static void run_command(struct ps2_mouse *mouse, u8 c)
{
    if (c == 0xfe) {
        reply(mouse, mouse->s.last_sent);
        return;
    }
    if (c < 0xe6 || c == 0xed || c == 0xef || c == 0xf1 || (c >= 0xf7 && c <= 0xfd)) {
        reply(mouse, RESEND);
        return;
    }
    reply(mouse, ACK);
    switch (c) {
    case 0xe6: mouse->s.scaling = 0; break;
    case 0xe7: mouse->s.scaling = 1; break;
    case 0xe8: case 0xf3: mouse->s.command = c; break;
    case 0xe9: send_status(mouse); break;
    case 0xea: mouse->s.remote = 0; clear_movement(mouse); break;
    case 0xeb: put_packet(mouse, false); break;
    case 0xec: mouse->s.wrap = 0; break;
    case 0xee: mouse->s.wrap = 1; clear_movement(mouse); break;
    case 0xf0: mouse->s.remote = 1; clear_movement(mouse); break;
    case 0xf2: reply(mouse, mouse->s.id); break;
    case 0xf4: mouse->s.enabled = 1; clear_movement(mouse); break;
    case 0xf5: mouse->s.enabled = 0; clear_movement(mouse); break;
    case 0xf6: set_defaults(mouse); break;
    case 0xff: run_reset(mouse); break;
    default: break;
    }
}

/* A byte from the system: what was still to be sent is dropped. In wrap mode all but two commands come back. */
static void mouse_receive(void *dev, u8 v)
{
    struct ps2_mouse *mouse = dev;
    u8 c = mouse->s.command;
    mouse->s.reply_count = 0;
    timer_set(&mouse->test, TIMER_OFF);
    if (mouse->s.wrap && v != 0xec && v != 0xff) {
        reply(mouse, v);
        return;
    }
    mouse->s.command = 0;
    if (c == 0xf3)
        set_rate(mouse, v);
    else if (c == 0xe8)
        set_resolution(mouse, v);
    else
        run_command(mouse, v);
}

static void mouse_reset(void *dev)
{
    struct ps2_mouse *mouse = dev;
    u8 buttons = mouse->s.buttons;
    memset(&mouse->s, 0, sizeof mouse->s);
    mouse->s.buttons = buttons;
    run_reset(mouse);
}

static void describe(const void *dev, FILE *out)
{
    const struct ps2_mouse *mouse = dev;
    tell_line(out, "mode", "%s%s, reporting %s, ID %d%s", mouse->s.remote ? "remote" : "stream", mouse->s.wrap ? ", wrap" : "",
              mouse->s.enabled ? "on" : "off", mouse->s.id, mouse->s.scaling ? ", scaling 2:1" : "");
    tell_line(out, "rate", "%d a second, resolution %d", mouse->s.rate, mouse->s.resolution);
    tell_line(out, "buttons", "%02x, reported %02x; moved %d, %d, %d since", mouse->s.buttons, mouse->s.reported_buttons, (int)mouse->s.dx,
              (int)mouse->s.dy, (int)mouse->s.dz);
    tell_line(out, "to send", "%d bytes", mouse->s.reply_count);
}

static const struct device_class ps2_mouse_class = {
    .name = "ps2_mouse",
    .title = "mouse",
    .log = "input",
    .size = sizeof(struct ps2_mouse),
    .state_offset = offsetof(struct ps2_mouse, s),
    .state_size = sizeof(struct ps2_mouse_state),
    .fields = fields,
    .reset = mouse_reset,
    .describe = describe,
};

struct ps2_mouse *ps2_mouse_new(struct machine *m, struct i8042 *kbc)
{
    struct ps2_mouse *mouse = device_new(m, &ps2_mouse_class, "mouse");
    mouse->kbc = kbc;
    timer_init(m, &mouse->sample, "mouse.sample", sample, mouse);
    timer_init(m, &mouse->test, "mouse.test", test_done, mouse);
    i8042_plug(kbc, PS2_AUXILIARY, &(struct ps2_device) { mouse_receive, mouse_ready, mouse_send, mouse });
    machine_input_sink(m, mouse_input, mouse);
    return mouse;
}
