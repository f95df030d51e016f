/* menu.c - see menu.h.
 * Here: media (the list of each drive, another file, eject), pause, reset, power button, Ctrl+Alt+Del, speed, states, paste,
 * screenshot, full screen, status line, release of the mouse, quit. */
#include "menu.h"
#include "../host/file.h"
#include "../iodev/session/speed.h"
#include <stdio.h>

enum row_id {
    ROW_DRIVE,                          /* and PANEL_DRIVES of them */
    ROW_PAUSE = PANEL_DRIVES, ROW_RESET, ROW_POWER, ROW_CTRL_ALT_DEL, ROW_DROP_KEYS, ROW_SPEED, ROW_STATE, ROW_PASTE,
    ROW_SCREENSHOT, ROW_DEBUG,
    ROW_FULL_SCREEN, ROW_STATUS_LINE, ROW_RELEASE_MOUSE, ROW_QUIT, ROW_LINE,
    ROW_OTHER = 100, ROW_SAVE, ROW_LOAD, ROW_EJECT, ROW_FILE /* and the list */,
    ROW_A_SPEED = 500,                  /* and the other speed_names */
};

enum { NO_DRIVE = -1 };                 /* PAGE_FILE is for a state */

static const char *const drive_names[PANEL_DRIVES] = {
    "Floppy A", "Floppy B", "CD (hda)", "CD (hdb)", "CD", "CD (hdd)"
};

/* The rows of the first page that do not tell of a drive. */
static const struct {
    int id;
    const char *text, *window_note, *terminal_note;
    bool window;                        /* only there */
} fixed[] = {
    { ROW_LINE, "", "", "", false },
    { ROW_PAUSE, "Pause", "", "", false },
    { ROW_RESET, "Reset", "", "", false },
    { ROW_POWER, "Power button", "", "", false },
    { ROW_CTRL_ALT_DEL, "Press Ctrl+Alt+Del", "", "d", false },
    { ROW_DROP_KEYS, "Drop what waits to be typed", "", "x", false },
    { ROW_SPEED, "Speed", "", "", false },
    { ROW_STATE, "State", "", "", false },
    { ROW_PASTE, "Type the clipboard", "Ctrl+Alt+V", "", true },
    { ROW_SCREENSHOT, "Screenshot", "Ctrl+Alt+S", "s", false },
    { ROW_DEBUG, "Debugger", "Ctrl+Alt+D", "g", false },
    { ROW_FULL_SCREEN, "Full screen", "Ctrl+Alt+F", "", true },
    { ROW_STATUS_LINE, "Status line", "", "", false },
    { ROW_RELEASE_MOUSE, "Release the mouse", "Ctrl+Alt+G", "", true },
    { ROW_LINE, "", "", "", false },
    { ROW_QUIT, "Quit", "", "q", false },
};

void menu_init(struct menu *m, struct gui_link *link)
{
    *m = (struct menu){ .link = link };
}

static struct menu_row *add(struct menu *m, int id, const char *text, const char *note)
{
    struct menu_row *row = &m->row[m->rows++];
    *row = (struct menu_row){ .id = id, .enabled = true };
    snprintf(row->text, sizeof row->text, "%s", text);
    snprintf(row->note, sizeof row->note, "%s", note);
    return row;
}

static void main_rows(struct menu *m)
{
    static const char *const keys[PANEL_DRIVES] = { "Ctrl+Alt+A", "Ctrl+Alt+B", "", "", "Ctrl+Alt+C", "" };
    static const char *const letters[PANEL_DRIVES] = { "a", "b", "", "", "c", "" };
    char text[MENU_TEXT];
    for (int k = 0; k < PANEL_DRIVES; k++) {
        const struct panel_drive *d = &m->panel.drive[k];
        if (!d->there)
            continue;
        snprintf(text, sizeof text, "%-9s %.90s", drive_names[k], d->open ? "(tray open)" : d->full ? d->name : "(empty)");
        add(m, ROW_DRIVE + k, text, d->files < 2 ? "" : m->front.window ? keys[k] : letters[k])->more = true;
    }
    for (size_t k = 0; k < ARRAY_LEN(fixed); k++) {
        if (fixed[k].window && !m->front.window)
            continue;
        struct menu_row *row = add(m, fixed[k].id, fixed[k].text, m->front.window ? fixed[k].window_note : fixed[k].terminal_note);
        switch (fixed[k].id) {
        case ROW_LINE:          row->line = true, row->enabled = false; break;
        case ROW_DROP_KEYS:     row->enabled = link_typing(m->link); break;
        case ROW_PAUSE:         row->ticked = m->panel.paused; break;
        case ROW_FULL_SCREEN:   row->ticked = m->front.full_screen; break;
        case ROW_STATUS_LINE:   row->ticked = m->front.status_line; break;
        case ROW_RELEASE_MOUSE: row->enabled = m->front.captured; break;
        case ROW_STATE:         row->more = true; break;
        case ROW_SPEED:
            row->more = true;
            snprintf(row->text, sizeof row->text, "Speed     %s", m->panel.speed_name);
            snprintf(row->note, sizeof row->note, "%s", m->panel.paused ? "paused" : m->panel.speed);
            break;
        case ROW_QUIT:
            if (m->panel.replays)
                snprintf(row->text, sizeof row->text, "Quit");
            else if (link_closing(m->link) || m->panel.halted)
                snprintf(row->text, sizeof row->text, "Quit: cut the power now");
            else
                snprintf(row->text, sizeof row->text, "Quit (presses the power button first)");
            break;
        }
    }
}

