/* ps2_keyboard.c - the keyboard. IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)":
 * "Commands from the System", "Commands to the System", "Typematic", "Scan Codes".
 * Here: scan code sets 1 to 3, all commands, the 16-byte buffer with its overrun code, repeat in virtual time. */
#include "../machine/machine.h"
#include "ps2_keyboard.h"
#include "ps2_scancodes.h"

enum { BUFFER = 16, REPLIES = 4, SEQUENCE_MAX = 10, KEYS_DOWN = 256 / 8, SET3_TYPES = 256 };
enum { ACK = 0xfa, RESEND = 0xfe, ECHO = 0xee, BAT_OK = 0xaa, OVERRUN_SET_1 = 0xff, OVERRUN = 0x00 };
enum { LED_NUM = 2 };
enum { USAGE_PAUSE = 0x48, USAGE_LEFT_CTRL = 0xe0, USAGE_LEFT_SHIFT, USAGE_LEFT_ALT, USAGE_RIGHT_CTRL = 0xe4,
       USAGE_RIGHT_SHIFT, USAGE_RIGHT_ALT };
enum { RATE_DEFAULT = 0x2b };           /* 500 ms, then 10.9 a second */
enum { BAT_NS = 1000000 };              /* basic assurance test; a real one takes 300 to 500 ms */

struct ps2_keyboard {
    struct device dev;
    struct i8042 *kbc;
    struct timer repeat, test;
    struct ps2_keyboard_state {
        u8 buffer[BUFFER];              /* scan codes, oldest first */
        u8 replies[REPLIES];
        u8 down[KEYS_DOWN];             /* keys held, one bit a usage */
        u8 type3[SET3_TYPES];           /* of set 3 keys, by code */
        u8 buffered, reply_count;
        u8 overrun;                     /* the last place of the buffer holds the overrun code */
        u8 command;                     /* that waits for its parameter; 0: none */
        u8 set, leds, rate, enabled, last_sent;
        u8 repeating;                   /* usage of the key pressed last; 0: none */
    } s;
};

static const struct field fields[] = {
    FIELD_ARRAY(struct ps2_keyboard_state, buffer),
    FIELD_ARRAY(struct ps2_keyboard_state, replies),
    FIELD_ARRAY(struct ps2_keyboard_state, down),
    FIELD_ARRAY(struct ps2_keyboard_state, type3),
    FIELD(struct ps2_keyboard_state, buffered),
    FIELD(struct ps2_keyboard_state, reply_count),
    FIELD(struct ps2_keyboard_state, overrun),
    FIELD(struct ps2_keyboard_state, command),
    FIELD(struct ps2_keyboard_state, set),
    FIELD(struct ps2_keyboard_state, leds),
    FIELD(struct ps2_keyboard_state, rate),
    FIELD(struct ps2_keyboard_state, enabled),
    FIELD(struct ps2_keyboard_state, last_sent),
    FIELD(struct ps2_keyboard_state, repeating),
    FIELD_END
};

/* ---- what one key sends ---- */

struct sequence { u8 byte[SEQUENCE_MAX]; int n; };

static void add(struct sequence *q, u8 b)
{
    assert(q->n < SEQUENCE_MAX);
    q->byte[q->n++] = b;
}

/* A code of set 2 in the set that is chosen: set 1 breaks by bit 7, set 2 by F0. */
static void add_code(const struct ps2_keyboard *kb, struct sequence *q, bool extended, u8 code, bool make)
{
    if (extended)
        add(q, 0xe0);
    if (kb->s.set == 1) {
        add(q, (u8)(i8042_translate(code) | (make ? 0 : 0x80)));
        return;
    }
    if (!make)
        add(q, 0xf0);
    add(q, code);
}

