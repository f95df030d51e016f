/* terminal_keys.c - what a terminal's keys type on the guest's keyboard: xterm's control sequences ("Special Keys", "PC-Style
 * Function Keys", "Bracketed Paste Mode"), rxvt's where they differ, and what terminfo(5) knows of others.
 * Here: characters as a US keyboard types them, those of code page 437 by Alt and the keypad, names keys with Ctrl, Alt and
 * Shift. What has no key is said in the status line. */
#include "terminal_parts.h"

#ifdef HAVE_NCURSES
#include <stdio.h>

enum { ESCAPE = 0x1b, ALT_WAIT = 25 /* ms */ };
/* Codes of our own for define_key(), above those that curses gives out: usage + KEY_OURS + 256 * modifiers. */
enum { KEY_OURS = 0x4000, KEY_PASTE_BEGIN = 0x7000, KEY_PASTE_END };

static void type(struct terminal *t, u8 key, u8 with)
{
    link_type(t->link, &(struct key_stroke){ .key = key, .with = with });
}

static void type_character(struct terminal *t, wint_t c, u8 with)
{
    struct key_stroke stroke = { .key = HID_SPACE, .with = KEY_WITH_CTRL };     /* character 0 */
    bool control = c && c < 32 && c != '\r' && c != '\n' && c != '\t' && c != '\b' && c != ESCAPE;
    if (control) {
        if (!key_of_character(c <= 26 ? (int)c - 1 + 'a' : "\\]^_"[c - 28], &stroke))
            return;
        stroke.with |= KEY_WITH_CTRL;
    } else if (c && (!key_of_unicode(c, &stroke) || (with && stroke.kind == STROKE_CODE))) {
        terminal_notice(t, "'%lc' (U+%04X) is not on the guest's US keyboard and was not typed", c, (unsigned)c);
        return;
    }
    if (stroke.kind == STROKE_CODE)
        terminal_notice(t, "'%lc' has no key: typed as Alt+%d on the keypad (not every system takes it)", c, stroke.key);
    stroke.with |= with;
    link_type(t->link, &stroke);
}

/* ---- keys with names ---- */

/* Keys that ncurses knows by name. Shifted function keys follow the unshifted: terminfo, user_caps(5). */
static bool named_key(int code, struct key_stroke *out)
{
    static const struct { int code; u8 key, with; } row[] = {
        { KEY_UP, HID_UP, 0 }, { KEY_DOWN, HID_DOWN, 0 }, { KEY_LEFT, HID_LEFT, 0 }, { KEY_RIGHT, HID_RIGHT, 0 },
        { KEY_HOME, HID_HOME, 0 }, { KEY_END, HID_END, 0 }, { KEY_PPAGE, HID_PAGE_UP, 0 },
        { KEY_NPAGE, HID_PAGE_DOWN, 0 },
        { KEY_IC, HID_INSERT, 0 }, { KEY_DC, HID_DELETE, 0 }, { KEY_BACKSPACE, HID_BACKSPACE, 0 },
        { KEY_ENTER, HID_KEYPAD_ENTER, 0 }, { KEY_BTAB, HID_TAB, KEY_WITH_SHIFT },
        { KEY_SLEFT, HID_LEFT, KEY_WITH_SHIFT }, { KEY_SRIGHT, HID_RIGHT, KEY_WITH_SHIFT },
        { KEY_SR, HID_UP, KEY_WITH_SHIFT }, { KEY_SF, HID_DOWN, KEY_WITH_SHIFT },
        { KEY_SHOME, HID_HOME, KEY_WITH_SHIFT }, { KEY_SEND, HID_END, KEY_WITH_SHIFT },
        { KEY_SDC, HID_DELETE, KEY_WITH_SHIFT }, { KEY_SIC, HID_INSERT, KEY_WITH_SHIFT },
        { KEY_SPREVIOUS, HID_PAGE_UP, KEY_WITH_SHIFT }, { KEY_SNEXT, HID_PAGE_DOWN, KEY_WITH_SHIFT },
        { KEY_B2, HID_KEYPAD_1 + 4, 0 },
    };
    static const u8 with[] = { 0, KEY_WITH_SHIFT, KEY_WITH_CTRL, KEY_WITH_CTRL | KEY_WITH_SHIFT, KEY_WITH_ALT };
    *out = (struct key_stroke) { 0 };
    if (code >= KEY_OURS && code < KEY_PASTE_BEGIN) {
        out->key = (u8)code;
        out->with = (u8)((code - KEY_OURS) >> 8);
        return true;
    }
    for (size_t k = 0; k < ARRAY_LEN(row); k++)
        if (row[k].code == code) {
            out->key = row[k].key;
            out->with = row[k].with;
            return true;
        }
    int f = code - KEY_F(1);
    if (f < 0 || f / 12 >= (int)ARRAY_LEN(with))
        return false;
    out->key = (u8)(HID_F1 + f % 12);
    out->with = with[f / 12];
    return true;
}