static void drive_rows(struct menu *m)
{
    const struct panel_drive *d = &m->panel.drive[m->drive];
    for (int k = 0; k < d->files; k++)
        add(m, ROW_FILE + k, d->file[k], "")->ticked = d->full && !d->open && !strcmp(d->file[k], d->name);
    if (d->files)
        *add(m, ROW_LINE, "", "") = (struct menu_row){ .id = ROW_LINE, .line = true };
    add(m, ROW_OTHER, "Another file", m->front.window ? "or drop one here" : "")->more = true;
    struct menu_row *eject = add(m, ROW_EJECT, "Eject", d->locked ? "locked by the guest" : "");
    eject->enabled = d->full;
}

static void speed_rows(struct menu *m)
{
    for (int k = 0; speed_names[k]; k++)
        add(m, ROW_A_SPEED + k, speed_names[k], k ? "" : "as fast as it goes")->ticked = !strcmp(m->panel.speed_name, speed_names[k]);
}

static void state_rows(struct menu *m)
{
    add(m, ROW_SAVE, "Keep it in a new file", "");
    add(m, ROW_LOAD, "Go on from a file", "")->more = true;
}

static void step_to_enabled(struct menu *m, int by)
{
    int first = m->page == PAGE_FILE ? -1 : 0;
    while (m->at >= first && m->at < m->rows && m->at >= 0 && !m->row[m->at].enabled)
        m->at += by;
    if (m->at < first || m->at >= m->rows) {        /* the nearest the other way */
        m->at = m->at < first ? first : m->rows - 1;
        while (m->at > first && m->at >= 0 && !m->row[m->at].enabled && by > 0)
            m->at--;
        while (by < 0 && m->at >= 0 && m->at < m->rows - 1 && !m->row[m->at].enabled)
            m->at++;
    }
}

static void scroll(struct menu *m)
{
    int shown = menu_visible(m);
    if (m->at < m->top)
        m->top = m->at > 0 ? m->at : 0;
    if (m->at >= m->top + shown)
        m->top = m->at - shown + 1;
    if (m->top > m->rows - shown)
        m->top = m->rows - shown;
    if (m->top < 0)
        m->top = 0;
}

static void build(struct menu *m)
{
    m->rows = 0;
    switch (m->page) {
    case PAGE_MAIN:  main_rows(m); break;
    case PAGE_DRIVE: drive_rows(m); break;
    case PAGE_FILE:  menu_list_files(m); break;
    case PAGE_SPEED: speed_rows(m); break;
    case PAGE_STATE: state_rows(m); break;
    }
}

static void go_to(struct menu *m, enum menu_page page, int at)
{
    m->page = page;
    m->top = 0;
    m->at = at;
    build(m);
    if (m->at >= m->rows)
        m->at = m->rows - 1;
    step_to_enabled(m, 1);
    scroll(m);
}

void menu_open(struct menu *m, const struct menu_front *front)
{
    m->front = *front;
    link_panel(m->link, &m->panel, &m->panel_seen);
    m->open = true;
    go_to(m, PAGE_MAIN, 0);
}

void menu_close(struct menu *m) { m->open = false; }

bool menu_refresh(struct menu *m, const struct menu_front *front)
{
    bool changed = link_panel(m->link, &m->panel, &m->panel_seen) || memcmp(front, &m->front, sizeof *front);
    m->front = *front;
    if (!m->open || !changed || m->page == PAGE_FILE)
        return false;
    int id = m->at >= 0 && m->at < m->rows ? m->row[m->at].id : ROW_LINE;
    build(m);
    for (int k = 0; k < m->rows && id != ROW_LINE; k++)
        if (m->row[k].id == id)
            m->at = k;
    if (m->at >= m->rows)
        m->at = m->rows - 1;
    step_to_enabled(m, 1);
    scroll(m);
    return true;
}

