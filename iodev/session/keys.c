/* keys.c - see keys.h. */
#include "keys.h"
#include "cp437.h"
#include <stdio.h>

struct named_key { const char *name; u8 key; };
static const struct named_key names[] = {
    { "enter", HID_ENTER }, { "return", HID_ENTER }, { "ret", HID_ENTER }, { "esc", HID_ESCAPE }, { "escape", HID_ESCAPE },
    { "backspace", HID_BACKSPACE }, { "bs", HID_BACKSPACE }, { "tab", HID_TAB }, { "space", HID_SPACE }, { "spc", HID_SPACE },
    { "capslock", HID_CAPS_LOCK }, { "print", HID_PRINT_SCREEN }, { "sysrq", HID_PRINT_SCREEN },
    { "scrolllock", HID_SCROLL_LOCK }, { "pause", HID_PAUSE }, { "break", HID_PAUSE }, { "insert", HID_INSERT },
    { "ins", HID_INSERT }, { "home", HID_HOME }, { "pageup", HID_PAGE_UP }, { "pgup", HID_PAGE_UP }, { "delete", HID_DELETE },
    { "del", HID_DELETE }, { "end", HID_END }, { "pagedown", HID_PAGE_DOWN }, { "pgdn", HID_PAGE_DOWN },
    { "right", HID_RIGHT }, { "left", HID_LEFT }, { "down", HID_DOWN }, { "up", HID_UP }, { "numlock", HID_NUM_LOCK },
    { "kp/", 0x54 }, { "kp*", 0x55 }, { "kp-", 0x56 }, { "kp+", 0x57 }, { "kpenter", HID_KEYPAD_ENTER },
    { "kp1", 0x59 }, { "kp2", 0x5a }, { "kp3", 0x5b }, { "kp4", 0x5c }, { "kp5", 0x5d }, { "kp6", 0x5e }, { "kp7", 0x5f },
    { "kp8", 0x60 }, { "kp9", 0x61 }, { "kp0", 0x62 }, { "kp.", 0x63 }, { "menu", HID_APPLICATION },
    { "ctrl", HID_LEFT_CTRL }, { "shift", HID_LEFT_SHIFT }, { "alt", HID_LEFT_ALT }, { "win", HID_LEFT_GUI },
    { "rctrl", HID_RIGHT_CTRL }, { "rshift", HID_RIGHT_SHIFT }, { "altgr", HID_RIGHT_ALT }, { "rwin", HID_RIGHT_GUI },
    { "f1", HID_F1 }, { "f2", HID_F1 + 1 }, { "f3", HID_F1 + 2 }, { "f4", HID_F1 + 3 }, { "f5", HID_F1 + 4 },
    { "f6", HID_F1 + 5 }, { "f7", HID_F1 + 6 }, { "f8", HID_F1 + 7 }, { "f9", HID_F1 + 8 }, { "f10", HID_F1 + 9 },
    { "f11", HID_F1 + 10 }, { "f12", HID_F12 },
};

static const struct { const char *name; u8 with; } modifiers[] = {
    { "ctrl-", KEY_WITH_CTRL }, { "shift-", KEY_WITH_SHIFT }, { "alt-", KEY_WITH_ALT }, { "win-", KEY_WITH_GUI },
};

const char *keys_name(int index) { return index >= 0 && (size_t)index < ARRAY_LEN(names) ? names[index].name : NULL; }

bool key_of_character(int c, struct key_stroke *out)
{
    static const char plain[] = "-=[]\\#;'`,./", shifted[] = "_+{}| :\"~<>?", digits[] = "1234567890",
                      above[] = "!@#$%^&*()";
    const char *at;
    *out = (struct key_stroke) { 0 };
    if (c <= 0 || c > 127)
        return false;
    if (c >= 'a' && c <= 'z')
        out->key = (u8)(HID_A + c - 'a');
    else if (c >= 'A' && c <= 'Z')
        *out = (struct key_stroke) { .key = (u8)(HID_A + c - 'A'), .with = KEY_WITH_SHIFT };
    else if ((at = strchr(digits, c)))
        out->key = (u8)(HID_1 + (at - digits));
    else if ((at = strchr(above, c)))
        *out = (struct key_stroke) { .key = (u8)(HID_1 + (at - above)), .with = KEY_WITH_SHIFT };
    else if (c == ' ')
        out->key = HID_SPACE;
    else if ((at = strchr(plain, c)))                       /* in the order of the usage codes from 2d */
        out->key = (u8)(0x2d + (at - plain));
    else if ((at = strchr(shifted, c)))
        *out = (struct key_stroke) { .key = (u8)(0x2d + (at - shifted)), .with = KEY_WITH_SHIFT };
    else if (c == '\n' || c == '\r')
        out->key = HID_ENTER;
    else if (c == '\t')
        out->key = HID_TAB;
    else if (c == '\b' || c == 127)
        out->key = HID_BACKSPACE;
    else if (c == 27)
        out->key = HID_ESCAPE;
    else
        return false;
    return true;
}

