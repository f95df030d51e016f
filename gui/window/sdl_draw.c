/* sdl_draw.c - what the window shows: the picture in the shape that a monitor gave it, the status line below, the menu above.
 * Here: pixels as they are where the scale is a whole number; elsewhere the picture is enlarged a whole number of times and
 * then made smaller smoothly, so that only the edges of its pixels blur. */
#ifdef HAVE_SDL2
#include "sdl_parts.h"
#include <stdio.h>

enum { STATUS_MS = 8000, STATUS_MS_FULL = 4000 };

bool window_is_full(const struct window *w)
{
    return SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
}

static int strip_height(const struct window *w) { return w->status_line && !window_is_full(w) ? STATUS_HEIGHT : 0; }

/* ---- the window's size ---- */

/* A window that grew must not hang over the desktop's edge. */
static void keep_on_desktop(struct window *w, const SDL_Rect *desktop)
{
    int x, y, new_x, new_y;
    if (!desktop->w)
        return;
    SDL_GetWindowPosition(w->window, &x, &y);
    new_x = x + w->asked_width > desktop->x + desktop->w ? desktop->x + desktop->w - w->asked_width : x;
    new_y = y + w->asked_height > desktop->y + desktop->h ? desktop->y + desktop->h - w->asked_height : y;
    new_x = new_x < desktop->x ? desktop->x : new_x;
    new_y = new_y < desktop->y ? desktop->y : new_y;
    if (new_x != x || new_y != y)
        SDL_SetWindowPosition(w->window, new_x, new_y);
}

/* Small pictures are shown twice as large; the window never leaves the desktop. */
void window_fit(struct window *w)
{
    int width, height, strip = w->status_line ? STATUS_HEIGHT : 0;
    SDL_Rect desktop = { 0 };
    picture_shape(&w->frame, &width, &height);
    if (width < 512 && height < 400)
        width *= 2, height *= 2;
    if (!SDL_GetDisplayUsableBounds(SDL_GetWindowDisplayIndex(w->window), &desktop)) {
        if (width > desktop.w)
            height = height * desktop.w / width, width = desktop.w;
        if (height + strip > desktop.h)
            width = width * (desktop.h - strip) / height, height = desktop.h - strip;
    }
    width = width > MIN_WIDTH ? width : MIN_WIDTH;
    height = (height > MIN_HEIGHT ? height : MIN_HEIGHT) + strip;
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

/* ---- the picture ---- */

static void drop(SDL_Texture **texture)
{
    if (*texture)
        SDL_DestroyTexture(*texture);
    *texture = NULL;
}

void window_drop_textures(struct window *w)
{
    drop(&w->texture);
    drop(&w->enlarged);
    drop(&w->menu_layer.texture);
    drop(&w->status_layer.texture);
}

/* The frame into the texture; false if SDL cannot (then the next frame tries again). */
static bool upload(struct window *w)
{
    const struct frame *f = &w->frame;
    if (!w->texture || w->texture_width != f->width || w->texture_height != f->height) {
        drop(&w->texture);
        w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                       f->width, f->height);
        if (!w->texture)
            return false;
        SDL_SetTextureScaleMode(w->texture, SDL_ScaleModeNearest);
        w->texture_width = f->width;
        w->texture_height = f->height;
        window_fit(w);
    }
    return !SDL_UpdateTexture(w->texture, NULL, f->pixels, f->width * (int)sizeof *f->pixels);
}

/* The picture, whole times as large in each direction, at least as large as it will be shown. NULL: SDL cannot. */
static SDL_Texture *enlarge(struct window *w, const SDL_Rect *to)
{
    int width = (to->w + w->frame.width - 1) / w->frame.width * w->frame.width;
    int height = (to->h + w->frame.height - 1) / w->frame.height * w->frame.height;
    SDL_RendererInfo info;
    if (!SDL_GetRendererInfo(w->renderer, &info) && info.max_texture_width
        && (width > info.max_texture_width || height > info.max_texture_height))
        return NULL;
    if (!w->enlarged || width != w->enlarged_width || height != w->enlarged_height) {
        drop(&w->enlarged);
        w->enlarged = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_TARGET, width, height);
        if (!w->enlarged)
            return NULL;
        SDL_SetTextureScaleMode(w->enlarged, SDL_ScaleModeLinear);
        w->enlarged_width = width;
        w->enlarged_height = height;
    }
    if (SDL_SetRenderTarget(w->renderer, w->enlarged))
        return NULL;
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_SetRenderTarget(w->renderer, NULL);
    return w->enlarged;
}

/* Scaled into this space, in the middle. A step of less than a thirtieth to a whole number is taken: sharp is better than full. */
static void show_picture(struct window *w, int space_width, int space_height)
{
    int width, height;
    picture_shape(&w->frame, &width, &height);
    SDL_Rect to = { .w = space_width, .h = (int)((i64)height * space_width / width) };
    if (to.h > space_height)
        to.h = space_height, to.w = (int)((i64)width * space_height / height);
    int spare_w = to.w % w->frame.width, spare_h = to.h % w->frame.height;
    if (to.w > w->frame.width && to.h > w->frame.height && spare_w * 30 < to.w && spare_h * 30 < to.h)
        to.w -= spare_w, to.h -= spare_h;
    to.x = (space_width - to.w) / 2;
    to.y = (space_height - to.h) / 2;
    bool whole = to.w % w->frame.width == 0 && to.h % w->frame.height == 0;
    SDL_Texture *from = whole ? w->texture : enlarge(w, &to);
    if (!from) {
        from = w->texture;
        SDL_SetTextureScaleMode(from, SDL_ScaleModeLinear);
    } else if (from == w->texture) {
        SDL_SetTextureScaleMode(from, SDL_ScaleModeNearest);
    }
    SDL_RenderCopy(w->renderer, from, NULL, &to);
    SDL_SetTextureScaleMode(w->texture, SDL_ScaleModeNearest);
}

