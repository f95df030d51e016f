/* keys.c - see keys.h. */
#include "keys.h"
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
        *out = (struct key_stroke) { (u8)(HID_A + c - 'A'), KEY_WITH_SHIFT };
    else if ((at = strchr(digits, c)))
        out->key = (u8)(HID_1 + (at - digits));
    else if ((at = strchr(above, c)))
        *out = (struct key_stroke) { (u8)(HID_1 + (at - above)), KEY_WITH_SHIFT };
    else if (c == ' ')
        out->key = HID_SPACE;
    else if ((at = strchr(plain, c)))                       /* in the order of the usage codes from 2d */
        out->key = (u8)(0x2d + (at - plain));
    else if ((at = strchr(shifted, c)))
        *out = (struct key_stroke) { (u8)(0x2d + (at - shifted)), KEY_WITH_SHIFT };
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
            *out = (struct key_stroke) { names[k].key, with };
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
        int c = (u8)*text;
        const char *end = c == '<' ? name_end(text) : NULL;
        if (end) {
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

int key_stroke_events(const struct key_stroke *stroke, struct input_event out[KEY_EVENTS_MAX])
{
    int n = 0;
    for (int k = 0; k < 4; k++)
        if (stroke->with >> k & 1)
            out[n++] = (struct input_event) { .kind = INPUT_KEY, .key = (u8)(HID_LEFT_CTRL + k), .down = 1 };
    out[n++] = (struct input_event) { .kind = INPUT_KEY, .key = stroke->key, .down = 1 };
    out[n++] = (struct input_event) { .kind = INPUT_KEY, .key = stroke->key };
    for (int k = 3; k >= 0; k--)
        if (stroke->with >> k & 1)
            out[n++] = (struct input_event) { .kind = INPUT_KEY, .key = (u8)(HID_LEFT_CTRL + k) };
    return n;
}
