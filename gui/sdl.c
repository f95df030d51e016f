/* sdl.c - the window (SDL 2): pictures, keyboard, mouse. It lives in the main thread.
 * Here: aspect kept; sharp pixels where the scale is a whole number, smooth ones elsewhere; the mouse captured on a click
 * and given back with Ctrl+Alt+G; Ctrl+Alt+F for the full screen. */
#include "gui.h"
#include <stdio.h>

#ifdef HAVE_SDL2
#define SDL_MAIN_HANDLED
#include <SDL.h>
#include "keys.h"

#define TITLE "Vitrine"
#define TITLE_FREE TITLE " - click to use the mouse, Ctrl+Alt+F for the full screen"
#define TITLE_CAPTURED TITLE " - press Ctrl+Alt+G to release the mouse"

enum { KEYS = 256, MIN_WIDTH = 160, MIN_HEIGHT = 100 };

struct window {
    struct gui_link *link;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int texture_width, texture_height;
    struct frame frame;
    u64 frame_seen, status_seen;
    char status[256];
    bool down[KEYS];                    /* what the guest believes pressed */
    u8 buttons;
    bool captured, redraw, sized_by_user;
    int asked_width, asked_height;      /* the size that we gave the window, */
    int before_width, before_height;    /* and the one before: its event may still be on the way */
};

/* ---- input ---- */

static void send_key(struct window *w, int key, bool down)
{
    if (key <= 0 || key >= KEYS || (!down && !w->down[key]))
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
    for (int k = 0; k < KEYS; k++)
        if (w->down[k])
            send_key(w, k, false);
    if (w->buttons)
        send_buttons(w, 0);
}

static void set_title(struct window *w)
{
    char title[400];
    const char *base = w->captured ? TITLE_CAPTURED : TITLE_FREE;
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
    set_title(w);
}

static void full_screen(struct window *w)
{
    bool on = SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
    SDL_SetWindowFullscreen(w->window, on ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
    w->redraw = true;
}

static void key_event(struct window *w, const SDL_KeyboardEvent *e)
{
    int key = (int)e->keysym.scancode;
    bool down = e->type == SDL_KEYDOWN;
    bool ours = (e->keysym.mod & KMOD_CTRL) && (e->keysym.mod & KMOD_ALT);
    if (down && e->repeat)
        return;                         /* the keyboard in the machine repeats by itself */
    if (down && ours && key == SDL_SCANCODE_G) {
        capture(w, false);
        release_all(w);
    } else if (down && ours && key == SDL_SCANCODE_F) {
        full_screen(w);
        release_all(w);
    } else {
        send_key(w, key, down);
    }
}

static i16 clamp16(int v) { return (i16)(v > 32767 ? 32767 : v < -32767 ? -32767 : v); }

static u8 button_bit(u8 button)
{
    return button == SDL_BUTTON_LEFT ? 1 : button == SDL_BUTTON_RIGHT ? 2 : button == SDL_BUTTON_MIDDLE ? 4 : 0;
}

static void mouse_event(struct window *w, const SDL_Event *e)
{
    struct input_event move = { .kind = INPUT_MOUSE_MOVE, .buttons = w->buttons };
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
        capture(w, false);
        release_all(w);
        break;
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        if ((e->data1 != w->asked_width || e->data2 != w->asked_height)
            && (e->data1 != w->before_width || e->data2 != w->before_height))
            w->sized_by_user = true;
        w->redraw = true;
        break;
    case SDL_WINDOWEVENT_EXPOSED:
        w->redraw = true;
        break;
    case SDL_WINDOWEVENT_CLOSE:
        link_stop(w->link);
        break;
    }
}

static void handle(struct window *w, const SDL_Event *e)
{
    switch (e->type) {
    case SDL_QUIT:
        link_stop(w->link);
        break;
    case SDL_KEYDOWN: case SDL_KEYUP:
        key_event(w, &e->key);
        break;
    case SDL_MOUSEMOTION: case SDL_MOUSEBUTTONDOWN: case SDL_MOUSEBUTTONUP: case SDL_MOUSEWHEEL:
        mouse_event(w, e);
        break;
    case SDL_WINDOWEVENT:
        window_event(w, &e->window);
        break;
    case SDL_RENDER_TARGETS_RESET: case SDL_RENDER_DEVICE_RESET:
        SDL_DestroyTexture(w->texture);
        w->texture = NULL;
        w->redraw = true;
        break;
    }
}

/* ---- output ---- */

/* The size that a picture has on a monitor, in square pixels: modes with flat or narrow pixels get even ones. */
static void nominal_size(const struct frame *f, int *width, int *height)
{
    *width = f->width;
    *height = f->height;
    if (*width > 2 * *height + *height / 2)
        *height *= 2;                   /* 640 x 200 */
    if (*height > *width)
        *width *= 2;                    /* 320 x 400 */
}

/* A window that grew over the desktop's edge is moved back. */
static void keep_on_desktop(struct window *w, const SDL_Rect *desktop)
{
    int x, y, new_x, new_y;
    if (!desktop->w)
        return;
    SDL_GetWindowPosition(w->window, &x, &y);
    new_x = x + w->asked_width > desktop->x + desktop->w ? desktop->x + desktop->w - w->asked_width : x;
    new_y = y + w->asked_height > desktop->y + desktop->h ? desktop->y + desktop->h - w->asked_height : y;
    if (new_x != x || new_y != y)
        SDL_SetWindowPosition(w->window, new_x, new_y);
}

