/* sdl.c - the window (SDL 2): keyboard, mouse, files dropped on it. It lives in the main thread; sdl_draw.c draws.
 * Here: Ctrl+Alt and a letter are the window's own: M the menu, G gives the mouse back that a click has captured, F the full
 * screen, V types the clipboard, S takes a screenshot, D asks for the debugger, A, B, C put the next medium of their list into
 * drive A, B, the CD drive. Ctrl+Alt is taken because no key alone is free: guests and firmware use every function key. */
#include "../gui.h"
#include <stdio.h>

#ifdef HAVE_SDL2
#define SDL_MAIN_HANDLED
#include "../../iodev/session/keys.h"
#include "sdl_parts.h"
#include "sdl.h"

#define TITLE "Vitrine"
#define TITLE_FREE TITLE " - Ctrl+Alt+M for the menu, click to use the mouse"
#define TITLE_CAPTURED TITLE " - Ctrl+Alt+M for the menu, Ctrl+Alt+G releases the mouse"
#define TITLE_MENU TITLE " - the menu is open (Esc leaves)"

/* ---- input ---- */

static void send_key(struct window *w, int key, bool down)
{
    if (key <= 0 || key >= SDL_KEYS || (!down && !w->down[key]))
        return;
    w->down[key] = down;
    link_input(w->link, &(struct input_event) { .kind = INPUT_KEY, .key = (u8)key, .down = down });
}

static void send_buttons(struct window *w, u8 buttons)
{
    w->buttons = buttons;
    link_input(w->link, &(struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = buttons });
}

static void release_all(struct window *w)
{
    for (int k = 0; k < SDL_KEYS; k++)
        if (w->down[k])
            send_key(w, k, false);
    if (w->buttons)
        send_buttons(w, 0);
}

void window_set_title(struct window *w)
{
    char title[400];
    const char *base = w->menu.open ? TITLE_MENU : w->captured ? TITLE_CAPTURED : TITLE_FREE;
    snprintf(title, sizeof title, "%s%s%s", base, *w->status ? " - " : "", w->status);
    SDL_SetWindowTitle(w->window, title);
}

static void capture(struct window *w, bool on)
{
    if (on == w->captured || (on && SDL_SetRelativeMouseMode(SDL_TRUE)))
        return;
    if (!on)
        SDL_SetRelativeMouseMode(SDL_FALSE);
    SDL_SetWindowKeyboardGrab(w->window, on ? SDL_TRUE : SDL_FALSE);
    w->captured = on;
    w->redraw = true;
    window_set_title(w);
}