/* ---- what lies over it ---- */

/* A canvas of that size. */
static void layer_resize(struct layer *l, int width, int height)
{
    size_t need = (size_t)width * (size_t)height;
    if (l->texture && (l->canvas.width != width || l->canvas.height != height))
        drop(&l->texture);
    if (need > l->capacity) {
        l->canvas.pixels = xrealloc(l->canvas.pixels, need * sizeof *l->canvas.pixels);
        l->capacity = need;
    }
    l->canvas.width = width;
    l->canvas.height = height;
}

static void layer_show(struct window *w, struct layer *l, const SDL_Rect *to)
{
    if (!l->texture) {
        l->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING,
                                       l->canvas.width, l->canvas.height);
        if (!l->texture)
            return;
        SDL_SetTextureScaleMode(l->texture, SDL_ScaleModeLinear);
    }
    SDL_UpdateTexture(l->texture, NULL, l->canvas.pixels, l->canvas.width * (int)sizeof *l->canvas.pixels);
    SDL_RenderCopy(w->renderer, l->texture, NULL, to);
}

/* On large and dense screens letters are drawn whole times as large. */
static int letter_scale(const struct window *w, int out_width, int out_height)
{
    int width = 0, height = 0, by_size = out_width / 640 < out_height / 480 ? out_width / 640 : out_height / 480;
    SDL_GetWindowSize(w->window, &width, &height);
    int density = width > 0 ? out_width / width : 1;
    int scale = window_is_full(w) ? by_size : density;
    return scale < 1 ? 1 : scale;
}

static void show_menu(struct window *w, int out_width, int out_height)
{
    int width, height, scale = letter_scale(w, out_width, out_height);
    menu_size(&w->menu, &width, &height);
    layer_resize(&w->menu_layer, width, height);
    menu_draw(&w->menu, &w->menu_layer.canvas);
    SDL_Rect to = { .w = width * scale, .h = height * scale };
    if (to.w > out_width)
        to.h = to.h * out_width / to.w, to.w = out_width;
    if (to.h > out_height)
        to.w = to.w * out_height / to.h, to.h = out_height;
    to.x = (out_width - to.w) / 2;
    to.y = (out_height - to.h) / 2;
    w->menu_at = to;
    layer_show(w, &w->menu_layer, &to);
}

int window_menu_row(const struct window *w, int x, int y)
{
    int width = 0, height = 0, out_width = 0, out_height = 0, menu_width, menu_height;
    SDL_GetWindowSize(w->window, &width, &height);
    SDL_GetRendererOutputSize(w->renderer, &out_width, &out_height);
    menu_size(&w->menu, &menu_width, &menu_height);
    if (!w->menu_at.w || !w->menu_at.h || !width || !height)
        return -1;
    x = x * out_width / width - w->menu_at.x;
    y = y * out_height / height - w->menu_at.y;
    return menu_row_at(&w->menu, x * menu_width / w->menu_at.w, y * menu_height / w->menu_at.h);
}

/* The strip below the picture; in full screen over it, and only while there is something to say. */
static int show_status(struct window *w, int out_width, int out_height)
{
    bool full = window_is_full(w);
    if (!w->status_line && !w->status_shows)
        return 0;
    if (full && !w->status_shows && !w->panel.paused)
        return 0;
    int scale = letter_scale(w, out_width, out_height), height = STATUS_HEIGHT * scale;
    SDL_Rect to = { 0, out_height - height, out_width, height };
    layer_resize(&w->status_layer, out_width / scale, STATUS_HEIGHT);
    status_draw(&w->panel, w->captured, w->status_shows ? w->status : "", &w->status_layer.canvas);
    layer_show(w, &w->status_layer, &to);
    return full || !w->status_line ? 0 : height;
}

static void present(struct window *w)
{
    int out_width = 0, out_height = 0;
    SDL_GetRendererOutputSize(w->renderer, &out_width, &out_height);
    SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    SDL_RenderClear(w->renderer);
    int strip = strip_height(w) * letter_scale(w, out_width, out_height);
    if (w->texture && out_width > 0 && out_height > strip)
        show_picture(w, out_width, out_height - strip);
    if (out_width >= 160 && out_height >= 100) {
        show_status(w, out_width, out_height);
        if (w->menu.open)
            show_menu(w, out_width, out_height);
    }
    SDL_RenderPresent(w->renderer);
}

void window_refresh(struct window *w)
{
    struct menu_front front = window_front(w);
    if (link_take_status(w->link, w->status, sizeof w->status, &w->status_seen)) {
        window_set_title(w);
        w->status_shows = *w->status;
        w->status_until = SDL_GetTicks() + (window_is_full(w) ? STATUS_MS_FULL : STATUS_MS);
        w->redraw = true;
    }
    if (w->status_shows && SDL_TICKS_PASSED(SDL_GetTicks(), w->status_until)) {
        w->status_shows = false;
        w->redraw = true;
    }
    if (link_panel(w->link, &w->panel, &w->panel_seen))
        w->redraw = true;
    if (menu_refresh(&w->menu, &front))
        w->redraw = true;
    bool newer = link_frame(w->link, &w->frame, &w->frame_seen);
    if ((newer || (w->redraw && w->frame_seen)) && upload(w))
        w->redraw = true;
    if (w->redraw)
        present(w);
    w->redraw = false;
}

#endif
