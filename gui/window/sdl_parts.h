/* sdl_parts.h - between the window's events (sdl.c) and its drawing (sdl_draw.c). */
#pragma once
#include "../gui.h"
#include "../overlay.h"
#include <SDL.h>

enum { SDL_KEYS = 256, MIN_WIDTH = 320, MIN_HEIGHT = 200 };

struct layer {                          /* something of ours that lies over the picture */
    struct canvas canvas;
    SDL_Texture *texture;
    size_t capacity;
};

struct window {
    struct gui_link *link;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture, *enlarged;    /* the picture; the same, whole times as large */
    int texture_width, texture_height, enlarged_width, enlarged_height;
    struct frame frame;
    struct panel panel;
    u64 frame_seen, status_seen, panel_seen;
    char status[256];
    Uint32 status_until;                /* SDL's ticks; the status line shows the status so long */
    bool status_shows;
    bool down[SDL_KEYS];                /* what the guest believes pressed */
    u8 buttons;
    bool held;                          /* the mouse goes back to the guest when the menu closes */
    bool captured, redraw, sized_by_user, status_line;
    int asked_width, asked_height;      /* the size that we gave the window, */
    int before_width, before_height;    /* and the one before: its event may still be on the way */
    struct menu menu;
    struct layer menu_layer, status_layer;
    SDL_Rect menu_at;                   /* where it was drawn, in the renderer's pixels */
};

/* ---- sdl_draw.c ---- */

bool window_is_full(const struct window *w);
/* Look at the link, and show what changed. */
void window_refresh(struct window *w);
/* Give the window the size of its picture again. */
void window_fit(struct window *w);
/* The menu's row at this place of the window (its own units), -1: none. */
int window_menu_row(const struct window *w, int x, int y);
/* Forget what lies in the renderer. */
void window_drop_textures(struct window *w);
/* ---- sdl.c ---- */
void window_set_title(struct window *w);
struct menu_front window_front(const struct window *w);