static bool held(const struct ps2_keyboard *kb, int usage) { return kb->s.down[usage >> 3] >> (usage & 7) & 1; }
static bool shift_held(const struct ps2_keyboard *kb) { return held(kb, USAGE_LEFT_SHIFT) || held(kb, USAGE_RIGHT_SHIFT); }
static bool ctrl_held(const struct ps2_keyboard *kb) { return held(kb, USAGE_LEFT_CTRL) || held(kb, USAGE_RIGHT_CTRL); }
static bool alt_held(const struct ps2_keyboard *kb) { return held(kb, USAGE_LEFT_ALT) || held(kb, USAGE_RIGHT_ALT); }

/* Both Shift keys as the program sees them: released before the key and pressed again after it. */
static void add_shifts(const struct ps2_keyboard *kb, struct sequence *q, bool make)
{
    if (held(kb, USAGE_LEFT_SHIFT))
        add_code(kb, q, true, 0x12, make);
    else if (held(kb, USAGE_RIGHT_SHIFT))
        add_code(kb, q, true, 0x59, make);
}

/* The keys that the 84-key keyboard had only on its keypad send what a program for that one expects: Shift is hidden, and
 * with Num Lock a Shift is made up. */
static void add_navigation(const struct ps2_keyboard *kb, struct sequence *q, u8 code, bool make, bool slash)
{
    bool num = kb->s.leds & LED_NUM, shift = shift_held(kb), hide = shift && (slash || !num), fake = num && !shift && !slash;
    if (make && hide)
        add_shifts(kb, q, false);
    if (make && fake)
        add_code(kb, q, true, 0x12, true);
    add_code(kb, q, true, code, make);
    if (!make && hide)
        add_shifts(kb, q, true);
    if (!make && fake)
        add_code(kb, q, true, 0x12, false);
}

static void add_print_screen(const struct ps2_keyboard *kb, struct sequence *q, bool make)
{
    if (alt_held(kb)) {
        add_code(kb, q, false, 0x84, make);             /* SysRq */
    } else if (ctrl_held(kb) || shift_held(kb)) {
        add_code(kb, q, true, 0x7c, make);
    } else if (make) {
        add_code(kb, q, true, 0x12, true);
        add_code(kb, q, true, 0x7c, true);
    } else {
        add_code(kb, q, true, 0x7c, false);
        add_code(kb, q, true, 0x12, false);
    }
}

/* Make and break together when pressed, nothing when released. */
static void add_pause(const struct ps2_keyboard *kb, struct sequence *q, bool make)
{
    if (!make)
        return;
    if (ctrl_held(kb)) {
        add_code(kb, q, true, 0x7e, true);              /* Break */
        add_code(kb, q, true, 0x7e, false);
        return;
    }
    for (int released = 0; released < 2; released++) {
        add(q, 0xe1);
        add_code(kb, q, false, 0x14, !released);
        add_code(kb, q, false, 0x77, !released);
    }
}

static void add_set3(const struct ps2_keyboard *kb, struct sequence *q, const struct ps2_key *key, bool make)
{
    u8 type = kb->s.type3[key->set3];
    if (!key->set3 || (!make && type != SET3_MAKE_BREAK && type != SET3_ALL))
        return;
    if (!make)
        add(q, 0xf0);
    add(q, key->set3);
}

static void make_sequence(const struct ps2_keyboard *kb, struct sequence *q, u8 usage, bool make)
{
    const struct ps2_key *key = ps2_key(usage);
    q->n = 0;
    if (kb->s.set == 3) {
        add_set3(kb, q, key, make);
        return;
    }
    switch (key->kind) {
    case KEY_PLAIN:        add_code(kb, q, false, key->set2, make); break;
    case KEY_EXTENDED:     add_code(kb, q, true, key->set2, make); break;
    case KEY_NAVIGATION:   add_navigation(kb, q, key->set2, make, false); break;
    case KEY_SLASH:        add_navigation(kb, q, key->set2, make, true); break;
    case KEY_PRINT_SCREEN: add_print_screen(kb, q, make); break;
    case KEY_PAUSE:        add_pause(kb, q, make); break;
    case KEY_ONCE:
        if (make)
            add(q, key->set2);
        break;
    default: break;
    }
}