bool key_of_unicode(u32 c, struct key_stroke *out)
{
    if (c < 128)
        return key_of_character((int)c, out);
    *out = (struct key_stroke) { .kind = STROKE_CODE };
    for (int code = 0x80; code < 0xff && !out->key; code++)
        if (cp437_unicode((u8)code) == c)
            out->key = (u8)code;
    return out->key;
}

static bool same_name(const char *a, const char *b, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!b[k] || (a[k] | 0x20) != (b[k] | 0x20))
            return false;
    return true;
}

/* What stands between < and >: modifiers, then a key's name or a character. */
static bool parse_name(const char *text, size_t n, struct key_stroke *out)
{
    u8 with = 0;
    for (size_t k = 0; k < ARRAY_LEN(modifiers); ) {
        size_t length = strlen(modifiers[k].name);
        if (n > length && same_name(text, modifiers[k].name, length)) {
            with |= modifiers[k].with;
            text += length, n -= length, k = 0;
        } else {
            k++;
        }
    }
    if (n == 1 && with && key_of_character((u8)*text, out)) {
        out->with |= with;
        return true;
    }
    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        if (strlen(names[k].name) == n && same_name(text, names[k].name, n)) {
            *out = (struct key_stroke) { .key = names[k].key, .with = with };
            return true;
        }
    return false;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The character of an escape; *length is what it takes. -1 if there is none such. */
static int escape(const char *text, size_t *length)
{
    static const char from[] = "nrtbe\\<", to[] = "\n\r\t\b\033\\<";
    const char *at = text[1] ? strchr(from, text[1]) : NULL;
    *length = 2;
    if (at)
        return (u8)to[at - from];
    if (text[1] != 'x' || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0)
        return -1;
    *length = 4;
    return hex_digit(text[2]) * 16 + hex_digit(text[3]);
}

/* ---- the mouse ---- */

/* The next word of a list that ends with >; its length. */
static size_t next_word(const char **at)
{
    *at += strspn(*at, " ");
    return strcspn(*at, " >");
}

static bool take_word(const char **at, const char *word)
{
    size_t n = next_word(at);
    if (n != strlen(word) || !same_name(word, *at, n))
        return false;
    *at += n;
    return true;
}

static bool take_count(const char **at, i16 *value)
{
    char *end;
    size_t n = next_word(at);
    long v = strtol(*at, &end, 10);
    if (!n || end != *at + n || v < -INT16_MAX || v > INT16_MAX)
        return false;
    *value = (i16)v;
    *at = end;
    return true;
}

static bool take_button(const char **at, u8 *buttons)
{
    static const char *const buttons_are[] = { "left", "right", "middle" };
    for (int k = 0; k < 3; k++)
        if (take_word(at, buttons_are[k])) {
            *buttons = (u8)(1 << k);
            return true;
        }
    return false;
}

int keys_parse_mouse(const char *text, struct key_stroke *out, char *error, size_t n)
{
    const char *at = text + 1, *end = strchr(text, '>');
    bool ok = false;
    *out = (struct key_stroke) { 0 };
    if (*text != '<' || !end)
        return 0;
    if (take_word(&at, "mouse")) {
        out->kind = STROKE_MOVE;
        ok = take_count(&at, &out->dx) && take_count(&at, &out->dy) && (!next_word(&at) || take_count(&at, &out->dz));
    } else if (take_word(&at, "click")) {
        out->kind = STROKE_CLICK;
        ok = take_button(&at, &out->buttons);
    } else if (take_word(&at, "button")) {
        ok = take_button(&at, &out->buttons);
        out->kind = STROKE_DOWN;
        if (!take_word(&at, "down")) {
            out->kind = STROKE_UP;
            ok = ok && take_word(&at, "up");
        }
    } else {
        return 0;
    }
    if (ok && !next_word(&at))
        return (int)(end - text) + 1;
    snprintf(error, n, "%.*s: expected <mouse DX DY>, <mouse DX DY WHEEL>, <click left>, <button left down> or"
             " <button left up> (also right, middle; counts from -32767 to 32767; write \\< for the character)",
              (int)(end - text) + 1, text);
    return -1;
}

/* ---- text ---- */

/* Does text, which starts with <, look like a key's name? Then its end. */
static const char *name_end(const char *text)
{
    const char *p = text + 1;
    if (!strncmp(p, "ctrl->>", 7) || !strncmp(p, "alt->>", 6))
        return strchr(p, '>') + 1;
    while (*p && *p != '>' && *p != ' ' && *p != '<' && p - text < 40)
        p++;
    return *p == '>' && p > text + 1 ? p : NULL;
}

int keys_parse(const char *text, struct key_stroke *out, int max, char *error, size_t n)
{
    int count = 0;
    while (*text) {
        struct key_stroke stroke;
        size_t length = 1;
        int c = (u8)*text, mouse = keys_parse_mouse(text, &stroke, error, n);
        if (mouse < 0)
            return -1;
        const char *end = c == '<' ? name_end(text) : NULL;
        if (mouse) {
            length = (size_t)mouse;
        } else if (end) {
            length = (size_t)(end - text) + 1;
            if (!parse_name(text + 1, length - 2, &stroke)) {
                snprintf(error, n, "there is no key named %.*s (write \\< for the character)", (int)length, text);
                return -1;
            }
        } else {
            if (c == '\\')
                c = escape(text, &length);
            if (c < 0) {
                snprintf(error, n, "\\%.1s is no escape (\\n \\r \\t \\b \\e \\\\ \\< \\xHH are)", text + 1);
                return -1;
            }
            if (!key_of_character(c, &stroke)) {
                snprintf(error, n, "no key of a US keyboard types character %#x", (unsigned)c);
                return -1;
            }
        }
        if (count == max) {
            snprintf(error, n, "more than %d keys", max);
            return -1;
        }
        out[count++] = stroke;
        text += length;
    }
    return count;
}

static struct input_event key_event(u8 key, bool down)
{
    return (struct input_event) { .kind = INPUT_KEY, .key = key, .down = down };
}

/* Alt and three digits: "Alt-keypad" input, PS/2 and PC BIOS Interface Technical Reference, "Interrupt 09H". */
static int code_events(u8 code, struct input_event out[KEY_EVENTS_MAX])
{
    int n = 0;
    out[n++] = key_event(HID_LEFT_ALT, true);
    for (int unit = 100; unit; unit /= 10) {
        int digit = code / unit % 10;
        u8 key = (u8)(digit ? HID_KEYPAD_1 + digit - 1 : HID_KEYPAD_0);
        out[n++] = key_event(key, true);
        out[n++] = key_event(key, false);
    }
    out[n++] = key_event(HID_LEFT_ALT, false);
    return n;
}

static int mouse_events(const struct key_stroke *s, u8 *buttons, struct input_event out[KEY_EVENTS_MAX])
{
    int n = 0;
    if (s->kind == STROKE_MOVE) {
        out[n++] = (struct input_event) { .kind = INPUT_MOUSE_MOVE, .buttons = *buttons,
                                          .dx = s->dx, .dy = s->dy, .dz = s->dz };
        return n;
    }
    if (s->kind != STROKE_UP) {
        *buttons |= s->buttons;
        out[n++] = (struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = *buttons };
    }
    if (s->kind != STROKE_DOWN) {
        *buttons &= (u8)~s->buttons;
        out[n++] = (struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = *buttons };
    }
    return n;
}

int key_stroke_events(const struct key_stroke *stroke, u8 *buttons, struct input_event out[KEY_EVENTS_MAX])
{
    int n = 0;
    if (stroke->kind == STROKE_CODE)
        return code_events(stroke->key, out);
    if (stroke->kind != STROKE_KEY)
        return mouse_events(stroke, buttons, out);
    for (int k = 0; k < 4; k++)
        if (stroke->with >> k & 1)
            out[n++] = key_event((u8)(HID_LEFT_CTRL + k), true);
    out[n++] = key_event(stroke->key, true);
    out[n++] = key_event(stroke->key, false);
    for (int k = 3; k >= 0; k--)
        if (stroke->with >> k & 1)
            out[n++] = key_event((u8)(HID_LEFT_CTRL + k), false);
    return n;
}
