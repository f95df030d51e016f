/* output_claims.c - which files a run uses, so that none is written over: see ../output.h. Microsoft: GetFileInformationByHandle (a file's
 * number is its own for as long as somebody has it open), CompareStringOrdinal. */
#include "parts.h"

/* A file, or, with a name, one that is to come into the folder. */
struct claim {
    struct identity id;
    HANDLE h;                           /* held open, so that no other file gets its number */
    char *name, *use;
};

struct outputs {
    struct claim *claim;
    size_t n;
    const atomic_bool *hurry;
};

struct outputs *outputs_new(void) { return xcalloc(1, sizeof(struct outputs)); }

static void claim_end(struct claim *c)
{
    if (c->h != INVALID_HANDLE_VALUE)
        CloseHandle(c->h);
    free(c->name);
    free(c->use);
}

void outputs_free(struct outputs *o)
{
    for (size_t k = 0; o && k < o->n; k++)
        claim_end(&o->claim[k]);
    if (o)
        free(o->claim);
    free(o);
}

void outputs_hurry(struct outputs *o, const atomic_bool *hurry)
{
    if (o)
        o->hurry = hurry;
}

const atomic_bool *windows_hurry(const struct outputs *o) { return o ? o->hurry : NULL; }

bool windows_identify(HANDLE h, struct identity *id)
{
    BY_HANDLE_FILE_INFORMATION info;
    if (h == INVALID_HANDLE_VALUE || GetFileType(h) != FILE_TYPE_DISK || !GetFileInformationByHandle(h, &info))
        return false;
    *id = (struct identity){ info.dwVolumeSerialNumber, (u64)info.nFileIndexHigh << 32 | info.nFileIndexLow };
    return true;
}

bool windows_same(const struct identity *a, const struct identity *b) { return a->volume == b->volume && a->file == b->file; }

/* Large and small letters are one there. */
static bool same_name(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    wchar_t *x = windows_wide(a), *y = windows_wide(b);
    bool same = CompareStringOrdinal(x, -1, y, -1, TRUE) == CSTR_EQUAL;
    free(x);
    free(y);
    return same;
}

static struct claim *find(const struct outputs *o, const struct identity *id, const char *name)
{
    for (size_t k = 0; o && k < o->n; k++)
        if (windows_same(&o->claim[k].id, id) && same_name(o->claim[k].name, name))
            return &o->claim[k];
    return NULL;
}

void windows_claim(struct outputs *o, const struct identity *id, HANDLE h, const char *name, const char *use)
{
    if (!o)
        return;
    o->claim = xrealloc(o->claim, (o->n + 1) * sizeof *o->claim);
    o->claim[o->n++] = (struct claim){ .id = *id, .h = h, .name = name ? xstrdup(name) : NULL, .use = xstrdup(use) };
}

void windows_claim_ends(struct outputs *o, const struct identity *id, const char *name)
{
    struct claim *c = find(o, id, name);
    if (!c)
        return;
    claim_end(c);
    *c = o->claim[--o->n];
}

const char *windows_user_of(const struct outputs *o, const struct identity *id, const char *name)
{
    const struct claim *c = find(o, id, name);
    return c ? c->use : NULL;
}

void outputs_claim(struct outputs *o, const char *path, const char *use, bool written)
{
    struct identity id;
    HANDLE h = windows_open(path, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, OPEN_EXISTING, 0);
    (void)written;
    if (o && windows_identify(h, &id) && !windows_user_of(o, &id, NULL))
        windows_claim(o, &id, h, NULL, use);
    else if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
}

bool outputs_check_standard(const struct outputs *o, char *error, size_t n)
{
    static const char *const names[] = { [STANDARD_OUTPUT] = "output", [STANDARD_ERROR] = "error" };
    for (int k = STANDARD_OUTPUT; k <= STANDARD_ERROR; k++) {
        struct identity id;
        const char *user = windows_identify(windows_handle(handle_standard((enum standard)k)), &id) ? windows_user_of(o, &id, NULL) : NULL;
        if (user)
            return failure_words(error, n, "standard %s goes into the file that is in use as %s; expected another one", names[k], user);
    }
    return true;
}