int menu_visible(const struct menu *m) { return m->rows < MENU_VISIBLE ? m->rows : MENU_VISIBLE; }

void menu_title(const struct menu *m, char *text, size_t n)
{
    if (m->page == PAGE_MAIN)
        snprintf(text, n, "Vitrine");
    else if (m->page == PAGE_SPEED)
        snprintf(text, n, "Speed");
    else if (m->page == PAGE_STATE)
        snprintf(text, n, "State");
    else
        snprintf(text, n, "%s", m->drive == NO_DRIVE ? "Go on from a state" : drive_names[m->drive]);
}

const char *menu_hint(const struct menu *m)
{
    if (m->page == PAGE_FILE)
        return "Type a path or choose; Tab completes, Esc goes back";
    return m->page == PAGE_MAIN ? m->front.window ? "Up, Down, Enter; Esc leaves" : "Up, Down, Enter; Esc leaves, Ctrl-] types it"
                                : "Up, Down, Enter; Esc goes back";
}

/* ---- choices ---- */

static enum menu_act leave(struct menu *m, enum menu_act act)
{
    m->open = false;
    return act;
}

static enum menu_act send(struct menu *m, enum command_kind kind, const char *text)
{
    link_command(m->link, kind, m->drive, text);
    return leave(m, MENU_DONE);
}

static enum menu_act enter_main(struct menu *m, int id)
{
    switch (id) {
    case ROW_PAUSE:         return send(m, COMMAND_PAUSE, NULL);
    case ROW_RESET:         return send(m, COMMAND_RESET, NULL);
    case ROW_POWER:         return send(m, COMMAND_POWER, NULL);
    case ROW_SCREENSHOT:    return send(m, COMMAND_SCREENSHOT, NULL);
    case ROW_DEBUG:         return send(m, COMMAND_DEBUG, NULL);
    case ROW_CTRL_ALT_DEL:  return leave(m, MENU_CTRL_ALT_DEL);
    case ROW_DROP_KEYS:
        link_type_stop(m->link);
        return leave(m, MENU_DONE);
    case ROW_PASTE:         return leave(m, MENU_PASTE);
    case ROW_FULL_SCREEN:   return leave(m, MENU_FULL_SCREEN);
    case ROW_STATUS_LINE:   return leave(m, MENU_STATUS_LINE);
    case ROW_RELEASE_MOUSE: return leave(m, MENU_RELEASE_MOUSE);
    case ROW_SPEED:
        go_to(m, PAGE_SPEED, 0);
        return MENU_NOTHING;
    case ROW_STATE:
        go_to(m, PAGE_STATE, 0);
        return MENU_NOTHING;
    case ROW_QUIT:
        link_close(m->link);
        return leave(m, MENU_DONE);
    }
    m->drive = id - ROW_DRIVE;
    go_to(m, PAGE_DRIVE, 0);
    return MENU_NOTHING;
}

static enum menu_act enter_state(struct menu *m, int id)
{
    if (id == ROW_SAVE)
        return send(m, COMMAND_SAVE, NULL);
    m->drive = NO_DRIVE;
    *m->path = 0;
    go_to(m, PAGE_FILE, -1);
    return MENU_NOTHING;
}

static enum menu_act enter_drive(struct menu *m, int id)
{
    if (id == ROW_EJECT)
        return send(m, COMMAND_EJECT, NULL);
    if (id == ROW_OTHER) {
        *m->path = 0;
        go_to(m, PAGE_FILE, -1);
        return MENU_NOTHING;
    }
    link_insert_listed(m->link, m->drive, id - ROW_FILE);
    return leave(m, MENU_DONE);
}

static void set_path(struct menu *m, const char *path, bool folder)
{
    size_t n = strlen(path);
    snprintf(m->path, sizeof m->path, "%s%s", path, folder && n && *file_name_of(path) ? "/" : "");
    go_to(m, PAGE_FILE, -1);
}

static enum menu_act enter_file(struct menu *m)
{
    char path[MENU_PATH + MENU_TEXT];
    if (m->at >= 0)
        menu_join(m, m->at, path, sizeof path);
    else
        snprintf(path, sizeof path, "%s", m->path);
    if (menu_is_folder(path)) {
        set_path(m, path, true);
        return MENU_NOTHING;
    }
    return send(m, m->drive == NO_DRIVE ? COMMAND_LOAD : COMMAND_INSERT, path);
}