static void define(const char *sequence, u8 key, int with) { define_key(sequence, KEY_OURS + key + 256 * with); }

/* xterm: CSI 1 ; M final, or CSI number ; M ~, where M - 1 has Shift, Alt and Ctrl in bits 0, 1 and 2. */
static void define_xterm(const char *before, const char *after, u8 key)
{
    char sequence[32];
    for (int m = 1; m < 8; m++) {
        int with = (m & 1 ? KEY_WITH_SHIFT : 0) | (m & 2 ? KEY_WITH_ALT : 0) | (m & 4 ? KEY_WITH_CTRL : 0);
        snprintf(sequence, sizeof sequence, "\033[%s;%d%s", before, m + 1, after);
        define(sequence, key, with);
    }
}

/* rxvt: another last character instead. */
static void define_rxvt(const char *before, const char *ends, u8 key)
{
    static const int with[] = { KEY_WITH_SHIFT, KEY_WITH_CTRL, KEY_WITH_CTRL | KEY_WITH_SHIFT };
    char sequence[32];
    for (int k = 0; ends[k]; k++) {
        snprintf(sequence, sizeof sequence, "\033[%s%c", before, ends[k]);
        define(sequence, key, with[k]);
    }
}

static void paste_marks(bool on)
{
    fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
    fflush(stdout);
}

void terminal_keys_open(void)
{
    static const struct { const char *before, *after; u8 key; } rows[] = {
        { "1", "A", HID_UP }, { "1", "B", HID_DOWN }, { "1", "C", HID_RIGHT }, { "1", "D", HID_LEFT },
        { "1", "H", HID_HOME }, { "1", "F", HID_END }, { "1", "E", HID_KEYPAD_1 + 4 },
        { "1", "P", HID_F1 }, { "1", "Q", HID_F1 + 1 }, { "1", "R", HID_F1 + 2 }, { "1", "S", HID_F1 + 3 },
        { "1", "~", HID_HOME }, { "4", "~", HID_END }, { "7", "~", HID_HOME }, { "8", "~", HID_END },
        { "2", "~", HID_INSERT }, { "3", "~", HID_DELETE }, { "5", "~", HID_PAGE_UP }, { "6", "~", HID_PAGE_DOWN },
        { "11", "~", HID_F1 }, { "12", "~", HID_F1 + 1 }, { "13", "~", HID_F1 + 2 }, { "14", "~", HID_F1 + 3 },
        { "15", "~", HID_F1 + 4 }, { "17", "~", HID_F1 + 5 }, { "18", "~", HID_F1 + 6 }, { "19", "~", HID_F1 + 7 },
        { "20", "~", HID_F1 + 8 }, { "21", "~", HID_F1 + 9 }, { "23", "~", HID_F1 + 10 }, { "24", "~", HID_F12 },
    };
    static const struct { const char *sequence; u8 key, with; } rxvt_arrows[] = {
        { "\033[a", HID_UP, KEY_WITH_SHIFT }, { "\033[b", HID_DOWN, KEY_WITH_SHIFT },
        { "\033[c", HID_RIGHT, KEY_WITH_SHIFT }, { "\033[d", HID_LEFT, KEY_WITH_SHIFT },
        { "\033Oa", HID_UP, KEY_WITH_CTRL }, { "\033Ob", HID_DOWN, KEY_WITH_CTRL },
        { "\033Oc", HID_RIGHT, KEY_WITH_CTRL }, { "\033Od", HID_LEFT, KEY_WITH_CTRL },
    };
    char plain[16];
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        bool tilde = *rows[k].after == '~';
        define_xterm(rows[k].before, rows[k].after, rows[k].key);
        if (tilde)
            define_rxvt(rows[k].before, "$^@", rows[k].key);
        snprintf(plain, sizeof plain, "\033[%s%s", tilde ? rows[k].before : "", rows[k].after);
        if (!key_defined(plain))
            define(plain, rows[k].key, 0);
        snprintf(plain, sizeof plain, "\033O%s", rows[k].after);           /* application mode, and F1 to F4 */
        if (!tilde && !key_defined(plain))
            define(plain, rows[k].key, 0);
    }
    for (size_t k = 0; k < ARRAY_LEN(rxvt_arrows); k++)
        if (!key_defined(rxvt_arrows[k].sequence))
            define(rxvt_arrows[k].sequence, rxvt_arrows[k].key, rxvt_arrows[k].with);
    define_key("\033[200~", KEY_PASTE_BEGIN);
    define_key("\033[201~", KEY_PASTE_END);
    set_escdelay(ALT_WAIT);
    paste_marks(true);
}

