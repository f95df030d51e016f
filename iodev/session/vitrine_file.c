/* vitrine_file.c - states in files. The file's text says what the machine is made of; its bytes are the media (iodev/saved/media.h) and
 * what vitrine_save() gives. */
#include "vitrine_parts.h"
#include "../../host/file.h"
#include "../../memory/snapshot.h"
#include "../../memory/ram.h"
#include "../machine/keep.h"
#include "../saved/description.h"
#include "../saved/media.h"
#include "../saved/pack.h"

enum { WHY = 512, SLACK = 64 << 20 };

/* A medium on its way into a drive would be lost: it comes to its place, as it would when the machine runs next. */
static void let_media_in(struct vitrine *v)
{
    if (machine_input_waiting(v->m, &(struct input_event) { .kind = INPUT_MEDIUM }))
        machine_run(v->m, machine_now(v->m));
}

bool vitrine_write_state(struct vitrine *v, FILE *to, struct vitrine_error *error)
{
    char why[WHY] = "no memory for the state";
    struct writer w = { 0 };
    let_media_in(v);
    bool ok = v->description && media_write(v->pc, &w, why, sizeof why);
    if (ok)
        vitrine_write(v, &w);
    ok = ok && !w.failed && pack_write(to, PACK_STATE, v->description, w.bytes, w.n, why, sizeof why);
    free(w.bytes);
    return ok || error_say(error, VITRINE_HOST, "", "%s", why);
}

bool vitrine_save_file(struct vitrine *v, const char *file, struct vitrine_error *error)
{
    char why[WHY];
    struct output *out = output_begin(v->kit.outputs, "savevm", file, why, sizeof why);
    if (!out)
        return error_say(error, VITRINE_WRONG, "savevm", "%s", why);
    if (!vitrine_write_state(v, output_file(out), error)) {
        output_drop(out);
        return false;
    }
    return output_commit(out, why, sizeof why) || error_say(error, VITRINE_HOST, "savevm", "%s", why);
}

/* ---- loading ---- */

/* As much as a state of this machine can have. */
static u64 most(const struct vitrine *v)
{
    u64 n = v->kit.host.overlay_limit + SLACK;
    for (int k = 0; machine_ram(v->m, k); k++)
        n += machine_ram(v->m, k)->size;
    for (int k = 0; k < PC_MEDIA; k++)
        if (pc_image(v->pc, k) && image_in_memory(pc_image(v->pc, k)))
            n += image_sectors(pc_image(v->pc, k)) * image_sector_size(pc_image(v->pc, k));
    return n + n / 256;
}

/* Load, or be what it was. */
static bool load(struct vitrine *v, struct reader *r)
{
    struct writer now = { 0 };
    machine_save(v->m, &now);
    if (now.failed)
        read_refuse(r, "no memory to keep the machine as it is, should the state not fit");
    bool ok = read_well(r) && vitrine_read(v, r);
    struct reader back = { .bytes = now.bytes, .n = now.n };
    if (!ok && !now.failed && !machine_load(v->m, &back))
        machine_reset(v->m);
    free(now.bytes);
    return ok;
}

static bool load_pack(struct vitrine *v, struct pack *p, char *why, size_t size)
{
    if (!v->description || !description_fits(p->text, v->description, "the state's machine", why, size) ||
        !pack_unpack(p, most(v), why, size))
        return false;
    let_media_in(v);
    struct reader r = { .bytes = p->bytes, .n = p->n };
    struct media *media = media_read(v->pc, &v->kit.host, v->kit.outputs, &r);
    bool ok = media && load(v, &r);
    if (ok)
        media_place(media, v->pc);
    else
        media_drop(media);
    snprintf(why, size, "%s", r.wrong);
    return ok;
}

bool vitrine_load_file(struct vitrine *v, const char *file, struct vitrine_error *error)
{
    char why[WHY];
    size_t n;
    struct failure failure;
    struct pack p;
    if (v->recorder || machine_replays(v->m))
        return error_say(error, VITRINE_WRONG, "loadvm", "a run that is recorded or replayed goes on from no other state");
    u8 *bytes = (u8 *)file_text(file, UINT64_MAX / 2, &n, &failure);
    if (!bytes)
        return error_say(error, VITRINE_WRONG, "loadvm", "cannot read %s: %s", file, failure.text);
    bool ok = pack_open(&p, PACK_STATE, bytes, n, why, sizeof why) && load_pack(v, &p, why, sizeof why);
    pack_close(&p);
    free(bytes);
    return ok || error_say(error, VITRINE_WRONG, "loadvm", "%s: %s", file, why);
}