/* As far as all that match agree. */
static void complete(struct menu *m)
{
    char path[MENU_PATH + MENU_TEXT];
    if (m->page != PAGE_FILE || !m->rows)
        return;
    if (m->at >= 0) {
        menu_join(m, m->at, path, sizeof path);
        set_path(m, path, m->row[m->at].more);
        return;
    }
    size_t same = strlen(m->row[0].text);
    for (int k = 1; k < m->rows; k++)
        for (size_t i = 0; i < same; i++)
            if (m->row[k].text[i] != m->row[0].text[i])
                same = i;
    bool whole = m->rows == 1 && m->row[0].more;
    menu_join(m, 0, path, sizeof path);
    path[strlen(path) - strlen(m->row[0].text) + same] = 0;
    set_path(m, path, whole);
}

static enum menu_act back(struct menu *m)
{
    if (m->page == PAGE_MAIN)
        return leave(m, MENU_DONE);
    if (m->page == PAGE_FILE) {
        go_to(m, m->drive == NO_DRIVE ? PAGE_STATE : PAGE_DRIVE, m->drive == NO_DRIVE);
        return MENU_NOTHING;
    }
    int id = m->page == PAGE_SPEED ? ROW_SPEED : m->page == PAGE_STATE ? ROW_STATE : ROW_DRIVE + m->drive;
    go_to(m, PAGE_MAIN, 0);
    for (int k = 0; k < m->rows; k++)
        if (m->row[k].id == id)
            m->at = k;
    return MENU_NOTHING;
}

static void move(struct menu *m, int to, int by)
{
    int first = m->page == PAGE_FILE ? -1 : 0;
    m->at = to < first ? first : to >= m->rows ? m->rows - 1 : to;
    step_to_enabled(m, by);
    scroll(m);
}

static enum menu_act enter(struct menu *m)
{
    if (m->page == PAGE_FILE)
        return enter_file(m);
    if (m->at < 0 || !m->row[m->at].enabled)
        return MENU_NOTHING;
    int id = m->row[m->at].id;
    if (m->page == PAGE_SPEED)
        return send(m, COMMAND_SPEED, speed_names[id - ROW_A_SPEED]);
    if (m->page == PAGE_STATE)
        return enter_state(m, id);
    return m->page == PAGE_MAIN ? enter_main(m, id) : enter_drive(m, id);
}

enum menu_act menu_key(struct menu *m, enum menu_key key)
{
    if (!m->open)
        return MENU_NOTHING;
    switch (key) {
    case MENU_UP:        move(m, m->at - 1, -1); break;
    case MENU_DOWN:      move(m, m->at + 1, 1); break;
    case MENU_PAGE_UP:   move(m, m->at - MENU_VISIBLE, -1); break;
    case MENU_PAGE_DOWN: move(m, m->at + MENU_VISIBLE, 1); break;
    case MENU_HOME:      move(m, 0, 1); break;
    case MENU_END:       move(m, m->rows - 1, -1); break;
    case MENU_ENTER:     return enter(m);
    case MENU_BACK:      return back(m);
    case MENU_TAB:       complete(m); break;
    case MENU_ERASE:
        if (m->page != PAGE_FILE || !*m->path)
            return back(m);
        size_t n = strlen(m->path) - 1;
        while (n && ((u8)m->path[n] & 0xc0) == 0x80)
            n--;                        /* the rest of a UTF-8 character */
        m->path[n] = 0;
        go_to(m, PAGE_FILE, -1);
        break;
    }
    return MENU_NOTHING;
}

void menu_type(struct menu *m, int c)
{
    size_t n = strlen(m->path);
    if (!m->open || m->page != PAGE_FILE || n + 1 >= sizeof m->path || c < 32 || c == 127)
        return;
    m->path[n] = (char)c;
    m->path[n + 1] = 0;
    go_to(m, PAGE_FILE, -1);
}

bool menu_choose(struct menu *m, int row)
{
    if (!m->open || row < 0 || row >= m->rows || !m->row[row].enabled)
        return false;
    m->at = row;
    return true;
}

void menu_drop(struct menu *m, const char *file)
{
    bool here = m->open && m->drive != NO_DRIVE && (m->page == PAGE_DRIVE || m->page == PAGE_FILE);
    link_command(m->link, here ? COMMAND_INSERT : COMMAND_DROP, m->drive, file);
    m->open = false;
}