void terminal_keys_close(void) { paste_marks(false); }

/* ---- where they go ---- */

struct menu_front terminal_front(const struct terminal *t)
{
    struct menu_front front;
    memset(&front, 0, sizeof front);    /* it is compared byte by byte */
    front.status_line = !t->no_status_line;
    return front;
}

static void act(struct terminal *t, enum menu_act what)
{
    if (what == MENU_CTRL_ALT_DEL)
        type(t, HID_DELETE, KEY_WITH_CTRL | KEY_WITH_ALT);
    else if (what == MENU_STATUS_LINE)
        t->no_status_line = !t->no_status_line;
}

/* The menu is open, and now this key: a letter that is a short way, or a key of the menu; a character,
 * or one of curses' KEY_ codes if `named`. The way in for everything that the person wants of Vitrine and not of the guest. */
static void prefix_key(struct terminal *t, wint_t c, bool named)
{
    t->notice_until = 0;
    switch (!named && t->menu.page == PAGE_MAIN ? c : 0) {
    case 'q': case 'Q': link_close(t->link); break;
    case 'd': case 'D': act(t, MENU_CTRL_ALT_DEL); break;
    case 'g': case 'G': link_command(t->link, COMMAND_DEBUG, 0, NULL); break;
    case 's': case 'S': link_command(t->link, COMMAND_SCREENSHOT, 0, NULL); break;
    case 'a': case 'A': link_command(t->link, COMMAND_NEXT, 0, NULL); break;
    case 'b': case 'B': link_command(t->link, COMMAND_NEXT, 1, NULL); break;
    case 'c': case 'C': link_command(t->link, COMMAND_NEXT, 4, NULL); break;
    case 'x': case 'X':
        terminal_notice(t, "%zu keys dropped that were not typed yet", link_typing(t->link));
        link_type_stop(t->link);
        break;
    case PREFIX:
        type_character(t, PREFIX, 0);
        break;
    default:
        act(t, terminal_menu_key(&t->menu, c, named));
        return;
    }
    menu_close(&t->menu);
}

/* Escape by itself, or Alt with the key that follows at once. */
static void escape(struct terminal *t)
{
    struct key_stroke stroke;
    wint_t next;
    timeout(ALT_WAIT);
    int kind = get_wch(&next);
    timeout(LOOK);
    if (kind == OK) {
        type_character(t, next, KEY_WITH_ALT);
    } else if (kind == KEY_CODE_YES && named_key((int)next, &stroke)) {
        stroke.with |= KEY_WITH_ALT;
        link_type(t->link, &stroke);
    } else {
        type(t, HID_ESCAPE, 0);
    }
}

bool terminal_key(struct terminal *t, int kind, wint_t c)
{
    struct key_stroke stroke;
    bool menu = t->menu.open;
    if (kind == KEY_CODE_YES && (c == KEY_PASTE_BEGIN || c == KEY_PASTE_END)) {
        t->pasting = c == KEY_PASTE_BEGIN;
    } else if (t->pasting && kind == OK) {
        if (menu && t->menu.page == PAGE_FILE && c >= ' ')
            terminal_menu_key(&t->menu, c, false);
        else if (!menu && c != ESCAPE && c != PREFIX)
            type_character(t, c, 0);
    } else if (menu) {
        prefix_key(t, c, kind == KEY_CODE_YES);
    } else if (kind == KEY_CODE_YES && named_key((int)c, &stroke)) {
        link_type(t->link, &stroke);
    } else if (kind == OK && c == PREFIX) {
        struct menu_front front = terminal_front(t);
        menu_open(&t->menu, &front);
    } else if (kind == OK && c == ESCAPE) {
        escape(t);
    } else if (kind == OK) {
        type_character(t, c, 0);
    } else if (kind == KEY_CODE_YES) {
        terminal_notice(t, "that key (%s) is not on the guest's keyboard", keyname((int)c) ? keyname((int)c) : "?");
    }
    return menu || t->menu.open;
}

#endif