/* Small pictures are shown twice as large; the window never leaves the desktop. */
static void fit_window(struct window *w)
{
    int width, height;
    SDL_Rect desktop = { 0 };
    nominal_size(&w->frame, &width, &height);
    if (width < 512 && height < 400)
        width *= 2, height *= 2;
    if (!SDL_GetDisplayUsableBounds(SDL_GetWindowDisplayIndex(w->window), &desktop)) {
        if (width > desktop.w)
            height = height * desktop.w / width, width = desktop.w;
        if (height > desktop.h)
            width = width * desktop.h / height, height = desktop.h;
    }
    width = width > MIN_WIDTH ? width : MIN_WIDTH;
    height = height > MIN_HEIGHT ? height : MIN_HEIGHT;
    if ((width == w->asked_width && height == w->asked_height) || w->sized_by_user
        || (SDL_GetWindowFlags(w->window) & (SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_MAXIMIZED)))
        return;
    w->before_width = w->asked_width;
    w->before_height = w->asked_height;
    w->asked_width = width;
    w->asked_height = height;
    SDL_SetWindowSize(w->window, width, height);
    keep_on_desktop(w, &desktop);
}

/* The frame into the texture; false if SDL cannot (then the next frame tries again). */
static bool upload(struct window *w)
{
    const struct frame *f = &w->frame;
    if (!w->texture || w->texture_width != f->width || w->texture_height != f->height) {
        if (w->texture)
            SDL_DestroyTexture(w->texture);
        w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                       f->width, f->height);
        if (!w->texture)
            return false;
        w->texture_width = f->width;
        w->texture_height = f->height;
        fit_window(w);
    }
    return !SDL_UpdateTexture(w->texture, NULL, f->pixels, f->width * (int)sizeof *f->pixels);
}

static void present(struct window *w)
{
    int out_width = 0, out_height = 0, width, height;
    SDL_GetRendererOutputSize(w->renderer, &out_width, &out_height);
    SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    SDL_RenderClear(w->renderer);
    if (w->texture && out_width > 0 && out_height > 0) {
        nominal_size(&w->frame, &width, &height);
        SDL_Rect to = { .w = out_width, .h = height * out_width / width };
        if (to.h > out_height)
            to.h = out_height, to.w = width * out_height / height;
        to.x = (out_width - to.w) / 2;
        to.y = (out_height - to.h) / 2;
        bool whole = to.w % w->frame.width == 0 && to.h % w->frame.height == 0;
        SDL_SetTextureScaleMode(w->texture, whole ? SDL_ScaleModeNearest : SDL_ScaleModeLinear);
        SDL_RenderCopy(w->renderer, w->texture, NULL, &to);
    }
    SDL_RenderPresent(w->renderer);
}

static void refresh(struct window *w)
{
    if (link_take_status(w->link, w->status, sizeof w->status, &w->status_seen))
        set_title(w);
    bool newer = link_frame(w->link, &w->frame, &w->frame_seen);
    if ((newer || (w->redraw && w->frame_seen)) && upload(w))
        w->redraw = true;
    if (w->redraw)
        present(w);
    w->redraw = false;
}

/* ---- life ---- */

/* SDL drivers that open a "window" nobody sees count only if they were asked for. */
static bool visible_driver(void)
{
    const char *driver = SDL_GetCurrentVideoDriver(), *asked = SDL_getenv("SDL_VIDEODRIVER");
    bool hidden = !driver || !strcmp(driver, "dummy") || !strcmp(driver, "offscreen") || !strcmp(driver, "evdev");
    return !hidden || (driver && asked && *asked);
}

static bool window_open(struct window *w, char *error, size_t n)
{
    SDL_SetMainReady();
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO)) {
        snprintf(error, n, "no window: %s", SDL_GetError());
        return false;
    }
    if (!visible_driver()) {
        snprintf(error, n, "no window: there is no display (set DISPLAY or WAYLAND_DISPLAY)");
        return false;
    }
    w->asked_width = 720;
    w->asked_height = 400;
    w->window = SDL_CreateWindow(TITLE, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, w->asked_width, w->asked_height,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
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
    SDL_EnableScreenSaver();
    SDL_StopTextInput();                /* no input method between the keys and the guest */
    set_title(w);
    present(w);
    return true;
}

static void window_close(struct window *w)
{
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    frame_free(&w->frame);
}

bool sdl_run(struct gui_link *l, char *error, size_t n)
{
    enum { PERIOD = 15 };               /* ms between looks at the link */
    struct window w = { .link = l };
    bool opened = window_open(&w, error, n);
    while (opened && !link_ended(l)) {
        SDL_Event e;
        for (bool any = SDL_WaitEventTimeout(&e, PERIOD); any; any = SDL_PollEvent(&e))
            handle(&w, &e);
        refresh(&w);
    }
    if (opened)
        release_all(&w);
    window_close(&w);
    return opened;
}

#else

bool sdl_run(struct gui_link *l, char *error, size_t n)
{
    (void)l;
    snprintf(error, n, "no window: this build has no SDL2");
    return false;
}

#endif
