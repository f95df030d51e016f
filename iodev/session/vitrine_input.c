/* vitrine_input.c - what a person does at the machine: each enters it as an input event, stamped in virtual time. */
#include "vitrine_parts.h"
#include "images.h"

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
    for (size_t k = 0; k < n; k++)
        machine_input(v->m, &(struct input_event) { .kind = INPUT_SERIAL, .port = (u8)line, .byte = bytes[k] });
}

void vitrine_reset(struct vitrine *v) { machine_input(v->m, &(struct input_event) { .kind = INPUT_RESET }); }
void vitrine_power_button(struct vitrine *v) { machine_input(v->m, &(struct input_event) { .kind = INPUT_POWER }); }

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
    struct key_stroke *stroke = xcalloc((size_t)most + 1, sizeof *stroke);
    int n = keys_parse(text, stroke, most, why, sizeof why);
    for (int k = 0; k < n; k++)
        add_stroke(v, &stroke[k]);
    free(stroke);
    return n >= 0 || error_say(error, VITRINE_WRONG, "text", "%s", why);
}

size_t vitrine_typing(const struct vitrine *v) { return v->strokes; }

/* ---- media ---- */

static const char *const drive_names[PC_MEDIA] = { "fda", "fdb", "hda", "hdb", "hdc", "hdd" };

bool vitrine_insert(struct vitrine *v, enum vitrine_drive drive, const struct vitrine_medium *medium, bool force,
                    struct vitrine_error *error)
{
    struct pc_medium now;
    if ((int)drive < 0 || (int)drive >= PC_MEDIA || !pc_medium(v->pc, (int)drive, &now))
        return error_say(error, VITRINE_WRONG, "drive", "expected a drive whose medium can be changed; the machine has no such drive");
    struct input_event e = { .kind = INPUT_MEDIUM, .drive = (u8)drive, .force = force };
    if (now.locked && !force) {
        machine_input(v->m, &e);                /* the drive tells the guest that its button was pressed */
        return error_say(error, VITRINE_LOCKED, drive_names[drive], "the guest has locked the tray");
    }
    if (medium && medium_there(medium)) {
        e.image = kit_medium(&v->kit.host, drive_names[drive], medium, now.floppy ? IMAGE_FLOPPY : IMAGE_CD, v->config.snapshot,
                               false, error);
        if (!e.image)
            return false;
        if (medium->file)
            outputs_claim(v->kit.outputs, medium->file, drive_names[drive], now.floppy);
    }
    machine_input(v->m, &e);
    return true;
}