/* ---- the buffer ---- */

/* A key that does not fit is lost, and the code in the buffer's last place says so. */
static void put_sequence(struct ps2_keyboard *kb, const struct sequence *q)
{
    if (kb->s.overrun || !q->n)
        return;
    if (kb->s.buffered + q->n > BUFFER - 1) {
        kb->s.overrun = 1;
        kb->s.buffer[kb->s.buffered++] = kb->s.set == 1 ? OVERRUN_SET_1 : OVERRUN;
    } else {
        memcpy(kb->s.buffer + kb->s.buffered, q->byte, (size_t)q->n);
        kb->s.buffered = (u8)(kb->s.buffered + q->n);
    }
    i8042_wake(kb->kbc, PS2_KEYBOARD);
}

static bool has_room(const struct ps2_keyboard *kb, const struct sequence *q)
{
    return !kb->s.overrun && kb->s.buffered + q->n <= BUFFER - 1;
}

static void clear_buffer(struct ps2_keyboard *kb) { kb->s.buffered = kb->s.overrun = 0; }

static bool keyboard_ready(void *dev)
{
    struct ps2_keyboard *kb = dev;
    return kb->s.reply_count || (kb->s.buffered && !kb->s.command);
}

static u8 take(u8 *queue, u8 *count)
{
    u8 v = queue[0];
    memmove(queue, queue + 1, (size_t)--*count);
    return v;
}

static u8 keyboard_send(void *dev)
{
    struct ps2_keyboard *kb = dev;
    if (kb->s.reply_count) {
        kb->s.last_sent = take(kb->s.replies, &kb->s.reply_count);
    } else if (kb->s.buffered) {
        kb->s.last_sent = take(kb->s.buffer, &kb->s.buffered);
        if (!kb->s.buffered)
            kb->s.overrun = 0;
    }
    return kb->s.last_sent;
}

/* ---- typematic ---- */

static u64 repeat_delay(const struct ps2_keyboard *kb) { return ((kb->s.rate >> 5 & 3) + 1) * 250000000ull; }

/* "Set Typematic Rate/Delay": (8 + A) * 2^B * 4.17 ms. */
static u64 repeat_period(const struct ps2_keyboard *kb)
{
    u64 a = kb->s.rate & 7, b = kb->s.rate >> 3 & 3;
    return ((8 + a) << b) * 4170000ull;
}

static bool repeats(const struct ps2_keyboard *kb, u8 usage)
{
    const struct ps2_key *key = ps2_key(usage);
    if (key->kind == KEY_PAUSE || key->kind == KEY_ONCE || key->kind == KEY_NONE)
        return false;
    if (kb->s.set != 3)
        return true;
    u8 type = kb->s.type3[key->set3];
    return key->set3 && (type == SET3_TYPEMATIC || type == SET3_ALL);
}

static void stop_repeat(struct ps2_keyboard *kb)
{
    kb->s.repeating = 0;
    timer_set(&kb->repeat, TIMER_OFF);
}

static void start_repeat(struct ps2_keyboard *kb, u8 usage)
{
    stop_repeat(kb);
    if (!repeats(kb, usage))
        return;
    kb->s.repeating = usage;
    timer_set(&kb->repeat, machine_now(kb->dev.machine) + repeat_delay(kb));
}

static void repeat_fire(void *dev)
{
    struct ps2_keyboard *kb = dev;
    struct sequence q;
    if (!kb->s.repeating || !kb->s.enabled)
        return;
    make_sequence(kb, &q, kb->s.repeating, true);
    put_sequence(kb, &q);
    timer_set(&kb->repeat, machine_now(kb->dev.machine) + repeat_period(kb));
}

/* ---- keys ---- */