static void full_screen(struct window *w)
{
    SDL_SetWindowFullscreen(w->window, window_is_full(w) ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
    w->redraw = true;
}

static void paste(struct window *w)
{
    char *text = SDL_GetClipboardText();
    if (text && *text)
        link_command(w->link, COMMAND_PASTE, 0, text);
    else
        link_status(w->link, "the clipboard holds no text");
    SDL_free(text);
}

/* ---- the menu ---- */

struct menu_front window_front(const struct window *w)
{
    struct menu_front front;
    memset(&front, 0, sizeof front);    /* it is compared byte by byte */
    front.window = true;
    front.full_screen = window_is_full(w);
    front.status_line = w->status_line;
    front.captured = w->captured || w->held;
    return front;
}

static void show_menu(struct window *w, bool on)
{
    struct menu_front front = window_front(w);
    release_all(w);
    if (on) {
        menu_open(&w->menu, &front);
        w->held = w->captured;
        capture(w, false);
        SDL_EventState(SDL_TEXTINPUT, SDL_ENABLE);
        SDL_StartTextInput();
    } else {
        menu_close(&w->menu);
    }
    if (!w->menu.open) {
        SDL_StopTextInput();
        SDL_EventState(SDL_TEXTINPUT, SDL_DISABLE);
        capture(w, w->held);
        w->held = false;
    }
    w->redraw = true;
    window_set_title(w);
}

static void act(struct window *w, enum menu_act what)
{
    switch (what) {
    case MENU_NOTHING:       break;
    case MENU_DONE:          break;
    case MENU_CTRL_ALT_DEL:
        link_type(w->link, &(struct key_stroke){ .key = HID_DELETE, .with = KEY_WITH_CTRL | KEY_WITH_ALT });
        break;
    case MENU_PASTE:         paste(w); break;
    case MENU_FULL_SCREEN:   full_screen(w); break;
    case MENU_RELEASE_MOUSE: w->held = false; break;
    case MENU_STATUS_LINE:
        w->status_line = !w->status_line;
        window_fit(w);
        break;
    }
    if (what != MENU_NOTHING)
        show_menu(w, false);
    w->redraw = true;
}

static void menu_key_event(struct window *w, const SDL_KeyboardEvent *e)
{
    static const struct { SDL_Scancode from; enum menu_key to; } keys[] = {
        { SDL_SCANCODE_UP, MENU_UP }, { SDL_SCANCODE_DOWN, MENU_DOWN }, { SDL_SCANCODE_PAGEUP, MENU_PAGE_UP },
        { SDL_SCANCODE_PAGEDOWN, MENU_PAGE_DOWN }, { SDL_SCANCODE_HOME, MENU_HOME }, { SDL_SCANCODE_END, MENU_END },
        { SDL_SCANCODE_RETURN, MENU_ENTER }, { SDL_SCANCODE_KP_ENTER, MENU_ENTER }, { SDL_SCANCODE_ESCAPE, MENU_BACK },
        { SDL_SCANCODE_BACKSPACE, MENU_ERASE }, { SDL_SCANCODE_TAB, MENU_TAB },
        { SDL_SCANCODE_LEFT, MENU_BACK }, { SDL_SCANCODE_RIGHT, MENU_ENTER },
    };
    if (e->type != SDL_KEYDOWN)
        return;
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (keys[k].from == e->keysym.scancode) {
            if (e->keysym.scancode == SDL_SCANCODE_RIGHT && !(w->menu.at >= 0 && w->menu.row[w->menu.at].more))
                return;                 /* only a page opens that way */
            act(w, menu_key(&w->menu, keys[k].to));
            return;
        }
}

static void menu_mouse_event(struct window *w, const SDL_Event *e)
{
    if (e->type == SDL_MOUSEMOTION) {
        menu_choose(&w->menu, window_menu_row(w, e->motion.x, e->motion.y));
    } else if (e->type == SDL_MOUSEWHEEL) {
        menu_key(&w->menu, e->wheel.y > 0 ? MENU_UP : MENU_DOWN);
    } else if (e->type == SDL_MOUSEBUTTONDOWN && e->button.button == SDL_BUTTON_LEFT) {
        int row = window_menu_row(w, e->button.x, e->button.y);
        SDL_Point at = { e->button.x, e->button.y };
        if (menu_choose(&w->menu, row))
            act(w, menu_key(&w->menu, MENU_ENTER));
        else if (!SDL_PointInRect(&at, &w->menu_at))
            show_menu(w, false);
    }
    w->redraw = true;
}

/* ---- events ---- */

/* Ctrl+Alt and this key; false if that is the guest's. */
static bool own_key(struct window *w, int key)
{
    switch (key) {
    case SDL_SCANCODE_M: show_menu(w, !w->menu.open); break;
    case SDL_SCANCODE_G: w->held = false, capture(w, false); break;
    case SDL_SCANCODE_F: full_screen(w); break;
    case SDL_SCANCODE_V: paste(w); break;
    case SDL_SCANCODE_D: link_command(w->link, COMMAND_DEBUG, 0, NULL); break;
    case SDL_SCANCODE_S: link_command(w->link, COMMAND_SCREENSHOT, 0, NULL); break;
    case SDL_SCANCODE_A: link_command(w->link, COMMAND_NEXT, 0, NULL); break;
    case SDL_SCANCODE_B: link_command(w->link, COMMAND_NEXT, 1, NULL); break;
    case SDL_SCANCODE_C: link_command(w->link, COMMAND_NEXT, 4, NULL); break;
    default: return false;
    }
    release_all(w);
    return true;
}

static void key_event(struct window *w, const SDL_KeyboardEvent *e)
{
    int key = (int)e->keysym.scancode;
    bool down = e->type == SDL_KEYDOWN;
    bool ours = (e->keysym.mod & KMOD_CTRL) && (e->keysym.mod & KMOD_ALT);
    if (down && ours && !e->repeat && own_key(w, key))
        return;
    if (w->menu.open)
        menu_key_event(w, e);
    else if (!e->repeat)                /* the keyboard in the machine repeats by itself */
        send_key(w, key, down);
}

static i16 clamp16(int v) { return (i16)(v > 32767 ? 32767 : v < -32767 ? -32767 : v); }

static u8 button_bit(u8 button)
{
    return button == SDL_BUTTON_LEFT ? 1 : button == SDL_BUTTON_RIGHT ? 2 : button == SDL_BUTTON_MIDDLE ? 4 : 0;
}

static void mouse_event(struct window *w, const SDL_Event *e)
{
    struct input_event move = { .kind = INPUT_MOUSE_MOVE, .buttons = w->buttons };
    if (w->menu.open) {
        menu_mouse_event(w, e);
        return;
    }
    if (!w->captured) {
        if (e->type == SDL_MOUSEBUTTONDOWN && e->button.button == SDL_BUTTON_LEFT)
            capture(w, true);           /* this click is not the guest's */
        return;
    }
    switch (e->type) {
    case SDL_MOUSEMOTION:
        move.dx = clamp16(e->motion.xrel);
        move.dy = clamp16(e->motion.yrel);
        link_input(w->link, &move);
        break;
    case SDL_MOUSEWHEEL:
        move.dz = clamp16(e->wheel.direction == SDL_MOUSEWHEEL_FLIPPED ? e->wheel.y : -e->wheel.y);
        link_input(w->link, &move);
        break;
    case SDL_MOUSEBUTTONDOWN:
        send_buttons(w, w->buttons | button_bit(e->button.button));
        break;
    case SDL_MOUSEBUTTONUP:
        if (w->buttons & button_bit(e->button.button))
            send_buttons(w, w->buttons & ~button_bit(e->button.button));
        break;
    }
}

static void window_event(struct window *w, const SDL_WindowEvent *e)
{
    switch (e->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        w->held = false;
        capture(w, false);
        release_all(w);
        break;
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        if ((e->data1 != w->asked_width || e->data2 != w->asked_height)
            && (e->data1 != w->before_width || e->data2 != w->before_height) && !window_is_full(w))
            w->sized_by_user = true;
        w->redraw = true;
        break;
    case SDL_WINDOWEVENT_EXPOSED:
        w->redraw = true;
        break;
    case SDL_WINDOWEVENT_CLOSE:         /* SDL_QUIT follows it and says no more */
        link_close(w->link);
        break;
    }
}

static void dropped(struct window *w, char *file)
{
    menu_drop(&w->menu, file);
    SDL_free(file);
    show_menu(w, false);
}

static void handle(struct window *w, const SDL_Event *e)
{
    switch (e->type) {
    case SDL_KEYDOWN: case SDL_KEYUP:
        key_event(w, &e->key);
        break;
    case SDL_TEXTINPUT:
        for (const char *c = e->text.text; *c && !(SDL_GetModState() & (KMOD_CTRL | KMOD_ALT)); c++)
            menu_type(&w->menu, (u8)*c);
        w->redraw = true;
        break;
    case SDL_MOUSEMOTION: case SDL_MOUSEBUTTONDOWN: case SDL_MOUSEBUTTONUP: case SDL_MOUSEWHEEL:
        mouse_event(w, e);
        break;
    case SDL_DROPFILE:
        dropped(w, e->drop.file);
        break;
    case SDL_WINDOWEVENT:
        window_event(w, &e->window);
        break;
    case SDL_RENDER_TARGETS_RESET: case SDL_RENDER_DEVICE_RESET:
        window_drop_textures(w);
        w->redraw = true;
        break;
    }
}

/* ---- life ---- */

/* SDL drivers that open a "window" nobody sees count only if they were asked for. */
static bool visible_driver(void)
{
    const char *driver = SDL_GetCurrentVideoDriver(), *asked = SDL_getenv("SDL_VIDEODRIVER");
    bool hidden = !driver || !strcmp(driver, "dummy") || !strcmp(driver, "offscreen") || !strcmp(driver, "evdev");
    return !hidden || (driver && asked && *asked);
}

static bool window_open(struct window *w, bool fullscreen, char *error, size_t n)
{
    SDL_SetMainReady();
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO)) {
        snprintf(error, n, "no window: %s", SDL_GetError());
        return false;
    }
    if (!visible_driver()) {
        snprintf(error, n, "no window: there is no display (set DISPLAY or WAYLAND_DISPLAY)");
        return false;
    }
    w->asked_width = 720;
    w->asked_height = 540 + STATUS_HEIGHT;
    w->status_line = true;
    w->window = SDL_CreateWindow(TITLE, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, w->asked_width, w->asked_height,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI
                                 | (fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0));
    if (w->window)
        w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (w->window && !w->renderer)
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    if (!w->renderer) {
        snprintf(error, n, "no window: %s", SDL_GetError());
        return false;
    }
    SDL_SetWindowMinimumSize(w->window, MIN_WIDTH, MIN_HEIGHT);
    SDL_EventState(SDL_TEXTINPUT, SDL_DISABLE);
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    SDL_EnableScreenSaver();
    SDL_StopTextInput();                /* no input method between the keys and the guest */
    menu_init(&w->menu, w->link);
    window_set_title(w);
    w->redraw = true;
    window_refresh(w);
    return true;
}

static void window_close(struct window *w)
{
    window_drop_textures(w);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    frame_free(&w->frame);
    free(w->menu_layer.canvas.pixels);
    free(w->status_layer.canvas.pixels);
}

bool sdl_run(struct gui_link *l, bool fullscreen, char *error, size_t n)
{
    enum { PERIOD = 15 };               /* ms between looks at the link */
    struct window *w = xcalloc(1, sizeof *w);
    w->link = l;
    bool opened = window_open(w, fullscreen, error, n);
    if (opened)
        link_shows(l, false);
    while (opened && !link_ended(l)) {
        SDL_Event e;
        for (bool any = SDL_WaitEventTimeout(&e, PERIOD); any; any = SDL_PollEvent(&e))
            handle(w, &e);
        window_refresh(w);
    }
    if (opened)
        release_all(w);
    window_close(w);
    free(w);
    return opened;
}

#else

bool sdl_run(struct gui_link *l, bool fullscreen, char *error, size_t n)
{
    (void)l;
    (void)fullscreen;
    snprintf(error, n, "no window: this build has no SDL2");
    return false;
}

#endif
