/* vitrine_input.c - what a person does at the machine: each enters it as an input event, stamped in virtual time. */
#include "vitrine_parts.h"
#include "../machine/keep.h"
#include "../storage/ide.h"
#include "images.h"
#include "speed.h"
#include <stdio.h>

bool vitrine_closed(const struct vitrine *v, struct vitrine_error *error)
{
    if (!machine_replays(v->m))
        return false;
    error_say(error, VITRINE_WRONG, "replay", "a recording is replayed, and nothing else enters the machine before its end");
    return true;
}

void vitrine_key(struct vitrine *v, uint8_t usage, bool down)
{
    machine_input(v->m, &(struct input_event) { .kind = INPUT_KEY, .key = usage, .down = down });
}

void vitrine_mouse_move(struct vitrine *v, int dx, int dy, int dz)
{
    machine_input(v->m, &(struct input_event) { .kind = INPUT_MOUSE_MOVE, .buttons = v->buttons, .dx = (i16)dx, .dy = (i16)dy,
                                                .dz = (i16)dz });
}

void vitrine_mouse_buttons(struct vitrine *v, uint8_t buttons)
{
    v->buttons = buttons;
    machine_input(v->m, &(struct input_event) { .kind = INPUT_MOUSE_BUTTONS, .buttons = buttons });
}

void vitrine_serial_input(struct vitrine *v, int line, const uint8_t *bytes, size_t n)
{
    if (line < 0 || line >= PC_SERIALS)
        return;
    for (size_t k = 0; k < n; k++)
        machine_input(v->m, &(struct input_event) { .kind = INPUT_SERIAL, .port = (u8)line, .byte = bytes[k] });
}

void vitrine_reset(struct vitrine *v) { machine_input(v->m, &(struct input_event) { .kind = INPUT_RESET }); }
void vitrine_power_button(struct vitrine *v) { machine_input(v->m, &(struct input_event) { .kind = INPUT_POWER }); }

void vitrine_set_tick_cost(struct vitrine *v, uint32_t cost)
{
    machine_input(v->m, &(struct input_event) { .kind = INPUT_TICK_COST, .cost = cost });
}

bool vitrine_set_speed(struct vitrine *v, const char *text, struct vitrine_error *error)
{
    struct speed speed;
    if (!speed_parse(text, &speed))
        return error_say(error, VITRINE_WRONG, "speed", "expected %s, not '%s'", speed_form(), text);
    machine_input(v->m, &(struct input_event) { .kind = INPUT_SPEED, .cost = speed.tick_cost, .timing = speed.timing });
    return true;
}

/* ---- typing ---- */

static void add_stroke(struct vitrine *v, const struct key_stroke *stroke)
{
    if (v->strokes == v->stroke_room) {
        size_t room = 2 * v->stroke_room + 64;
        struct key_stroke *all = xcalloc(room, sizeof *all);
        for (size_t k = 0; k < v->strokes; k++)
            all[k] = v->stroke[(v->stroke_at + k) % v->stroke_room];
        free(v->stroke);
        v->stroke = all;
        v->stroke_at = 0;
        v->stroke_room = room;
    }
    v->stroke[(v->stroke_at + v->strokes++) % v->stroke_room] = *stroke;
}

static size_t strokes_waiting(void *from) { return ((struct vitrine *)from)->strokes; }

static bool strokes_take(void *from, struct key_stroke *stroke)
{
    struct vitrine *v = from;
    if (!v->strokes)
        return false;
    *stroke = v->stroke[v->stroke_at];
    v->stroke_at = (v->stroke_at + 1) % v->stroke_room;
    v->strokes--;
    return true;
}

struct strokes vitrine_strokes(struct vitrine *v) { return (struct strokes) { strokes_waiting, strokes_take, v }; }