/* False while the buffer has no room: who types through the machine's queue loses nothing. */
static bool keyboard_input(void *dev, const struct input_event *e)
{
    struct ps2_keyboard *kb = dev;
    struct sequence q;
    if (e->kind != INPUT_KEY)
        return false;
    u8 bit = (u8)(1 << (e->key & 7)), *down = &kb->s.down[e->key >> 3];
    if (!!(*down & bit) == !!e->down)
        return true;                            /* the host repeats; we do that ourselves */
    make_sequence(kb, &q, e->key, e->down);
    if (kb->s.enabled && !has_room(kb, &q))
        return false;
    *down = (u8)(e->down ? *down | bit : *down & ~bit);
    if (!kb->s.enabled)
        return true;
    if (dev_log_on(&kb->dev, "input"))
        dev_log(&kb->dev, "input", "key %02x %s", e->key, e->down ? "down" : "up");
    if (e->down)
        start_repeat(kb, e->key);
    else if (e->key == kb->s.repeating)
        stop_repeat(kb);
    put_sequence(kb, &q);
    return true;
}

/* ---- commands ---- */

static void reply(struct ps2_keyboard *kb, u8 v)
{
    if (kb->s.reply_count < REPLIES)
        kb->s.replies[kb->s.reply_count++] = v;
    i8042_wake(kb->kbc, PS2_KEYBOARD);
}

static void default_types(struct ps2_keyboard *kb)
{
    memset(kb->s.type3, SET3_ALL, sizeof kb->s.type3);
    for (int usage = 0; usage < 256; usage++)
        if (ps2_key((u8)usage)->set3)
            kb->s.type3[ps2_key((u8)usage)->set3] = ps2_key((u8)usage)->type3;
}

static void set_defaults(struct ps2_keyboard *kb)
{
    kb->s.rate = RATE_DEFAULT;
    kb->s.set = 2;
    clear_buffer(kb);
    stop_repeat(kb);
    default_types(kb);
}

static void test_done(void *dev)
{
    struct ps2_keyboard *kb = dev;
    kb->s.enabled = 1;
    reply(kb, BAT_OK);
}

static void run_reset(struct ps2_keyboard *kb)
{
    set_defaults(kb);
    kb->s.leds = 0;
    kb->s.enabled = 0;
    timer_set(&kb->test, machine_now(kb->dev.machine) + BAT_NS);
}

static void set_all_types(struct ps2_keyboard *kb, u8 type)
{
    memset(kb->s.type3, type, sizeof kb->s.type3);
    clear_buffer(kb);
    reply(kb, ACK);
}

static void choose_set(struct ps2_keyboard *kb, u8 v)
{
    if (v > 3) {
        reply(kb, RESEND);
        return;
    }
    reply(kb, ACK);
    if (v == 0) {
        reply(kb, kb->s.set);
        return;
    }
    kb->s.set = v;
    clear_buffer(kb);
    stop_repeat(kb);
}

/* A parameter of the command before. False if it is none but a new command. */
static bool parameter(struct ps2_keyboard *kb, u8 v)
{
    u8 c = kb->s.command;
    if (v >= 0xed) {
        kb->s.command = 0;
        return false;
    }
    if (c >= 0xfb && c <= 0xfd) {               /* key types: any number of set 3 codes, until a command */
        kb->s.type3[v] = c == 0xfb ? SET3_TYPEMATIC : c == 0xfc ? SET3_MAKE_BREAK : SET3_MAKE;
        reply(kb, ACK);
        return true;
    }
    kb->s.command = 0;
    if (c == 0xf0) {
        choose_set(kb, v);
        return true;
    }
    if (v & 0x80) {
        reply(kb, RESEND);
        return true;
    }
    if (c == 0xed)
        kb->s.leds = v & 7;
    else
        kb->s.rate = v;
    reply(kb, ACK);
    return true;
}

static void run_command(struct ps2_keyboard *kb, u8 c)
{
    switch (c) {
    case 0xed: case 0xf0: case 0xf3:                            /* with a parameter */
        kb->s.command = c;
        reply(kb, ACK);
        break;
    case 0xee: reply(kb, ECHO); break;
    case 0xf2: reply(kb, ACK), reply(kb, 0xab), reply(kb, 0x83); break;
    case 0xf4:
        clear_buffer(kb);
        kb->s.enabled = 1;
        reply(kb, ACK);
        break;
    case 0xf5: case 0xf6:
        set_defaults(kb);
        kb->s.enabled = c == 0xf6;
        reply(kb, ACK);
        break;
    case 0xf7: set_all_types(kb, SET3_TYPEMATIC); break;
    case 0xf8: set_all_types(kb, SET3_MAKE_BREAK); break;
    case 0xf9: set_all_types(kb, SET3_MAKE); break;
    case 0xfa: set_all_types(kb, SET3_ALL); break;
    case 0xfb: case 0xfc: case 0xfd:
        clear_buffer(kb);
        kb->s.command = c;
        reply(kb, ACK);
        break;
    case 0xfe: reply(kb, kb->s.last_sent); break;
    case 0xff:
        reply(kb, ACK);
        run_reset(kb);
        break;
    default:
        reply(kb, RESEND);
    }
}

/* A byte from the system: what was still to be answered is dropped. */
static void keyboard_receive(void *dev, u8 v)
{
    struct ps2_keyboard *kb = dev;
    kb->s.reply_count = 0;
    timer_set(&kb->test, TIMER_OFF);
    if (kb->s.command && parameter(kb, v))
        return;
    run_command(kb, v);
}

static void keyboard_reset(void *dev)
{
    struct ps2_keyboard *kb = dev;
    u8 down[KEYS_DOWN];
    memcpy(down, kb->s.down, sizeof down);      /* fingers do not notice the reset */
    memset(&kb->s, 0, sizeof kb->s);
    memcpy(kb->s.down, down, sizeof down);
    run_reset(kb);
}

static const struct bits led_bits[] = { BIT("Caps Lock", 2), BIT("Num Lock", 1), BIT("Scroll Lock", 0), BITS_END };
static const struct shown registers[] = { SHOWN(struct ps2_keyboard_state, leds, "LEDs", led_bits), SHOWN_END };

static void describe(const void *dev, FILE *out)
{
    const struct ps2_keyboard *kb = dev;
    tell_line(out, "scanning", "%s, scan code set %d, typematic %02x", kb->s.enabled ? "on" : "off", kb->s.set, kb->s.rate);
    tell_line(out, "to send", "%d scan codes, %d replies%s", kb->s.buffered, kb->s.reply_count, kb->s.overrun ? ", overrun" : "");
    if (kb->s.command)
        tell_line(out, "waits", "command %02x waits for its parameter", kb->s.command);
    fputs("  keys down", out);
    for (int k = 0; k < 8 * KEYS_DOWN; k++)
        if (held(kb, k))
            fprintf(out, " %02x", k);
    fputs(" (USB usages)\n", out);
}

static const struct device_class ps2_keyboard_class = {
    .name = "ps2_keyboard",
    .title = "keyboard",
    .log = "input",
    .size = sizeof(struct ps2_keyboard),
    .state_offset = offsetof(struct ps2_keyboard, s),
    .state_size = sizeof(struct ps2_keyboard_state),
    .fields = fields,
    .reset = keyboard_reset,
    .registers = registers,
    .describe = describe,
};

struct ps2_keyboard *ps2_keyboard_new(struct machine *m, struct i8042 *kbc)
{
    struct ps2_keyboard *kb = device_new(m, &ps2_keyboard_class, "keyboard");
    kb->kbc = kbc;
    timer_init(m, &kb->repeat, "keyboard.repeat", repeat_fire, kb);
    timer_init(m, &kb->test, "keyboard.test", test_done, kb);
    i8042_plug(kbc, PS2_KEYBOARD, &(struct ps2_device) { keyboard_receive, keyboard_ready, keyboard_send, kb });
    machine_input_sink(m, keyboard_input, kb);
    return kb;
}

u8 ps2_keyboard_leds(const struct ps2_keyboard *kb) { return kb->s.leds; }