bool vitrine_type(struct vitrine *v, const char *text, struct vitrine_error *error)
{
    char why[256];
    int most = (int)strlen(text);
    if (vitrine_closed(v, error))
        return false;
    struct key_stroke *stroke = xcalloc((size_t)most + 1, sizeof *stroke);
    int n = keys_parse(text, stroke, most, why, sizeof why);
    for (int k = 0; k < n; k++)
        add_stroke(v, &stroke[k]);
    free(stroke);
    return n >= 0 || error_say(error, VITRINE_WRONG, "text", "%s", why);
}

size_t vitrine_typing(const struct vitrine *v) { return v->strokes; }

/* ---- media ---- */

/* As the options have them, and as people do. */
static const char *const drive_names[PC_MEDIA] = { "fda", "fdb", "hda", "hdb", "cdrom", "hdd" };
static const char *const drive_titles[PC_MEDIA] = {
    "floppy drive A", "floppy drive B", "CD drive (hda)", "CD drive (hdb)", "CD drive", "CD drive (hdd)"
};

/* What there is to say about a file that has gone into its drive. */
static void say_of_file(struct vitrine *v, const char *where, const char *message, struct vitrine_error *error)
{
    if (!error) {
        kit_say(&v->kit.host.say, where, message);
        return;
    }
    *error = (struct vitrine_error) { .code = VITRINE_OK };
    snprintf(error->text, sizeof error->text, "%s", message);
}

bool vitrine_insert(struct vitrine *v, enum vitrine_drive drive, const struct vitrine_medium *medium, bool force,
                    struct vitrine_error *error)
{
    struct pc_medium now;
    struct image *image = NULL;
    char message[KIT_MESSAGE] = "";
    if (vitrine_closed(v, error))
        return false;
    if ((int)drive < 0 || (int)drive >= PC_MEDIA || !pc_medium(v->pc, (int)drive, &now))
        return error_say(error, VITRINE_WRONG, "drive", "expected a drive whose medium can be changed; the machine has no such drive");
    if (medium && medium_there(medium)) {
        image = kit_open_medium(&v->kit.host, drive_names[drive], medium, now.floppy ? IMAGE_FLOPPY : IMAGE_CD,
                                v->config.snapshot ? IMAGE_SNAPSHOT : 0, message);
        if (!image)
            return error_say(error, VITRINE_WRONG, drive_names[drive], "%s", message);
        if (medium->file)
            outputs_claim(v->kit.outputs, medium->file, drive_titles[drive], now.floppy);
    }
    struct input_event e = { .kind = INPUT_MEDIUM, .drive = (u8)drive, .force = force };
    if (now.locked && !force) {
        image_close(image);
        machine_input(v->m, &e);                /* the drive tells the guest that its button was pressed */
        return error_say(error, VITRINE_LOCKED, drive_names[drive], "the guest has locked the tray");
    }
    e.image = image;
    machine_input(v->m, &e);
    say_of_file(v, drive_names[drive], message, error);
    return true;
}

bool vitrine_drive_state(const struct vitrine *v, enum vitrine_drive drive, struct vitrine_drive_state *state)
{
    struct pc_medium now;
    int k = (int)drive;
    *state = (struct vitrine_drive_state) { .name = "" };
    if (k < 0 || k >= PC_MEDIA)
        return false;
    bool changeable = pc_medium(v->pc, k, &now);
    if (!changeable) {                          /* a disk, or nothing */
        struct image *disk = k < PC_FLOPPIES ? NULL : ide_image(pc_ide(v->pc), (k - PC_FLOPPIES) / 2, (k - PC_FLOPPIES) % 2);
        now = (struct pc_medium) { .image = disk };
    }
    if (changeable)
        state->kind = now.floppy ? VITRINE_FLOPPY_DRIVE : VITRINE_CD_DRIVE;
    else if (now.image)
        state->kind = VITRINE_DISK_DRIVE;
    state->full = now.image;
    state->locked = now.locked;
    state->open = now.open;
    if (now.image) {
        state->name = image_name(now.image);
        state->accesses = image_accesses(now.image);
    }
    return state->kind != VITRINE_NO_DRIVE;
}

uint8_t vitrine_leds(const struct vitrine *v) { return pc_keyboard_leds(v->pc); }
